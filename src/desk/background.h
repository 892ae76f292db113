/* SPDX-License-Identifier: Apache-2.0 */
/* What an approver's card says besides what was asked for (product A1). Private to desk; inside the
 * caller's transaction. */
#ifndef AD_DESK_BACKGROUND_H
#define AD_DESK_BACKGROUND_H

#include "parts.h"

/* Members had, had_until, before, before_at, duties, duties_at, and has_had, has_before,
 * has_duties: whether there is anything to say. */
AD_MUST int ad_background_say(struct ad_desk *desk, const struct ad_request *request,
	const char *locale, struct ad_json *data, struct ad_err *err);

#endif
