/* SPDX-License-Identifier: Apache-2.0 */
/* The kind `stage`: the clock of one stage of a request. Made when the stage opens; looks, does
 * what is due, and is queued again for the next time until the stage is over. */
#include "kit.h"

#include "ad/db.h"

extern const struct ad_job_kind ad_job_kind_stage;

static int look(struct ad_job_run *run, struct ad_json *result, struct ad_err *err)
{
	struct ad_desk desk = ad_job_desk(run);
	int64_t later_s;
	(void)result;
	int r = ad_desk_stage_timer(&desk, ad_json_int(run->payload, "request", 0),
		(int)ad_json_int(run->payload, "stage", 0), &later_s, err);
	ad_job_hand_over(run, &desk);
	if (r != 0 || later_s == 0)
		return r;
	run->later_ms = later_s * 1000;
	return AD_JOB_LATER;
}

static const struct ad_job_step_spec steps[] = {
	{ "look", NULL, look, NULL },
};

const struct ad_job_kind ad_job_kind_stage = {
	.name = AD_JOB_STAGE,
	.is_short = true,
	.steps = steps,
	.steps_count = sizeof(steps) / sizeof(steps[0]),
	AD_JOB_UPKEEP,
};
