/* SPDX-License-Identifier: Apache-2.0 */
/* The directory's words about people: rows of users and directory_sync. */
#include "ad/store/directory.h"

#include "ad/db.h"
#include "ad_queries.h"

int ad_store_directory_get(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	struct ad_directory_place *ret, struct ad_err *err)
{
	struct ad_db_result *rows;
	*ret = (struct ad_directory_place){ .link = "", .full_age_s = -1 };
	int r = ad_db_exec(
		db, arena, AD_Q_DIRECTORY_GET, AD_DB_PARAMS(AD_DB_TEXT(tenant_id)), &rows, err);
	if (r < 0 || ad_db_rows(rows) == 0)
		return r;
	ret->link = ad_db_text(rows, 0, 0);
	ret->full = ad_db_bool(rows, 0, 1);
	ret->full_age_s = ad_db_int(rows, 0, 2);
	return 0;
}

int ad_store_directory_page(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	const char *link, bool full, struct ad_err *err)
{
	return ad_db_exec(db, arena, AD_Q_DIRECTORY_PAGE,
		AD_DB_PARAMS(AD_DB_TEXT(tenant_id), AD_DB_TEXT(link), AD_DB_BOOL(full)), NULL, err);
}

int ad_store_directory_restart(
	struct ad_db *db, struct ad_arena *arena, const char *tenant_id, struct ad_err *err)
{
	return ad_db_exec(
		db, arena, AD_Q_DIRECTORY_RESTART, AD_DB_PARAMS(AD_DB_TEXT(tenant_id)), NULL, err);
}

int ad_store_directory_full(
	struct ad_db *db, struct ad_arena *arena, const char *tenant_id, struct ad_err *err)
{
	return ad_db_exec(
		db, arena, AD_Q_DIRECTORY_FULL, AD_DB_PARAMS(AD_DB_TEXT(tenant_id)), NULL, err);
}

int ad_store_directory_learn(struct ad_db *db, struct ad_arena *arena,
	const struct ad_directory_news *news, struct ad_err *err)
{
	return ad_db_exec(db, arena, AD_Q_DIRECTORY_LEARN,
		AD_DB_PARAMS(AD_DB_TEXT(news->tenant_id), AD_DB_TEXT(news->oid),
			AD_DB_TEXT(news->name), AD_DB_TEXT(news->mail), AD_DB_TEXT(news->upn),
			AD_DB_TEXT(news->department), AD_DB_TEXT(news->job_title),
			AD_DB_TEXT(news->manager_oid), AD_DB_TEXT(news->state),
			news->guest ? AD_DB_BOOL(*news->guest) : AD_DB_NULL),
		NULL, err);
}

int ad_store_directory_unsettled(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	size_t limit, struct ad_err *err)
{
	return ad_db_exec(db, arena, AD_Q_DIRECTORY_UNSETTLED,
		AD_DB_PARAMS(AD_DB_TEXT(tenant_id), AD_DB_INT((int64_t)limit)), NULL, err);
}

int ad_store_directory_person(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	const char *oid, struct ad_directory_person *ret, struct ad_err *err)
{
	struct ad_db_result *row;
	AD_ASSERT(ad_db_in_transaction(db));
	int r = ad_db_exec_one(db, arena, AD_Q_DIRECTORY_PERSON,
		AD_DB_PARAMS(AD_DB_TEXT(tenant_id), AD_DB_TEXT(oid)), &row, err);
	if (r < 0)
		return r;
	*ret = (struct ad_directory_person){
		.oid = ad_strdup(arena, oid),
		.name = ad_db_text(row, 0, 0),
		.mail = ad_db_text(row, 0, 1),
		.state = ad_db_text(row, 0, 2),
		.acted_state = ad_db_text(row, 0, 3),
		.manager_oid = ad_db_text(row, 0, 4),
		.acted_manager = ad_db_text(row, 0, 5),
		.department = ad_db_text(row, 0, 6),
		.acted_department = ad_db_text(row, 0, 7),
		.job_title = ad_db_text(row, 0, 8),
		.acted_title = ad_db_text(row, 0, 9),
	};
	return 0;
}

int ad_store_directory_acted(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	const struct ad_directory_person *person, struct ad_err *err)
{
	return ad_db_exec(db, arena, AD_Q_DIRECTORY_ACTED,
		AD_DB_PARAMS(AD_DB_TEXT(tenant_id), AD_DB_TEXT(person->oid),
			AD_DB_TEXT(person->state), AD_DB_TEXT(person->manager_oid),
			AD_DB_TEXT(person->department), AD_DB_TEXT(person->job_title)),
		NULL, err);
}

/* ---- what a person has going ---- */

static int number_of(struct ad_db *db, struct ad_arena *arena, int query,
	struct ad_db_params params, int64_t *ret, struct ad_err *err)
{
	struct ad_db_result *row;
	int r = ad_db_exec_one(db, arena, query, params, &row, err);
	if (r == 0)
		*ret = ad_db_int(row, 0, 0);
	return r;
}

int ad_store_directory_request_of(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	const char *oid, int64_t *ret, struct ad_err *err)
{
	return number_of(db, arena, AD_Q_DIRECTORY_REQUEST_OF,
		AD_DB_PARAMS(AD_DB_TEXT(tenant_id), AD_DB_TEXT(oid)), ret, err);
}

int ad_store_directory_undecided(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	const char *oid, int64_t after, int64_t *ret, struct ad_err *err)
{
	return number_of(db, arena, AD_Q_DIRECTORY_UNDECIDED,
		AD_DB_PARAMS(AD_DB_TEXT(tenant_id), AD_DB_TEXT(oid), AD_DB_INT(after)), ret, err);
}

int ad_store_directory_asked_of(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	const char *oid, int64_t after, int64_t *ret, struct ad_err *err)
{
	return number_of(db, arena, AD_Q_DIRECTORY_ASKED_OF,
		AD_DB_PARAMS(AD_DB_TEXT(tenant_id), AD_DB_TEXT(oid), AD_DB_INT(after)), ret, err);
}

int ad_store_directory_unwatched(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	int age_s, int64_t *ret, struct ad_err *err)
{
	struct ad_db_result *rows;
	int r = ad_db_exec(db, arena, AD_Q_DIRECTORY_UNWATCHED,
		AD_DB_PARAMS(AD_DB_TEXT(tenant_id), AD_DB_INT(age_s)), &rows, err);
	if (r == 0)
		*ret = ad_db_rows(rows) == 1 ? ad_db_int(rows, 0, 0) : 0;
	return r;
}

int ad_store_directory_watched(
	struct ad_db *db, struct ad_arena *arena, int64_t number, struct ad_err *err)
{
	return ad_db_exec(
		db, arena, AD_Q_DIRECTORY_WATCHED, AD_DB_PARAMS(AD_DB_INT(number)), NULL, err);
}

int ad_store_directory_give_up_job(struct ad_db *db, struct ad_arena *arena, int64_t job_id,
	int64_t app_id, bool *ret_given_up, struct ad_err *err)
{
	struct ad_db_result *rows;
	AD_ASSERT(ad_db_in_transaction(db));
	int r = ad_db_exec(
		db, arena, AD_Q_DIRECTORY_HOLD_JOB, AD_DB_PARAMS(AD_DB_INT(job_id)), NULL, err);
	if (r == 0)
		r = ad_db_exec(db, arena, AD_Q_DIRECTORY_GIVE_UP_JOB,
			AD_DB_PARAMS(AD_DB_INT(job_id), AD_DB_INT(app_id)), &rows, err);
	if (r == 0)
		*ret_given_up = ad_db_rows(rows) == 1;
	return r;
}

int ad_store_directory_delegation_of(struct ad_db *db, struct ad_arena *arena,
	const char *tenant_id, const char *oid, int64_t *ret, struct ad_err *err)
{
	return number_of(db, arena, AD_Q_DIRECTORY_DELEGATION_OF,
		AD_DB_PARAMS(AD_DB_TEXT(tenant_id), AD_DB_TEXT(oid)), ret, err);
}

int ad_store_directory_end_delegation(
	struct ad_db *db, struct ad_arena *arena, int64_t id, struct ad_err *err)
{
	return ad_db_exec(
		db, arena, AD_Q_DIRECTORY_END_DELEGATION, AD_DB_PARAMS(AD_DB_INT(id)), NULL, err);
}
