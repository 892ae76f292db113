/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Credentials: how one kind of proof becomes an access token. A file for each kind, all behind this
 * header; which one is used is decided once, when a source is made. Private to identity.
 */
#ifndef AD_IDENTITY_CREDENTIAL_H
#define AD_IDENTITY_CREDENTIAL_H

#include "ad/identity/token.h"
#include "ad/json.h"
#include "ad/net.h"

/* What an acquisition may use. On the source's fetching thread. */
struct ad_acquire {
	struct ad_net_client *client;
	struct ad_arena *arena; /* of this acquisition */
	int64_t now_s;
	/* Waits before another try; false when the thread has to end. */
	bool (*pause)(void *ctx, int64_t ms);
	void *pause_ctx;
};

struct ad_grant {
	const char *token; /* in the acquisition's arena */
	int64_t life_s;    /* from acquire's now_s on */
	int64_t renew_s;   /* after so long; 0: as usual */
};

struct ad_credential {
	const struct ad_token_config *config; /* of the source; outlives the credential */
	void *state;                          /* of the kind alone */
};

struct ad_credential_ops {
	/* Checks what the kind needs of the config and reads it. AD_ECONFIG names what is wrong. */
	int (*open)(struct ad_credential *credential, struct ad_err *err);
	/* One access token, errors as of ad_token_get. */
	int (*acquire)(struct ad_credential *credential, const struct ad_acquire *acquire,
		struct ad_grant *ret, struct ad_err *err);
	/* Reads changed files; NULL: it has none. Any thread but the loop's. */
	void (*reload)(struct ad_credential *credential);
	/* Adds what the watch wants to know; NULL: nothing. Any thread. */
	void (*look)(
		struct ad_credential *credential, int64_t now_s, struct ad_token_status *status);
	/* Also after an open that failed. */
	void (*close)(struct ad_credential *credential);
};

extern const struct ad_credential_ops ad_credential_secret;
extern const struct ad_credential_ops ad_credential_certificate;
extern const struct ad_credential_ops ad_credential_managed;
extern const struct ad_credential_ops ad_credential_federated;

/* ---- The token endpoint, for those kinds that go there ---- */

/* Posts the form of the client-credentials grant with proof, which is more form fields
 * ("client_secret=..."), and reads the answer. The proof is the caller's to wipe. */
AD_MUST int ad_endpoint_grant(const struct ad_token_config *config,
	const struct ad_acquire *acquire, const char *proof, struct ad_grant *ret,
	struct ad_err *err);

/* The proof that an assertion (RFC 7523) is. */
char *ad_endpoint_assertion(struct ad_arena *arena, const char *assertion);

/* ---- The machine's identity ---- */

/* A token of the managed identity for the resource (without "/.default"). */
AD_MUST int ad_managed_grant(const struct ad_token_config *config, const struct ad_acquire *acquire,
	const char *resource, struct ad_grant *ret, struct ad_err *err);
/* Checks what ad_managed_grant needs of the config. AD_ECONFIG. */
AD_MUST int ad_managed_check(const struct ad_token_config *config, struct ad_err *err);

/* ---- Both ---- */

#define AD_TOKEN_LIFE_MAX_S (7 * 24 * 3600)

/* The short word that an answer's "error" is by RFC 6749; anything else is not repeated. Never
 * NULL. */
const char *ad_token_error_word(const struct ad_json *body);

/* Whether text can be sent as a token: plain, not empty, of a sane length. */
bool ad_token_is_plain(const char *text);

#endif
