/* SPDX-License-Identifier: Apache-2.0 */
/* Jobs and their finished steps: rows of jobs and job_steps. */
#include "ad/store/jobs.h"

#include "ad/db.h"
#include "ad/text.h"

#include "ad_queries.h"

static const char *const state_names[] = {
	[AD_JOB_QUEUED] = "queued",
	[AD_JOB_RUNNING] = "running",
	[AD_JOB_RETRY_WAIT] = "retry_wait",
	[AD_JOB_WAITING_UPSTREAM] = "waiting_upstream",
	[AD_JOB_WAITING_ADMIN] = "waiting_admin",
	[AD_JOB_SUCCEEDED] = "succeeded",
	[AD_JOB_FAILED] = "failed",
	[AD_JOB_CANCELLED] = "cancelled",
};

const char *ad_job_state_name(enum ad_job_state state)
{
	return state_names[state];
}

static enum ad_job_state parse_state(const char *name)
{
	const size_t count = sizeof(state_names) / sizeof(state_names[0]);
	size_t i = 0;
	while (i < count && !ad_text_eq(name, state_names[i]))
		i++;
	AD_ASSERT(i < count); /* the column's check allows no other state */
	return (enum ad_job_state)i;
}

/* Columns as jobs_get, jobs_list and jobs_claim select them. */
static void read_job(const struct ad_db_result *rows, size_t row, struct ad_job *ret)
{
	*ret = (struct ad_job){
		.id = ad_db_int(rows, row, 0),
		.tenant_id = ad_db_text(rows, row, 1),
		.kind = ad_db_text(rows, row, 2),
		.key = ad_db_text(rows, row, 3),
		.payload = ad_db_text(rows, row, 4),
		.state = parse_state(ad_db_text(rows, row, 5)),
		.step = ad_db_text(rows, row, 6),
		.attempts = (int)ad_db_int(rows, row, 7),
		.crashes = (int)ad_db_int(rows, row, 8),
		.fence = (int)ad_db_int(rows, row, 9),
		.last_error = ad_db_text(rows, row, 10),
		.error_class = ad_db_text(rows, row, 11),
		.run_at = ad_db_int(rows, row, 12),
		.created_at = ad_db_int(rows, row, 13),
		.changed_at = ad_db_int(rows, row, 14),
		.failing_since = ad_db_int(rows, row, 15),
		.error_code = ad_db_text(rows, row, 16),
		.failures = (int)ad_db_int(rows, row, 17),
		.assignee_oid = ad_db_text(rows, row, 18),
		.assignee_name = ad_db_text(rows, row, 19),
		.is_escalated = ad_db_bool(rows, row, 20),
	};
}

/* A write that names its fence and touched no row came from a worker that lost its lease. */
static int fenced(const struct ad_db_result *rows, int64_t id, struct ad_err *err)
{
	if (ad_db_rows(rows) == 1)
		return 0;
	return AD_FAIL(err, AD_ECONFLICT, "the lease of job %lld is lost", (long long)id);
}

int ad_store_jobs_add(struct ad_db *db, struct ad_arena *arena, const struct ad_job_new *job,
	int64_t *ret_id, struct ad_err *err)
{
	struct ad_db_result *row;
	int r = ad_db_exec_one(db, arena, AD_Q_JOBS_ADD,
		AD_DB_PARAMS(AD_DB_TEXT(job->tenant_id), AD_DB_TEXT(job->kind),
			AD_DB_TEXT(job->key), AD_DB_TEXT(job->payload ? job->payload : "{}"),
			AD_DB_INT(job->delay_s), AD_DB_INT(job->run_at),
			AD_DB_INT(job->priority == AD_JOB_PRIORITY_FIRST ? 0 : 1),
			AD_DB_BOOL(job->sooner)),
		&row, err);
	if (r < 0)
		return r;
	*ret_id = ad_db_int(row, 0, 0);
	return 0;
}

int ad_store_jobs_get(struct ad_db *db, struct ad_arena *arena, int64_t id, struct ad_job *ret,
	struct ad_err *err)
{
	struct ad_db_result *row;
	int r = ad_db_exec_one(db, arena, AD_Q_JOBS_GET, AD_DB_PARAMS(AD_DB_INT(id)), &row, err);
	if (r < 0)
		return r;
	read_job(row, 0, ret);
	return 0;
}

int ad_store_jobs_list(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	size_t limit, struct ad_job **ret, size_t *ret_count, struct ad_err *err)
{
	struct ad_db_result *rows;
	AD_ASSERT(limit <= AD_JOBS_LIST_MAX);
	int r = ad_db_exec(db, arena, AD_Q_JOBS_LIST,
		AD_DB_PARAMS(AD_DB_TEXT(tenant_id), AD_DB_INT((int64_t)limit)), &rows, err);
	if (r < 0)
		return r;
	size_t count = ad_db_rows(rows);
	struct ad_job *jobs = ad_alloc_array(arena, count, sizeof(*jobs));
	for (size_t i = 0; i < count; i++)
		read_job(rows, i, &jobs[i]);
	*ret = jobs;
	*ret_count = count;
	return 0;
}

static int change(struct ad_db *db, struct ad_arena *arena, int query, struct ad_db_params params,
	bool *ret_changed, struct ad_err *err)
{
	struct ad_db_result *rows;
	int r = ad_db_exec(db, arena, query, params, &rows, err);
	if (r < 0)
		return r;
	*ret_changed = ad_db_rows(rows) == 1;
	return 0;
}

int ad_store_jobs_retry(
	struct ad_db *db, struct ad_arena *arena, int64_t id, bool *ret_changed, struct ad_err *err)
{
	return change(db, arena, AD_Q_JOBS_RETRY, AD_DB_PARAMS(AD_DB_INT(id)), ret_changed, err);
}

int ad_store_jobs_cancel(
	struct ad_db *db, struct ad_arena *arena, int64_t id, bool *ret_changed, struct ad_err *err)
{
	return change(db, arena, AD_Q_JOBS_CANCEL, AD_DB_PARAMS(AD_DB_INT(id)), ret_changed, err);
}

int ad_store_jobs_assign(struct ad_db *db, struct ad_arena *arena, int64_t id, const char *oid,
	const char *name, bool *ret_changed, struct ad_err *err)
{
	return change(db, arena, AD_Q_JOBS_ASSIGN,
		AD_DB_PARAMS(AD_DB_INT(id), AD_DB_TEXT(oid), AD_DB_TEXT(name)), ret_changed, err);
}

int ad_store_jobs_escalate(
	struct ad_db *db, struct ad_arena *arena, int64_t id, bool *ret_changed, struct ad_err *err)
{
	return change(db, arena, AD_Q_JOBS_ESCALATE, AD_DB_PARAMS(AD_DB_INT(id)), ret_changed, err);
}

int ad_store_jobs_log(struct ad_db *db, struct ad_arena *arena, int64_t id, size_t limit,
	struct ad_job_line **ret, size_t *ret_count, struct ad_err *err)
{
	struct ad_db_result *rows;
	int r = ad_db_exec(db, arena, AD_Q_JOBS_LOG,
		AD_DB_PARAMS(AD_DB_INT(id), AD_DB_INT((int64_t)limit)), &rows, err);
	if (r < 0)
		return r;
	size_t count = ad_db_rows(rows);
	struct ad_job_line *lines = ad_alloc_array(arena, count, sizeof(*lines));
	for (size_t i = 0; i < count; i++)
		lines[i] = (struct ad_job_line){
			.at = ad_db_int(rows, i, 0),
			.step = ad_db_text(rows, i, 1),
			.event = ad_db_text(rows, i, 2),
			.detail = ad_db_text(rows, i, 3),
		};
	*ret = lines;
	*ret_count = count;
	return 0;
}

int ad_store_jobs_note(struct ad_db *db, struct ad_arena *arena, int64_t id, const char *event,
	const char *detail, struct ad_err *err)
{
	return ad_db_exec(db, arena, AD_Q_JOBS_NOTE,
		AD_DB_PARAMS(AD_DB_INT(id), AD_DB_TEXT(event), AD_DB_TEXT(detail)), NULL, err);
}

int ad_store_jobs_claim(struct ad_db *db, struct ad_arena *arena, const struct ad_job_claim *claim,
	struct ad_job **ret, struct ad_err *err)
{
	struct ad_db_result *rows;
	int r = ad_db_exec(db, arena, AD_Q_JOBS_CLAIM,
		AD_DB_PARAMS(AD_DB_TEXTS(claim->kinds, claim->kinds_count),
			AD_DB_TEXT(claim->owner), AD_DB_INT(claim->lease_s)),
		&rows, err);
	if (r < 0)
		return r;
	*ret = NULL;
	if (ad_db_rows(rows) == 0)
		return 0;
	*ret = ad_alloc(arena, sizeof(**ret));
	read_job(rows, 0, *ret);
	return 0;
}

int ad_store_jobs_renew(struct ad_db *db, struct ad_arena *arena, const char *owner, int lease_s,
	struct ad_job_lease *leases, size_t count, struct ad_err *err)
{
	int64_t *ids = ad_alloc_array(arena, count, sizeof(*ids));
	for (size_t i = 0; i < count; i++)
		ids[i] = leases[i].id;
	struct ad_db_result *rows;
	int r = ad_db_exec(db, arena, AD_Q_JOBS_RENEW,
		AD_DB_PARAMS(AD_DB_TEXT(owner), AD_DB_INTS(ids, count), AD_DB_INT(lease_s)), &rows,
		err);
	if (r < 0)
		return r;
	for (size_t i = 0; i < count; i++) {
		leases[i].held = false;
		for (size_t row = 0; row < ad_db_rows(rows); row++)
			if (ad_db_int(rows, row, 0) == leases[i].id &&
				ad_db_int(rows, row, 1) == leases[i].fence)
				leases[i].held = true;
	}
	return 0;
}

int ad_store_jobs_hold(
	struct ad_db *db, struct ad_arena *arena, int64_t id, int fence, struct ad_err *err)
{
	AD_ASSERT(ad_db_in_transaction(db));
	struct ad_db_result *rows;
	int r = ad_db_exec(db, arena, AD_Q_JOBS_HOLD, AD_DB_PARAMS(AD_DB_INT(id), AD_DB_INT(fence)),
		&rows, err);
	return r < 0 ? r : fenced(rows, id, err);
}

int ad_store_jobs_step_done(struct ad_db *db, struct ad_arena *arena,
	const struct ad_job_step_done *done, struct ad_err *err)
{
	struct ad_db_result *rows;
	int r = ad_db_exec(db, arena, AD_Q_JOBS_STEP_DONE,
		AD_DB_PARAMS(AD_DB_INT(done->job_id), AD_DB_INT(done->fence),
			AD_DB_TEXT(done->step), AD_DB_TEXT(done->result),
			AD_DB_TEXT(done->next_step)),
		&rows, err);
	return r < 0 ? r : fenced(rows, done->job_id, err);
}

int ad_store_jobs_steps(struct ad_db *db, struct ad_arena *arena, int64_t job_id,
	struct ad_job_step **ret, size_t *ret_count, struct ad_err *err)
{
	struct ad_db_result *rows;
	int r = ad_db_exec(db, arena, AD_Q_JOBS_STEPS, AD_DB_PARAMS(AD_DB_INT(job_id)), &rows, err);
	if (r < 0)
		return r;
	size_t count = ad_db_rows(rows);
	struct ad_job_step *steps = ad_alloc_array(arena, count, sizeof(*steps));
	for (size_t i = 0; i < count; i++) {
		steps[i].step = ad_db_text(rows, i, 0);
		steps[i].result = ad_db_text(rows, i, 1);
	}
	*ret = steps;
	*ret_count = count;
	return 0;
}

int ad_store_jobs_step_drop(struct ad_db *db, struct ad_arena *arena, int64_t job_id, int fence,
	const char *step, struct ad_err *err)
{
	return ad_db_exec(db, arena, AD_Q_JOBS_STEP_DROP,
		AD_DB_PARAMS(AD_DB_INT(job_id), AD_DB_INT(fence), AD_DB_TEXT(step)), NULL, err);
}

int ad_store_jobs_settle(struct ad_db *db, struct ad_arena *arena,
	const struct ad_job_settle *settle, struct ad_err *err)
{
	struct ad_db_result *rows;
	int r = ad_db_exec(db, arena, AD_Q_JOBS_SETTLE,
		AD_DB_PARAMS(AD_DB_INT(settle->id), AD_DB_INT(settle->fence),
			AD_DB_TEXT(ad_job_state_name(settle->state)), AD_DB_TEXT(settle->step),
			AD_DB_TEXT(settle->last_error), AD_DB_TEXT(settle->error_class),
			AD_DB_INT(settle->delay_ms), AD_DB_BOOL(settle->uncounted),
			AD_DB_BOOL(settle->afresh), AD_DB_TEXT(settle->error_code),
			AD_DB_INT(AD_JOB_LOG_KEPT - 1)),
		&rows, err);
	return r < 0 ? r : fenced(rows, settle->id, err);
}

int ad_store_jobs_again(struct ad_db *db, struct ad_arena *arena, int64_t id, int fence,
	int64_t delay_ms, struct ad_err *err)
{
	struct ad_db_result *rows;
	int r = ad_db_exec(db, arena, AD_Q_JOBS_AGAIN,
		AD_DB_PARAMS(AD_DB_INT(id), AD_DB_INT(fence), AD_DB_INT(delay_ms)), &rows, err);
	return r < 0 ? r : fenced(rows, id, err);
}
