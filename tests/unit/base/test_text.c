/* SPDX-License-Identifier: Apache-2.0 */
/* Encodings have one spelling, and what people wrote is counted and cut by characters. */
#include "ad/clock.h"
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

static void test_base64_of_the_rfc_goes_both_ways(void **state)
{
	static const char *const pairs[][2] = { { "", "" }, { "f", "Zg==" }, { "fo", "Zm8=" },
		{ "foo", "Zm9v" }, { "foob", "Zm9vYg==" }, { "fooba", "Zm9vYmE=" },
		{ "foobar", "Zm9vYmFy" } };
	for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
		uint8_t *data;
		size_t len;
		const char *text = ad_base64(*state, pairs[i][0], strlen(pairs[i][0]));
		assert_string_equal(text, pairs[i][1]);
		assert_int_equal(ad_base64_decode(*state, text, strlen(text), &data, &len), 0);
		assert_int_equal(len, strlen(pairs[i][0]));
		assert_memory_equal(data, pairs[i][0], len);
	}
	assert_string_equal(ad_base64url(*state, "\xFB\xFF", 2), "-_8");
}

static void test_secrets_in_what_a_peer_said_are_masked_and_nothing_else(void **state)
{
	static const char *const pairs[][2] = {
		{ "", "" },
		{ "GET https://x.blob.core/a?sv=1&sig=aB%2F1&se=2: HTTP 403",
			"GET https://x.blob.core/a?sv=1&sig=***&se=2: HTTP 403" },
		{ "{\"client_secret\":\"s3cr3t\",\"n\":1}", "{\"client_secret\":\"***\",\"n\":1}" },
		{ "Authorization: Bearer abc.def-ghi.jkl-mno rejected",
			"Authorization: Bearer *** rejected" },
		{ "token eyJhbGciOiJub25lIn0.e30.x is old", "token *** is old" },
		{ "postgresql://app:hunter2@db/x: refused", "postgresql://***@db/x: refused" },
		{ "PASSWORD = 'ab'", "PASSWORD = '**'" },
		{ "sig=", "sig=" },
		{ "sig=a&sig=bcdef", "sig=*&sig=***" },
		{ "{\"token\": \"abcd\"}, token=abcd", "{\"token\": \"***\"}, token=***" },
		{ "token: HTTP 401, bearer token is missing",
			"token: HTTP 401, bearer token is missing" },
		{ "the client secret has expired", "the client secret has expired" },
		{ "design=new, my_token_count: 4", "design=new, my_token_count: 4" },
		{ "https://host/a@b: HTTP 404", "https://host/a@b: HTTP 404" },
		{ "eyJust a word", "eyJust a word" },
	};
	for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
		char *text = ad_strdup(*state, pairs[i][0]);
		ad_text_mask(text);
		assert_string_equal(text, pairs[i][1]);
	}
}

static void test_a_second_spelling_of_the_same_bytes_is_refused(void **state)
{
	static const char *const standard[] = { "Zg", "Zg=", "Zh==", "Zg==\n",
		" Zg==", "Zm9v=", "Z===", "====", "Zm-v", "=Zg=" };
	static const char *const url[] = { "Zg==", "Zh", "Z", "Zm9+", "Zm9/", "Zm9v\n", "Zm9v.",
		"Zm 9" };
	uint8_t *data;
	size_t len;
	for (size_t i = 0; i < sizeof standard / sizeof standard[0]; i++)
		assert_int_equal(
			ad_base64_decode(*state, standard[i], strlen(standard[i]), &data, &len),
			AD_EINVAL);
	for (size_t i = 0; i < sizeof url / sizeof url[0]; i++)
		assert_int_equal(ad_base64url_decode(*state, url[i], strlen(url[i]), &data, &len),
			AD_EINVAL);
	assert_int_equal(ad_base64url_decode(*state, "Zm\0v", 4, &data, &len), AD_EINVAL);
}

static void test_utf8_is_strict(void **state)
{
	(void)state;
	assert_true(ad_utf8_valid("a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80", 10));
	assert_false(ad_utf8_valid("\xC0\xAF", 2));
	assert_false(ad_utf8_valid("\xED\xA0\x80", 3));
	assert_false(ad_utf8_valid("\xF4\x90\x80\x80", 4));
	assert_false(ad_utf8_valid("\xE2\x82", 2));
	assert_false(ad_utf8_valid("\x80", 1));
}

static void test_lengths_are_those_that_teams_counts(void **state)
{
	assert_int_equal(ad_utf16_units("a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80"), 5);
	assert_string_equal(ad_utf8_cut(*state, "abc", 3), "abc");
	assert_string_equal(ad_utf8_cut(*state, "\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9", 3),
		"\xC3\xA9\xC3\xA9\xE2\x80\xA6");
}

static void test_hidden_characters_are_made_visible(void **state)
{
	assert_string_equal(ad_utf8_clean(*state,
				    "a\xE2\x80\xAE"
				    "b\x01\n",
				    false),
		"a\xEF\xBF\xBD"
		"b\xEF\xBF\xBD ");
	assert_string_equal(ad_utf8_clean(*state, "x\ny\x80", true), "x\ny\xEF\xBF\xBD");
}

static void test_numbers_and_hex_are_read_whole(void **state)
{
	int64_t number = 0;
	uint8_t bytes[2];
	(void)state;
	assert_int_equal(ad_text_i64("42", 0, 100, &number), 0);
	assert_int_equal(number, 42);
	assert_int_equal(ad_text_i64("-9223372036854775808", INT64_MIN, INT64_MAX, &number), 0);
	static const char *const bad[] = { "", " 1", "1 ", "+1", "1x", "101",
		"99999999999999999999", "0x1" };
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_int_equal(ad_text_i64(bad[i], 0, 100, &number), AD_EINVAL);
	assert_int_equal(ad_hex_decode("fE01", bytes, 2), 0);
	assert_int_equal(bytes[0], 0xFE);
	assert_int_equal(ad_hex_decode("fe0", bytes, 2), AD_EINVAL);
	assert_int_equal(ad_hex_decode("fe0g", bytes, 2), AD_EINVAL);
}

static void test_a_url_segment_keeps_only_unreserved_characters(void **state)
{
	assert_string_equal(ad_url_segment(*state, "19:a@thread.v2;messageid=1/%+"),
		"19%3Aa%40thread.v2%3Bmessageid%3D1%2F%25%2B");
}

static void test_dates_go_both_ways(void **state)
{
	int64_t t = 0;
	assert_string_equal(ad_clock_iso(*state, 1795370072), "2026-11-22T17:54:32Z");
	assert_int_equal(ad_clock_parse_iso("2026-11-22T17:54:32Z", &t), 0);
	assert_int_equal(t, 1795370072);
	assert_int_equal(ad_clock_parse_iso("2026-11-22 18:54:32.123+01", &t), 0);
	assert_int_equal(t, 1795370072);
	assert_int_equal(ad_clock_parse_iso("2026-11-22T16:24:32-01:30", &t), 0);
	assert_int_equal(t, 1795370072);
	static const char *const bad[] = { "", "2026-11-22", "2026-13-22T17:54:32Z",
		"2026-11-22T17:54:32", "x" };
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_int_equal(ad_clock_parse_iso(bad[i], &t), AD_EINVAL);
}

static void test_delays_grow_to_a_limit_and_differ(void **state)
{
	(void)state;
	for (int attempt = 1; attempt < 70; attempt++) {
		int64_t whole = attempt > 5 ? 30000 : INT64_C(1000) << (attempt - 1);
		whole = whole > 30000 ? 30000 : whole;
		int64_t delay = ad_clock_backoff_ms(attempt, 1000, 30000);
		assert_true(delay >= whole / 2 && delay <= whole);
	}
}

static void test_an_address_is_plain_or_none(void **state)
{
	struct ad_arena *arena = ad_arena_new();
	static const char *const good[] = { "a@b", "appdesk@example.com",
		"o'hara+x@sub.example.org", "alex_gmail.com#EXT#@contoso.onmicrosoft.com",
		"a.b-c@xn--bcher-kva.example" };
	static const char *const bad[] = { "", "a", "@b", "a@", "a@b@c", "a b@c", "a@b c",
		"a@b\r\nc", "a\r\nRCPT TO:<x@y>@b", "a@b>", "<a@b>", "A <a@b>", "a@b,c@d",
		"\"a\"@b", "a@[1.2.3.4]", ".a@b", "a.@b", "a..b@c", "a@b.", "a@.b", "a@-b",
		"a@b-.c", "j\xc3\xb6rg@b.c", "a@b\xc3\xbc.de", "a:b@c", "a;b@c", "a@b_c" };
	char label[80];
	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
		assert_true(ad_text_is_mail_address(good[i]));
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		if (ad_text_is_mail_address(bad[i]))
			fail_msg("'%s' counts as an address", bad[i]);
	assert_false(ad_text_is_mail_address(NULL));
	assert_true(ad_text_is_mail_address(ad_printf(arena, "%064d@b", 1)));
	assert_false(ad_text_is_mail_address(ad_printf(arena, "%065d@b", 1)));
	(void)snprintf(label, sizeof label, "%063d", 1);
	assert_true(ad_text_is_mail_address(ad_printf(arena, "a@%s.%s.%s", label, label, label)));
	assert_false(ad_text_is_mail_address(
		ad_printf(arena, "a@%s.%s.%s.%s", label, label, label, label)));
	ad_arena_free(arena);
}

static void test_a_host_name_has_letters_digits_and_hyphens(void **state)
{
	static const char *const good[] = { "a", "a.b", "A-1.example", "xn--bcher-kva.example" };
	static const char *const bad[] = { "", ".", "a.", ".a", "a..b", "-a", "a-.b", "a_b", "a b",
		"a:1", "a/b", "*.a", "b\xc3\xbc.de" };
	char name[256];
	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
		assert_true(ad_text_is_host_name(good[i]));
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		if (ad_text_is_host_name(bad[i]))
			fail_msg("'%s' counts as a host", bad[i]);
	assert_false(ad_text_is_host_name(NULL));
	for (size_t i = 0; i < sizeof name; i++)
		name[i] = i % 2 ? '.' : 'a';
	name[255] = '\0';
	assert_false(ad_text_is_host_name(name));
	name[253] = '\0';
	assert_true(ad_text_is_host_name(name));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_base64_of_the_rfc_goes_both_ways),
		cmocka_unit_test(test_secrets_in_what_a_peer_said_are_masked_and_nothing_else),
		cmocka_unit_test(test_a_second_spelling_of_the_same_bytes_is_refused),
		cmocka_unit_test(test_utf8_is_strict),
		cmocka_unit_test(test_lengths_are_those_that_teams_counts),
		cmocka_unit_test(test_hidden_characters_are_made_visible),
		cmocka_unit_test(test_numbers_and_hex_are_read_whole),
		cmocka_unit_test(test_a_url_segment_keeps_only_unreserved_characters),
		cmocka_unit_test(test_dates_go_both_ways),
		cmocka_unit_test(test_delays_grow_to_a_limit_and_differ),
		cmocka_unit_test(test_an_address_is_plain_or_none),
		cmocka_unit_test(test_a_host_name_has_letters_digits_and_hyphens),
	};
	return cmocka_run_group_tests_name("base_text", tests, setup, teardown);
}
