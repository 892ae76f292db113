/* SPDX-License-Identifier: Apache-2.0 */
/* The template language: bindings, repetition, conditions and expressions, as the official engine
 * expands them. */
#include "ad/cards/template.h"
#include "ad/text.h"

#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>

/* Thursday, 2026-03-05T14:07:09Z */
#define NOW_MS INT64_C(1772719629000)

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
	struct ad_template_context context = {
		.root = parse(arena, data), .host = context.root, .now_ms = NOW_MS
	};
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

static void test_half_a_character_becomes_a_replacement_in_bytes(void **state)
{
	expands_to(*state,
		"[\"${base64(first('\xF0\x9F\x98\x80'))}\",\"${dataUri(first('\xF0\x9F\x98\x80'))}"
		"\","
		"\"${string(binary(first('\xF0\x9F\x98\x80')))}\"]",
		"[\"77+9\",\"data:text/plain;charset=utf-8;base64,77+9\",\"\xEF\xBF\xBD\"]");
}

static void test_what_has_no_value_is_sorted_last(void **state)
{
	expands_to(*state,
		"[{\"$data\":1,\"a\":\"${sortBy(createArray('z', first(createArray()), "
		"'a'))}\",\"b\":"
		"\"${sortByDescending(createArray(first(createArray()), json('{\\\"k\\\":1}')), "
		"'k')}\"}]",
		"[{\"a\":[\"a\",\"z\",null],\"b\":[null,{\"k\":1}]}]");
}

static void test_a_sort_without_its_name_fails_and_or_shows_the_list(void **state)
{
	expands_to(*state,
		"[\"${or(sortBy(tags, size[0]))}\",\"${or(sortByDescending(list, "
		"size[0]))[0].id}\"]",
		"[\"a\",\"b\",2]");
	refuses(*state, "[\"${sortBy(tags, size[0])}\"]", AD_EINVAL, "size[0]");
}

static void test_a_list_is_not_sorted_by_what_is_false(void **state)
{
	expands_to(*state,
		"[\"${sortBy(createArray(createArray(2), createArray(1)), json('0'))}\"]",
		"[[2],[1]]");
	expands_to(*state,
		"[\"${sortByDescending(createArray(createArray(2), createArray(1)), "
		"json('false'))}\"]",
		"[[1],[2]]");
}

static void test_a_member_is_set_in_objects_alone(void **state)
{
	expands_to(*state, "[\"${setProperty(tags, 'a', 1)}\"]", "[\"a\",\"b\"]");
	refuses(*state, "[\"${setProperty('{}', 'a', 1)}\"]", AD_EINVAL, "an object is wanted");
	refuses(*state, "[\"${setProperty(size, 'a', 1)}\"]", AD_EINVAL, "an object is wanted");
}

static void test_objects_are_equal_when_their_names_are_be_the_values_missing(void **state)
{
	expands_to(*state,
		"[\"${setProperty(json('{}'), 'a', nope) == setProperty(json('{}'), 'a', nope)}\","
		"\"${setProperty(json('{}'), 'a', nope) == setProperty(json('{}'), 'b', nope)}\"]",
		"[true,false]");
}

static void test_a_call_of_what_a_call_gave_is_a_function_that_nobody_has(void **state)
{
	expands_to(*state, "[{\"$data\":[],\"t\":\"${div(size)(tags)}\"}]", "[]");
	refuses(*state, "[\"${div(size)(tags)}\"]", AD_EINVAL, "no such function");
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
	refuses(*state, "[\"${formatNumber(1, 10 ^ 21)}\"]", AD_EINVAL, "no format");
	refuses(*state, "[\"${Accessor()}\"]", AD_EINVAL, "a name is wanted");
	refuses(*state, "[\"${Accessor(name, 'a')}\"]", AD_EINVAL, "a name is wanted");
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

static void test_a_pattern_is_understood_as_javascript_has_it(void **state)
{
	expands_to(*state,
		"[\"${isMatch('7-Zip', '^\\\\d-[A-Z]')}\",\"${isMatch(name, "
		"'(?i)zIP$')}\",\"${isMatch('a\\nb', "
		"'^b')}\",\"${isMatch('a\\nb', '(?m)^b')}\",\"${isMatch('a\\n', 'a$')}\"]",
		"[true,true,false,true,false]");
	/* Units, not characters; letters and digits of ASCII alone; no case that changes the
	 * length. */
	expands_to(*state,
		"[\"${isMatch('\xF0\x9F\x98\x80', '^..$')}\",\"${isMatch('\xC3\xA9', '\\\\w')}\","
		"\"${isMatch('\xD9\xA1', '\\\\d')}\",\"${isMatch('\xC3\x9F', "
		"'(?i)SS')}\",\"${isMatch('\xC5\xBF', "
		"'(?i)s')}\",\"${isMatch('\xCF\x82', '(?i)\xCE\xA3')}\",\"${isMatch('&', "
		"'[a&&b]')}\"]",
		"[true,false,false,false,false,true,true]");
}

static void test_a_pattern_that_the_official_engine_refuses_is_refused(void **state)
{
	static const char *const faulty[] = { "", "(", "a++", "[]", "*a", "(?=a)", "\\\\\\\\b",
		"[z-a]", "a{2,1}", "(?<n>a)(?<n>b)", "(?im)" };
	for (size_t i = 0; i < sizeof faulty / sizeof faulty[0]; i++)
		refuses(*state, ad_printf(*state, "[\"${isMatch('a', '%s')}\"]", faulty[i]),
			AD_EINVAL, "no regular expression");
	/* Only when it is reached, when it is in the data. */
	expands_to(*state, "[\"${if(false, isMatch('a', empty), 1)}\"]", "[1]");
	refuses(*state, "[\"${isMatch('a', empty)}\"]", AD_EINVAL, "no regular expression");
}

static void test_a_search_that_takes_too_long_ends(void **state)
{
	refuses(*state,
		"[\"${isMatch('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab', '^(a+)+$')}\"]",
		AD_ETOOBIG, "too long");
	char deep[1000] = "[\"${isMatch('a', '";
	size_t len = strlen(deep);
	memset(deep + len, '(', 200);
	deep[len + 200] = 'a';
	memset(deep + len + 201, ')', 200);
	memcpy(deep + len + 401, "')}\"]", 6);
	refuses(*state, deep, AD_EINVAL, "no regular expression");
}

static void test_replacing_without_case_takes_patterns_and_references(void **state)
{
	expands_to(*state,
		"[\"${replaceIgnoreCase('aXax', 'x', 'y')}\",\"${replaceIgnoreCase('aXb', "
		"'(X)(b)', "
		"'$2$1$$$3')}\",\"${replaceIgnoreCase('aXb', 'x', "
		"\\\"[$`$&$']\\\")}\",\"${replaceIgnoreCase('ab', "
		"'x*', '-')}\",\"${replaceIgnoreCase('aXb', '(?<n>x)', '<$<n>>')}\"]",
		"[\"ayay\",\"abX$$3\",\"a[aXb]b\",\"-a-b-\",\"a<X>b\"]");
	expands_to(*state,
		"[\"${replaceIgnoreCase('a b', '\\\\bB', '_')}\",\"${replaceIgnoreCase('xaXa', "
		"'(?<=x)a(?!x)', "
		"'_')}\",\"${replaceIgnoreCase('aAb', '(a)\\\\1', '_')}\"]",
		"[\"a _\",\"xaX_\",\"_b\"]");
}

static void test_a_text_of_the_data_may_hold_bindings(void **state)
{
	expands_to(*state,
		"[\"${stringOrValue('${size}')}\",\"${stringOrValue('is ${size}')}\","
		"\"${stringOrValue(name)}\",\"${stringOrValue('${nope}')}\"]",
		"[12,\"is 12\",\"7-Zip\",\"${nope}\"]");
	refuses(*state, "[\"${stringOrValue('${1 +}')}\"]", AD_EINVAL, "no expression");
	refuses(*state, "[\"${stringOrValue('${unknown()}')}\"]", AD_EINVAL, "no expression");
	struct ad_err err = { 0 };
	assert_null(expand(
		*state, "[\"${stringOrValue(t)}\"]", "{\"t\":\"${stringOrValue(t)}\"}", &err));
	assert_int_equal(err.code, AD_ETOOBIG);
}

static void test_a_path_that_is_set_is_seen_from_then_on(void **state)
{
	expands_to(*state,
		"[\"${setPathToValue($root.vendor.url, "
		"5)}\",\"${vendor.url}\",\"${setPathToValue($data.tags[2], "
		"'c')}\",\"${join(tags, '+')}\",\"${setPathToValue(size, 1)}\",\"${size}\"]",
		"[5,5,\"c\",\"a+b+c\",1,12]");
	/* A name of its own lasts as long as the binding. */
	expands_to(*state, "[\"${setPathToValue($mine, 4)} ${$mine}\",\"${$mine}\"]",
		"[\"4 4\",\"${$mine}\"]");
	refuses(*state, "[\"${select(list, x, setPathToValue(x.id, 1))}\"]", AD_EINVAL, "lambda");
	refuses(*state, "[\"${setPathToValue(1, 1)}\"]", AD_EINVAL, "no path");
	refuses(*state,
		"[\"${createArray(setPathToValue($a, createArray(1)), setPathToValue($a[0], "
		"createArray($a)))}\"]",
		AD_EINVAL, "cannot hold itself");
}

static void test_times_go_from_zone_to_zone(void **state)
{
	expands_to(*state,
		"[\"${convertFromUTC('2026-07-05T14:07:09.123Z', 'Europe/Berlin')}\","
		"\"${convertFromUTC('2026-03-05T14:07:09.123Z', 'Pacific Standard Time', 'HH:mm "
		"zzz')}\","
		"\"${convertToUTC('2026-07-05T16:07:09', 'Europe/Berlin')}\"]",
		"[\"2026-07-05T16:07:09.1230000\",\"06:07 -08:00\",\"2026-07-05T14:07:09.000Z\"]");
	refuses(*state,
		"[\"${convertFromUTC('2026-03-05T14:07:09.123Z', 'Nepal Standard Time!')}\"]",
		AD_EINVAL, "no such time zone");
	/* An hour that never was, and one that was twice: that of winter, as it is now. */
	expands_to(*state,
		"[\"${convertToUTC('2026-03-29T02:30:00', "
		"'Europe/Berlin')}\",\"${convertToUTC('2026-10-25T02:30:00', "
		"'Europe/Berlin')}\"]",
		"[\"2026-03-29T01:30:00.000Z\",\"2026-10-25T01:30:00.000Z\"]");
	refuses(*state, "[\"${convertToUTC('2026-07-05', 'Nowhere')}\"]", AD_EINVAL,
		"no such time zone");
}

static void test_dates_are_read_in_the_loose_forms_of_javascript(void **state)
{
	expands_to(*state,
		"[\"${formatDateTime('12', 'yyyy-MM-dd')}\",\"${formatDateTime('March 5', "
		"'yyyy-MM-dd')}\","
		"\"${formatDateTime('5 Mar 2026 4:05 pm', 'o')}\",\"${formatDateTime('Thu, 05 Mar "
		"2026 14:07:09 "
		"EST', 'HH:mm')}\",\"${formatDateTime('(to) 1/2/49', 'yyyy-MM-dd')}\"]",
		"[\"2001-12-01\",\"2001-03-05\",\"2026-03-05T16:05:00.0000000+00:00\",\"19:07\","
		"\"2049-01-02\"]");
	static const char *const faulty[] = { "x,y,z", "7-Zip", "12x", "13/13/2003",
		"2026-03-05T25:07", "999999999" };
	for (size_t i = 0; i < sizeof faulty / sizeof faulty[0]; i++)
		refuses(*state, ad_printf(*state, "[\"${formatDateTime('%s')}\"]", faulty[i]),
			AD_EINVAL, "is no time");
	expands_to(*state, "[\"${formatDateTime('January 1999', 'yyyy-MM-dd')}\"]",
		"[\"1999-01-01\"]");
	expands_to(*state, "[\"${formatEpoch(0, 'YW YYY')}\"]", "[\"YW 70Y\"]");
}

static void test_addresses_are_read_as_browsers_read_them(void **state)
{
	expands_to(*state,
		"[\"${uriHost('https://user@EX%41MPLE.com:443/')}\",\"${uriHost('https://b\xC3\xBC"
		"cher.de')}\",\"${uriHost('http://0x7f.1')}\",\"${uriHost('http://"
		"[1:0:0:2::3]')}\","
		"\"${uriHost('foo://A\xC3\xA4')}\"]",
		"[\"example.com\",\"xn--bcher-kva.de\",\"127.0.0.1\",\"[1:0:0:2::3]\",\"A%C3%"
		"A4\"]");
	expands_to(*state,
		"[\"${uriPathAndQuery('https://h/a/../b "
		"c/%2e?q=\\\"')}\",\"${uriPath('https:h')}\","
		"\"${uriPath('mailto:a b')}\",\"${uriPort('https://h:8443')}\"]",
		"[\"/b%20c/?q=%22\",\"/\",\"a b\",8443]");
	static const char *const faulty[] = { "https://a b/", "https://a%20b/",
		"https://256.1.1.1/", "https://1.2.3.4.5/", "https://[::g]/", "https://xn--/",
		"https://", "https://@/", "https://h:99999/", "foo://a b/", "h" };
	for (size_t i = 0; i < sizeof faulty / sizeof faulty[0]; i++)
		refuses(*state, ad_printf(*state, "[\"${uriHost('%s')}\"]", faulty[i]), AD_EINVAL,
			"is no address");
}

static void test_json_becomes_xml(void **state)
{
	expands_to(*state,
		"[\"${xml(vendor)}\",\"${xml('{\\\"a\\\":[1,null,{\\\"b\\\":\\\"<\\\"}],\\\"c\\\":{"
		"}}')}\",\"${xml(5)}\"]",
		"[\"<?xml version=\\\"1.0\\\" encoding=\\\"UTF-8\\\" "
		"standalone=\\\"yes\\\"?>\\n<url>u</url>\","
		"\"<?xml version=\\\"1.0\\\" encoding=\\\"UTF-8\\\" "
		"standalone=\\\"yes\\\"?>\\n<a/>\\n<a>1</a>\\n<a>\\n  "
		"<b>&lt;</b>\\n</a>\\n<c></c>\","
		"\"<?xml version=\\\"1.0\\\" encoding=\\\"UTF-8\\\" standalone=\\\"yes\\\"?>\"]");
	/* Whoever goes by the length finds the same end as whoever goes by the NUL. */
	expands_to(*state, "[\"${stringOrValue(xml(vendor))}\",\"${length(xml(vendor))}\"]",
		"[\"<?xml version=\\\"1.0\\\" encoding=\\\"UTF-8\\\" "
		"standalone=\\\"yes\\\"?>\\n<url>u</url>\",68]");
	refuses(*state, "[\"${xml('nope')}\"]", AD_EINVAL, "not JSON");
}

static void test_or_gives_what_its_last_part_gave_with_its_failure(void **state)
{
	expands_to(*state,
		"[\"${or(false, indexOf(size, 'a'))}\",\"${or(indexOf(json('x'), "
		"'a'))}\",\"${or(int('x'))}\","
		"\"${or(range(1, 0))}\",\"${or(select(list, x, 1 / (2 - "
		"x.id)))}\",\"${or(isDate(5))}\","
		"\"${or(length(size))}\"]",
		"[-1,-1,null,1,false,null]");
}

static void test_a_timex_tells_what_it_is(void **state)
{
	expands_to(*state,
		"[\"${isDefinite('2026-03-05')}\",\"${isDate('XXXX-WXX-3')}\",\"${isTime('T14')}\","
		"\"${isDuration('P2W')}\","
		"\"${isDateRange('2026-W10')}\",\"${isTimeRange('TMO')}\",\"${isPresent('PRESENT_"
		"REF')}\"]",
		"[true,true,true,true,true,true,true]");
	expands_to(*state,
		"[\"${isDefinite('XXXX-03-05')}\",\"${isDate('2026-03')}\",\"${isTime('TMO')}\",\"$"
		"{isDuration('P2X')}\","
		"\"${isDateRange('2026-03-05')}\",\"${isTimeRange('T14')}\",\"${isPresent('now')}"
		"\"]",
		"[false,false,false,false,false,false,false]");
	expands_to(*state,
		"[\"${resolve('2026-03-05T14')}\",\"${resolve('T14:30')}\",\"${resolve('P1.5D')}\","
		"\"${resolve(json('{\\\"hour\\\":9}'))}\",\"${resolve('SU')}\"]",
		"[\"2026-03-05 14:00:00\",\"14:30:00\",\"129600\",\"09:00:00\",\"not resolved\"]");
	refuses(*state, "[\"${resolve('XXXX-WXX-3')}\"]", AD_EINVAL, "no year");
	refuses(*state, "[\"${resolve('')}\"]", AD_EINVAL, "no timex");
}

static void test_a_date_is_read_back_as_people_say_it(void **state)
{
#define SAID(day) "\"${dateReadBack('2026-03-05T14:07:09.123Z', '" day "T00:00:00.000Z')}\""
	expands_to(*state,
		"[" SAID("2026-03-05") "," SAID("2026-03-06") "," SAID("2026-03-04") "," SAID(
			"2026-03-07") "," SAID("2026-03-08") "," SAID("2026-02-22") "," SAID("2026-"
											     "12-"
											     "1"
											     "1") "]",
		"[\"today\",\"tomorrow\",\"yesterday\",\"this Saturday\",\"next Sunday\",\"last "
		"Sunday\",\"11st "
		"December 2026\"]");
#undef SAID
}

static void test_viable_dates_lie_around_the_present(void **state)
{
	expands_to(*state,
		"[\"${getNextViableDate('XXXX-03-05')}\",\"${getNextViableDate('XXXX-03-04')}\","
		"\"${getPreviousViableDate('XXXX-03-05')}\",\"${getPreviousViableDate('XXXX-03-04')"
		"}\","
		"\"${getNextViableDate('XXXX-02-29')}\",\"${getPreviousViableDate('XXXX-02-29')}"
		"\"]",
		"[\"2026-03-05\",\"2027-03-04\",\"2025-03-05\",\"2026-03-04\",\"2028-02-29\","
		"\"2024-02-29\"]");
	expands_to(*state,
		"[\"${getNextViableTime('TXX:07:09')}\",\"${getNextViableTime('TXX:00:00')}\","
		"\"${getPreviousViableTime('TXX:07:08')}\",\"${getPreviousViableTime('TXX:30:00', "
		"'Europe/Berlin')}\"]",
		"[\"T14:07:09\",\"T15\",\"T14:07:08\",\"T14:30\"]");
	expands_to(*state, "[\"${or(getNextViableDate('2026-03-05'))}\"]", "[\"1899-11-30\"]");
	refuses(*state, "[\"${getNextViableDate('2026-03-05')}\"]", AD_EINVAL, "XXXX-10-31");
	expands_to(*state, "[\"${getNextViableTime('2026-03-05TXX:15:28')}\"]", "[\"T14:15:28\"]");
	refuses(*state, "[\"${getNextViableTime('TXX:15:60')}\"]", AD_EINVAL, "TXX:15:28");
	refuses(*state, "[\"${getNextViableTime('T14')}\"]", AD_EINVAL, "TXX:15:28");
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
		cmocka_unit_test(test_half_a_character_becomes_a_replacement_in_bytes),
		cmocka_unit_test(test_what_has_no_value_is_sorted_last),
		cmocka_unit_test(test_a_sort_without_its_name_fails_and_or_shows_the_list),
		cmocka_unit_test(test_a_list_is_not_sorted_by_what_is_false),
		cmocka_unit_test(test_a_member_is_set_in_objects_alone),
		cmocka_unit_test(test_objects_are_equal_when_their_names_are_be_the_values_missing),
		cmocka_unit_test(test_a_call_of_what_a_call_gave_is_a_function_that_nobody_has),
		cmocka_unit_test(test_numbers_print_as_in_javascript),
		cmocka_unit_test(test_arrays_take_in_lists_and_leave_out_null),
		cmocka_unit_test(test_a_failing_part_of_a_text_stays_as_its_expression),
		cmocka_unit_test(test_a_faulty_expression_is_refused_with_its_place),
		cmocka_unit_test(test_nothing_costs_unbounded_time_or_memory),
		cmocka_unit_test(test_a_pattern_is_understood_as_javascript_has_it),
		cmocka_unit_test(test_a_pattern_that_the_official_engine_refuses_is_refused),
		cmocka_unit_test(test_a_search_that_takes_too_long_ends),
		cmocka_unit_test(test_replacing_without_case_takes_patterns_and_references),
		cmocka_unit_test(test_a_text_of_the_data_may_hold_bindings),
		cmocka_unit_test(test_a_path_that_is_set_is_seen_from_then_on),
		cmocka_unit_test(test_times_go_from_zone_to_zone),
		cmocka_unit_test(test_dates_are_read_in_the_loose_forms_of_javascript),
		cmocka_unit_test(test_addresses_are_read_as_browsers_read_them),
		cmocka_unit_test(test_json_becomes_xml),
		cmocka_unit_test(test_or_gives_what_its_last_part_gave_with_its_failure),
		cmocka_unit_test(test_a_timex_tells_what_it_is),
		cmocka_unit_test(test_a_date_is_read_back_as_people_say_it),
		cmocka_unit_test(test_viable_dates_lie_around_the_present),
	};
	return cmocka_run_group_tests_name("cards_template", tests, setup, teardown);
}
