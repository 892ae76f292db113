/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading ZIP files that come from outside. Opening checks the whole directory before any byte is
 * inflated: counts, sizes, ratio, names, links, duplicates, overlaps, and that each local header
 * says what the directory says. Only stored and deflated entries; no encryption, no parts. An open
 * archive lives in its arena and belongs to one thread.
 */
#ifndef AD_ARCHIVE_ZIP_H
#define AD_ARCHIVE_ZIP_H

#include "ad/arena.h"
#include "ad/bytes.h"
#include "ad/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define AD_ZIP_NAME_MAX 1024u /* bytes of one name */
#define AD_ZIP_DEPTH_MAX 64u  /* parts of one name */
#define AD_ZIP_ENTRIES_MAX 65535u
#define AD_ZIP_RATIO_MAX 1100u /* inflated / packed; deflate cannot pass 1032 */

/* What the caller is ready to take; passing any is AD_ETOOBIG. */
struct ad_zip_limits {
	size_t entries;       /* at most AD_ZIP_ENTRIES_MAX */
	uint64_t entry_bytes; /* inflated size of one entry */
	uint64_t total_bytes; /* inflated size of all */
};

struct ad_zip;

struct ad_zip_entry {
	const char *name; /* UTF-8, forward slashes, safe (ad_zip_name_check) */
	uint64_t size;    /* inflated, as declared; reading checks it */
	uint64_t packed_size;
	uint32_t crc;
	bool folder; /* the name ends in '/' */
};

/* Receives bytes in order; a negative return (with err filled) stops the sender, which returns it.
 */
typedef int (*ad_zip_sink)(void *context, const void *data, size_t len, struct ad_err *err);

/* CRC-32 of ZIP; start with 0 and pass the result of the previous piece. */
uint32_t ad_zip_crc32(uint32_t crc, const void *data, size_t len);
/* CRC-32 of two pieces one after the other, from that of each; len is the second one's. */
uint32_t ad_zip_crc32_join(uint32_t first, uint32_t second, uint64_t len);

/* Refuses a name that could leave its folder or mean something else on Windows: absolute, "..",
 * ".", backslash, drive, ':', control characters, device names, trailing dot or space, bad UTF-8.
 * AD_EINVAL; nothing of the name but escaped text gets into err. */
AD_MUST int ad_zip_name_check(const char *name, size_t len, struct ad_err *err);

/* Opens bytes that outlive the arena, or a file that nobody else writes to. AD_EINVAL for a
 * malformed or unsafe archive, AD_ETOOBIG for a limit, AD_EIO/AD_ENOTFOUND for the file. */
AD_MUST int ad_zip_open_bytes(struct ad_arena *arena, struct ad_bytes bytes,
	const struct ad_zip_limits *limits, struct ad_zip **ret, struct ad_err *err);
AD_MUST int ad_zip_open(struct ad_arena *arena, const char *path,
	const struct ad_zip_limits *limits, struct ad_zip **ret, struct ad_err *err);

size_t ad_zip_count(const struct ad_zip *zip);
const struct ad_zip_entry *ad_zip_at(const struct ad_zip *zip, size_t index); /* directory order */
const struct ad_zip_entry *ad_zip_find(const struct ad_zip *zip, const char *name); /* or NULL */

/* Inflates one entry and checks size and CRC. Into the arena (NUL-terminated behind its length, at
 * most max bytes), into a new file of mode 0600 (removed again on failure, AD_ECONFLICT when path
 * exists), or into a sink. */
AD_MUST int ad_zip_read(struct ad_arena *arena, struct ad_zip *zip,
	const struct ad_zip_entry *entry, size_t max, struct ad_bytes *ret, struct ad_err *err);
AD_MUST int ad_zip_extract(
	struct ad_zip *zip, const struct ad_zip_entry *entry, const char *path, struct ad_err *err);
AD_MUST int ad_zip_stream(struct ad_zip *zip, const struct ad_zip_entry *entry, ad_zip_sink sink,
	void *context, struct ad_err *err);

#endif
