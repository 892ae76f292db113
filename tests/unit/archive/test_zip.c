/* SPDX-License-Identifier: Apache-2.0 */
/* Archives from outside: good ones are read, traps are refused when the archive is opened. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdbool.h>
#include <setjmp.h>
#include <cmocka.h>

#include "ad/archive/zip.h"
#include "ad/file.h"

#include "zip_maker.h"

#include <sys/stat.h>

static const struct ad_zip_limits limits = {
	.entries = 1000, .entry_bytes = 1u << 20, .total_bytes = 2u << 20
};

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

static int open_with(struct ad_arena *arena, struct ad_bytes bytes, const struct ad_zip_limits *own)
{
	struct ad_zip *zip = NULL;
	struct ad_err err = { 0 };
	/* A copy of exactly this length, so that reading past its end is seen. */
	uint8_t *copy = malloc(bytes.len ? bytes.len : 1);
	memcpy(copy, bytes.data, bytes.len);
	struct ad_arena *inner = ad_arena_new();
	int rc = ad_zip_open_bytes(
		inner, (struct ad_bytes){ .data = copy, .len = bytes.len }, own, &zip, &err);
	(void)arena;
	ad_arena_free(inner);
	free(copy);
	return rc;
}

static int open_one(struct ad_arena *arena, struct maker_entry entry)
{
	struct maker maker = maker_new(arena);
	maker_add(&maker, entry);
	return open_with(arena, maker_end(&maker, false), &limits);
}

static struct ad_zip *good_archive(struct ad_arena *arena, bool zip64)
{
	static char zeros[100000];
	struct maker maker = maker_new(arena);
	struct ad_zip *zip = NULL;
	struct ad_err err = { 0 };
	maker_text(&maker, "folder/", "");
	maker_text(&maker, "folder/stored.txt", "stored");
	maker_add(&maker, (struct maker_entry){ .name = "deflated.bin",
				  .data = zeros,
				  .len = sizeof zeros,
				  .deflate = true,
				  .descriptor = true });
	int rc = ad_zip_open_bytes(arena, maker_end(&maker, zip64), &limits, &zip, &err);
	if (rc)
		fail_msg("%s", err.text);
	return zip;
}

static void stored_and_deflated_entries_are_read(void **state)
{
	struct ad_arena *arena = *state;
	for (int zip64 = 0; zip64 < 2; zip64++) {
		struct ad_bytes content;
		struct ad_zip *zip = good_archive(arena, zip64 != 0);
		assert_int_equal(ad_zip_count(zip), 3);
		assert_true(ad_zip_at(zip, 0)->folder);
		assert_null(ad_zip_at(zip, 3));
		assert_null(ad_zip_find(zip, "folder/STORED.txt"));
		const struct ad_zip_entry *stored = ad_zip_find(zip, "folder/stored.txt");
		assert_int_equal(ad_zip_read(arena, zip, stored, 100, &content, NULL), 0);
		assert_string_equal((const char *)content.data, "stored");
		const struct ad_zip_entry *deflated = ad_zip_find(zip, "deflated.bin");
		assert_int_equal(ad_zip_read(arena, zip, deflated, 100000, &content, NULL), 0);
		assert_int_equal(content.len, 100000);
		assert_int_equal(
			ad_zip_read(arena, zip, deflated, 99999, &content, NULL), AD_ETOOBIG);
	}
}

static void an_entry_is_extracted_into_a_new_file_only(void **state)
{
	struct ad_arena *arena = *state;
	struct ad_zip *zip = good_archive(arena, false);
	const struct ad_zip_entry *entry = ad_zip_find(zip, "folder/stored.txt");
	char folder[] = "/tmp/ad-zip-XXXXXX";
	char *data = NULL;
	size_t len = 0;
	struct stat stat_of;
	assert_non_null(mkdtemp(folder));
	char *path = ad_printf(arena, "%s/out", folder);
	assert_int_equal(ad_zip_extract(zip, entry, path, NULL), 0);
	assert_int_equal(ad_file_read(arena, path, 100, &data, &len, NULL), 0);
	assert_string_equal(data, "stored");
	assert_int_equal(stat(path, &stat_of), 0);
	assert_int_equal(stat_of.st_mode & 0777, 0600);
	assert_int_equal(ad_zip_extract(zip, entry, path, NULL), AD_ECONFLICT);
	assert_int_equal(ad_file_remove_tree(folder, NULL), 0);
}

static void a_damaged_entry_is_refused_and_leaves_no_file(void **state)
{
	struct ad_arena *arena = *state;
	struct maker maker = maker_new(arena);
	struct ad_zip *zip = NULL;
	struct ad_bytes content;
	char path[] = "/tmp/ad-zip-XXXXXX";
	maker_text(&maker, "a", "0123456789");
	struct ad_bytes bytes = maker_end(&maker, false);
	maker.data[30 + 1 + 5] ^= 1;
	assert_int_equal(ad_zip_open_bytes(arena, bytes, &limits, &zip, NULL), 0);
	assert_int_equal(
		ad_zip_read(arena, zip, ad_zip_at(zip, 0), 100, &content, NULL), AD_EINVAL);
	assert_non_null(mkdtemp(path));
	char *file = ad_printf(arena, "%s/out", path);
	assert_int_equal(ad_zip_extract(zip, ad_zip_at(zip, 0), file, NULL), AD_EINVAL);
	assert_false(ad_file_exists(file));
	assert_int_equal(ad_file_remove_tree(path, NULL), 0);
}

static void an_entry_that_lies_about_its_size_is_refused(void **state)
{
	static char zeros[5000];
	struct ad_arena *arena = *state;
	for (uint32_t claimed = 4999; claimed <= 5001; claimed += 2) {
		struct maker maker = maker_new(arena);
		struct ad_zip *zip = NULL;
		struct ad_bytes content;
		maker_add(&maker, (struct maker_entry){ .name = "a",
					  .data = zeros,
					  .len = sizeof zeros,
					  .deflate = true,
					  .claimed_size = claimed });
		struct ad_bytes bytes = maker_end(&maker, false);
		assert_int_equal(ad_zip_open_bytes(arena, bytes, &limits, &zip, NULL), 0);
		assert_int_equal(ad_zip_read(arena, zip, ad_zip_at(zip, 0), 6000, &content, NULL),
			AD_EINVAL);
	}
}

static void threat_11_names_that_leave_their_folder_are_refused(void **state)
{
	static const char *const names[] = { "", "/", "/etc/passwd", "../a", "a/../b", "a/..", "..",
		".", "./a", "a/./b", "a//b", "a\\b", "..\\a", "C:/a", "C:a", "a:stream", "con",
		"NUL.txt", "a/com1", "lpt9.log", "aux .c", "CONIN$", "trailing.", "trailing ",
		"a./b", "a /b", "tab\there", "new\nline", "del\x7f", "star*", "what?", "quote\"",
		"less<", "more>", "pipe|", "bad\xff utf8", "overlong\xc0\xaf", "a/ /b" };
	struct ad_arena *arena = *state;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		if (open_one(arena, (struct maker_entry){ .name = names[i], .data = "" }) !=
			AD_EINVAL)
			fail_msg("\"%s\" was accepted", names[i]);
	}
	static const char *const good[] = { "a", "a/b", "a/", ".hidden", "a..b", "console", "com10",
		"[Content_Types].xml", "gr\xc3\xbc\xc3\x9f", "a b.txt" };
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		if (open_one(arena, (struct maker_entry){ .name = good[i], .data = "" }) != 0)
			fail_msg("\"%s\" was refused", good[i]);
	}
}

static void names_that_are_too_long_or_deep_are_refused(void **state)
{
	struct ad_arena *arena = *state;
	char *name = ad_alloc(arena, AD_ZIP_NAME_MAX + 2);
	memset(name, 'a', AD_ZIP_NAME_MAX + 1);
	assert_int_equal(ad_zip_name_check(name, AD_ZIP_NAME_MAX, NULL), 0);
	assert_int_equal(ad_zip_name_check(name, AD_ZIP_NAME_MAX + 1, NULL), AD_EINVAL);
	for (size_t i = 1; i < 2 * AD_ZIP_DEPTH_MAX; i += 2)
		name[i] = '/';
	assert_int_equal(ad_zip_name_check(name, 2 * AD_ZIP_DEPTH_MAX - 1, NULL), 0);
	assert_int_equal(ad_zip_name_check(name, 2 * AD_ZIP_DEPTH_MAX + 1, NULL), AD_EINVAL);
}

static void threat_11_names_that_collide_are_refused(void **state)
{
	static const char *const pairs[][2] = { { "a", "a" }, { "Setup.exe", "setup.EXE" },
		{ "a", "a/" }, { "a", "A/b" }, { "x/y", "x/y/z" } };
	struct ad_arena *arena = *state;
	for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
		struct maker maker = maker_new(arena);
		maker_text(&maker, pairs[i][0], "");
		maker_text(&maker, pairs[i][1], "");
		assert_int_equal(open_with(arena, maker_end(&maker, false), &limits), AD_EINVAL);
	}
	struct maker maker = maker_new(arena);
	maker_text(&maker, "a/", "");
	maker_text(&maker, "a/b", "");
	assert_int_equal(open_with(arena, maker_end(&maker, false), &limits), 0);
}

static void a_local_header_with_another_name_is_refused(void **state)
{
	assert_int_equal(open_one(*state, (struct maker_entry){ .name = "good.txt",
						  .local_name = "evil.exe",
						  .data = "" }),
		AD_EINVAL);
}

/* An entry inside of another entry's data: each is well-formed by itself. */
static void threat_15_overlapping_entries_are_refused(void **state)
{
	struct ad_arena *arena = *state;
	struct maker inner = maker_new(arena);
	struct maker maker = maker_new(arena);
	maker_text(&inner, "b", "content");
	maker_add(
		&maker, (struct maker_entry){ .name = "a", .data = inner.data, .len = inner.len });
	maker_add(
		&maker, (struct maker_entry){
				.name = "b", .data = "content", .len = 7, .reuse_previous = true });
	const size_t offset_field = 46 + 1 + 42;
	maker.central[offset_field] = 30 + 1;
	assert_int_equal(open_with(arena, maker_end(&maker, false), &limits), AD_EINVAL);
}

static void two_records_of_one_entry_are_refused(void **state)
{
	struct ad_arena *arena = *state;
	struct maker maker = maker_new(arena);
	maker_text(&maker, "a", "content");
	maker_add(
		&maker, (struct maker_entry){
				.name = "a", .data = "content", .len = 7, .reuse_previous = true });
	maker.central[46 + 1 + 46] = 'b';
	assert_int_equal(open_with(arena, maker_end(&maker, false), &limits), AD_EINVAL);
}

static void bytes_behind_the_last_record_are_refused(void **state)
{
	struct ad_arena *arena = *state;
	struct maker maker = maker_new(arena);
	maker_text(&maker, "a", "content");
	maker.central_len += 5;
	assert_int_equal(open_with(arena, maker_end(&maker, false), &limits), AD_EINVAL);
}

static void threat_11_links_and_devices_are_refused(void **state)
{
	struct ad_arena *arena = *state;
	const uint32_t types[] = { S_IFLNK, S_IFCHR, S_IFBLK, S_IFIFO, S_IFSOCK };
	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
		assert_int_equal(open_one(arena, (struct maker_entry){ .name = "a",
							 .data = "/etc/passwd",
							 .len = 11,
							 .made_by = 3 << 8,
							 .attributes = types[i] << 16 }),
			AD_EINVAL);
	assert_int_equal(open_one(arena, (struct maker_entry){ .name = "a",
						 .data = "",
						 .made_by = 3 << 8,
						 .attributes = (uint32_t)S_IFREG << 16 }),
		0);
}

static void encrypted_entries_are_refused(void **state)
{
	assert_int_equal(
		open_one(*state, (struct maker_entry){ .name = "a", .data = "", .flags = 1 }),
		AD_EINVAL);
	assert_int_equal(
		open_one(*state, (struct maker_entry){ .name = "a", .data = "", .flags = 0x40 }),
		AD_EINVAL);
}

static void threat_15_limits_are_kept(void **state)
{
	struct ad_arena *arena = *state;
	struct maker maker = maker_new(arena);
	maker_text(&maker, "a", "12345");
	maker_text(&maker, "b", "12345");
	struct ad_bytes bytes = maker_end(&maker, false);
	struct ad_zip_limits own = { .entries = 2, .entry_bytes = 5, .total_bytes = 10 };
	assert_int_equal(open_with(arena, bytes, &own), 0);
	own.entries = 1;
	assert_int_equal(open_with(arena, bytes, &own), AD_ETOOBIG);
	own = (struct ad_zip_limits){ .entries = 2, .entry_bytes = 4, .total_bytes = 10 };
	assert_int_equal(open_with(arena, bytes, &own), AD_ETOOBIG);
	own = (struct ad_zip_limits){ .entries = 2, .entry_bytes = 5, .total_bytes = 9 };
	assert_int_equal(open_with(arena, bytes, &own), AD_ETOOBIG);
}

static void threat_15_an_impossible_ratio_is_refused(void **state)
{
	static char zeros[100];
	struct ad_arena *arena = *state;
	assert_int_equal(open_one(arena, (struct maker_entry){ .name = "bomb",
						 .data = zeros,
						 .len = sizeof zeros,
						 .deflate = true,
						 .claimed_size = 1u << 20 }),
		AD_ETOOBIG);
}

static void a_changed_directory_is_refused_or_the_same(void **state)
{
	struct ad_arena *arena = *state;
	struct maker maker = maker_new(arena);
	maker_text(&maker, "first", "content");
	maker_text(&maker, "second", "content");
	struct ad_bytes bytes = maker_end(&maker, true);
	/* Reading outside of the bytes would be seen by the sanitizers. */
	for (size_t i = 0; i < bytes.len; i++) {
		uint8_t before = maker.data[i];
		maker.data[i] = (uint8_t)(before ^ 0xff);
		(void)open_with(arena, bytes, &limits);
		maker.data[i] = 0xff;
		(void)open_with(arena, bytes, &limits);
		maker.data[i] = 0;
		(void)open_with(arena, bytes, &limits);
		maker.data[i] = before;
	}
}

static void a_truncated_or_prefixed_archive_is_refused(void **state)
{
	struct ad_arena *arena = *state;
	struct maker maker = maker_new(arena);
	maker_text(&maker, "first", "content");
	struct ad_bytes bytes = maker_end(&maker, true);
	for (size_t len = 0; len < bytes.len; len++)
		assert_int_equal(
			open_with(arena, (struct ad_bytes){ bytes.data, len }, &limits), AD_EINVAL);
	for (size_t cut = 1; cut < 40; cut++)
		assert_int_equal(
			open_with(arena, (struct ad_bytes){ bytes.data + cut, bytes.len - cut },
				&limits),
			AD_EINVAL);
	uint8_t *longer = ad_alloc(arena, bytes.len + 1);
	memcpy(longer, bytes.data, bytes.len);
	assert_int_equal(
		open_with(arena, (struct ad_bytes){ longer, bytes.len + 1 }, &limits), AD_EINVAL);
}

static void a_missing_file_is_not_found(void **state)
{
	struct ad_zip *zip = NULL;
	assert_int_equal(
		ad_zip_open(*state, "/tmp/no such file.zip", &limits, &zip, NULL), AD_ENOTFOUND);
	assert_int_equal(ad_zip_open(*state, "/tmp", &limits, &zip, NULL), AD_EINVAL);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(stored_and_deflated_entries_are_read),
		TEST(an_entry_is_extracted_into_a_new_file_only),
		TEST(a_damaged_entry_is_refused_and_leaves_no_file),
		TEST(an_entry_that_lies_about_its_size_is_refused),
		TEST(threat_11_names_that_leave_their_folder_are_refused),
		TEST(names_that_are_too_long_or_deep_are_refused),
		TEST(threat_11_names_that_collide_are_refused),
		TEST(a_local_header_with_another_name_is_refused),
		TEST(threat_15_overlapping_entries_are_refused),
		TEST(two_records_of_one_entry_are_refused),
		TEST(bytes_behind_the_last_record_are_refused),
		TEST(threat_11_links_and_devices_are_refused),
		TEST(encrypted_entries_are_refused),
		TEST(threat_15_limits_are_kept),
		TEST(threat_15_an_impossible_ratio_is_refused),
		TEST(a_changed_directory_is_refused_or_the_same),
		TEST(a_truncated_or_prefixed_archive_is_refused),
		TEST(a_missing_file_is_not_found),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
