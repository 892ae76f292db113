/* SPDX-License-Identifier: Apache-2.0 */
/* Decisions: one row per stage, whoever presses. On the caller's connection and transaction. */
#ifndef AD_STORE_DECISIONS_H
#define AD_STORE_DECISIONS_H

#include "ad/arena.h"
#include "ad/domain.h"
#include "ad/err.h"

#include <stdint.h>

struct ad_db;

struct ad_decision_row {
	int64_t request_id;
	int ordinal;
	const char *oid;
	enum ad_decision decision;
	const char *reason;
};

/* AD_ECONFLICT when the stage is decided: the primary key is the last line of "one decision". */
AD_MUST int ad_store_decision_insert(struct ad_db *db, struct ad_arena *arena,
	const struct ad_decision_row *decision, struct ad_err *err);

#endif
