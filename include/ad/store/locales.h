/* SPDX-License-Identifier: Apache-2.0 */
/* The languages of people who are told something in somebody else's turn. On the caller's
 * connection and transaction. */
#ifndef AD_STORE_LOCALES_H
#define AD_STORE_LOCALES_H

#include "ad/arena.h"
#include "ad/err.h"

#include <stddef.h>

struct ad_db;

/* One locale per object id, in their order; "" when not known. */
AD_MUST int ad_store_locales_of(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	const char *const *oids, size_t count, const char *const **ret, struct ad_err *err);

#endif
