/* SPDX-License-Identifier: Apache-2.0 */
/* What link.c, which makes the pages, wants of decide.c, which knows the rules. Private to desk. */
#ifndef AD_DESK_LINK_H
#define AD_DESK_LINK_H

#include "ad/desk.h"
#include "ad/domain/device.h"
#include "ad/store/links.h"
#include "ad/store/requests.h"

struct ad_link_press {
	const struct ad_link *link; /* locked, neither used nor expired */
	const char *reason;         /* as the form brought it; NULL: none */
};

struct ad_link_verdict {
	enum ad_decide_outcome outcome;
	enum ad_device_verdict device; /* why, with DEVICE */
	bool is_long; /* DECIDED, but for a reason that is too long: nothing was done */
	struct ad_request request; /* as it stands now */
};

/* The rules of a press in Teams, for the holder of a link: locks the request, judges, and either
 * writes all that a decision means or the audit row of its refusal. The link itself is left to the
 * caller. */
AD_MUST int ad_decide_by_link(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_link_press *press, struct ad_link_verdict *ret, struct ad_err *err);

#endif
