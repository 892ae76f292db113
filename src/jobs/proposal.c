/* SPDX-License-Identifier: Apache-2.0 */
/* The kind `proposal`: admins hear of a change that waits for one of them; when its time is over,
 * their cards say so. Whether it still counts is decided by time alone, never by this job. */
#include "kit.h"

#include "ad/db.h"
#include "ad/desk/proposals.h"

extern const struct ad_job_kind ad_job_kind_proposal;

static int tick(struct ad_job_run *run, struct ad_json *result, struct ad_err *err)
{
	struct ad_desk desk = ad_job_desk(run);
	int64_t number = ad_json_int(run->payload, "proposal", 0);
	int64_t left_s = 0;
	(void)result;
	int r = ad_desk_proposal_tick(&desk, number, &left_s, err);
	ad_job_hand_over(run, &desk);
	if (r != 0 || left_s == 0)
		return r;
	run->later_ms = left_s * 1000;
	return AD_JOB_LATER;
}

static const struct ad_job_step_spec steps[] = {
	{ "tell", NULL, tick, NULL },
};

const struct ad_job_kind ad_job_kind_proposal = {
	.name = AD_JOB_PROPOSAL,
	.is_short = true,
	.steps = steps,
	.steps_count = sizeof(steps) / sizeof(steps[0]),
	AD_JOB_UPKEEP,
};
