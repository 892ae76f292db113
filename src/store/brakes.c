/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of directory_brakes, and those whom they hold up. */
#include "ad/store/brakes.h"

#include "ad/db.h"
#include "ad_queries.h"

int ad_store_brake_pending(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	struct ad_brake_count *ret, struct ad_err *err)
{
	struct ad_db_result *row;
	int r = ad_db_exec_one(
		db, arena, AD_Q_BRAKES_PENDING, AD_DB_PARAMS(AD_DB_TEXT(tenant_id)), &row, err);
	if (r == 0)
		*ret = (struct ad_brake_count){ .leavers = ad_db_int(row, 0, 0),
			.movers = ad_db_int(row, 0, 1),
			.known = ad_db_int(row, 0, 2) };
	return r;
}

int ad_store_brake_names(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	size_t limit, const char *const **ret, size_t *ret_count, struct ad_err *err)
{
	struct ad_db_result *rows;
	int r = ad_db_exec(db, arena, AD_Q_BRAKES_NAMES,
		AD_DB_PARAMS(AD_DB_TEXT(tenant_id), AD_DB_INT((int64_t)limit)), &rows, err);
	if (r < 0)
		return r;
	size_t count = ad_db_rows(rows);
	const char **names = ad_alloc_array(arena, count, sizeof(*names));
	for (size_t i = 0; i < count; i++)
		names[i] = ad_db_text(rows, i, 0);
	*ret = names;
	*ret_count = count;
	return 0;
}

int ad_store_brake_lock(struct ad_db *db, struct ad_arena *arena, const char *tenant_id, int64_t id,
	struct ad_brake *ret, struct ad_err *err)
{
	struct ad_db_result *row;
	AD_ASSERT(ad_db_in_transaction(db));
	int r = ad_db_exec_one(db, arena, AD_Q_BRAKES_GET,
		AD_DB_PARAMS(AD_DB_TEXT(tenant_id), AD_DB_INT(id)), &row, err);
	if (r < 0)
		return r;
	*ret = (struct ad_brake){ .id = ad_db_int(row, 0, 0),
		.told = { .leavers = ad_db_int(row, 0, 1),
			.movers = ad_db_int(row, 0, 2),
			.known = ad_db_int(row, 0, 3) },
		.state = ad_db_text(row, 0, 4),
		.told_age_s = ad_db_int(row, 0, 5),
		.decided_by = ad_db_text(row, 0, 6) };
	return 0;
}

int ad_store_brake_open(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	const struct ad_brake_count *told, int64_t *ret_id, struct ad_err *err)
{
	struct ad_db_result *row;
	int r = ad_db_exec_one(db, arena, AD_Q_BRAKES_OPEN,
		AD_DB_PARAMS(AD_DB_TEXT(tenant_id), AD_DB_INT(told->leavers),
			AD_DB_INT(told->movers), AD_DB_INT(told->known)),
		&row, err);
	if (r == 0)
		*ret_id = ad_db_int(row, 0, 0);
	return r;
}

int ad_store_brake_told(struct ad_db *db, struct ad_arena *arena, int64_t id,
	const struct ad_brake_count *told, struct ad_err *err)
{
	return ad_db_exec(db, arena, AD_Q_BRAKES_TOLD,
		AD_DB_PARAMS(AD_DB_INT(id), AD_DB_INT(told->leavers), AD_DB_INT(told->movers),
			AD_DB_INT(told->known)),
		NULL, err);
}

int ad_store_brake_close(struct ad_db *db, struct ad_arena *arena, int64_t id, const char *state,
	const char *by, struct ad_err *err)
{
	return ad_db_exec(db, arena, AD_Q_BRAKES_CLOSE,
		AD_DB_PARAMS(AD_DB_INT(id), AD_DB_TEXT(state), AD_DB_TEXT(by)), NULL, err);
}
