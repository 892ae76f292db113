/* SPDX-License-Identifier: Apache-2.0 */
/* Acknowledged activities and their answers. */
#include "ad/store/inbox.h"

#include "ad/db.h"
#include "ad_queries.h"

int ad_store_inbox_claim(struct ad_db *db, struct ad_arena *arena, const struct ad_inbox_key *key,
	bool *ret_duplicate, struct ad_inbox_answer *ret_answer, struct ad_err *err)
{
	AD_ASSERT(ad_db_in_transaction(db));
	struct ad_db_params params =
		AD_DB_PARAMS(AD_DB_TEXT(key->conversation_id), AD_DB_TEXT(key->activity_id));
	struct ad_db_result *row;
	int r = ad_db_exec(db, arena, AD_Q_INBOX_CLAIM, params, &row, err);
	if (r < 0)
		return r;
	if (ad_db_rows(row) == 1) {
		*ret_duplicate = false;
		return 0;
	}
	/* A statement of its own: it sees what the transaction that we waited for has committed. */
	r = ad_db_exec_one(db, arena, AD_Q_INBOX_GET, params, &row, err);
	if (r < 0)
		return r;
	*ret_duplicate = true;
	*ret_answer = (struct ad_inbox_answer){
		.status = (int)ad_db_int(row, 0, 0),
		.text = ad_db_text(row, 0, 1),
	};
	return 0;
}

int ad_store_inbox_known(struct ad_db *db, struct ad_arena *arena, const struct ad_inbox_key *key,
	bool *ret, struct ad_err *err)
{
	struct ad_db_result *rows;
	int r = ad_db_exec(db, arena, AD_Q_INBOX_GET,
		AD_DB_PARAMS(AD_DB_TEXT(key->conversation_id), AD_DB_TEXT(key->activity_id)), &rows,
		err);
	if (r == 0)
		*ret = ad_db_rows(rows) > 0;
	return r;
}

int ad_store_inbox_answer(struct ad_db *db, struct ad_arena *arena, const struct ad_inbox_key *key,
	const struct ad_inbox_answer *answer, struct ad_err *err)
{
	AD_ASSERT(ad_db_in_transaction(db));
	return ad_db_exec_later(db, arena, AD_Q_INBOX_ANSWER,
		AD_DB_PARAMS(AD_DB_TEXT(key->conversation_id), AD_DB_TEXT(key->activity_id),
			AD_DB_INT(answer->status), AD_DB_TEXT(answer->text ? answer->text : "")),
		NULL, err);
}

int ad_store_inbox_forget(
	struct ad_db *db, struct ad_arena *arena, int days, int64_t *ret_count, struct ad_err *err)
{
	struct ad_db_result *result;
	int r = ad_db_exec(db, arena, AD_Q_INBOX_FORGET,
		AD_DB_PARAMS(AD_DB_INT(days), AD_DB_INT(AD_INBOX_FORGET_MAX)), &result, err);
	if (r == 0)
		*ret_count = ad_db_affected(result);
	return r;
}
