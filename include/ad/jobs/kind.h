/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A kind of job: a name and its steps. To add one: a file in src/jobs that defines a struct
 * ad_job_kind, and one row in the table of src/jobs/kinds.c.
 *
 * A step does its outside work without a transaction; then its result is recorded, together with
 * what the step's record function writes, in one transaction that checks the fence. Each step can
 * be run again without harm: after a crash the job goes on at the first step without a record.
 * Fault points: job.before.<step>, job.worked.<step> (not recorded yet), job.after.<step>.
 */
#ifndef AD_JOBS_KIND_H
#define AD_JOBS_KIND_H

#include "ad/desk/facts.h"
#include "ad/jobs.h"
#include "ad/json.h"
#include "ad/store/jobs.h"

struct ad_db;
struct ad_net_client;
struct ad_job_slot;

/* One claimed job in the hands of one worker thread. */
struct ad_job_run {
	const struct ad_jobs_options *options;
	struct ad_db *db;
	struct ad_net_client *net;
	struct ad_arena *arena; /* lives until this claim ends */
	struct ad_job job;
	const struct ad_json *payload;
	struct ad_json *results; /* step -> its recorded result */
	const char *dir; /* this job's own folder in the work folder; made by who needs it */
	void *state;     /* of the kind, made by its open */
	/* Set by record and failed functions: outbox rows that this transaction has written. */
	const int64_t *notice_ids;
	size_t notices;
	/* That record functions wanted: one that ends with AD_ECONFLICT because of them is rolled
	 * back, the directory is asked, and it runs again. */
	struct ad_desk_facts facts;
	int64_t later_ms;   /* set by a record function that answers AD_JOB_LATER */
	const char *rewind; /* set by a step that fails: forget the results from this step on */
	struct ad_job_slot *slot; /* private to the runner */
};

/* The recorded result of a step, or NULL. */
const struct ad_json *ad_job_result(const struct ad_job_run *run, const char *step);

/* False when the process stops or the lease is lost: long work then ends soon, with AD_EBUSY. */
bool ad_job_keep_going(const struct ad_job_run *run);

/* Waits; answers as ad_job_keep_going. */
bool ad_job_pause(const struct ad_job_run *run, int64_t ms);

/* What record functions answer besides 0 and errors: what they wrote is committed, but the step has
 * more to do, so its work is done again. */
#define AD_JOB_AGAIN 1
/* The job has a next time: in the same transaction it is queued again for
 * run->later_ms from now, uncounted, and its results are forgotten, so that it then begins at its
 * first step. */
#define AD_JOB_LATER 2

struct ad_job_step_spec {
	const char *name;
	/* The outside work; fills result, an empty object. NULL: there is none. */
	int (*work)(struct ad_job_run *run, struct ad_json *result, struct ad_err *err);
	/* What is written with the step's record, inside the open transaction, which may be run
	 * again after a deadlock. NULL: nothing else. */
	int (*record)(struct ad_job_run *run, struct ad_json *result, struct ad_err *err);
	/* After a resume: whether the recorded result still stands (its files are there). NULL: it
	 * does. */
	bool (*intact)(const struct ad_job_run *run);
};

/* How a claim ended without success. */
struct ad_job_end {
	enum ad_job_state state; /* retry_wait, waiting_upstream, waiting_admin, failed */
	const char *step;
	const struct ad_err *err;
};

struct ad_job_kind {
	const char *name;
	/* Takes seconds, and people wait for it: one worker takes nothing else, so that it does not
	 * stand behind packages. */
	bool is_short;
	/* One job of it is always there (AD_JOB_STANDING_KEY), made by whoever finds none; its last
	 * step answers AD_JOB_LATER. */
	bool is_standing;
	const struct ad_job_step_spec *steps;
	size_t steps_count;
	/* Before the first step of each claim. May be NULL. */
	int (*open)(struct ad_job_run *run, struct ad_err *err);
	/* Before the transaction that settles a failed claim: looks up over HTTP what failed needs.
	 * An error puts the end off: the job is tried again later, and people are told then. */
	int (*failing)(struct ad_job_run *run, const struct ad_job_end *end, struct ad_err *err);
	/* In that transaction: tells people. Both may be NULL. */
	int (*failed)(struct ad_job_run *run, const struct ad_job_end *end, struct ad_err *err);
	/* In the transaction that records the end of a claim after one or more that failed. May be
	 * NULL. */
	int (*recovered)(struct ad_job_run *run, struct ad_err *err);
};

/* The kinds of the program. */
extern const struct ad_job_kind *const ad_job_kinds[];
extern const size_t ad_job_kinds_count;

#endif
