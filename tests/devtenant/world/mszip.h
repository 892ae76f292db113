/* SPDX-License-Identifier: Apache-2.0 */
/* The container of version data: Windows Compression API, buffer mode, MSZIP. */
#ifndef DT_WORLD_MSZIP_H
#define DT_WORLD_MSZIP_H

#include "ad/err.h"
#include "der.h"

#define DT_MSZIP_BLOCK 32768u

/* Header and blocks around data, in the arena. data must not be empty. */
AD_MUST int dt_mszip(struct ad_arena *arena, struct ad_bytes data, struct ad_bytes *ret_packed,
	struct ad_err *err);

#endif
