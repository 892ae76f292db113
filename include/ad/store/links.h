/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One-time links in mails: 256 random bits in base64url, of which the row holds the SHA-256. The
 * row says for whom, about which request, at which stage and version, and which way the link
 * decides; nothing of that comes from outside. A link is no button: neither opens the other's row.
 * On the caller's connection and transaction.
 */
#ifndef AD_STORE_LINKS_H
#define AD_STORE_LINKS_H

#include "ad/arena.h"
#include "ad/domain.h"
#include "ad/err.h"

#include <stdbool.h>
#include <stdint.h>

struct ad_db;

#define AD_LINK_BYTES 32u
#define AD_LINK_TEXT_LEN 43u /* base64url without padding */
#define AD_LINK_DAYS 7       /* lifetime; afterwards Teams still works */

struct ad_link {
	const char *tenant_id;
	const char *oid; /* the only person who decides with it */
	int64_t request_id;
	int stage;
	enum ad_decision decision;
	int version; /* of the request that the mail showed */
	/* Read only. */
	const char *name; /* of the person */
	const char *mail;
	const char *locale;
	bool expired;
	bool used;
};

/* Whether a text could be a link: its length and its letters. Any thread. */
bool ad_store_link_is_text(const char *text);

/* A new link for the mail being made; its text in ret_text. */
AD_MUST int ad_store_link_new(struct ad_db *db, struct ad_arena *arena, const struct ad_link *link,
	const char **ret_text, struct ad_err *err);

/* The row behind a link. AD_ENOTFOUND for anything that is none, in any shape. lock: until the
 * transaction ends. */
AD_MUST int ad_store_link_get(struct ad_db *db, struct ad_arena *arena, const char *text,
	struct ad_link *ret, struct ad_err *err);
AD_MUST int ad_store_link_lock(struct ad_db *db, struct ad_arena *arena, const char *text,
	struct ad_link *ret, struct ad_err *err);

/* The link has decided. */
AD_MUST int ad_store_link_used(
	struct ad_db *db, struct ad_arena *arena, const char *text, struct ad_err *err);
/* The link has nothing left to decide: expired from now on. */
AD_MUST int ad_store_link_expire(
	struct ad_db *db, struct ad_arena *arena, const char *text, struct ad_err *err);

/* What a log line may hold of a link: the first bytes of the stored hash. */
const char *ad_store_link_digest(struct ad_arena *arena, const char *text);

#endif
