/* SPDX-License-Identifier: Apache-2.0 */
/* The layout of signed packages: the directory before the signature is found again, byte by byte.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdbool.h>
#include <setjmp.h>
#include <cmocka.h>

#include "ad/archive/msix.h"

#include "zip_maker.h"

static const struct ad_zip_limits limits = {
	.entries = 64, .entry_bytes = 1u << 20, .total_bytes = 2u << 20
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

static void add_content(struct maker *maker)
{
	static char zeros[5000];
	maker_add(maker, (struct maker_entry){ .name = "Public/index.db",
				 .data = zeros,
				 .len = sizeof zeros,
				 .deflate = true,
				 .descriptor = true });
	maker_text(maker, "AppxManifest.xml", "<Package/>");
}

static void the_directory_before_the_signature_is_rebuilt(void **state)
{
	struct ad_arena *arena = *state;
	for (int zip64 = 0; zip64 < 2; zip64++) {
		struct maker unsigned_one = maker_new(arena);
		struct maker signed_one = maker_new(arena);
		struct ad_msix_layout layout;
		struct ad_err err = { 0 };
		add_content(&unsigned_one);
		add_content(&signed_one);
		size_t content_len = unsigned_one.len;
		maker_text(&signed_one, AD_MSIX_SIGNATURE_NAME, "PKCX");
		struct ad_bytes before = maker_end(&unsigned_one, zip64 != 0);
		struct ad_bytes bytes = maker_end(&signed_one, zip64 != 0);
		if (ad_msix_open(arena, bytes, &limits, &layout, &err) != 0)
			fail_msg("%s", err.text);
		assert_int_equal(layout.content.len, content_len);
		assert_ptr_equal(layout.content.data, bytes.data);
		assert_int_equal(layout.directory.len, before.len - content_len);
		assert_memory_equal(
			layout.directory.data, before.data + content_len, layout.directory.len);
		assert_string_equal((const char *)layout.signature.data, "PKCX");
		assert_int_equal(
			ad_msix_local_header_len(layout.zip, ad_zip_at(layout.zip, 0)), 30 + 15);
	}
}

static int open_made(struct ad_arena *arena, struct maker *maker)
{
	struct ad_msix_layout layout;
	struct ad_err err = { 0 };
	return ad_msix_open(arena, maker_end(maker, true), &limits, &layout, &err);
}

static void a_package_without_signature_is_refused(void **state)
{
	struct ad_arena *arena = *state;
	struct maker maker = maker_new(arena);
	add_content(&maker);
	assert_int_equal(open_made(arena, &maker), AD_EINTEGRITY);
}

static void a_signature_that_is_not_last_is_refused(void **state)
{
	struct ad_arena *arena = *state;
	struct maker maker = maker_new(arena);
	maker_text(&maker, AD_MSIX_SIGNATURE_NAME, "PKCX");
	add_content(&maker);
	assert_int_equal(open_made(arena, &maker), AD_EINTEGRITY);
}

static void foreign_bytes_between_entries_are_refused(void **state)
{
	struct ad_arena *arena = *state;
	struct maker between = maker_new(arena);
	add_content(&between);
	between.len += 5;
	maker_text(&between, AD_MSIX_SIGNATURE_NAME, "PKCX");
	assert_int_equal(open_made(arena, &between), AD_EINVAL);
	struct maker after = maker_new(arena);
	add_content(&after);
	maker_text(&after, AD_MSIX_SIGNATURE_NAME, "PKCX");
	after.len += 5;
	assert_int_equal(open_made(arena, &after), AD_EINVAL);
	struct maker in_front = maker_new(arena);
	in_front.len += 5;
	add_content(&in_front);
	maker_text(&in_front, AD_MSIX_SIGNATURE_NAME, "PKCX");
	assert_int_equal(open_made(arena, &in_front), AD_EINVAL);
}

/* The end records are what the rebuilding overwrites: their own checks must catch every change. */
static void a_changed_end_record_is_refused(void **state)
{
	struct ad_arena *arena = *state;
	struct maker maker = maker_new(arena);
	struct ad_msix_layout good;
	add_content(&maker);
	maker_text(&maker, AD_MSIX_SIGNATURE_NAME, "PKCX");
	struct ad_bytes bytes = maker_end(&maker, true);
	assert_int_equal(ad_msix_open(arena, bytes, &limits, &good, NULL), 0);
	for (size_t i = bytes.len - 22 - 20 - 56; i < bytes.len; i++) {
		struct ad_msix_layout layout;
		maker.data[i] ^= 1;
		int rc = ad_msix_open(arena, bytes, &limits, &layout, NULL);
		/* What is accepted must show in the bytes that the caller hashes. */
		if (rc == 0)
			assert_memory_not_equal(
				layout.directory.data, good.directory.data, good.directory.len);
		maker.data[i] ^= 1;
	}
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_directory_before_the_signature_is_rebuilt),
		TEST(a_package_without_signature_is_refused),
		TEST(a_signature_that_is_not_last_is_refused),
		TEST(foreign_bytes_between_entries_are_refused),
		TEST(a_changed_end_record_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
