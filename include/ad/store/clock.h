/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Clocks: how long a stage has waited, when it is over, and what the clock on a person's wall
 * shows. The database's clock is the clock; wall clocks are minutes as in ad/domain/hours.h. On the
 * caller's connection; results live in the arena. A worker thread of its own connection.
 */
#ifndef AD_STORE_CLOCK_H
#define AD_STORE_CLOCK_H

#include "ad/arena.h"
#include "ad/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ad_db;

struct ad_stage_clock {
	int64_t waited_s; /* at its present level, without pauses and freezes */
	bool has_deadline;
	int64_t left_s; /* until it; 0 or less: it is over */
	int reminders;  /* rounds of them, at this level */
	int level;
};
/* AD_ENOTFOUND. */
AD_MUST int ad_store_clock_stage(struct ad_db *db, struct ad_arena *arena, int64_t request_id,
	int ordinal, struct ad_stage_clock *ret, struct ad_err *err);

struct ad_reminded {
	const char *oid;
	const char *name;
	const char *zone;
	int64_t local_min; /* what their clock shows when the stage has waited that long */
};
struct ad_reminded_list {
	const struct ad_reminded *items;
	size_t count;
};
/* Whom the open stage waits for: those of its level who hold a card and have not answered. */
AD_MUST int ad_store_clock_reminded(struct ad_db *db, struct ad_arena *arena, int64_t request_id,
	int ordinal, int64_t waited_s, struct ad_reminded_list *ret, struct ad_err *err);
/* So many rounds are done. */
AD_MUST int ad_store_clock_reminders(struct ad_db *db, struct ad_arena *arena, int64_t request_id,
	int ordinal, int reminders, struct ad_err *err);

/* What a clock in the zone shows now. A zone that is none is UTC. */
AD_MUST int ad_store_clock_local(struct ad_db *db, struct ad_arena *arena, const char *zone,
	int64_t *ret_min, struct ad_err *err);
/* Seconds from now until it shows that; negative for the past. */
AD_MUST int ad_store_clock_until(struct ad_db *db, struct ad_arena *arena, const char *zone,
	int64_t local_min, int64_t *ret_s, struct ad_err *err);

#endif
