/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What people say of the apps that they have: one verdict for each request that brought one, the
 * latest. Runs on the caller's connection, in its transaction, under the lock of the request;
 * results live in the arena. A worker thread of its own connection.
 */
#ifndef AD_STORE_VERDICTS_H
#define AD_STORE_VERDICTS_H

#include "ad/arena.h"
#include "ad/err.h"

#include <stdbool.h>
#include <stdint.h>

struct ad_db;

struct ad_verdict {
	int64_t request_id;
	const char *oid;
	const char *person; /* their name */
	bool works;
	const char *words; /* "" */
	int version;
	const char *said_at;     /* RFC 3339, UTC */
	const char *answered_by; /* object id; "" while nobody has */
	const char *answered_by_name;
	const char *answer;
};

/* AD_ENOTFOUND: nothing was said yet. */
AD_MUST int ad_store_verdict_get(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	int64_t request_id, struct ad_verdict *ret, struct ad_err *err);
/* request_id, oid, works, words; takes the place of an earlier one and of its answer. */
AD_MUST int ad_store_verdict_put(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	const struct ad_verdict *verdict, struct ad_err *err);
/* request_id, answered_by, answer. */
AD_MUST int ad_store_verdict_answer(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	const struct ad_verdict *verdict, struct ad_err *err);

#endif
