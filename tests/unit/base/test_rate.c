/* SPDX-License-Identifier: Apache-2.0 */
/* Rate limits: what a key may take at once and over time, and that keys do not pay for each other.
 */
#include "ad/rate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <cmocka.h>

static const struct ad_rate_config ten_a_second = {
	.takes = 10, .period_ms = 1000, .burst = 20, .keys = 64
};

static unsigned taken(struct ad_rate *rate, const char *key, int64_t now_ms, unsigned tries)
{
	unsigned count = 0;
	int wait_s = 0;
	for (unsigned i = 0; i < tries; i++)
		count += ad_rate_take(rate, key, now_ms, &wait_s) == AD_RATE_TAKEN;
	return count;
}

static void test_a_key_has_its_burst_and_then_its_rate(void **state)
{
	(void)state;
	struct ad_rate *rate = ad_rate_new(&ten_a_second);
	assert_int_equal(taken(rate, "a", 5000, 100), 20);
	assert_int_equal(taken(rate, "a", 5099, 100), 0);
	assert_int_equal(taken(rate, "a", 5100, 100), 1);
	assert_int_equal(taken(rate, "a", 6100, 100), 10);
	assert_int_equal(taken(rate, "a", 1000000, 100), 20);
	assert_int_equal(taken(rate, "a", INT64_MAX / 2, 100), 20);
	ad_rate_free(rate);
}

static void test_one_key_does_not_pay_for_another(void **state)
{
	(void)state;
	struct ad_rate *rate = ad_rate_new(&ten_a_second);
	assert_int_equal(taken(rate, "flood", 0, 1000), 20);
	assert_int_equal(taken(rate, "quiet", 0, 1), 1);
	assert_int_equal(taken(rate, "", 0, 1), 1);
	ad_rate_free(rate);
}

static void test_who_is_over_is_told_once_and_how_long_to_wait(void **state)
{
	(void)state;
	const struct ad_rate_config two_a_minute = {
		.takes = 2, .period_ms = 60000, .burst = 2, .keys = 8
	};
	struct ad_rate *rate = ad_rate_new(&two_a_minute);
	int wait_s = -1;
	assert_int_equal(ad_rate_take(rate, "a", 0, &wait_s), AD_RATE_TAKEN);
	assert_int_equal(wait_s, 0);
	assert_int_equal(ad_rate_take(rate, "a", 0, &wait_s), AD_RATE_TAKEN);
	assert_int_equal(ad_rate_take(rate, "a", 10000, &wait_s), AD_RATE_FIRST);
	assert_in_range(wait_s, 20, 21);
	assert_int_equal(ad_rate_take(rate, "a", 10000, &wait_s), AD_RATE_OVER);
	assert_int_equal(ad_rate_take(rate, "a", 10000 + wait_s * 1000, &wait_s), AD_RATE_TAKEN);
	/* whoever goes on at that pace is not told again and again */
	assert_int_equal(ad_rate_take(rate, "a", 31500, &wait_s), AD_RATE_OVER);
	assert_int_equal(ad_rate_take(rate, "a", 100000, &wait_s), AD_RATE_TAKEN);
	assert_int_equal(ad_rate_take(rate, "a", 100000, &wait_s), AD_RATE_TAKEN);
	assert_int_equal(ad_rate_take(rate, "a", 100000, &wait_s), AD_RATE_FIRST);
	ad_rate_free(rate);
}

static void test_a_full_table_forgets_and_never_refuses_a_newcomer(void **state)
{
	(void)state;
	struct ad_rate *rate = ad_rate_new(&ten_a_second);
	char key[16];
	for (int i = 0; i < 10000; i++) {
		(void)snprintf(key, sizeof key, "key %d", i);
		assert_int_equal(taken(rate, key, i, 1), 1);
	}
	ad_rate_free(rate);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_key_has_its_burst_and_then_its_rate),
		cmocka_unit_test(test_one_key_does_not_pay_for_another),
		cmocka_unit_test(test_who_is_over_is_told_once_and_how_long_to_wait),
		cmocka_unit_test(test_a_full_table_forgets_and_never_refuses_a_newcomer),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
