/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stages of requests, who is asked in them, and votes. Stages are added, never reused: a new round
 * gets new ordinals. On the caller's connection and transaction, under the lock of the request;
 * results live in the arena. Nothing here judges. A worker thread of its own connection.
 */
#ifndef AD_STORE_STAGES_H
#define AD_STORE_STAGES_H

#include "ad/arena.h"
#include "ad/domain/policy.h"
#include "ad/domain/stage.h"
#include "ad/err.h"
#include "ad/store/later.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ad_db;

/* Column stage_approvers.via. */
enum ad_via {
	AD_VIA_GROUP = 0,
	AD_VIA_MANAGER,
	AD_VIA_USER,
	AD_VIA_APP_OWNER,
	AD_VIA_ADMINS,
	AD_VIA_DELEGATE,
	AD_VIA_HANDOVER
};

/* Column stage_approvers.state. */
enum ad_asked_state {
	AD_ASKED_NOW = 0,    /* 'asked' */
	AD_ASKED_REPLACED,   /* somebody else was named instead, who decides alone */
	AD_ASKED_LEFT,       /* not with the organisation any more */
	AD_ASKED_UNREACHABLE /* hears nothing of us */
};

struct ad_stage {
	int64_t request_id;
	int ordinal;
	int round;
	int step; /* of steps: what people call it */
	int steps;
	enum ad_asked_kind kind;
	const char *group_id;   /* kind group */
	const char *person_oid; /* kind user */
	int need;               /* approvals wanted; 0: all */
	enum ad_stage_state state;
	int level;
	/* Read only: RFC 3339, UTC; NULL: not yet, none. */
	const char *opened_at;
	const char *deadline_at;
	const char *closed_at;
	/* Read only: who ended it; NULL: nobody, or time did. */
	const char *decided_by_name;
};

struct ad_stages {
	const struct ad_stage *items;
	size_t count;
};

/* AD_STAGE_WAITING; ad_store_stage_open opens it. */
AD_MUST int ad_store_stage_insert(
	struct ad_db *db, struct ad_arena *arena, const struct ad_stage *stage, struct ad_err *err);
/* The last ordinal so far; 0: none. */
AD_MUST int ad_store_stage_last(
	struct ad_db *db, struct ad_arena *arena, int64_t request_id, int *ret, struct ad_err *err);
/* Opens it, or moves an open one to another level, with the next statement: the clock begins anew.
 * timeout_s 0: no deadline. */
AD_MUST int ad_store_stage_open(struct ad_db *db, struct ad_arena *arena, int64_t request_id,
	int ordinal, int level, int64_t timeout_s, struct ad_err *err);
/* Ends an open stage, with the next statement, which answers AD_ECONFLICT when it is not open. */
AD_MUST int ad_store_stage_end(struct ad_db *db, struct ad_arena *arena, int64_t request_id,
	int ordinal, enum ad_stage_state state, struct ad_err *err);
/* Whatever is open or waits becomes closed. */
AD_MUST int ad_store_stages_close(
	struct ad_db *db, struct ad_arena *arena, int64_t request_id, struct ad_err *err);
/* Those of one round, in their order. */
AD_MUST int ad_store_stages_of(struct ad_db *db, struct ad_arena *arena, int64_t request_id,
	int round, struct ad_stages *ret, struct ad_err *err);
/* The same, read with the next statement. */
AD_MUST int ad_store_stages_later(struct ad_db *db, struct ad_arena *arena, int64_t request_id,
	int round, struct ad_store_later *later, struct ad_err *err);
void ad_store_stages_came(struct ad_arena *arena, int64_t request_id,
	const struct ad_store_later *later, struct ad_stages *ret);

/* ---- who is asked ---- */

struct ad_asked_person {
	const char *oid;
	const char *name;
	int level;
	enum ad_via via;
	const char *on_behalf_of; /* "" for their own seat */
	/* Read only. */
	enum ad_asked_state state;
	bool voted;
	enum ad_decision vote;
	const char *voted_by; /* who gave it: they, or who has the same voice; NULL: nobody */
	bool is_new;          /* was never asked before; ad_store_asked_one alone looks for that */
};

struct ad_asked_people {
	const struct ad_asked_person *items;
	size_t count;
};

/* Adds them to the stage, or has them asked again: each object id is there once. */
AD_MUST int ad_store_asked_put(struct ad_db *db, struct ad_arena *arena, int64_t request_id,
	int ordinal, const struct ad_asked_people *people, struct ad_err *err);
/* Stages, by their requests and ordinals. */
struct ad_asked_stages {
	const int64_t *request_ids;
	const int64_t *ordinals;
	size_t count;
};
/* All of each stage, whatever their state, by name, into as many places of ret. */
AD_MUST int ad_store_asked_all(struct ad_db *db, struct ad_arena *arena,
	const struct ad_asked_stages *of, struct ad_asked_people *ret, struct ad_err *err);
/* The same for one stage. */
AD_MUST int ad_store_asked_of(struct ad_db *db, struct ad_arena *arena, int64_t request_id,
	int ordinal, struct ad_asked_people *ret, struct ad_err *err);
/* The same for one person; none when they were not asked. */
AD_MUST int ad_store_asked_one(struct ad_db *db, struct ad_arena *arena, int64_t request_id,
	int ordinal, const char *oid, struct ad_asked_people *ret, struct ad_err *err);
AD_MUST int ad_store_asked_mark(struct ad_db *db, struct ad_arena *arena, int64_t request_id,
	int ordinal, const char *oid, enum ad_asked_state state, struct ad_err *err);

/* ---- votes ---- */

struct ad_votes {
	const struct ad_vote *items;
	size_t count;
};
AD_MUST int ad_store_votes(struct ad_db *db, struct ad_arena *arena, int64_t request_id,
	int ordinal, struct ad_votes *ret, struct ad_err *err);
/* The same, read with the next statement. */
AD_MUST int ad_store_votes_later(struct ad_db *db, struct ad_arena *arena, int64_t request_id,
	int ordinal, struct ad_store_later *later, struct ad_err *err);
void ad_store_votes_came(
	struct ad_arena *arena, const struct ad_store_later *later, struct ad_votes *ret);

#endif
