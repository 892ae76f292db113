/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where installers keep their Authenticode signature, and what of a file it covers. For the reader
 * of signatures alone: these are parsers of foreign files. Private to pack.
 */
#ifndef AD_PACK_SIGNED_FILE_H
#define AD_PACK_SIGNED_FILE_H

#include "ad/crypto/authenticode.h"

#include <stdbool.h>

/* A file that is open for reading. */
struct pack_file {
	int fd;
	uint64_t size;
};

/* All of len bytes at offset. AD_EINTEGRITY when the file is shorter, AD_EIO. */
AD_MUST int pack_file_read(
	const struct pack_file *file, uint64_t offset, void *ret, size_t len, struct ad_err *err);
/* Bytes from begin to end into the digest. The same errors. */
AD_MUST int pack_file_hash(const struct pack_file *file, uint64_t begin, uint64_t end,
	struct ad_hash *hash, struct ad_err *err);

/* The signature of a file of one form, as PKCS#7; len 0: it has none, or is of another form. Then
 * what it covers. AD_EINTEGRITY for a malformed file. */
struct pack_signed_form {
	int (*find)(struct ad_arena *arena, const struct pack_file *file, struct ad_bytes *ret,
		struct ad_err *err);
	int (*digest)(struct ad_arena *arena, const struct pack_file *file, const char *algorithm,
		uint8_t ret[AD_HASH_MAX], struct ad_err *err);
};

/* Windows programs, and compound files as MSIs are. */
extern const struct pack_signed_form pack_signed_pe;
extern const struct pack_signed_form pack_signed_msi;

#endif
