/* SPDX-License-Identifier: Apache-2.0 */
/* JSON from outside is read in one way or not at all. */
#include "ad/json.h"

#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>

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

static int parse(struct ad_arena *arena, const char *text, size_t len, struct ad_json **ret)
{
	struct ad_err err = { 0 };
	return ad_json_parse(arena, text, len, ret, &err);
}

static void test_what_two_parsers_could_read_differently_is_refused(void **state)
{
	static const char *const bad[] = { "", " ", "{", "[1,]", "{\"a\":1,}", "{a:1}", "{'a':1}",
		"[1] x", "[1][2]", "{\"a\":1,\"a\":2}", "{\"x\":[{\"b\":1,\"c\":2,\"b\":3}]}",
		"\"\\u0000\"", "\"\\ud800\"", "\"\\udc00\\ud800\"", "\"\\ud800x\"", "\"a\nb\"",
		"\"\x80\"", "\"\xC0\xAF\"", "\"\xED\xA0\x80\"", "01", "+1", "1.", ".5", "1e",
		"0x10", "NaN", "Infinity", "tru", "nul", "\"\\x\"", "\"abc", "[1 2]", "{\"a\" 1}",
		"// c\n1", "\xEF\xBB\xBF{}", "]", "[}", "{]" };
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct ad_json *value = NULL;
		if (parse(*state, bad[i], strlen(bad[i]), &value) != AD_EINVAL)
			fail_msg("accepted: %s", bad[i]);
	}
	struct ad_json *value = NULL;
	assert_int_equal(parse(*state, "{\"a\":1}\0", 8, &value), AD_EINVAL);
}

static void test_good_json_is_read_whole(void **state)
{
	static const char text[] =
		" {\"s\":\"\\u00e9\\ud83d\\ude00\\n\",\"n\":-1.5e2,\"i\":9007199254740991,\"t\":"
		"true,\"f\":false,"
		"\"z\":null,\"o\":{\"a\":[1,2,{}]},\"e\":[],\"S\":\"other\"} \r\n";
	struct ad_json *value = NULL;
	assert_int_equal(parse(*state, text, strlen(text), &value), 0);
	assert_string_equal(ad_json_str(value, "s"), "\xC3\xA9\xF0\x9F\x98\x80\n");
	assert_string_equal(ad_json_str(value, "S"), "other");
	assert_int_equal(ad_json_int(value, "n", 0), -150);
	assert_true(ad_json_int(value, "i", 0) == 9007199254740991);
	assert_true(ad_json_bool(value, "t", false));
	assert_int_equal(ad_json_kind(ad_json_get(value, "z")), AD_JSON_NULL);
	assert_int_equal(ad_json_count(ad_json_path(value, "o.a")), 3);
	assert_null(ad_json_get(value, "T"));
	assert_int_equal(ad_json_int(value, "s", 7), 7);
}

static void test_depth_has_a_limit_and_no_recursion_before_it(void **state)
{
	char text[4001];
	struct ad_json *value = NULL;
	memset(text, '[', 2000);
	memset(text + 2000, ']', 2000);
	assert_int_equal(parse(*state, text, 4000, &value), AD_EINVAL);
	assert_int_equal(
		parse(*state, text + 2000 - AD_JSON_DEPTH_MAX, 2 * AD_JSON_DEPTH_MAX, &value), 0);
	assert_int_equal(
		parse(*state, text + 1999 - AD_JSON_DEPTH_MAX, 2 * AD_JSON_DEPTH_MAX + 2, &value),
		AD_EINVAL);
}

/* A megabyte of "[]," would become twenty of tree. */
static void test_a_document_of_too_many_values_is_refused(void **state)
{
	size_t len = 3 * AD_JSON_VALUES_MAX;
	char *text = ad_alloc(*state, len + 1);
	struct ad_json *value = NULL;
	for (size_t i = 0; i < len; i += 3)
		memcpy(text + i, ",[]", 3);
	text[0] = '[';
	text[len] = ']';
	assert_int_equal(parse(*state, text, len + 1, &value), AD_ETOOBIG);
	text[len - 3] = ']';
	assert_int_equal(parse(*state, text, len - 2, &value), 0);
	assert_int_equal(ad_json_count(value), AD_JSON_VALUES_MAX - 1);
}

static void test_building_keeps_the_order_of_members(void **state)
{
	struct ad_json *object = ad_json_new_object(*state);
	ad_json_set_str(*state, object, "@odata.type", "#x");
	ad_json_set_int(*state, object, "b", 1);
	ad_json_set_bool(*state, object, "a", true);
	ad_json_set_int(*state, object, "b", 2);
	ad_json_set_str(*state, object, "n", NULL);
	assert_string_equal(ad_json_print(*state, object),
		"{\"@odata.type\":\"#x\",\"b\":2,\"a\":true,\"n\":null}");
	ad_json_remove(object, "a");
	struct ad_json *list = ad_json_new_array(*state);
	ad_json_append(*state, list, object);
	ad_json_append(*state, list, ad_json_copy(*state, object));
	assert_string_equal(ad_json_print(*state, list),
		"[{\"@odata.type\":\"#x\",\"b\":2,\"n\":null},{\"@"
		"odata.type\":\"#x\",\"b\":2,\"n\":null}]");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_two_parsers_could_read_differently_is_refused),
		cmocka_unit_test(test_good_json_is_read_whole),
		cmocka_unit_test(test_depth_has_a_limit_and_no_recursion_before_it),
		cmocka_unit_test(test_a_document_of_too_many_values_is_refused),
		cmocka_unit_test(test_building_keeps_the_order_of_members),
	};
	return cmocka_run_group_tests_name("base_json", tests, setup, teardown);
}
