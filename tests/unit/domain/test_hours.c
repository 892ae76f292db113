/* SPDX-License-Identifier: Apache-2.0 */
/* Deadlines in working hours, reminders, nights. Times are written as day, hour, minute. */
#include "ad/domain/hours.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

/* Days since 1970-01-01, a Thursday. */
enum { THURSDAY = 0, FRIDAY, SATURDAY, SUNDAY, MONDAY, TUESDAY };

static int64_t at(int64_t day, int hour, int minute)
{
	return day * 1440 + hour * 60 + minute;
}

/* Monday to Friday, nine to five. */
static struct ad_hours office(void)
{
	return (struct ad_hours){ .on = true,
		.from_min = 9 * 60,
		.until_min = 17 * 60,
		.days = 0x1f,
		.time_zone = "UTC" };
}

static void without_hours_every_minute_counts(void **state)
{
	(void)state;
	struct ad_hours hours = office();
	hours.on = false;
	assert_int_equal(ad_hours_after(&hours, at(SATURDAY, 3, 0), 90), at(SATURDAY, 4, 30));
}

static void a_deadline_counts_working_time_alone(void **state)
{
	(void)state;
	struct ad_hours hours = office();
	assert_int_equal(ad_hours_after(&hours, at(THURSDAY, 10, 0), 60), at(THURSDAY, 11, 0));
	/* Before opening nothing passes, after closing neither. */
	assert_int_equal(ad_hours_after(&hours, at(THURSDAY, 6, 0), 60), at(THURSDAY, 10, 0));
	assert_int_equal(ad_hours_after(&hours, at(THURSDAY, 16, 30), 60), at(FRIDAY, 9, 30));
	assert_int_equal(ad_hours_after(&hours, at(THURSDAY, 20, 0), 60), at(FRIDAY, 10, 0));
	assert_int_equal(ad_hours_after(&hours, at(THURSDAY, 17, 0), 1), at(FRIDAY, 9, 1));
}

static void a_weekend_passes_without_counting(void **state)
{
	(void)state;
	struct ad_hours hours = office();
	assert_int_equal(ad_hours_after(&hours, at(FRIDAY, 16, 0), 120), at(MONDAY, 10, 0));
	assert_int_equal(ad_hours_after(&hours, at(SATURDAY, 12, 0), 30), at(MONDAY, 9, 30));
	/* Three days of eight hours from Friday noon end on Wednesday at noon. */
	assert_int_equal(
		ad_hours_after(&hours, at(FRIDAY, 12, 0), 3 * 8 * 60), at(TUESDAY + 1, 12, 0));
}

static void an_end_at_closing_time_stays_there(void **state)
{
	(void)state;
	struct ad_hours hours = office();
	assert_int_equal(ad_hours_after(&hours, at(THURSDAY, 9, 0), 8 * 60), at(THURSDAY, 17, 0));
	assert_int_equal(ad_hours_after(&hours, at(SATURDAY, 9, 0), 0), at(SATURDAY, 9, 0));
}

static void times_before_1970_have_weekdays_too(void **state)
{
	(void)state;
	struct ad_hours hours = office();
	/* The day before that Thursday is a Wednesday, four days before it a Sunday. */
	assert_int_equal(ad_hours_after(&hours, at(-1, 10, 0), 30), at(-1, 10, 30));
	assert_int_equal(ad_hours_after(&hours, at(-4, 10, 0), 30), at(-3, 9, 30));
}

static void hours_that_never_come_do_not_wait_for_ever(void **state)
{
	(void)state;
	struct ad_hours hours = office();
	hours.days = 0;
	assert_int_equal(ad_hours_after(&hours, at(THURSDAY, 1, 0), 60), at(THURSDAY, 2, 0));
	hours = office();
	hours.until_min = hours.from_min;
	assert_int_equal(ad_hours_after(&hours, at(THURSDAY, 1, 0), 60), at(THURSDAY, 2, 0));
}

static void reminders_get_rarer_and_end(void **state)
{
	(void)state;
	static const int64_t days[] = { 1, 2, 4, 8, 16 };
	for (int sent = 0; sent < AD_REMINDERS_MAX; sent++)
		assert_int_equal(ad_reminder_after(sent), days[sent] * 1440);
	assert_int_equal(ad_reminder_after(AD_REMINDERS_MAX), -1);
	assert_int_equal(ad_reminder_after(-1), -1);
}

static void nobody_is_reminded_at_night(void **state)
{
	(void)state;
	assert_int_equal(ad_not_at_night(at(FRIDAY, 7, 0)), at(FRIDAY, 7, 0));
	assert_int_equal(ad_not_at_night(at(FRIDAY, 19, 59)), at(FRIDAY, 19, 59));
	assert_int_equal(ad_not_at_night(at(FRIDAY, 20, 0)), at(SATURDAY, 7, 0));
	assert_int_equal(ad_not_at_night(at(FRIDAY, 23, 59)), at(SATURDAY, 7, 0));
	assert_int_equal(ad_not_at_night(at(FRIDAY, 0, 0)), at(FRIDAY, 7, 0));
	assert_int_equal(ad_not_at_night(at(FRIDAY, 6, 59)), at(FRIDAY, 7, 0));
	assert_int_equal(ad_not_at_night(at(-1, 6, 0)), at(-1, 7, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_hours_every_minute_counts),
		cmocka_unit_test(a_deadline_counts_working_time_alone),
		cmocka_unit_test(a_weekend_passes_without_counting),
		cmocka_unit_test(an_end_at_closing_time_stays_there),
		cmocka_unit_test(times_before_1970_have_weekdays_too),
		cmocka_unit_test(hours_that_never_come_do_not_wait_for_ever),
		cmocka_unit_test(reminders_get_rarer_and_end),
		cmocka_unit_test(nobody_is_reminded_at_night),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
