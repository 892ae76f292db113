/* SPDX-License-Identifier: Apache-2.0 */
/* Grants: who has which app, because of which request. */
#include "ad/store/grants.h"
#include "ad/db.h"

#include "ad_queries.h"

int ad_store_grant_put(struct ad_db *db, struct ad_arena *arena, const struct ad_grant *grant,
	bool *ret_new, struct ad_err *err)
{
	struct ad_db_result *result;
	int e = ad_db_exec(db, arena, AD_Q_GRANTS_PUT,
		AD_DB_PARAMS(AD_DB_TEXT(grant->tenant_id), AD_DB_INT(grant->request_id),
			AD_DB_TEXT(grant->oid), AD_DB_INT(grant->app_id),
			AD_DB_TEXT(grant->group_id)),
		&result, err);
	if (e == 0)
		*ret_new = ad_db_affected(result) == 1;
	return e;
}
