/* SPDX-License-Identifier: Apache-2.0 */
/* The life of a grant, and what is due about it. */
#include "ad/domain/grant.h"
#include "ad/text.h"

#define DAY_S ((int64_t)24 * 60 * 60)

static const char *const states[] = {
	[AD_GRANT_ACTIVE] = "active",
	[AD_GRANT_RETURNED] = "returned",
	[AD_GRANT_REVOKED] = "revoked",
	[AD_GRANT_EXPIRED] = "expired",
};

const char *ad_grant_state_name(enum ad_grant_state state)
{
	return states[state];
}

int ad_grant_state_parse(const char *name, enum ad_grant_state *ret)
{
	for (size_t i = 0; i < sizeof states / sizeof states[0]; i++) {
		if (ad_text_eq(name, states[i])) {
			*ret = (enum ad_grant_state)i;
			return 0;
		}
	}
	return AD_EINVAL;
}

/* Whether a notice this many days before the end is still to come, or due. */
static bool wants(const struct ad_grant_clock *clock, int days)
{
	bool told = clock->warned_days != AD_GRANT_WARNED_NEVER && clock->warned_days <= days;
	return !told && clock->lasts_s > days * DAY_S;
}

struct ad_grant_due ad_grant_due(const struct ad_grant_clock *clock)
{
	static const int notices[] = { AD_GRANT_WARN_EARLY, AD_GRANT_WARN_LATE };
	struct ad_grant_due due = { 0 };
	if (!clock->ends)
		return due;
	if (clock->left_s <= 0) {
		due.end = true;
		return due;
	}
	due.later_s = clock->left_s;
	for (size_t i = 0; i < sizeof notices / sizeof notices[0]; i++) {
		int64_t until_s = clock->left_s - notices[i] * DAY_S;
		if (!wants(clock, notices[i]))
			continue;
		if (until_s <= 0) {
			due.warn_days = notices[i]; /* the nearer one, when both are */
		} else if (until_s < due.later_s) {
			due.later_s = until_s;
		}
	}
	return due;
}
