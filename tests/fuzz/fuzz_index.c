/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Promises of ad_winget_index_open, about any SQLite database: an error says something; in what is
 * opened a package is found or not, with an id and a version, and a search ends within its limit.
 */
#include "fuzz.h"

#include "ad/text.h"
#include "ad/winget.h"
#include "index_db.h"

#define FOUND_MAX 5u

static void look(struct ad_arena *arena, struct ad_winget_index *index)
{
	struct ad_winget_row row;
	struct ad_winget_row *rows = NULL;
	size_t count = 0;
	struct ad_err err = { 0 };
	int rc = ad_winget_index_find(arena, index, "7zip.7zip", &row, &err);
	AD_ASSERT(rc == 0 || (err.code == rc && err.text[0]));
	if (rc == 0)
		AD_ASSERT(ad_text_eq_nocase(row.id, "7zip.7zip"));
	rc = ad_winget_index_search(arena, index, "zip", FOUND_MAX, &rows, &count, &err);
	AD_ASSERT(rc == 0 || (err.code == rc && err.text[0]));
	AD_ASSERT(rc != 0 || count <= FOUND_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct ad_arena *arena = ad_arena_new();
	struct ad_winget_index *index = NULL;
	struct ad_err err = { 0 };
	int rc = ad_winget_index_open(arena, (struct ad_bytes){ data, len }, &index, &err);
	AD_ASSERT(rc == 0 || (err.code == rc && err.text[0]));
	if (rc == 0)
		look(arena, index);
	ad_arena_free(arena);
	return 0;
}
