/* SPDX-License-Identifier: Apache-2.0 */
/* The index database: lookup, and databases that want to trick their reader. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdbool.h>
#include <setjmp.h>
#include <cmocka.h>

#include "index_db.h"

#include <sqlite3.h>

#define SCHEMA                                                                                     \
	"CREATE TABLE metadata(name TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL) WITHOUT "      \
	"ROWID;"                                                                                   \
	"CREATE TABLE packages(rowid INTEGER PRIMARY KEY, id TEXT NOT NULL, name TEXT NOT NULL,"   \
	" moniker TEXT, latest_version TEXT NOT NULL, arp_min_version TEXT, arp_max_version TEXT," \
	" hash BLOB);"
#define VERSION_2 "INSERT INTO metadata VALUES('majorVersion', '2'), ('minorVersion', '0');"
#define PACKAGE(id, hash)                                                           \
	"INSERT INTO packages(id, name, moniker, latest_version, hash) VALUES('" id \
	"', 'Name of " id "', NULL, '1.0', " hash ");"
#define HASH "x'000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f'"

static int setup(void **state)
{
	*state = ad_arena_new();
	return 0;
}

static int teardown(void **state)
{
	ad_arena_free(*state);
	return 0;
}

/* The bytes of a database that these statements make. */
static struct ad_bytes database(struct ad_arena *arena, const char *sql)
{
	sqlite3 *db = NULL;
	sqlite3_int64 len = 0;
	assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		fail_msg("%s", sqlite3_errmsg(db));
	unsigned char *data = sqlite3_serialize(db, "main", &len, 0);
	struct ad_bytes bytes = { .data = ad_memdup(arena, data, (size_t)len), .len = (size_t)len };
	sqlite3_free(data);
	(void)sqlite3_close(db);
	return bytes;
}

static int open_sql(
	struct ad_arena *arena, const char *sql, struct ad_winget_index **index, struct ad_err *err)
{
	*err = (struct ad_err){ 0 };
	return ad_winget_index_open(arena, database(arena, sql), index, err);
}

static void a_package_is_found_in_any_case(void **state)
{
	struct ad_winget_index *index = NULL;
	struct ad_winget_row row;
	struct ad_err err;
	assert_int_equal(
		open_sql(*state, SCHEMA VERSION_2 PACKAGE("7zip.7zip", HASH), &index, &err), 0);
	assert_int_equal(ad_winget_index_find(*state, index, "7ZIP.7zip", &row, &err), 0);
	assert_string_equal(row.id, "7zip.7zip");
	assert_string_equal(row.latest_version, "1.0");
	assert_null(row.moniker);
	assert_int_equal(row.hash[31], 0x1f);
	assert_int_equal(ad_winget_index_find(*state, index, "7zip", &row, &err), AD_ENOTFOUND);
	assert_int_equal(ad_winget_index_find(*state, index, "%", &row, &err), AD_ENOTFOUND);
}

static void the_exact_id_wins_and_doubt_is_refused(void **state)
{
	struct ad_winget_index *index = NULL;
	struct ad_winget_row row;
	struct ad_err err;
	assert_int_equal(open_sql(*state,
				 SCHEMA VERSION_2 PACKAGE("A.B", HASH) PACKAGE("a.b", HASH)
					 PACKAGE("a.B", HASH),
				 &index, &err),
		0);
	assert_int_equal(ad_winget_index_find(*state, index, "a.b", &row, &err), 0);
	assert_string_equal(row.id, "a.b");
	assert_int_equal(ad_winget_index_find(*state, index, "A.b", &row, &err), AD_EAMBIGUOUS);
	assert_int_equal(err.class, AD_CLASS_PERMANENT);
}

/* Each of many is found, in its own and in any other case, and what is not there is not. */
static void every_package_of_many_is_found(void **state)
{
	struct ad_arena *arena = *state;
	struct ad_winget_index *index = NULL;
	struct ad_winget_row row;
	struct ad_err err;
	assert_int_equal(open_sql(arena,
				 SCHEMA VERSION_2
				 "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c"
				 " WHERE n < 20000) INSERT INTO packages(id, name, latest_version, "
				 "hash) SELECT 'Some.Package' || n, n, '1.0', zeroblob(32) FROM c;",
				 &index, &err),
		0);
	for (int n = 1; n <= 20000; n += 7) {
		assert_int_equal(ad_winget_index_find(arena, index,
					 ad_printf(arena, "Some.Package%d", n), &row, &err),
			0);
		assert_string_equal(row.name, ad_printf(arena, "%d", n));
		assert_int_equal(ad_winget_index_find(arena, index,
					 ad_printf(arena, "SOME.pACKAGE%d", n), &row, &err),
			0);
		assert_string_equal(row.id, ad_printf(arena, "Some.Package%d", n));
	}
	assert_int_equal(
		ad_winget_index_find(arena, index, "Some.Package0", &row, &err), AD_ENOTFOUND);
}

static void a_row_without_a_sha256_is_an_integrity_failure(void **state)
{
	static const char *const rows[] = { PACKAGE("A.B", "NULL"), PACKAGE("A.B", "x'0011'"),
		PACKAGE("A.B", "'text of exactly 32 bytes, not blob'"),
		PACKAGE("A.B", "zeroblob(31)"), PACKAGE("A.B", "zeroblob(33)"),
		PACKAGE("A.B", "7") };
	struct ad_arena *arena = *state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct ad_winget_index *index = NULL;
		struct ad_winget_row row;
		struct ad_err err;
		assert_int_equal(open_sql(arena, ad_printf(arena, SCHEMA VERSION_2 "%s", rows[i]),
					 &index, &err),
			0);
		assert_int_equal(
			ad_winget_index_find(arena, index, "A.B", &row, &err), AD_EINTEGRITY);
		assert_non_null(strstr(err.text, "A.B"));
	}
}

static void threat_15_other_schemas_views_and_triggers_are_refused(void **state)
{
	static const char *const bad[] = {
		SCHEMA,
		SCHEMA "INSERT INTO metadata VALUES('majorVersion', '1');",
		SCHEMA "INSERT INTO metadata VALUES('majorVersion', '3');",
		SCHEMA "INSERT INTO metadata VALUES('majorVersion', '2x');",
		"CREATE TABLE t(a);",
		SCHEMA VERSION_2 "CREATE VIEW v AS SELECT 1;",
		SCHEMA VERSION_2 "DROP TABLE packages; CREATE VIEW packages AS SELECT 1 AS id;",
		SCHEMA VERSION_2 "CREATE TRIGGER t AFTER INSERT ON packages BEGIN SELECT 1; END;",
		SCHEMA VERSION_2
		"CREATE TRIGGER t AFTER INSERT ON packages BEGIN INSERT INTO"
		" packages(id, name, latest_version) VALUES(new.id || 'x', 'x', 'x'); END;",
		SCHEMA VERSION_2 "CREATE VIRTUAL TABLE f USING fts5(a);",
	};
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct ad_winget_index *index = NULL;
		struct ad_err err;
		if (open_sql(*state, bad[i], &index, &err) != AD_EINTEGRITY)
			fail_msg("accepted: %s", bad[i]);
	}
}

static void a_table_without_our_columns_is_refused(void **state)
{
	struct ad_winget_index *index = NULL;
	struct ad_winget_row row;
	struct ad_err err;
	assert_int_equal(open_sql(*state,
				 "CREATE TABLE metadata(name TEXT, value TEXT);" VERSION_2
				 "CREATE TABLE packages(id TEXT);",
				 &index, &err),
		0);
	assert_int_equal(ad_winget_index_find(*state, index, "A.B", &row, &err), AD_EINTEGRITY);
}

static void rows_of_wrong_types_are_refused(void **state)
{
	static const char *const updates[] = { "id = x'412e42'", "name = x'ff'",
		"latest_version = cast(x'ff' AS TEXT)", "name = cast(x'610062' AS TEXT)" };
	struct ad_arena *arena = *state;
	for (size_t i = 0; i < sizeof updates / sizeof updates[0]; i++) {
		struct ad_winget_index *index = NULL;
		struct ad_winget_row row;
		struct ad_err err;
		char *sql = ad_printf(arena,
			SCHEMA VERSION_2 PACKAGE("A.B", HASH) "UPDATE packages SET %s;",
			updates[i]);
		assert_int_equal(open_sql(arena, sql, &index, &err), 0);
		assert_int_not_equal(ad_winget_index_find(arena, index, "A.B", &row, &err), 0);
	}
}

static void nothing_can_be_written(void **state)
{
	struct ad_winget_index *index = NULL;
	struct ad_winget_row *rows = NULL;
	size_t count = 0;
	struct ad_err err;
	assert_int_equal(open_sql(*state, SCHEMA VERSION_2 PACKAGE("A.B", HASH), &index, &err), 0);
	assert_int_equal(ad_winget_index_search(*state, index, "x'; DELETE FROM packages; --", 9,
				 &rows, &count, &err),
		0);
	assert_int_equal(count, 0);
	assert_int_equal(ad_winget_index_search(*state, index, "a.b", 9, &rows, &count, &err), 0);
	assert_int_equal(count, 1);
}

static void threat_15_damaged_databases_are_refused_or_harmless(void **state)
{
	struct ad_arena *arena = *state;
	struct ad_bytes good = database(arena, SCHEMA VERSION_2
		"WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c"
		" WHERE n < 500) INSERT INTO packages(id, name, latest_version, hash)"
		" SELECT 'Some.Package' || n, 'Name ' || n, '1.0', zeroblob(32) FROM c;");
	uint8_t *copy = ad_memdup(arena, good.data, good.len);
	uint32_t seed = 7;
	for (int i = 0; i < 1000; i++) {
		seed = seed * 1103515245 + 12345;
		size_t at = (i < 120 ? (size_t)i : (size_t)seed) % good.len;
		uint8_t before = copy[at];
		copy[at] = (uint8_t)(before ^ (1u << (seed >> 29)));
		struct ad_arena *inner = ad_arena_new();
		struct ad_winget_index *index = NULL;
		struct ad_winget_row row;
		struct ad_bytes bytes = { .data = copy, .len = good.len };
		if (ad_winget_index_open(inner, bytes, &index, NULL) == 0) {
			int rc = ad_winget_index_find(inner, index, "Some.Package77", &row, NULL);
			assert_true(rc <= 0);
		}
		ad_arena_free(inner);
		copy[at] = before;
	}
	for (size_t len = 0; len < good.len; len += 700) {
		struct ad_winget_index *index = NULL;
		struct ad_bytes bytes = { .data = copy, .len = len };
		assert_int_not_equal(ad_winget_index_open(arena, bytes, &index, NULL), 0);
	}
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_package_is_found_in_any_case),
		TEST(the_exact_id_wins_and_doubt_is_refused),
		TEST(every_package_of_many_is_found),
		TEST(a_row_without_a_sha256_is_an_integrity_failure),
		TEST(threat_15_other_schemas_views_and_triggers_are_refused),
		TEST(a_table_without_our_columns_is_refused),
		TEST(rows_of_wrong_types_are_refused),
		TEST(nothing_can_be_written),
		TEST(threat_15_damaged_databases_are_refused_or_harmless),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
