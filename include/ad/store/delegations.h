/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Delegations: who decides in whose place, until when. Time decides whether one counts. On the
 * caller's connection and transaction; results live in the arena. A worker thread of its own
 * connection.
 */
#ifndef AD_STORE_DELEGATIONS_H
#define AD_STORE_DELEGATIONS_H

#include "ad/arena.h"
#include "ad/domain/stage.h"
#include "ad/err.h"

#include <stddef.h>

struct ad_db;

struct ad_delegations {
	const struct ad_delegation *items;
	size_t count;
};

/* Those that count now and begin at one of the people, or at the end of another one of them, as
 * deep as ad_delegate_of looks. Of several of one person the newest. */
AD_MUST int ad_store_delegations_from(struct ad_db *db, struct ad_arena *arena,
	const char *tenant_id, const char *const *oids, size_t count, struct ad_delegations *ret,
	struct ad_err *err);

#endif
