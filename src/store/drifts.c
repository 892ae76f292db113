/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of drifts. */
#include "ad/store/drifts.h"

#include "ad/db.h"
#include "ad_queries.h"

int ad_store_drift_next(struct ad_db *db, struct ad_arena *arena, const char *tenant_id, int age_s,
	int64_t *ret_app, const char **ret_group, struct ad_err *err)
{
	struct ad_db_result *rows;
	*ret_app = 0;
	int r = ad_db_exec(db, arena, AD_Q_DRIFTS_NEXT,
		AD_DB_PARAMS(AD_DB_TEXT(tenant_id), AD_DB_INT(age_s)), &rows, err);
	if (r < 0 || ad_db_rows(rows) == 0)
		return r;
	*ret_app = ad_db_int(rows, 0, 0);
	*ret_group = ad_db_text(rows, 0, 1);
	return 0;
}

int ad_store_drift_missing(struct ad_db *db, struct ad_arena *arena,
	const struct ad_drift_group *group, const char *const **ret, size_t *ret_count,
	struct ad_err *err)
{
	struct ad_db_result *rows;
	int r = ad_db_exec(db, arena, AD_Q_DRIFTS_MISSING,
		AD_DB_PARAMS(AD_DB_TEXT(group->tenant_id), AD_DB_INT(group->app_id),
			AD_DB_TEXT(group->group_id), AD_DB_TEXTS(group->oids, group->count)),
		&rows, err);
	if (r < 0)
		return r;
	size_t count = ad_db_rows(rows);
	const char **oids = ad_alloc_array(arena, count, sizeof(*oids));
	for (size_t i = 0; i < count; i++)
		oids[i] = ad_db_text(rows, i, 0);
	*ret = oids;
	*ret_count = count;
	return 0;
}

int ad_store_drift_note(struct ad_db *db, struct ad_arena *arena,
	const struct ad_drift_group *group, size_t *ret_found, struct ad_err *err)
{
	struct ad_db_result *found;
	int r = ad_db_exec(db, arena, AD_Q_DRIFTS_GONE,
		AD_DB_PARAMS(AD_DB_TEXT(group->tenant_id), AD_DB_INT(group->app_id),
			AD_DB_TEXTS(group->oids, group->count)),
		NULL, err);
	if (r == 0)
		r = ad_db_exec(db, arena, AD_Q_DRIFTS_FOUND,
			AD_DB_PARAMS(AD_DB_TEXT(group->tenant_id), AD_DB_INT(group->app_id),
				AD_DB_TEXTS(group->oids, group->count),
				AD_DB_TEXTS(group->names, group->count)),
			&found, err);
	if (r == 0)
		*ret_found = (size_t)ad_db_affected(found);
	return r < 0 ? r
		     : ad_db_exec(db, arena, AD_Q_DRIFTS_LOOKED,
			       AD_DB_PARAMS(AD_DB_INT(group->app_id)), NULL, err);
}

static struct ad_drift_list read_list(struct ad_arena *arena, const struct ad_db_result *rows)
{
	size_t count = ad_db_rows(rows);
	struct ad_drift *items = ad_alloc_array(arena, count, sizeof(*items));
	for (size_t i = 0; i < count; i++)
		items[i] = (struct ad_drift){ .id = ad_db_int(rows, i, 0),
			.oid = ad_db_text(rows, i, 1),
			.name = ad_db_text(rows, i, 2) };
	return (struct ad_drift_list){ .items = items, .count = count };
}

int ad_store_drift_open(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	int64_t app_id, int64_t up_to, struct ad_drift_list *ret, struct ad_err *err)
{
	struct ad_db_result *rows;
	int r = ad_db_exec(db, arena, AD_Q_DRIFTS_OPEN,
		AD_DB_PARAMS(AD_DB_TEXT(tenant_id), AD_DB_INT(app_id), AD_DB_INT(up_to)), &rows,
		err);
	if (r == 0)
		*ret = read_list(arena, rows);
	return r;
}

int ad_store_drift_apps(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	size_t limit, struct ad_drift_app **ret, size_t *ret_count, struct ad_err *err)
{
	struct ad_db_result *rows;
	int r = ad_db_exec(db, arena, AD_Q_DRIFTS_APPS,
		AD_DB_PARAMS(AD_DB_TEXT(tenant_id), AD_DB_INT((int64_t)limit)), &rows, err);
	if (r < 0)
		return r;
	size_t count = ad_db_rows(rows);
	struct ad_drift_app *apps = ad_alloc_array(arena, count, sizeof(*apps));
	for (size_t i = 0; i < count; i++)
		apps[i] = (struct ad_drift_app){ .app_id = ad_db_int(rows, i, 0),
			.name = ad_db_text(rows, i, 1),
			.count = ad_db_int(rows, i, 2),
			.up_to = ad_db_int(rows, i, 3) };
	*ret = apps;
	*ret_count = count;
	return 0;
}

int ad_store_drift_decide(struct ad_db *db, struct ad_arena *arena,
	const struct ad_drift_decision *decision, struct ad_drift_list *ret, struct ad_err *err)
{
	struct ad_db_result *rows;
	int r = ad_db_exec(db, arena, AD_Q_DRIFTS_DECIDE,
		AD_DB_PARAMS(AD_DB_TEXT(decision->tenant_id), AD_DB_INT(decision->app_id),
			AD_DB_INT(decision->up_to), AD_DB_TEXT(decision->state),
			AD_DB_TEXT(decision->by), AD_DB_INT(decision->days)),
		&rows, err);
	if (r == 0)
		*ret = read_list(arena, rows);
	return r;
}

int ad_store_drift_adopt(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	const char *oid, int64_t app_id, const char *justification, int64_t *ret_request,
	struct ad_err *err)
{
	struct ad_db_result *rows;
	int r = ad_db_exec(db, arena, AD_Q_DRIFTS_ADOPT,
		AD_DB_PARAMS(AD_DB_TEXT(tenant_id), AD_DB_TEXT(oid), AD_DB_INT(app_id),
			AD_DB_TEXT(justification)),
		&rows, err);
	if (r == 0)
		*ret_request = ad_db_rows(rows) == 1 ? ad_db_int(rows, 0, 0) : 0;
	return r;
}

int ad_store_drift_removals(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	struct ad_drift_list *ret, struct ad_err *err)
{
	struct ad_db_result *rows;
	int r = ad_db_exec(
		db, arena, AD_Q_DRIFTS_REMOVALS, AD_DB_PARAMS(AD_DB_TEXT(tenant_id)), &rows, err);
	if (r < 0)
		return r;
	size_t count = ad_db_rows(rows);
	struct ad_drift *items = ad_alloc_array(arena, count, sizeof(*items));
	for (size_t i = 0; i < count; i++)
		items[i] = (struct ad_drift){ .id = ad_db_int(rows, i, 0),
			.group_id = ad_db_text(rows, i, 1),
			.oid = ad_db_text(rows, i, 2),
			.name = "" };
	*ret = (struct ad_drift_list){ .items = items, .count = count };
	return 0;
}

int ad_store_drift_removed(struct ad_db *db, struct ad_arena *arena, const int64_t *ids,
	size_t count, struct ad_err *err)
{
	return ad_db_exec(
		db, arena, AD_Q_DRIFTS_REMOVED, AD_DB_PARAMS(AD_DB_INTS(ids, count)), NULL, err);
}
