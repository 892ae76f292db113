/* SPDX-License-Identifier: Apache-2.0 */
/* Reading and writing of large files in pieces; an output becomes visible only when it is whole. */
#ifndef AD_PACK_STREAM_H
#define AD_PACK_STREAM_H

#include "ad/arena.h"
#include "ad/err.h"

#include <sys/types.h>

#define AD_PACK_CHUNK ((size_t)256 << 10)

/* A file that is being written beside its place. */
struct ad_stream_out {
	int fd;
	const char *path;
	const char *part; /* its name until then */
};

/* read(2) without signals; *ret is 0 at the end. */
AD_MUST int ad_stream_read(int fd, void *room, size_t len, ssize_t *ret, struct ad_err *err);

/* Begins; what an earlier try left is overwritten. Mode 0600. */
AD_MUST int ad_stream_create(
	struct ad_arena *arena, const char *path, struct ad_stream_out *ret, struct ad_err *err);

/* Syncs, closes and renames to its place when result is 0, else removes it. The first error. */
AD_MUST int ad_stream_finish(struct ad_stream_out *out, int result, struct ad_err *err);

#endif
