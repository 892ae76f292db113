/* SPDX-License-Identifier: Apache-2.0 */
/* The kind `birthright`: every few minutes those whom a policy names get its apps, and grants that
 * rest on one are held against the policies. A slice of people in each round. */
#include "kit.h"

#include "ad/desk/birthright.h"
#include "ad/store/jobs.h"

#define ROUNDS_MAX 50u /* slices of one claim; the next one goes on at once */

extern const struct ad_job_kind ad_job_kind_birthright;

static int serve(struct ad_job_run *run, struct ad_json *result, struct ad_err *err)
{
	struct ad_desk desk = ad_job_desk(run);
	unsigned *rounds = run->state;
	int every_s = run->options->directory_every_s;
	bool more = false;
	(void)result;
	if (!rounds)
		run->state = rounds = ad_alloc(run->arena, sizeof(*rounds));
	int r = ad_desk_settings_load(run->db, run->arena, run->job.tenant_id, &desk.settings, err);
	if (r == 0)
		r = ad_desk_birthrights(&desk, &more, err);
	ad_job_hand_over(run, &desk);
	if (r < 0)
		return r;
	run->later_ms = more ? 0 : (int64_t)every_s * 1000;
	return more && ++*rounds < ROUNDS_MAX ? AD_JOB_AGAIN : AD_JOB_LATER;
}

static const struct ad_job_step_spec steps[] = {
	{ "serve", NULL, serve, NULL },
};

const struct ad_job_kind ad_job_kind_birthright = {
	.name = AD_JOB_BIRTHRIGHT,
	.is_short = true,
	.is_standing = true,
	.steps = steps,
	.steps_count = sizeof(steps) / sizeof(steps[0]),
	AD_JOB_UPKEEP,
};
