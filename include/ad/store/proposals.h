/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Changes that wait for a second admin. Time decides whether an open one still counts: what is read
 * here as AD_PROPOSAL_OPEN may be accepted now. Runs on the caller's connection, in its transaction
 * when one is open; results live in the arena. A worker thread of its own connection.
 */
#ifndef AD_STORE_PROPOSALS_H
#define AD_STORE_PROPOSALS_H

#include "ad/arena.h"
#include "ad/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ad_db;

#define AD_PROPOSAL_DAYS 7 /* that one waits */

/* Columns proposals.kind and proposals.state. */
#define AD_PROPOSAL_POLICIES "policies"
#define AD_PROPOSAL_SETTING "setting"
#define AD_PROPOSAL_OPEN "open"
#define AD_PROPOSAL_ACCEPTED "accepted"
#define AD_PROPOSAL_REFUSED "refused"
#define AD_PROPOSAL_EXPIRED "expired"

struct ad_proposal {
	int64_t id;
	const char *kind;
	const char *subject;          /* a setting's key; "" for a file of policies */
	const char *content;          /* JSON: what is to be done */
	const char *weakens;          /* JSON: what becomes laxer */
	const char *proposed_by;      /* object id, or 'cli' */
	const char *proposed_by_name; /* "" when not known */
	const char *state;
	const char *expires_at; /* times: RFC 3339, UTC */
	int64_t job_id;         /* that tells the admins; 0: none yet */
	const char *created_at;
	const char *decided_by; /* "" while it is open */
	const char *decided_by_name;
	const char *decided_at; /* NULL while it is open */
	const char *reason;     /* of a refusal; "" otherwise */
	int64_t left_s;         /* until it expires */
};

/* The open proposal with the same kind, subject and content. AD_ENOTFOUND. */
AD_MUST int ad_store_proposal_same(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	const struct ad_proposal *like, int64_t *ret_id, struct ad_err *err);

/* A new one: kind, subject, content, weakens, proposed_by. */
AD_MUST int ad_store_proposal_insert(struct ad_db *db, struct ad_arena *arena,
	const char *tenant_id, const struct ad_proposal *proposal, int64_t *ret_id,
	struct ad_err *err);

/* Which job tells the admins. */
AD_MUST int ad_store_proposal_told_by(struct ad_db *db, struct ad_arena *arena,
	const char *tenant_id, int64_t id, int64_t job_id, struct ad_err *err);

/* One of the tenant, locked until the transaction ends, or only read. AD_ENOTFOUND. */
AD_MUST int ad_store_proposal_lock(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	int64_t id, struct ad_proposal *ret, struct ad_err *err);
AD_MUST int ad_store_proposal_get(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	int64_t id, struct ad_proposal *ret, struct ad_err *err);
/* The one that a job tells of. AD_ENOTFOUND. */
AD_MUST int ad_store_proposal_of_job(struct ad_db *db, struct ad_arena *arena,
	const char *tenant_id, int64_t job_id, int64_t *ret_id, struct ad_err *err);

/* Numbers of the open ones, oldest first. */
AD_MUST int ad_store_proposals_open(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	int limit, int64_t **ret, size_t *ret_count, struct ad_err *err);

/* How it ended: state, decided_by, reason. Lock it first. */
AD_MUST int ad_store_proposal_close(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	const struct ad_proposal *proposal, struct ad_err *err);

/* Whether somebody has ever asked for something in this tenant. */
AD_MUST int ad_store_tenant_in_use(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	bool *ret, struct ad_err *err);

#endif
