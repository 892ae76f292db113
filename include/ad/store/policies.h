/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Policies: versions that are written once and never changed, the one of each name that counts, and
 * the pairs of apps that exclude each other. Runs on the caller's connection, in its transaction
 * when one is open; results live in the arena. A worker thread of its own connection.
 */
#ifndef AD_STORE_POLICIES_H
#define AD_STORE_POLICIES_H

#include "ad/arena.h"
#include "ad/err.h"

#include <stddef.h>
#include <stdint.h>

struct ad_db;

struct ad_policy_row {
	const char *name;
	int version;
	int priority;
	const char *body;       /* JSON; docs/guides/policies.md */
	const char *changed_by; /* object id, or 'cli' */
	const char *changed_at; /* RFC 3339, UTC: since when it counts, or when it was written */
};

struct ad_policy_rows {
	const struct ad_policy_row *items;
	size_t count;
};

/* Holds the tenant's policies until the end of the transaction: nobody else changes them. */
AD_MUST int ad_store_policies_lock(
	struct ad_db *db, struct ad_arena *arena, const char *tenant_id, struct ad_err *err);

/* Those that count, by priority and name. One statement. */
AD_MUST int ad_store_policies_active(struct ad_db *db, struct ad_arena *arena,
	const char *tenant_id, struct ad_policy_rows *ret, struct ad_err *err);

/* One version, whether it counts or not. AD_ENOTFOUND. */
AD_MUST int ad_store_policy_get(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	const char *name, int version, struct ad_policy_row *ret, struct ad_err *err);

/* The next version of row->name, which counts from now on; its version is not looked at.
 * Hold the tenant's policies. */
AD_MUST int ad_store_policy_put(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	const struct ad_policy_row *row, int *ret_version, struct ad_err *err);

/* No version of the name counts any more; its rows stay. */
AD_MUST int ad_store_policy_retire(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	const char *name, struct ad_err *err);

/* ---- apps that exclude each other ---- */

struct ad_incompatibility {
	int64_t app_a; /* the smaller number */
	int64_t app_b;
	const char *winget_a;
	const char *winget_b;
	const char *reason; /* "" for none */
};

struct ad_incompatibilities {
	const struct ad_incompatibility *items;
	size_t count;
};

AD_MUST int ad_store_incompatibilities(struct ad_db *db, struct ad_arena *arena,
	const char *tenant_id, struct ad_incompatibilities *ret, struct ad_err *err);
/* The pair, whichever way it is named, with this reason. */
AD_MUST int ad_store_incompatibility_put(struct ad_db *db, struct ad_arena *arena,
	const char *tenant_id, const struct ad_incompatibility *pair, struct ad_err *err);
AD_MUST int ad_store_incompatibility_remove(struct ad_db *db, struct ad_arena *arena,
	const char *tenant_id, const struct ad_incompatibility *pair, struct ad_err *err);

#endif
