/* SPDX-License-Identifier: Apache-2.0 */
/* The catalogue's rows: apps, app_aliases, app_questions, app_versions. */
#include "ad/store/apps.h"
#include "ad/db.h"
#include "ad/domain.h"
#include "ad/json.h"
#include "ad/text.h"

#include "ad_queries.h"

static void read_app(
	const struct ad_db_result *rows, size_t row, const char *tenant_id, struct ad_app *ret)
{
	*ret = (struct ad_app){
		.id = ad_db_int(rows, row, 0),
		.tenant_id = tenant_id,
		.name = ad_db_text(rows, row, 1),
		.publisher = ad_db_text(rows, row, 2),
		.description = ad_db_text(rows, row, 3),
		.winget_id = ad_db_text(rows, row, 4),
		.winget_version = ad_db_text(rows, row, 5),
		.published = ad_db_bool(rows, row, 6),
		.group_id = ad_db_text(rows, row, 7),
		.classification = ad_db_text(rows, row, 8),
		.owner_oid = ad_db_text(rows, row, 9),
		.seats = (int)ad_db_int(rows, row, 10),
	};
}

static void read_apps(struct ad_arena *arena, const struct ad_db_result *rows,
	const char *tenant_id, struct ad_app_list *ret)
{
	size_t count = ad_db_rows(rows);
	struct ad_app *items = ad_alloc_array(arena, count, sizeof *items);
	const char *tenant = ad_strdup(arena, tenant_id);
	for (size_t i = 0; i < count; i++)
		read_app(rows, i, tenant, &items[i]);
	*ret = (struct ad_app_list){ .items = items, .count = count };
}

int ad_store_apps_search(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	const struct ad_app_search *search, struct ad_app_list *ret, struct ad_err *err)
{
	struct ad_db_result *rows;
	int e = ad_db_exec(db, arena, AD_Q_APPS_SEARCH,
		AD_DB_PARAMS(AD_DB_TEXT(tenant_id), AD_DB_TEXT(search->words),
			AD_DB_TEXT(search->text), AD_DB_TEXT(search->locale),
			AD_DB_INT(search->limit)),
		&rows, err);
	if (e != 0)
		return e;
	read_apps(arena, rows, tenant_id, ret);
	return 0;
}

int ad_store_app_get(struct ad_db *db, struct ad_arena *arena, const char *tenant_id, int64_t id,
	struct ad_app *ret, struct ad_err *err)
{
	struct ad_db_result *row;
	int e = ad_db_exec_one(db, arena, AD_Q_APPS_GET,
		AD_DB_PARAMS(AD_DB_TEXT(tenant_id), AD_DB_INT(id)), &row, err);
	if (e != 0)
		return e;
	read_app(row, 0, ad_strdup(arena, tenant_id), ret);
	return 0;
}

int ad_store_app_by_package(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	const char *winget_id, int64_t *ret_id, struct ad_err *err)
{
	struct ad_db_result *row;
	int e = ad_db_exec_one(db, arena, AD_Q_APPS_BY_PACKAGE,
		AD_DB_PARAMS(AD_DB_TEXT(tenant_id), AD_DB_TEXT(winget_id)), &row, err);
	if (e == 0)
		*ret_id = ad_db_int(row, 0, 0);
	return e;
}

int ad_store_apps_list(struct ad_db *db, struct ad_arena *arena, const char *tenant_id, int limit,
	struct ad_app_list *ret, struct ad_err *err)
{
	struct ad_db_result *rows;
	int e = ad_db_exec(db, arena, AD_Q_APPS_LIST,
		AD_DB_PARAMS(AD_DB_TEXT(tenant_id), AD_DB_INT(limit)), &rows, err);
	if (e != 0)
		return e;
	read_apps(arena, rows, tenant_id, ret);
	return 0;
}

/* The column's JSON array of strings. */
static int read_choices(
	struct ad_arena *arena, const char *text, struct ad_app_question *ret, struct ad_err *err)
{
	struct ad_json *array;
	int e = ad_json_parse(arena, text, strlen(text), &array, err);
	if (e != 0)
		return e;
	const char **choices = ad_alloc_array(arena, ad_json_count(array), sizeof *choices);
	size_t count = 0;
	AD_JSON_EACH(choice, array)
	{
		if (ad_json_text(choice))
			choices[count++] = ad_json_text(choice);
	}
	ret->choices = choices;
	ret->choice_count = count;
	return 0;
}

int ad_store_app_questions(struct ad_db *db, struct ad_arena *arena, int64_t app_id,
	struct ad_app_questions *ret, struct ad_err *err)
{
	struct ad_db_result *rows;
	int e = ad_db_exec(
		db, arena, AD_Q_APPS_QUESTIONS, AD_DB_PARAMS(AD_DB_INT(app_id)), &rows, err);
	if (e != 0)
		return e;
	size_t count = ad_db_rows(rows);
	struct ad_app_question *items = ad_alloc_array(arena, count, sizeof *items);
	for (size_t i = 0; i < count; i++) {
		bool choice = ad_text_eq(ad_db_text(rows, i, 2), "choice");
		items[i] = (struct ad_app_question){
			.ordinal = (int)ad_db_int(rows, i, 0),
			.label = ad_db_text(rows, i, 1),
			.kind = choice ? AD_QUESTION_CHOICE : AD_QUESTION_TEXT,
			.required = ad_db_bool(rows, i, 4),
		};
		e = choice ? read_choices(arena, ad_db_text(rows, i, 3), &items[i], err) : 0;
		if (e != 0)
			return e;
	}
	*ret = (struct ad_app_questions){ .items = items, .count = count };
	return 0;
}

int ad_store_app_insert(struct ad_db *db, struct ad_arena *arena, const struct ad_app *app,
	int64_t *ret_id, struct ad_err *err)
{
	struct ad_db_result *rows;
	int e = ad_db_exec(db, arena, AD_Q_APPS_INSERT,
		AD_DB_PARAMS(AD_DB_TEXT(app->tenant_id), AD_DB_TEXT(app->name),
			AD_DB_TEXT(app->publisher), AD_DB_TEXT(app->description),
			AD_DB_TEXT(app->winget_id), AD_DB_TEXT(app->winget_version),
			AD_DB_BOOL(app->published),
			AD_DB_TEXT(app->classification ? app->classification : "low"),
			AD_DB_TEXT(app->owner_oid ? app->owner_oid : ""), AD_DB_INT(app->seats)),
		&rows, err);
	if (e != 0)
		return e;
	if (ad_db_rows(rows) == 0)
		return AD_FAIL(err, AD_ECONFLICT, "%s is in the catalogue already", app->winget_id);
	*ret_id = ad_db_int(rows, 0, 0);
	return 0;
}

int ad_store_app_alias_add(struct ad_db *db, struct ad_arena *arena, int64_t app_id,
	const char *alias, struct ad_err *err)
{
	return ad_db_exec(db, arena, AD_Q_APPS_ALIAS_ADD,
		AD_DB_PARAMS(AD_DB_INT(app_id), AD_DB_TEXT(alias)), NULL, err);
}

int ad_store_app_question_add(struct ad_db *db, struct ad_arena *arena, int64_t app_id,
	const struct ad_app_question *question, struct ad_err *err)
{
	struct ad_json *choices = ad_json_new_array(arena);
	for (size_t i = 0; i < question->choice_count; i++)
		ad_json_append(arena, choices, ad_json_new_string(arena, question->choices[i]));
	const char *kind = question->kind == AD_QUESTION_CHOICE ? "choice" : "text";
	return ad_db_exec(db, arena, AD_Q_APPS_QUESTION_ADD,
		AD_DB_PARAMS(AD_DB_INT(app_id), AD_DB_INT(question->ordinal),
			AD_DB_TEXT(question->label), AD_DB_TEXT(kind),
			AD_DB_TEXT(ad_json_print(arena, choices)), AD_DB_BOOL(question->required)),
		NULL, err);
}

int ad_store_app_claim_group(struct ad_db *db, struct ad_arena *arena, int64_t app_id,
	const char *group_id, const char **ret_group_id, struct ad_err *err)
{
	struct ad_db_result *row;
	int e = ad_db_exec_one(db, arena, AD_Q_APPS_CLAIM_GROUP,
		AD_DB_PARAMS(AD_DB_INT(app_id), AD_DB_TEXT(group_id)), &row, err);
	if (e != 0)
		return e;
	*ret_group_id = ad_db_text(row, 0, 0);
	return 0;
}

int ad_store_app_version_get(struct ad_db *db, struct ad_arena *arena, int64_t app_id,
	const char *version, struct ad_app_version *ret, struct ad_err *err)
{
	struct ad_db_result *row;
	int e = ad_db_exec_one(db, arena, AD_Q_APPS_VERSION_GET,
		AD_DB_PARAMS(AD_DB_INT(app_id), AD_DB_TEXT(version)), &row, err);
	if (e != 0)
		return e;
	*ret = (struct ad_app_version){
		.app_id = app_id,
		.version = ad_strdup(arena, version),
		.intune_app_id = ad_db_text(row, 0, 0),
		.job_id = ad_db_int(row, 0, 1),
	};
	return 0;
}

int ad_store_app_versions_other(struct ad_db *db, struct ad_arena *arena, int64_t app_id,
	const char *version, struct ad_app_version **ret, size_t *ret_count, struct ad_err *err)
{
	struct ad_db_result *rows;
	int e = ad_db_exec(db, arena, AD_Q_APPS_VERSIONS_OTHER,
		AD_DB_PARAMS(AD_DB_INT(app_id), AD_DB_TEXT(version)), &rows, err);
	if (e != 0)
		return e;
	size_t count = ad_db_rows(rows);
	struct ad_app_version *versions = ad_alloc_array(arena, count, sizeof *versions);
	for (size_t i = 0; i < count; i++)
		versions[i] = (struct ad_app_version){
			.app_id = app_id,
			.version = ad_db_text(rows, i, 0),
			.intune_app_id = ad_db_text(rows, i, 1),
			.job_id = ad_db_int(rows, i, 2),
		};
	*ret = versions;
	*ret_count = count;
	return 0;
}

int ad_store_app_version_put(struct ad_db *db, struct ad_arena *arena,
	const struct ad_app_version *version, struct ad_err *err)
{
	return ad_db_exec(db, arena, AD_Q_APPS_VERSION_PUT,
		AD_DB_PARAMS(AD_DB_INT(version->app_id), AD_DB_TEXT(version->version),
			AD_DB_TEXT(version->intune_app_id), AD_DB_INT(version->job_id)),
		NULL, err);
}

int ad_store_app_seats_set(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	const char *winget_id, int seats, int64_t *ret_id, struct ad_err *err)
{
	struct ad_db_result *row;
	int e = ad_db_exec_one(db, arena, AD_Q_APPS_SEATS_SET,
		AD_DB_PARAMS(AD_DB_TEXT(tenant_id), AD_DB_TEXT(winget_id), AD_DB_INT(seats)), &row,
		err);
	if (e == 0)
		*ret_id = ad_db_int(row, 0, 0);
	return e;
}
