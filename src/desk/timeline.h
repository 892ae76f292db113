/* SPDX-License-Identifier: Apache-2.0 */
/* The receipt's timeline. Private to desk. */
#ifndef AD_DESK_TIMELINE_H
#define AD_DESK_TIMELINE_H

#include "stages.h"

/* Lines with mark, text, color, weight, at: an array. data: what ad_request_data gave, with
 * `approvers` and `progress`. */
AD_MUST int ad_timeline(struct ad_desk *desk, const char *locale, const struct ad_request *request,
	struct ad_json *data, struct ad_json **ret, struct ad_err *err);

/* request_view.c: the stages of the request's round, read once in a transaction. */
AD_MUST int ad_request_stages(struct ad_desk *desk, const struct ad_request *request,
	struct ad_stages *ret, struct ad_err *err);

#endif
