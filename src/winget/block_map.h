/* SPDX-License-Identifier: Apache-2.0 */
/* AppxBlockMap.xml: the SHA-256 of every 64 KiB of every file of a package (packaging.md 3.3). */
#ifndef AD_SRC_WINGET_BLOCK_MAP_H
#define AD_SRC_WINGET_BLOCK_MAP_H

#include "ad/archive/zip.h"
#include "ad/crypto.h"

#define AD_BLOCK_LEN 65536u
#define AD_BLOCK_MAP_BLOCKS_MAX 16384u
#define AD_BLOCK_MAP_FILES_MAX 64u

struct ad_block {
	uint8_t sha256[AD_SHA256_LEN];
	struct ad_block *next;
};

struct ad_block_file {
	const char *name; /* as the map has it, with forward slashes */
	uint64_t size;
	uint64_t local_header_len;
	struct ad_block *blocks; /* in order */
	size_t block_count;
	bool seen; /* private to ad_block_map_check */
};

struct ad_block_map {
	struct ad_block_file files[AD_BLOCK_MAP_FILES_MAX];
	size_t file_count;
	size_t block_count;
};

/* AD_EINTEGRITY for a map that is malformed, uses another hash, or lists a file twice. */
AD_MUST int ad_block_map_parse(
	struct ad_arena *arena, struct ad_bytes xml, struct ad_block_map *ret, struct ad_err *err);

/* Entries that no map lists. */
bool ad_block_map_footprint(const char *entry_name);

/* Compares every entry of zip with the map, both ways; the content of the entry named keep, if
 * there is one, goes to *ret_kept. AD_EINTEGRITY with file and block. */
AD_MUST int ad_block_map_check(struct ad_arena *arena, struct ad_block_map *map, struct ad_zip *zip,
	const char *keep, struct ad_bytes *ret_kept, struct ad_err *err);

#endif
