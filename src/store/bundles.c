/* SPDX-License-Identifier: Apache-2.0 */
/* Requests that were filed together. */
#include "ad/store/bundles.h"
#include "ad/db.h"

#include "ad_queries.h"

int ad_store_bundle_insert(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	const char *requester_oid, int64_t *ret_id, struct ad_err *err)
{
	struct ad_db_result *row;
	int e = ad_db_exec_one(db, arena, AD_Q_BUNDLES_INSERT,
		AD_DB_PARAMS(AD_DB_TEXT(tenant_id), AD_DB_TEXT(requester_oid)), &row, err);
	if (e == 0)
		*ret_id = ad_db_int(row, 0, 0);
	return e;
}

int ad_store_bundle_add(struct ad_db *db, struct ad_arena *arena, int64_t id, int64_t request_id,
	struct ad_err *err)
{
	return ad_db_exec(db, arena, AD_Q_BUNDLES_ADD,
		AD_DB_PARAMS(AD_DB_INT(id), AD_DB_INT(request_id)), NULL, err);
}

int ad_store_bundle_refused(struct ad_db *db, struct ad_arena *arena, int64_t id,
	const char *refused, struct ad_err *err)
{
	return ad_db_exec(db, arena, AD_Q_BUNDLES_REFUSED,
		AD_DB_PARAMS(AD_DB_INT(id), AD_DB_TEXT(refused)), NULL, err);
}

int ad_store_bundle_lock(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	int64_t id, struct ad_bundle *ret, struct ad_err *err)
{
	AD_ASSERT(ad_db_in_transaction(db));
	struct ad_db_result *row;
	struct ad_db_params params = AD_DB_PARAMS(AD_DB_TEXT(tenant_id), AD_DB_INT(id));
	int e = ad_db_exec_one(db, arena, AD_Q_BUNDLES_LOCK, params, &row, err);
	if (e == 0)
		e = ad_db_exec_one(db, arena, AD_Q_BUNDLES_GET, params, &row, err);
	if (e == 0)
		*ret = (struct ad_bundle){ .id = id,
			.requester_oid = ad_db_text(row, 0, 0),
			.refused = ad_db_text(row, 0, 1) };
	return e;
}
