/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A kind of job: a name and its steps. To add one: a file in src/jobs that defines a struct
 * ad_job_kind, and one row in the table of src/jobs/kinds.c.
 *
 * A step does its outside work without a transaction; then its result is recorded, together with
 * what the step's record function writes, in one transaction that checks the fence. Each step can
 * be run again without harm: after a crash the job goes on at the first step without a record.
 */
#ifndef AD_JOBS_KIND_H
#define AD_JOBS_KIND_H

#include "ad/jobs.h"
#include "ad/json.h"
#include "ad/store/jobs.h"

struct ad_db;
struct ad_net_client;

/* One claimed job in the hands of one worker thread. */
struct ad_job_run {
	const struct ad_jobs_options *options;
	struct ad_db *db;
	struct ad_net_client *net;
	struct ad_arena *arena; /* lives until this claim ends */
	struct ad_job job;
	const struct ad_json *payload;
	struct ad_json *results; /* step -> its recorded result */
	const char *dir;         /* this job's folder in the work folder; made on first use */
	void *state;             /* of the kind, made by open */
	/* Set by a step that failed: forget the results from this step on. */
	const char *rewind;
	struct ad_job_slot *slot; /* private to the runner */
};

/* The recorded result of a step, or NULL. */
const struct ad_json *ad_job_result(const struct ad_job_run *run, const char *step);

/* False when the process stops or the lease is lost: long work ends soon, with AD_EBUSY. */
bool ad_job_keep_going(const struct ad_job_run *run);

/* Waits; false as ad_job_keep_going. */
bool ad_job_pause(struct ad_job_run *run, int64_t ms);

struct ad_job_step_spec {
	const char *name;
	/* The outside work; fills result, an empty object. May be NULL. */
	int (*work)(struct ad_job_run *run, struct ad_json *result, struct ad_err *err);
	/* What is written with the step's record, inside the open transaction. AD_EBUSY: something
	 * came in between, do the work again. May be NULL. */
	int (*record)(struct ad_job_run *run, struct ad_json *result, struct ad_err *err);
	/* After a resume: whether the recorded result still stands (its files are there). NULL: it
	 * does. */
	bool (*intact)(struct ad_job_run *run);
};

/* How a claim ended. */
struct ad_job_end {
	enum ad_job_state state; /* succeeded, retry_wait, waiting_upstream, failed */
	const char *step;
	const struct ad_err *err; /* NULL when it succeeded */
};

struct ad_job_kind {
	const char *name;
	const struct ad_job_step_spec *steps;
	size_t steps_count;
	/* Before the first step of each claim; may be NULL. */
	int (*open)(struct ad_job_run *run, struct ad_err *err);
	/* In the transaction that settles a claim without success: tells people. May be NULL. */
	int (*failed)(struct ad_job_run *run, const struct ad_job_end *end, struct ad_err *err);
	/* After the claim, whatever came of it: cleans up. May be NULL. */
	void (*close)(struct ad_job_run *run, const struct ad_job_end *end);
};

#endif
