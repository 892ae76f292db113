/* SPDX-License-Identifier: Apache-2.0 */
/* The freeze, and the clocks that it stops. */
#include "ad/store/freeze.h"

#include "ad/db.h"
#include "ad_queries.h"

int ad_store_freeze_get(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	struct ad_freeze *ret, struct ad_err *err)
{
	struct ad_db_result *row;
	*ret = (struct ad_freeze){ .since = "", .by_oid = "", .by_name = "", .reason = "" };
	int r = ad_db_exec(
		db, arena, AD_Q_FREEZE_GET, AD_DB_PARAMS(AD_DB_TEXT(tenant_id)), &row, err);
	if (r != 0 || ad_db_rows(row) == 0)
		return r;
	*ret = (struct ad_freeze){
		.on = true,
		.since = ad_db_text(row, 0, 0),
		.by_oid = ad_db_text(row, 0, 1),
		.by_name = ad_db_text(row, 0, 2),
		.reason = ad_db_text(row, 0, 3),
	};
	return 0;
}

int ad_store_freeze_on(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	const char *actor, bool *ret_changed, struct ad_err *err)
{
	AD_ASSERT(ad_db_in_transaction(db));
	struct ad_db_result *row;
	int r = ad_db_exec(db, arena, AD_Q_FREEZE_ON,
		AD_DB_PARAMS(AD_DB_TEXT(tenant_id), AD_DB_TEXT(actor)), &row, err);
	if (r == 0)
		*ret_changed = ad_db_rows(row) > 0;
	return r;
}

static int move(struct ad_db *db, struct ad_arena *arena, int query, struct ad_db_params params,
	int64_t *ret, struct ad_err *err)
{
	struct ad_db_result *result;
	int r = ad_db_exec(db, arena, query, params, &result, err);
	if (r == 0)
		*ret = ad_db_affected(result);
	return r;
}

int ad_store_freeze_off(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	const char *actor, struct ad_thaw *ret, struct ad_err *err)
{
	AD_ASSERT(ad_db_in_transaction(db));
	struct ad_db_result *row;
	int64_t timers;
	*ret = (struct ad_thaw){ 0 };
	int r = ad_db_exec(db, arena, AD_Q_FREEZE_OFF,
		AD_DB_PARAMS(AD_DB_TEXT(tenant_id), AD_DB_TEXT(actor)), &row, err);
	if (r != 0 || ad_db_rows(row) == 0)
		return r;
	const struct ad_db_params which =
		AD_DB_PARAMS(AD_DB_TEXT(tenant_id), AD_DB_TEXT(ad_db_text(row, 0, 0)));
	ret->changed = true;
	ret->seconds = ad_db_int(row, 0, 1);
	r = move(db, arena, AD_Q_FREEZE_MOVE_TIMERS, which, &timers, err);
	if (r == 0)
		r = move(db, arena, AD_Q_FREEZE_MOVE_STAGES, which, &ret->stages, err);
	return r == 0 ? move(db, arena, AD_Q_FREEZE_MOVE_GRANTS, which, &ret->grants, err) : r;
}
