/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Workers. One idle worker at a time leads: it looks for due jobs, and waits when there are none.
 * As soon as it has one it hands the lead on, so an idle process asks the database once in a poll
 * interval, whatever the number of its workers. One more worker looks for short kinds alone: what
 * takes seconds does not stand behind packages that take an hour.
 */
#include "runner.h"

#include "ad/clock.h"
#include "ad/db.h"
#include "ad/log.h"
#include "ad/net.h"
#include "ad/text.h"
#include "ad/work.h"

#include <errno.h>
#include <inttypes.h>

/* ---- waiting ---- */

bool ad_jobs_wait(struct ad_jobs *jobs, pthread_cond_t *condition, int64_t ms)
{
	struct timespec until;
	(void)clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += ms / 1000;
	until.tv_nsec += ms % 1000 * 1000000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_nsec -= 1000000000;
		until.tv_sec++;
	}
	return pthread_cond_timedwait(condition, &jobs->lock, &until) != ETIMEDOUT;
}

/* A process that was frozen knows by its own clock that its leases may be somebody else's by now.
 */
static bool lease_has_run_out(const struct ad_job_slot *slot)
{
	int64_t age_ms = ad_clock_mono_ms() - atomic_load(&slot->leased_ms);
	return age_ms >= (int64_t)slot->jobs->options.timing.lease_s * 1000;
}

bool ad_job_keep_going(const struct ad_job_run *run)
{
	const struct ad_job_slot *slot = run->slot;
	return !atomic_load(&slot->lost) && !atomic_load(&slot->jobs->stopping) &&
	       !lease_has_run_out(slot);
}

bool ad_job_pause(const struct ad_job_run *run, int64_t ms)
{
	struct ad_jobs *jobs = run->slot->jobs;
	int64_t until = ad_clock_mono_ms() + ms;
	(void)pthread_mutex_lock(&jobs->lock);
	while (ad_job_keep_going(run)) {
		int64_t left = until - ad_clock_mono_ms();
		if (left <= 0)
			break;
		(void)ad_jobs_wait(jobs, &jobs->pause, left);
	}
	(void)pthread_mutex_unlock(&jobs->lock);
	return ad_job_keep_going(run);
}

void ad_job_lose(struct ad_job_run *run)
{
	atomic_store(&run->slot->lost, true);
}

/* ---- one worker ---- */

struct worker {
	struct ad_job_slot *slot;
	struct ad_db *db;
	struct ad_arena *arena;
	bool database_down; /* logged once */
};

/* What is always there is made where it is missing: a first start, or it came to rest as failed.
 * All nodes do so; there is one all the same. */
static int see_to_standing(struct worker *worker, struct ad_err *err)
{
	struct ad_jobs *jobs = worker->slot->jobs;
	const struct ad_jobs_options *options = &jobs->options;
	int64_t now = ad_clock_mono_ms();
	int64_t before = atomic_load(&jobs->standing_ms);
	int r = 0;
	if (!worker->slot->is_short || (before != 0 && now - before < AD_JOBS_STANDING_MS))
		return 0;
	for (size_t i = 0; r == 0 && i < options->kinds_count; i++) {
		int64_t id;
		const struct ad_job_new job = { .tenant_id = options->tenant_id,
			.kind = options->kinds[i]->name,
			.key = AD_JOB_STANDING_KEY };
		if (options->kinds[i]->is_standing)
			r = ad_store_jobs_add(worker->db, worker->arena, &job, &id, err);
	}
	if (r == 0)
		atomic_store(&jobs->standing_ms, now);
	return r;
}

static int claim(struct worker *worker, struct ad_job **ret, struct ad_err *err)
{
	const struct ad_jobs_options *options = &worker->slot->jobs->options;
	const char **names = ad_alloc_array(worker->arena, options->kinds_count, sizeof(*names));
	size_t count = 0;
	for (size_t i = 0; i < options->kinds_count; i++)
		if (!worker->slot->is_short || options->kinds[i]->is_short)
			names[count++] = options->kinds[i]->name;
	const struct ad_job_claim wish = { .owner = options->node,
		.kinds = names,
		.kinds_count = count,
		.lease_s = options->timing.lease_s };
	int r = see_to_standing(worker, err);
	return r == 0 ? ad_store_jobs_claim(worker->db, worker->arena, &wish, ret, err) : r;
}

/* Silence about a database that stays away; one line when it goes and one when it is back. */
static void note_database(struct worker *worker, int r, const struct ad_err *err)
{
	if (r < 0 && !worker->database_down)
		ad_log_err(AD_LOG_WARN, "jobs", "cannot look for jobs", err, NULL);
	if (r == 0 && worker->database_down)
		ad_log(AD_LOG_INFO, "jobs", "looking for jobs again", NULL);
	worker->database_down = r < 0;
}

static void take_lead(struct ad_jobs *jobs)
{
	while (jobs->leading && !atomic_load(&jobs->stopping))
		(void)pthread_cond_wait(&jobs->follow, &jobs->lock);
	jobs->leading = true;
}

static void hand_lead_on(struct ad_jobs *jobs)
{
	jobs->leading = false;
	(void)pthread_cond_signal(&jobs->follow);
}

/* Waits for the lead (the worker for short kinds has its own), then for a job. NULL when the
 * process stops. */
static struct ad_job *next_job(struct worker *worker)
{
	struct ad_jobs *jobs = worker->slot->jobs;
	bool is_short = worker->slot->is_short;
	bool *poked = is_short ? &jobs->poked_short : &jobs->poked;
	pthread_cond_t *wake = is_short ? &jobs->wake_short : &jobs->wake;
	struct ad_job *job = NULL;
	int64_t asked_ms = 0;

	(void)pthread_mutex_lock(&jobs->lock);
	if (!is_short)
		take_lead(jobs);
	while (!job && !atomic_load(&jobs->stopping)) {
		struct ad_err err = { 0 };
		*poked = false;
		(void)pthread_mutex_unlock(&jobs->lock);
		ad_arena_reset(worker->arena);
		asked_ms = ad_clock_mono_ms();
		note_database(worker, claim(worker, &job, &err), &err);
		(void)pthread_mutex_lock(&jobs->lock);
		if (!job && !*poked && !atomic_load(&jobs->stopping))
			(void)ad_jobs_wait(jobs, wake, jobs->options.timing.poll_ms);
	}
	if (job) {
		worker->slot->job_id = job->id;
		worker->slot->fence = job->fence;
		atomic_store(&worker->slot->leased_ms, asked_ms);
		atomic_store(&worker->slot->lost, false);
	}
	if (!is_short)
		hand_lead_on(jobs);
	(void)pthread_mutex_unlock(&jobs->lock);
	return job;
}

static const struct ad_job_kind *kind_of(const struct ad_jobs_options *options, const char *name)
{
	for (size_t i = 0; i < options->kinds_count; i++)
		if (ad_text_eq(options->kinds[i]->name, name))
			return options->kinds[i];
	ad_assert_failed(__FILE__, __LINE__, "only known kinds are claimed");
}

static void run_job(struct worker *worker, const struct ad_job *job)
{
	struct ad_jobs *jobs = worker->slot->jobs;
	struct ad_job_run run = { .options = &jobs->options,
		.db = worker->db,
		.net = worker->slot->net,
		.arena = worker->arena,
		.job = *job,
		.slot = worker->slot };
	run.dir = ad_printf(worker->arena, "%s/job-%" PRId64,
		jobs->options.work_dir ? jobs->options.work_dir : ".", job->id);
	ad_log_context("job", ad_printf(worker->arena, "%" PRId64, job->id));
	ad_job_execute(&run, kind_of(&jobs->options, job->kind));
	ad_log_context_clear();
	(void)pthread_mutex_lock(&jobs->lock);
	worker->slot->job_id = 0;
	(void)pthread_cond_broadcast(&jobs->follow); /* a stopping keeper counts the busy ones */
	(void)pthread_mutex_unlock(&jobs->lock);
}

static void *work(void *ctx)
{
	struct worker worker = { .slot = ctx };
	const struct ad_jobs *jobs = worker.slot->jobs;
	worker.db = ad_db_open_shared(jobs->options.database,
		&(struct ad_db_options){ .application_name = "appdesk jobs" });
	worker.arena = ad_arena_new();
	for (const struct ad_job *job; (job = next_job(&worker));)
		run_job(&worker, job);
	ad_arena_free(worker.arena);
	ad_db_close(worker.db);
	return NULL;
}

/* ---- start and stop ---- */

static void fill_defaults(struct ad_jobs_options *options)
{
	struct ad_jobs_timing *timing = &options->timing;
	if (options->workers == 0)
		options->workers = AD_JOBS_WORKERS;
	if (!options->kinds) {
		options->kinds = ad_job_kinds;
		options->kinds_count = ad_job_kinds_count;
	}
	if (options->drift_every_s == 0)
		options->drift_every_s = AD_JOBS_DRIFT_S;
	if (options->brake.people == 0)
		options->brake = (struct ad_brake_limits){ .people = AD_JOBS_BRAKE_PEOPLE,
			.percent = AD_JOBS_BRAKE_PERCENT };
	if (options->directory_every_s == 0)
		options->directory_every_s = AD_JOBS_DIRECTORY_S;
	if (timing->lease_s == 0)
		timing->lease_s = AD_JOBS_LEASE_S;
	if (timing->heartbeat_ms == 0)
		timing->heartbeat_ms = AD_JOBS_HEARTBEAT_MS;
	if (timing->poll_ms == 0)
		timing->poll_ms = AD_JOBS_POLL_MS;
	if (timing->backoff_ms == 0)
		timing->backoff_ms = AD_JOBS_BACKOFF_MS;
	if (timing->backoff_max_ms == 0)
		timing->backoff_max_ms = AD_JOBS_BACKOFF_MAX_MS;
	if (timing->upstream_ms == 0)
		timing->upstream_ms = AD_JOBS_UPSTREAM_MS;
}

static void init_condition(pthread_cond_t *condition)
{
	pthread_condattr_t attr;
	(void)pthread_condattr_init(&attr);
	(void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	(void)pthread_cond_init(condition, &attr);
	(void)pthread_condattr_destroy(&attr);
}

static int start_workers(struct ad_jobs *jobs, struct ad_err *err)
{
	for (size_t i = 0; i < jobs->slots_count; i++) {
		char name[AD_THREAD_NAME_MAX + 1];
		(void)snprintf(name, sizeof(name), "job-%u", (unsigned)i);
		jobs->slots[i].jobs = jobs;
		jobs->slots[i].is_short = i >= jobs->options.workers;
		jobs->slots[i].net = ad_net_client_new();
		int r = ad_thread_start(&jobs->slots[i].thread, name, work, &jobs->slots[i], err);
		if (r < 0)
			return r;
		jobs->workers++;
	}
	return 0;
}

static size_t count_slots(const struct ad_jobs_options *options)
{
	size_t short_kinds = 0;
	for (size_t i = 0; i < options->kinds_count; i++)
		short_kinds += options->kinds[i]->is_short;
	return options->workers + (short_kinds > 0 ? 1 : 0);
}

int ad_jobs_start(const struct ad_jobs_options *options, struct ad_jobs **ret, struct ad_err *err)
{
	struct ad_jobs *jobs = ad_xalloc(sizeof(*jobs));
	memset(jobs, 0, sizeof(*jobs));
	jobs->options = *options;
	fill_defaults(&jobs->options);
	(void)pthread_mutex_init(&jobs->lock, NULL);
	init_condition(&jobs->wake);
	init_condition(&jobs->follow);
	init_condition(&jobs->pause);
	init_condition(&jobs->wake_short);
	jobs->slots_count = count_slots(&jobs->options);
	jobs->slots = ad_xalloc(jobs->slots_count * sizeof(*jobs->slots));
	memset(jobs->slots, 0, jobs->slots_count * sizeof(*jobs->slots));
	int r = ad_thread_start(&jobs->keeper, "job-keeper", ad_jobs_keep, jobs, err);
	if (r < 0) {
		free(jobs->slots);
		free(jobs);
		return r;
	}
	r = start_workers(jobs, err);
	if (r < 0) {
		ad_jobs_stop(jobs);
		return r;
	}
	*ret = jobs;
	return 0;
}

void ad_jobs_wake(struct ad_jobs *jobs)
{
	(void)pthread_mutex_lock(&jobs->lock);
	jobs->poked = jobs->poked_short = true;
	(void)pthread_cond_signal(&jobs->wake);
	(void)pthread_cond_signal(&jobs->wake_short);
	(void)pthread_mutex_unlock(&jobs->lock);
}

void ad_jobs_stop(struct ad_jobs *jobs)
{
	if (!jobs)
		return;
	(void)pthread_mutex_lock(&jobs->lock);
	atomic_store(&jobs->stopping, true);
	(void)pthread_cond_broadcast(&jobs->wake);
	(void)pthread_cond_broadcast(&jobs->wake_short);
	(void)pthread_cond_broadcast(&jobs->follow);
	(void)pthread_cond_broadcast(&jobs->pause);
	(void)pthread_mutex_unlock(&jobs->lock);
	for (size_t i = 0; i < jobs->workers; i++)
		ad_net_client_cancel(jobs->slots[i].net); /* its peer may hang */
	for (size_t i = 0; i < jobs->workers; i++)
		(void)pthread_join(jobs->slots[i].thread, NULL);
	for (size_t i = 0; i < jobs->slots_count; i++)
		ad_net_client_free(jobs->slots[i].net);
	(void)pthread_join(jobs->keeper, NULL);
	(void)pthread_cond_destroy(&jobs->wake);
	(void)pthread_cond_destroy(&jobs->follow);
	(void)pthread_cond_destroy(&jobs->pause);
	(void)pthread_cond_destroy(&jobs->wake_short);
	(void)pthread_mutex_destroy(&jobs->lock);
	free(jobs->slots);
	free(jobs);
}

size_t ad_jobs_running(struct ad_jobs *jobs)
{
	size_t running = 0;
	(void)pthread_mutex_lock(&jobs->lock);
	for (size_t i = 0; i < jobs->workers; i++)
		running += jobs->slots[i].job_id != 0;
	(void)pthread_mutex_unlock(&jobs->lock);
	return running;
}
