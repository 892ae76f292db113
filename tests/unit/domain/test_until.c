/* SPDX-License-Identifier: Apache-2.0 */
/* Days as people write them. */
#include "ad/domain/until.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static int64_t day_of(int year, int month, int day)
{
	int64_t ret = -1;
	assert_int_equal(ad_date_day(&(struct ad_date){ year, month, day }, &ret), 0);
	return ret;
}

static void every_day_of_a_century_and_a_half_is_itself(void **state)
{
	(void)state;
	assert_int_equal(day_of(1970, 1, 1), 0);
	assert_int_equal(day_of(2026, 11, 28), 20785);
	struct ad_date before = { 1969, 12, 31 };
	for (int64_t day = 0; day < 55000; day++) {
		struct ad_date date = ad_date_of(day);
		int64_t back = -1;
		assert_int_equal(ad_date_day(&date, &back), 0);
		assert_int_equal(back, day);
		assert_true(date.year > before.year || date.month > before.month ||
			    date.day == before.day + 1);
		before = date;
	}
}

static void a_day_that_the_calendar_lacks_is_none(void **state)
{
	(void)state;
	static const struct ad_date none[] = { { 2026, 2, 29 }, { 2026, 6, 31 }, { 2100, 2, 29 },
		{ 2026, 0, 1 }, { 2026, 13, 1 }, { 2026, 1, 0 }, { 2026, 1, 32 }, { 1969, 1, 1 },
		{ 10000, 1, 1 } };
	int64_t day = 0;
	for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
		assert_int_equal(ad_date_day(&none[i], &day), AD_EINVAL);
	assert_int_equal(day_of(2028, 2, 29), day_of(2028, 3, 1) - 1);
	assert_int_equal(day_of(2000, 2, 29), day_of(2000, 3, 1) - 1);
}

static void days_are_read_as_people_write_them(void **state)
{
	(void)state;
	const int64_t saturday = day_of(2026, 11, 28);
	const struct {
		const char *text;
		int64_t day;
	} cases[] = {
		{ "today", saturday },
		{ "Tomorrow", saturday + 1 },
		{ "sunday", saturday + 1 },
		{ "fri", saturday + 6 },
		{ "Friday", saturday + 6 },
		{ "saturday", saturday + 7 }, /* the next one */
		{ "2026-12-04", day_of(2026, 12, 4) },
		{ "2026-11-01", day_of(2026, 11, 1) }, /* the past is the caller's to judge */
		{ "4.12.", day_of(2026, 12, 4) },
		{ "04.12.2026", day_of(2026, 12, 4) },
		{ "1.2.", day_of(2027, 2, 1) },
		{ "29.2.", day_of(2028, 2, 29) },
		{ "10 days", saturday + 10 },
		{ "1 day", saturday + 1 },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		int64_t day = -1;
		assert_int_equal(ad_until_parse(cases[i].text, saturday, &day), 0);
		assert_int_equal(day, cases[i].day);
	}
}

static void what_is_no_day_is_refused(void **state)
{
	(void)state;
	static const char *const cases[] = { "", "soon", "f", "fr", "frida", "fridayish",
		"2026-02-30", "2026-12-04x", "4.13.", "4.12", "4.12.26", "4.12.x", "4.12.2026x",
		"31.6.", "0 days", "days", "5 weeks", "99999 days", "-3 days",
		"friday of the week after the next one, or so" };
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		int64_t day = -1;
		assert_int_equal(ad_until_parse(cases[i], 20785, &day), AD_EINVAL);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_day_of_a_century_and_a_half_is_itself),
		cmocka_unit_test(a_day_that_the_calendar_lacks_is_none),
		cmocka_unit_test(days_are_read_as_people_write_them),
		cmocka_unit_test(what_is_no_day_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
