/* SPDX-License-Identifier: Apache-2.0 */
/* What people wish to be told, and news that waits for it. */
#include "ad/store/preferences.h"

#include "ad/db.h"
#include "ad/json.h"
#include "ad/store/jobs.h"
#include "ad/text.h"

#include "ad_queries.h"

int ad_store_preferences_get(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	const char *oid, struct ad_preferences *ret, struct ad_err *err)
{
	struct ad_db_result *row;
	*ret = (struct ad_preferences){ .tenant_id = tenant_id, .oid = oid };
	int rc = ad_db_exec_one(db, arena, AD_Q_PREFERENCES_GET,
		AD_DB_PARAMS(AD_DB_TEXT(tenant_id), AD_DB_TEXT(oid)), &row, err);
	if (rc != 0)
		return rc;
	ret->daily = ad_text_eq(ad_db_text(row, 0, 0), "daily");
	ret->muted = ad_db_bool(row, 0, 1);
	ret->quiet_from = ad_db_text(row, 0, 2);
	ret->quiet_until = ad_db_text(row, 0, 3);
	ret->time_zone = ad_db_text(row, 0, 4);
	ret->due_s = ad_db_int(row, 0, 5);
	ret->language = ad_db_text(row, 0, 6);
	ret->digest_s = ad_db_int(row, 0, 7);
	return 0;
}

/* One live job for each person. */
static const char *job_key(struct ad_arena *arena, const char *oid)
{
	return ad_printf(arena, "person:%s", oid);
}

int ad_store_preferences_put(struct ad_db *db, struct ad_arena *arena,
	const struct ad_preferences *preferences, struct ad_err *err)
{
	struct ad_preferences now;
	int rc = ad_db_exec(db, arena, AD_Q_PREFERENCES_PUT,
		AD_DB_PARAMS(AD_DB_TEXT(preferences->tenant_id), AD_DB_TEXT(preferences->oid),
			AD_DB_TEXT(preferences->daily ? "daily" : "off"),
			AD_DB_BOOL(preferences->muted), AD_DB_TEXT(preferences->quiet_from),
			AD_DB_TEXT(preferences->quiet_until), AD_DB_TEXT(preferences->time_zone),
			AD_DB_TEXT(preferences->language)),
		NULL, err);
	if (rc == 0)
		rc = ad_store_preferences_get(
			db, arena, preferences->tenant_id, preferences->oid, &now, err);
	if (rc != 0)
		return rc;
	return ad_db_exec(db, arena, AD_Q_PREFERENCES_RESCHEDULE,
		AD_DB_PARAMS(AD_DB_TEXT(job_key(arena, now.oid)), AD_DB_INT(now.due_s)), NULL, err);
}

int ad_store_preferences_zone(struct ad_db *db, struct ad_arena *arena, const char *name,
	const char **ret, struct ad_err *err)
{
	struct ad_db_result *row;
	int rc = ad_db_exec_one(
		db, arena, AD_Q_PREFERENCES_ZONE, AD_DB_PARAMS(AD_DB_TEXT(name)), &row, err);
	if (rc == 0)
		*ret = ad_db_text(row, 0, 0);
	return rc;
}

int ad_store_news_hold(struct ad_db *db, struct ad_arena *arena, const struct ad_preferences *whose,
	const struct ad_news *news, struct ad_err *err)
{
	struct ad_db_result *held;
	int64_t job;
	int rc = ad_db_exec(db, arena, AD_Q_PREFERENCES_HOLD,
		AD_DB_PARAMS(AD_DB_TEXT(whose->tenant_id), AD_DB_TEXT(whose->oid),
			AD_DB_TEXT(news->fact), AD_DB_TEXT(news->text)),
		&held, err);
	if (rc != 0 || ad_db_rows(held) == 0)
		return rc;
	struct ad_json *payload = ad_json_new_object(arena);
	ad_json_set_str(arena, payload, "oid", whose->oid);
	return ad_store_jobs_add(db, arena,
		&(struct ad_job_new){ .tenant_id = whose->tenant_id,
			.kind = AD_JOB_NEWS,
			.key = job_key(arena, whose->oid),
			.payload = ad_json_print(arena, payload),
			.delay_s = whose->due_s },
		&job, err);
}

int ad_store_news_take(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	const char *oid, struct ad_news **ret, size_t *ret_count, struct ad_err *err)
{
	struct ad_db_result *rows;
	int rc = ad_db_exec(db, arena, AD_Q_PREFERENCES_TAKE,
		AD_DB_PARAMS(AD_DB_TEXT(tenant_id), AD_DB_TEXT(oid)), &rows, err);
	if (rc != 0)
		return rc;
	*ret_count = ad_db_rows(rows);
	*ret = ad_alloc_array(arena, *ret_count, sizeof **ret);
	for (size_t i = 0; i < *ret_count; i++)
		(*ret)[i] = (struct ad_news){
			.text = ad_db_text(rows, i, 0),
			.held_at = ad_db_text(rows, i, 1),
		};
	return 0;
}
