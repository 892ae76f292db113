/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reviews (product 1.3): whether somebody who has another place in the organisation keeps an app. A
 * review is a request of the counter itself about a grant (requests.is_review), with one stage that
 * asks the manager. Private to desk; inside the caller's transaction. Locks: the request, then the
 * grant. Audit rows are put off.
 */
#ifndef AD_DESK_REVIEW_H
#define AD_DESK_REVIEW_H

#include "stages.h"

struct ad_directory_person;

/* Somebody has moved: a review of their next grant after *after, unless the policy that counts for
 * them now is the one that gave it, or approves it by itself. *ret_more false: there is no grant
 * left, and *after is as it was. */
AD_MUST int ad_review_step(struct ad_desk *desk, const struct ad_directory_person *person,
	int64_t *after, bool *ret_more, struct ad_err *err);

/* Its stage has agreed: the grant stays, for the days that were given or for good. request is over.
 */
AD_MUST int ad_review_keep(struct ad_desk *desk, struct ad_request *request,
	const struct ad_person *who, struct ad_err *err);
/* It was rejected: the grant is revoked, and its person hears why. */
AD_MUST int ad_review_remove(struct ad_desk *desk, const struct ad_request *request,
	const struct ad_person *who, const char *reason, struct ad_err *err);
/* Nobody has answered: the grant gets an end, and its person may ask for more time. */
AD_MUST int ad_review_unanswered(
	struct ad_desk *desk, const struct ad_request *request, struct ad_err *err);
/* Closes it when the grant is over anyway, because it was given back or its time was over. */
AD_MUST int ad_review_is_over(
	struct ad_desk *desk, struct ad_request *request, bool *ret, struct ad_err *err);

#endif
