/* SPDX-License-Identifier: Apache-2.0 */
/* The freeze (product E32): nothing is decided or changed, and no clock runs. Private to desk. */
#ifndef AD_DESK_FROZEN_H
#define AD_DESK_FROZEN_H

#include "ad/desk.h"
#include "ad/store/freeze.h"

/* What a use case asks first that changes a request or a grant, before it takes any lock: *ret_done
 * true, and it is frozen: *ret says so, since when and by whom, nothing is to be done, and the
 * audit row change.refused is written. What commits in the same moment as the freeze still counts.
 */
AD_MUST int ad_frozen(struct ad_desk *desk, const struct ad_person *who, struct ad_desk_reply *ret,
	bool *ret_done, struct ad_err *err);

/* Seconds until a timer looks again whether it still is. */
#define AD_FROZEN_LOOK_S 300

/* Whether it is frozen, for who has no person to tell: timers, links in mails. */
AD_MUST int ad_frozen_now(struct ad_desk *desk, bool *ret, struct ad_err *err);

/* Members has_banner and banner of a list's or greeting's data. */
AD_MUST int ad_frozen_banner(
	struct ad_desk *desk, const char *locale, struct ad_json *data, struct ad_err *err);

/* Members since, by, reason, has_reason, when of a freeze. */
AD_MUST int ad_frozen_data(struct ad_desk *desk, const char *locale, const struct ad_freeze *freeze,
	struct ad_json *into, struct ad_err *err);

/* What sets and ends a freeze. */
struct ad_freeze_change {
	bool on;
	const char *reason; /* NULL: as it is in the settings */
};
/* Nothing when it is that way already (*ret_changed false). Audit row freeze.on or freeze.off. */
AD_MUST int ad_freeze_change(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_freeze_change *change, bool *ret_changed, struct ad_thaw *ret_thaw,
	struct ad_err *err);

#endif
