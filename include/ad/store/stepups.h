/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decisions that wait until who makes them has signed in again. The row holds what is decided then,
 * and never a token. On the caller's connection, in its transaction when one is open. A worker
 * thread of its own connection.
 */
#ifndef AD_STORE_STEPUPS_H
#define AD_STORE_STEPUPS_H

#include "ad/arena.h"
#include "ad/err.h"

#include <stdbool.h>

struct ad_db;

#define AD_STEPUP_S 300 /* how long a decision waits */

struct ad_stepup {
	const char *id; /* random; NULL of a new one */
	const char *tenant_id;
	const char *oid;
	const char *press; /* token of the button that is pressed again then; NULL: none is */
	const char *wish;  /* JSON */
	/* Read only. */
	bool expired;
	bool used;
};

/* Waits for AD_STEPUP_S from now on; its id in ret_id. */
AD_MUST int ad_store_stepup_new(struct ad_db *db, struct ad_arena *arena,
	const struct ad_stepup *stepup, const char **ret_id, struct ad_err *err);

/* The person's newest one, with this press and this id where key has them, whether it still waits
 * or not. AD_ENOTFOUND. */
AD_MUST int ad_store_stepup_find(struct ad_db *db, struct ad_arena *arena,
	const struct ad_stepup *key, struct ad_stepup *ret, struct ad_err *err);

/* The person's own of this id, until the transaction ends. AD_ENOTFOUND. */
AD_MUST int ad_store_stepup_lock(struct ad_db *db, struct ad_arena *arena,
	const struct ad_stepup *key, struct ad_stepup *ret, struct ad_err *err);

/* It has served. With the next statement. */
AD_MUST int ad_store_stepup_used(
	struct ad_db *db, struct ad_arena *arena, const char *id, struct ad_err *err);

#endif
