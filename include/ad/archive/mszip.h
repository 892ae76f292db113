/* SPDX-License-Identifier: Apache-2.0 */
/* MSZIP in the buffer format of the Windows Compression API, as WinGet's version data has it
 * (packaging.md 1.5). */
#ifndef AD_ARCHIVE_MSZIP_H
#define AD_ARCHIVE_MSZIP_H

#include "ad/arena.h"
#include "ad/bytes.h"
#include "ad/err.h"

/* Inflates the whole of packed into the arena, NUL-terminated behind its length. AD_ETOOBIG when it
 * declares more than max bytes, AD_EINVAL for anything malformed: header, header check, algorithm,
 * block, length, trailing bytes. */
AD_MUST int ad_mszip_decode(struct ad_arena *arena, struct ad_bytes packed, size_t max,
	struct ad_bytes *ret, struct ad_err *err);

#endif
