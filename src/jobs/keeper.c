/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keeper's thread: prolongs the leases of the process's jobs in one statement, tells workers
 * whose lease is gone, and clears the work folder of jobs that are at rest. It keeps its beat while
 * workers stop, so that a stopping process does not lose what it still holds.
 */
#include "runner.h"

#include "ad/clock.h"
#include "ad/db.h"
#include "ad/file.h"
#include "ad/log.h"
#include "ad/text.h"

#include <dirent.h>
#include <inttypes.h>

#define CLEAN_MS (60 * 60 * 1000)
#define FOLDER_PREFIX "job-"

struct keeper {
	struct ad_jobs *jobs;
	struct ad_db *db;
	struct ad_arena *arena;
	int64_t cleaned_ms; /* 0: never */
};

/* ---- leases ---- */

/* What the workers hold now, at most one each. */
static size_t held_leases(struct ad_jobs *jobs, struct ad_job_lease *leases)
{
	size_t count = 0;
	(void)pthread_mutex_lock(&jobs->lock);
	for (size_t i = 0; i < jobs->slots_count; i++) {
		const struct ad_job_slot *slot = &jobs->slots[i];
		if (slot->job_id != 0)
			leases[count++] =
				(struct ad_job_lease){ .id = slot->job_id, .fence = slot->fence };
	}
	(void)pthread_mutex_unlock(&jobs->lock);
	return count;
}

/* Tells the worker that still has this job; one that has taken another meanwhile is left alone. */
static void note(struct ad_jobs *jobs, const struct ad_job_lease *lease, int64_t asked_ms)
{
	(void)pthread_mutex_lock(&jobs->lock);
	for (size_t i = 0; i < jobs->slots_count; i++) {
		struct ad_job_slot *slot = &jobs->slots[i];
		if (slot->job_id != lease->id || slot->fence != lease->fence)
			continue;
		if (lease->held)
			atomic_store(&slot->leased_ms, asked_ms);
		else
			atomic_store(&slot->lost, true);
	}
	if (!lease->held)
		(void)pthread_cond_broadcast(&jobs->pause);
	(void)pthread_mutex_unlock(&jobs->lock);
}

/* Without an answer the workers see for themselves when their leases have run out. */
static void renew(struct keeper *keeper)
{
	struct ad_jobs *jobs = keeper->jobs;
	const struct ad_jobs_options *options = &jobs->options;
	struct ad_job_lease *leases =
		ad_alloc_array(keeper->arena, keeper->jobs->slots_count, sizeof(*leases));
	size_t count = held_leases(jobs, leases);
	int64_t asked_ms = ad_clock_mono_ms();
	struct ad_err err;
	if (count == 0 || ad_store_jobs_renew(keeper->db, keeper->arena, options->node,
				  options->timing.lease_s, leases, count, &err) < 0)
		return;
	for (size_t i = 0; i < count; i++)
		note(jobs, &leases[i], asked_ms);
}

/* ---- leftovers ---- */

/* Whether the folder belongs to a job that nobody will go on with. */
static bool is_leftover(struct keeper *keeper, const char *name)
{
	struct ad_job job;
	struct ad_err err;
	int64_t id;
	if (!ad_text_starts(name, FOLDER_PREFIX) ||
		ad_text_i64(name + strlen(FOLDER_PREFIX), 1, INT64_MAX, &id) < 0)
		return false;
	int r = ad_store_jobs_get(keeper->db, keeper->arena, id, &job, &err);
	if (r < 0)
		return r == AD_ENOTFOUND;
	return job.state == AD_JOB_SUCCEEDED || job.state == AD_JOB_FAILED ||
	       job.state == AD_JOB_CANCELLED;
}

static void clean(struct keeper *keeper)
{
	const char *work_dir = keeper->jobs->options.work_dir;
	struct ad_err err;
	if (!work_dir || ad_db_ready(keeper->db, &err) < 0)
		return;
	keeper->cleaned_ms = ad_clock_mono_ms();
	DIR *dir = opendir(work_dir);
	if (!dir)
		return;
	for (const struct dirent *entry; (entry = readdir(dir));) {
		if (!is_leftover(keeper, entry->d_name))
			continue;
		const char *path = ad_printf(keeper->arena, "%s/%s", work_dir, entry->d_name);
		if (ad_file_remove_tree(path, &err) < 0)
			ad_log_err(AD_LOG_WARN, "jobs", "leftover stays", &err, NULL);
		else
			ad_log(AD_LOG_INFO, "jobs", "leftover removed", "folder", entry->d_name,
				NULL);
	}
	(void)closedir(dir);
}

/* ---- the thread ---- */

static bool any_busy(const struct ad_jobs *jobs)
{
	for (size_t i = 0; i < jobs->slots_count; i++)
		if (jobs->slots[i].job_id != 0)
			return true;
	return false;
}

/* Waits for the next beat. False when the process stops and no worker holds a job any more. */
static bool beat(struct ad_jobs *jobs)
{
	(void)pthread_mutex_lock(&jobs->lock);
	bool stopping = atomic_load(&jobs->stopping);
	if (!stopping || any_busy(jobs))
		(void)ad_jobs_wait(jobs, stopping ? &jobs->follow : &jobs->pause,
			jobs->options.timing.heartbeat_ms);
	bool going = !atomic_load(&jobs->stopping) || any_busy(jobs);
	(void)pthread_mutex_unlock(&jobs->lock);
	return going;
}

void *ad_jobs_keep(void *ctx)
{
	struct keeper keeper = { .jobs = ctx };
	keeper.db = ad_db_open_shared(keeper.jobs->options.database,
		&(struct ad_db_options){ .application_name = "appdesk job leases" });
	keeper.arena = ad_arena_new();
	do {
		ad_arena_reset(keeper.arena);
		renew(&keeper);
		if (keeper.cleaned_ms == 0 || ad_clock_mono_ms() - keeper.cleaned_ms > CLEAN_MS)
			clean(&keeper);
	} while (beat(keeper.jobs));
	ad_arena_free(keeper.arena);
	ad_db_close(keeper.db);
	return NULL;
}
