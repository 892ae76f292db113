/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Changes that wait for a second admin: what makes the counter laxer is proposed by one and
 * accepted by another. In the caller's transaction; a worker thread of its own connection.
 */
#ifndef AD_DESK_PROPOSALS_H
#define AD_DESK_PROPOSALS_H

#include "ad/desk.h"

/* Those that wait, oldest first. */
AD_MUST int ad_desk_proposals(struct ad_desk *desk, const struct ad_person *who,
	struct ad_desk_reply *ret, struct ad_err *err);
AD_MUST int ad_desk_proposal(struct ad_desk *desk, const struct ad_person *who, int64_t number,
	struct ad_desk_reply *ret, struct ad_err *err);

/* An admin who did not propose it carries it out, in this transaction. Audit rows of the change and
 * then proposal.accepted. */
AD_MUST int ad_desk_proposal_accept(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_press *press, struct ad_desk_reply *ret, struct ad_err *err);
/* Ends it with a reason; who proposed it may, too. Audit row proposal.refused. */
AD_MUST int ad_desk_proposal_refuse(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_press *press, struct ad_desk_reply *ret, struct ad_err *err);

/* In the transaction of a job, with facts: a card for each admin, once; when its time is over, it
 * is expired and the cards say so. *ret_left_s: when to come again; 0: never. */
AD_MUST int ad_desk_proposal_tick(
	struct ad_desk *desk, int64_t number, int64_t *ret_left_s, struct ad_err *err);

#endif
