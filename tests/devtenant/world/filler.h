/* SPDX-License-Identifier: Apache-2.0 */
/* Invented packages that fill an index to a realistic size. The same number gives the same package.
 */
#ifndef DT_WORLD_FILLER_H
#define DT_WORLD_FILLER_H

#include "der.h"

#define DT_FILLER_TAGS 3

struct dt_filler {
	const char *id, *name, *moniker, *version, *publisher;
	const char *tags[DT_FILLER_TAGS];
	struct ad_bytes hash;
};

void dt_filler_make(struct ad_arena *arena, unsigned number, struct dt_filler *ret_filler);

#endif
