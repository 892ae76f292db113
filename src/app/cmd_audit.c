/* SPDX-License-Identifier: Apache-2.0 */
/* appdesk audit verify: walks the hash chain of the tenant. */
#include "ad/store/audit.h"
#include "ad/text.h"
#include "command.h"
#include "progress.h"
#include "session.h"

static void print_json(struct ad_arena *arena, const struct ad_audit_verdict *v)
{
	struct ad_json *report = ad_json_new_object(arena);
	ad_json_set_bool(arena, report, "intact", v->intact);
	ad_json_set_int(arena, report, "rows", v->rows);
	ad_json_set_int(arena, report, "broken_seq", v->intact ? 0 : v->broken_seq);
	ad_json_set_int(arena, report, "broken_id", v->intact ? 0 : v->broken_id);
	ad_json_set_str(arena, report, "reason", v->intact ? "" : v->reason);
	ad_json_set_str(
		arena, report, "end", v->intact ? ad_hex(arena, v->end.data, v->end.len) : "");
	(void)printf("%s\n", ad_json_print(arena, report));
}

static void print_verdict(struct ad_arena *arena, const struct ad_audit_verdict *v, bool json)
{
	if (json)
		print_json(arena, v);
	else if (v->intact)
		(void)printf("the chain is intact up to row %lld; its anchor: %lld:%s\n",
			(long long)v->rows, (long long)v->rows,
			ad_hex(arena, v->end.data, v->end.len));
	else if (v->broken_id != 0)
		(void)printf("the chain is broken at row %lld (id %lld): %s\n",
			(long long)v->broken_seq, (long long)v->broken_id, v->reason);
	else
		(void)printf("the chain is broken at row %lld: %s\n", (long long)v->broken_seq,
			v->reason);
}

/* "12:HASH", as verify and the service's log have it. */
static int read_anchor(const char *text, struct ad_audit_anchor *ret, struct ad_err *err)
{
	char seq[24];
	const char *colon = text ? strchr(text, ':') : NULL;
	*ret = (struct ad_audit_anchor){ 0 };
	if (!text)
		return 0;
	if (colon && (size_t)(colon - text) < sizeof seq) {
		memcpy(seq, text, (size_t)(colon - text));
		seq[colon - text] = '\0';
		if (ad_text_i64(seq, 1, INT64_MAX, &ret->seq) == 0 &&
			ad_hex_decode(colon + 1, ret->hash, sizeof ret->hash) == 0)
			return 0;
	}
	return AD_FAIL(err, AD_EINVAL,
		"--anchor '%.100s' is none: write the row's number, a colon and its hash (64 hex "
		"digits)",
		text);
}

static void tell_progress(void *ctx, int64_t rows, int64_t of)
{
	ad_progress_step(ctx, rows, of);
}

static int verify(struct ad_session *s, const struct ad_audit_anchor *anchor,
	struct ad_audit_verdict *ret, struct ad_err *err)
{
	struct ad_progress line = { .what = "rows" };
	const struct ad_audit_progress progress = { .fn = tell_progress, .ctx = &line };
	int r = ad_store_audit_verify(s->db, s->arena, s->desk.tenant_id,
		anchor->seq != 0 ? anchor : NULL, &progress, ret, err);
	ad_progress_end(&line);
	return r;
}

static int run_verify(const struct ad_command *self, int argc, char **argv)
{
	static const char *const known[] = { "--anchor", NULL };
	struct ad_words words;
	struct ad_session s;
	struct ad_audit_verdict verdict = { 0 };
	struct ad_audit_anchor anchor;
	struct ad_err err = { 0 };
	if (!ad_words_parse(&words, self, argc, argv, known))
		return words.help ? AD_EXIT_DONE : ad_app_usage(self);
	if (words.count > 0)
		return ad_app_usage(self);
	if (read_anchor(ad_words_option(&words, "--anchor", NULL), &anchor, &err) != 0 ||
		ad_session_open(words.config, AD_SESSION_READS, &s, &err) != 0)
		return ad_app_fail(&err);
	int r = verify(&s, &anchor, &verdict, &err);
	if (r == 0)
		print_verdict(s.arena, &verdict, words.json);
	ad_session_close(&s);
	if (r != 0)
		return ad_app_fail(&err);
	return verdict.intact ? AD_EXIT_DONE : AD_EXIT_FAILED;
}

const struct ad_command ad_command_audit_verify = {
	"audit verify",
	"[--config FILE] [--json] [--anchor SEQ:HASH]",
	"walk the audit chain; names the first broken row",
	run_verify,
};
