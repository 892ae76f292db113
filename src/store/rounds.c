/* SPDX-License-Identifier: Apache-2.0 */
/* Rounds of a request: edits, decisions taken back, reminders by the requester. */
#include "ad/store/rounds.h"
#include "ad/db.h"
#include "ad/store/requests.h"
#include "ad/text.h"

#include "ad_queries.h"

static int one_row(const struct ad_db_result *result, int64_t id, struct ad_err *err)
{
	if (ad_db_affected(result) == 1)
		return 0;
	return AD_FAIL(err, AD_ECONFLICT, "request %lld changed meanwhile", (long long)id);
}

int ad_store_round_edit(struct ad_db *db, struct ad_arena *arena, const struct ad_round_edit *edit,
	struct ad_err *err)
{
	struct ad_db_result *result;
	int e = ad_db_exec(db, arena, AD_Q_ROUNDS_EDIT,
		AD_DB_PARAMS(AD_DB_INT(edit->id), AD_DB_INT(edit->version),
			AD_DB_TEXT(edit->justification), AD_DB_INT(edit->wanted_days),
			AD_DB_TEXT(edit->policy_name), AD_DB_INT(edit->policy_version)),
		&result, err);
	return e == 0 ? one_row(result, edit->id, err) : e;
}

int ad_store_round_answer(struct ad_db *db, struct ad_arena *arena, int64_t request_id, int round,
	const struct ad_answer *answer, struct ad_err *err)
{
	return ad_db_exec(db, arena, AD_Q_ROUNDS_ANSWER,
		AD_DB_PARAMS(AD_DB_INT(request_id), AD_DB_INT(round), AD_DB_INT(answer->ordinal),
			AD_DB_TEXT(answer->label), AD_DB_TEXT(answer->answer)),
		NULL, err);
}

int ad_store_round_reopen(struct ad_db *db, struct ad_arena *arena,
	const struct ad_request *request, int *ret_stage, struct ad_err *err)
{
	struct ad_db_result *result;
	struct ad_db_result *copies;
	int e = ad_db_exec(db, arena, AD_Q_ROUNDS_AGAIN,
		AD_DB_PARAMS(AD_DB_INT(request->id), AD_DB_INT(request->stage)), &copies, err);
	if (e != 0)
		return e;
	if (ad_db_rows(copies) == 0)
		return AD_FAIL(err, AD_EBUG, "request %lld has no stage %d", (long long)request->id,
			request->stage);
	int stage = (int)ad_db_int(copies, 0, 0);
	for (size_t i = 1; i < ad_db_rows(copies); i++)
		if (ad_db_int(copies, i, 0) < stage)
			stage = (int)ad_db_int(copies, i, 0);
	e = ad_db_exec(db, arena, AD_Q_ROUNDS_REOPEN,
		AD_DB_PARAMS(AD_DB_INT(request->id), AD_DB_INT(request->version), AD_DB_INT(stage)),
		&result, err);
	if (e == 0)
		e = one_row(result, request->id, err);
	if (e == 0)
		*ret_stage = stage;
	return e;
}

int ad_store_round_decided_ago(struct ad_db *db, struct ad_arena *arena, int64_t request_id,
	int ordinal, int64_t *ret_s, struct ad_err *err)
{
	struct ad_db_result *row;
	int e = ad_db_exec_one(db, arena, AD_Q_ROUNDS_DECIDED_AGO,
		AD_DB_PARAMS(AD_DB_INT(request_id), AD_DB_INT(ordinal)), &row, err);
	if (e == 0)
		*ret_s = ad_db_int(row, 0, 0);
	return e;
}

int ad_store_round_job(struct ad_db *db, struct ad_arena *arena, int64_t job_id, bool *ret_late,
	struct ad_err *err)
{
	struct ad_db_result *row;
	int e = ad_db_exec_one(
		db, arena, AD_Q_ROUNDS_JOB, AD_DB_PARAMS(AD_DB_INT(job_id)), &row, err);
	/* From its last step on people are in the app's group, whatever the job says of itself. */
	if (e == 0)
		*ret_late = ad_text_eq(ad_db_text(row, 0, 1), "deliver");
	return e;
}

int ad_store_round_job_end(struct ad_db *db, struct ad_arena *arena, int64_t job_id,
	bool *ret_ended, struct ad_err *err)
{
	struct ad_db_result *result;
	int e = ad_db_exec(
		db, arena, AD_Q_ROUNDS_JOB_END, AD_DB_PARAMS(AD_DB_INT(job_id)), &result, err);
	if (e == 0)
		*ret_ended = ad_db_rows(result) == 1;
	return e;
}

int ad_store_round_revise(struct ad_db *db, struct ad_arena *arena, int64_t request_id, int round,
	const struct ad_revision *revision, struct ad_err *err)
{
	return ad_db_exec(db, arena, AD_Q_ROUNDS_REVISE,
		AD_DB_PARAMS(AD_DB_INT(request_id), AD_DB_INT(round), AD_DB_TEXT(revision->what),
			AD_DB_TEXT(revision->label), AD_DB_TEXT(revision->before),
			AD_DB_TEXT(revision->after)),
		NULL, err);
}

int ad_store_round_revisions(struct ad_db *db, struct ad_arena *arena, int64_t request_id,
	int round, struct ad_revisions *ret, struct ad_err *err)
{
	struct ad_db_result *rows;
	int e = ad_db_exec(db, arena, AD_Q_ROUNDS_REVISIONS,
		AD_DB_PARAMS(AD_DB_INT(request_id), AD_DB_INT(round)), &rows, err);
	if (e != 0)
		return e;
	size_t count = ad_db_rows(rows);
	struct ad_revision *items = ad_alloc_array(arena, count, sizeof *items);
	for (size_t i = 0; i < count; i++)
		items[i] = (struct ad_revision){
			.what = ad_db_text(rows, i, 0),
			.label = ad_db_text(rows, i, 1),
			.before = ad_db_text(rows, i, 2),
			.after = ad_db_text(rows, i, 3),
		};
	*ret = (struct ad_revisions){ .items = items, .count = count };
	return 0;
}

int ad_store_round_nudge(struct ad_db *db, struct ad_arena *arena, int64_t request_id, int pause_s,
	bool *ret_done, int64_t *ret_wait_s, struct ad_err *err)
{
	struct ad_db_result *result;
	struct ad_db_result *row;
	int e = ad_db_exec(db, arena, AD_Q_ROUNDS_NUDGE,
		AD_DB_PARAMS(AD_DB_INT(request_id), AD_DB_INT(pause_s)), &result, err);
	if (e == 0)
		e = ad_db_exec_one(db, arena, AD_Q_ROUNDS_NUDGE_WAIT,
			AD_DB_PARAMS(AD_DB_INT(request_id), AD_DB_INT(pause_s)), &row, err);
	if (e != 0)
		return e;
	*ret_done = ad_db_affected(result) == 1;
	*ret_wait_s = ad_db_int(row, 0, 0);
	return 0;
}

int ad_store_round_nudged_at(struct ad_db *db, struct ad_arena *arena, int64_t request_id,
	int64_t *ret_ms, struct ad_err *err)
{
	struct ad_db_result *row;
	int e = ad_db_exec_one(
		db, arena, AD_Q_ROUNDS_NUDGED_AT, AD_DB_PARAMS(AD_DB_INT(request_id)), &row, err);
	if (e == 0)
		*ret_ms = ad_db_int(row, 0, 0);
	return e;
}
