/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of users, requests and grants, as far as birthrights go, and birthright_skips. */
#include "ad/store/birthrights.h"

#include "ad/db.h"
#include "ad_queries.h"

int ad_store_birthrights_due(struct ad_db *db, struct ad_arena *arena,
	const struct ad_birthright_query *query, struct ad_birthright_person **ret,
	size_t *ret_count, struct ad_err *err)
{
	struct ad_db_result *rows;
	int r = ad_db_exec(db, arena, AD_Q_BIRTHRIGHTS_DUE,
		AD_DB_PARAMS(AD_DB_TEXT(query->tenant_id), AD_DB_INT(query->app_id),
			AD_DB_TEXTS(query->departments, query->department_count),
			AD_DB_TEXTS(query->titles, query->title_count),
			AD_DB_TEXTS(query->oids, query->oid_count), AD_DB_BOOL(query->by_people),
			AD_DB_TEXT(query->policy_name), AD_DB_INT(query->policy_version),
			AD_DB_INT(query->limit)),
		&rows, err);
	if (r < 0)
		return r;
	*ret_count = ad_db_rows(rows);
	*ret = ad_alloc_array(arena, *ret_count, sizeof(**ret));
	for (size_t i = 0; i < *ret_count; i++)
		(*ret)[i] = (struct ad_birthright_person){ .oid = ad_db_text(rows, i, 0),
			.name = ad_db_text(rows, i, 1) };
	return 0;
}

int ad_store_birthrights_count(struct ad_db *db, struct ad_arena *arena,
	const struct ad_birthright_query *query, int64_t *ret, struct ad_err *err)
{
	struct ad_db_result *row;
	int r = ad_db_exec_one(db, arena, AD_Q_BIRTHRIGHTS_COUNT,
		AD_DB_PARAMS(AD_DB_TEXT(query->tenant_id), AD_DB_INT(query->app_id),
			AD_DB_TEXTS(query->departments, query->department_count),
			AD_DB_TEXTS(query->titles, query->title_count)),
		&row, err);
	if (r == 0)
		*ret = ad_db_int(row, 0, 0);
	return r;
}

int ad_store_birthrights_on_their_way(struct ad_db *db, struct ad_arena *arena,
	const char *tenant_id, int64_t app_id, int64_t *ret, struct ad_err *err)
{
	struct ad_db_result *row;
	int r = ad_db_exec_one(db, arena, AD_Q_BIRTHRIGHTS_ON_THEIR_WAY,
		AD_DB_PARAMS(AD_DB_TEXT(tenant_id), AD_DB_INT(app_id)), &row, err);
	if (r == 0)
		*ret = ad_db_int(row, 0, 0);
	return r;
}

int ad_store_birthright_ask(struct ad_db *db, struct ad_arena *arena,
	const struct ad_birthright_query *rule, const struct ad_birthright_request *request,
	int64_t *ret_id, struct ad_err *err)
{
	struct ad_db_result *rows;
	int r = ad_db_exec(db, arena, AD_Q_BIRTHRIGHTS_ASK,
		AD_DB_PARAMS(AD_DB_TEXT(rule->tenant_id), AD_DB_TEXT(request->oid),
			AD_DB_INT(rule->app_id), AD_DB_TEXT(request->justification),
			AD_DB_TEXT(rule->policy_name), AD_DB_INT(rule->policy_version)),
		&rows, err);
	if (r == 0)
		*ret_id = ad_db_rows(rows) == 1 ? ad_db_int(rows, 0, 0) : 0;
	return r;
}

int ad_store_birthright_skip(struct ad_db *db, struct ad_arena *arena,
	const struct ad_birthright_query *rule, const struct ad_birthright_request *request,
	bool *ret_new, struct ad_err *err)
{
	struct ad_db_result *row;
	int r = ad_db_exec_one(db, arena, AD_Q_BIRTHRIGHTS_SKIP,
		AD_DB_PARAMS(AD_DB_TEXT(rule->tenant_id), AD_DB_INT(rule->app_id),
			AD_DB_TEXT(request->oid), AD_DB_TEXT(rule->policy_name),
			AD_DB_INT(rule->policy_version), AD_DB_TEXT(request->reason)),
		&row, err);
	if (r == 0)
		*ret_new = ad_db_bool(row, 0, 0);
	return r;
}

int ad_store_birthright_is(
	struct ad_db *db, struct ad_arena *arena, int64_t request_id, bool *ret, struct ad_err *err)
{
	struct ad_db_result *row;
	int r = ad_db_exec_one(
		db, arena, AD_Q_BIRTHRIGHTS_IS, AD_DB_PARAMS(AD_DB_INT(request_id)), &row, err);
	if (r == 0)
		*ret = ad_db_bool(row, 0, 0);
	return r;
}

int ad_store_birthrights_unchecked(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	int limit, struct ad_birthright_grant **ret, size_t *ret_count, struct ad_err *err)
{
	struct ad_db_result *rows;
	int r = ad_db_exec(db, arena, AD_Q_BIRTHRIGHTS_UNCHECKED,
		AD_DB_PARAMS(AD_DB_TEXT(tenant_id), AD_DB_INT(limit)), &rows, err);
	if (r < 0)
		return r;
	*ret_count = ad_db_rows(rows);
	*ret = ad_alloc_array(arena, *ret_count, sizeof(**ret));
	for (size_t i = 0; i < *ret_count; i++)
		(*ret)[i] = (struct ad_birthright_grant){ .id = ad_db_int(rows, i, 0),
			.lapsed = ad_db_bool(rows, i, 1),
			.policy_name = ad_db_text(rows, i, 2),
			.policy_version = (int)ad_db_int(rows, i, 3) };
	return 0;
}

int ad_store_birthright_checked(
	struct ad_db *db, struct ad_arena *arena, int64_t grant_id, struct ad_err *err)
{
	return ad_db_exec(
		db, arena, AD_Q_BIRTHRIGHTS_CHECKED, AD_DB_PARAMS(AD_DB_INT(grant_id)), NULL, err);
}

int ad_store_birthrights_check_anew(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	const char *oid, struct ad_err *err)
{
	return ad_db_exec(db, arena, AD_Q_BIRTHRIGHTS_CHECK_ANEW,
		AD_DB_PARAMS(AD_DB_TEXT(tenant_id), AD_DB_TEXT(oid)), NULL, err);
}

int ad_store_birthright_lapse(
	struct ad_db *db, struct ad_arena *arena, int64_t grant_id, int days, struct ad_err *err)
{
	return ad_db_exec(db, arena, AD_Q_BIRTHRIGHTS_LAPSE,
		AD_DB_PARAMS(AD_DB_INT(grant_id), AD_DB_INT(days)), NULL, err);
}

int ad_store_birthright_restore(
	struct ad_db *db, struct ad_arena *arena, int64_t grant_id, struct ad_err *err)
{
	return ad_db_exec(
		db, arena, AD_Q_BIRTHRIGHTS_RESTORE, AD_DB_PARAMS(AD_DB_INT(grant_id)), NULL, err);
}

int ad_store_birthright_mark(
	struct ad_db *db, struct ad_arena *arena, int64_t request_id, struct ad_err *err)
{
	return ad_db_exec(
		db, arena, AD_Q_BIRTHRIGHTS_MARK, AD_DB_PARAMS(AD_DB_INT(request_id)), NULL, err);
}

int ad_store_birthright_refused(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	const char *oid, int64_t app_id, bool *ret, struct ad_err *err)
{
	struct ad_db_result *row;
	int r = ad_db_exec_one(db, arena, AD_Q_BIRTHRIGHTS_REFUSED,
		AD_DB_PARAMS(AD_DB_TEXT(tenant_id), AD_DB_TEXT(oid), AD_DB_INT(app_id)), &row, err);
	if (r == 0)
		*ret = ad_db_bool(row, 0, 0);
	return r;
}
