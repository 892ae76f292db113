/* SPDX-License-Identifier: Apache-2.0 */
/* Insides of the runner: the workers' shared state, and the two ends of a claim. */
#ifndef AD_JOBS_RUNNER_H
#define AD_JOBS_RUNNER_H

#include "ad/jobs/kind.h"

#include <pthread.h>
#include <stdatomic.h>

/* One worker and the job in its hands. */
struct ad_job_slot {
	struct ad_jobs *jobs;
	pthread_t thread;
	struct ad_net_client *net; /* the worker's; a stop cancels it */
	int64_t job_id;            /* 0: idle; under jobs->lock, like fence */
	int fence;
	atomic_llong leased_ms; /* monotonic: when the lease was last asked for and given */
	atomic_bool lost;       /* somebody else has it: nothing may be written any more */
	bool is_short;          /* takes short kinds alone, and looks for them itself */
};

struct ad_jobs {
	struct ad_jobs_options options; /* with the defaults filled in */
	atomic_llong standing_ms;       /* monotonic: when standing jobs were seen to; 0: not yet */
	pthread_mutex_t lock;           /* for what follows */
	pthread_cond_t wake;            /* the leader: a job may be due */
	pthread_cond_t follow;          /* the others: nobody leads, or a worker is idle */
	pthread_cond_t wake_short;      /* the worker for short kinds: a job may be due */
	pthread_cond_t pause;           /* those who wait inside a step: stop, or a lease is lost */
	bool leading;
	bool poked;
	bool poked_short;
	atomic_bool stopping;
	size_t workers;            /* started */
	struct ad_job_slot *slots; /* options.workers, and one for short kinds when there are any */
	size_t slots_count;
	pthread_t keeper;
};

/* Waits on a condition of jobs for at most ms; under jobs->lock. False after the time. */
bool ad_jobs_wait(struct ad_jobs *jobs, pthread_cond_t *condition, int64_t ms);

/* Runs a claimed job to the end of this claim and records how it ended. Worker thread. */
void ad_job_execute(struct ad_job_run *run, const struct ad_job_kind *kind);

/* What comes of a failed claim; writes it. */
void ad_job_settle(struct ad_job_run *run, const struct ad_job_kind *kind, const char *step,
	const struct ad_err *err);

/* Hands the notices of the transaction that was just committed to the sender. */
void ad_job_committed(struct ad_job_run *run);

/* Marks the worker's lease as lost; the claim then ends without a word. Worker thread. */
void ad_job_lose(struct ad_job_run *run);

/* Thread of the runner: prolongs leases, and removes what dead jobs left in the work folder. */
void *ad_jobs_keep(void *jobs);

#endif
