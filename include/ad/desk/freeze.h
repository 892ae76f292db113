/* SPDX-License-Identifier: Apache-2.0 */
/* An admin stops the counter for a while. In the caller's transaction; a worker thread of its own
 * connection. */
#ifndef AD_DESK_FREEZE_H
#define AD_DESK_FREEZE_H

#include "ad/desk.h"

/* The freeze (product E32, D11): while it lasts, every use case that changes a request or a grant
 * answers with a card that says so, and no deadline and no grant's end comes nearer. Asks for a
 * confirmation; the press's reason is what people are told. */
AD_MUST int ad_desk_freeze(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_press *press, struct ad_desk_reply *ret, struct ad_err *err);
/* Freezes. A freeze that is there already stays, with its time and reason. Audit row freeze.on. */
AD_MUST int ad_desk_freeze_confirm(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_press *press, struct ad_desk_reply *ret, struct ad_err *err);
/* Shows the freeze with the button that ends it. */
AD_MUST int ad_desk_unfreeze(struct ad_desk *desk, const struct ad_person *who,
	struct ad_desk_reply *ret, struct ad_err *err);
/* Ends it: deadlines, reminders and ends of grants come later by the frozen time. Audit row
 * freeze.off. */
AD_MUST int ad_desk_unfreeze_confirm(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_press *press, struct ad_desk_reply *ret, struct ad_err *err);

#endif
