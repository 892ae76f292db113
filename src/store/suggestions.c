/* SPDX-License-Identifier: Apache-2.0 */
/* Apps that people miss. */
#include "ad/store/suggestions.h"
#include "ad/db.h"

#include "ad_queries.h"

int ad_store_suggestion_put(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	const char *wanted, int64_t *ret_id, bool *ret_new, struct ad_err *err)
{
	struct ad_db_result *row;
	int e = ad_db_exec_one(db, arena, AD_Q_SUGGESTIONS_PUT,
		AD_DB_PARAMS(AD_DB_TEXT(tenant_id), AD_DB_TEXT(wanted)), &row, err);
	if (e != 0)
		return e;
	*ret_id = ad_db_int(row, 0, 0);
	*ret_new = ad_db_bool(row, 0, 1);
	return 0;
}

int ad_store_suggestion_join(struct ad_db *db, struct ad_arena *arena, int64_t id, const char *oid,
	bool *ret_new, struct ad_err *err)
{
	struct ad_db_result *rows;
	int e = ad_db_exec(db, arena, AD_Q_SUGGESTIONS_JOIN,
		AD_DB_PARAMS(AD_DB_INT(id), AD_DB_TEXT(oid)), &rows, err);
	if (e == 0)
		*ret_new = ad_db_rows(rows) > 0;
	return e;
}

int ad_store_suggestions_count(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	const char *oid, int64_t *ret, struct ad_err *err)
{
	struct ad_db_result *row;
	int e = ad_db_exec_one(db, arena, AD_Q_SUGGESTIONS_COUNT,
		AD_DB_PARAMS(AD_DB_TEXT(tenant_id), AD_DB_TEXT(oid)), &row, err);
	if (e == 0)
		*ret = ad_db_int(row, 0, 0);
	return e;
}

int ad_store_suggestion_told_by(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	int64_t id, int64_t job_id, struct ad_err *err)
{
	return ad_db_exec(db, arena, AD_Q_SUGGESTIONS_TOLD_BY,
		AD_DB_PARAMS(AD_DB_TEXT(tenant_id), AD_DB_INT(id), AD_DB_INT(job_id)), NULL, err);
}

/* Locked by a statement of its own and read by the next one: a locked read that waited would show
 * it as it was before. */
int ad_store_suggestion_lock(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	int64_t id, struct ad_suggestion *ret, struct ad_err *err)
{
	AD_ASSERT(ad_db_in_transaction(db));
	struct ad_db_result *row;
	int e = ad_db_exec_one(db, arena, AD_Q_SUGGESTIONS_LOCK,
		AD_DB_PARAMS(AD_DB_TEXT(tenant_id), AD_DB_INT(id)), &row, err);
	return e == 0 ? ad_store_suggestion_get(db, arena, tenant_id, id, ret, err) : e;
}

int ad_store_suggestion_get(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	int64_t id, struct ad_suggestion *ret, struct ad_err *err)
{
	struct ad_db_result *row;
	int e = ad_db_exec_one(db, arena, AD_Q_SUGGESTIONS_GET,
		AD_DB_PARAMS(AD_DB_TEXT(tenant_id), AD_DB_INT(id)), &row, err);
	if (e != 0)
		return e;
	*ret = (struct ad_suggestion){
		.id = ad_db_int(row, 0, 0),
		.wanted = ad_db_text(row, 0, 1),
		.found = ad_db_text(row, 0, 2),
		.package_id = ad_db_text(row, 0, 3),
		.facts = ad_db_text(row, 0, 4),
		.state = ad_db_text(row, 0, 5),
		.version = (int)ad_db_int(row, 0, 6),
		.job_id = ad_db_int(row, 0, 7),
		.app_id = ad_db_int(row, 0, 8),
		.created_at = ad_db_text(row, 0, 9),
		.decided_by = ad_db_text(row, 0, 10),
		.decided_by_name = ad_db_text(row, 0, 11),
		.reason = ad_db_text(row, 0, 12),
		.by_name = ad_db_text(row, 0, 13),
		.others = ad_db_int(row, 0, 14),
	};
	return 0;
}

int ad_store_suggestion_of_job(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	int64_t job_id, int64_t *ret_id, struct ad_err *err)
{
	struct ad_db_result *row;
	int e = ad_db_exec_one(db, arena, AD_Q_SUGGESTIONS_OF_JOB,
		AD_DB_PARAMS(AD_DB_TEXT(tenant_id), AD_DB_INT(job_id)), &row, err);
	if (e == 0)
		*ret_id = ad_db_int(row, 0, 0);
	return e;
}

int ad_store_suggestions_open(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	int limit, int64_t **ret, size_t *ret_count, struct ad_err *err)
{
	struct ad_db_result *rows;
	int e = ad_db_exec(db, arena, AD_Q_SUGGESTIONS_OPEN,
		AD_DB_PARAMS(AD_DB_TEXT(tenant_id), AD_DB_INT(limit)), &rows, err);
	if (e != 0)
		return e;
	*ret_count = ad_db_rows(rows);
	*ret = ad_alloc_array(arena, *ret_count, sizeof **ret);
	for (size_t i = 0; i < *ret_count; i++)
		(*ret)[i] = ad_db_int(rows, i, 0);
	return 0;
}

int ad_store_suggestion_people(struct ad_db *db, struct ad_arena *arena, int64_t id,
	const char *const **ret, size_t *ret_count, struct ad_err *err)
{
	struct ad_db_result *rows;
	int e = ad_db_exec(
		db, arena, AD_Q_SUGGESTIONS_PEOPLE, AD_DB_PARAMS(AD_DB_INT(id)), &rows, err);
	if (e != 0)
		return e;
	const char **oids = ad_alloc_array(arena, ad_db_rows(rows), sizeof *oids);
	for (size_t i = 0; i < ad_db_rows(rows); i++)
		oids[i] = ad_db_text(rows, i, 0);
	*ret = oids;
	*ret_count = ad_db_rows(rows);
	return 0;
}

int ad_store_suggestion_touch(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	int64_t id, struct ad_err *err)
{
	return ad_db_exec(db, arena, AD_Q_SUGGESTIONS_TOUCH,
		AD_DB_PARAMS(AD_DB_TEXT(tenant_id), AD_DB_INT(id)), NULL, err);
}

int ad_store_suggestion_looked(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	const struct ad_suggestion *suggestion, struct ad_err *err)
{
	return ad_db_exec(db, arena, AD_Q_SUGGESTIONS_LOOKED,
		AD_DB_PARAMS(AD_DB_TEXT(tenant_id), AD_DB_INT(suggestion->id),
			AD_DB_TEXT(suggestion->found), AD_DB_TEXT(suggestion->package_id),
			AD_DB_TEXT(suggestion->facts)),
		NULL, err);
}

int ad_store_suggestion_close(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	const struct ad_suggestion *suggestion, struct ad_err *err)
{
	return ad_db_exec(db, arena, AD_Q_SUGGESTIONS_CLOSE,
		AD_DB_PARAMS(AD_DB_TEXT(tenant_id), AD_DB_INT(suggestion->id),
			AD_DB_TEXT(suggestion->state), AD_DB_TEXT(suggestion->decided_by),
			AD_DB_TEXT(suggestion->reason), AD_DB_INT(suggestion->app_id),
			AD_DB_TEXT(suggestion->package_id)),
		NULL, err);
}
