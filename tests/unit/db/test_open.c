/* SPDX-License-Identifier: Apache-2.0 */
/* What a connection does without any database. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "ad/clock.h"
#include "ad/db.h"

#define NOWHERE "host=/nonexistent/socket dbname=x"

static void a_string_that_libpq_cannot_read_is_refused_without_quoting_it(void **state)
{
	(void)state;
	struct ad_db *db;
	struct ad_err err = { 0 };
	assert_int_equal(ad_db_open("password=hunter2 hosst=x", NULL, &db, &err), AD_ECONFIG);
	assert_null(strstr(err.text, "hunter2"));
	assert_int_equal(
		ad_db_open("postgresql://u:hunter2@h/x?nosuch=1", NULL, &db, &err), AD_ECONFIG);
	assert_null(strstr(err.text, "hunter2"));
}

static void opening_does_not_connect(void **state)
{
	(void)state;
	struct ad_db *db;
	assert_int_equal(ad_db_open(NOWHERE, NULL, &db, NULL), 0);
	assert_int_equal(ad_db_fd(db), -1);
	assert_false(ad_db_in_transaction(db));
	ad_db_close(db);
	ad_db_close(NULL);
}

static void after_a_failed_attempt_every_call_fails_at_once(void **state)
{
	(void)state;
	struct ad_db *db;
	struct ad_err err = { 0 };
	assert_int_equal(ad_db_open(NOWHERE, NULL, &db, &err), 0);
	assert_int_equal(ad_db_begin(db, &err), AD_EUNAVAIL);
	assert_int_equal(err.class, AD_CLASS_TRANSIENT);
	assert_null(strstr(err.text, "next attempt"));
	assert_int_equal(ad_db_begin(db, &err), AD_EUNAVAIL);
	assert_non_null(strstr(err.text, "next attempt"));
	assert_false(ad_db_in_transaction(db));
	ad_db_close(db);
}

static void waiting_for_a_notification_does_not_spin_without_a_database(void **state)
{
	(void)state;
	struct ad_db *db;
	struct ad_err err = { 0 };
	assert_int_equal(ad_db_open(NOWHERE, NULL, &db, &err), 0);
	int64_t start = ad_clock_mono_ms();
	for (int i = 0; i < 3; i++)
		assert_int_equal(ad_db_wait_notify(db, 1000, &err), AD_EUNAVAIL);
	/* Pauses of at least half of 100, 200 and 400 ms. */
	assert_true(ad_clock_mono_ms() - start >= 50 + 100 + 200);
	ad_db_close(db);
}

static void queries_have_their_names(void **state)
{
	(void)state;
	assert_true(ad_db_query_count() > 0);
	for (int i = 0; i < ad_db_query_count(); i++)
		assert_true(strlen(ad_db_query_name(i)) > 0);
	assert_true(ad_db_schema_number() >= 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_string_that_libpq_cannot_read_is_refused_without_quoting_it),
		cmocka_unit_test(opening_does_not_connect),
		cmocka_unit_test(after_a_failed_attempt_every_call_fails_at_once),
		cmocka_unit_test(waiting_for_a_notification_does_not_spin_without_a_database),
		cmocka_unit_test(queries_have_their_names),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
