/* SPDX-License-Identifier: Apache-2.0 */
/* What the rows say about how the counter is, in one statement. */
#include "ad/store/doctor.h"

#include "ad/db.h"
#include "ad_queries.h"

int ad_store_checkup(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	const char *index_url, struct ad_checkup *ret, struct ad_err *err)
{
	struct ad_db_result *row;
	int r = ad_db_exec_one(db, arena, AD_Q_DOCTOR_CHECKUP,
		AD_DB_PARAMS(AD_DB_TEXT(tenant_id), AD_DB_TEXT(index_url),
			AD_DB_INT(AD_CHECKUP_SLOW_S), AD_DB_INT(AD_CHECKUP_MAX)),
		&row, err);
	if (r != 0)
		return r;
	*ret = (struct ad_checkup){
		.schema = ad_db_int(row, 0, 0),
		.synced_at = ad_db_text(row, 0, 1),
		.synced_age_s = ad_db_int(row, 0, 2),
		.waiting = ad_db_int(row, 0, 3),
		.waiting_since = ad_db_text(row, 0, 4),
		.waiting_age_s = ad_db_int(row, 0, 5),
		.stuck = ad_db_int(row, 0, 6),
		.due_since = ad_db_text(row, 0, 7),
		.due_age_s = ad_db_int(row, 0, 8),
		.index_version = ad_db_text(row, 0, 9),
		.index_at = ad_db_text(row, 0, 10),
		.index_age_s = ad_db_int(row, 0, 11),
	};
	return 0;
}
