/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Conversation references, one per person (or AD_CONV_CHANNEL) and bot. The reference's JSON is
 * sealed with AES-256-GCM, bound to its tenant, person and bot, so that a row cannot be moved to
 * another person. Rows whose key is none of ours read as AD_ENOTFOUND. Functions work in the
 * caller's transaction, or in one of their own when there is none.
 */
#ifndef AD_STORE_CONVS_H
#define AD_STORE_CONVS_H

#include "ad/arena.h"
#include "ad/err.h"
#include "ad/store/later.h"
#include "ad/store/seal.h"

#include <stdbool.h>

struct ad_db;

/* last_error of a reference whose person has taken the app away. */
#define AD_CONV_REMOVED_BY_PERSON "the app was removed"

/* In the place of a person's object id: this and the id of a channel or group chat, which is
 * written to as a person is. */
#define AD_CONV_CHANNEL "channel:"
bool ad_conv_is_channel(const char *oid);

enum ad_conv_state {
	AD_CONV_ACTIVE = 0,
	AD_CONV_BLOCKED, /* by the person */
	AD_CONV_REMOVED, /* app not installed (any more) */
	AD_CONV_STALE    /* conversation gone: create it anew */
};

struct ad_store_conv {
	const char *tenant_id;
	const char *oid;
	const char *app_id;
	const char *conversation_id; /* without ;messageid= */
	const char *reference;       /* JSON text of teams' reference, in clear */
	enum ad_conv_state state;    /* read only; put makes it active */
	const char *last_error;      /* read only */
};

/* Inserts or replaces the reference and makes it active; does nothing when the conversation is
 * another person's. In a transaction it leaves with the next statement. Only from a verified
 * activity, after the host list agreed to its service URL.
 */
AD_MUST int ad_store_conv_put(struct ad_db *db, struct ad_arena *arena,
	const struct ad_store_conv_key *key, const struct ad_store_conv *conv, struct ad_err *err);

/* The same for a person who was just heard of, in two steps: what is known is read with the next
 * statement; then it is written unless it is what is known, of which the time is renewed once an
 * hour. *ret_owed: notices did not reach them meanwhile (ad/store/ledger.h). */
AD_MUST int ad_store_conv_seen_later(struct ad_db *db, struct ad_arena *arena,
	const struct ad_store_conv_key *key, const struct ad_store_conv *conv,
	struct ad_store_later *later, struct ad_err *err);
AD_MUST int ad_store_conv_seen(struct ad_db *db, struct ad_arena *arena,
	const struct ad_store_conv_key *key, const struct ad_store_conv *conv,
	const struct ad_store_later *later, bool *ret_owed, struct ad_err *err);

/* AD_ENOTFOUND: this person never spoke to this bot (or with another key). AD_EINTEGRITY: the row
 * was tampered with. */
AD_MUST int ad_store_conv_get(struct ad_db *db, struct ad_arena *arena,
	const struct ad_store_conv_key *key, const struct ad_store_conv *who,
	struct ad_store_conv *ret, struct ad_err *err);

/* The newest active reference of the tenant, whoever's: for its service URL. AD_ENOTFOUND. */
AD_MUST int ad_store_conv_any(struct ad_db *db, struct ad_arena *arena,
	const struct ad_store_conv_key *key, const char *tenant_id, const char *app_id,
	struct ad_store_conv *ret, struct ad_err *err);

/* who->tenant_id, oid, app_id, state and last_error are used. No row: nothing happens. */
AD_MUST int ad_store_conv_mark(struct ad_db *db, struct ad_arena *arena,
	const struct ad_store_conv *who, struct ad_err *err);

/* What a reference is bound to. */
struct ad_bytes ad_store_conv_context(struct ad_arena *arena, const struct ad_store_conv *who);

/* Opens a sealed reference of the row that who names. */
AD_MUST int ad_store_conv_open(struct ad_arena *arena, const struct ad_store_conv_key *key,
	const struct ad_store_conv *who, struct ad_bytes sealed, const char **ret_reference,
	struct ad_err *err);

/* The words of the state column; an unknown word is stale. */
const char *ad_conv_state_name(enum ad_conv_state state);
enum ad_conv_state ad_conv_state_of(const char *name);

#endif
