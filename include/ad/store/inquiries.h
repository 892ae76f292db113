/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Questions that those who decide ask the requester, and their answers. On the caller's connection
 * and transaction, under the lock of the request; results live in the arena. Nothing here judges. A
 * worker thread of its own connection.
 */
#ifndef AD_STORE_INQUIRIES_H
#define AD_STORE_INQUIRIES_H

#include "ad/arena.h"
#include "ad/err.h"

#include <stddef.h>
#include <stdint.h>

struct ad_db;
struct ad_request;

struct ad_inquiry {
	int64_t id;
	int ordinal; /* of the stage that was open */
	const char *asked_by;
	const char *asked_by_name; /* read only */
	const char *question;
	const char *asked_at;    /* read only: RFC 3339, UTC */
	const char *answer;      /* "" while there is none */
	const char *answered_at; /* read only; NULL while there is none */
};

struct ad_inquiries {
	const struct ad_inquiry *items;
	size_t count;
};

AD_MUST int ad_store_inquiry_insert(struct ad_db *db, struct ad_arena *arena, int64_t request_id,
	const struct ad_inquiry *inquiry, int64_t *ret_id, struct ad_err *err);
/* AD_ECONFLICT when it has its answer. */
AD_MUST int ad_store_inquiry_answer(struct ad_db *db, struct ad_arena *arena, int64_t id,
	const char *answer, struct ad_err *err);
/* All of the request, oldest first. */
AD_MUST int ad_store_inquiries_of(struct ad_db *db, struct ad_arena *arena, int64_t request_id,
	struct ad_inquiries *ret, struct ad_err *err);

/* pending -> needs_info: what is left of the stage's deadline is kept, and one pause more is
 * counted. The version grows by one. AD_ECONFLICT when the row is not as it was read. */
AD_MUST int ad_store_request_pause(struct ad_db *db, struct ad_arena *arena,
	const struct ad_request *request, struct ad_err *err);
/* needs_info -> pending: the deadline goes on with what was left. */
AD_MUST int ad_store_request_resume(struct ad_db *db, struct ad_arena *arena,
	const struct ad_request *request, struct ad_err *err);

#endif
