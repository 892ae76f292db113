/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One claim of one job: steps that have a result are skipped, the others are worked and recorded in
 * their order. A step that the lease was lost under writes nothing; whoever holds the lease now
 * tells the story.
 */
#include "kit.h"
#include "runner.h"

#include "ad/db.h"
#include "ad/fault.h"
#include "ad/file.h"
#include "ad/log.h"

#include <inttypes.h>

#define AGAIN_MAX 100 /* rounds of one step in one claim */

const struct ad_json *ad_job_result(const struct ad_job_run *run, const char *step)
{
	return ad_json_get(run->results, step);
}

/* ---- results of earlier claims ---- */

static int load_results(struct ad_job_run *run, struct ad_err *err)
{
	struct ad_job_step *steps;
	size_t count;
	int r = ad_store_jobs_steps(run->db, run->arena, run->job.id, &steps, &count, err);
	if (r < 0)
		return r;
	run->results = ad_json_new_object(run->arena);
	for (size_t i = 0; i < count; i++) {
		struct ad_json *result;
		r = ad_json_parse(
			run->arena, steps[i].result, strlen(steps[i].result), &result, err);
		if (r < 0)
			return r;
		ad_json_set(run->arena, run->results, steps[i].step, result);
	}
	struct ad_json *payload;
	r = ad_json_parse(run->arena, run->job.payload, strlen(run->job.payload), &payload, err);
	run->payload = payload;
	return r;
}

/* Forgets results whose files are gone. All are judged before any is forgotten, for a step may look
 * at the results of others. The rows stay until they are written anew. */
static void drop_broken(struct ad_job_run *run, const struct ad_job_kind *kind)
{
	bool *broken = ad_alloc_array(run->arena, kind->steps_count, sizeof(*broken));
	for (size_t i = 0; i < kind->steps_count; i++) {
		const struct ad_job_step_spec *step = &kind->steps[i];
		broken[i] = ad_job_result(run, step->name) && step->intact && !step->intact(run);
	}
	for (size_t i = 0; i < kind->steps_count; i++)
		if (broken[i])
			ad_json_remove(run->results, kind->steps[i].name);
}

/* ---- one step ---- */

struct recording {
	struct ad_job_run *run;
	const struct ad_job_kind *kind;
	const struct ad_job_step_spec *step;
	const char *next;
	struct ad_json *result;
	bool again;
	bool later; /* the job has been queued again for its next time */
};

void ad_job_committed(struct ad_job_run *run)
{
	if (run->notices > 0 && run->options->committed)
		run->options->committed(run->options->committed_ctx, run->notice_ids, run->notices);
	run->notices = 0;
}

/* A write of ours was refused because of its fence. */
static int lose_on_conflict(struct ad_job_run *run, int r)
{
	if (r == AD_ECONFLICT)
		ad_job_lose(run);
	return r;
}

/* One statement, which may be repeated and checks the fence itself. */
static int record_alone(struct recording *recording, struct ad_err *err)
{
	struct ad_job_run *run = recording->run;
	const struct ad_job_step_done done = { .job_id = run->job.id,
		.fence = run->job.fence,
		.step = recording->step->name,
		.result = ad_json_print(run->arena, recording->result),
		.next_step = recording->next };
	return lose_on_conflict(run, ad_store_jobs_step_done(run->db, run->arena, &done, err));
}

/* The claim ends well, and one before it did not. */
static int tell_recovered(struct recording *recording, struct ad_err *err)
{
	struct ad_job_run *run = recording->run;
	const struct ad_job_kind *kind = recording->kind;
	bool failed = run->job.failing_since != 0;
	return failed && kind->recovered ? kind->recovered(run, err) : 0;
}

/* In the transaction: what the step writes besides. */
static int record(struct ad_db *db, void *ctx, struct ad_err *err)
{
	struct recording *recording = ctx;
	struct ad_job_run *run = recording->run;
	run->notices = 0;
	int r = ad_store_jobs_hold(db, run->arena, run->job.id, run->job.fence, err);
	if (r < 0)
		return lose_on_conflict(run, r);
	r = recording->step->record(run, recording->result, err);
	if (r < 0)
		return r;
	recording->again = r == AD_JOB_AGAIN;
	recording->later = r == AD_JOB_LATER;
	if (!recording->again && (recording->later || !recording->next))
		r = tell_recovered(recording, err);
	if (r < 0)
		return r;
	if (recording->later)
		return lose_on_conflict(run, ad_store_jobs_again(db, run->arena, run->job.id,
						     run->job.fence, run->later_ms, err));
	return recording->again ? 0 : record_alone(recording, err);
}

static int fault(struct ad_job_run *run, const char *when, const char *step, struct ad_err *err)
{
	if (AD_FAULT(ad_printf(run->arena, "job.%s.%s", when, step)))
		return AD_FAIL(err, AD_EUNAVAIL, "fault point");
	return 0;
}

/* The record, as often as it wants more facts of the directory. */
static int record_with_facts(struct recording *recording, struct ad_err *err)
{
	struct ad_job_run *run = recording->run;
	int r = 0;
	for (int i = 0; i < AD_FACTS_ROUNDS_MAX; i++) {
		r = ad_db_transaction(run->db, record, recording, err);
		if (r != AD_ECONFLICT || !ad_desk_facts_wanted(&run->facts))
			return r;
		r = ad_job_gather(run, err);
		if (r < 0)
			return r;
	}
	return r;
}

/* One round of work and record. */
static int round_of(struct recording *recording, struct ad_err *err)
{
	struct ad_job_run *run = recording->run;
	const struct ad_job_step_spec *step = recording->step;
	if (!ad_job_keep_going(run))
		return AD_FAIL(err, AD_EBUSY, "stopped");
	recording->result = ad_json_new_object(run->arena);
	recording->again = recording->later = false;
	int r = fault(run, "before", step->name, err);
	if (r == 0 && step->work)
		r = step->work(run, recording->result, err);
	if (r == 0)
		r = fault(run, "worked", step->name, err);
	if (r == 0)
		r = step->record ? record_with_facts(recording, err) : record_alone(recording, err);
	if (r == 0)
		ad_job_committed(run);
	return r;
}

/* 0, AD_JOB_LATER when the claim ends here, or an error. */
static int run_step(
	struct ad_job_run *run, const struct ad_job_kind *kind, size_t index, struct ad_err *err)
{
	struct recording recording = { .run = run,
		.kind = kind,
		.step = &kind->steps[index],
		.next = index + 1 < kind->steps_count ? kind->steps[index + 1].name : NULL };
	for (int i = 0; i < AGAIN_MAX; i++) {
		int r = round_of(&recording, err);
		if (r < 0)
			return r;
		if (recording.again)
			continue;
		if (recording.later)
			return AD_JOB_LATER;
		ad_json_set(run->arena, run->results, recording.step->name, recording.result);
		run->job.attempts = 1;
		run->job.crashes = 0;
		ad_log(AD_LOG_DEBUG, "jobs", "step done", "step", recording.step->name, NULL);
		return fault(run, "after", recording.step->name, err);
	}
	return AD_FAIL(err, AD_EUNAVAIL, "the step found more to do %d times", AGAIN_MAX);
}

/* ---- the claim ---- */

/* All steps that have no result yet; *ret_step is the last one that ran. Answers as run_step. */
static int run_steps(struct ad_job_run *run, const struct ad_job_kind *kind, const char **ret_step,
	struct ad_err *err)
{
	for (size_t i = 0; i < kind->steps_count; i++) {
		*ret_step = kind->steps[i].name;
		if (ad_job_result(run, kind->steps[i].name))
			continue;
		int r = run_step(run, kind, i, err);
		if (r != 0)
			return r;
	}
	return 0;
}

static int prepare(struct ad_job_run *run, const struct ad_job_kind *kind, struct ad_err *err)
{
	int r = load_results(run, err);
	/* Also of a job that is only parked: what tells of its end needs what open has read. */
	if (r == 0 && kind->open)
		r = kind->open(run, err);
	if (r == 0 && run->job.crashes >= AD_JOBS_CRASHES_MAX)
		r = AD_FAIL(err, AD_EBUG,
			"the process died %d times at this step, so the job is parked",
			run->job.crashes);
	if (r == 0)
		drop_broken(run, kind);
	return r;
}

void ad_job_execute(struct ad_job_run *run, const struct ad_job_kind *kind)
{
	struct ad_err err = { 0 };
	const char *step = run->job.step;
	int r = prepare(run, kind, &err);
	if (r == 0)
		r = run_steps(run, kind, &step, &err);
	if (r < 0) {
		ad_job_settle(run, kind, step, &err);
		return;
	}
	if (ad_file_remove_tree(run->dir, &err) < 0)
		ad_log_err(AD_LOG_WARN, "jobs", "work folder stays", &err, NULL);
	ad_log(AD_LOG_INFO, "jobs", r == AD_JOB_LATER ? "job waits for its next time" : "job done",
		"kind", kind->name, "key", run->job.key, NULL);
}
