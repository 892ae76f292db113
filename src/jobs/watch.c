/* SPDX-License-Identifier: Apache-2.0 */
/* The kind `watch`: every few minutes each open stage is held against the directory's groups and
 * managers as they are then. A group is asked for once in a claim, however many stages it has. */
#include "kit.h"

#include "ad/desk/people.h"
#include "ad/store/jobs.h"

#define ROUNDS_MAX 50u /* stages of one claim; the next one goes on at once */

extern const struct ad_job_kind ad_job_kind_watch;

static int watch(struct ad_job_run *run, struct ad_json *result, struct ad_err *err)
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
		r = ad_desk_watch(&desk, every_s, &more, err);
	ad_job_hand_over(run, &desk);
	if (r < 0)
		return r;
	run->later_ms = more ? 0 : (int64_t)every_s * 1000;
	return more && ++*rounds < ROUNDS_MAX ? AD_JOB_AGAIN : AD_JOB_LATER;
}

static const struct ad_job_step_spec steps[] = {
	{ "watch", NULL, watch, NULL },
};

const struct ad_job_kind ad_job_kind_watch = {
	.name = AD_JOB_WATCH,
	.is_short = true,
	.is_standing = true,
	.steps = steps,
	.steps_count = sizeof(steps) / sizeof(steps[0]),
	AD_JOB_UPKEEP,
};
