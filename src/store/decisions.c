/* SPDX-License-Identifier: Apache-2.0 */
/* Votes. */
#include "ad/store/decisions.h"
#include "ad/db.h"

#include "ad_queries.h"

int ad_store_decision_insert(struct ad_db *db, struct ad_arena *arena,
	const struct ad_decision_row *decision, struct ad_err *err)
{
	return ad_db_exec_later(db, arena, AD_Q_DECISIONS_INSERT,
		AD_DB_PARAMS(AD_DB_INT(decision->request_id), AD_DB_INT(decision->ordinal),
			AD_DB_TEXT(decision->oid), AD_DB_TEXT(ad_decision_name(decision->decision)),
			AD_DB_TEXT(decision->reason ? decision->reason : ""),
			AD_DB_TEXT(decision->on_behalf_of ? decision->on_behalf_of : ""),
			AD_DB_BOOL(decision->is_final), AD_DB_INT(decision->granted_days)),
		NULL, err);
}

int ad_store_decisions_narrowest(struct ad_db *db, struct ad_arena *arena, int64_t request_id,
	int ordinal, int *ret_days, struct ad_err *err)
{
	struct ad_db_result *row;
	int e = ad_db_exec_one(db, arena, AD_Q_DECISIONS_NARROWEST,
		AD_DB_PARAMS(AD_DB_INT(request_id), AD_DB_INT(ordinal)), &row, err);
	if (e == 0)
		*ret_days = (int)ad_db_int(row, 0, 0);
	return e;
}
