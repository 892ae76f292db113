/* SPDX-License-Identifier: Apache-2.0 */
/* Votes, of which one ends its stage. On the caller's connection and transaction. */
#ifndef AD_STORE_DECISIONS_H
#define AD_STORE_DECISIONS_H

#include "ad/arena.h"
#include "ad/domain.h"
#include "ad/err.h"

#include <stdbool.h>
#include <stdint.h>

struct ad_db;

struct ad_decision_row {
	int64_t request_id;
	int ordinal;
	const char *oid;
	enum ad_decision decision;
	const char *reason;
	const char *on_behalf_of; /* NULL or "": for themselves */
	bool is_final;            /* ends the stage */
	int granted_days;         /* narrowed by this one; 0: not */
};

/* With the next statement, which answers AD_ECONFLICT when the person has voted, or the stage has
 * its final decision: a unique index is the last line of "one decision". */
AD_MUST int ad_store_decision_insert(struct ad_db *db, struct ad_arena *arena,
	const struct ad_decision_row *decision, struct ad_err *err);

/* The fewest days that an approval of the stage gives; 0 when none of them says. */
AD_MUST int ad_store_decisions_narrowest(struct ad_db *db, struct ad_arena *arena,
	int64_t request_id, int ordinal, int *ret_days, struct ad_err *err);

#endif
