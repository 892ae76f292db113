/* SPDX-License-Identifier: Apache-2.0 */
/* What people say of the apps that they have. */
#include "ad/store/verdicts.h"
#include "ad/db.h"

#include "ad_queries.h"

int ad_store_verdict_get(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	int64_t request_id, struct ad_verdict *ret, struct ad_err *err)
{
	struct ad_db_result *row;
	int e = ad_db_exec_one(db, arena, AD_Q_VERDICTS_GET,
		AD_DB_PARAMS(AD_DB_TEXT(tenant_id), AD_DB_INT(request_id)), &row, err);
	if (e != 0)
		return e;
	*ret = (struct ad_verdict){
		.request_id = request_id,
		.oid = ad_db_text(row, 0, 0),
		.person = ad_db_text(row, 0, 1),
		.works = ad_db_bool(row, 0, 2),
		.words = ad_db_text(row, 0, 3),
		.version = (int)ad_db_int(row, 0, 4),
		.said_at = ad_db_text(row, 0, 5),
		.answered_by = ad_db_text(row, 0, 6),
		.answered_by_name = ad_db_text(row, 0, 7),
		.answer = ad_db_text(row, 0, 8),
	};
	return 0;
}

int ad_store_verdict_put(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	const struct ad_verdict *verdict, struct ad_err *err)
{
	return ad_db_exec(db, arena, AD_Q_VERDICTS_PUT,
		AD_DB_PARAMS(AD_DB_TEXT(tenant_id), AD_DB_INT(verdict->request_id),
			AD_DB_TEXT(verdict->oid), AD_DB_BOOL(verdict->works),
			AD_DB_TEXT(verdict->words)),
		NULL, err);
}

int ad_store_verdict_answer(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	const struct ad_verdict *verdict, struct ad_err *err)
{
	return ad_db_exec(db, arena, AD_Q_VERDICTS_ANSWER,
		AD_DB_PARAMS(AD_DB_TEXT(tenant_id), AD_DB_INT(verdict->request_id),
			AD_DB_TEXT(verdict->answered_by), AD_DB_TEXT(verdict->answer)),
		NULL, err);
}
