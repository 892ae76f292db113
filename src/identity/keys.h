/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The cache of the issuer's keys (protocol.md 1.3): fetched in the background, kept when a refresh
 * fails, refreshed for an unknown key id, but not more often than configured. That interval is also
 * the negative cache: within it, an unknown key id is refused at once.
 */
#ifndef AD_IDENTITY_KEYS_H
#define AD_IDENTITY_KEYS_H

#include "ad/identity.h"
#include "key_set.h"

#define AD_KEYS_REFRESH_MS (12 * 3600 * 1000) /* and down to half of it, by chance */
#define AD_KEYS_AGE_MAX_S (72 * 3600)         /* older keys are not believed any more */
#define AD_KEYS_WAIT_COLD_MS 5000             /* for the first keys */
#define AD_KEYS_WAIT_WARM_MS 2000             /* for a key id that is not known yet */
#define AD_KEYS_WAITERS_MAX 4 /* workers that unknown key ids may hold up while others go on */

struct ad_keys;

/* Reads of config: metadata_url, allow_http_loopback, keys_min_refresh_s and the clock. */
AD_MUST int ad_keys_new(
	const struct ad_identity_config *config, struct ad_keys **ret, struct ad_err *err);
void ad_keys_free(struct ad_keys *keys); /* NULL is allowed */

/* The key of this id; it lives as long as ret_set, which the caller unrefs. AD_EAUTH: there is no
 * such key. AD_EUNAVAIL: nobody can say now. */
AD_MUST int ad_keys_find(struct ad_keys *keys, const char *kid, struct ad_key_set **ret_set,
	const struct ad_key **ret, struct ad_err *err);
/* The same without ever waiting or fetching: NULL when the key is not at hand. */
const struct ad_key *ad_keys_peek(
	struct ad_keys *keys, const char *kid, struct ad_key_set **ret_set);

/* All but verifications. */
void ad_keys_status(struct ad_keys *keys, struct ad_identity_status *ret);

#endif
