/* SPDX-License-Identifier: Apache-2.0 */
/* Delegations. */
#include "ad/store/delegations.h"
#include "ad/db.h"

#include "ad_queries.h"

int ad_store_delegations_from(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	const char *const *oids, size_t count, struct ad_delegations *ret, struct ad_err *err)
{
	struct ad_db_result *rows;
	int e = ad_db_exec(db, arena, AD_Q_DELEGATIONS_FROM,
		AD_DB_PARAMS(AD_DB_TEXT(tenant_id), AD_DB_TEXTS(oids, count),
			AD_DB_INT(AD_DELEGATION_DEPTH)),
		&rows, err);
	if (e != 0)
		return e;
	size_t found = ad_db_rows(rows);
	struct ad_delegation *items = ad_alloc_array(arena, found, sizeof *items);
	for (size_t i = 0; i < found; i++)
		items[i] = (struct ad_delegation){
			.from = ad_db_text(rows, i, 0),
			.to = ad_db_text(rows, i, 1),
		};
	*ret = (struct ad_delegations){ .items = items, .count = found };
	return 0;
}

static void read_row(const struct ad_db_result *rows, size_t row, struct ad_delegation_row *ret)
{
	*ret = (struct ad_delegation_row){
		.id = ad_db_int(rows, row, 0),
		.from_oid = ad_db_text(rows, row, 1),
		.from_name = ad_db_text(rows, row, 2),
		.to_oid = ad_db_text(rows, row, 3),
		.to_name = ad_db_text(rows, row, 4),
		.starts_at = ad_db_text(rows, row, 5),
		.ends_at = ad_db_text(rows, row, 6),
		.left_s = ad_db_int(rows, row, 7),
		.ended = ad_db_bool(rows, row, 8),
	};
}

int ad_store_delegation_put(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	const struct ad_delegation *delegation, int64_t until_day, int64_t *ret_id,
	struct ad_err *err)
{
	AD_ASSERT(ad_db_in_transaction(db));
	struct ad_db_result *row;
	int e = ad_db_exec(db, arena, AD_Q_DELEGATIONS_END,
		AD_DB_PARAMS(AD_DB_TEXT(tenant_id), AD_DB_TEXT(delegation->from)), NULL, err);
	if (e == 0)
		e = ad_db_exec_one(db, arena, AD_Q_DELEGATIONS_INSERT,
			AD_DB_PARAMS(AD_DB_TEXT(tenant_id), AD_DB_TEXT(delegation->from),
				AD_DB_TEXT(delegation->to), AD_DB_INT(until_day)),
			&row, err);
	if (e == 0)
		*ret_id = ad_db_int(row, 0, 0);
	return e;
}

int ad_store_delegation_get(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	int64_t id, struct ad_delegation_row *ret, struct ad_err *err)
{
	struct ad_db_result *row;
	int e = ad_db_exec_one(db, arena, AD_Q_DELEGATIONS_GET,
		AD_DB_PARAMS(AD_DB_TEXT(tenant_id), AD_DB_INT(id)), &row, err);
	if (e == 0)
		read_row(row, 0, ret);
	return e;
}

int ad_store_delegation_end(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	const char *from_oid, struct ad_delegation_row *ret, struct ad_err *err)
{
	AD_ASSERT(ad_db_in_transaction(db));
	struct ad_db_result *rows;
	*ret = (struct ad_delegation_row){ 0 };
	int e = ad_db_exec(db, arena, AD_Q_DELEGATIONS_END,
		AD_DB_PARAMS(AD_DB_TEXT(tenant_id), AD_DB_TEXT(from_oid)), &rows, err);
	if (e != 0 || ad_db_rows(rows) == 0)
		return e;
	return ad_store_delegation_get(db, arena, tenant_id, ad_db_int(rows, 0, 0), ret, err);
}

int ad_store_delegations_of(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	const char *oid, struct ad_delegation_rows *ret, struct ad_err *err)
{
	struct ad_db_result *rows;
	int e = ad_db_exec(db, arena, AD_Q_DELEGATIONS_OF,
		AD_DB_PARAMS(AD_DB_TEXT(tenant_id), AD_DB_TEXT(oid)), &rows, err);
	if (e != 0)
		return e;
	size_t count = ad_db_rows(rows);
	struct ad_delegation_row *items = ad_alloc_array(arena, count, sizeof *items);
	for (size_t i = 0; i < count; i++)
		read_row(rows, i, &items[i]);
	*ret = (struct ad_delegation_rows){ .items = items, .count = count };
	return 0;
}

int ad_store_open_seats(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	const char *oid, const char *for_oid, struct ad_open_seats *ret, struct ad_err *err)
{
	struct ad_db_result *rows;
	int e = ad_db_exec(db, arena, AD_Q_DELEGATIONS_OPEN_SEATS,
		AD_DB_PARAMS(AD_DB_TEXT(tenant_id), AD_DB_TEXT(oid), AD_DB_TEXT(for_oid)), &rows,
		err);
	if (e != 0)
		return e;
	size_t count = ad_db_rows(rows);
	struct ad_open_seat *items = ad_alloc_array(arena, count, sizeof *items);
	for (size_t i = 0; i < count; i++)
		items[i] = (struct ad_open_seat){
			.request_id = ad_db_int(rows, i, 0),
			.ordinal = (int)ad_db_int(rows, i, 1),
			.level = (int)ad_db_int(rows, i, 2),
		};
	*ret = (struct ad_open_seats){ .items = items, .count = count };
	return 0;
}
