/* SPDX-License-Identifier: Apache-2.0 */
/* Requests for somebody else, as the form and the request's cards share them. Private to desk. */
#ifndef AD_DESK_OTHERS_PRIVATE_H
#define AD_DESK_OTHERS_PRIVATE_H

#include "ad/desk/others.h"
#include "parts.h"

/* Whether the request is for another person than the one who asked. */
bool ad_request_for_other(const struct ad_request *request);

/* The person with asks_for set as the inputs of a form say (NULL: for themselves), when they may
 * ask for them; *ret_done: *ret says why not. May want facts. */
AD_MUST int ad_others_read(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_json *inputs, struct ad_person *ret_who, struct ad_desk_reply *ret,
	bool *ret_done, struct ad_err *err);
/* The same for a request that is there already; nothing is judged. */
struct ad_person ad_others_of(
	struct ad_desk *desk, const struct ad_person *who, const struct ad_request *request);
/* Members has_people, people and whom for a form: whom the person may ask for, as far as we know.
 */
AD_MUST int ad_others_offer(struct ad_desk *desk, const struct ad_person *who, struct ad_json *data,
	struct ad_err *err);
/* Members for_other, for_line ("For Ana Lopez, asked by Megan Bowen"), asker, beneficiary; where
 * the requester is named, whom they asked for, too. */
AD_MUST int ad_others_say(struct ad_desk *desk, const struct ad_request *request,
	const char *locale, struct ad_json *data, struct ad_err *err);
/* What the reader of a receipt may do about it: who was asked for agrees, or not; all else is the
 * requester's. */
AD_MUST int ad_others_ways(struct ad_desk *desk, const struct ad_request_view *view,
	struct ad_json *data, struct ad_err *err);
/* A new draft, told to the person whom it is for. */
AD_MUST int ad_others_ask(
	struct ad_desk *desk, const struct ad_request *request, struct ad_err *err);

#endif
