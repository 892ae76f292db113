/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Changes that make the counter laxer wait for a second admin (docs/internals/desk.md has the
 * closed list). Private to desk; inside the caller's transaction.
 */
#ifndef AD_DESK_PROPOSAL_H
#define AD_DESK_PROPOSAL_H

#include "ad/desk.h"
#include "ad/store/proposals.h"

/* ---- laxer.c: what becomes laxer ---- */

struct ad_policy_change;

#define AD_LAXER_SHOWN_MAX 10 /* on a card; the audit row has all */

/* As rows for proposals.weakens: an empty array when nothing does. */
struct ad_json *ad_laxer_policies(struct ad_arena *arena, const struct ad_policy_change *change);
struct ad_json *ad_laxer_setting(struct ad_arena *arena, const char *key, const char *value);
/* As sentences in a language. */
AD_MUST int ad_laxer_sentences(struct ad_desk *desk, const char *locale,
	const struct ad_json *weakens, const char *const **ret, size_t *ret_count,
	struct ad_err *err);

/* ---- proposal.c ---- */

/* Who makes a change: alone, or the second admin for somebody else's proposal. */
struct ad_change_by {
	const struct ad_person *who;
	int64_t proposal; /* 0: alone */
	const char *proposed_by;
};
/* Members proposal and proposed_by of an audit row's details; none when it was made alone. */
void ad_change_note(struct ad_arena *arena, const struct ad_change_by *by, struct ad_json *details);

struct ad_proposal_draft {
	const char *kind;
	const char *subject;
	const struct ad_json *content;
	const struct ad_json *weakens;
	const struct ad_person *who;
};
/* Waits from now on, and a job tells the admins; the number of the one that is open already when it
 * is the same. Audit row proposal.opened. */
AD_MUST int ad_proposal_open(struct ad_desk *desk, const struct ad_proposal_draft *draft,
	int64_t *ret_id, struct ad_err *err);

/* ---- proposal_view.c ---- */

struct ad_proposal_view {
	const struct ad_proposal *proposal;
	const char *token; /* for its buttons; NULL: none */
	const char *fault; /* a sentence about a faulty input; NULL: none */
};
/* Card, text, role, job and version of *ret. */
AD_MUST int ad_proposal_show(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_proposal_view *view, struct ad_desk_reply *ret, struct ad_err *err);
/* With fresh buttons while it is open. */
AD_MUST int ad_proposal_show_to(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_proposal *proposal, struct ad_desk_reply *ret, struct ad_err *err);
/* The same for a card that is sent again, by the job that told of it. AD_ENOTFOUND. */
AD_MUST int ad_proposal_show_now(struct ad_desk *desk, const struct ad_person *who, int64_t job_id,
	struct ad_desk_reply *ret, struct ad_err *err);
/* To one admin, once. */
AD_MUST int ad_proposal_send(struct ad_desk *desk, const struct ad_proposal *proposal,
	const struct ad_person *admin, struct ad_err *err);
/* Every copy of it shows it as it is now. */
AD_MUST int ad_proposal_refresh(
	struct ad_desk *desk, const struct ad_proposal *proposal, struct ad_err *err);

/* ---- what is carried out when one is accepted ---- */

/* policy_import.c. *ret_stale: other policies count by now than when it was proposed. */
AD_MUST int ad_policy_accept(struct ad_desk *desk, const struct ad_change_by *by,
	const struct ad_json *content, bool *ret_stale, struct ad_err *err);
/* settings.c */
AD_MUST int ad_setting_accept(struct ad_desk *desk, const struct ad_change_by *by, const char *key,
	const struct ad_json *content, struct ad_err *err);

#endif
