/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who is calling: verifies the token that a channel sends with each activity (protocol.md 1.2) with
 * keys that are kept fresh in the background (1.3). Fails closed: whatever is missing, unknown or
 * doubtful is refused. Turn workers call it, never the loop thread.
 */
#ifndef AD_IDENTITY_H
#define AD_IDENTITY_H

#include "ad/arena.h"
#include "ad/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define AD_IDENTITY_TOKEN_MAX ((size_t)16 << 10) /* bytes of an Authorization value */
#define AD_IDENTITY_KID_MAX 256                  /* bytes of a key id */
#define AD_IDENTITY_SKEW_S 300                   /* between the issuer's clock and ours */
#define AD_IDENTITY_RSA_BITS_MIN 2048
#define AD_IDENTITY_KEYS_ALARM_S (24 * 3600)
#define AD_IDENTITY_CHECKS_PER_S \
	5000 /* signatures of tokens not seen before: some 15 % of a core */

struct ad_identity;

/* Strings are copied. */
struct ad_identity_config {
	const char *app_id;          /* the only accepted audience */
	const char *issuer;          /* compared byte for byte */
	const char *metadata_url;    /* OpenID metadata; its jwks_uri must be on the same origin */
	const char *const *channels; /* accepted channel ids, each needing its endorsement */
	size_t channels_count;
	bool allow_http_loopback; /* dev.loopback */
	int keys_min_refresh_s;   /* between fetches caused by unknown key ids; 0: 60 */
	int checks_per_s; /* signatures of tokens not seen before; 0: AD_IDENTITY_CHECKS_PER_S */
	int64_t (*now_s)(void *ctx); /* Unix seconds, for tests; NULL: the wall clock */
	void *now_ctx;
};

/* Checks the config (AD_ECONFIG) and starts the thread that fetches the keys; does not wait for it.
 * After ad_net_init. */
AD_MUST int ad_identity_new(
	const struct ad_identity_config *config, struct ad_identity **ret, struct ad_err *err);
/* No call may be under way. NULL is allowed. */
void ad_identity_free(struct ad_identity *identity);

/* What a verified token says. Lives in the arena given to verify. */
struct ad_identity_claims {
	const char *serviceurl;
	const char *kid;
	const char *const *endorsements; /* of the signing key: channel ids */
	size_t endorsements_count;
	int64_t expires_s;
};

/* Verifies the value of an Authorization header (len bytes; NULL when the header is missing).
 * AD_EAUTH: refused, reason in err for the log and the counters only. AD_EUNAVAIL: there are no
 * keys to judge by; AD_EBUSY: too many new tokens (for both answer 503; err->retry_after_s). Waits
 * up to 5 s for the first keys, up to 2 s for an unknown key id. Any thread. */
AD_MUST int ad_identity_verify(struct ad_identity *identity, struct ad_arena *arena,
	const char *authorization, size_t len, struct ad_identity_claims *ret, struct ad_err *err);

/* Was this very value (len bytes; NULL is allowed) verified before, and is that still worth
 * something? Costs one hash, waits for nothing, and decides nothing: ad_identity_verify does. Any
 * thread, the loop's too. */
bool ad_identity_knows(struct ad_identity *identity, const char *authorization, size_t len);

/* May a token with these claims carry an activity with this service URL and channel? AD_EINVAL: the
 * activity has no service URL (400). AD_EAUTH: it is not the token's (401). AD_EDENIED: channel not
 * configured or not endorsed by the key (403). Service URLs are equal when they differ in one
 * trailing slash and in the case of scheme and host. Tenant, recipient and host list are the
 * caller's to check (ad_net_hosts_allow_url). Any thread. */
AD_MUST int ad_identity_authorize(const struct ad_identity *identity,
	const struct ad_identity_claims *claims, const char *service_url, const char *channel_id,
	struct ad_err *err);

struct ad_identity_status {
	bool keys_loaded;   /* tokens can be judged now */
	int64_t keys_age_s; /* since the last good fetch; alarm from one day on */
	size_t keys_count;
	unsigned fetches;       /* tries to fetch the keys */
	unsigned verifications; /* signatures checked: the others came from the cache */
	struct ad_err error;    /* of the last fetch; code 0 when it was good */
};

/* For readiness, metrics and the doctor. Any thread. */
void ad_identity_get_status(struct ad_identity *identity, struct ad_identity_status *ret);

#endif
