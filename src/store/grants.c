/* SPDX-License-Identifier: Apache-2.0 */
/* Grants: who has which app, because of which request, and until when. */
#include "ad/store/grants.h"
#include "ad/db.h"

#include "ad_queries.h"

/* Columns of grant_details. */
static void read_grant(const struct ad_db_result *rows, size_t row, struct ad_grant *ret)
{
	*ret = (struct ad_grant){
		.id = ad_db_int(rows, row, 0),
		.tenant_id = ad_db_text(rows, row, 1),
		.request_id = ad_db_int(rows, row, 2),
		.oid = ad_db_text(rows, row, 3),
		.person_name = ad_db_text(rows, row, 4),
		.app_id = ad_db_int(rows, row, 5),
		.app_name = ad_db_text(rows, row, 6),
		.group_id = ad_db_text(rows, row, 7),
		.started_at = ad_db_text(rows, row, 9),
		.expires_at = ad_db_text(rows, row, 10),
		.clock = { .left_s = ad_db_int(rows, row, 11),
			.lasts_s = ad_db_int(rows, row, 12),
			.warned_days = (int)ad_db_int(rows, row, 13) },
		.ended_at = ad_db_text(rows, row, 14),
		.ended_by = ad_db_text(rows, row, 15),
		.ended_by_name = ad_db_text(rows, row, 16),
		.end_reason = ad_db_text(rows, row, 17),
		.removed = ad_db_bool(rows, row, 18),
	};
	ret->clock.ends = ret->expires_at != NULL;
	int e = ad_grant_state_parse(ad_db_text(rows, row, 8), &ret->state);
	AD_ASSERT(e == 0); /* the column's check allows no other state */
}

static int get(struct ad_db *db, struct ad_arena *arena, int query, const char *tenant_id,
	int64_t id, struct ad_grant *ret, struct ad_err *err)
{
	struct ad_db_result *row;
	int e = ad_db_exec_one(
		db, arena, query, AD_DB_PARAMS(AD_DB_TEXT(tenant_id), AD_DB_INT(id)), &row, err);
	if (e == 0)
		read_grant(row, 0, ret);
	return e;
}

static int list(struct ad_db *db, struct ad_arena *arena, int query, struct ad_db_params params,
	struct ad_grant_list *ret, struct ad_err *err)
{
	struct ad_db_result *rows;
	int e = ad_db_exec(db, arena, query, params, &rows, err);
	if (e != 0)
		return e;
	size_t count = ad_db_rows(rows);
	struct ad_grant *items = ad_alloc_array(arena, count, sizeof *items);
	for (size_t i = 0; i < count; i++)
		read_grant(rows, i, &items[i]);
	*ret = (struct ad_grant_list){ .items = items, .count = count };
	return 0;
}

static int change(struct ad_db *db, struct ad_arena *arena, int query, struct ad_db_params params,
	bool *ret_changed, struct ad_err *err)
{
	struct ad_db_result *rows;
	int e = ad_db_exec(db, arena, query, params, &rows, err);
	if (e == 0)
		*ret_changed = ad_db_rows(rows) == 1;
	return e;
}

int ad_store_grant_put(struct ad_db *db, struct ad_arena *arena, const struct ad_grant *grant,
	int days, int64_t *ret_id, struct ad_err *err)
{
	struct ad_db_result *rows;
	int e = ad_db_exec(db, arena, AD_Q_GRANTS_PUT,
		AD_DB_PARAMS(AD_DB_TEXT(grant->tenant_id), AD_DB_INT(grant->request_id),
			AD_DB_TEXT(grant->oid), AD_DB_INT(grant->app_id),
			AD_DB_TEXT(grant->group_id), AD_DB_INT(days)),
		&rows, err);
	if (e == 0)
		*ret_id = ad_db_rows(rows) == 1 ? ad_db_int(rows, 0, 0) : 0;
	return e;
}

int ad_store_grant_get(struct ad_db *db, struct ad_arena *arena, const char *tenant_id, int64_t id,
	struct ad_grant *ret, struct ad_err *err)
{
	return get(db, arena, AD_Q_GRANTS_GET, tenant_id, id, ret, err);
}

int ad_store_grant_lock(struct ad_db *db, struct ad_arena *arena, const char *tenant_id, int64_t id,
	struct ad_grant *ret, struct ad_err *err)
{
	struct ad_db_result *row;
	int e = ad_db_exec_one(db, arena, AD_Q_GRANTS_LOCK,
		AD_DB_PARAMS(AD_DB_TEXT(tenant_id), AD_DB_INT(id)), &row, err);
	return e == 0 ? get(db, arena, AD_Q_GRANTS_GET, tenant_id, id, ret, err) : e;
}

int ad_store_grant_of_request(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	int64_t request_id, struct ad_grant *ret, struct ad_err *err)
{
	return get(db, arena, AD_Q_GRANTS_OF_REQUEST, tenant_id, request_id, ret, err);
}

int ad_store_grants_of_person(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	const char *oid, int limit, struct ad_grant_list *ret, struct ad_err *err)
{
	return list(db, arena, AD_Q_GRANTS_OF_PERSON,
		AD_DB_PARAMS(AD_DB_TEXT(tenant_id), AD_DB_TEXT(oid), AD_DB_INT(limit)), ret, err);
}

int ad_store_grants_of_app(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	int64_t app_id, int limit, struct ad_grant_list *ret, struct ad_err *err)
{
	return list(db, arena, AD_Q_GRANTS_OF_APP,
		AD_DB_PARAMS(AD_DB_TEXT(tenant_id), AD_DB_INT(app_id), AD_DB_INT(limit)), ret, err);
}

int ad_store_grants_count(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	int64_t app_id, int64_t *ret, struct ad_err *err)
{
	struct ad_db_result *row;
	int e = ad_db_exec_one(db, arena, AD_Q_GRANTS_COUNT,
		AD_DB_PARAMS(AD_DB_TEXT(tenant_id), AD_DB_INT(app_id)), &row, err);
	if (e == 0)
		*ret = ad_db_int(row, 0, 0);
	return e;
}

int ad_store_grant_end(struct ad_db *db, struct ad_arena *arena, const struct ad_grant_end *end,
	bool *ret_changed, struct ad_err *err)
{
	return change(db, arena, AD_Q_GRANTS_END,
		AD_DB_PARAMS(AD_DB_INT(end->id), AD_DB_TEXT(ad_grant_state_name(end->state)),
			AD_DB_TEXT(end->by), AD_DB_TEXT(end->reason)),
		ret_changed, err);
}

int ad_store_grant_warned(
	struct ad_db *db, struct ad_arena *arena, int64_t id, int days, struct ad_err *err)
{
	return ad_db_exec(db, arena, AD_Q_GRANTS_WARNED,
		AD_DB_PARAMS(AD_DB_INT(id), AD_DB_INT(days)), NULL, err);
}

int ad_store_grant_extend(struct ad_db *db, struct ad_arena *arena, int64_t id, int days,
	bool *ret_changed, struct ad_err *err)
{
	return change(db, arena, AD_Q_GRANTS_EXTEND, AD_DB_PARAMS(AD_DB_INT(id), AD_DB_INT(days)),
		ret_changed, err);
}

int ad_store_grant_limit(struct ad_db *db, struct ad_arena *arena, int64_t id, int days,
	bool *ret_changed, struct ad_err *err)
{
	return change(db, arena, AD_Q_GRANTS_LIMIT, AD_DB_PARAMS(AD_DB_INT(id), AD_DB_INT(days)),
		ret_changed, err);
}

int ad_store_grant_given(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	const char *oid, int64_t after, struct ad_grant *ret, struct ad_err *err)
{
	struct ad_db_result *row;
	int e = ad_db_exec_one(db, arena, AD_Q_GRANTS_GIVEN,
		AD_DB_PARAMS(AD_DB_TEXT(tenant_id), AD_DB_TEXT(oid), AD_DB_INT(after)), &row, err);
	if (e == 0)
		read_grant(row, 0, ret);
	return e;
}

int ad_store_grant_removed(struct ad_db *db, struct ad_arena *arena, int64_t id, struct ad_err *err)
{
	return ad_db_exec(db, arena, AD_Q_GRANTS_REMOVED, AD_DB_PARAMS(AD_DB_INT(id)), NULL, err);
}

int ad_store_grant_reasons(struct ad_db *db, struct ad_arena *arena, int64_t id,
	struct ad_grant_reasons *ret, struct ad_err *err)
{
	struct ad_db_result *row;
	int e = ad_db_exec_one(
		db, arena, AD_Q_GRANTS_OTHER_REASON, AD_DB_PARAMS(AD_DB_INT(id)), &row, err);
	if (e == 0)
		*ret = (struct ad_grant_reasons){ .other_grant = ad_db_bool(row, 0, 0),
			.on_its_way = ad_db_bool(row, 0, 1) };
	return e;
}

int ad_store_seat_queue(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	int64_t app_id, const char *reason, int limit, struct ad_seat_wait **ret, size_t *ret_count,
	struct ad_err *err)
{
	struct ad_db_result *rows;
	int e = ad_db_exec(db, arena, AD_Q_GRANTS_SEAT_QUEUE,
		AD_DB_PARAMS(AD_DB_TEXT(tenant_id), AD_DB_INT(app_id), AD_DB_TEXT(reason),
			AD_DB_INT(limit)),
		&rows, err);
	if (e != 0)
		return e;
	*ret_count = ad_db_rows(rows);
	*ret = ad_alloc_array(arena, *ret_count, sizeof **ret);
	for (size_t i = 0; i < *ret_count; i++)
		(*ret)[i] = (struct ad_seat_wait){ .request_id = ad_db_int(rows, i, 0),
			.oid = ad_db_text(rows, i, 1) };
	return 0;
}
