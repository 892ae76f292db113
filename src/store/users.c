/* SPDX-License-Identifier: Apache-2.0 */
/* People. */
#include "ad/store/users.h"

#include "ad/db.h"
#include "ad_queries.h"

static const char *or_empty(const char *text)
{
	return text ? text : "";
}

int ad_store_user_seen(
	struct ad_db *db, struct ad_arena *arena, const struct ad_user *user, struct ad_err *err)
{
	return ad_db_exec_later(db, arena, AD_Q_USERS_SEEN,
		AD_DB_PARAMS(AD_DB_TEXT(user->tenant_id), AD_DB_TEXT(user->oid),
			AD_DB_TEXT(or_empty(user->name)), AD_DB_TEXT(or_empty(user->locale)),
			AD_DB_TEXT(or_empty(user->time_zone))),
		NULL, err);
}

int ad_store_user_hold(
	struct ad_db *db, struct ad_arena *arena, const struct ad_user *user, struct ad_err *err)
{
	AD_ASSERT(ad_db_in_transaction(db));
	return ad_db_exec_later(db, arena, AD_Q_USERS_HOLD,
		AD_DB_PARAMS(AD_DB_TEXT(user->tenant_id), AD_DB_TEXT(user->oid)), NULL, err);
}

int ad_store_user_locale(struct ad_db *db, struct ad_arena *arena, const struct ad_user *user,
	const char **ret, struct ad_err *err)
{
	struct ad_store_later *later = ad_alloc(arena, sizeof *later);
	int r = ad_store_user_locale_later(db, arena, user, later, err);
	if (r == 0)
		r = ad_db_flush(db, err);
	if (r == 0)
		*ret = ad_store_user_locale_came(later);
	return r;
}

int ad_store_user_locale_later(struct ad_db *db, struct ad_arena *arena, const struct ad_user *user,
	struct ad_store_later *later, struct ad_err *err)
{
	return ad_db_exec_later(db, arena, AD_Q_USERS_LOCALE,
		AD_DB_PARAMS(AD_DB_TEXT(user->tenant_id), AD_DB_TEXT(user->oid),
			AD_DB_TEXT(or_empty(user->locale)), AD_DB_TEXT(or_empty(user->time_zone))),
		&later->rows, err);
}

const char *ad_store_user_locale_came(const struct ad_store_later *later)
{
	return ad_db_text(later->rows, 0, 0);
}

int64_t ad_store_user_unclear_came(const struct ad_store_later *later)
{
	return ad_db_int(later->rows, 0, 1);
}

int ad_store_user_unclear(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	const char *oid, int64_t *ret, struct ad_err *err)
{
	struct ad_db_result *row;
	int r = ad_db_exec_one(db, arena, AD_Q_USERS_UNCLEAR,
		AD_DB_PARAMS(AD_DB_TEXT(tenant_id), AD_DB_TEXT(oid)), &row, err);
	if (r == 0)
		*ret = ad_db_int(row, 0, 0);
	return r;
}

int ad_store_user_clear(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	const char *oid, struct ad_err *err)
{
	return ad_db_exec_later(db, arena, AD_Q_USERS_CLEAR,
		AD_DB_PARAMS(AD_DB_TEXT(tenant_id), AD_DB_TEXT(oid)), NULL, err);
}

int ad_store_user_synced(
	struct ad_db *db, struct ad_arena *arena, const struct ad_user *user, struct ad_err *err)
{
	AD_ASSERT(!ad_db_in_transaction(db)); /* it would lose its durability */
	return ad_db_exec(db, arena, AD_Q_USERS_SYNCED,
		AD_DB_PARAMS(AD_DB_TEXT(user->tenant_id), AD_DB_TEXT(user->oid),
			AD_DB_TEXT(or_empty(user->name)), AD_DB_TEXT(or_empty(user->mail)),
			AD_DB_TEXT(or_empty(user->upn)),
			AD_DB_TEXT(user->state ? user->state : "active")),
		NULL, err);
}

static void read_user(const struct ad_db_result *row, struct ad_user *ret)
{
	*ret = (struct ad_user){
		.name = ad_db_text(row, 0, 0),
		.mail = ad_db_text(row, 0, 1),
		.upn = ad_db_text(row, 0, 2),
		.locale = ad_db_text(row, 0, 3),
		.state = ad_db_text(row, 0, 4),
		.seen_at = ad_db_text(row, 0, 5),
		.synced_at = ad_db_text(row, 0, 6),
		.department = ad_db_text(row, 0, 7),
		.job_title = ad_db_text(row, 0, 9),
		.guest = ad_db_bool(row, 0, 8),
		.time_zone = ad_db_text(row, 0, 10),
	};
}

int ad_store_user_get(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	const char *oid, struct ad_user *ret, struct ad_err *err)
{
	struct ad_db_result *row;
	int r = ad_db_exec_one(db, arena, AD_Q_USERS_GET,
		AD_DB_PARAMS(AD_DB_TEXT(tenant_id), AD_DB_TEXT(oid)), &row, err);
	if (r < 0)
		return r;
	read_user(row, ret);
	ret->tenant_id = ad_strdup(arena, tenant_id);
	ret->oid = ad_strdup(arena, oid);
	return 0;
}

int ad_store_user_later(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	const char *oid, struct ad_store_later *later, struct ad_err *err)
{
	return ad_db_exec_later(db, arena, AD_Q_USERS_GET,
		AD_DB_PARAMS(AD_DB_TEXT(tenant_id), AD_DB_TEXT(oid)), &later->rows, err);
}

bool ad_store_user_came(const struct ad_store_later *later, struct ad_user *ret)
{
	bool is_known = ad_db_rows(later->rows) > 0;
	if (is_known)
		read_user(later->rows, ret);
	return is_known;
}

/* Of the tenant that is the first parameter. */
static int read_people(struct ad_db *db, struct ad_arena *arena, int query, const char *tenant_id,
	struct ad_db_params params, struct ad_user **ret, size_t *ret_count, struct ad_err *err)
{
	struct ad_db_result *rows;
	int r = ad_db_exec(db, arena, query, params, &rows, err);
	if (r != 0)
		return r;
	size_t count = ad_db_rows(rows);
	struct ad_user *users = ad_alloc_array(arena, count, sizeof *users);
	for (size_t i = 0; i < count; i++)
		users[i] = (struct ad_user){
			.tenant_id = tenant_id,
			.oid = ad_db_text(rows, i, 0),
			.name = ad_db_text(rows, i, 1),
			.mail = ad_db_text(rows, i, 2),
			.upn = ad_db_text(rows, i, 3),
			.locale = "",
			.time_zone = "",
			.state = "active",
		};
	*ret = users;
	*ret_count = count;
	return 0;
}

int ad_store_users_find(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	const char *text, size_t limit, struct ad_user **ret, size_t *ret_count, struct ad_err *err)
{
	return read_people(db, arena, AD_Q_USERS_FIND, tenant_id,
		AD_DB_PARAMS(AD_DB_TEXT(tenant_id), AD_DB_TEXT(text), AD_DB_INT((int64_t)limit)),
		ret, ret_count, err);
}

int ad_store_users_reports(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	const char *oid, size_t limit, struct ad_user **ret, size_t *ret_count, struct ad_err *err)
{
	return read_people(db, arena, AD_Q_USERS_REPORTS, tenant_id,
		AD_DB_PARAMS(AD_DB_TEXT(tenant_id), AD_DB_TEXT(oid), AD_DB_INT((int64_t)limit)),
		ret, ret_count, err);
}

int ad_store_user_today(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	const char *oid, int64_t *ret, struct ad_err *err)
{
	struct ad_db_result *row;
	int r = ad_db_exec_one(db, arena, AD_Q_USERS_TODAY,
		AD_DB_PARAMS(AD_DB_TEXT(tenant_id), AD_DB_TEXT(oid)), &row, err);
	if (r == 0)
		*ret = ad_db_int(row, 0, 0);
	return r;
}

int ad_store_user_known(
	struct ad_db *db, struct ad_arena *arena, const struct ad_user *user, struct ad_err *err)
{
	return ad_db_exec(db, arena, AD_Q_USERS_KNOWN,
		AD_DB_PARAMS(AD_DB_TEXT(user->tenant_id), AD_DB_TEXT(user->oid),
			AD_DB_TEXT(or_empty(user->name)), AD_DB_TEXT(or_empty(user->mail))),
		NULL, err);
}
