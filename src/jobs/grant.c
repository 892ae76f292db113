/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kind `grant`: looks at a grant when something is due about it. While the grant lasts, the job
 * is queued again for the next time. When it has ended, the membership in the app's group goes,
 * unless something else stands for it.
 *
 * Between the look at what stands for it and the call to Graph the person may get the app anew. So
 * the look is repeated in the transaction that records the step, and when it says something else,
 * the step is done again: a request on its way is waited for, and a membership that was taken from
 * under a new grant is given back.
 */
#include "kit.h"

#include "ad/db.h"
#include "ad/desk/grants.h"

#define WAIT_MS ((int64_t)60 * 1000) /* for a request on its way */

extern const struct ad_job_kind ad_job_kind_grant;

/* Of this claim. */
struct grant {
	struct ad_desk desk;
	int64_t id;
	struct ad_desk_grant_membership membership;
};

static int open_grant(struct ad_job_run *run, struct ad_err *err)
{
	struct grant *grant = ad_alloc(run->arena, sizeof(*grant));
	grant->desk = ad_job_desk(run);
	grant->id = ad_json_int(run->payload, "grant", 0);
	run->state = grant;
	return grant->id > 0 ? 0 : AD_FAIL(err, AD_EINVAL, "the job's payload names no grant");
}

static int look(struct ad_job_run *run, struct ad_json *result, struct ad_err *err)
{
	struct grant *grant = run->state;
	struct ad_desk_grant_news news;
	ad_desk_restart(&grant->desk); /* a repeated transaction begins anew */
	int r = ad_desk_grant_look(&grant->desk, grant->id, &news, err);
	ad_job_hand_over(run, &grant->desk);
	if (r < 0)
		return r;
	ad_json_set_bool(run->arena, result, "ended", news.ended);
	run->later_ms = news.later_ms;
	return news.later_ms > 0 ? AD_JOB_LATER : 0;
}

static bool has_ended(const struct ad_job_run *run)
{
	return ad_json_bool(ad_job_result(run, "look"), "ended", false);
}

static int settle_membership(struct ad_job_run *run, struct ad_json *result, struct ad_err *err)
{
	struct grant *grant = run->state;
	const struct ad_desk_grant_membership *member = &grant->membership;
	const struct ad_graph graph = ad_job_graph(run);
	(void)result;
	if (!has_ended(run))
		return 0;
	int r = ad_desk_grant_membership(&grant->desk, grant->id, &grant->membership, err);
	if (r < 0)
		return r;
	if (member->wanted == AD_DESK_MEMBERSHIP_GOES)
		return ad_graph_group_remove_member(
			&graph, run->arena, member->group_id, member->oid, err);
	if (member->wanted == AD_DESK_MEMBERSHIP_STAYS)
		return ad_graph_group_add_member(
			&graph, run->arena, member->group_id, member->oid, err);
	return 0;
}

static int settled(struct ad_job_run *run, struct ad_json *result, struct ad_err *err)
{
	struct grant *grant = run->state;
	struct ad_desk_grant_membership now;
	(void)result;
	if (!has_ended(run))
		return 0;
	ad_desk_restart(&grant->desk); /* a repeated transaction begins anew */
	int r = ad_desk_grant_membership(&grant->desk, grant->id, &now, err);
	if (r < 0)
		return r;
	if (now.wanted == AD_DESK_MEMBERSHIP_WAITS) {
		run->later_ms = WAIT_MS;
		return AD_JOB_LATER;
	}
	if (now.wanted != grant->membership.wanted)
		return AD_JOB_AGAIN;
	r = ad_desk_grant_removed(&grant->desk, grant->id, run->job.id, err);
	ad_job_hand_over(run, &grant->desk);
	return r;
}

/* ---- without success ---- */

static int find_admins(struct ad_job_run *run, const struct ad_job_end *end, struct ad_err *err)
{
	struct grant *grant = run->state;
	const struct ad_graph graph = ad_job_graph(run);
	(void)end;
	return grant ? ad_job_look_up_admins(run, &graph, &grant->desk, err) : 0;
}

static int tell_admins(struct ad_job_run *run, const struct ad_job_end *end, struct ad_err *err)
{
	struct grant *grant = run->state;
	if (!grant)
		return 0;
	const struct ad_desk_job_report report = ad_job_report(run, end);
	ad_desk_restart(&grant->desk);
	int r = ad_desk_job_failed(&grant->desk, &report, err);
	ad_job_hand_over(run, &grant->desk);
	return r;
}

static const struct ad_job_step_spec steps[] = {
	{ "look", NULL, look, NULL },
	{ "membership", settle_membership, settled, NULL },
};

const struct ad_job_kind ad_job_kind_grant = {
	.name = AD_JOB_GRANT,
	.is_short = true,
	.steps = steps,
	.steps_count = sizeof(steps) / sizeof(steps[0]),
	.open = open_grant,
	.failing = find_admins,
	.failed = tell_admins,
};
