/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What several cards of one request want in one transaction: read once, however many are shown.
 * Private to desk; ad_request_stages and ad_request_read_asked are its other doors.
 */
#ifndef AD_DESK_REQUEST_MEMO_H
#define AD_DESK_REQUEST_MEMO_H

#include "parts.h"
#include "ad/store/background.h"
#include "ad/store/stages.h"

/* Who is asked in the present stage. */
AD_MUST int ad_request_asked(struct ad_desk *desk, const struct ad_request *request,
	struct ad_asked_people *ret, struct ad_err *err);
AD_MUST int ad_request_answers(struct ad_desk *desk, const struct ad_request *request,
	struct ad_answers *ret, struct ad_err *err);
/* What an approver's card says besides; _ahead reads it with the next statement. */
AD_MUST int ad_request_background_ahead(
	struct ad_desk *desk, const struct ad_request *request, struct ad_err *err);
AD_MUST int ad_request_background(struct ad_desk *desk, const struct ad_request *request,
	struct ad_background *ret, struct ad_err *err);
/* What every card of the request shows and a receipt's timeline, with the next statement. */
AD_MUST int ad_request_read_ahead(
	struct ad_desk *desk, const struct ad_request *request, struct ad_err *err);

#endif
