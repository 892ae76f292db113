/* SPDX-License-Identifier: Apache-2.0 */
/* appdesk policy import, export, list, diff, check: who must agree to what, as a file. */
#include "ad/desk/policy.h"
#include "ad/file.h"
#include "ad/store/policies.h"
#include "ad/text.h"
#include "command.h"
#include "session.h"

#define FILE_MAX ((size_t)2 << 20) /* the desk refuses less, with better words */

static int read_file(struct ad_arena *arena, const char *path, const char **ret, size_t *ret_len,
	struct ad_err *err)
{
	char *text;
	int r = ad_file_read(arena, path, FILE_MAX, &text, ret_len, err);
	*ret = text;
	return r;
}

/* ---- what changes ---- */

static void print_step(const struct ad_policy_step *step)
{
	if (step->kind >= AD_POLICY_PAIR_NEW)
		(void)printf("%-12s %s\n", ad_policy_step_name(step->kind), step->name);
	else if (step->new_version != 0)
		(void)printf("%-12s %s (version %d)\n", ad_policy_step_name(step->kind), step->name,
			step->new_version);
	else if (step->old_version != 0)
		(void)printf("%-12s %s (version %d so far)\n", ad_policy_step_name(step->kind),
			step->name, step->old_version);
	else
		(void)printf("%-12s %s\n", ad_policy_step_name(step->kind), step->name);
}

static void set_body(
	struct ad_arena *arena, struct ad_json *into, const char *name, const struct ad_json *body)
{
	if (body)
		ad_json_set(arena, into, name, ad_json_copy(arena, body));
}

static void add_laxer(struct ad_arena *arena, const struct ad_policy_plan *plan, bool json,
	struct ad_json *report)
{
	struct ad_json *laxer = ad_json_new_array(arena);
	for (size_t i = 0; i < plan->laxer_count; i++) {
		ad_json_append(arena, laxer, ad_json_new_string(arena, plan->laxer[i]));
		if (!json)
			(void)printf("%-12s %s\n", "laxer", plan->laxer[i]);
	}
	ad_json_set(arena, report, "laxer", laxer);
	ad_json_set_int(arena, report, "proposal", plan->proposal);
}

static void print_plan(struct ad_arena *arena, const struct ad_policy_plan *plan, bool json)
{
	struct ad_json *report = ad_json_new_object(arena);
	struct ad_json *steps = ad_json_new_array(arena);
	for (size_t i = 0; i < plan->count; i++) {
		const struct ad_policy_step *step = &plan->steps[i];
		struct ad_json *row = ad_json_new_object(arena);
		ad_json_set_str(arena, row, "change", ad_policy_step_name(step->kind));
		ad_json_set_str(arena, row, "name", step->name);
		ad_json_set_int(arena, row, "old_version", step->old_version);
		ad_json_set_int(arena, row, "new_version", step->new_version);
		set_body(arena, row, "old", step->old_body);
		set_body(arena, row, "new", step->new_body);
		ad_json_append(arena, steps, row);
		if (!json)
			print_step(step);
	}
	ad_json_set(arena, report, "steps", steps);
	add_laxer(arena, plan, json, report);
	if (json)
		(void)printf("%s\n", ad_json_print(arena, report));
	else if (plan->count == 0)
		(void)printf("nothing changes\n");
	if (!json)
		ad_app_waits(plan->proposal);
}

static int import(
	struct ad_session *s, const char *path, struct ad_policy_plan *ret, struct ad_err *err)
{
	const char *text;
	size_t len;
	int r = read_file(s->arena, path, &text, &len, err);
	if (r == 0)
		r = ad_db_begin(s->db, err);
	if (r != 0)
		return r;
	r = ad_desk_policy_import(&s->desk, "cli", text, len, ret, err);
	if (r == 0)
		return ad_db_commit(s->db, err);
	ad_db_rollback(s->db);
	return r;
}

static int plan(
	struct ad_session *s, const char *path, struct ad_policy_plan *ret, struct ad_err *err)
{
	const char *text;
	size_t len;
	int r = read_file(s->arena, path, &text, &len, err);
	return r == 0 ? ad_desk_policy_plan(&s->desk, text, len, ret, err) : r;
}

typedef int change(
	struct ad_session *s, const char *path, struct ad_policy_plan *ret, struct ad_err *err);

static int run_change(const struct ad_command *self, int argc, char **argv, change *work)
{
	struct ad_words words;
	struct ad_session s;
	struct ad_policy_plan done = { 0 };
	struct ad_err err = { 0 };
	if (!ad_words_parse(&words, self, argc, argv, NULL))
		return words.help ? AD_EXIT_DONE : ad_app_usage(self);
	if (words.count != 1)
		return ad_app_usage(self);
	if (ad_session_open(words.config, AD_SESSION_ACTS, &s, &err) != 0)
		return ad_app_fail(&err);
	int r = work(&s, words.word[0], &done, &err);
	if (r == 0)
		print_plan(s.arena, &done, words.json);
	ad_session_close(&s);
	return r == 0 ? AD_EXIT_DONE : ad_app_fail(&err);
}

static int run_import(const struct ad_command *self, int argc, char **argv)
{
	return run_change(self, argc, argv, import);
}

const struct ad_command ad_command_policy_import = {
	"policy import",
	"[--config FILE] [--json] POLICIES.json",
	"make the policies of a file the ones that count; each change is audited",
	run_import,
};

static int run_diff(const struct ad_command *self, int argc, char **argv)
{
	return run_change(self, argc, argv, plan);
}

const struct ad_command ad_command_policy_diff = {
	"policy diff",
	"[--config FILE] [--json] POLICIES.json",
	"print what importing a file of policies would change, and change nothing",
	run_diff,
};

/* ---- what is there ---- */

static int run_export(const struct ad_command *self, int argc, char **argv)
{
	struct ad_words words;
	struct ad_session s;
	const struct ad_json *file = NULL;
	struct ad_err err = { 0 };
	if (!ad_words_parse(&words, self, argc, argv, NULL))
		return words.help ? AD_EXIT_DONE : ad_app_usage(self);
	if (words.count != 0)
		return ad_app_usage(self);
	if (ad_session_open(words.config, AD_SESSION_READS, &s, &err) != 0)
		return ad_app_fail(&err);
	int r = ad_desk_policy_export(&s.desk, &file, &err);
	if (r == 0)
		(void)printf("%s\n", ad_json_print(s.arena, file));
	ad_session_close(&s);
	return r == 0 ? AD_EXIT_DONE : ad_app_fail(&err);
}

const struct ad_command ad_command_policy_export = {
	"policy export",
	"[--config FILE]",
	"print the policies that count as a file for policy import",
	run_export,
};

static void print_rows(struct ad_arena *arena, const struct ad_policy_rows *rows, bool json)
{
	struct ad_json *all = ad_json_new_array(arena);
	for (size_t i = 0; i < rows->count; i++) {
		const struct ad_policy_row *row = &rows->items[i];
		struct ad_json *item = ad_json_new_object(arena);
		ad_json_set_str(arena, item, "name", row->name);
		ad_json_set_int(arena, item, "version", row->version);
		ad_json_set_int(arena, item, "priority", row->priority);
		ad_json_set_str(arena, item, "changed_by", row->changed_by);
		ad_json_set_str(arena, item, "changed_at", row->changed_at);
		ad_json_append(arena, all, item);
		if (!json)
			(void)printf("%5d  %s, version %d, by %s since %s\n", row->priority,
				row->name, row->version, row->changed_by, row->changed_at);
	}
	if (json)
		(void)printf("%s\n", ad_json_print(arena, all));
	else if (rows->count == 0)
		(void)printf("no policies: the approver group decides everything\n");
}

static int run_list(const struct ad_command *self, int argc, char **argv)
{
	struct ad_words words;
	struct ad_session s;
	struct ad_policy_rows rows = { 0 };
	struct ad_err err = { 0 };
	if (!ad_words_parse(&words, self, argc, argv, NULL))
		return words.help ? AD_EXIT_DONE : ad_app_usage(self);
	if (words.count != 0)
		return ad_app_usage(self);
	if (ad_session_open(words.config, AD_SESSION_READS, &s, &err) != 0)
		return ad_app_fail(&err);
	int r = ad_store_policies_active(s.db, s.arena, s.desk.tenant_id, &rows, &err);
	if (r == 0)
		print_rows(s.arena, &rows, words.json);
	ad_session_close(&s);
	return r == 0 ? AD_EXIT_DONE : ad_app_fail(&err);
}

const struct ad_command ad_command_policy_list = {
	"policy list",
	"[--config FILE] [--json]",
	"print the policies that count, in the order in which they are looked at",
	run_list,
};

/* ---- a file alone ---- */

static int run_check(const struct ad_command *self, int argc, char **argv)
{
	struct ad_words words;
	struct ad_err err = { 0 };
	const char *text;
	size_t len;
	size_t count = 0;
	if (!ad_words_parse(&words, self, argc, argv, NULL))
		return words.help ? AD_EXIT_DONE : ad_app_usage(self);
	if (words.count != 1)
		return ad_app_usage(self);
	struct ad_arena *arena = ad_arena_new();
	int r = read_file(arena, words.word[0], &text, &len, &err);
	if (r == 0)
		r = ad_desk_policy_check(arena, text, len, &count, &err);
	ad_arena_free(arena);
	if (r != 0)
		return ad_app_fail(&err);
	(void)printf("%zu policies, no fault\n", count);
	return AD_EXIT_DONE;
}

const struct ad_command ad_command_policy_check = {
	"policy check",
	"POLICIES.json",
	"look for faults in a file of policies, without a database",
	run_check,
};
