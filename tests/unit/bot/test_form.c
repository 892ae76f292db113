/* SPDX-License-Identifier: Apache-2.0 */
/* The form of a page: what a browser sends is read, anything else is refused. */
#include "link.h"

#include "ad/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static void what_browsers_send_is_read(void **state)
{
	(void)state;
	static const struct {
		const char *body;
		const char *reason; /* NULL: not there */
	} cases[] = {
		{ "", NULL },
		{ "reason=", "" },
		{ "reason", "" },
		{ "reason=not+now", "not now" },
		{ "reason=a%0D%0Ab%0Ac", "a\nb\nc" },
		{ "reason=%0Aa%0D%0D%0Ab%0D", "\na\n\nb\n" },
		{ "a=1&reason=50%25%2B%26%3D&b=2", "50%+&=" },
		{ "re%61son=%C3%A4%e2%82%ac", "\xC3\xA4\xE2\x82\xAC" },
		{ "&&reason=x&", "x" },
		{ "other=1&Reason=2", NULL },
		{ "reason=a=b", "a=b" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct ad_arena *arena = ad_arena_new();
		struct ad_err err = { 0 };
		const char *reason = "untouched";
		const char *body = cases[i].body;
		assert_int_equal(
			ad_form_field(arena, body, strlen(body), "reason", &reason, &err), 0);
		if (cases[i].reason)
			assert_string_equal(reason, cases[i].reason);
		else
			assert_null(reason);
		ad_arena_free(arena);
	}
}

static void what_no_browser_sends_is_refused(void **state)
{
	(void)state;
	static const char *const cases[] = { "reason=%", "reason=%4", "reason=%zz", "reason=a%00b",
		"reason=%ff", "reason=%ed%a0%80", "reason=a&reason=b", "%=1", "other=%fe&reason=x",
		"reason=%4&x=1" };
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct ad_arena *arena = ad_arena_new();
		struct ad_err err = { 0 };
		const char *reason = NULL;
		assert_int_equal(
			ad_form_field(arena, cases[i], strlen(cases[i]), "reason", &reason, &err),
			AD_EINVAL);
		assert_null(reason);
		ad_arena_free(arena);
	}
}

static void a_body_ends_where_its_length_says(void **state)
{
	(void)state;
	struct ad_arena *arena = ad_arena_new();
	struct ad_err err = { 0 };
	const char *reason = NULL;
	assert_int_equal(ad_form_field(arena, "reason=abc%41", 10, "reason", &reason, &err), 0);
	assert_string_equal(reason, "abc");
	assert_int_equal(
		ad_form_field(arena, "reason=abc%41", 12, "reason", &reason, &err), AD_EINVAL);
	assert_int_equal(
		ad_form_field(arena, "reason=a\0b", 10, "reason", &reason, &err), AD_EINVAL);
	ad_arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_browsers_send_is_read),
		cmocka_unit_test(what_no_browser_sends_is_refused),
		cmocka_unit_test(a_body_ends_where_its_length_says),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
