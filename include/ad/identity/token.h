/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who we are: access tokens for ourselves, by one of several credentials (protocol.md 2). A source
 * keeps one token, renews it in the background before it runs out, and shares one request between
 * all threads that wait. One source for the connector, another for Graph.
 */
#ifndef AD_IDENTITY_TOKEN_H
#define AD_IDENTITY_TOKEN_H

#include "ad/arena.h"
#include "ad/err.h"

#include <stdbool.h>
#include <stdint.h>

#define AD_TOKEN_WAIT_MS 10000 /* what jobs wait for a first token at most */

struct ad_token_source;

enum ad_credential_kind {
	AD_CREDENTIAL_SECRET = 0,       /* a client secret */
	AD_CREDENTIAL_CERTIFICATE,      /* an assertion that a certificate's key has signed */
	AD_CREDENTIAL_MANAGED_IDENTITY, /* what the machine says that it is */
	AD_CREDENTIAL_FEDERATED, /* an assertion that somebody whom the directory trusts has made */
};

/* Where the machine's identity is asked for (protocol.md 2.3). */
struct ad_managed_identity {
	const char *client_id; /* of a user-assigned identity; NULL: the system-assigned one */
	/* App Service, Functions, Container Apps: IDENTITY_ENDPOINT and IDENTITY_HEADER. NULL: the
	 * metadata service of a virtual machine (IMDS). */
	const char *endpoint;
	const char *header;
	const char *authority; /* of IMDS in place of http://169.254.169.254; NULL: that one */
};

/* Strings are copied; the secret is wiped when the source is freed. */
struct ad_token_config {
	const char *name; /* for errors, the configuration's section: "bot", "graph" */
	const char *token_url;
	const char *client_id;
	const char *scope;
	enum ad_credential_kind credential;
	/* AD_CREDENTIAL_SECRET */
	const char *secret;
	/* Asked before each fetch for the secret as it is now, so that a rotated one needs no
	 * restart; when it cannot tell, the last one is used. NULL: secret stays. On the fetching
	 * thread. */
	int (*renew)(void *ctx, struct ad_arena *arena, const char **ret, struct ad_err *err);
	void *renew_ctx;
	/* AD_CREDENTIAL_CERTIFICATE: PEM files; the key's may be NULL when it is in the first one.
	 * Read again when they have changed. */
	const char *certificate;
	const char *certificate_key;
	/* AD_CREDENTIAL_MANAGED_IDENTITY: token_url and client_id are not asked.
	 * AD_CREDENTIAL_FEDERATED without a file: the identity whose token is the assertion. */
	struct ad_managed_identity managed;
	/* AD_CREDENTIAL_FEDERATED: the file of the assertion, read for each request; NULL: it is a
	 * token of the managed identity for exchange_resource. */
	const char *federated_token_file;
	const char *exchange_resource;
	bool allow_http_loopback;
	int64_t (*now_s)(void *ctx); /* Unix seconds, for tests; NULL: the wall clock */
	void *now_ctx;
};

/* AD_ECONFIG when something is missing or cannot be read. Nothing is fetched before the first use.
 */
AD_MUST int ad_token_source_new(
	const struct ad_token_config *config, struct ad_token_source **ret, struct ad_err *err);
/* No call may be under way. NULL is allowed. */
void ad_token_source_free(struct ad_token_source *source);

/* The access token (without "Bearer "), copied into the arena. When there is no valid one, waits up
 * to wait_ms for it; 0 only starts the fetch and gives AD_EBUSY: for the sender's loop, which comes
 * again. Errors carry OAuth's "error" and the AADSTS codes, with a word of what to do about those
 * that people meet, never the secret or a body: AD_ECONFIG (the credential is refused),
 * AD_EUNAVAIL, AD_ETHROTTLED, AD_ETIMEOUT. Any thread. */
AD_MUST int ad_token_get(struct ad_token_source *source, struct ad_arena *arena, int wait_ms,
	char **ret, struct ad_err *err);

/* The peer refused this token with 401: forget it, unless a newer one is there already. The caller
 * then gets another one and tries ONCE more. Any thread. */
void ad_token_drop(struct ad_token_source *source, const char *token);

struct ad_token_status {
	bool valid;             /* there is a token that may be used now */
	int64_t expires_s;      /* of the token, Unix seconds; 0: there is none */
	unsigned fetches;       /* tries to get one */
	struct ad_err error;    /* of the last of them; code 0 when it was good */
	int64_t certificate_s;  /* until our certificate ends, negative: it has; 0: none */
	bool certificate_early; /* it is not valid yet */
	unsigned certificates;  /* that were in use since the start */
	struct ad_err
		unreadable; /* why the certificate's new files are not used; code 0: they are */
};

/* For the watch and the metrics. Any thread. */
void ad_token_get_status(struct ad_token_source *source, struct ad_token_status *ret);

/* Looks whether the certificate's files have changed and reads them if so; before each fetch it is
 * done anyway. Not the loop's thread. */
void ad_token_look_at_files(struct ad_token_source *source);

#endif
