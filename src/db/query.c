/* SPDX-License-Identifier: Apache-2.0 */
/* The compiled-in queries. */
#include "ad/db.h"
#include "sql.h"

int ad_db_query_count(void)
{
	return ad_sql_query_count;
}

const char *ad_db_query_name(int query)
{
	AD_ASSERT(query >= 0 && query < ad_sql_query_count);
	return ad_sql_queries[query].name;
}
