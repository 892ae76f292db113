/* SPDX-License-Identifier: Apache-2.0 */
/* Versions of policies, and pairs of apps that exclude each other. */
#include "ad/store/policies.h"
#include "ad/db.h"

#include "ad_queries.h"

/* ---- policies ---- */

int ad_store_policies_lock(
	struct ad_db *db, struct ad_arena *arena, const char *tenant_id, struct ad_err *err)
{
	AD_ASSERT(ad_db_in_transaction(db));
	return ad_db_exec(
		db, arena, AD_Q_POLICIES_LOCK, AD_DB_PARAMS(AD_DB_TEXT(tenant_id)), NULL, err);
}

static struct ad_policy_row read_row(const struct ad_db_result *rows, size_t i)
{
	return (struct ad_policy_row){
		.name = ad_db_text(rows, i, 0),
		.version = (int)ad_db_int(rows, i, 1),
		.priority = (int)ad_db_int(rows, i, 2),
		.body = ad_db_text(rows, i, 3),
		.changed_by = ad_db_text(rows, i, 4),
		.changed_at = ad_db_text(rows, i, 5),
	};
}

int ad_store_policies_active(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	struct ad_policy_rows *ret, struct ad_err *err)
{
	struct ad_db_result *rows;
	int e = ad_db_exec(
		db, arena, AD_Q_POLICIES_ACTIVE, AD_DB_PARAMS(AD_DB_TEXT(tenant_id)), &rows, err);
	if (e != 0)
		return e;
	size_t count = ad_db_rows(rows);
	struct ad_policy_row *items = ad_alloc_array(arena, count, sizeof *items);
	for (size_t i = 0; i < count; i++)
		items[i] = read_row(rows, i);
	*ret = (struct ad_policy_rows){ .items = items, .count = count };
	return 0;
}

int ad_store_policy_get(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	const char *name, int version, struct ad_policy_row *ret, struct ad_err *err)
{
	struct ad_db_result *row;
	int e = ad_db_exec_one(db, arena, AD_Q_POLICIES_GET,
		AD_DB_PARAMS(AD_DB_TEXT(tenant_id), AD_DB_TEXT(name), AD_DB_INT(version)), &row,
		err);
	if (e == 0)
		*ret = read_row(row, 0);
	return e;
}

int ad_store_policy_put(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	const struct ad_policy_row *row, int *ret_version, struct ad_err *err)
{
	AD_ASSERT(ad_db_in_transaction(db));
	struct ad_db_result *written;
	int e = ad_db_exec_one(db, arena, AD_Q_POLICIES_INSERT,
		AD_DB_PARAMS(AD_DB_TEXT(tenant_id), AD_DB_TEXT(row->name), AD_DB_INT(row->priority),
			AD_DB_TEXT(row->body), AD_DB_TEXT(row->changed_by)),
		&written, err);
	if (e != 0)
		return e;
	*ret_version = (int)ad_db_int(written, 0, 0);
	return ad_db_exec(db, arena, AD_Q_POLICIES_ACTIVATE,
		AD_DB_PARAMS(AD_DB_TEXT(tenant_id), AD_DB_TEXT(row->name), AD_DB_INT(*ret_version)),
		NULL, err);
}

int ad_store_policy_retire(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	const char *name, struct ad_err *err)
{
	return ad_db_exec(db, arena, AD_Q_POLICIES_RETIRE,
		AD_DB_PARAMS(AD_DB_TEXT(tenant_id), AD_DB_TEXT(name)), NULL, err);
}

/* ---- apps that exclude each other ---- */

int ad_store_incompatibilities(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	struct ad_incompatibilities *ret, struct ad_err *err)
{
	struct ad_db_result *rows;
	int e = ad_db_exec(db, arena, AD_Q_INCOMPATIBILITIES_LIST,
		AD_DB_PARAMS(AD_DB_TEXT(tenant_id)), &rows, err);
	if (e != 0)
		return e;
	size_t count = ad_db_rows(rows);
	struct ad_incompatibility *items = ad_alloc_array(arena, count, sizeof *items);
	for (size_t i = 0; i < count; i++)
		items[i] = (struct ad_incompatibility){
			.app_a = ad_db_int(rows, i, 0),
			.app_b = ad_db_int(rows, i, 1),
			.winget_a = ad_db_text(rows, i, 2),
			.winget_b = ad_db_text(rows, i, 3),
			.reason = ad_db_text(rows, i, 4),
		};
	*ret = (struct ad_incompatibilities){ .items = items, .count = count };
	return 0;
}

int ad_store_incompatibility_put(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	const struct ad_incompatibility *pair, struct ad_err *err)
{
	return ad_db_exec(db, arena, AD_Q_INCOMPATIBILITIES_PUT,
		AD_DB_PARAMS(AD_DB_TEXT(tenant_id), AD_DB_INT(pair->app_a), AD_DB_INT(pair->app_b),
			AD_DB_TEXT(pair->reason)),
		NULL, err);
}

int ad_store_incompatibility_remove(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	const struct ad_incompatibility *pair, struct ad_err *err)
{
	return ad_db_exec(db, arena, AD_Q_INCOMPATIBILITIES_REMOVE,
		AD_DB_PARAMS(AD_DB_TEXT(tenant_id), AD_DB_INT(pair->app_a), AD_DB_INT(pair->app_b)),
		NULL, err);
}
