/* SPDX-License-Identifier: Apache-2.0 */
/* The kind `delegation`: due when a delegation's time is over; what is open goes back to who gave
 * it. */
#include "kit.h"

#include "ad/db.h"
#include "ad/desk/delegations.h"

extern const struct ad_job_kind ad_job_kind_delegation;

static int end(struct ad_job_run *run, struct ad_json *result, struct ad_err *err)
{
	struct ad_desk desk = ad_job_desk(run);
	int64_t left_s;
	(void)result;
	int r = ad_desk_delegation_over(
		&desk, ad_json_int(run->payload, "delegation", 0), &left_s, err);
	ad_job_hand_over(run, &desk);
	if (r != 0 || left_s == 0)
		return r;
	run->later_ms = left_s * 1000;
	return AD_JOB_LATER;
}

static const struct ad_job_step_spec steps[] = {
	{ "end", NULL, end, NULL },
};

const struct ad_job_kind ad_job_kind_delegation = {
	.name = AD_JOB_DELEGATION,
	.is_short = true,
	.steps = steps,
	.steps_count = sizeof(steps) / sizeof(steps[0]),
	AD_JOB_UPKEEP,
};
