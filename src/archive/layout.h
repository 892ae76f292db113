/* SPDX-License-Identifier: Apache-2.0 */
/* The opened archive: what the directory says and where everything lies. */
#ifndef AD_SRC_ARCHIVE_LAYOUT_H
#define AD_SRC_ARCHIVE_LAYOUT_H

#include "ad/archive/zip.h"

struct zip; /* libzip's archive */

struct ad_zip_record {
	struct ad_zip_entry entry; /* first: an entry's address is its record's */
	size_t index;
	uint16_t flags;
	uint16_t method;
	uint64_t local_offset;
	uint64_t local_len; /* header, name and extra field */
	uint64_t data_end;
	uint64_t central_offset;
	uint64_t central_len;
};

struct ad_zip {
	struct ad_bytes bytes;
	struct ad_zip_record *records; /* directory order */
	struct ad_zip_record **by_offset;
	size_t count;
	uint64_t directory_offset;
	uint64_t directory_len;
	uint64_t end64_offset; /* with has_end64; its locator follows at once */
	bool has_end64;
	uint64_t end_offset;
	struct zip *handle;
};

/* Reads the structures of zip->bytes into zip, and checks everything but the compressed data. */
AD_MUST int ad_zip_layout(struct ad_arena *arena, struct ad_zip *zip,
	const struct ad_zip_limits *limits, struct ad_err *err);

/* Finds the end records and with them the directory: fills everything but records. */
AD_MUST int ad_zip_find_directory(struct ad_zip *zip, size_t *ret_count, struct ad_err *err);

/* Refuses names that mean the same on a file system that ignores case, and files that are also
 * folders. */
AD_MUST int ad_zip_names_unique(
	struct ad_arena *arena, const struct ad_zip *zip, struct ad_err *err);

#endif
