/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests against a real PostgreSQL. ctest starts one private cluster for all of them
 * (scripts/cluster) and names its folder in APPDESK_TEST_CLUSTER; each test program makes its own
 * database there, migrated and with the service role's rights, and drops it at the end. By hand:
 *
 *   scripts/cluster start /tmp/pg && APPDESK_TEST_CLUSTER=/tmp/pg ./db_store_audit
 *
 * A file tests/db/test_<module>_<what>.c becomes the ctest test db_<module>_<what>, linked with
 * ad_store and, where it exists, ad_<module>. It looks like this:
 *
 *   #include "harness.h"
 *
 *   static void a_promise_is_kept(void **state)
 *   {
 *           struct db_test *t = *state;
 *           struct ad_err err = { 0 };
 *           db_test_sql(t, "insert into users (tenant_id, oid) values ('t', 'o')");
 *           assert_ok(ad_store_user_get(t->db, t->arena, ..., &err), err);
 *           assert_int_equal(db_test_int(t, "select count(*) from users"), 1);
 *   }
 *
 *   int main(void)
 *   {
 *           const struct CMUnitTest tests[] = { db_test(a_promise_is_kept) };
 *           return db_test_run(tests);
 *   }
 *
 * Before each test every table is empty, numbers begin at 1 again, t->db is a fresh connection as
 * the service role without a transaction, and t->arena is empty.
 */
#ifndef AD_TESTS_DB_HARNESS_H
#define AD_TESTS_DB_HARNESS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "ad/arena.h"
#include "ad/db.h"
#include "ad/err.h"

struct db_test {
	struct ad_db *db;           /* service role */
	struct ad_arena *arena;     /* for the running test */
	const char *url;            /* of the database, as the service role */
	struct ad_db_url *database; /* url, to be shared */
	const char *owner_url;      /* as the owner role: migrations */
	const char *super_url;      /* as the superuser */
};

/* One more connection as the service role, for tests of two at once; close it with ad_db_close. */
struct ad_db *db_test_open(struct db_test *t);

/* Statements as superuser, outside the service's transactions; a failure fails the test. */
void db_test_sql(struct db_test *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* First column of the first row, in t->arena; "" for null or no row. */
const char *db_test_text(struct db_test *t, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
int64_t db_test_int(struct db_test *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The same on any connection string (roles); the answer is "" or the SQLSTATE of the failure. */
const char *db_test_try(struct db_test *t, const char *url, const char *sql);

/* Fails with the error's text when result is negative. */
#define assert_ok(result, err) db_test_assert_ok((result), &(err), #result, __FILE__, __LINE__)
void db_test_assert_ok(
	int result, const struct ad_err *err, const char *what, const char *file, int line);

int db_test_begin(void **state);
int db_test_end(void **state);
int db_test_make_database(void **state);
int db_test_drop_database(void **state);

#define db_test(function) cmocka_unit_test_setup_teardown(function, db_test_begin, db_test_end)
#define db_test_run(tests) \
	cmocka_run_group_tests(tests, db_test_make_database, db_test_drop_database)

#endif
