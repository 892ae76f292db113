/* SPDX-License-Identifier: Apache-2.0 */
/* AppxSignature.p7x: "PKCX" and a PKCS #7 signature over the digests of a package's parts. */
#ifndef DT_WORLD_P7X_H
#define DT_WORLD_P7X_H

#include "trust.h"

#include <stdbool.h>

struct dt_p7x {
	struct ad_bytes entries, tail, content_types, block_map; /* SHA-256: AXPC AXCD AXCT AXBM */
	const struct dt_trust *trust;
	int64_t time; /* of the time stamp */
	bool no_timestamp;
};

AD_MUST int dt_p7x_sign(struct ad_arena *arena, const struct dt_p7x *p7x,
	struct ad_bytes *ret_bytes, struct ad_err *err);

#endif
