/* SPDX-License-Identifier: Apache-2.0 */
/* Clocks of stages and people. */
#include "ad/store/clock.h"

#include "ad/db.h"
#include "ad_queries.h"

int ad_store_clock_stage(struct ad_db *db, struct ad_arena *arena, int64_t request_id, int ordinal,
	struct ad_stage_clock *ret, struct ad_err *err)
{
	struct ad_db_result *row;
	int r = ad_db_exec_one(db, arena, AD_Q_CLOCK_STAGE,
		AD_DB_PARAMS(AD_DB_INT(request_id), AD_DB_INT(ordinal)), &row, err);
	if (r == 0)
		*ret = (struct ad_stage_clock){
			.waited_s = ad_db_int(row, 0, 0),
			.left_s = ad_db_int(row, 0, 1),
			.has_deadline = ad_db_bool(row, 0, 2),
			.reminders = (int)ad_db_int(row, 0, 3),
			.level = (int)ad_db_int(row, 0, 4),
		};
	return r;
}

int ad_store_clock_reminded(struct ad_db *db, struct ad_arena *arena, int64_t request_id,
	int ordinal, int64_t waited_s, struct ad_reminded_list *ret, struct ad_err *err)
{
	struct ad_db_result *rows;
	int r = ad_db_exec(db, arena, AD_Q_CLOCK_REMINDED,
		AD_DB_PARAMS(AD_DB_INT(request_id), AD_DB_INT(ordinal), AD_DB_INT(waited_s)), &rows,
		err);
	if (r != 0)
		return r;
	size_t count = ad_db_rows(rows);
	struct ad_reminded *items = ad_alloc_array(arena, count, sizeof *items);
	for (size_t i = 0; i < count; i++)
		items[i] = (struct ad_reminded){
			.oid = ad_db_text(rows, i, 0),
			.name = ad_db_text(rows, i, 1),
			.zone = ad_db_text(rows, i, 2),
			.local_min = ad_db_int(rows, i, 3),
		};
	*ret = (struct ad_reminded_list){ .items = items, .count = count };
	return 0;
}

int ad_store_clock_reminders(struct ad_db *db, struct ad_arena *arena, int64_t request_id,
	int ordinal, int reminders, struct ad_err *err)
{
	return ad_db_exec(db, arena, AD_Q_CLOCK_REMINDERS,
		AD_DB_PARAMS(AD_DB_INT(request_id), AD_DB_INT(ordinal), AD_DB_INT(reminders)), NULL,
		err);
}

static int number(struct ad_db *db, struct ad_arena *arena, int query, struct ad_db_params params,
	int64_t *ret, struct ad_err *err)
{
	struct ad_db_result *row;
	int r = ad_db_exec_one(db, arena, query, params, &row, err);
	if (r == 0)
		*ret = ad_db_int(row, 0, 0);
	return r;
}

int ad_store_clock_local(struct ad_db *db, struct ad_arena *arena, const char *zone,
	int64_t *ret_min, struct ad_err *err)
{
	return number(db, arena, AD_Q_CLOCK_LOCAL, AD_DB_PARAMS(AD_DB_TEXT(zone)), ret_min, err);
}

int ad_store_clock_until(struct ad_db *db, struct ad_arena *arena, const char *zone,
	int64_t local_min, int64_t *ret_s, struct ad_err *err)
{
	return number(db, arena, AD_Q_CLOCK_UNTIL,
		AD_DB_PARAMS(AD_DB_TEXT(zone), AD_DB_INT(local_min)), ret_s, err);
}
