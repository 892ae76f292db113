/* SPDX-License-Identifier: Apache-2.0 */
/* Access tokens for AppDesk's own calls: given by the token endpoint and the managed identity,
 * judged by every surface that wants one. */
#ifndef DT_TOKENS_H
#define DT_TOKENS_H

#include "http.h"

/* A new access token for the audience, in the arena; lives token_lifetime_s. */
char *dt_token_new(struct dt_tenant *tenant, struct ad_arena *arena, const char *audience);

/* "none", "ok" or "bad" for the request's Authorization header. */
const char *dt_token_judge(const struct dt_request *req, const char *audience);

/* 0 when the token is one of ours, for this audience, and still good. */
AD_MUST int dt_token_verify(
	struct dt_tenant *tenant, struct ad_arena *arena, const char *token, const char *audience);

/* Every token given so far is bad from now on. */
void dt_token_revoke_all(struct dt_tenant *tenant);

#endif
