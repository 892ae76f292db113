/* SPDX-License-Identifier: Apache-2.0 */
/* Grants: who has which app, because of which request. On the caller's connection and transaction.
 */
#ifndef AD_STORE_GRANTS_H
#define AD_STORE_GRANTS_H

#include "ad/arena.h"
#include "ad/err.h"

#include <stdbool.h>
#include <stdint.h>

struct ad_db;

struct ad_grant {
	int64_t id;
	const char *tenant_id;
	int64_t request_id;
	const char *oid;
	int64_t app_id;
	const char *group_id;
};

/* One per request: a second call for the same request changes nothing (ret_new false). */
AD_MUST int ad_store_grant_put(struct ad_db *db, struct ad_arena *arena,
	const struct ad_grant *grant, bool *ret_new, struct ad_err *err);

#endif
