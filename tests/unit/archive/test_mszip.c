/* SPDX-License-Identifier: Apache-2.0 */
/* MSZIP: one block, several that refer back, and every way to be malformed. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "ad/archive/mszip.h"
#include "ad/file.h"

#include "../programs.h"

#include <stdio.h>
#include <zlib.h>

#define BLOCK 32768u
#define HEADER 24u
#define TEXT_MAX (1u << 20)

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

static void put(uint8_t *at, uint64_t value, int bytes)
{
	for (int i = 0; i < bytes; i++)
		at[i] = (uint8_t)(value >> (8 * i));
}

static void seal_header(uint8_t *header)
{
	uLong crc = crc32(0, header, 6);
	header[6] = (uint8_t)crc32(crc, header + 7, HEADER - 7);
}

static size_t put_block(uint8_t *out, uint8_t *text, size_t len, size_t before)
{
	z_stream stream = {
		.next_in = text, .avail_in = (uInt)len, .next_out = out + 6, .avail_out = 2 * BLOCK
	};
	assert_int_equal(deflateInit2(&stream, 9, Z_DEFLATED, -15, 9, Z_DEFAULT_STRATEGY), Z_OK);
	if (before > 0)
		assert_int_equal(deflateSetDictionary(&stream, text - BLOCK, BLOCK), Z_OK);
	assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
	put(out, stream.total_out + 2, 4);
	memcpy(out + 4, "CK", 2);
	(void)deflateEnd(&stream);
	return 6 + stream.total_out;
}

struct packed {
	uint8_t *data;
	size_t len;
};

static struct packed pack(struct ad_arena *arena, uint8_t *text, size_t len)
{
	struct packed packed = { .data = ad_alloc(arena, len + len / 8 + 4 * BLOCK),
		.len = HEADER };
	put(packed.data, 0xc0e5510a, 4);
	put(packed.data + 4, HEADER, 2);
	packed.data[7] = 2;
	put(packed.data + 8, len, 8);
	put(packed.data + 16, len < BLOCK ? len : BLOCK, 8);
	seal_header(packed.data);
	for (size_t done = 0; done < len; done += BLOCK) {
		size_t part = len - done < BLOCK ? len - done : BLOCK;
		packed.len += put_block(packed.data + packed.len, text + done, part, done);
	}
	return packed;
}

/* Text that repeats over more than one block, so that blocks refer back. */
static uint8_t *text_of(struct ad_arena *arena, size_t len)
{
	uint8_t *text = ad_alloc(arena, len + 1);
	uint32_t seed = 1;
	for (size_t i = 0; i < len; i++) {
		seed = seed * 1103515245 + 12345;
		text[i] = i < 20000 ? (uint8_t)(seed >> 24) : text[i - 20000];
	}
	return text;
}

static int decode(struct ad_arena *arena, struct packed packed, size_t max, struct ad_bytes *text)
{
	struct ad_err err = { 0 };
	/* Exactly as long as it is, so that reading past the end is seen. */
	uint8_t *copy = malloc(packed.len ? packed.len : 1);
	memcpy(copy, packed.data, packed.len);
	int rc = ad_mszip_decode(
		arena, (struct ad_bytes){ .data = copy, .len = packed.len }, max, text, &err);
	free(copy);
	return rc;
}

static void every_number_of_blocks_comes_back(void **state)
{
	static const size_t lengths[] = { 0, 1, 100, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK,
		2 * BLOCK + 7, 127612, 10 * BLOCK };
	struct ad_arena *arena = *state;
	for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
		struct ad_bytes again;
		uint8_t *text = text_of(arena, lengths[i]);
		struct packed packed = pack(arena, text, lengths[i]);
		assert_int_equal(decode(arena, packed, TEXT_MAX, &again), 0);
		assert_int_equal(again.len, lengths[i]);
		assert_memory_equal(again.data, text, lengths[i]);
		assert_int_equal(again.data[again.len], 0);
	}
}

/* The same blocks as the only folder of a cabinet, which is what others read. */
static void write_cabinet(const char *path, struct packed packed, size_t text_len)
{
	static uint8_t cabinet[2 * TEXT_MAX];
	const size_t first = 36 + 8 + 16 + sizeof "text";
	size_t len = first;
	uint16_t blocks = 0;
	for (size_t at = HEADER; at < packed.len; blocks++) {
		uint32_t block = 0;
		size_t left = text_len - (size_t)blocks * BLOCK;
		memcpy(&block, packed.data + at, sizeof block);
		put(cabinet + len, 0, 4); /* no checksum */
		put(cabinet + len + 4, block, 2);
		put(cabinet + len + 6, left < BLOCK ? left : BLOCK, 2);
		memcpy(cabinet + len + 8, packed.data + at + 4, block);
		len += 8 + block;
		at += 4 + block;
	}
	memcpy(cabinet, "MSCF", 4);
	put(cabinet + 8, len, 4);
	put(cabinet + 16, 44, 4);         /* where the files are listed */
	put(cabinet + 24, 0x0103, 2);     /* version 1.3 */
	put(cabinet + 26, 0x00010001, 4); /* one folder, one file */
	put(cabinet + 36, first, 4);
	put(cabinet + 40, blocks, 2);
	put(cabinet + 42, 1, 2); /* MSZIP */
	put(cabinet + 44, text_len, 4);
	put(cabinet + 54, 0x0021, 2); /* 1980-01-01 */
	memcpy(cabinet + 60, "text", sizeof "text");
	FILE *file = fopen(path, "we");
	assert_non_null(file);
	assert_int_equal(fwrite(cabinet, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
}

static void cabextract_inflates_the_same_blocks_to_the_same_bytes(void **state)
{
	static const size_t lengths[] = { 1, 100, BLOCK, BLOCK + 1, 3 * BLOCK, 127612 };
	struct ad_arena *arena = *state;
	char folder[] = "/tmp/ad-cabinet-XXXXXX";
	assert_non_null(mkdtemp(folder));
	const char *cabinet = ad_printf(arena, "%s/cabinet", folder);
	for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
		struct packed packed = pack(arena, text_of(arena, lengths[i]), lengths[i]);
		struct ad_bytes ours;
		char *theirs = NULL;
		size_t len = 0;
		assert_int_equal(decode(arena, packed, TEXT_MAX, &ours), 0);
		write_cabinet(cabinet, packed, lengths[i]);
		const char *const extract[] = { "cabextract", "-q", "-d", folder, cabinet, NULL };
		int code = run_program(extract);
		if (code == -1) {
			assert_int_equal(ad_file_remove_tree(folder, NULL), 0);
			miss_program(extract[0]);
		}
		assert_int_equal(code, 0);
		assert_int_equal(ad_file_read(arena, ad_printf(arena, "%s/text", folder), TEXT_MAX,
					 &theirs, &len, NULL),
			0);
		assert_int_equal(len, ours.len);
		assert_memory_equal(theirs, ours.data, len);
	}
	assert_int_equal(ad_file_remove_tree(folder, NULL), 0);
}

static void later_blocks_refer_back(void **state)
{
	struct ad_arena *arena = *state;
	struct packed one = pack(arena, text_of(arena, BLOCK), BLOCK);
	struct packed two = pack(arena, text_of(arena, 2 * BLOCK), 2 * BLOCK);
	/* Otherwise the test above would not prove the dictionary. */
	assert_true(two.len < one.len + 2000);
}

static void a_wrong_header_is_refused(void **state)
{
	struct ad_arena *arena = *state;
	struct ad_bytes text;
	struct packed packed = pack(arena, text_of(arena, 100), 100);
	for (size_t i = 0; i < HEADER; i++) {
		packed.data[i] ^= 1;
		assert_int_equal(decode(arena, packed, TEXT_MAX, &text), AD_EINVAL);
		packed.data[i] ^= 1;
	}
	for (uint8_t algorithm = 0; algorithm < 8; algorithm++) {
		packed.data[7] = algorithm;
		seal_header(packed.data);
		assert_int_equal(
			decode(arena, packed, TEXT_MAX, &text), algorithm == 2 ? 0 : AD_EINVAL);
	}
}

static void sizes_that_lie_are_refused(void **state)
{
	struct ad_arena *arena = *state;
	struct ad_bytes text;
	static const uint64_t sizes[] = { 0, 99, 101, BLOCK, 2 * BLOCK };
	struct packed packed = pack(arena, text_of(arena, 100), 100);
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		put(packed.data + 8, sizes[i], 8);
		put(packed.data + 16, sizes[i] < BLOCK ? sizes[i] : BLOCK, 8);
		seal_header(packed.data);
		assert_int_equal(decode(arena, packed, TEXT_MAX, &text), AD_EINVAL);
	}
	put(packed.data + 8, UINT64_MAX, 8);
	put(packed.data + 16, BLOCK, 8);
	seal_header(packed.data);
	assert_int_equal(decode(arena, packed, TEXT_MAX, &text), AD_ETOOBIG);
}

static void the_limit_is_kept(void **state)
{
	struct ad_arena *arena = *state;
	struct ad_bytes text;
	struct packed packed = pack(arena, text_of(arena, 100), 100);
	assert_int_equal(decode(arena, packed, 100, &text), 0);
	assert_int_equal(decode(arena, packed, 99, &text), AD_ETOOBIG);
}

static void truncated_and_longer_data_is_refused(void **state)
{
	struct ad_arena *arena = *state;
	struct ad_bytes text;
	struct packed packed = pack(arena, text_of(arena, 300), 300);
	size_t whole = packed.len;
	for (packed.len = 0; packed.len < whole; packed.len++)
		assert_int_equal(decode(arena, packed, TEXT_MAX, &text), AD_EINVAL);
	packed.len = whole + 1;
	assert_int_equal(decode(arena, packed, TEXT_MAX, &text), AD_EINVAL);
}

static void a_damaged_block_is_refused_or_has_the_promised_length(void **state)
{
	struct ad_arena *arena = *state;
	struct packed packed = pack(arena, text_of(arena, 40000), 40000);
	for (size_t i = HEADER; i < packed.len; i += 13) {
		struct ad_bytes text = { 0 };
		packed.data[i] ^= 0x40;
		if (decode(arena, packed, TEXT_MAX, &text) == 0)
			assert_int_equal(text.len, 40000);
		packed.data[i] ^= 0x40;
	}
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_number_of_blocks_comes_back),
		TEST(cabextract_inflates_the_same_blocks_to_the_same_bytes),
		TEST(later_blocks_refer_back),
		TEST(a_wrong_header_is_refused),
		TEST(sizes_that_lie_are_refused),
		TEST(the_limit_is_kept),
		TEST(truncated_and_longer_data_is_refused),
		TEST(a_damaged_block_is_refused_or_has_the_promised_length),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
