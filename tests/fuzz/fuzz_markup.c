/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Promises of ad_block_map_parse and ad_intunewin_detection_parse, about any XML: an error says
 * something; a block map has as many blocks as its files, and no file twice; what is read of a
 * Detection.xml is the same when it is printed and read again.
 */
#include "fuzz.h"

#include "ad/pack/intunewin.h"
#include "ad/text.h"
#include "block_map.h"

static void check_map(struct ad_arena *arena, struct ad_bytes xml)
{
	struct ad_block_map *map = ad_alloc(arena, sizeof *map);
	struct ad_err err = { 0 };
	int rc = ad_block_map_parse(arena, xml, map, &err);
	AD_ASSERT(rc == 0 || (err.code == rc && err.text[0]));
	if (rc != 0)
		return;
	size_t blocks = 0;
	for (size_t i = 0; i < map->file_count; i++) {
		blocks += map->files[i].block_count;
		for (size_t k = 0; k < i; k++)
			AD_ASSERT(!ad_text_eq(map->files[i].name, map->files[k].name));
	}
	AD_ASSERT(blocks == map->block_count);
}

static void check_detection(struct ad_arena *arena, const char *xml, size_t len)
{
	struct ad_intunewin_info info;
	struct ad_intunewin_info again;
	struct ad_err err = { 0 };
	int rc = ad_intunewin_detection_parse(arena, xml, len, &info, &err);
	AD_ASSERT(rc == 0 || (err.code == rc && err.text[0]));
	if (rc != 0)
		return;
	const char *printed = ad_intunewin_detection_xml(arena, &info, NULL);
	AD_ASSERT(ad_intunewin_detection_parse(arena, printed, strlen(printed), &again, NULL) == 0);
	AD_ASSERT(ad_text_eq(ad_intunewin_detection_xml(arena, &again, NULL), printed));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct ad_arena *arena = ad_arena_new();
	check_map(arena, (struct ad_bytes){ data, len });
	check_detection(arena, (const char *)data, len);
	ad_arena_free(arena);
	return 0;
}
