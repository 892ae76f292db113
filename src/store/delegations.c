/* SPDX-License-Identifier: Apache-2.0 */
/* Delegations. */
#include "ad/store/delegations.h"
#include "ad/db.h"

#include "ad_queries.h"

int ad_store_delegations_from(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	const char *const *oids, size_t count, struct ad_delegations *ret, struct ad_err *err)
{
	struct ad_db_result *rows;
	int e = ad_db_exec(db, arena, AD_Q_DELEGATIONS_FROM,
		AD_DB_PARAMS(AD_DB_TEXT(tenant_id), AD_DB_TEXTS(oids, count),
			AD_DB_INT(AD_DELEGATION_DEPTH)),
		&rows, err);
	if (e != 0)
		return e;
	size_t found = ad_db_rows(rows);
	struct ad_delegation *items = ad_alloc_array(arena, found, sizeof *items);
	for (size_t i = 0; i < found; i++)
		items[i] = (struct ad_delegation){
			.from = ad_db_text(rows, i, 0),
			.to = ad_db_text(rows, i, 1),
		};
	*ret = (struct ad_delegations){ .items = items, .count = found };
	return 0;
}
