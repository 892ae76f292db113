/* SPDX-License-Identifier: Apache-2.0 */
/* The catalogue's rows: apps, app_aliases, app_questions, app_versions. */
#include "ad/store/apps.h"
#include "ad/db.h"
#include "ad/domain.h"
#include "ad/json.h"
#include "ad/text.h"

#include "ad_queries.h"

#include <inttypes.h>

const char *ad_question_kind_name(enum ad_question_kind kind)
{
	static const char *const names[AD_QUESTION_KINDS] = { "text", "long", "choice", "date" };
	return names[kind];
}

int ad_question_kind_parse(const char *name, enum ad_question_kind *ret)
{
	for (int kind = 0; kind < AD_QUESTION_KINDS; kind++) {
		if (!ad_text_eq(name, ad_question_kind_name((enum ad_question_kind)kind)))
			continue;
		*ret = (enum ad_question_kind)kind;
		return 0;
	}
	return AD_EINVAL;
}

/* The column's JSON array of strings. */
static int read_texts(struct ad_arena *arena, const char *text, const char *const **ret,
	size_t *ret_count, struct ad_err *err)
{
	struct ad_json *array;
	int e = ad_json_parse(arena, text, strlen(text), &array, err);
	if (e != 0)
		return e;
	const char **items = ad_alloc_array(arena, ad_json_count(array), sizeof *items);
	size_t count = 0;
	AD_JSON_EACH(item, array)
	{
		if (ad_json_text(item))
			items[count++] = ad_json_text(item);
	}
	*ret = items;
	*ret_count = count;
	return 0;
}

static int read_app(struct ad_arena *arena, const struct ad_db_result *rows, size_t row,
	const char *tenant_id, struct ad_app *ret, struct ad_err *err)
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
	return read_texts(
		arena, ad_db_text(rows, row, 11), &ret->audience, &ret->audience_count, err);
}

static int read_apps(struct ad_arena *arena, const struct ad_db_result *rows, const char *tenant_id,
	struct ad_app_list *ret, struct ad_err *err)
{
	size_t count = ad_db_rows(rows);
	struct ad_app *items = ad_alloc_array(arena, count, sizeof *items);
	const char *tenant = ad_strdup(arena, tenant_id);
	int e = 0;
	for (size_t i = 0; e == 0 && i < count; i++)
		e = read_app(arena, rows, i, tenant, &items[i], err);
	*ret = (struct ad_app_list){ .items = items, .count = count };
	return e;
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
	return e == 0 ? read_apps(arena, rows, tenant_id, ret, err) : e;
}

int ad_store_apps_popular(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	int limit, struct ad_app_list *ret, struct ad_err *err)
{
	struct ad_db_result *rows;
	int e = ad_db_exec(db, arena, AD_Q_APPS_POPULAR,
		AD_DB_PARAMS(AD_DB_TEXT(tenant_id), AD_DB_INT(limit)), &rows, err);
	return e == 0 ? read_apps(arena, rows, tenant_id, ret, err) : e;
}

int ad_store_apps_usual(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	const int64_t *ids, size_t count, int *ret_minutes, struct ad_err *err)
{
	struct ad_db_result *rows;
	const char **keys = ad_alloc_array(arena, count, sizeof *keys);
	for (size_t i = 0; i < count; i++)
		keys[i] = ad_printf(arena, "%" PRId64, ids[i]);
	int e = ad_db_exec(db, arena, AD_Q_APPS_USUAL,
		AD_DB_PARAMS(AD_DB_TEXT(tenant_id), AD_DB_TEXTS(keys, count)), &rows, err);
	if (e != 0)
		return e;
	for (size_t i = 0; i < count; i++) {
		ret_minutes[i] = 0;
		for (size_t row = 0; row < ad_db_rows(rows); row++)
			if (ad_db_int(rows, row, 0) == ids[i])
				ret_minutes[i] = (int)ad_db_int(rows, row, 1);
	}
	return 0;
}

int ad_store_apps_alike(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	int64_t app_id, int limit, struct ad_app_list *ret, struct ad_err *err)
{
	struct ad_db_result *rows;
	int e = ad_db_exec(db, arena, AD_Q_APPS_ALIKE,
		AD_DB_PARAMS(AD_DB_TEXT(tenant_id), AD_DB_INT(app_id), AD_DB_INT(limit)), &rows,
		err);
	return e == 0 ? read_apps(arena, rows, tenant_id, ret, err) : e;
}

int ad_store_app_get(struct ad_db *db, struct ad_arena *arena, const char *tenant_id, int64_t id,
	struct ad_app *ret, struct ad_err *err)
{
	struct ad_db_result *row;
	int e = ad_db_exec_one(db, arena, AD_Q_APPS_GET,
		AD_DB_PARAMS(AD_DB_TEXT(tenant_id), AD_DB_INT(id)), &row, err);
	return e == 0 ? read_app(arena, row, 0, ad_strdup(arena, tenant_id), ret, err) : e;
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
	return e == 0 ? read_apps(arena, rows, tenant_id, ret, err) : e;
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
		struct ad_app_question *item = &items[i];
		item->ordinal = (int)ad_db_int(rows, i, 0);
		item->label = ad_db_text(rows, i, 1);
		item->required = ad_db_bool(rows, i, 4);
		if (ad_question_kind_parse(ad_db_text(rows, i, 2), &item->kind) != 0)
			return AD_FAIL(err, AD_EBUG, "a question of no known kind");
		e = read_texts(
			arena, ad_db_text(rows, i, 3), &item->choices, &item->choice_count, err);
		if (e != 0)
			return e;
	}
	*ret = (struct ad_app_questions){ .items = items, .count = count };
	return 0;
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

static int read_document(struct ad_arena *arena, const struct ad_db_result *rows, size_t row,
	struct ad_json **ret, struct ad_err *err)
{
	const char *text = ad_db_text(rows, row, 1);
	return ad_json_parse(arena, text, strlen(text), ret, err);
}

int ad_store_app_document(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	const char *winget_id, struct ad_app_document *ret, struct ad_err *err)
{
	struct ad_db_result *row;
	int e = ad_db_exec_one(db, arena, AD_Q_APPS_DOCUMENT,
		AD_DB_PARAMS(AD_DB_TEXT(tenant_id), AD_DB_TEXT(winget_id)), &row, err);
	if (e != 0)
		return e;
	ret->id = ad_db_int(row, 0, 0);
	e = read_document(arena, row, 0, &ret->app, err);
	ret->winget_id = e == 0 ? ad_json_str(ret->app, "winget_id") : "";
	return e;
}

int ad_store_app_documents(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	const char *after, int limit, struct ad_app_document **ret, size_t *ret_count,
	struct ad_err *err)
{
	struct ad_db_result *rows;
	int e = ad_db_exec(db, arena, AD_Q_APPS_DOCUMENTS,
		AD_DB_PARAMS(AD_DB_TEXT(tenant_id), AD_DB_TEXT(after), AD_DB_INT(limit)), &rows,
		err);
	if (e != 0)
		return e;
	size_t count = ad_db_rows(rows);
	struct ad_app_document *items = ad_alloc_array(arena, count, sizeof *items);
	for (size_t i = 0; e == 0 && i < count; i++) {
		items[i].winget_id = ad_db_text(rows, i, 0);
		e = read_document(arena, rows, i, &items[i].app, err);
	}
	*ret = items;
	*ret_count = count;
	return e;
}

int ad_store_app_document_put(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	const struct ad_json *app, int64_t *ret_id, struct ad_err *err)
{
	struct ad_db_result *row;
	int e = ad_db_exec_one(db, arena, AD_Q_APPS_DOCUMENT_PUT,
		AD_DB_PARAMS(AD_DB_TEXT(tenant_id), AD_DB_TEXT(ad_json_print(arena, app))), &row,
		err);
	if (e == 0)
		*ret_id = ad_db_int(row, 0, 0);
	return e;
}
