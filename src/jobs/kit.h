/* SPDX-License-Identifier: Apache-2.0 */
/* What kinds of jobs share: Graph and the desk as a job uses them. Private to jobs. */
#ifndef AD_JOBS_KIT_H
#define AD_JOBS_KIT_H

#include "ad/desk/jobs.h"
#include "ad/graph.h"
#include "ad/jobs/kind.h"

/* Waits of Graph end when the job has to. */
struct ad_graph ad_job_graph(struct ad_job_run *run);
/* Speaks as the system; without settings and people. */
struct ad_desk ad_job_desk(struct ad_job_run *run);

/* Asks the directory for what the desk wanted (run->facts). */
AD_MUST int ad_job_gather(struct ad_job_run *run, struct ad_err *err);

/* Settings and admins for the desk, before its transaction, so that they can be told: those who
 * were admins before, while the directory does not say. Only what passes is an error: a wrong or
 * vanished admin group must not keep the job from its end, nobody is admin then. */
AD_MUST int ad_job_look_up_admins(struct ad_job_run *run, const struct ad_graph *graph,
	struct ad_desk *desk, struct ad_err *err);

/* What the desk has written in this transaction goes to the sender after the commit, together with
 * what another desk of it has. */
void ad_job_hand_over(struct ad_job_run *run, const struct ad_desk *desk);

/* ---- WinGet (winget.c) ---- */

struct ad_winget_options;

/* The source as this job's thread asks it, with the present high-water mark. */
AD_MUST int ad_job_winget(
	struct ad_job_run *run, struct ad_winget_options *ret, struct ad_err *err);
/* In a transaction: an index of this version was accepted, so no older one will be, on any node. */
AD_MUST int ad_job_winget_accepted(struct ad_job_run *run, const char *version, struct ad_err *err);

/* ---- what the counter does by itself ---- */

/* For kinds that deliver nothing to anybody: admins hear when such a job fails, and see on the same
 * card when it works again. */
#define AD_JOB_UPKEEP                                                     \
	.failing = ad_job_upkeep_failing, .failed = ad_job_upkeep_failed, \
	.recovered = ad_job_upkeep_recovered

AD_MUST int ad_job_upkeep_failing(
	struct ad_job_run *run, const struct ad_job_end *end, struct ad_err *err);
AD_MUST int ad_job_upkeep_failed(
	struct ad_job_run *run, const struct ad_job_end *end, struct ad_err *err);
AD_MUST int ad_job_upkeep_recovered(struct ad_job_run *run, struct ad_err *err);

/* What admins read of a claim that failed. */
struct ad_desk_job_report ad_job_report(const struct ad_job_run *run, const struct ad_job_end *end);

#endif
