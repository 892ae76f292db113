/* SPDX-License-Identifier: Apache-2.0 */
/* The kind `privacy`: those who deal with it hear that somebody wants their data deleted. */
#include "kit.h"

#include "ad/db.h"
#include "ad/desk/privacy.h"

extern const struct ad_job_kind ad_job_kind_privacy;

static int tell(struct ad_job_run *run, struct ad_json *result, struct ad_err *err)
{
	struct ad_desk desk = ad_job_desk(run);
	(void)result;
	int r = ad_desk_privacy_tell(&desk, ad_json_int(run->payload, "privacy", 0), err);
	ad_job_hand_over(run, &desk);
	return r;
}

static const struct ad_job_step_spec steps[] = {
	{ "tell", NULL, tell, NULL },
};

const struct ad_job_kind ad_job_kind_privacy = {
	.name = AD_JOB_PRIVACY,
	.is_short = true,
	.steps = steps,
	.steps_count = sizeof(steps) / sizeof(steps[0]),
	AD_JOB_UPKEEP,
};
