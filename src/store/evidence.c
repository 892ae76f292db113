/* SPDX-License-Identifier: Apache-2.0 */
/* Evidence of packages: rows that are written once and read by auditors. */
#include "ad/store/evidence.h"

#include "ad/db.h"

#include "ad_queries.h"

int ad_store_evidence_add(struct ad_db *db, struct ad_arena *arena,
	const struct ad_evidence *evidence, struct ad_err *err)
{
	return ad_db_exec(db, arena, AD_Q_EVIDENCE_ADD,
		AD_DB_PARAMS(AD_DB_INT(evidence->job_id), AD_DB_INT(evidence->app_id),
			AD_DB_TEXT(evidence->chain)),
		NULL, err);
}

static int read_one(struct ad_db *db, struct ad_arena *arena, int query, int64_t id,
	struct ad_evidence *ret, struct ad_err *err)
{
	struct ad_db_result *row;
	int r = ad_db_exec_one(db, arena, query, AD_DB_PARAMS(AD_DB_INT(id)), &row, err);
	if (r < 0)
		return r;
	ret->job_id = ad_db_int(row, 0, 0);
	ret->app_id = ad_db_int(row, 0, 1);
	ret->chain = ad_db_text(row, 0, 2);
	ret->created_at = ad_db_int(row, 0, 3);
	return 0;
}

int ad_store_evidence_get(struct ad_db *db, struct ad_arena *arena, int64_t job_id,
	struct ad_evidence *ret, struct ad_err *err)
{
	return read_one(db, arena, AD_Q_EVIDENCE_GET, job_id, ret, err);
}

int ad_store_evidence_of_app(struct ad_db *db, struct ad_arena *arena, int64_t app_id,
	struct ad_evidence *ret, struct ad_err *err)
{
	return read_one(db, arena, AD_Q_EVIDENCE_OF_APP, app_id, ret, err);
}
