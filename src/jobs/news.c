/* SPDX-License-Identifier: Apache-2.0 */
/* The kind `news`: what waits for one person is told in one message. Due when the person wants to
 * hear it; adding news to a job that runs touches its row, so nothing is left behind. */
#include "kit.h"

#include "ad/db.h"

extern const struct ad_job_kind ad_job_kind_news;

static int tell(struct ad_job_run *run, struct ad_json *result, struct ad_err *err)
{
	struct ad_desk desk = ad_job_desk(run);
	const char *oid = ad_json_str(run->payload, "oid");
	(void)result;
	if (!oid)
		return AD_FAIL(err, AD_EINVAL, "the job's payload names no person");
	int r = ad_desk_tell_news(&desk, oid, run->job.id, err);
	ad_job_hand_over(run, &desk);
	return r;
}

static const struct ad_job_step_spec steps[] = {
	{ "tell", NULL, tell, NULL },
};

const struct ad_job_kind ad_job_kind_news = {
	.name = AD_JOB_NEWS,
	.is_short = true,
	.steps = steps,
	.steps_count = sizeof(steps) / sizeof(steps[0]),
	AD_JOB_UPKEEP,
};
