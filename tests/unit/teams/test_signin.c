/* SPDX-License-Identifier: Apache-2.0 */
/* Signing in: what is read of a client's answers, and requests in the form that Teams takes. */
#include "ad/teams/signin.h"
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

static bool answer(
	struct ad_arena *arena, const char *name, const char *value, struct ad_signin_answer *ret)
{
	struct ad_json *json = NULL;
	assert_int_equal(ad_json_parse(arena, value, strlen(value), &json, NULL), 0);
	const struct ad_activity activity = {
		.type = AD_ACTIVITY_INVOKE, .name = name, .value = json
	};
	return ad_signin_answer_of(&activity, ret);
}

#define EXCHANGE "{\"id\":\"e1\",\"connectionName\":\"signin\",\"token\":\"a.b.c\"}"

static void test_a_token_comes_by_itself_or_with_the_press(void **state)
{
	static const struct {
		const char *name;
		const char *value;
		enum ad_signin_way way;
	} cases[] = {
		{ "signin/tokenExchange", EXCHANGE, AD_SIGNIN_BY_EXCHANGE },
		{ "adaptiveCard/action", "{\"trigger\":\"manual\",\"authentication\":" EXCHANGE "}",
			AD_SIGNIN_BY_PRESS },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct ad_signin_answer a;
		assert_true(answer(*state, cases[i].name, cases[i].value, &a));
		assert_int_equal(a.way, cases[i].way);
		assert_string_equal(a.exchange_id, "e1");
		assert_string_equal(a.connection, "signin");
		assert_string_equal(a.token, "a.b.c");
		assert_string_equal(a.code, "");
	}
}

static void test_so_does_the_pages_code(void **state)
{
	struct ad_signin_answer a;
	assert_true(answer(*state, "signin/verifyState", "{\"state\":\"123456\"}", &a));
	assert_int_equal(a.way, AD_SIGNIN_BY_CODE);
	assert_string_equal(a.code, "123456");
	assert_string_equal(a.token, "");
	assert_true(answer(*state, "adaptiveCard/action", "{\"state\":\"123456\"}", &a));
	assert_int_equal(a.way, AD_SIGNIN_BY_PRESS);
	assert_string_equal(a.code, "123456");
}

static void test_what_brings_nothing_is_no_answer(void **state)
{
	static const struct {
		const char *name;
		const char *value;
	} cases[] = {
		{ "adaptiveCard/action", "{\"trigger\":\"manual\"}" },
		{ "adaptiveCard/action", "{\"trigger\":\"automatic\",\"state\":\"123456\","
					 "\"authentication\":" EXCHANGE "}" },
		{ "adaptiveCard/action", "{\"authentication\":{\"token\":7},\"state\":7}" },
		{ "signin/verifyState", "{}" },
		{ "signin/verifyState", "{\"state\":\"12 34\"}" },
		{ "signin/verifyState", "{\"state\":\"1&userId=2\"}" },
		{ "signin/verifyState",
			"{\"state\":"
			"\"12345678901234567890123456789012345678901234567890123456789012345"
			"\"}" },
		{ "signin/tokenExchange", "{\"id\":\"e1\",\"token\":\"\"}" },
		{ "signin/failure", "{\"token\":\"a.b.c\",\"state\":\"123456\"}" },
		{ "composeExtension/query",
			"{\"state\":\"123456\",\"authentication\":" EXCHANGE "}" },
	};
	struct ad_signin_answer a;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		if (answer(*state, cases[i].name, cases[i].value, &a))
			fail_msg("%s %s is an answer", cases[i].name, cases[i].value);
	const struct ad_activity message = { .type = AD_ACTIVITY_MESSAGE,
		.name = "signin/verifyState",
		.value = ad_json_new_object(*state) };
	assert_false(ad_signin_answer_of(&message, &a));
}

static void test_requests_have_the_form_that_teams_takes(void **state)
{
	struct ad_signin_request request = { .text = "Please",
		.connection = "signin",
		.button = "Sign in",
		.link = "https://x/1",
		.exchange_id = "e1",
		.resource = "api://botid-1",
		.provider = "" };
	struct ad_json *card = ad_signin_card(*state, &request);
	static const char button[] = "\"buttons\":[{\"type\":\"signin\",\"title\":\"Sign in\","
				     "\"text\":\"Sign in\",\"value\":\"https://x/1\"}]}";
	const char *expected = ad_printf(*state,
		"{\"text\":\"Please\",\"connectionName\":\"signin\","
		"\"tokenExchangeResource\":{\"id\":\"e1\",\"uri\":\"api://botid-1\"},%s",
		button);
	assert_string_equal(ad_json_print(*state, card), expected);
	assert_string_equal(ad_json_print(*state, ad_invoke_login(*state, card)),
		ad_printf(*state,
			"{\"statusCode\":401,\"type\":\"application/vnd.microsoft.activity."
			"loginRequest\",\"value\":%s}",
			expected));
	assert_string_equal(ad_json_print(*state, ad_activity_signin(*state, card, "Please")),
		ad_printf(*state,
			"{\"type\":\"message\",\"attachments\":[{\"contentType\":\"application/"
			"vnd.microsoft.card.oauth\",\"content\":%s}],\"summary\":\"Please\"}",
			expected));
	request.resource = "";
	assert_string_equal(ad_json_print(*state, ad_signin_card(*state, &request)),
		ad_printf(*state, "{\"text\":\"Please\",\"connectionName\":\"signin\",%s", button));
	assert_string_equal(ad_json_print(*state, ad_invoke_login_again(*state, "Too old")),
		"{\"statusCode\":412,\"type\":\"application/vnd.microsoft.error."
		"preconditionFailed\",\"value\":{\"code\":\"412\",\"message\":\"Too old\"}}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_token_comes_by_itself_or_with_the_press),
		cmocka_unit_test(test_so_does_the_pages_code),
		cmocka_unit_test(test_what_brings_nothing_is_no_answer),
		cmocka_unit_test(test_requests_have_the_form_that_teams_takes),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
