/* SPDX-License-Identifier: Apache-2.0 */
/* Archives that we write: their size is known before, and readers understand them. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "ad/archive/zip_store.h"
#include "ad/buf.h"

#define ROOM (1u << 20)
#define GIB ((uint64_t)1 << 30)

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

static int to_buf(void *context, const void *data, size_t len, struct ad_err *err)
{
	(void)err;
	return ad_buf_add(context, data, len) ? 0 : AD_ETOOBIG;
}

static void write_all(struct ad_zip_store *store, const char *const *contents, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		size_t len = strlen(contents[i]);
		assert_int_equal(ad_zip_store_next(store, NULL), 0);
		assert_int_equal(ad_zip_store_write(store, contents[i], len / 2, NULL), 0);
		assert_int_equal(
			ad_zip_store_write(store, contents[i] + len / 2, len - len / 2, NULL), 0);
	}
	assert_int_equal(ad_zip_store_finish(store, NULL), 0);
}

static void what_is_written_is_read_again(void **state)
{
	static const char *const contents[] = { "hello", "", "another file" };
	struct ad_arena *arena = *state;
	struct ad_zip_store_file files[] = {
		{ .name = "setup.exe", .size = 5 },
		{ .name = "folder/empty", .size = 0, .crc_known = true },
		{ .name = "gr\xc3\xbc\xc3\x9f.txt",
			.size = 12,
			.crc_known = true,
			.crc = ad_zip_crc32(0, "another file", 12) },
	};
	struct ad_zip_limits limits = { 10, 1000, 1000 };
	struct ad_zip_store *store = NULL;
	struct ad_zip *zip = NULL;
	struct ad_buf out;
	struct ad_err err = { 0 };
	ad_buf_init(&out, ROOM);
	assert_int_equal(ad_zip_store_new(arena, files, 3, &store, NULL), 0);
	uint64_t total = ad_zip_store_total(store);
	ad_zip_store_set_sink(store, to_buf, &out);
	write_all(store, contents, 3);
	assert_int_equal(out.len, total);
	struct ad_bytes bytes = { .data = (const uint8_t *)out.data, .len = out.len };
	if (ad_zip_open_bytes(arena, bytes, &limits, &zip, &err) != 0)
		fail_msg("%s", err.text);
	for (size_t i = 0; i < 3; i++) {
		struct ad_bytes content;
		assert_string_equal(ad_zip_at(zip, i)->name, files[i].name);
		assert_int_equal(
			ad_zip_read(arena, zip, ad_zip_at(zip, i), 100, &content, NULL), 0);
		assert_string_equal((const char *)content.data, contents[i]);
	}
	ad_arena_reset(arena);
	ad_buf_release(&out);
}

static void the_same_input_makes_the_same_bytes(void **state)
{
	static const char *const contents[] = { "hello" };
	struct ad_arena *arena = *state;
	struct ad_zip_store_file file = { .name = "a", .size = 5 };
	struct ad_buf out[2];
	for (int i = 0; i < 2; i++) {
		struct ad_zip_store *store = NULL;
		ad_buf_init(&out[i], ROOM);
		assert_int_equal(ad_zip_store_new(arena, &file, 1, &store, NULL), 0);
		ad_zip_store_set_sink(store, to_buf, &out[i]);
		write_all(store, contents, 1);
	}
	assert_int_equal(out[0].len, out[1].len);
	assert_memory_equal(out[0].data, out[1].data, out[0].len);
	ad_buf_release(&out[0]);
	ad_buf_release(&out[1]);
}

static void content_that_differs_from_the_plan_is_refused(void **state)
{
	struct ad_arena *arena = *state;
	struct ad_zip_store_file file = { .name = "a", .size = 5 };
	struct ad_zip_store_file known = { .name = "a", .size = 5, .crc_known = true, .crc = 7 };
	struct ad_zip_store *store = NULL;
	struct ad_buf out;
	ad_buf_init(&out, ROOM);

	assert_int_equal(ad_zip_store_new(arena, &file, 1, &store, NULL), 0);
	assert_int_equal(ad_zip_store_next(store, NULL), AD_EBUG);
	ad_zip_store_set_sink(store, to_buf, &out);
	assert_int_equal(ad_zip_store_finish(store, NULL), AD_EBUG);
	assert_int_equal(ad_zip_store_write(store, "x", 1, NULL), AD_EBUG);
	assert_int_equal(ad_zip_store_next(store, NULL), 0);
	assert_int_equal(ad_zip_store_write(store, "toolong", 7, NULL), AD_EINVAL);
	assert_int_equal(ad_zip_store_write(store, "shor", 4, NULL), 0);
	assert_int_equal(ad_zip_store_finish(store, NULL), AD_EINVAL);
	assert_int_equal(ad_zip_store_next(store, NULL), AD_EBUG);

	assert_int_equal(ad_zip_store_new(arena, &known, 1, &store, NULL), 0);
	ad_zip_store_set_sink(store, to_buf, &out);
	assert_int_equal(ad_zip_store_next(store, NULL), 0);
	assert_int_equal(ad_zip_store_write(store, "hello", 5, NULL), 0);
	assert_int_equal(ad_zip_store_finish(store, NULL), AD_EINVAL);
	ad_buf_release(&out);
}

static void unsafe_and_repeated_names_are_refused(void **state)
{
	struct ad_zip_store_file bad = { .name = "../a" };
	struct ad_zip_store_file twice[] = { { .name = "Setup.exe" }, { .name = "setup.EXE" } };
	struct ad_zip_store *store = NULL;
	assert_int_equal(ad_zip_store_new(*state, &bad, 1, &store, NULL), AD_EINVAL);
	assert_int_equal(ad_zip_store_new(*state, twice, 2, &store, NULL), AD_EINVAL);
}

static int failing(void *context, const void *data, size_t len, struct ad_err *err)
{
	(void)context;
	(void)data;
	(void)len;
	return AD_FAIL(err, AD_EIO, "disk is full");
}

static void the_error_of_the_sink_is_returned(void **state)
{
	struct ad_zip_store_file file = { .name = "a", .size = 5 };
	struct ad_zip_store *store = NULL;
	assert_int_equal(ad_zip_store_new(*state, &file, 1, &store, NULL), 0);
	ad_zip_store_set_sink(store, failing, NULL);
	assert_int_equal(ad_zip_store_next(store, NULL), AD_EIO);
}

/* Keeps what is not the large file's content. */
struct ends {
	struct ad_buf kept;
	uint64_t total;
};

static int keep_small(void *context, const void *data, size_t len, struct ad_err *err)
{
	struct ends *ends = context;
	(void)err;
	ends->total += len;
	return len >= ROOM || ad_buf_add(&ends->kept, data, len) ? 0 : AD_ETOOBIG;
}

static uint64_t number(const char *at, int bytes)
{
	uint64_t value = 0;
	for (int i = bytes - 1; i >= 0; i--)
		value = value << 8 | (uint8_t)at[i];
	return value;
}

static void more_than_four_gib_becomes_zip64(void **state)
{
	struct ad_arena *arena = *state;
	struct ad_zip_store_file files[] = { { .name = "large", .size = 4 * GIB },
		{ .name = "small", .size = 1 } };
	struct ad_zip_store *store = NULL;
	struct ends ends = { .total = 0 };
	void *zeros = calloc(1, ROOM);
	ad_buf_init(&ends.kept, ROOM);
	assert_int_equal(ad_zip_store_new(arena, files, 2, &store, NULL), 0);
	ad_zip_store_set_sink(store, keep_small, &ends);
	assert_int_equal(ad_zip_store_next(store, NULL), 0);
	for (uint64_t done = 0; done < files[0].size; done += ROOM)
		assert_int_equal(ad_zip_store_write(store, zeros, ROOM, NULL), 0);
	assert_int_equal(ad_zip_store_next(store, NULL), 0);
	assert_int_equal(ad_zip_store_write(store, "x", 1, NULL), 0);
	assert_int_equal(ad_zip_store_finish(store, NULL), 0);
	assert_int_equal(ends.total, ad_zip_store_total(store));

	const char *local = ends.kept.data;
	assert_int_equal(number(local + 18, 4), 0xffffffff);
	assert_int_equal(number(local + 28, 2), 20);
	const char *end = ends.kept.data + ends.kept.len - 22;
	const char *end64 = end - 20 - 56;
	assert_int_equal(number(end + 16, 4), 0xffffffff);
	assert_int_equal(number(end64, 4), 0x06064b50);
	assert_int_equal(number(end64 + 32, 8), 2);
	uint64_t directory = number(end64 + 48, 8);
	assert_int_equal(directory + number(end64 + 40, 8) + 56 + 20 + 22, ends.total);
	free(zeros);
	ad_buf_release(&ends.kept);
}

static void the_largest_number_of_files_is_readable(void **state)
{
	struct ad_arena *arena = *state;
	struct ad_zip_limits limits = { AD_ZIP_ENTRIES_MAX, 10, 10 };
	struct ad_zip_store_file *files = ad_alloc_array(arena, AD_ZIP_ENTRIES_MAX, sizeof *files);
	struct ad_zip_store *store = NULL;
	struct ad_zip *zip = NULL;
	struct ad_buf out;
	struct ad_err err = { 0 };
	ad_buf_init(&out, 16 * ROOM);
	for (size_t i = 0; i < AD_ZIP_ENTRIES_MAX; i++)
		files[i] = (struct ad_zip_store_file){ .name = ad_printf(arena, "f%zu", i),
			.crc_known = true };
	assert_int_equal(ad_zip_store_new(arena, files, AD_ZIP_ENTRIES_MAX, &store, NULL), 0);
	ad_zip_store_set_sink(store, to_buf, &out);
	for (size_t i = 0; i < AD_ZIP_ENTRIES_MAX; i++)
		assert_int_equal(ad_zip_store_next(store, NULL), 0);
	assert_int_equal(ad_zip_store_finish(store, NULL), 0);
	assert_int_equal(out.len, ad_zip_store_total(store));
	struct ad_bytes bytes = { .data = (const uint8_t *)out.data, .len = out.len };
	if (ad_zip_open_bytes(arena, bytes, &limits, &zip, &err) != 0)
		fail_msg("%s", err.text);
	assert_int_equal(ad_zip_count(zip), AD_ZIP_ENTRIES_MAX);
	ad_arena_reset(arena);
	ad_buf_release(&out);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_written_is_read_again),
		TEST(the_same_input_makes_the_same_bytes),
		TEST(content_that_differs_from_the_plan_is_refused),
		TEST(unsafe_and_repeated_names_are_refused),
		TEST(the_error_of_the_sink_is_returned),
		TEST(more_than_four_gib_becomes_zip64),
		TEST(the_largest_number_of_files_is_readable),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
