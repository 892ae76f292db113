/* SPDX-License-Identifier: Apache-2.0 */
/* Whoever is refused a thousand times fills no disk, and every refusal has a word and a counter. */
#include "ad/clock.h"
#include "ad/log.h"
#include "ad/refusal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#define TRIES 1000u

/* The tries take less than a second, but may fall into two of them. */
static void test_a_flood_of_lines_is_cut_and_what_was_left_out_is_told(void **state)
{
	(void)state;
	struct ad_log_budget budget = { 0 };
	unsigned written = 0;
	unsigned told = 0;
	int64_t begun = ad_clock_mono_ms();
	for (unsigned i = 0; i < TRIES; i++) {
		unsigned suppressed = 0;
		written += ad_log_may(&budget, &suppressed);
		told += suppressed;
	}
	int64_t seconds = (ad_clock_mono_ms() - begun) / 1000 + 2;
	assert_in_range(written, AD_LOG_BUDGET_PER_S, AD_LOG_BUDGET_PER_S * (unsigned)seconds);
	assert_int_equal(written + told + atomic_load(&budget.suppressed), TRIES);
}

static void test_every_refusal_has_a_word_of_its_own(void **state)
{
	(void)state;
	for (int a = 0; a < AD_REFUSALS; a++) {
		const char *word = ad_refusal_name((enum ad_refusal)a);
		assert_non_null(word);
		assert_int_equal(strspn(word, "abcdefghijklmnopqrstuvwxyz_"), strlen(word));
		for (int b = 0; b < a; b++)
			assert_string_not_equal(word, ad_refusal_name((enum ad_refusal)b));
	}
}

static void test_a_refusal_says_why_and_is_counted_once(void **state)
{
	(void)state;
	struct ad_err err = { 0 };
	uint64_t before = ad_refusal_get(AD_REFUSED_TOKEN_TIME);
	assert_int_equal(
		AD_REFUSE(&err, AD_EAUTH, AD_REFUSED_TOKEN_TIME, "%d s too late", 7), AD_EAUTH);
	assert_int_equal(err.refusal, AD_REFUSED_TOKEN_TIME);
	assert_int_equal(err.class, AD_CLASS_CALLER);
	assert_string_equal(err.text, "7 s too late");
	assert_int_equal(ad_refusal_get(AD_REFUSED_TOKEN_TIME), before);
	ad_refusal_count((enum ad_refusal)err.refusal);
	assert_int_equal(ad_refusal_get(AD_REFUSED_TOKEN_TIME), before + 1);
	ad_refusal_count(AD_REFUSED_NONE);
	assert_int_equal(ad_refusal_get(AD_REFUSED_NONE), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_flood_of_lines_is_cut_and_what_was_left_out_is_told),
		cmocka_unit_test(test_every_refusal_has_a_word_of_its_own),
		cmocka_unit_test(test_a_refusal_says_why_and_is_counted_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
