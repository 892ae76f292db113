/* SPDX-License-Identifier: Apache-2.0 */
/* What a person says of an app is told once, and again when it has changed. */
#include "ad/domain/verdict.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static void what_was_said_already_is_no_news(void **state)
{
	(void)state;
	assert_false(ad_verdict_is_news(AD_VERDICT_WORKS, true));
	assert_false(ad_verdict_is_news(AD_VERDICT_BROKEN, false));
}

static void the_first_word_and_a_change_of_it_are_news(void **state)
{
	(void)state;
	assert_true(ad_verdict_is_news(AD_VERDICT_NONE, true));
	assert_true(ad_verdict_is_news(AD_VERDICT_NONE, false));
	assert_true(ad_verdict_is_news(AD_VERDICT_WORKS, false));
	assert_true(ad_verdict_is_news(AD_VERDICT_BROKEN, true));
}

static void what_an_answer_did_not_mend_is_told_again(void **state)
{
	(void)state;
	assert_true(ad_verdict_is_news(AD_VERDICT_ANSWERED, false));
	assert_true(ad_verdict_is_news(AD_VERDICT_ANSWERED, true));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_said_already_is_no_news),
		cmocka_unit_test(the_first_word_and_a_change_of_it_are_news),
		cmocka_unit_test(what_an_answer_did_not_mend_is_told_again),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
