/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What happened to a request, line by line: its rows of the trail, with the names and the parts of
 * stages and decisions that people want to read beside them. On the caller's connection; results
 * live in the arena. A worker thread of its own connection.
 */
#ifndef AD_STORE_HISTORY_H
#define AD_STORE_HISTORY_H

#include "ad/arena.h"
#include "ad/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ad_db;

struct ad_history_line {
	int64_t seq;           /* in the trail */
	const char *at;        /* RFC 3339, UTC */
	const char *action;    /* "decision.approved" */
	const char *actor_oid; /* or "system", "cli" */
	const char *actor;     /* name for people */
	const char *details;   /* JSON */
	/* Of a vote: for whom it was given, and what it narrowed; "" and 0: nothing. */
	const char *on_behalf_of;
	int granted_days;
	const char *app_version;
	/* Of a row about a stage; 0: none. */
	int step;
	int steps;
	const char *asked; /* JSON: names of those who were asked when it was opened or escalated */
	const char *about; /* name of somebody else whom the row is about; "" */
};

struct ad_history {
	const struct ad_history_line *items; /* newest first */
	size_t count;
};

struct ad_history_filter {
	const char *tenant_id;
	int64_t request_id;
	int64_t before_seq; /* older than this; 0: the newest */
	bool with_refused;  /* also what somebody tried and was refused */
	int limit;
};

/* One indexed statement, whatever the length of the trail. */
AD_MUST int ad_store_history(struct ad_db *db, struct ad_arena *arena,
	const struct ad_history_filter *filter, struct ad_history *ret, struct ad_err *err);

#endif
