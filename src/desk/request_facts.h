/* SPDX-License-Identifier: Apache-2.0 */
/* What a page or mail tells about a request: names and values. Private to desk. */
#ifndef AD_DESK_REQUEST_FACTS_H
#define AD_DESK_REQUEST_FACTS_H

#include "ad/desk.h"

struct ad_request;

/* Person, app, publisher, when; and each question of the app and of the policy. */
#define AD_FACTS_MAX (5u + 2u * AD_QUESTIONS_MAX)

struct ad_fact {
	const char *name;
	const char *value; /* "" or NULL: nothing to tell */
};

/* Of a request, with its answers, in the reader's language; unused ones stay as they were. The
 * justification is not among them. */
AD_MUST int ad_request_facts(struct ad_desk *desk, const struct ad_request *request,
	const char *locale, struct ad_fact facts[AD_FACTS_MAX], struct ad_err *err);

#endif
