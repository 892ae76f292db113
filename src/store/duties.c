/* SPDX-License-Identifier: Apache-2.0 */
/* Apps that one person may not have side by side. */
#include "ad/store/duties.h"
#include "ad/db.h"

#include "ad_queries.h"

int ad_store_duty_pairs(struct ad_db *db, struct ad_arena *arena, const struct ad_duty_key *key,
	struct ad_duty_pairs *ret, struct ad_err *err)
{
	struct ad_db_result *rows;
	int e = ad_db_exec(db, arena, AD_Q_DUTIES_PAIRS,
		AD_DB_PARAMS(
			AD_DB_TEXT(key->tenant_id), AD_DB_TEXT(key->oid), AD_DB_INT(key->app_id)),
		&rows, err);
	if (e != 0)
		return e;
	size_t count = ad_db_rows(rows);
	struct ad_duty_pair *items = ad_alloc_array(arena, count, sizeof *items);
	for (size_t i = 0; i < count; i++)
		items[i] = (struct ad_duty_pair){
			.app_a = ad_db_int(rows, i, 0),
			.app_b = ad_db_int(rows, i, 1),
			.held_app = ad_db_int(rows, i, 2),
			.reason = ad_db_text(rows, i, 3),
		};
	*ret = (struct ad_duty_pairs){ .items = items, .count = count };
	return 0;
}
