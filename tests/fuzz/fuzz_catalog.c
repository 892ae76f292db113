/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Promises of ad_catalog_file_read and of the members' checks, about any file: an error says
 * something; lines are numbered upwards; what a check takes, it takes again and leaves as it is.
 */
#include "fuzz.h"

#include "ad/desk/catalog.h"
#include "ad/text.h"
#include "catalog_members.h"

static void check_member(struct ad_arena *arena, const struct ad_catalog_row *row,
	const struct ad_catalog_member *member)
{
	struct ad_err err = { 0 };
	struct ad_json *kept;
	struct ad_json *again;
	struct ad_field at = { .arena = arena, .whose = "row", .path = member->name, .err = &err };
	at.value = ad_json_get(row->app, member->name);
	if (ad_field_absent(&at))
		return;
	if (ad_catalog_value(&at, member, &kept) != 0) {
		AD_ASSERT(err.text[0]);
		return;
	}
	at.value = kept;
	AD_ASSERT(ad_catalog_value(&at, member, &again) == 0);
	AD_ASSERT(ad_text_eq(ad_json_print(arena, kept), ad_json_print(arena, again)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct ad_arena *arena = ad_arena_new();
	struct ad_catalog_rows rows = { 0 };
	struct ad_err err = { 0 };
	int rc = ad_catalog_file_read(arena, (const char *)data, len, &rows, &err);
	AD_ASSERT(rc == 0 || (err.code == rc && err.text[0]));
	for (size_t i = 0; rc == 0 && i < rows.count; i++) {
		AD_ASSERT(rows.items[i].line >= (i == 0 ? 1 : rows.items[i - 1].line));
		for (size_t k = 0; k < AD_CATALOG_MEMBERS; k++)
			check_member(arena, &rows.items[i], &ad_catalog_members[k]);
	}
	ad_arena_free(arena);
	return 0;
}
