/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Somebody else decides for a while (product F8). In the caller's transaction; a worker thread of
 * its own connection.
 */
#ifndef AD_DESK_DELEGATIONS_H
#define AD_DESK_DELEGATIONS_H

#include "ad/desk.h"

/* "to NAME until DAY" in the press's reason: that person is asked in the person's place until then,
 * for what is open now and for what comes; the person may decide nevertheless. What they handed on
 * before ends. Nobody decides for themselves by it: a stand-in who is a party of a request is not
 * asked there. Audit row delegation.created. */
AD_MUST int ad_desk_delegate(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_press *press, struct ad_desk_reply *ret, struct ad_err *err);
/* Takes it back; what waits is asked of the person again. Audit row delegation.ended. */
AD_MUST int ad_desk_delegate_off(struct ad_desk *desk, const struct ad_person *who, bool pressed,
	struct ad_desk_reply *ret, struct ad_err *err);
/* What the person has handed on, and whom they stand in for. */
AD_MUST int ad_desk_delegations(struct ad_desk *desk, const struct ad_person *who,
	struct ad_desk_reply *ret, struct ad_err *err);
/* In the transaction of a job: its time is over. *ret_left_s not 0: it is not, look again then. */
AD_MUST int ad_desk_delegation_over(
	struct ad_desk *desk, int64_t id, int64_t *ret_left_s, struct ad_err *err);

#endif
