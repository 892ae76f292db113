/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Has this person just signed in? Judges the access token that a person's client, or the user-token
 * service, brings for the organisation's own application (product G1). The token is read and
 * forgotten: nothing here keeps, caches or names it. Keys are the tenant's, kept as those of the
 * channel are. Turn workers call it, never the loop thread.
 */
#ifndef AD_IDENTITY_SIGNIN_H
#define AD_IDENTITY_SIGNIN_H

#include "ad/arena.h"
#include "ad/err.h"

#include <stdbool.h>
#include <stdint.h>

#define AD_SIGNIN_CONTEXTS_MAX 16 /* of one token that are read */
#define AD_SIGNIN_CONTEXT_LEN_MAX 32

struct ad_signin;

/* Strings are copied. */
struct ad_signin_config {
	const char *tenant_id;       /* claim tid */
	const char *issuer;          /* compared byte for byte */
	const char *metadata_url;    /* OpenID metadata; its jwks_uri must be on the same origin */
	const char *audience;        /* the application that the token must be for */
	bool allow_http_loopback;    /* dev.loopback */
	int keys_min_refresh_s;      /* between fetches caused by unknown key ids; 0: 60 */
	int64_t (*now_s)(void *ctx); /* Unix seconds, for tests; NULL: the wall clock */
	void *now_ctx;
};

/* Checks the config (AD_ECONFIG) and starts the thread that fetches the keys. After ad_net_init. */
AD_MUST int ad_signin_new(
	const struct ad_signin_config *config, struct ad_signin **ret, struct ad_err *err);
/* No call may be under way. NULL is allowed. */
void ad_signin_free(struct ad_signin *signin);

/* What a token has to prove. */
struct ad_signin_wish {
	const char *oid;     /* whose sign-in */
	int64_t max_age_s;   /* since the person has authenticated (claim auth_time) */
	const char *context; /* authentication context that acrs must hold; "": any */
};

enum ad_signin_verdict {
	AD_SIGNIN_FRESH = 0,
	AD_SIGNIN_INVALID,  /* no token of this tenant: form, issuer, tenant, signature, times */
	AD_SIGNIN_AUDIENCE, /* for another application */
	AD_SIGNIN_EXPIRED,
	AD_SIGNIN_PERSON,  /* somebody else's */
	AD_SIGNIN_STALE,   /* auth_time lies too far back, or is not told */
	AD_SIGNIN_CONTEXT, /* acrs lacks the wanted context */
};
/* Stable lower-case name: "fresh", "stale", ... */
const char *ad_signin_verdict_name(enum ad_signin_verdict verdict);

struct ad_signin_proof {
	int64_t at_s;         /* auth_time, Unix seconds */
	const char *contexts; /* acrs with blanks between them; "" when there are none */
};

/* *ret is written for AD_SIGNIN_FRESH alone. AD_EUNAVAIL: there are no keys to judge by. Any
 * thread. */
AD_MUST int ad_signin_verify(struct ad_signin *signin, struct ad_arena *arena, const char *token,
	const struct ad_signin_wish *wish, enum ad_signin_verdict *ret_verdict,
	struct ad_signin_proof *ret, struct ad_err *err);

#endif
