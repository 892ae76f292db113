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
