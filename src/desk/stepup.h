/* SPDX-License-Identifier: Apache-2.0 */
/* Step-up for the use cases that decide. Private to desk. */
#ifndef AD_DESK_STEPUP_PRIVATE_H
#define AD_DESK_STEPUP_PRIVATE_H

#include "ad/desk/stepup.h"

/* Whether approving an app of this classification wants a sign-in that is not there. */
bool ad_stepup_wanted(
	const struct ad_desk *desk, const char *classification, enum ad_decision decision);

/* What waits. */
struct ad_stepup_wish {
	enum ad_desk_use use;
	enum ad_decision decision;
	const struct ad_desk_pick *picks;
	size_t pick_count;
	const char *reason; /* NULL: none */
	int days;
	const char *token;          /* of the pressed button; NULL or "": typed */
	const char *key;            /* of the sentence that asks to sign in */
	const struct ad_json *data; /* for it */
};
/* The decision waits, and the person is asked to sign in. */
AD_MUST int ad_stepup_ask(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_stepup_wish *wish, struct ad_desk_reply *ret, struct ad_err *err);

/* ad_desk_stepup_take in two parts, for who decides in several transactions: locks and looks, and
 * says that it has served. */
AD_MUST int ad_stepup_check(struct ad_desk *desk, const struct ad_person *who,
	struct ad_desk_reply *ret, bool *ret_done, struct ad_err *err);
AD_MUST int ad_stepup_spend(struct ad_desk *desk, struct ad_err *err);

/* What the sign-in has proved, into a decision's audit row. */
void ad_stepup_note(const struct ad_desk *desk, struct ad_json *details);

#endif
