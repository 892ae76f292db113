/* SPDX-License-Identifier: Apache-2.0 */
/* Settings of a tenant. */
#include "ad/store/settings.h"

#include "ad/db.h"
#include "ad_queries.h"

static int get(struct ad_db *db, struct ad_arena *arena, int query, struct ad_db_params params,
	const char **ret_value, struct ad_err *err)
{
	struct ad_db_result *row;
	int r = ad_db_exec(db, arena, query, params, &row, err);
	if (r < 0)
		return r;
	*ret_value = ad_db_rows(row) > 0 ? ad_db_text(row, 0, 0) : "";
	return 0;
}

int ad_store_setting_get(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	const char *key, const char **ret_value, struct ad_err *err)
{
	return get(db, arena, AD_Q_SETTINGS_GET,
		AD_DB_PARAMS(AD_DB_TEXT(tenant_id), AD_DB_TEXT(key)), ret_value, err);
}

static void read_list(
	struct ad_arena *arena, const struct ad_db_result *rows, struct ad_setting_list *ret)
{
	size_t count = ad_db_rows(rows);
	struct ad_setting *items = ad_alloc_array(arena, count, sizeof *items);
	for (size_t i = 0; i < count; i++)
		items[i] = (struct ad_setting){
			.key = ad_db_text(rows, i, 0),
			.value = ad_db_text(rows, i, 1),
			.changed_by = ad_db_text(rows, i, 2),
			.changed_at = ad_db_text(rows, i, 3),
			.expires_at = ad_db_text(rows, i, 4),
		};
	*ret = (struct ad_setting_list){ .items = items, .count = count };
}

int ad_store_settings_list(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	struct ad_setting_list *ret, struct ad_err *err)
{
	struct ad_db_result *rows;
	int r = ad_db_exec(
		db, arena, AD_Q_SETTINGS_LIST, AD_DB_PARAMS(AD_DB_TEXT(tenant_id)), &rows, err);
	if (r == 0)
		read_list(arena, rows, ret);
	return r;
}

int ad_store_settings_later(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	struct ad_store_later *later, struct ad_err *err)
{
	return ad_db_exec_later(db, arena, AD_Q_SETTINGS_LIST, AD_DB_PARAMS(AD_DB_TEXT(tenant_id)),
		&later->rows, err);
}

void ad_store_settings_came(
	struct ad_arena *arena, const struct ad_store_later *later, struct ad_setting_list *ret)
{
	read_list(arena, later->rows, ret);
}

int ad_store_setting_set(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	const struct ad_setting *setting, const char **ret_before, struct ad_err *err)
{
	AD_ASSERT(ad_db_in_transaction(db));
	const char *before;
	int r = get(db, arena, AD_Q_SETTINGS_LOCK,
		AD_DB_PARAMS(AD_DB_TEXT(tenant_id), AD_DB_TEXT(setting->key)), &before, err);
	if (r == 0)
		r = ad_db_exec(db, arena, AD_Q_SETTINGS_SET,
			AD_DB_PARAMS(AD_DB_TEXT(tenant_id), AD_DB_TEXT(setting->key),
				AD_DB_TEXT(setting->value), AD_DB_TEXT(setting->changed_by),
				AD_DB_INT(setting->days)),
			NULL, err);
	if (r == 0)
		*ret_before = before;
	return r;
}
