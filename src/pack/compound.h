/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Compound files ([MS-CFB]), as MSIs are: streams and storages in one file, as in a file system.
 * Only what a signature needs: what is there, and its bytes. For a reader; private to pack.
 */
#ifndef AD_PACK_COMPOUND_H
#define AD_PACK_COMPOUND_H

#include "signed_file.h"

#define COMPOUND_NAME_MAX 64u /* bytes of a name in UTF-16LE, its NUL included */

struct compound;

/* One entry of the directory; its raw fields are what signatures cover. */
struct compound_entry {
	bool is_stream; /* else a storage, which the root is too */
	uint8_t name[COMPOUND_NAME_MAX];
	size_t name_len; /* bytes, its NUL included */
	uint8_t class_id[16];
	uint8_t state[4];
	uint8_t times[16]; /* of creation and change */
	uint8_t size_field[4];
	uint64_t size;
	/* For the reader of the file. */
	uint32_t left, right, child, start;
};

/* *ret is NULL when the file is none. AD_EINTEGRITY for a malformed one, AD_ETOOBIG for a limit. */
AD_MUST int pack_compound_open(struct ad_arena *arena, const struct pack_file *file,
	struct compound **ret, struct ad_err *err);

const struct compound_entry *pack_compound_root(const struct compound *compound);

/* What is in a storage, in no order. AD_EINTEGRITY also when an entry is there twice. */
AD_MUST int pack_compound_list(struct compound *compound, const struct compound_entry *storage,
	const struct compound_entry ***ret, size_t *ret_count, struct ad_err *err);

/* The bytes of a stream, piece by piece. */
typedef void compound_sink(void *context, const void *data, size_t len);
AD_MUST int pack_compound_stream(struct compound *compound, const struct compound_entry *stream,
	compound_sink *sink, void *context, struct ad_err *err);

#endif
