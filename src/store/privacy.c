/* SPDX-License-Identifier: Apache-2.0 */
/* People who want their data deleted. */
#include "ad/store/privacy.h"

#include "ad/db.h"
#include "ad/text.h"
#include "ad_queries.h"

int ad_store_privacy_open(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	const char *oid, int64_t *ret_id, bool *ret_new, struct ad_err *err)
{
	struct ad_db_result *row;
	int e = ad_db_exec_one(db, arena, AD_Q_PRIVACY_OPEN,
		AD_DB_PARAMS(AD_DB_TEXT(tenant_id), AD_DB_TEXT(oid)), &row, err);
	if (e != 0)
		return e;
	*ret_id = ad_db_int(row, 0, 0);
	*ret_new = ad_db_bool(row, 0, 1);
	return 0;
}

int ad_store_privacy_told_by(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	int64_t id, int64_t job_id, struct ad_err *err)
{
	return ad_db_exec(db, arena, AD_Q_PRIVACY_TOLD_BY,
		AD_DB_PARAMS(AD_DB_TEXT(tenant_id), AD_DB_INT(id), AD_DB_INT(job_id)), NULL, err);
}

int ad_store_privacy_get(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	int64_t id, struct ad_privacy *ret, struct ad_err *err)
{
	struct ad_db_result *row;
	int e = ad_db_exec_one(db, arena, AD_Q_PRIVACY_GET,
		AD_DB_PARAMS(AD_DB_TEXT(tenant_id), AD_DB_INT(id)), &row, err);
	if (e != 0)
		return e;
	*ret = (struct ad_privacy){
		.id = ad_db_int(row, 0, 0),
		.oid = ad_db_text(row, 0, 1),
		.name = ad_db_text(row, 0, 2),
		.is_done = ad_text_eq(ad_db_text(row, 0, 3), "done"),
		.version = (int)ad_db_int(row, 0, 4),
		.job_id = ad_db_int(row, 0, 5),
		.created_at = ad_db_text(row, 0, 6),
		.done_by = ad_db_text(row, 0, 7),
		.done_by_name = ad_db_text(row, 0, 8),
		.note = ad_db_text(row, 0, 9),
	};
	return 0;
}

/* Locked by a statement of its own and read by the next one: a locked read that waited would show
 * it as it was before. */
int ad_store_privacy_lock(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	int64_t id, struct ad_privacy *ret, struct ad_err *err)
{
	AD_ASSERT(ad_db_in_transaction(db));
	struct ad_db_result *row;
	int e = ad_db_exec_one(db, arena, AD_Q_PRIVACY_LOCK,
		AD_DB_PARAMS(AD_DB_TEXT(tenant_id), AD_DB_INT(id)), &row, err);
	return e == 0 ? ad_store_privacy_get(db, arena, tenant_id, id, ret, err) : e;
}

int ad_store_privacy_of_job(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	int64_t job_id, int64_t *ret_id, struct ad_err *err)
{
	struct ad_db_result *row;
	int e = ad_db_exec_one(db, arena, AD_Q_PRIVACY_OF_JOB,
		AD_DB_PARAMS(AD_DB_TEXT(tenant_id), AD_DB_INT(job_id)), &row, err);
	if (e == 0)
		*ret_id = ad_db_int(row, 0, 0);
	return e;
}

int ad_store_privacy_close(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	const struct ad_privacy *privacy, struct ad_err *err)
{
	return ad_db_exec(db, arena, AD_Q_PRIVACY_CLOSE,
		AD_DB_PARAMS(AD_DB_TEXT(tenant_id), AD_DB_INT(privacy->id),
			AD_DB_TEXT(privacy->done_by), AD_DB_TEXT(privacy->note)),
		NULL, err);
}

int ad_store_privacy_forget(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	const char *oid, struct ad_err *err)
{
	int e = ad_db_exec(db, arena, AD_Q_PRIVACY_FORGET_WISHES,
		AD_DB_PARAMS(AD_DB_TEXT(tenant_id), AD_DB_TEXT(oid)), NULL, err);
	return e == 0 ? ad_db_exec(db, arena, AD_Q_PRIVACY_FORGET_GROUPS,
				AD_DB_PARAMS(AD_DB_TEXT(tenant_id), AD_DB_TEXT(oid)), NULL, err)
		      : e;
}
