/* SPDX-License-Identifier: Apache-2.0 */
/* What people say of the apps that they have, on their cards and on those of admins. Private to
 * desk. */
#ifndef AD_DESK_VERDICT_H
#define AD_DESK_VERDICT_H

#include "ad/desk/verdicts.h"
#include "ad/domain/verdict.h"
#include "ad/store/verdicts.h"
#include "parts.h"

#define AD_VERDICT_ROLE "verdict" /* of the admins' cards */

/* A delivered request, and what its person says of the app. */
struct ad_verdict_view {
	const struct ad_request *request;
	const struct ad_verdict *verdict; /* NULL: nothing yet */
	const char *note; /* a sentence about what a press has come to; NULL: none */
};

enum ad_verdict_state ad_verdict_state_of(const struct ad_verdict *verdict);

/* For the app's person: where to find it, or what they have said and what was answered, with
 * buttons to say something else. */
AD_MUST int ad_verdict_show(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_verdict_view *view, struct ad_desk_reply *ret, struct ad_err *err);
/* The same as a notice; what: last part of its fact. */
AD_MUST int ad_verdict_tell(struct ad_desk *desk, const char *oid,
	const struct ad_verdict_view *view, const char *what, struct ad_err *err);

/* For an admin, with a field for the answer while one is wanted. */
AD_MUST int ad_trouble_show(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_verdict_view *view, struct ad_desk_reply *ret, struct ad_err *err);
/* The same for a card that is sent again. AD_ENOTFOUND. */
AD_MUST int ad_trouble_show_now(struct ad_desk *desk, const struct ad_person *who,
	int64_t request_id, struct ad_desk_reply *ret, struct ad_err *err);
/* A card for each admin; and every card that admins have of it, as it is now. */
AD_MUST int ad_trouble_send(
	struct ad_desk *desk, const struct ad_verdict_view *view, struct ad_err *err);
AD_MUST int ad_trouble_refresh(
	struct ad_desk *desk, const struct ad_verdict_view *view, struct ad_err *err);

#endif
