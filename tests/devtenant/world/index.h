/* SPDX-License-Identifier: Apache-2.0 */
/* index.db: the SQLite database of schema 2.0, as it is published. */
#ifndef DT_WORLD_INDEX_H
#define DT_WORLD_INDEX_H

#include "ad/err.h"
#include "catalog.h"
#include "der.h"

struct dt_index_row {
	const struct dt_package *package;
	const char *latest_version;
	const char *arp_min_version, *arp_max_version;
	const struct dt_offer *offers; /* of the latest version: product and upgrade codes */
	size_t offer_count;
	struct ad_bytes hash; /* of the version data file; empty: NULL */
};

struct dt_index {
	const struct dt_index_row *rows;
	size_t row_count;
	unsigned filler;
	unsigned major_version;
	int64_t publish_time;
};

/* The bytes of the database file, in the arena. */
AD_MUST int dt_index_write(struct ad_arena *arena, const struct dt_index *index,
	struct ad_bytes *ret_bytes, struct ad_err *err);

#endif
