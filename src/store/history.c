/* SPDX-License-Identifier: Apache-2.0 */
/* The history of a request. */
#include "ad/store/history.h"

#include "ad/db.h"
#include "ad_queries.h"

static struct ad_history_line read_line(const struct ad_db_result *rows, size_t i)
{
	return (struct ad_history_line){
		.seq = ad_db_int(rows, i, 0),
		.at = ad_db_text(rows, i, 1),
		.action = ad_db_text(rows, i, 2),
		.actor_oid = ad_db_text(rows, i, 3),
		.actor = ad_db_text(rows, i, 4),
		.details = ad_db_text(rows, i, 5),
		.on_behalf_of = ad_db_text(rows, i, 6),
		.granted_days = (int)ad_db_int(rows, i, 7),
		.app_version = ad_db_text(rows, i, 8),
		.step = (int)ad_db_int(rows, i, 9),
		.steps = (int)ad_db_int(rows, i, 10),
		.asked = ad_db_text(rows, i, 11),
		.about = ad_db_text(rows, i, 12),
	};
}

int ad_store_history(struct ad_db *db, struct ad_arena *arena,
	const struct ad_history_filter *filter, struct ad_history *ret, struct ad_err *err)
{
	struct ad_db_result *rows;
	int r = ad_db_exec(db, arena, AD_Q_HISTORY_PAGE,
		AD_DB_PARAMS(AD_DB_TEXT(filter->tenant_id), AD_DB_INT(filter->request_id),
			AD_DB_INT(filter->before_seq > 0 ? filter->before_seq : INT64_MAX),
			AD_DB_INT(filter->limit), AD_DB_BOOL(filter->with_refused)),
		&rows, err);
	if (r < 0)
		return r;
	size_t count = ad_db_rows(rows);
	struct ad_history_line *lines = ad_alloc_array(arena, count, sizeof *lines);
	for (size_t i = 0; i < count; i++)
		lines[i] = read_line(rows, i);
	*ret = (struct ad_history){ .items = lines, .count = count };
	return 0;
}
