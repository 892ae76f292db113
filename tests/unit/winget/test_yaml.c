/* SPDX-License-Identifier: Apache-2.0 */
/* YAML from outside: scalars stay text, bombs and ambiguities are refused. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "yaml_tree.h"

#include "ad/buf.h"

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

static int parse_bytes(struct ad_arena *arena, const char *text, size_t len, struct ad_yaml **ret)
{
	struct ad_err err = { 0 };
	return ad_yaml_parse(
		arena, (struct ad_bytes){ .data = (const uint8_t *)text, .len = len }, ret, &err);
}

static int parse(struct ad_arena *arena, const char *text, struct ad_yaml **ret)
{
	return parse_bytes(arena, text, strlen(text), ret);
}

static void every_scalar_stays_what_was_written(void **state)
{
	static const char *const words[] = { "154.0", "1.10", "1e3", "0x10", "1_000", "yes", "no",
		"null", "~", "2026-08-01", "007", "true", "-.inf" };
	struct ad_arena *arena = *state;
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		struct ad_yaml *root = NULL;
		assert_int_equal(parse(arena, ad_printf(arena, "key: %s\r\n", words[i]), &root), 0);
		assert_string_equal(ad_yaml_str(root, "key"), words[i]);
	}
}

static void nested_collections_are_read(void **state)
{
	struct ad_yaml *root = NULL;
	assert_int_equal(
		parse(*state,
			"\xef\xbb\xbf"
			"# comment\r\nlist:\r\n- a: 1\r\n  b: two\r\n- {a: 3}\r\n"
			"flow: [x, 'y', \"z\\u00e9\"]\r\nempty:\r\nfolded: one\r\n  two\r\n",
			&root),
		0);
	const struct ad_yaml *list = ad_yaml_get(root, "list");
	assert_int_equal(list->count, 2);
	assert_string_equal(ad_yaml_str(list->first, "b"), "two");
	assert_string_equal(ad_yaml_str(list->first->next, "a"), "3");
	const struct ad_yaml *flow = ad_yaml_get(root, "flow");
	assert_string_equal(ad_yaml_text(flow->first->next->next), "z\xc3\xa9");
	assert_null(ad_yaml_str(root, "empty"));
	assert_string_equal(ad_yaml_str(root, "folded"), "one two");
	assert_null(ad_yaml_str(root, "list"));
	assert_null(ad_yaml_str(list, "a"));
	assert_null(ad_yaml_get(NULL, "a"));
	assert_null(ad_yaml_str(root, "LIST"));
}

static void threat_15_what_published_data_never_has_is_refused(void **state)
{
	static const char *const bad[] = { "", "# nothing\n", "a: &x 1\n", "a: 1\nb: *x\n",
		"a: &x [1]\nb: *x\n", "&x a: 1\n", "a: !!str 1\n", "a: !x 1\n", "!!map {a: 1}\n",
		"a: 1\n---\nb: 2\n", "a: 1\na: 2\n", "a: 1\nA: 2\n", "? [a]\n: 1\n",
		"? {a: 1}\n: 1\n", "'': 1\n", ": 1\n", "a: \"\\0\"\n", "a: [1\n", "a: 'x\n",
		"\tb: 1\n", "%YAML 9.9\n---\na: 1\n", "a: \xff\n", "{a: 1}}\n", "a: [&x b, *x]\n",
		"<<: *a\n" };
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct ad_yaml *root = NULL;
		if (parse(*state, bad[i], &root) != AD_EINVAL)
			fail_msg("accepted: %s", bad[i]);
		assert_null(root);
	}
	struct ad_yaml *root = NULL;
	assert_int_equal(parse_bytes(*state, "a: b\0c", 6, &root), AD_EINVAL);
}

/* Editors on Windows write a mark at the head; UTF-16 is known by it. */
static void a_byte_order_mark_is_no_part_of_the_text(void **state)
{
	static const uint8_t utf8[] = "\xef\xbb\xbf"
				      "a: b\nc: d\n";
	static const uint8_t utf16[] = { 0xff, 0xfe, 'a', 0, ':', 0, ' ', 0, 'b', 0, '\n', 0 };
	struct ad_yaml *root = NULL;
	struct ad_bytes marked = { .data = utf8, .len = sizeof utf8 - 1 };
	struct ad_bytes wide = { .data = utf16, .len = sizeof utf16 };
	assert_int_equal(ad_yaml_parse(*state, marked, &root, NULL), 0);
	assert_string_equal(ad_yaml_str(root, "a"), "b");
	assert_string_equal(ad_yaml_str(root, "c"), "d");
	assert_int_equal(ad_yaml_parse(*state, wide, &root, NULL), 0);
	assert_string_equal(ad_yaml_str(root, "a"), "b");
}

/* Written by billion laughs, a bomb has aliases; without them it has depth or length. */
static void threat_15_depth_and_amount_are_limited(void **state)
{
	struct ad_yaml *root = NULL;
	struct ad_buf text;
	ad_buf_init(&text, 4u << 20);
	for (int i = 0; i < 100000; i++)
		(void)ad_buf_addc(&text, '[');
	assert_int_equal(parse_bytes(*state, text.data, text.len, &root), AD_ETOOBIG);
	ad_buf_clear(&text);
	(void)ad_buf_adds(&text, "[");
	for (unsigned i = 0; i <= AD_YAML_NODES_MAX; i++)
		(void)ad_buf_adds(&text, "1,");
	(void)ad_buf_adds(&text, "]");
	assert_int_equal(parse_bytes(*state, text.data, text.len, &root), AD_ETOOBIG);
	ad_buf_clear(&text);
	for (unsigned i = 0; i <= AD_YAML_KEYS_MAX; i++)
		(void)ad_buf_addf(&text, "k%u: 1\n", i);
	assert_int_equal(parse_bytes(*state, text.data, text.len, &root), AD_ETOOBIG);
	ad_buf_release(&text);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_scalar_stays_what_was_written),
		TEST(nested_collections_are_read),
		TEST(threat_15_what_published_data_never_has_is_refused),
		TEST(a_byte_order_mark_is_no_part_of_the_text),
		TEST(threat_15_depth_and_amount_are_limited),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
