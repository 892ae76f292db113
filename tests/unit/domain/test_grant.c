/* SPDX-License-Identifier: Apache-2.0 */
/* When a grant's person is told of its end, and when it ends. */
#include "ad/domain/grant.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#define DAY ((int64_t)86400)

static struct ad_grant_due due(int64_t lasts_s, int64_t left_s, int warned_days)
{
	const struct ad_grant_clock clock = { true, left_s, lasts_s, warned_days };
	return ad_grant_due(&clock);
}

static void assert_due(struct ad_grant_due is, bool end, int warn_days, int64_t later_s)
{
	assert_int_equal(is.end, end);
	assert_int_equal(is.warn_days, warn_days);
	assert_int_equal(is.later_s, later_s);
}

static void a_grant_for_good_has_nothing_to_come(void **state)
{
	(void)state;
	const struct ad_grant_clock clock = { .left_s = -5, .warned_days = AD_GRANT_WARNED_NEVER };
	assert_due(ad_grant_due(&clock), false, 0, 0);
}

static void a_long_grant_is_warned_of_twice_and_ends(void **state)
{
	(void)state;
	const int never = AD_GRANT_WARNED_NEVER;
	assert_due(due(30 * DAY, 30 * DAY, never), false, 0, 16 * DAY);
	assert_due(due(30 * DAY, 14 * DAY, never), false, 14, 13 * DAY);
	assert_due(due(30 * DAY, 13 * DAY, 14), false, 0, 12 * DAY);
	assert_due(due(30 * DAY, DAY, 14), false, 1, DAY);
	assert_due(due(30 * DAY, DAY / 2, 1), false, 0, DAY / 2);
	assert_due(due(30 * DAY, 0, 1), true, 0, 0);
	assert_due(due(30 * DAY, -90 * DAY, never), true, 0, 0);
}

static void a_short_grant_is_warned_of_only_where_there_is_time(void **state)
{
	(void)state;
	const int never = AD_GRANT_WARNED_NEVER;
	assert_due(due(14 * DAY, 14 * DAY, never), false, 0, 13 * DAY);
	assert_due(due(DAY, DAY, never), false, 0, DAY);
	assert_due(due(2 * DAY, DAY, never), false, 1, DAY);
}

static void who_was_not_told_in_time_is_told_once(void **state)
{
	(void)state;
	assert_due(due(30 * DAY, DAY / 2, AD_GRANT_WARNED_NEVER), false, 1, DAY / 2);
}

static void who_lets_it_end_hears_no_more_of_it(void **state)
{
	(void)state;
	assert_due(due(30 * DAY, 13 * DAY, AD_GRANT_WARNED_ENOUGH), false, 0, 13 * DAY);
	assert_due(due(30 * DAY, -1, AD_GRANT_WARNED_ENOUGH), true, 0, 0);
}

static void names_of_states_are_those_of_the_column(void **state)
{
	(void)state;
	static const char *const names[] = { "active", "returned", "revoked", "expired" };
	enum ad_grant_state is;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		assert_int_equal(ad_grant_state_parse(names[i], &is), 0);
		assert_int_equal(is, i);
		assert_string_equal(ad_grant_state_name(is), names[i]);
	}
	assert_int_equal(ad_grant_state_parse("gone", &is), AD_EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_grant_for_good_has_nothing_to_come),
		cmocka_unit_test(a_long_grant_is_warned_of_twice_and_ends),
		cmocka_unit_test(a_short_grant_is_warned_of_only_where_there_is_time),
		cmocka_unit_test(who_was_not_told_in_time_is_told_once),
		cmocka_unit_test(who_lets_it_end_hears_no_more_of_it),
		cmocka_unit_test(names_of_states_are_those_of_the_column),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
