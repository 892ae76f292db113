/* SPDX-License-Identifier: Apache-2.0 */
/* Questions and answers about a request, and the pause between them. */
#include "ad/store/inquiries.h"
#include "ad/db.h"
#include "ad/store/requests.h"

#include "ad_queries.h"

int ad_store_inquiry_insert(struct ad_db *db, struct ad_arena *arena, int64_t request_id,
	const struct ad_inquiry *inquiry, int64_t *ret_id, struct ad_err *err)
{
	struct ad_db_result *row;
	int e = ad_db_exec_one(db, arena, AD_Q_INQUIRIES_INSERT,
		AD_DB_PARAMS(AD_DB_INT(request_id), AD_DB_INT(inquiry->ordinal),
			AD_DB_TEXT(inquiry->asked_by), AD_DB_TEXT(inquiry->question)),
		&row, err);
	if (e == 0)
		*ret_id = ad_db_int(row, 0, 0);
	return e;
}

int ad_store_inquiry_answer(struct ad_db *db, struct ad_arena *arena, int64_t id,
	const char *answer, struct ad_err *err)
{
	struct ad_db_result *result;
	int e = ad_db_exec(db, arena, AD_Q_INQUIRIES_ANSWER,
		AD_DB_PARAMS(AD_DB_INT(id), AD_DB_TEXT(answer)), &result, err);
	if (e == 0 && ad_db_affected(result) != 1)
		return AD_FAIL(err, AD_ECONFLICT, "question %lld is answered", (long long)id);
	return e;
}

int ad_store_inquiries_of(struct ad_db *db, struct ad_arena *arena, int64_t request_id,
	struct ad_inquiries *ret, struct ad_err *err)
{
	struct ad_db_result *rows;
	int e = ad_db_exec(
		db, arena, AD_Q_INQUIRIES_OF, AD_DB_PARAMS(AD_DB_INT(request_id)), &rows, err);
	if (e != 0)
		return e;
	size_t count = ad_db_rows(rows);
	struct ad_inquiry *items = ad_alloc_array(arena, count, sizeof *items);
	for (size_t i = 0; i < count; i++)
		items[i] = (struct ad_inquiry){
			.id = ad_db_int(rows, i, 0),
			.ordinal = (int)ad_db_int(rows, i, 1),
			.asked_by = ad_db_text(rows, i, 2),
			.asked_by_name = ad_db_text(rows, i, 3),
			.question = ad_db_text(rows, i, 4),
			.asked_at = ad_db_text(rows, i, 5),
			.answer = ad_db_text(rows, i, 6),
			.answered_at = ad_db_text(rows, i, 7),
		};
	*ret = (struct ad_inquiries){ .items = items, .count = count };
	return 0;
}

static int change_clock(struct ad_db *db, struct ad_arena *arena, int query,
	const struct ad_request *request, struct ad_err *err)
{
	struct ad_db_result *result;
	int e = ad_db_exec(db, arena, query,
		AD_DB_PARAMS(AD_DB_INT(request->id), AD_DB_INT(request->version),
			AD_DB_INT(request->stage)),
		&result, err);
	if (e == 0 && ad_db_affected(result) != 1)
		return AD_FAIL(err, AD_ECONFLICT, "request %lld changed meanwhile",
			(long long)request->id);
	return e;
}

int ad_store_request_pause(struct ad_db *db, struct ad_arena *arena,
	const struct ad_request *request, struct ad_err *err)
{
	return change_clock(db, arena, AD_Q_INQUIRIES_PAUSE, request, err);
}

int ad_store_request_resume(struct ad_db *db, struct ad_arena *arena,
	const struct ad_request *request, struct ad_err *err)
{
	return change_clock(db, arena, AD_Q_INQUIRIES_RESUME, request, err);
}
