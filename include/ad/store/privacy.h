/* SPDX-License-Identifier: Apache-2.0 */
/* People who want their data deleted: one open row each. On the caller's connection and
 * transaction; results live in the arena. One thread per connection. */
#ifndef AD_STORE_PRIVACY_H
#define AD_STORE_PRIVACY_H

#include "ad/arena.h"
#include "ad/err.h"

#include <stdbool.h>
#include <stdint.h>

struct ad_db;

struct ad_privacy {
	int64_t id; /* the number that people see */
	const char *oid;
	const char *name; /* "" when not known */
	bool is_done;
	int version;
	int64_t job_id;         /* that tells those who deal with it */
	const char *created_at; /* RFC 3339, UTC */
	const char *done_by;    /* "" while it is open */
	const char *done_by_name;
	const char *note;
};

/* The person's open one, made when there is none; its row is held then. */
AD_MUST int ad_store_privacy_open(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	const char *oid, int64_t *ret_id, bool *ret_new, struct ad_err *err);
AD_MUST int ad_store_privacy_told_by(struct ad_db *db, struct ad_arena *arena,
	const char *tenant_id, int64_t id, int64_t job_id, struct ad_err *err);
/* AD_ENOTFOUND. */
AD_MUST int ad_store_privacy_get(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	int64_t id, struct ad_privacy *ret, struct ad_err *err);
/* The same, with its row held until the transaction ends. */
AD_MUST int ad_store_privacy_lock(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	int64_t id, struct ad_privacy *ret, struct ad_err *err);
/* AD_ENOTFOUND. */
AD_MUST int ad_store_privacy_of_job(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	int64_t job_id, int64_t *ret_id, struct ad_err *err);
AD_MUST int ad_store_privacy_close(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	const struct ad_privacy *privacy, struct ad_err *err);

/* Deletes what the person has wished to be told and how, and what is remembered of their groups. */
AD_MUST int ad_store_privacy_forget(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	const char *oid, struct ad_err *err);

#endif
