/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every acknowledged activity with its answer: a second delivery of the same activity is answered
 * the same and does nothing. Rows are written in the turn's transaction. A worker thread of its own
 * connection.
 */
#ifndef AD_STORE_INBOX_H
#define AD_STORE_INBOX_H

#include "ad/arena.h"
#include "ad/err.h"

#include <stdbool.h>
#include <stdint.h>

struct ad_db;

struct ad_inbox_key {
	const char *conversation_id;
	const char *activity_id;
};

struct ad_inbox_answer {
	int status;       /* HTTP status */
	const char *text; /* body; "" for none */
};

/*
 * The first statement of a turn. New: ret_duplicate is false, and this transaction owns the
 * activity; another delivery of it waits for the outcome (AD_ETIMEOUT when that takes too long).
 * Known: ret_duplicate is true and ret_answer is what was answered then.
 */
AD_MUST int ad_store_inbox_claim(struct ad_db *db, struct ad_arena *arena,
	const struct ad_inbox_key *key, bool *ret_duplicate, struct ad_inbox_answer *ret_answer,
	struct ad_err *err);

/* Whether the activity was answered before; claims nothing. */
AD_MUST int ad_store_inbox_known(struct ad_db *db, struct ad_arena *arena,
	const struct ad_inbox_key *key, bool *ret, struct ad_err *err);

/* The last statement of a turn: what is going to be answered. It leaves with COMMIT. */
AD_MUST int ad_store_inbox_answer(struct ad_db *db, struct ad_arena *arena,
	const struct ad_inbox_key *key, const struct ad_inbox_answer *answer, struct ad_err *err);

#define AD_INBOX_FORGET_MAX 1000 /* rows that one call deletes */

/* Deletes rows that are older than days, the oldest first; call again while *ret_count is
 * AD_INBOX_FORGET_MAX. */
AD_MUST int ad_store_inbox_forget(
	struct ad_db *db, struct ad_arena *arena, int days, int64_t *ret_count, struct ad_err *err);

#endif
