/* SPDX-License-Identifier: Apache-2.0 */
/* The message extension: what is read of a query, and answers in the form that Teams takes. */
#include "ad/teams/extension.h"
#include "ad/text.h"

#include <setjmp.h>
#include <stdarg.h>
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

static struct ad_activity invoke(struct ad_arena *arena, const char *name, const char *value)
{
	struct ad_json *json = NULL;
	assert_int_equal(ad_json_parse(arena, value, strlen(value), &json, NULL), 0);
	return (struct ad_activity){ .type = AD_ACTIVITY_INVOKE, .name = name, .value = json };
}

static struct ad_extension_query query(struct ad_arena *arena, const char *value)
{
	struct ad_extension_query ret;
	struct ad_activity activity = invoke(arena, "composeExtension/query", value);
	if (!ad_extension_query_of(arena, &activity, &ret))
		fail_msg("%s is no query", value);
	return ret;
}

static void test_a_query_says_what_is_wanted_and_which_page(void **state)
{
	struct ad_extension_query q = query(*state, "{\"commandId\":\"search\",\"parameters\":[{"
						    "\"name\":\"query\",\"value\":\" a  b \"}],"
						    "\"queryOptions\":{\"skip\":25,\"count\":10}}");
	assert_string_equal(q.text, "a b");
	assert_int_equal(q.skip, 25);
	assert_int_equal(q.count, 10);
}

static void test_a_client_that_has_not_read_the_manifest_has_a_name_of_its_own(void **state)
{
	struct ad_extension_query q =
		query(*state, "{\"commandId\":\"any\",\"parameters\":[{\"name\":\"initialRun\","
			      "\"value\":\"true\"},"
			      "{\"name\":\"searchQuery\",\"value\":\"zip\"}]}");
	assert_string_equal(q.text, "zip");
}

static void test_what_is_lacking_or_wrong_counts_as_not_given(void **state)
{
	static const char *const values[] = { "7", "{}",
		"{\"commandId\":\"search\",\"parameters\":[{\"name\":\"initialRun\",\"value\":"
		"\"true\"}]}",
		"{\"commandId\":\"search\",\"parameters\":7,\"queryOptions\":[]}",
		"{\"commandId\":\"search\",\"parameters\":[7,{\"name\":\"query\",\"value\":{}}],"
		"\"queryOptions\":{\"skip\":\"5\",\"count\":\"7\"}}",
		"{\"commandId\":\"search\",\"queryOptions\":{\"skip\":-5,\"count\":1000000}}" };
	for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
		struct ad_extension_query q = query(*state, values[i]);
		assert_string_equal(q.text, "");
		assert_int_equal(q.skip, 0);
		assert_int_equal(q.count, AD_EXTENSION_PAGE);
	}
	struct ad_extension_query q = query(*state,
		"{\"commandId\":\"search\",\"queryOptions\":{\"skip\":99999999999,\"count\":0}}");
	assert_int_equal(q.skip, INT32_MAX);
	assert_int_equal(q.count, 1);
}

static void test_other_invokes_are_no_query(void **state)
{
	struct ad_extension_query ret;
	static const char *const cases[][2] = { { "composeExtension/Query", "{}" },
		{ "composeExtension/queryLink", "{\"url\":\"https://example.com\"}" },
		{ "composeExtension/fetchTask", "{\"commandId\":\"search\"}" } };
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct ad_activity activity = invoke(*state, cases[i][0], cases[i][1]);
		assert_false(ad_extension_query_of(*state, &activity, &ret));
	}
}

static void test_a_list_shows_previews_and_shares_cards(void **state)
{
	struct ad_json *card = ad_json_new_object(*state);
	ad_json_set_str(*state, card, "type", "AdaptiveCard");
	const struct ad_extension_result result = { card, "A <b> & B", "x < y\xe2\x80\xae" };
	assert_string_equal(ad_json_print(*state, ad_extension_list(*state, &result, 1)),
		"{\"composeExtension\":{\"type\":\"result\",\"attachmentLayout\":\"list\","
		"\"attachments\":[{\"contentType\":\"application/vnd.microsoft.card.adaptive\","
		"\"content\":{\"type\":\"AdaptiveCard\"},"
		"\"preview\":{\"contentType\":\"application/vnd.microsoft.card.thumbnail\","
		"\"content\":{\"title\":\"A \xe2\x80\xb9"
		"b\xe2\x80\xba & B\",\"text\":\"x \xe2\x80\xb9 "
		"y\xef\xbf\xbd\"}}}]}}");
	assert_string_equal(ad_json_print(*state, ad_extension_list(*state, NULL, 0)),
		"{\"composeExtension\":{\"type\":\"result\",\"attachmentLayout\":\"list\","
		"\"attachments\":[]}}");
}

static void test_a_sentence_stands_in_place_of_the_list(void **state)
{
	assert_string_equal(ad_json_print(*state, ad_extension_message(*state, "nothing \"here\"")),
		"{\"composeExtension\":{\"type\":\"message\",\"text\":\"nothing \\\"here\\\"\"}}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_query_says_what_is_wanted_and_which_page),
		cmocka_unit_test(
			test_a_client_that_has_not_read_the_manifest_has_a_name_of_its_own),
		cmocka_unit_test(test_what_is_lacking_or_wrong_counts_as_not_given),
		cmocka_unit_test(test_other_invokes_are_no_query),
		cmocka_unit_test(test_a_list_shows_previews_and_shares_cards),
		cmocka_unit_test(test_a_sentence_stands_in_place_of_the_list),
	};
	return cmocka_run_group_tests_name("teams_extension", tests, setup, teardown);
}
