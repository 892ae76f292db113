/* SPDX-License-Identifier: Apache-2.0 */
/* Version data: what is read from it and what is chosen. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdbool.h>
#include <setjmp.h>
#include <cmocka.h>

#include "ad/winget.h"

#include "resolve.h"

#define HASH "00112233445566778899AABBCCDDEEFF00112233445566778899aabbccddeeff"
#define ROW(version, path, hash) \
	"- v: " version "\r\n  aMiV: 1\r\n  rP: " path "\r\n  s256H: " hash "\r\n"

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

static int parse(struct ad_arena *arena, const char *text, struct ad_winget_versions *ret)
{
	struct ad_err err = { 0 };
	return ad_winget_versions_parse(arena,
		(struct ad_bytes){ .data = (const uint8_t *)text, .len = strlen(text) }, ret, &err);
}

static void rows_are_read_as_text(void **state)
{
	struct ad_winget_versions versions = { 0 };
	assert_int_equal(parse(*state,
				 "sV: 1.0\r\nnew: x\r\nvD:\r\n" ROW(
					 "154.0", "manifests/m/Mozilla/Firefox/154.0/f1d3", HASH)
					 ROW("1.10", "manifests/a/b c", HASH),
				 &versions),
		AD_EINVAL); /* a space in the path */
	assert_int_equal(parse(*state,
				 "sV: 1.0\r\nvD:\r\n" ROW("154.0", "manifests/m/x/f1d3", HASH)
					 ROW("1.10", "manifests/m/y+z/0000", HASH),
				 &versions),
		0);
	assert_int_equal(versions.count, 2);
	assert_string_equal(versions.rows[0].version, "154.0");
	assert_string_equal(versions.rows[1].path, "manifests/m/y+z/0000");
	assert_string_equal(versions.rows[1].sha256,
		"00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff");
}

static void unsafe_paths_are_refused(void **state)
{
	static const char *const paths[] = { "manifests/../x", "manifests/a/..", "/manifests/a",
		"manifests/./a", "manifests//a", "manifests/", "other/a", "manifests", "x",
		"manifests\\a", "manifests/a?x", "manifests/a%2e", "manifests/a#b",
		"https://example.com/manifests/a", "manifests/a:b", "..manifests/a" };
	struct ad_arena *arena = *state;
	for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
		struct ad_winget_versions versions;
		char *text = ad_printf(
			arena, "sV: 1.0\nvD:\n- v: '1'\n  rP: '%s'\n  s256H: " HASH "\n", paths[i]);
		if (parse(arena, text, &versions) != AD_EINVAL)
			fail_msg("accepted: %s", paths[i]);
	}
}

static void a_missing_or_empty_hash_is_an_integrity_failure(void **state)
{
	static const char *const hashes[] = { "", "''", "abc", ("0" HASH), "z" };
	struct ad_arena *arena = *state;
	for (size_t i = 0; i < sizeof hashes / sizeof hashes[0]; i++) {
		struct ad_winget_versions versions;
		char *text = ad_printf(arena,
			"sV: 1.0\nvD:\n- v: '1'\n  rP: manifests/a\n  s256H: %s\n", hashes[i]);
		assert_int_equal(parse(arena, text, &versions), AD_EINTEGRITY);
	}
}

static void another_schema_is_refused(void **state)
{
	static const char *const bad[] = { "sV: 2.0\nvD:\n" ROW("1", "manifests/a", HASH),
		"sV: 10\nvD:\n" ROW("1", "manifests/a", HASH),
		"vD:\n" ROW("1", "manifests/a", HASH), "sV: 1.0\n", "sV: 1.0\nvD: []\n",
		"sV: 1.0\nvD: text\n", "sV: 1.0\nvD:\n- text\n", "- sV: 1.0\n",
		"sV: 1.0\nvD:\n- rP: manifests/a\n  s256H: " HASH "\n",
		"sV: 1.0\nvD:\n- v: '1'\n  s256H: " HASH "\n" };
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct ad_winget_versions versions;
		if (parse(*state, bad[i], &versions) != AD_EINVAL)
			fail_msg("accepted: %s", bad[i]);
	}
}

static void the_newest_is_chosen_by_order_not_by_place(void **state)
{
	struct ad_winget_versions versions;
	const struct ad_winget_version_row *row = NULL;
	assert_int_equal(parse(*state,
				 "sV: 1.0\nvD:\n" ROW("1.9", "manifests/a", HASH) ROW("Unknown",
					 "manifests/b", HASH) ROW("1.10", "manifests/c", HASH)
					 ROW("1.10-rc", "manifests/d", HASH),
				 &versions),
		0);
	assert_int_equal(ad_winget_versions_choose(&versions, NULL, &row, NULL), 0);
	assert_string_equal(row->version, "1.10");
	assert_int_equal(ad_winget_versions_choose(&versions, "1.9.0", &row, NULL), 0);
	assert_string_equal(row->path, "manifests/a");
	assert_int_equal(ad_winget_versions_choose(&versions, "2", &row, NULL), AD_ENOTFOUND);
}

static void the_same_text_wins_over_an_equal_version(void **state)
{
	struct ad_winget_versions versions;
	const struct ad_winget_version_row *row = NULL;
	assert_int_equal(parse(*state,
				 "sV: 1.0\nvD:\n" ROW("1.0.0", "manifests/a", HASH)
					 ROW("1.0", "manifests/b", HASH),
				 &versions),
		0);
	assert_int_equal(ad_winget_versions_choose(&versions, "1.0", &row, NULL), 0);
	assert_string_equal(row->path, "manifests/b");
	assert_int_equal(ad_winget_versions_choose(&versions, "1", &row, NULL), 0);
	assert_string_equal(row->path, "manifests/a");
}

static void a_manifest_of_another_package_or_version_is_refused(void **state)
{
	struct ad_winget_manifest manifest = { .id = "Contoso.App", .version = "1.0" };
	struct ad_err err = { 0 };
	(void)state;
	assert_int_equal(ad_winget_manifest_check(&manifest, "contoso.APP", "1.0", &err), 0);
	assert_int_equal(
		ad_winget_manifest_check(&manifest, "Contoso.Other", "1.0", &err), AD_EINTEGRITY);
	assert_int_equal(
		ad_winget_manifest_check(&manifest, "Contoso.App", "1.0.0", &err), AD_EINTEGRITY);
	assert_string_equal(err.text,
		"Manifest integrity check failed: package Contoso.App, manifest: expected 1.0.0, "
		"found Contoso.App 1.0");
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(rows_are_read_as_text),
		TEST(unsafe_paths_are_refused),
		TEST(a_missing_or_empty_hash_is_an_integrity_failure),
		TEST(another_schema_is_refused),
		TEST(the_newest_is_chosen_by_order_not_by_place),
		TEST(the_same_text_wins_over_an_equal_version),
		TEST(a_manifest_of_another_package_or_version_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
