/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The life of a grant: its states, when its person is warned of its end, and when it ends. Pure:
 * times come in, a verdict goes out. Any thread.
 */
#ifndef AD_DOMAIN_GRANT_H
#define AD_DOMAIN_GRANT_H

#include "ad/err.h"

#include <stdbool.h>
#include <stdint.h>

/* Column grants.state. */
enum ad_grant_state {
	AD_GRANT_ACTIVE = 0,
	AD_GRANT_RETURNED, /* by its person */
	AD_GRANT_REVOKED,  /* by an approver or admin */
	AD_GRANT_EXPIRED   /* its time was over */
};
/* The column's text. Never NULL. */
const char *ad_grant_state_name(enum ad_grant_state state);
/* AD_EINVAL for any other text. */
AD_MUST int ad_grant_state_parse(const char *name, enum ad_grant_state *ret);

/* Days before the end at which the person is told (product F18). */
#define AD_GRANT_WARN_EARLY 14
#define AD_GRANT_WARN_LATE 1
/* Values of warned_days besides. */
#define AD_GRANT_WARNED_NEVER (-1)
#define AD_GRANT_WARNED_ENOUGH 0 /* the person wants it to end, and to hear no more of it */

struct ad_grant_clock {
	bool ends;       /* false: it is for good, and nothing else counts */
	int64_t left_s;  /* until its end; negative afterwards */
	int64_t lasts_s; /* from its beginning to its end */
	int warned_days; /* of the last notice */
};

struct ad_grant_due {
	bool end;
	int warn_days;   /* 0: no notice is due */
	int64_t later_s; /* when to look again, the notice being sent; 0: never */
};

/* What is due now. A notice of the early kind is only for grants that are longer than that, and who
 * was not told in time is told once, of the nearer one. */
struct ad_grant_due ad_grant_due(const struct ad_grant_clock *clock);

#endif
