/* SPDX-License-Identifier: Apache-2.0 */
/* The setting "k" of tenant "t" stands for any row: written at once or later, and looked at from
 * outside. */
#ifndef AD_TESTS_DB_SETTING_K_H
#define AD_TESTS_DB_SETTING_K_H

#include "harness.h"

#include "ad/store/settings.h"
#include "ad_queries.h"

#define PATIENCE_MS 10000 /* for what another thread or process does */

static inline int put(
	struct ad_db *db, struct db_test *t, const char *key, const char *value, struct ad_err *err)
{
	return ad_db_exec(db, t->arena, AD_Q_SETTINGS_SET,
		AD_DB_PARAMS(AD_DB_TEXT("t"), AD_DB_TEXT(key), AD_DB_TEXT(value), AD_DB_TEXT("o"),
			AD_DB_INT(0)),
		NULL, err);
}

static inline const char *stored(struct db_test *t, const char *key)
{
	return db_test_text(t, "select value from portal_settings where key = '%s'", key);
}

/* Ends the server process behind db, and waits until it is gone. */
static inline void terminate(struct db_test *t, const char *application)
{
	db_test_sql(t,
		"select pg_terminate_backend(pid, %d) from pg_stat_activity "
		"where datname = current_database() and application_name = '%s'",
		PATIENCE_MS, application);
}

static inline int put_later(
	struct ad_db *db, struct db_test *t, const char *key, const char *value, struct ad_err *err)
{
	return ad_db_exec_later(db, t->arena, AD_Q_SETTINGS_SET,
		AD_DB_PARAMS(AD_DB_TEXT("t"), AD_DB_TEXT(key), AD_DB_TEXT(value), AD_DB_TEXT("o"),
			AD_DB_INT(0)),
		NULL, err);
}

static inline int get_later(
	struct ad_db *db, struct db_test *t, struct ad_db_result **ret, struct ad_err *err)
{
	return ad_db_exec_later(db, t->arena, AD_Q_SETTINGS_GET,
		AD_DB_PARAMS(AD_DB_TEXT("t"), AD_DB_TEXT("k")), ret, err);
}

#endif
