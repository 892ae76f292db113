/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The job runner: workers that claim due rows of jobs, run their steps, and record each. A worker
 * owns a database connection, an HTTP client and an arena. Leases are prolonged by one thread; a
 * worker whose lease was lost is fenced and writes nothing. Any number of processes may run on one
 * database.
 */
#ifndef AD_JOBS_H
#define AD_JOBS_H

#include "ad/domain/brake.h"
#include "ad/err.h"
#include "ad/graph.h"
#include "ad/store/seal.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ad_desk_mail;
struct ad_cards;
struct ad_job_kind;
struct ad_winget_profile;

#define AD_JOBS_WORKERS 4
#define AD_JOBS_LEASE_S 20        /* a dead process's jobs are taken over after this */
#define AD_JOBS_HEARTBEAT_MS 5000 /* how often leases are prolonged */
#define AD_JOBS_STANDING_MS \
	(10 * 60 * 1000)        /* how often a standing job that is gone is made anew */
#define AD_JOBS_DRIFT_S 3600    /* between two looks at the members of an app's group */
#define AD_JOBS_DIRECTORY_S 300 /* between two questions for the directory's changes */
#define AD_JOBS_BRAKE_PEOPLE 50 /* configuration graph.brake_people */
#define AD_JOBS_BRAKE_PERCENT 20
#define AD_JOBS_POLL_MS 1000  /* how often an idle process looks for due jobs */
#define AD_JOBS_CRASHES_MAX 5 /* claims that end without a word before the job is parked */
#define AD_JOBS_TRIES_MAX 12  /* transient failures of one step before it is parked */
#define AD_JOBS_ALARM_TRIES 2 /* transient failures of one step before admins are told */
#define AD_JOBS_BACKOFF_MS 10000
#define AD_JOBS_BACKOFF_MAX_MS (15 * 60 * 1000)
#define AD_JOBS_UPSTREAM_MS (30 * 60 * 1000) /* between two looks whether WinGet has followed */
#define AD_JOBS_UPSTREAM_MAX_MS (6 * 3600 * 1000)

/* Zeroed = the defaults above. */
struct ad_jobs_timing {
	int lease_s;
	int heartbeat_ms;
	int poll_ms;
	int64_t backoff_ms;
	int64_t backoff_max_ms;
	int64_t upstream_ms;
};

struct ad_db_url;

/* Everything is borrowed and must outlive the runner. */
struct ad_jobs_options {
	struct ad_db_url *database;
	const char *node;      /* this process, unique per start: owner of leases and outbox rows */
	const char *tenant_id; /* ours */
	const char *bot_app_id; /* notices go to references of this bot */
	const struct ad_cards *cards;
	size_t workers; /* 0: AD_JOBS_WORKERS; besides them one for short kinds */
	struct ad_jobs_timing timing;
	const struct ad_job_kind *const *kinds; /* NULL: all of the program */
	size_t kinds_count;

	const char *graph_base_url;
	struct ad_graph_token graph_token;
	int drift_every_s;               /* 0: AD_JOBS_DRIFT_S */
	int directory_every_s;           /* 0: AD_JOBS_DIRECTORY_S */
	struct ad_brake_limits brake;    /* zeroed: AD_JOBS_BRAKE_PEOPLE, AD_JOBS_BRAKE_PERCENT */
	const struct ad_desk_mail *mail; /* NULL: no mail is sent */
	const char *install_app;         /* graph.install_app; "" or NULL: never */
	const char *winget_base_url;
	const struct ad_winget_profile *winget_profile;
	int winget_max_index_age_days;
	const char *work_dir;
	uint64_t max_installer_bytes;
	struct ad_store_conv_key seal_key; /* for package keys that rest in the database */
	bool allow_loopback_http;

	/* Called after a commit that wrote outbox rows, leased to this node: for ad_outbox_kick.
	 * Worker threads. May be NULL. */
	void (*committed)(void *ctx, const int64_t *notice_ids, size_t count);
	void *committed_ctx;
};

struct ad_jobs;

/* Starts the workers. The database need not be there yet. */
AD_MUST int ad_jobs_start(
	const struct ad_jobs_options *options, struct ad_jobs **ret, struct ad_err *err);

/* A job may be due: look now. Any thread, never waits. */
void ad_jobs_wake(struct ad_jobs *jobs);

/* Takes no more jobs, lets running steps notice, gives unfinished jobs back, joins the threads and
 * frees. Long work notices within a second or one HTTP exchange. NULL is allowed. */
void ad_jobs_stop(struct ad_jobs *jobs);

/* Jobs in the hands of workers now. Any thread. */
size_t ad_jobs_running(struct ad_jobs *jobs);

#endif
