/* SPDX-License-Identifier: Apache-2.0 */
/* RFC 3161 time stamps on package signatures (packaging.md 3.5). */
#ifndef AD_SRC_CRYPTO_TIMESTAMP_H
#define AD_SRC_CRYPTO_TIMESTAMP_H

#include "ad/crypto/msix_signature.h"

struct ad_timestamp_query {
	struct ad_bytes token;   /* DER ContentInfo */
	struct ad_bytes stamped; /* what the token must be a stamp of */
	const struct ad_msix_trust *trust;
	int64_t now;            /* Unix seconds */
	struct ad_trail *trail; /* or NULL; the step "time stamp" has begun */
};

/* Verifies the token, its own chain judged at the time that it states, and that time not after now.
 * AD_EINTEGRITY. */
AD_MUST int ad_timestamp_verify(struct ad_arena *arena, const struct ad_timestamp_query *query,
	int64_t *ret_time, const char **ret_subject, struct ad_err *err);

#endif
