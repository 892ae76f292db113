/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Use cases of grants: what a person has, more time for it, its end before its time, and what its
 * job finds due. By the rules of ad/desk.h: inside the caller's transaction, a worker thread.
 */
#ifndef AD_DESK_GRANTS_DOOR_H
#define AD_DESK_GRANTS_DOOR_H

#include "ad/desk.h"

/* ---- people ---- */

/* What the person has, those that end first before the others. */
AD_MUST int ad_desk_grants(struct ad_desk *desk, const struct ad_person *who,
	struct ad_desk_reply *ret, struct ad_err *err);
/* One of them, by the number of the request that brought it, with what can be done about it. */
AD_MUST int ad_desk_grant(struct ad_desk *desk, const struct ad_person *who, int64_t number,
	bool pressed, struct ad_desk_reply *ret, struct ad_err *err);
/* Asks whether it is to be given back (product F19): press->number, or press->reason names the app.
 */
AD_MUST int ad_desk_return(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_press *press, struct ad_desk_reply *ret, struct ad_err *err);
/* Ends it at once; approvers hear nothing. Audit row grant.returned. */
AD_MUST int ad_desk_return_confirm(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_press *press, struct ad_desk_reply *ret, struct ad_err *err);
/* Asks for more time: press->inputs.days or press->days, else 30 days, within what the policy gives
 * in all. A request of its own; when it is approved, the end moves (audit row grant.extended). */
AD_MUST int ad_desk_extend(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_press *press, struct ad_desk_reply *ret, struct ad_err *err);
/* No more notices of its end. */
AD_MUST int ad_desk_let_end(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_press *press, struct ad_desk_reply *ret, struct ad_err *err);
/* By an admin or by who was asked to decide about it (product A14): ends another person's grant at
 * once, with a reason that they are told. Audit row grant.revoked. */
AD_MUST int ad_desk_revoke(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_press *press, struct ad_desk_reply *ret, struct ad_err *err);

/* ---- admins: seats (product E35) ---- */

/* Who has the app, that press->inputs.app or press->reason (its name) says, and how many seats
 * there are; press->inputs.how: how there can be more. */
AD_MUST int ad_desk_seats(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_press *press, struct ad_desk_reply *ret, struct ad_err *err);
/* The limit of an app, by its WinGet id; 0: none. Who has one keeps it. Those who wait for a seat
 * that is free now hear of it. AD_ENOTFOUND. Audit row catalog.seats. */
AD_MUST int ad_desk_seats_set(struct ad_desk *desk, const char *actor, const char *winget_id,
	int seats, struct ad_err *err);

/* ---- what the job of a grant finds ---- */

struct ad_desk_grant_news {
	int64_t later_ms; /* when to look again; 0: nothing more is to come by itself */
	bool ended;       /* the membership is to be looked at */
};
/* Sends the notice that is due, or ends the grant whose time is over: state, audit row
 * grant.expired, notice. While it is frozen nothing happens. AD_ENOTFOUND. */
AD_MUST int ad_desk_grant_look(
	struct ad_desk *desk, int64_t grant_id, struct ad_desk_grant_news *ret, struct ad_err *err);

/* What is to become of the membership that an ended grant has brought. */
enum ad_desk_membership {
	AD_DESK_MEMBERSHIP_GOES = 0,
	AD_DESK_MEMBERSHIP_STAYS, /* another active grant stands for it */
	AD_DESK_MEMBERSHIP_WAITS, /* the person's next request is approved already */
	AD_DESK_MEMBERSHIP_DONE   /* nothing is left to do */
};
struct ad_desk_grant_membership {
	enum ad_desk_membership wanted;
	const char *group_id;
	const char *oid;
};
/* Also outside a transaction. */
AD_MUST int ad_desk_grant_membership(struct ad_desk *desk, int64_t grant_id,
	struct ad_desk_grant_membership *ret, struct ad_err *err);
/* Whatever was wanted is done. */
AD_MUST int ad_desk_grant_removed(
	struct ad_desk *desk, int64_t grant_id, int64_t job_id, struct ad_err *err);

#endif
