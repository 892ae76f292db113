/* SPDX-License-Identifier: Apache-2.0 */
/* appdesk audit verify: walks the hash chain of the tenant. */
#include "ad/store/audit.h"
#include "command.h"
#include "session.h"

static void print_verdict(struct ad_arena *arena, const struct ad_audit_verdict *verdict, bool json)
{
	if (json) {
		struct ad_json *report = ad_json_new_object(arena);
		ad_json_set_bool(arena, report, "intact", verdict->intact);
		ad_json_set_int(arena, report, "rows", verdict->rows);
		ad_json_set_int(
			arena, report, "broken_seq", verdict->intact ? 0 : verdict->broken_seq);
		(void)printf("%s\n", ad_json_print(arena, report));
	} else if (verdict->intact) {
		(void)printf("the chain is intact up to row %lld\n", (long long)verdict->rows);
	} else {
		(void)printf("the chain is broken at row %lld\n", (long long)verdict->broken_seq);
	}
}

static int run_verify(const struct ad_command *self, int argc, char **argv)
{
	struct ad_words words;
	struct ad_session s;
	struct ad_audit_verdict verdict = { 0 };
	struct ad_err err = { 0 };
	if (!ad_words_parse(&words, self, argc, argv, NULL))
		return words.help ? AD_EXIT_DONE : ad_app_usage(self);
	if (words.count > 0)
		return ad_app_usage(self);
	if (ad_session_open(words.config, &s, &err) != 0)
		return ad_app_fail(&err);
	int r = ad_store_audit_verify(s.db, s.arena, s.desk.tenant_id, NULL, &verdict, &err);
	if (r == 0)
		print_verdict(s.arena, &verdict, words.json);
	ad_session_close(&s);
	if (r != 0)
		return ad_app_fail(&err);
	return verdict.intact ? AD_EXIT_DONE : AD_EXIT_FAILED;
}

const struct ad_command ad_command_audit_verify = {
	"audit verify",
	"[--config FILE] [--json]",
	"walk the audit chain; names the first broken row",
	run_verify,
};
