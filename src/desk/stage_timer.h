/* SPDX-License-Identifier: Apache-2.0 */
/* The clock of an open stage: its deadline, and the job that looks at it. Private to desk. */
#ifndef AD_DESK_STAGE_TIMER_H
#define AD_DESK_STAGE_TIMER_H

#include "stages.h"

/* Seconds from now until the deadline of a rule that begins now, by the policy's working hours; 0:
 * it has none. */
AD_MUST int ad_stage_timeout(struct ad_desk *desk, const struct ad_policy *policy,
	const struct ad_stage_rule *rule, int64_t *ret_s, struct ad_err *err);

/* The job of kind `stage` that looks at the open stage next; brought forward when there is one. */
AD_MUST int ad_stage_timer_arm(
	struct ad_desk *desk, const struct ad_request *request, struct ad_err *err);

#endif
