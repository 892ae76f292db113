/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who we are: access tokens by the client-credentials grant (protocol.md 2.1, 2.5). A source keeps
 * one token, renews it in the background before it runs out, and shares one request between all
 * threads that wait. One source for the connector, another for Graph.
 */
#ifndef AD_IDENTITY_TOKEN_H
#define AD_IDENTITY_TOKEN_H

#include "ad/arena.h"
#include "ad/err.h"

#include <stdbool.h>
#include <stdint.h>

#define AD_TOKEN_WAIT_MS 10000 /* what jobs wait for a first token at most */

struct ad_token_source;

/* Strings are copied; the secret is wiped when the source is freed. */
struct ad_token_config {
	const char *name; /* for errors: "bot", "graph" */
	const char *token_url;
	const char *client_id;
	const char *secret;
	const char *scope;
	/* Asked before each fetch for the secret as it is now, so that a rotated one needs no
	 * restart; when it cannot tell, the last one is used. NULL: secret stays. On the fetching
	 * thread. */
	int (*renew)(void *ctx, struct ad_arena *arena, const char **ret, struct ad_err *err);
	void *renew_ctx;
	bool allow_http_loopback;
	int64_t (*now_s)(void *ctx); /* Unix seconds, for tests; NULL: the wall clock */
	void *now_ctx;
};

/* AD_ECONFIG when something is missing. Nothing is fetched before the first use. */
AD_MUST int ad_token_source_new(
	const struct ad_token_config *config, struct ad_token_source **ret, struct ad_err *err);
/* No call may be under way. NULL is allowed. */
void ad_token_source_free(struct ad_token_source *source);

/* The access token (without "Bearer "), copied into the arena. When there is no valid one, waits up
 * to wait_ms for it; 0 only starts the fetch and gives AD_EBUSY: for the sender's loop, which comes
 * again. Errors carry OAuth's "error" and the AADSTS codes, never the secret or a body: AD_ECONFIG
 * (the credential is refused), AD_EUNAVAIL, AD_ETHROTTLED, AD_ETIMEOUT. Any thread. */
AD_MUST int ad_token_get(struct ad_token_source *source, struct ad_arena *arena, int wait_ms,
	char **ret, struct ad_err *err);

/* The peer refused this token with 401: forget it, unless a newer one is there already. The caller
 * then gets another one and tries ONCE more. Any thread. */
void ad_token_drop(struct ad_token_source *source, const char *token);

/* Replaces the secret (rotation); the token in use stays until it runs out. Any thread. */
void ad_token_set_secret(struct ad_token_source *source, const char *secret);

#endif
