/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ZIP archives as the makers of app packages write them: payload entries are streamed (sizes in a
 * 24-byte data descriptor), deflated in blocks of 64 KiB, and the end is zip64 although nothing is
 * large.
 */
#ifndef DT_WORLD_ZIP_H
#define DT_WORLD_ZIP_H

#include "ad/buf.h"
#include "ad/err.h"
#include "der.h"

#include <stdbool.h>
#include <stdint.h>

#define DT_ZIP_BLOCK 65536u

struct dt_zip_entry {
	const char *name;
	struct ad_bytes data; /* not compressed */
	bool stored;          /* otherwise deflated */
	bool footprint; /* sizes in the local header, no descriptor: [Content_Types].xml, p7x */
	/* Set by dt_zip_add. */
	uint32_t crc;
	size_t offset, local_header_len, compressed_len;
	uint32_t *block_len; /* compressed bytes of each DT_ZIP_BLOCK; NULL when stored */
	size_t block_count;
};

struct dt_zip {
	struct ad_arena *arena;
	struct ad_buf file;    /* all local entries so far */
	struct ad_buf central; /* their central records */
	uint64_t count;
	uint16_t dos_date, dos_time;
};

/* An empty archive whose entries carry this time. Freed with the arena. */
void dt_zip_init(struct dt_zip *zip, struct ad_arena *arena, int64_t time);
AD_MUST int dt_zip_add(struct dt_zip *zip, struct dt_zip_entry *entry, struct ad_err *err);
/* Central directory, zip64 end record, locator and end record of what was added so far. In the
 * arena. */
struct ad_bytes dt_zip_tail(const struct dt_zip *zip);

#endif
