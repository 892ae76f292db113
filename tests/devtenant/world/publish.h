/* SPDX-License-Identifier: Apache-2.0 */
/* Putting files of a world into their places, and publishing a signed index, good or bad. */
#ifndef DT_WORLD_PUBLISH_H
#define DT_WORLD_PUBLISH_H

#include "msix.h"
#include "plan.h"

/* What makes an index a bad one; all zero: a good one. */
struct dt_index_flaw {
	enum dt_leaf_kind leaf;
	bool no_signature, no_timestamp;
	bool flip_bit;            /* in the compressed database, after signing */
	bool replaced;            /* another database around this one's signature */
	unsigned major_version;   /* 0: the right one */
	int64_t age_s;            /* published so much earlier */
	const char *null_hash_of; /* package id */
};

/* Writes bytes to out_dir/path, making folders as needed. */
AD_MUST int dt_publish_file(struct ad_arena *arena, const char *out_dir, const char *path,
	struct ad_bytes bytes, struct ad_err *err);

/* Writes the trust folder, then cache/source2.msix. */
AD_MUST int dt_publish_index(struct ad_arena *arena, const struct dt_plan *plan,
	const struct dt_index_flaw *flaw, struct ad_err *err);

/* Folder of the index, relative to out_dir. */
#define DT_INDEX_PATH "cache/source2.msix"

#endif
