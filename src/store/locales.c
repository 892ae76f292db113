/* SPDX-License-Identifier: Apache-2.0 */
/* Languages of people. */
#include "ad/store/locales.h"
#include "ad/db.h"

#include "ad_queries.h"

int ad_store_locales_of(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	const char *const *oids, size_t count, const char *const **ret, struct ad_err *err)
{
	struct ad_db_result *rows;
	int e = ad_db_exec(db, arena, AD_Q_LOCALES_OF,
		AD_DB_PARAMS(AD_DB_TEXT(tenant_id), AD_DB_TEXTS(oids, count)), &rows, err);
	if (e != 0)
		return e;
	AD_ASSERT(ad_db_rows(rows) == count);
	const char **locales = ad_alloc_array(arena, count, sizeof *locales);
	for (size_t i = 0; i < count; i++)
		locales[i] = ad_db_text(rows, i, 0);
	*ret = locales;
	return 0;
}
