/* SPDX-License-Identifier: Apache-2.0 */
/* Claims that every token is judged by (RFC 7519 4.1), read from the payload. Pure. */
#ifndef AD_IDENTITY_CLAIMS_H
#define AD_IDENTITY_CLAIMS_H

#include "ad/json.h"

#include <stdbool.h>
#include <stdint.h>

#define AD_CLAIM_TIME_MAX 1e11 /* seconds; what lies behind is no time */

/* aud may be one audience or a list of them. */
bool ad_claims_are_for(const struct ad_json *payload, const char *audience);
/* A claim that may be missing, but not lie in the future, as far as clocks agree. */
bool ad_claims_are_past(const struct ad_json *payload, const char *name, int64_t now_s);
/* A time in seconds; -1 when there is none. */
int64_t ad_claims_time(const struct ad_json *payload, const char *name);
bool ad_claims_have_expired(int64_t expires_s, int64_t now_s);

#endif
