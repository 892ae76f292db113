/* SPDX-License-Identifier: Apache-2.0 */
/* The template language: bindings, repetition, conditions and expressions, as the official engine
 * expands them. */
#include "ad/cards.h"
#include "ad/text.h"

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

static struct ad_json *parse(struct ad_arena *arena, const char *text)
{
	struct ad_json *value = NULL;
	struct ad_err err = { 0 };
	assert_int_equal(ad_json_parse(arena, text, strlen(text), &value, &err), 0);
	return value;
}

static const char data_text[] =
	"{\"name\":\"7-Zip\",\"size\":12,\"ok\":true,\"none\":null,\"empty\":\"\",\"tags\":[\"a\","
	"\"b\"],"
	"\"vendor\":{\"url\":\"u\"},\"list\":[{\"id\":1,\"on\":true},{\"id\":2,\"on\":false}]}";

static void expands_to(struct ad_arena *arena, const char *template, const char *expected)
{
	struct ad_json *card = NULL;
	struct ad_err err = { 0 };
	int r = ad_cards_expand(
		arena, parse(arena, template), parse(arena, data_text), NULL, &card, &err);
	assert_string_equal(err.text, "");
	assert_int_equal(r, 0);
	assert_string_equal(ad_json_print(arena, card), expected);
}

static void test_a_whole_binding_keeps_the_type_of_its_value(void **state)
{
	expands_to(*state,
		"{\"a\":\"${size}\",\"b\":\"${ok}\",\"c\":\"${tags}\",\"d\":\"${name}\"}",
		"{\"a\":12,\"b\":true,\"c\":[\"a\",\"b\"],\"d\":\"7-Zip\"}");
}

static void test_bindings_inside_a_text_are_inserted_as_text(void **state)
{
	expands_to(*state,
		"{\"t\":\"#${size} ${name}, ${vendor.url} ${tags[1]} ${vendor['url']}\"}",
		"{\"t\":\"#12 7-Zip, u b u\"}");
}

static void test_a_missing_value_leaves_the_binding_in_place(void **state)
{
	expands_to(*state, "{\"t\":\"${nope}\",\"u\":\"a ${nope.x} b\"}",
		"{\"t\":\"${nope}\",\"u\":\"a ${nope.x} b\"}");
}

static void test_backslash_and_lone_dollar_stay_literal(void **state)
{
	expands_to(*state, "{\"t\":\"\\\\${name} $5 {x} $${size}\"}",
		"{\"t\":\"${name} $5 {x} $12\"}");
}

static void test_data_repeats_an_element_with_index(void **state)
{
	expands_to(*state, "[{\"$data\":\"${list}\",\"t\":\"${$index}:${id}/${$root.size}\"}]",
		"[{\"t\":\"0:1/12\"},{\"t\":\"1:2/12\"}]");
	expands_to(*state, "[{\"$data\":\"${tags}\",\"t\":\"${$data}\"}]",
		"[{\"t\":\"a\"},{\"t\":\"b\"}]");
}

static void test_when_keeps_only_what_is_true(void **state)
{
	expands_to(*state,
		"[{\"$when\":\"${ok}\",\"t\":1},{\"$when\":\"${nope}\",\"t\":2},{\"$when\":"
		"\"true\",\"t\":3}]",
		"[{\"t\":1}]");
	expands_to(*state, "[{\"$data\":\"${list}\",\"$when\":\"${on}\",\"t\":\"${id}\"}]",
		"[{\"t\":1}]");
}

static void test_data_that_is_missing_keeps_the_element_unexpanded(void **state)
{
	expands_to(*state, "[{\"$data\":\"${nope}\",\"t\":\"${name}\"}]", "[{\"t\":\"${name}\"}]");
}

static void test_expressions_follow_precedence_and_kinds(void **state)
{
	expands_to(*state,
		"[\"${1 + 2 * 3}\",\"${(1 + 2) * 3}\",\"${7 / 2}\",\"${-size}\",\"${'a' + 1}\"]",
		"[7,9,3,-12,\"a1\"]");
	expands_to(*state,
		"[\"${size > 3 && name == '7-Zip'}\",\"${!ok || size <= 11}\",\"${none == null}\"]",
		"[true,false,true]");
	expands_to(*state,
		"[\"${if(size == 12, 'dozen', 'other')}\",\"${count(tags)}\",\"${empty(empty)}\","
		"\"${join(tags, '+')}\",\"${exists(nope)}\"]",
		"[\"dozen\",2,true,\"a+b\",false]");
}

static void test_a_faulty_expression_is_refused_with_its_text(void **state)
{
	static const char *const faulty[] = { "${1 +}", "${nope(}", "${unknown(1)}", "${1 / 0}",
		"${'a}", "${a b}",
		"${((((((((((((((((((((((((((((((((((((1))))))))))))))))))))))))))))))))))))}" };
	for (size_t i = 0; i < sizeof faulty / sizeof faulty[0]; i++) {
		struct ad_json *card = NULL;
		struct ad_err err = { 0 };
		struct ad_json *template = ad_json_new_string(*state, faulty[i]);
		struct ad_json *data = parse(*state, data_text);
		int r = ad_cards_expand(*state, template, data, NULL, &card, &err);
		if (strchr(faulty[i], '\'')) /* an open quote hides the "}": a plain text, as the
						official engine sees it */
			assert_int_equal(r, 0);
		else
			assert_true(r < 0 && strstr(err.text, "expression"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_whole_binding_keeps_the_type_of_its_value),
		cmocka_unit_test(test_bindings_inside_a_text_are_inserted_as_text),
		cmocka_unit_test(test_a_missing_value_leaves_the_binding_in_place),
		cmocka_unit_test(test_backslash_and_lone_dollar_stay_literal),
		cmocka_unit_test(test_data_repeats_an_element_with_index),
		cmocka_unit_test(test_when_keeps_only_what_is_true),
		cmocka_unit_test(test_data_that_is_missing_keeps_the_element_unexpanded),
		cmocka_unit_test(test_expressions_follow_precedence_and_kinds),
		cmocka_unit_test(test_a_faulty_expression_is_refused_with_its_text),
	};
	return cmocka_run_group_tests_name("cards_expand", tests, setup, teardown);
}
