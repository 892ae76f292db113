/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Action tokens: what a card's button carries. 128 random bits in base64url; the row holds only
 * their SHA-256, bound to person, purpose and the thing shown. The first use is answered and
 * remembered; a repeated press gets the same answer. On the caller's connection and transaction.
 */
#ifndef AD_STORE_TOKENS_H
#define AD_STORE_TOKENS_H

#include "ad/arena.h"
#include "ad/err.h"

#include <stdbool.h>
#include <stdint.h>

struct ad_db;

#define AD_TOKEN_BYTES 16u
#define AD_TOKEN_TEXT_LEN 22u /* base64url without padding */
#define AD_TOKEN_DAYS 30      /* lifetime; afterwards the typed twin still works */

struct ad_token {
	const char *tenant_id;
	const char *oid;     /* the only person who may press it */
	const char *purpose; /* 'submit', 'decide', 'cancel', 'retry' */
	int64_t request_id;  /* 0: none */
	int64_t app_id;      /* 0: none */
	int64_t job_id;      /* 0: none */
	int version;         /* of the request that the card showed */
	bool expired;        /* read only */
	bool used;           /* read only */
	const char *answer;  /* read only: of the first use */
};

/* A new token for the card being made; its text in ret_text. The row leaves with the next
 * statement. */
AD_MUST int ad_store_token_new(struct ad_db *db, struct ad_arena *arena,
	const struct ad_token *token, const char **ret_text, struct ad_err *err);

/* The row behind a pressed token, locked until the transaction ends. AD_ENOTFOUND for anything that
 * is no token of this tenant and person, in any shape. */
AD_MUST int ad_store_token_lock(struct ad_db *db, struct ad_arena *arena,
	const struct ad_token *key, /* tenant_id, oid, purpose */
	const char *text, struct ad_token *ret, struct ad_err *err);

/* Remembers the first use's answer, with the next statement. */
AD_MUST int ad_store_token_used(struct ad_db *db, struct ad_arena *arena, const char *text,
	const char *answer, struct ad_err *err);

#endif
