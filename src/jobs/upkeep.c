/* SPDX-License-Identifier: Apache-2.0 */
/* Jobs that keep the counter going (the directory, deadlines, stand-ins, ...): nobody waits for
 * them, so nobody would notice that they fail. Admins are told. */
#include "kit.h"

#include "ad/db.h"

/* The kind's own state has served: the claim is over. */
int ad_job_upkeep_failing(struct ad_job_run *run, const struct ad_job_end *end, struct ad_err *err)
{
	struct ad_desk *desk = ad_alloc(run->arena, sizeof(*desk));
	const struct ad_graph graph = ad_job_graph(run);
	(void)end;
	*desk = ad_job_desk(run);
	run->state = desk;
	return ad_job_look_up_admins(run, &graph, desk, err);
}

int ad_job_upkeep_failed(struct ad_job_run *run, const struct ad_job_end *end, struct ad_err *err)
{
	struct ad_desk *desk = run->state;
	const struct ad_desk_job_report report = ad_job_report(run, end);
	ad_desk_restart(desk);
	int r = ad_desk_job_failed(desk, &report, err);
	ad_job_hand_over(run, desk);
	return r;
}

int ad_job_upkeep_recovered(struct ad_job_run *run, struct ad_err *err)
{
	struct ad_desk desk = ad_job_desk(run);
	int r = ad_desk_job_recovered(&desk, run->job.id, err);
	ad_job_hand_over(run, &desk);
	return r;
}
