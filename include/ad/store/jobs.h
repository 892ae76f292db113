/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Jobs and their finished steps. Everything that takes time or has a date is a row here; the queue
 * is the clock. Times are Unix seconds of the database's clock. Functions run inside the caller's
 * transaction if one is open, else each is its own. One thread per connection.
 *
 * States: queued, retry_wait and waiting_upstream rows are due at run_at; a running row has a lease
 * and is due again when that has run out; waiting_admin rows wait for somebody's decision;
 * succeeded, failed and cancelled are at rest.
 */
#ifndef AD_STORE_JOBS_H
#define AD_STORE_JOBS_H

#include "ad/arena.h"
#include "ad/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ad_db;

enum ad_job_state {
	AD_JOB_QUEUED = 0,
	AD_JOB_RUNNING,
	AD_JOB_RETRY_WAIT,
	AD_JOB_WAITING_UPSTREAM,
	AD_JOB_WAITING_ADMIN,
	AD_JOB_SUCCEEDED,
	AD_JOB_FAILED,
	AD_JOB_CANCELLED
};

/* As in the column: "retry_wait". */
const char *ad_job_state_name(enum ad_job_state state);

struct ad_job {
	int64_t id;
	const char *tenant_id;
	const char *kind;
	const char *key;
	const char *payload; /* JSON object as text */
	enum ad_job_state state;
	const char *step; /* that runs or failed; "" before the first */
	int attempts;     /* claims since the last finished step, this one included */
	int crashes;      /* of these, claims that ended without a word */
	int fence;
	const char *last_error; /* for admins; never holds a secret */
	const char *error_class;
	const char *error_code; /* of last_error: ad_err_code_name() */
	int64_t run_at;
	int64_t created_at;
	int64_t changed_at;
	int64_t failing_since; /* the first failure after the last success; 0: it does not fail */
	int failures;          /* since then */
	const char *assignee_oid; /* the admin who looks after it; "": nobody */
	const char *assignee_name;
	bool is_escalated; /* since then: the admin on call was called */
};

/* ---- for those who want something done ---- */

/* Packages an app and delivers it to all who wait for it. Key: the app's number as text; payload
 * {"app_id": 7}. */
#define AD_JOB_PACKAGE "package"
/* Calls the admin on call about a job that has failed too often or for too long. Key "job:<id>";
 * payload {"job": id}. Made by the desk with the first failure that admins hear of. */
#define AD_JOB_ESCALATION "escalation"
/* Does something about a notice that could not be delivered. Key "outbox:<id>"; payload {"outbox":
 * id, "tried": the fallback before this one, "wish": "install" when an admin asks for it}. Made by
 * ad_store_outbox_record. */
#define AD_JOB_NOTICE "notice"
/* Tells a person the news that waits for them. Key "person:<object id>"; payload {"oid": ...}. Made
 * by ad_store_news_hold. */
#define AD_JOB_NEWS "news"
/* The clock of an open stage: reminders, deadline. Key "<request>.<ordinal>"; payload {"request":
 * id, "stage": ordinal}. */
#define AD_JOB_STAGE "stage"
/* Ends a delegation when its time is over. Key "delegation:<id>"; payload {"delegation": id}. */
#define AD_JOB_DELEGATION "delegation"
/* Tells the admins of a change that waits for one of them, and of its end when nobody decided. Key
 * "proposal:<id>"; payload {"proposal": id}. Made by the desk. */
#define AD_JOB_PROPOSAL "proposal"
/* Looks through WinGet for what a search did not find, for the card of that search. Key "<object
 * id>.<activity>"; payload {"words": ...}. */
#define AD_JOB_CANDIDATES "candidates"
/* Looks for what somebody suggests in WinGet, and tells the admins. Key "suggestion:<id>"; payload
 * {"suggestion": id}. Made by the desk. */
#define AD_JOB_SUGGESTION "suggestion"
/* Tells those who deal with it that somebody wants their data deleted. Key "privacy:<id>"; payload
 * {"privacy": id}. Made by the desk. */
#define AD_JOB_PRIVACY "privacy"
/* Looks at a grant when something is due about it: tells its person of the end, ends it, takes the
 * membership away. Key "grant:<id>", priority FIRST; payload {"grant": id}. Queued again for the
 * next time while the grant lasts. */
#define AD_JOB_GRANT "grant"
/* Asks the directory what has changed among people. A standing job: key AD_JOB_STANDING_KEY. */
#define AD_JOB_DIRECTORY "directory"
/* Does what follows from the directory's news of one person. Key "person:<object id>"; payload
 * {"oid": ...}. Made by ad_store_directory_unsettled. */
#define AD_JOB_PERSON "person"
/* People get what a policy names for them without asking. A standing job. */
#define AD_JOB_BIRTHRIGHT "birthright"
/* Holds open stages against the directory. A standing job. */
#define AD_JOB_WATCH "watch"
/* Holds the members of apps' groups against the grants. A standing job. */
#define AD_JOB_DRIFT "drift"
/* The key of jobs that are always there, one of their kind. */
#define AD_JOB_STANDING_KEY "standing"

/* What must not wait goes first, however long something else has been due. */
enum ad_job_priority { AD_JOB_PRIORITY_NORMAL = 0, AD_JOB_PRIORITY_FIRST };

struct ad_job_new {
	const char *tenant_id;
	const char *kind;    /* AD_JOB_PACKAGE, ... */
	const char *key;     /* what it is about: one live job per kind and key */
	const char *payload; /* JSON object as text; NULL: {} */
	int64_t delay_s;     /* not before now() + delay */
	int64_t run_at;      /* or not before this time, Unix seconds; 0: delay_s counts */
	bool sooner;         /* a queued one of the same key may be brought forward to that time */
	enum ad_job_priority priority;
};

/*
 * Adds a job, or finds the live one of the same kind and key and locks its row until the caller's
 * transaction ends: that job cannot finish without seeing what this transaction wrote. The time of
 * one that exists is never pushed back. After the commit call ad_jobs_wake.
 */
AD_MUST int ad_store_jobs_add(struct ad_db *db, struct ad_arena *arena,
	const struct ad_job_new *job, int64_t *ret_id, struct ad_err *err);

/* AD_ENOTFOUND. */
AD_MUST int ad_store_jobs_get(struct ad_db *db, struct ad_arena *arena, int64_t id,
	struct ad_job *ret, struct ad_err *err);

#define AD_JOBS_LIST_MAX 200

/* Those that are not done, newest change first, at most limit (<= AD_JOBS_LIST_MAX); what only
 * waits for its time is not among them. */
AD_MUST int ad_store_jobs_list(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	size_t limit, struct ad_job **ret, size_t *ret_count, struct ad_err *err);

/* A failed or waiting job is due at once, with fresh attempts, at its first unfinished step. False
 * when it is neither (running, done) or another live job has taken its key. */
AD_MUST int ad_store_jobs_retry(struct ad_db *db, struct ad_arena *arena, int64_t id,
	bool *ret_changed, struct ad_err *err);

/* Ends a failed or waiting job. False when it is neither: it works, is queued again, or is done. */
AD_MUST int ad_store_jobs_cancel(struct ad_db *db, struct ad_arena *arena, int64_t id,
	bool *ret_changed, struct ad_err *err);

/* A failed or waiting job is this admin's from now on. False when it is neither. */
AD_MUST int ad_store_jobs_assign(struct ad_db *db, struct ad_arena *arena, int64_t id,
	const char *oid, const char *name, bool *ret_changed, struct ad_err *err);

/* The admin on call is being called about a failed or waiting job. False when it is neither, or
 * that was done before since it fails. */
AD_MUST int ad_store_jobs_escalate(struct ad_db *db, struct ad_arena *arena, int64_t id,
	bool *ret_changed, struct ad_err *err);

/* ---- what happened to a job ---- */

#define AD_JOB_LOG_KEPT 50 /* lines of one job, besides its finished steps */

struct ad_job_line {
	int64_t at;
	const char *step;
	const char *event;  /* "done", "failed", "retried", "accepted", "assigned", "escalated" */
	const char *detail; /* failed: the error; retried and others: a name */
};

/* The newest lines, at most limit, oldest first. */
AD_MUST int ad_store_jobs_log(struct ad_db *db, struct ad_arena *arena, int64_t id, size_t limit,
	struct ad_job_line **ret, size_t *ret_count, struct ad_err *err);

/* Adds a line about what somebody did: event and detail as above. Failures are noted by settle. */
AD_MUST int ad_store_jobs_note(struct ad_db *db, struct ad_arena *arena, int64_t id,
	const char *event, const char *detail, struct ad_err *err);

/* ---- for the runner ---- */

struct ad_job_claim {
	const char *owner; /* this process: unique per start */
	const char *const *kinds;
	size_t kinds_count;
	int lease_s;
};

/* Takes a job: those of priority FIRST, then lost leases, then all others; of each the one that has
 * been due longest. *ret is NULL when nothing is due. */
AD_MUST int ad_store_jobs_claim(struct ad_db *db, struct ad_arena *arena,
	const struct ad_job_claim *claim, struct ad_job **ret, struct ad_err *err);

/* A claimed job that some worker of this process holds. */
struct ad_job_lease {
	int64_t id;
	int fence;
	bool held; /* set by renew */
};

/* Prolongs the leases in one statement; those that are lost get held = false. */
AD_MUST int ad_store_jobs_renew(struct ad_db *db, struct ad_arena *arena, const char *owner,
	int lease_s, struct ad_job_lease *leases, size_t count, struct ad_err *err);

/* Locks the job's row until the transaction ends. AD_ECONFLICT when the fence has moved on: the
 * lease was lost, nothing may be written. */
AD_MUST int ad_store_jobs_hold(
	struct ad_db *db, struct ad_arena *arena, int64_t id, int fence, struct ad_err *err);

/* One finished step. */
struct ad_job_step_done {
	int64_t job_id;
	int fence;
	const char *step;
	const char *result;    /* JSON object as text */
	const char *next_step; /* NULL: the job has succeeded */
};

/* Records a step and moves the job on, in one statement. AD_ECONFLICT when the fence has moved on.
 */
AD_MUST int ad_store_jobs_step_done(struct ad_db *db, struct ad_arena *arena,
	const struct ad_job_step_done *done, struct ad_err *err);

struct ad_job_step {
	const char *step;
	const char *result;
};

AD_MUST int ad_store_jobs_steps(struct ad_db *db, struct ad_arena *arena, int64_t job_id,
	struct ad_job_step **ret, size_t *ret_count, struct ad_err *err);

/* Forgets a step, which will be done again; nothing when the fence has moved on. */
AD_MUST int ad_store_jobs_step_drop(struct ad_db *db, struct ad_arena *arena, int64_t job_id,
	int fence, const char *step, struct ad_err *err);

/* How a claim ended without success. */
struct ad_job_settle {
	int64_t id;
	int fence;
	enum ad_job_state state; /* queued, retry_wait, waiting_upstream, waiting_admin, failed */
	const char *step;
	const char *last_error;
	const char *error_class;
	const char *error_code;
	int64_t delay_ms; /* until it is due again */
	bool uncounted;   /* this claim was no attempt: given back at a stop */
	bool afresh;      /* claims that ended without a word are forgotten */
};

/* Gives the lease back. AD_ECONFLICT when the fence has moved on. */
AD_MUST int ad_store_jobs_settle(struct ad_db *db, struct ad_arena *arena,
	const struct ad_job_settle *settle, struct ad_err *err);

/* Gives the lease back so that the job is queued again for its next time: from its first step on,
 * all results forgotten, and uncounted. AD_ECONFLICT when the fence has moved on. */
AD_MUST int ad_store_jobs_again(struct ad_db *db, struct ad_arena *arena, int64_t id, int fence,
	int64_t delay_ms, struct ad_err *err);

#endif
