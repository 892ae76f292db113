/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Apps that one person may not have side by side. On the caller's connection and transaction;
 * results live in the arena. A worker thread of its own connection.
 */
#ifndef AD_STORE_DUTIES_H
#define AD_STORE_DUTIES_H

#include "ad/arena.h"
#include "ad/err.h"

#include <stddef.h>
#include <stdint.h>

struct ad_db;

struct ad_duty_key {
	const char *tenant_id;
	const char *oid;
	int64_t app_id;
};

struct ad_duty_pair {
	int64_t app_a;
	int64_t app_b;
	int64_t held_app; /* the other app, when the person has it or will get it; 0: not */
	const char *reason;
};

struct ad_duty_pairs {
	const struct ad_duty_pair *items;
	size_t count;
};

/* The pairs that the app is part of. An app is held by an active grant, or by a request that is
 * approved and not delivered yet. */
AD_MUST int ad_store_duty_pairs(struct ad_db *db, struct ad_arena *arena,
	const struct ad_duty_key *key, struct ad_duty_pairs *ret, struct ad_err *err);

#endif
