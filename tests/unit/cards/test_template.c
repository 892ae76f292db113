/* SPDX-License-Identifier: Apache-2.0 */
/* The template language: bindings, repetition, conditions and expressions, as the official engine
 * expands them. */
#include "ad/cards/template.h"
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

/* The text of the expansion, or NULL and err. */
static const char *expand(
	struct ad_arena *arena, const char *template, const char *data, struct ad_err *err)
{
	struct ad_template_context context = { .root = parse(arena, data), .host = context.root };
	struct ad_template *compiled;
	struct ad_buf out;
	ad_buf_init(&out, AD_TEMPLATE_OUTPUT_MAX);
	int r = ad_template_compile(arena, parse(arena, template), NULL, &compiled, err);
	if (r == 0)
		r = ad_template_expand(compiled, &context, arena, &out, NULL, err);
	const char *text = r == 0 ? ad_strdup(arena, ad_buf_str(&out)) : NULL;
	ad_buf_release(&out);
	return text;
}

static void expands_to(struct ad_arena *arena, const char *template, const char *expected)
{
	struct ad_err err = { 0 };
	const char *text = expand(arena, template, data_text, &err);
	assert_string_equal(err.text, "");
	assert_string_equal(text, expected);
}

static void refuses(struct ad_arena *arena, const char *template, int code, const char *said)
{
	struct ad_err err = { 0 };
	assert_null(expand(arena, template, data_text, &err));
	assert_int_equal(err.code, code);
	assert_non_null(strstr(err.text, said));
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
		"\"true\",\"t\":3},{\"$when\":\"${size}\",\"t\":4}]",
		"[{\"t\":1}]");
	expands_to(*state, "[{\"$data\":\"${list}\",\"$when\":\"${on}\",\"t\":\"${id}\"}]",
		"[{\"t\":1}]");
}

static void test_data_that_is_missing_leaves_its_bindings_in_place(void **state)
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

static void test_lambdas_see_their_item_and_the_data(void **state)
{
	expands_to(*state,
		"[\"${join(select(list, x, concat(x.id, name)), ' ')}\",\"${count(where(list, x, "
		"x.on))}\",\"${any(list, x => x.id == 2)}\",\"${json('{\\\"k\\\":[7]}').k[0]}\"]",
		"[\"17-Zip 27-Zip\",1,true,7]");
}

static void test_texts_count_in_utf_16_and_change_case_by_language(void **state)
{
	expands_to(*state,
		"[\"${length('a\xF0\x9F\x98\x80')}\",\"${toUpper('\xC3\x9F')}\",\"${toLower('I', "
		"'tr')}\",\"${substring('\xF0\x9F\x98\x80', 0, 1)}\"]",
		"[3,\"SS\",\"\xC4\xB1\",\"\\ud83d\"]");
}

static void test_numbers_print_as_in_javascript(void **state)
{
	expands_to(*state,
		"[\"n ${0.1 + 0.2}\",\"n ${10 ^ 21}\",\"n ${1 / 1.5}\",\"${0 / 5}\",\"${div(7, "
		"2)}\",\"${string(1234567.5)}\",\"${formatNumber(2.345, 2, 'de-DE')}\"]",
		"[\"n 0.30000000000000004\",\"n 1e+21\",\"n 0.6666666666666666\",0,3,\"1,234,567."
		"5\",\"2,35\"]");
}

static void test_arrays_take_in_lists_and_leave_out_null(void **state)
{
	expands_to(*state, "{\"a\":[1,null,[2,[3]],\"${tags}\",\"${none}\"],\"b\":\"${none}\"}",
		"{\"a\":[1,2,3,\"a\",\"b\"],\"b\":null}");
	expands_to(*state,
		"{\"a\":1,\"b\":[2],\"c\":{\"d\":{\"$when\":\"${nope}\"},\"e\":\"${tags['no']}\"}}",
		"{\"a\":1,\"b\":[2],\"c\":{\"d\":null}}");
	expands_to(*state, "{\"a\":{\"$data\":\"${list}\",\"i\":\"${id}\"},\"b\":1}",
		"{\"a\":[{\"i\":1},{\"i\":2}],\"b\":1}");
}

static void test_a_failing_part_of_a_text_stays_as_its_expression(void **state)
{
	expands_to(*state, "{\"t\":\"x ${1 / 0} ${unknown('it')}\"}",
		"{\"t\":\"x ${(1 / 0)} ${unknown('it')}\"}");
}

static void test_a_faulty_expression_is_refused_with_its_place(void **state)
{
	refuses(*state, "{\"body\":[{\"text\":\"${1 +}\"}]}", AD_EINVAL, ".body[0].text: ");
	refuses(*state, "[\"${count(}\"]", AD_EINVAL, "count(");
	refuses(*state, "[\"${a b}\"]", AD_EINVAL, "'b'");
	refuses(*state, "[\"${if(true)}\"]", AD_EINVAL, "wrong number of arguments");
	refuses(*state, "[\"${length(1)}\"]", AD_EINVAL, "wrong type");
	refuses(*state, "[\"${unknown(1)}\"]", AD_EINVAL, "no such function");
	refuses(*state, "[\"${1 / 0}\"]", AD_EINVAL, "division by 0");
	/* An open quote hides the "}": a plain text. */
	expands_to(*state, "[\"${'a}\"]", "[\"${'a}\"]");
}

static void test_nothing_costs_unbounded_time_or_memory(void **state)
{
	char deep[1000] = "[\"${";
	memset(deep + 4, '(', 300);
	memcpy(deep + 304, "1", 1);
	memset(deep + 305, ')', 300);
	memcpy(deep + 605, "}\"]", 4);
	refuses(*state, deep, AD_ETOOBIG, "too deep");
	refuses(*state, "[\"${select(range(0, 2000), a, count(range(0, 2000)))}\"]", AD_ETOOBIG,
		"too long");
	refuses(*state,
		"[\"${join(range(0, 900000), 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa')}\"]",
		AD_ETOOBIG, "too big");
	refuses(*state, "[{\"$data\":\"${range(0, 999999)}\",\"a\":1,\"b\":2}]", AD_ETOOBIG,
		"too big");
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
		cmocka_unit_test(test_data_that_is_missing_leaves_its_bindings_in_place),
		cmocka_unit_test(test_expressions_follow_precedence_and_kinds),
		cmocka_unit_test(test_lambdas_see_their_item_and_the_data),
		cmocka_unit_test(test_texts_count_in_utf_16_and_change_case_by_language),
		cmocka_unit_test(test_numbers_print_as_in_javascript),
		cmocka_unit_test(test_arrays_take_in_lists_and_leave_out_null),
		cmocka_unit_test(test_a_failing_part_of_a_text_stays_as_its_expression),
		cmocka_unit_test(test_a_faulty_expression_is_refused_with_its_place),
		cmocka_unit_test(test_nothing_costs_unbounded_time_or_memory),
	};
	return cmocka_run_group_tests_name("cards_template", tests, setup, teardown);
}
