/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The brake (product 1.3): when very many people seem to have left or moved at once, nothing
 * follows from it before an admin says so. By the rules of ad/desk.h: inside the caller's
 * transaction, a worker thread.
 */
#ifndef AD_DESK_BRAKE_H
#define AD_DESK_BRAKE_H

#include "ad/desk.h"
#include "ad/domain/brake.h"

/* At the end of a round of the directory, before anything follows from it. *ret_held: nothing may;
 * the admins were told, and are again each day. It ends by an admin's word, or when nobody is left
 * whom it holds up. Audit rows directory.braked, directory.mended. Wants settings, and facts. */
AD_MUST int ad_desk_brake_look(struct ad_desk *desk, const struct ad_brake_limits *limits,
	bool *ret_held, struct ad_err *err);

/* The card of the open one, for admins. */
AD_MUST int ad_desk_brake(struct ad_desk *desk, const struct ad_person *who,
	struct ad_desk_reply *ret, struct ad_err *err);
/* An admin says that it is true (press->number: which one): each of them gets a job that looks the
 * person up once more and follows. When they are more by now than the admins were told, it is asked
 * again with what is. Audit row directory.released. */
AD_MUST int ad_desk_brake_release(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_press *press, struct ad_desk_reply *ret, struct ad_err *err);

#endif
