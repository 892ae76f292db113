/* SPDX-License-Identifier: Apache-2.0 */
/* What kinds of jobs share: Graph and the desk as a job uses them. Private to jobs. */
#ifndef AD_JOBS_KIT_H
#define AD_JOBS_KIT_H

#include "ad/desk.h"
#include "ad/graph.h"
#include "ad/jobs/kind.h"

/* Waits of Graph end when the job has to. */
struct ad_graph ad_job_graph(struct ad_job_run *run);
/* Speaks as the system; without settings and people. */
struct ad_desk ad_job_desk(struct ad_job_run *run);

/* Asks the directory for what the desk wanted (run->facts). */
AD_MUST int ad_job_gather(struct ad_job_run *run, struct ad_err *err);

/* Settings and admins for the desk, before its transaction. Only what passes is an error: a wrong
 * or vanished admin group must not keep the job from its end, nobody is admin then. */
AD_MUST int ad_job_look_up_admins(struct ad_job_run *run, const struct ad_graph *graph,
	struct ad_desk *desk, struct ad_err *err);

/* What the desk has written in this transaction goes to the sender after the commit. */
void ad_job_hand_over(struct ad_job_run *run, const struct ad_desk *desk);

#endif
