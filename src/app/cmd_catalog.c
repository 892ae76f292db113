/* SPDX-License-Identifier: Apache-2.0 */
/* appdesk catalog add, catalog list, catalog seats. */
#include "ad/desk/grants.h"
#include "ad/store/apps.h"
#include "ad/text.h"
#include "command.h"
#include "session.h"

#define LIST_MAX 1000 /* apps that are printed */

/* "a, b, c" into at most max trimmed parts. */
static size_t split(struct ad_arena *arena, const char *text, const char **ret, size_t max)
{
	size_t count = 0;
	char *rest = ad_strdup(arena, text);
	for (char *part; rest && count < max && (part = strsep(&rest, ","));) {
		const char *trimmed = ad_text_trim(arena, part);
		if (!ad_text_empty(trimmed))
			ret[count++] = trimmed;
	}
	return count;
}

static int add(
	struct ad_session *s, const struct ad_words *words, int64_t *ret_id, struct ad_err *err)
{
	const char *aliases[AD_ALIASES_MAX];
	const char *choices[AD_CHOICES_MAX];
	const char *label = ad_words_option(words, "--question", NULL);
	const char *offered = ad_words_option(words, "--choices", NULL);
	const struct ad_app_question question = {
		.ordinal = 1,
		.label = label,
		.kind = offered ? AD_QUESTION_CHOICE : AD_QUESTION_TEXT,
		.choices = choices,
		.choice_count = split(s->arena, offered, choices, AD_CHOICES_MAX),
		.required = true,
	};
	const char *limit = ad_words_option(words, "--seats", NULL);
	int64_t seats = 0;
	if (limit && ad_text_i64(limit, 1, AD_SEATS_MAX, &seats) != 0)
		return AD_FAIL(err, AD_EINVAL,
			"--seats '%.32s' must be a whole number from 1 to %d, or be left out for "
			"as "
			"many as wanted",
			limit, AD_SEATS_MAX);
	const struct ad_desk_catalog_entry entry = {
		.app = {
			.tenant_id = s->desk.tenant_id,
			.name = ad_words_option(words, "--name", words->word[0]),
			.publisher = ad_words_option(words, "--publisher", ""),
			.description = ad_words_option(words, "--description", ""),
			.winget_id = words->word[0],
			.winget_version = words->version ? words->version : "",
			.published = true,
			.group_id = ad_words_option(words, "--group", ""),
			.classification = ad_words_option(words, "--classification", "low"),
			.owner_oid = ad_words_option(words, "--owner", ""),
			.seats = (int)seats,
		},
		.aliases = aliases,
		.alias_count = split(s->arena, ad_words_option(words, "--aliases", NULL), aliases, AD_ALIASES_MAX),
		.questions = &question,
		.question_count = label ? 1 : 0,
	};
	int r = ad_db_begin(s->db, err);
	if (r != 0)
		return r;
	r = ad_desk_catalog_add(&s->desk, "cli", &entry, ret_id, err);
	if (r == 0)
		return ad_db_commit(s->db, err);
	ad_db_rollback(s->db);
	return r;
}

static int run_add(const struct ad_command *self, int argc, char **argv)
{
	static const char *const known[] = { "--name", "--publisher", "--description", "--aliases",
		"--question", "--choices", "--group", "--classification", "--owner", "--seats",
		NULL };
	struct ad_words words;
	struct ad_session s;
	struct ad_err err = { 0 };
	int64_t id = 0;
	if (!ad_words_parse(&words, self, argc, argv, known))
		return words.help ? AD_EXIT_DONE : ad_app_usage(self);
	if (words.count != 1)
		return ad_app_usage(self);
	if (ad_session_open(words.config, AD_SESSION_ACTS, &s, &err) != 0)
		return ad_app_fail(&err);
	int r = add(&s, &words, &id, &err);
	ad_session_close(&s);
	if (r != 0)
		return ad_app_fail(&err);
	(void)printf("%lld %s\n", (long long)id, words.word[0]);
	return AD_EXIT_DONE;
}

const struct ad_command ad_command_catalog_add = {
	"catalog add",
	"[--config FILE] WINGET_ID [--name N] [--publisher P] [--description D] [--version V] "
	"[--aliases A,B]\n"
	"       [--question TEXT [--choices A,B]] [--group ENTRA_GROUP_ID]\n"
	"       [--classification low|medium|high|critical] [--owner OBJECT_ID] [--seats N]",
	"put an app of the WinGet source into the catalogue",
	run_add,
};

static void print_apps(struct ad_arena *arena, const struct ad_app_list *list, bool json)
{
	struct ad_json *all = ad_json_new_array(arena);
	for (size_t i = 0; i < list->count; i++) {
		const struct ad_app *app = &list->items[i];
		struct ad_json *row = ad_json_new_object(arena);
		ad_json_set_int(arena, row, "id", app->id);
		ad_json_set_str(arena, row, "winget_id", app->winget_id);
		ad_json_set_str(arena, row, "name", app->name);
		ad_json_set_str(arena, row, "publisher", app->publisher);
		ad_json_append(arena, all, row);
		if (!json)
			(void)printf("%4lld  %-32s %s (%s)\n", (long long)app->id, app->winget_id,
				app->name, app->publisher);
	}
	if (json)
		(void)printf("%s\n", ad_json_print(arena, all));
}

static int run_list(const struct ad_command *self, int argc, char **argv)
{
	struct ad_words words;
	struct ad_session s;
	struct ad_app_list list = { 0 };
	struct ad_err err = { 0 };
	if (!ad_words_parse(&words, self, argc, argv, NULL))
		return words.help ? AD_EXIT_DONE : ad_app_usage(self);
	if (ad_session_open(words.config, AD_SESSION_READS, &s, &err) != 0)
		return ad_app_fail(&err);
	int r = ad_store_apps_list(s.db, s.arena, s.desk.tenant_id, LIST_MAX, &list, &err);
	if (r == 0)
		print_apps(s.arena, &list, words.json);
	ad_session_close(&s);
	return r == 0 ? AD_EXIT_DONE : ad_app_fail(&err);
}

const struct ad_command ad_command_catalog_list = {
	"catalog list",
	"[--config FILE] [--json]",
	"print the catalogue",
	run_list,
};

static int set_seats(
	struct ad_session *s, const char *package, const char *limit, struct ad_err *err)
{
	int64_t seats = 0;
	if (!ad_text_eq(limit, "none") && ad_text_i64(limit, 1, AD_SEATS_MAX, &seats) != 0)
		return AD_FAIL(err, AD_EINVAL,
			"'%.32s' must be a whole number from 1 to %d, or none", limit,
			AD_SEATS_MAX);
	int r = ad_db_begin(s->db, err);
	if (r != 0)
		return r;
	r = ad_desk_seats_set(&s->desk, "cli", package, (int)seats, err);
	if (r == 0)
		return ad_db_commit(s->db, err);
	ad_db_rollback(s->db);
	return r == AD_ENOTFOUND ? AD_FAIL(err, r, "'%.200s' is not in the catalogue", package) : r;
}

static int run_seats(const struct ad_command *self, int argc, char **argv)
{
	struct ad_words words;
	struct ad_session s;
	struct ad_err err = { 0 };
	if (!ad_words_parse(&words, self, argc, argv, NULL))
		return words.help ? AD_EXIT_DONE : ad_app_usage(self);
	if (words.count != 2)
		return ad_app_usage(self);
	if (ad_session_open(words.config, AD_SESSION_ACTS, &s, &err) != 0)
		return ad_app_fail(&err);
	int r = set_seats(&s, words.word[0], words.word[1], &err);
	ad_session_close(&s);
	return r == 0 ? AD_EXIT_DONE : ad_app_fail(&err);
}

const struct ad_command ad_command_catalog_seats = {
	"catalog seats",
	"[--config FILE] WINGET_ID NUMBER|none",
	"how many people may have an app; who has it keeps it",
	run_seats,
};
