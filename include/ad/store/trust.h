/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Trust rules of apps. On the caller's connection, in its transaction when one is open; results
 * live in the arena. A worker thread of its own connection.
 */
#ifndef AD_STORE_TRUST_H
#define AD_STORE_TRUST_H

#include "ad/arena.h"
#include "ad/domain/trust.h"
#include "ad/err.h"
#include "ad/json.h"

#include <stdint.h>

struct ad_db;

struct ad_trust_row {
	struct ad_trust rule;
	bool has_found; /* an installer that is not within it waits for an admin */
	struct ad_trust found;
};

/* As evidence and rows have it: {"hosts": [...], "signer": "...", "issuer": "..."}. */
struct ad_json *ad_trust_json(struct ad_arena *arena, const struct ad_trust *trust);
struct ad_trust ad_trust_of_json(struct ad_arena *arena, const struct ad_json *json);

/* The rule of an app; all empty when there is none. */
AD_MUST int ad_store_trust_get(struct ad_db *db, struct ad_arena *arena, int64_t app_id,
	struct ad_trust_row *ret, struct ad_err *err);
/* What the rule does not know yet is what was found. *ret_learnt: there was something. */
AD_MUST int ad_store_trust_learn(struct ad_db *db, struct ad_arena *arena, int64_t app_id,
	const struct ad_trust *found, bool *ret_learnt, struct ad_err *err);
/* This waits for an admin. */
AD_MUST int ad_store_trust_found(struct ad_db *db, struct ad_arena *arena, int64_t app_id,
	const struct ad_trust *found, struct ad_err *err);
/* What waits is expected from now on. AD_ENOTFOUND when nothing does. */
AD_MUST int ad_store_trust_accept(struct ad_db *db, struct ad_arena *arena, int64_t app_id,
	const char *by, struct ad_err *err);
/* The rule, whole. */
AD_MUST int ad_store_trust_set(struct ad_db *db, struct ad_arena *arena, int64_t app_id,
	const struct ad_trust *rule, const char *by, struct ad_err *err);

#endif
