/* SPDX-License-Identifier: Apache-2.0 */
/* appdesk catalog trust: from where an app's installer has to come, and who has to have signed it.
 */
#include "ad/desk/trust.h"
#include "ad/store/trust.h"
#include "ad/text.h"
#include "command.h"
#include "session.h"

#define LEARN "learn"

static void print_trust(struct ad_arena *arena, const struct ad_trust *rule, bool json)
{
	if (json) {
		(void)printf("%s\n", ad_json_print(arena, ad_trust_json(arena, rule)));
		return;
	}
	(void)printf("hosts  ");
	for (size_t i = 0; i < rule->host_count; i++)
		(void)printf("%s%s", i > 0 ? ", " : "", rule->hosts[i]);
	(void)printf("%s\nsigner %s\nissuer %s\n",
		rule->host_count == 0 ? "(learnt from the next package)" : "",
		*rule->signer ? rule->signer : "(learnt from the next package)",
		*rule->issuer ? rule->issuer : "-");
}

/* "a, b" into its parts; "learn" into none. */
static void read_hosts(struct ad_arena *arena, const char *text, struct ad_desk_trust_wish *wish)
{
	const char **hosts = ad_alloc_array(arena, AD_TRUST_HOSTS_MAX + 1, sizeof *hosts);
	char *rest = ad_strdup(arena, text);
	wish->hosts = hosts;
	if (ad_text_eq(text, LEARN))
		return;
	for (char *part; wish->host_count <= AD_TRUST_HOSTS_MAX && (part = strsep(&rest, ","));)
		hosts[wish->host_count++] = ad_text_trim(arena, part);
}

static int change(struct ad_session *s, const struct ad_desk_trust_wish *wish, struct ad_trust *ret,
	struct ad_err *err)
{
	int r = ad_db_begin(s->db, err);
	if (r != 0)
		return r;
	r = ad_desk_trust_set(&s->desk, "cli", wish, ret, err);
	if (r == 0)
		return ad_db_commit(s->db, err);
	ad_db_rollback(s->db);
	return r;
}

static int run_trust(const struct ad_command *self, int argc, char **argv)
{
	static const char *const known[] = { "--hosts", "--signer", "--issuer", NULL };
	struct ad_words words;
	struct ad_session s;
	struct ad_trust rule;
	struct ad_err err = { 0 };
	if (!ad_words_parse(&words, self, argc, argv, known))
		return words.help ? AD_EXIT_DONE : ad_app_usage(self);
	if (words.count != 1)
		return ad_app_usage(self);
	if (ad_session_open(words.config, AD_SESSION_ACTS, &s, &err) != 0)
		return ad_app_fail(&err);
	const char *hosts = ad_words_option(&words, "--hosts", NULL);
	const char *signer = ad_words_option(&words, "--signer", NULL);
	struct ad_desk_trust_wish wish = { .package = words.word[0],
		.signer = ad_text_eq(signer, LEARN) ? "" : signer,
		.issuer = ad_words_option(&words, "--issuer", NULL) };
	if (hosts)
		read_hosts(s.arena, hosts, &wish);
	int r = hosts || signer || wish.issuer
			? change(&s, &wish, &rule, &err)
			: ad_desk_trust_get(&s.desk, wish.package, &rule, &err);
	if (r == 0)
		print_trust(s.arena, &rule, words.json);
	ad_session_close(&s);
	return r == 0 ? AD_EXIT_DONE : ad_app_fail(&err);
}

const struct ad_command ad_command_catalog_trust = {
	"catalog trust",
	"[--config FILE] [--json] WINGET_ID [--hosts A,B|any|learn] [--signer "
	"SUBJECT|unsigned|learn]\n"
	"       [--issuer SHA256]",
	"show or set from where an app's installer has to come and who has to have signed it",
	run_trust,
};
