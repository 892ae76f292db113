/* SPDX-License-Identifier: Apache-2.0 */
/* High-water marks of the WinGet sources. */
#include "ad/store/sources.h"

#include "ad_queries.h"

int ad_store_source_highest(struct ad_db *db, struct ad_arena *arena, const char *base_url,
	const char **ret_version, struct ad_err *err)
{
	struct ad_db_result *row;
	int r = ad_db_exec_one(
		db, arena, AD_Q_SOURCES_GET, AD_DB_PARAMS(AD_DB_TEXT(base_url)), &row, err);
	if (r < 0)
		return r;
	*ret_version = ad_db_text(row, 0, 0);
	return 0;
}

int ad_store_source_raise(struct ad_db *db, struct ad_arena *arena, const char *base_url,
	const char *seen, const char *version, struct ad_err *err)
{
	struct ad_db_result *row;
	int r;
	if (seen)
		r = ad_db_exec(db, arena, AD_Q_SOURCES_RAISE,
			AD_DB_PARAMS(AD_DB_TEXT(base_url), AD_DB_TEXT(seen), AD_DB_TEXT(version)),
			&row, err);
	else
		r = ad_db_exec(db, arena, AD_Q_SOURCES_INSERT,
			AD_DB_PARAMS(AD_DB_TEXT(base_url), AD_DB_TEXT(version)), &row, err);
	if (r < 0)
		return r;
	if (ad_db_rows(row) == 0)
		return AD_FAIL(err, AD_ECONFLICT, "the mark of source %s has moved", base_url);
	return 0;
}
