/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The brake on what follows from the directory's news (table directory_brakes). Inside the caller's
 * transaction; results live in the arena. A worker thread of its own connection.
 */
#ifndef AD_STORE_BRAKES_H
#define AD_STORE_BRAKES_H

#include "ad/arena.h"
#include "ad/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ad_db;

struct ad_brake_count {
	int64_t leavers;
	int64_t movers;
	int64_t known; /* people whose accounts are open, as far as was acted upon */
};

struct ad_brake {
	int64_t id;
	struct ad_brake_count told; /* to the admins, last */
	const char *state;          /* "open", "released", "mended" */
	int64_t told_age_s;
	const char *decided_by; /* a name; "" */
};

/* Whose news would be followed next. */
AD_MUST int ad_store_brake_pending(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	struct ad_brake_count *ret, struct ad_err *err);
/* Some of their names, leavers first. */
AD_MUST int ad_store_brake_names(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	size_t limit, const char *const **ret, size_t *ret_count, struct ad_err *err);

/* Locked; id 0: the open one. AD_ENOTFOUND. */
AD_MUST int ad_store_brake_lock(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	int64_t id, struct ad_brake *ret, struct ad_err *err);
AD_MUST int ad_store_brake_open(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	const struct ad_brake_count *told, int64_t *ret_id, struct ad_err *err);
/* The admins are told other numbers now. */
AD_MUST int ad_store_brake_told(struct ad_db *db, struct ad_arena *arena, int64_t id,
	const struct ad_brake_count *told, struct ad_err *err);
/* by: object id, or "system". */
AD_MUST int ad_store_brake_close(struct ad_db *db, struct ad_arena *arena, int64_t id,
	const char *state, const char *by, struct ad_err *err);

#endif
