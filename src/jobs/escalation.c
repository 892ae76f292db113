/* SPDX-License-Identifier: Apache-2.0 */
/* The kind `escalation`: somebody is called about another job that goes on failing. */
#include "kit.h"

#include "ad/db.h"

extern const struct ad_job_kind ad_job_kind_escalation;

static int call(struct ad_job_run *run, struct ad_json *result, struct ad_err *err)
{
	struct ad_desk desk = ad_job_desk(run);
	(void)result;
	int r = ad_desk_job_escalate(&desk, ad_json_int(run->payload, "job", 0), err);
	ad_job_hand_over(run, &desk);
	return r;
}

static const struct ad_job_step_spec steps[] = {
	{ "call", NULL, call, NULL },
};

const struct ad_job_kind ad_job_kind_escalation = {
	.name = AD_JOB_ESCALATION,
	.is_short = true,
	.steps = steps,
	.steps_count = sizeof(steps) / sizeof(steps[0]),
	AD_JOB_UPKEEP,
};
