/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rounds: what begins a request's stages anew (an edit, a decision that is taken back), what it
 * changed, and when somebody was reminded last. On the caller's connection and transaction, under
 * the lock of the request; results live in the arena. Nothing here judges. A worker thread of its
 * own connection.
 */
#ifndef AD_STORE_ROUNDS_H
#define AD_STORE_ROUNDS_H

#include "ad/arena.h"
#include "ad/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ad_answer;
struct ad_db;
struct ad_request;

/* What an edit leaves. */
struct ad_round_edit {
	int64_t id;
	int version; /* that the caller read */
	const char *justification;
	int wanted_days; /* 0: for good */
	const char *policy_name;
	int policy_version;
};
/* The undecided request is pending with that; version and round grow by one, what an approver
 * narrowed is forgotten. AD_ECONFLICT when the row is not at `version`. */
AD_MUST int ad_store_round_edit(struct ad_db *db, struct ad_arena *arena,
	const struct ad_round_edit *edit, struct ad_err *err);
/* An answer that counts from that round on. */
AD_MUST int ad_store_round_answer(struct ad_db *db, struct ad_arena *arena, int64_t request_id,
	int round, const struct ad_answer *answer, struct ad_err *err);

/* A decided request is pending again at a copy of the stage that was decided, in a round of its
 * own with the stages behind that one; all of them wait. *ret_stage is the copy's ordinal.
 * AD_ECONFLICT when the row is not at request->version, or when the person has another open request
 * for the app by now. */
AD_MUST int ad_store_round_reopen(struct ad_db *db, struct ad_arena *arena,
	const struct ad_request *request, int *ret_stage, struct ad_err *err);
/* Seconds since the final decision of a stage. AD_ENOTFOUND when there is none. */
AD_MUST int ad_store_round_decided_ago(struct ad_db *db, struct ad_arena *arena, int64_t request_id,
	int ordinal, int64_t *ret_s, struct ad_err *err);

/* Holds the job that an approval has set in motion, before the lock on the request. *ret_late: it
 * may have delivered to people already. AD_ENOTFOUND. */
AD_MUST int ad_store_round_job(struct ad_db *db, struct ad_arena *arena, int64_t job_id,
	bool *ret_late, struct ad_err *err);
/* Ends a job that does not work yet and that nobody waits for any more. */
AD_MUST int ad_store_round_job_end(struct ad_db *db, struct ad_arena *arena, int64_t job_id,
	bool *ret_ended, struct ad_err *err);

/* What a round changed. */
struct ad_revision {
	const char *what;  /* 'justification', 'days', 'answer'; 'undone': a decision */
	const char *label; /* 'answer': the question, else "" */
	const char *before;
	const char *after;
};

struct ad_revisions {
	const struct ad_revision *items;
	size_t count;
};

AD_MUST int ad_store_round_revise(struct ad_db *db, struct ad_arena *arena, int64_t request_id,
	int round, const struct ad_revision *revision, struct ad_err *err);
AD_MUST int ad_store_round_revisions(struct ad_db *db, struct ad_arena *arena, int64_t request_id,
	int round, struct ad_revisions *ret, struct ad_err *err);

/* Notes that people are reminded now. False when that was done less than pause_s seconds ago;
 * *ret_wait_s are the seconds until it may be done again. */
AD_MUST int ad_store_round_nudge(struct ad_db *db, struct ad_arena *arena, int64_t request_id,
	int pause_s, bool *ret_done, int64_t *ret_wait_s, struct ad_err *err);
/* When people were reminded last, in Unix milliseconds; 0: never. */
AD_MUST int ad_store_round_nudged_at(struct ad_db *db, struct ad_arena *arena, int64_t request_id,
	int64_t *ret_ms, struct ad_err *err);

#endif
