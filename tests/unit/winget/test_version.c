/* SPDX-License-Identifier: Apache-2.0 */
/* The order of versions, as WinGet has it. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdbool.h>
#include <setjmp.h>
#include <cmocka.h>

#include "ad/winget/version.h"

static int sign(int number)
{
	return (number > 0) - (number < 0);
}

static void expect(const char *a, const char *b, int order)
{
	if (sign(ad_winget_version_compare(a, b)) != order ||
		sign(ad_winget_version_compare(b, a)) != -order)
		fail_msg("%s and %s: not %d", a, b, order);
}

static void versions_with_other_spelling_are_the_same(void **state)
{
	static const char *const pairs[][2] = { { "1.0", "1.0.0" }, { "1", "1.0" }, { "1.", "1" },
		{ "1.2.003", "1.2.3" }, { "1.2.03-beta", "1.2.3-beta" }, { "foo1", "bar1" },
		{ "v1.2", "1.2" }, { "Version 1.0", "1.0" }, { " 1.0 ", "1" }, { "1. 2", "1.2" },
		{ "1.0-RC", "1.0-rc" }, { "", "0" }, { "", "0.0.0" }, { "LATEST", "latest" },
		{ "unknown", "Unknown" }, { "alpha", "ALPHA" }, { "1.+2", "1.2" } };
	(void)state;
	for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
		expect(pairs[i][0], pairs[i][1], 0);
}

static void older_versions_are_older(void **state)
{
	static const char *const pairs[][2] = { { "1", "2" }, { "1.9", "1.10" },
		{ "1.0.0", "1.0.1" }, { "1-rc", "1" }, { "1.0-rc", "1.0" },
		{ "22.0.0-rc.1", "22.0.0.1-rc" }, { "v0.0.1", "0.0.2" }, { "1.a2", "1.b1" },
		{ "13.2.0", "13.2.1-bugfix" }, { "0.0.1-beta", "0.0.2-alpha" }, { "alpha", "beta" },
		{ "1-rc10", "1-rc2" }, { "1.0", "Latest" }, { "Unknown", "0" },
		{ "Unknown", "Latest" }, { "< 1.0", "1.0" }, { "1.0", "> 1.0" },
		{ "< 1.0", "> 1.0" }, { "0.9", "< 1.0" }, { "1.0", "1.0.1" }, { "1.a", "1" },
		{ "154.0", "154.0.1" } };
	(void)state;
	for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
		expect(pairs[i][0], pairs[i][1], -1);
}

/* A sign is part of the number, and a minus wraps around 2^64; in front of the whole it is cut like
 * any other prefix. */
static void signed_parts_wrap_as_the_client_has_it(void **state)
{
	(void)state;
	expect("-1", "1", 0);
	expect("1.-1", "1.18446744073709551615", 0);
	expect("1.-1", "1.18446744073709551614", 1);
	expect("1.-2", "1.-1", -1);
}

/* A number that does not fit becomes text, and its number 0. */
static void parts_that_do_not_fit_become_text(void **state)
{
	(void)state;
	expect("18446744073709551616", "18446744073709551615", -1);
	expect("1.99999999999999999999", "1.1", -1);
	expect("1.99999999999999999999", "1", -1);
	expect("0018446744073709551615", "18446744073709551615", 0);
}

/* A digit after a dot does not make what is before it a prefix. */
static void only_text_before_the_first_part_is_cut(void **state)
{
	(void)state;
	expect("a.1", "b.1", -1);
	expect("v.1", "1", -1);
	expect("abc", "1", -1);
}

static void unknown_is_known(void **state)
{
	(void)state;
	assert_true(ad_winget_version_is_unknown("Unknown"));
	assert_true(ad_winget_version_is_unknown(" unknown "));
	assert_false(ad_winget_version_is_unknown("1.0"));
	assert_false(ad_winget_version_is_unknown("Latest"));
}

static void an_index_version_is_a_time(void **state)
{
	int64_t time = 0;
	(void)state;
	assert_int_equal(ad_winget_index_time("2022.110.1704.949", &time), 0);
	assert_int_equal(time, 1641830640); /* 2022-01-10 16:04 */
	assert_int_equal(ad_winget_index_time("2024.229.100.0", &time), 0);
	assert_int_equal(time, 1709164800); /* leap day, midnight */
	assert_int_equal(ad_winget_index_time("2026.1231.2459.999", &time), 0);
}

static void an_index_version_that_is_no_time_is_refused(void **state)
{
	static const char *const bad[] = { "", "2022", "2022.110.1704", "2022.110.1704.949.1",
		"2022.110.1704.", "2022..1704.949", "x022.110.1704.949", "2022.110.1704.949 ",
		"2022.230.1704.0", "2022.1301.1704.0", "2022.100.1704.0", "2022.10.1704.0",
		"2022.132.1704.0", "2022.110.4.0", "2022.110.2500.0", "2022.110.1760.0",
		"2022.110.1704.1000", "1999.110.1704.0", "+2022.110.1704.0", "2022.-110.1704.0",
		"999999.110.1704.0" };
	int64_t time = 7;
	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		if (ad_winget_index_time(bad[i], &time) != AD_EINVAL)
			fail_msg("%s was accepted", bad[i]);
	}
	assert_int_equal(time, 7);
}

static void index_versions_have_an_order(void **state)
{
	(void)state;
	assert_true(ad_winget_index_compare("2022.110.1704.949", "2022.1001.100.0") < 0);
	assert_true(ad_winget_index_compare("2023.101.100.0", "2022.1231.2459.999") > 0);
	assert_int_equal(ad_winget_index_compare("2022.110.1704.9", "2022.110.1704.009"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(versions_with_other_spelling_are_the_same),
		cmocka_unit_test(older_versions_are_older),
		cmocka_unit_test(signed_parts_wrap_as_the_client_has_it),
		cmocka_unit_test(parts_that_do_not_fit_become_text),
		cmocka_unit_test(only_text_before_the_first_part_is_cut),
		cmocka_unit_test(unknown_is_known),
		cmocka_unit_test(an_index_version_is_a_time),
		cmocka_unit_test(an_index_version_that_is_no_time_is_refused),
		cmocka_unit_test(index_versions_have_an_order),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
