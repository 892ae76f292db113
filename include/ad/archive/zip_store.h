/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writing ZIP files without compression, in one pass, into a sink. All names and sizes are given
 * first, so the size of the whole is known before a byte of any file is read (packaging.md 10), and
 * the same input makes the same bytes: no time of the clock, no attributes of the machine. ZIP64
 * structures appear only where a size or an offset needs them.
 */
#ifndef AD_ARCHIVE_ZIP_STORE_H
#define AD_ARCHIVE_ZIP_STORE_H

#include "ad/archive/zip.h"

struct ad_zip_store_file {
	const char *name; /* as ad_zip_name_check allows */
	uint64_t size;
	bool crc_known; /* otherwise the CRC follows the data in a data descriptor */
	uint32_t crc;   /* with crc_known; checked against the data */
};

struct ad_zip_store;

/* Plans an archive, in the arena. files is copied. AD_EINVAL for a bad or repeated name, AD_ETOOBIG
 * above AD_ZIP_ENTRIES_MAX. */
AD_MUST int ad_zip_store_new(struct ad_arena *arena, const struct ad_zip_store_file *files,
	size_t count, struct ad_zip_store **ret, struct ad_err *err);

/* Bytes of the whole archive; exact. */
uint64_t ad_zip_store_total(const struct ad_zip_store *store);

/* Where the bytes go; to be called once, before the first next. */
void ad_zip_store_set_sink(struct ad_zip_store *store, ad_zip_sink sink, void *context);

/* Begins the next file of the plan: next, write..., next, write..., finish. AD_EBUG for calls in
 * another order; AD_EINVAL when a file has more or fewer bytes than planned, or another CRC; else
 * what the sink returns. After an error the archive is void. */
AD_MUST int ad_zip_store_next(struct ad_zip_store *store, struct ad_err *err);
AD_MUST int ad_zip_store_write(
	struct ad_zip_store *store, const void *data, size_t len, struct ad_err *err);
/* Instead of all writes of a file: the caller has put len bytes with this CRC to its place, past
 * the sink. */
AD_MUST int ad_zip_store_written(
	struct ad_zip_store *store, uint64_t len, uint32_t crc, struct ad_err *err);
AD_MUST int ad_zip_store_finish(struct ad_zip_store *store, struct ad_err *err);

#endif
