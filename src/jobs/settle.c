/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What comes of a claim that failed, by the class of its error: transient ones are tried again with
 * growing pauses, an upstream one waits for the publisher, one that an admin has to decide waits
 * for that, all others park the job, unless it has to be there always. People are told in the same
 * transaction.
 */
#include "runner.h"

#include "ad/clock.h"
#include "ad/db.h"
#include "ad/file.h"
#include "ad/log.h"
#include "ad/text.h"

#define SETTLE_PAUSE_MS 500 /* between two tries to reach the database */

struct settling {
	struct ad_job_run *run;
	const struct ad_job_kind *kind;
	struct ad_job_end end;
	int64_t delay_ms;
	bool uncounted;
	bool afresh;
	bool quiet;        /* nobody is told */
	struct ad_err err; /* that ended the claim, fit for people */
};

/* ---- the decision ---- */

static int64_t later(const struct ad_job_run *run, const struct ad_err *err)
{
	const struct ad_jobs_timing *timing = &run->options->timing;
	int attempt = run->job.attempts > 0 ? run->job.attempts : 1;
	int64_t wait = ad_clock_backoff_ms(attempt, timing->backoff_ms, timing->backoff_max_ms);
	int64_t told = (int64_t)err->retry_after_s * 1000;
	return told > wait ? told : wait;
}

static void decide(struct settling *settling)
{
	const struct ad_job_run *run = settling->run;
	const struct ad_err *err = settling->end.err;
	/* A stop cuts short what waits for others, which says nothing about them. */
	if (err->class == AD_CLASS_TRANSIENT && atomic_load(&run->slot->jobs->stopping)) {
		settling->end.state = AD_JOB_QUEUED;
		settling->uncounted = true;
		settling->quiet = true;
	} else if (err->class == AD_CLASS_UPSTREAM) {
		settling->end.state = AD_JOB_WAITING_UPSTREAM;
		settling->delay_ms = ad_clock_backoff_ms(run->job.attempts,
			run->options->timing.upstream_ms, AD_JOBS_UPSTREAM_MAX_MS);
		settling->quiet =
			ad_text_eq(run->job.error_class, ad_err_class_name(AD_CLASS_UPSTREAM));
	} else if (err->class == AD_CLASS_ADMIN) {
		settling->end.state = AD_JOB_WAITING_ADMIN;
	} else if (err->class == AD_CLASS_TRANSIENT && run->job.attempts < AD_JOBS_TRIES_MAX) {
		settling->end.state = AD_JOB_RETRY_WAIT;
		settling->delay_ms = later(run, err);
		settling->quiet = run->job.attempts < AD_JOBS_ALARM_TRIES;
	} else if (settling->kind->is_standing) {
		/* Always there: whatever is wrong with it, it is tried again. */
		settling->end.state = AD_JOB_RETRY_WAIT;
		settling->afresh = true;
		settling->delay_ms = later(run, err);
		if (settling->delay_ms < AD_JOBS_STANDING_MS)
			settling->delay_ms = AD_JOBS_STANDING_MS;
	} else {
		settling->end.state = AD_JOB_FAILED;
	}
}

/* Nobody can be told now, so the job does not come to rest: it fails again later, aloud. */
static void put_off(struct settling *settling)
{
	settling->end.state = AD_JOB_RETRY_WAIT;
	settling->delay_ms = later(settling->run, settling->end.err);
	settling->quiet = true;
}

/* ---- the transaction ---- */

/* Steps from run->rewind on are forgotten. */
static int rewind_steps(struct ad_job_run *run, const struct ad_job_kind *kind, struct ad_err *err)
{
	bool from_here = false;
	for (size_t i = 0; run->rewind && i < kind->steps_count; i++) {
		from_here |= strcmp(kind->steps[i].name, run->rewind) == 0;
		if (!from_here)
			continue;
		int r = ad_store_jobs_step_drop(
			run->db, run->arena, run->job.id, run->job.fence, kind->steps[i].name, err);
		if (r < 0)
			return r;
	}
	return 0;
}

static int settle(struct ad_db *db, void *ctx, struct ad_err *err)
{
	struct settling *settling = ctx;
	struct ad_job_run *run = settling->run;
	const struct ad_job_settle row = { .id = run->job.id,
		.fence = run->job.fence,
		.state = settling->end.state,
		.step = settling->end.step,
		.last_error = settling->end.err->text,
		.error_class = ad_err_class_name(settling->end.err->class),
		.error_code = ad_err_code_name(settling->end.err->code),
		.delay_ms = settling->delay_ms,
		.uncounted = settling->uncounted,
		.afresh = settling->afresh };
	run->notices = 0;
	int r = ad_store_jobs_hold(db, run->arena, run->job.id, run->job.fence, err);
	if (r == AD_ECONFLICT)
		ad_job_lose(run);
	if (r == 0)
		r = rewind_steps(run, settling->kind, err);
	if (r == 0)
		r = ad_store_jobs_settle(db, run->arena, &row, err);
	if (r == 0 && !settling->quiet && settling->kind->failed)
		r = settling->kind->failed(run, &settling->end, err);
	return r;
}

static bool is_lost(const struct ad_job_run *run)
{
	return atomic_load(&run->slot->lost);
}

/* While the lease lasts the database gets further chances; after that its end counts as a crash. */
static int write_down(struct settling *settling, struct ad_err *err)
{
	struct ad_job_run *run = settling->run;
	int64_t until = ad_clock_mono_ms() + (int64_t)run->options->timing.lease_s * 1000;
	for (;;) {
		int r = ad_db_transaction(run->db, settle, settling, err);
		if (r == 0 || is_lost(run) || ad_clock_mono_ms() > until)
			return r;
		/* A notice that cannot be written must not keep the job from coming to rest. */
		if (err->class == AD_CLASS_BUG && !settling->quiet)
			settling->quiet = true;
		else if (!ad_job_pause(run, SETTLE_PAUSE_MS))
			return r;
	}
}

/* ---- the end ---- */

static void log_end(const struct settling *settling)
{
	enum ad_log_level level = AD_LOG_WARN;
	if (settling->end.state == AD_JOB_FAILED)
		level = AD_LOG_ERROR;
	else if (settling->end.state == AD_JOB_QUEUED)
		level = AD_LOG_INFO;
	ad_log_err(level, "jobs", "job not done", settling->end.err, "kind", settling->kind->name,
		"step", settling->end.step, "state", ad_job_state_name(settling->end.state),
		"attempt", AD_NUM(settling->run->job.attempts), NULL);
}

void ad_job_settle(struct ad_job_run *run, const struct ad_job_kind *kind, const char *step,
	const struct ad_err *err)
{
	struct settling settling = {
		.run = run, .kind = kind, .end = { .step = step }, .err = *err
	};
	struct ad_err failure = { 0 };
	ad_text_mask(settling.err.text);
	settling.end.err = &settling.err;
	if (is_lost(run)) {
		ad_log(AD_LOG_WARN, "jobs", "lease lost", "step", step, NULL);
		return;
	}
	decide(&settling);
	if (!settling.quiet && kind->failing && kind->failing(run, &settling.end, &failure) < 0) {
		ad_log_err(AD_LOG_WARN, "jobs", "nobody can be told yet", &failure, NULL);
		put_off(&settling);
	}
	if (write_down(&settling, &failure) < 0) {
		ad_log_err(AD_LOG_WARN, "jobs", "end of claim not written", &failure, "step", step,
			NULL);
		return;
	}
	log_end(&settling);
	ad_job_committed(run);
	/* Only a job that is tried again soon goes on with its files. */
	if (settling.end.state != AD_JOB_RETRY_WAIT && settling.end.state != AD_JOB_QUEUED &&
		ad_file_remove_tree(run->dir, &failure) < 0)
		ad_log_err(AD_LOG_WARN, "jobs", "work folder stays", &failure, NULL);
}
