/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Apps that people miss, and who waits to hear of them. Runs on the caller's connection, in its
 * transaction when one is open; results live in the arena. A worker thread of its own connection.
 */
#ifndef AD_STORE_SUGGESTIONS_H
#define AD_STORE_SUGGESTIONS_H

#include "ad/arena.h"
#include "ad/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ad_db;

/* Columns suggestions.state and suggestions.found. */
#define AD_SUGGESTION_OPEN "open"
#define AD_SUGGESTION_PUBLISHED "published"
#define AD_SUGGESTION_HIDDEN "hidden"
#define AD_SUGGESTION_REJECTED "rejected"
#define AD_SUGGESTION_FOUND "found"
#define AD_SUGGESTION_UNKNOWN "unknown"         /* WinGet has no such package */
#define AD_SUGGESTION_UNAVAILABLE "unavailable" /* WinGet could not be asked */

struct ad_suggestion {
	int64_t id;
	const char *wanted;     /* as the first one put it */
	const char *found;      /* "": nobody has looked yet */
	const char *package_id; /* "" when WinGet has none, or nobody has looked yet */
	const char *facts;      /* JSON: what the manifest says */
	const char *state;
	int version;
	int64_t job_id; /* that tells the admins */
	int64_t app_id; /* what it became; 0: nothing */
	const char *created_at;
	const char *decided_by; /* "" while it is open */
	const char *decided_by_name;
	const char *reason;  /* of a rejection; "" otherwise */
	const char *by_name; /* who was the first */
	int64_t others;      /* how many have joined */
};

/* The open one for the same text, whatever its case, or a new one; held until the transaction ends.
 */
AD_MUST int ad_store_suggestion_put(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	const char *wanted, int64_t *ret_id, bool *ret_new, struct ad_err *err);
/* *ret_new false: the person waits for it already. */
AD_MUST int ad_store_suggestion_join(struct ad_db *db, struct ad_arena *arena, int64_t id,
	const char *oid, bool *ret_new, struct ad_err *err);
/* How many open ones this person waits for. */
AD_MUST int ad_store_suggestions_count(struct ad_db *db, struct ad_arena *arena,
	const char *tenant_id, const char *oid, int64_t *ret, struct ad_err *err);
/* Which job tells the admins. */
AD_MUST int ad_store_suggestion_told_by(struct ad_db *db, struct ad_arena *arena,
	const char *tenant_id, int64_t id, int64_t job_id, struct ad_err *err);

/* One of the tenant, locked until the transaction ends, or only read. AD_ENOTFOUND. */
AD_MUST int ad_store_suggestion_lock(struct ad_db *db, struct ad_arena *arena,
	const char *tenant_id, int64_t id, struct ad_suggestion *ret, struct ad_err *err);
AD_MUST int ad_store_suggestion_get(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	int64_t id, struct ad_suggestion *ret, struct ad_err *err);
/* The one that a job tells of. AD_ENOTFOUND. */
AD_MUST int ad_store_suggestion_of_job(struct ad_db *db, struct ad_arena *arena,
	const char *tenant_id, int64_t job_id, int64_t *ret_id, struct ad_err *err);
/* Numbers of the open ones, oldest first. */
AD_MUST int ad_store_suggestions_open(struct ad_db *db, struct ad_arena *arena,
	const char *tenant_id, int limit, int64_t **ret, size_t *ret_count, struct ad_err *err);
/* Object ids of all who wait to hear of it, the first one first. */
AD_MUST int ad_store_suggestion_people(struct ad_db *db, struct ad_arena *arena, int64_t id,
	const char *const **ret, size_t *ret_count, struct ad_err *err);

/* Three changes that its cards show; lock it first. One more has joined. */
AD_MUST int ad_store_suggestion_touch(struct ad_db *db, struct ad_arena *arena,
	const char *tenant_id, int64_t id, struct ad_err *err);
/* What WinGet says: found, package_id, facts. */
AD_MUST int ad_store_suggestion_looked(struct ad_db *db, struct ad_arena *arena,
	const char *tenant_id, const struct ad_suggestion *suggestion, struct ad_err *err);
/* How it ended: state, decided_by, reason, app_id, package_id. */
AD_MUST int ad_store_suggestion_close(struct ad_db *db, struct ad_arena *arena,
	const char *tenant_id, const struct ad_suggestion *suggestion, struct ad_err *err);

#endif
