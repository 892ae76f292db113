/* SPDX-License-Identifier: Apache-2.0 */
/* The index of a source: an SQLite database that came from outside, read from memory. */
#ifndef AD_SRC_WINGET_INDEX_DB_H
#define AD_SRC_WINGET_INDEX_DB_H

#include "ad/winget.h"

struct ad_winget_index;

/* Opens a copy of bytes, read-only, with everything switched off that a database could use against
 * its reader, and checks schema and pages. Closed by the arena. AD_EINTEGRITY. */
AD_MUST int ad_winget_index_open(struct ad_arena *arena, struct ad_bytes bytes,
	struct ad_winget_index **ret, struct ad_err *err);

/* As ad_winget_source_find and ad_winget_source_search. */
AD_MUST int ad_winget_index_find(struct ad_arena *arena, struct ad_winget_index *index,
	const char *id, struct ad_winget_row *ret, struct ad_err *err);
AD_MUST int ad_winget_index_search(struct ad_arena *arena, struct ad_winget_index *index,
	const char *text, size_t max, struct ad_winget_row **ret_rows, size_t *ret_count,
	struct ad_err *err);

#endif
