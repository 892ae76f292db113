/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The freeze of a tenant (product E32): the settings Frozen and FrozenReason, and the clocks that
 * stand still meanwhile. On the caller's connection; results live in the arena. A worker thread of
 * its own connection.
 */
#ifndef AD_STORE_FREEZE_H
#define AD_STORE_FREEZE_H

#include "ad/arena.h"
#include "ad/err.h"

#include <stdbool.h>
#include <stdint.h>

struct ad_db;

#define AD_SETTING_FROZEN "Frozen"
#define AD_SETTING_FROZEN_REASON "FrozenReason"

struct ad_freeze {
	bool on;            /* false: all else is "" */
	const char *since;  /* RFC 3339, UTC */
	const char *by_oid; /* object id, or 'cli' */
	const char *by_name;
	const char *reason;
};

/* How it stands now. */
AD_MUST int ad_store_freeze_get(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	struct ad_freeze *ret, struct ad_err *err);

/* Frozen from now on, in the open transaction. *ret_changed is false when it was already: then the
 * first freeze stays as it is. */
AD_MUST int ad_store_freeze_on(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	const char *actor, bool *ret_changed, struct ad_err *err);

/* What the end of a freeze did. */
struct ad_thaw {
	bool changed;    /* false: it was not frozen, and nothing was done */
	int64_t seconds; /* that the freeze lasted */
	int64_t stages;  /* open ones, whose deadlines and reminders come later by that */
	int64_t grants;  /* that end later by that */
};

/* The end of it, in the open transaction: open stages, grants and their timers lose no time. Locks
 * the setting, then jobs, stages, grants. */
AD_MUST int ad_store_freeze_off(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	const char *actor, struct ad_thaw *ret, struct ad_err *err);

#endif
