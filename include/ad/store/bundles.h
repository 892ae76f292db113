/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Requests that were filed together. Runs on the caller's connection, in its transaction when one
 * is open; results live in the arena. A worker thread of its own connection.
 */
#ifndef AD_STORE_BUNDLES_H
#define AD_STORE_BUNDLES_H

#include "ad/arena.h"
#include "ad/err.h"

#include <stdint.h>

struct ad_db;

struct ad_bundle {
	int64_t id;
	const char *requester_oid;
	const char *refused; /* JSON: what was not filed, and why */
};

AD_MUST int ad_store_bundle_insert(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	const char *requester_oid, int64_t *ret_id, struct ad_err *err);
/* The request, which this transaction has made, belongs to it. Its version stays. */
AD_MUST int ad_store_bundle_add(struct ad_db *db, struct ad_arena *arena, int64_t id,
	int64_t request_id, struct ad_err *err);
AD_MUST int ad_store_bundle_refused(struct ad_db *db, struct ad_arena *arena, int64_t id,
	const char *refused, struct ad_err *err);
/* Held until the transaction ends: what is read of its requests afterwards has all that was
 * committed by others who held it before. AD_ENOTFOUND. */
AD_MUST int ad_store_bundle_lock(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	int64_t id, struct ad_bundle *ret, struct ad_err *err);

#endif
