/* SPDX-License-Identifier: Apache-2.0 */
/* The app package: what Teams would refuse is refused before, and the same input makes the same
 * bytes. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "ad/archive/zip.h"
#include "ad/json.h"
#include "ad/text.h"
#include "teams_package.h"

#define APP_ID "00000000-0000-4000-8000-0000000000AB"
#define PAGE "https://www.example.com/help?for=apps"

static const struct ad_teams_package good = {
	.app_id = APP_ID,
	.host = "AppDesk.example.com",
	.version = "1.20.3",
	.organization = "Contoso",
	.website = PAGE,
	.privacy = PAGE,
	.terms = PAGE,
};

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

static struct ad_bytes make(struct ad_arena *arena)
{
	struct ad_bytes bytes;
	struct ad_err err = { 0 };
	if (ad_teams_package_make(arena, &good, &bytes, &err) != 0)
		fail_msg("%s", err.text);
	return bytes;
}

static void test_the_package_holds_manifest_and_icons_at_its_top(void **state)
{
	const struct ad_zip_limits limits = { 10, 1 << 20, 1 << 20 };
	static const char *const names[] = { "manifest.json", "color.png", "outline.png" };
	struct ad_zip *zip;
	struct ad_bytes text;
	struct ad_json *manifest;
	assert_int_equal(ad_zip_open_bytes(*state, make(*state), &limits, &zip, NULL), 0);
	assert_int_equal(ad_zip_count(zip), 3);
	for (size_t i = 0; i < 3; i++)
		assert_string_equal(ad_zip_at(zip, i)->name, names[i]);
	assert_int_equal(ad_zip_read(*state, zip, ad_zip_at(zip, 0), 1 << 20, &text, NULL), 0);
	assert_int_equal(
		ad_json_parse(*state, (const char *)text.data, text.len, &manifest, NULL), 0);
	assert_string_equal(ad_json_str(manifest, "id"), "00000000-0000-4000-8000-0000000000ab");
	assert_string_equal(ad_json_str(manifest, "version"), "1.20.3");
	assert_string_equal(ad_json_str(manifest, "developer.termsOfUseUrl"), PAGE);
	assert_string_equal(ad_json_text(ad_json_first(ad_json_get(manifest, "validDomains"))),
		"appdesk.example.com");
	assert_null(strstr((const char *)text.data, "${"));
}

static void test_the_same_input_makes_the_same_bytes(void **state)
{
	struct ad_bytes first = make(*state);
	struct ad_bytes second = make(*state);
	assert_int_equal(first.len, second.len);
	assert_memory_equal(first.data, second.data, first.len);
}

static void refused(
	struct ad_arena *arena, const struct ad_teams_package *package, const char *expected)
{
	struct ad_bytes bytes;
	struct ad_err err = { 0 };
	assert_int_equal(ad_teams_package_make(arena, package, &bytes, &err), AD_EINVAL);
	if (!strstr(err.text, expected))
		fail_msg("'%s' does not say '%s'", err.text, expected);
}

static void test_what_teams_would_refuse_is_refused(void **state)
{
	static const char *const ids[] = { "", "11", "{" APP_ID "}", APP_ID "0" };
	static const char *const hosts[] = { "", "localhost", "127.0.0.1", "a.b:443", "https://a.b",
		"*.example.com", "a_b.example.com", "-a.example.com", "a..b", "example.com.", "::1",
		"a.b/c", "münchen.example" };
	static const char *const versions[] = { "", "1", "1.0", "1.0.0.0", "1.0.0-beta", "v1.0.0",
		"01.0.0", "1..0", "1.0.", "1.0. 0", "99999999999.0.0" };
	static const char *const names[] = { "", "a\nb", "\xff",
		"123456789 123456789 123456789 123" };
	static const char *const pages[] = { "", "example.com", "http://example.com/",
		"https://me@example.com/", "https://" };
	struct ad_teams_package bad;
	for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++) {
		bad = good;
		bad.app_id = ids[i];
		refused(*state, &bad, "app id");
	}
	for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++) {
		bad = good;
		bad.host = hosts[i];
		refused(*state, &bad, "host");
	}
	for (size_t i = 0; i < sizeof versions / sizeof versions[0]; i++) {
		bad = good;
		bad.version = versions[i];
		refused(*state, &bad, "version");
	}
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		bad = good;
		bad.organization = names[i];
		refused(*state, &bad, "organization");
	}
	for (size_t i = 0; i < sizeof pages / sizeof pages[0]; i++) {
		bad = good;
		bad.privacy = pages[i];
		refused(*state, &bad, "privacy page");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_the_package_holds_manifest_and_icons_at_its_top, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_the_same_input_makes_the_same_bytes, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_what_teams_would_refuse_is_refused, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
