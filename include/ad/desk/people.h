/* SPDX-License-Identifier: Apache-2.0 */
/* The counter follows the directory's news of people and groups. Inside the transaction of a job; a
 * worker thread. */
#ifndef AD_DESK_PEOPLE_H
#define AD_DESK_PEOPLE_H

#include "ad/desk.h"

/* The counter follows what the directory says of one person: who is disabled or deleted loses what
 * they asked for, hold and are asked about; a new manager is asked where the policy follows. One
 * thing in each transaction; *ret_more: there is more. Who has another place keeps what another
 * policy gives there only when somebody says so: each such grant becomes a request (product 1.3).
 * walk: zeroed at first, then as it was left. Wants settings, and facts. */
struct ad_desk_person_walk {
	int64_t request; /* number of the last one that was looked at */
	int64_t grant;   /* id of the last one */
};
AD_MUST int ad_desk_person_settle(struct ad_desk *desk, const char *oid,
	struct ad_desk_person_walk *walk, bool *ret_more, struct ad_err *err);

/* Looks at one open stage that was not looked at for age_s seconds: who is asked and has no right
 * to it any more, because of a group that has changed or is gone, is asked no longer, and others
 * are (product G4). *ret_more false: there was none. Nothing while the counter is frozen. Wants
 * settings, and facts. */
AD_MUST int ad_desk_watch(struct ad_desk *desk, int age_s, bool *ret_more, struct ad_err *err);

#endif
