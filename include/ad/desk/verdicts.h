/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What comes after a delivery (product R14): its person says that the app works, or that it does
 * not and what they see; admins hear of the latter and answer. In the caller's transaction; a
 * worker thread of its own connection.
 */
#ifndef AD_DESK_VERDICTS_H
#define AD_DESK_VERDICTS_H

#include "ad/desk.h"

/* Of one's own app, by the number of the request that brought it. What is said twice is written
 * down once. works false: press->reason is what the person sees, if they say so, and each admin has
 * a card of it. Audit rows verdict.works, verdict.broken. */
AD_MUST int ad_desk_verdict(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_press *press, bool works, struct ad_desk_reply *ret,
	struct ad_err *err);

/* An admin's answer, which the person reads; the first one counts and is on every admin's card.
 * Audit row verdict.answered. */
AD_MUST int ad_desk_verdict_answer(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_press *press, struct ad_desk_reply *ret, struct ad_err *err);

#endif
