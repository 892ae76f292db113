/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tokens that were verified, by the SHA-256 of their exact bytes, so that the signature is paid for
 * once. Forged tokens never get in, so they cannot push good ones out. Bounded; any thread.
 */
#ifndef AD_IDENTITY_TOKEN_CACHE_H
#define AD_IDENTITY_TOKEN_CACHE_H

#include "ad/arena.h"
#include "ad/crypto.h"

#include <stdbool.h>

#define AD_TOKEN_CACHE_SETS 256u
#define AD_TOKEN_CACHE_WAYS 4u /* places for tokens whose hashes begin alike */

struct ad_token_cache;

/* What a verified token said. */
struct ad_verified {
	const char *kid;
	const char *serviceurl;
	int64_t expires_s;
	uint8_t key_digest[AD_SHA256_LEN]; /* of the key that has verified it */
};

struct ad_token_cache *ad_token_cache_new(void);
void ad_token_cache_free(struct ad_token_cache *cache); /* NULL is allowed */

/* Strings are copied into the arena. */
bool ad_token_cache_get(struct ad_token_cache *cache, const uint8_t digest[AD_SHA256_LEN],
	struct ad_arena *arena, struct ad_verified *ret);
/* Takes the place of the one in its set that was used longest ago. Strings are copied. */
void ad_token_cache_put(struct ad_token_cache *cache, const uint8_t digest[AD_SHA256_LEN],
	const struct ad_verified *verified);

#endif
