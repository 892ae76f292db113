/* SPDX-License-Identifier: Apache-2.0 */
/* How many may leave or move at once. */
#include "ad/domain/brake.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static const struct ad_brake_limits usual = { .people = 50, .percent = 20 };

static void a_number_is_too_many_however_large_the_organisation(void **state)
{
	(void)state;
	assert_false(ad_brake_holds(&usual, 50, 1000000));
	assert_true(ad_brake_holds(&usual, 51, 1000000));
}

static void a_share_is_too_many_however_small_the_organisation(void **state)
{
	(void)state;
	assert_false(ad_brake_holds(&usual, 20, 100));
	assert_true(ad_brake_holds(&usual, 21, 100));
	assert_true(ad_brake_holds(&usual, AD_BRAKE_LEAST, AD_BRAKE_LEAST));
}

static void a_few_are_never_too_many(void **state)
{
	(void)state;
	assert_false(ad_brake_holds(&usual, AD_BRAKE_LEAST - 1, AD_BRAKE_LEAST - 1));
	assert_false(ad_brake_holds(&usual, 0, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_number_is_too_many_however_large_the_organisation),
		cmocka_unit_test(a_share_is_too_many_however_small_the_organisation),
		cmocka_unit_test(a_few_are_never_too_many),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
