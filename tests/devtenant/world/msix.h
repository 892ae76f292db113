/* SPDX-License-Identifier: Apache-2.0 */
/* source2.msix: the index database in a signed app package. */
#ifndef DT_WORLD_MSIX_H
#define DT_WORLD_MSIX_H

#include "trust.h"

#include <stdbool.h>

#define DT_PACKAGE_NAME "Microsoft.Winget.Source"

struct dt_msix {
	struct ad_bytes index; /* Public/index.db */
	int64_t publish_time;
	const struct dt_trust *trust; /* NULL: not signed */
	bool no_timestamp;
	/*
	 * Bytes of an AppxSignature.p7x and of the block map that it signs, to be used instead of
	 * own ones: an archive rebuilt around a signature that was made for other content.
	 */
	struct ad_bytes borrowed_signature, borrowed_block_map;
};

/* The archive, and the two files inside that dt_msix can borrow. Everything lives in the arena. */
struct dt_msix_file {
	struct ad_bytes bytes, signature, block_map;
	size_t index_offset; /* where the compressed Public/index.db begins */
};

AD_MUST int dt_msix_build(struct ad_arena *arena, const struct dt_msix *msix,
	struct dt_msix_file *ret_file, struct ad_err *err);

#endif
