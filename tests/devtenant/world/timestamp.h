/* SPDX-License-Identifier: Apache-2.0 */
/* RFC 3161 time-stamp tokens, in the shape of the real ones. */
#ifndef DT_WORLD_TIMESTAMP_H
#define DT_WORLD_TIMESTAMP_H

#include "trust.h"

/* A token (ContentInfo) that says: this signature existed at that time. */
AD_MUST int dt_timestamp(struct ad_arena *arena, const struct dt_trust *trust,
	struct ad_bytes signature, int64_t time, struct ad_bytes *ret_token, struct ad_err *err);

#endif
