/* SPDX-License-Identifier: Apache-2.0 */
/* What may be written into a form. */
#include "ad/domain.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

static const struct ad_input_rule required = { .required = true, .max_chars = 5 };
static const struct ad_input_rule optional = { .max_chars = 5 };
static const char *const colours[] = { "red", "blue" };
static const struct ad_input_rule choice = {
	.required = true, .max_chars = 5, .choices = colours, .choice_count = 2
};

static void a_required_input_needs_more_than_space(void **state)
{
	(void)state;
	assert_int_equal(ad_input_check(&required, "why"), AD_INPUT_OK);
	assert_int_equal(ad_input_check(&required, NULL), AD_INPUT_EMPTY);
	assert_int_equal(ad_input_check(&required, ""), AD_INPUT_EMPTY);
	assert_int_equal(ad_input_check(&required, " \t\r\n"), AD_INPUT_EMPTY);
	assert_int_equal(
		ad_input_check(&required, "\xc2\xa0\xe2\x80\x8b\xe3\x80\x80"), AD_INPUT_EMPTY);
	/* Starts like a space, is another character. */
	assert_int_equal(ad_input_check(&required, "\xc2\xb5"), AD_INPUT_OK);
	assert_int_equal(ad_input_check(&required, "\xe2\x82\xac"), AD_INPUT_OK);
	assert_int_equal(ad_input_check(&required, "\xe2\x80\xa6"), AD_INPUT_OK);
	assert_int_equal(ad_input_check(&required, "\xe3\x81\x82"), AD_INPUT_OK);
	assert_int_equal(ad_input_check(&required, "\xe3\x80\x81"), AD_INPUT_OK);
	assert_int_equal(ad_input_check(&required, "\x01"), AD_INPUT_OK);
	assert_int_equal(ad_input_check(&required, "\xe2\x80"), AD_INPUT_OK); /* cut off */
}

static void an_optional_input_may_be_left_out(void **state)
{
	(void)state;
	assert_int_equal(ad_input_check(&optional, NULL), AD_INPUT_OK);
	assert_int_equal(ad_input_check(&optional, "  "), AD_INPUT_OK);
	assert_int_equal(ad_input_check(&optional, "123456"), AD_INPUT_TOO_LONG);
}

static void length_is_counted_in_code_points(void **state)
{
	(void)state;
	assert_int_equal(ad_input_check(&required, "äöüß€"), AD_INPUT_OK);
	assert_int_equal(ad_input_check(&required, "äöüß€!"), AD_INPUT_TOO_LONG);
}

static void a_choice_is_one_of_the_list(void **state)
{
	(void)state;
	assert_int_equal(ad_input_check(&choice, "blue"), AD_INPUT_OK);
	assert_int_equal(ad_input_check(&choice, "Blue"), AD_INPUT_NOT_LISTED);
	assert_int_equal(ad_input_check(&choice, ""), AD_INPUT_EMPTY);
}

static void a_date_is_a_day_of_the_calendar(void **state)
{
	(void)state;
	static const struct ad_input_rule date = { .max_chars = 20, .is_date = true };
	static const char *const wrong[] = { "tomorrow", "2026-2-29", "2026-02-29", "2026-13-01",
		"29.11.2026", "2026-11-29 ", "2026-11-2x", "202611-290", "----------" };
	assert_int_equal(ad_input_check(&date, "2026-11-29"), AD_INPUT_OK);
	assert_int_equal(ad_input_check(&date, "2028-02-29"), AD_INPUT_OK);
	assert_int_equal(ad_input_check(&date, ""), AD_INPUT_OK);
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		assert_int_equal(ad_input_check(&date, wrong[i]), AD_INPUT_NOT_A_DATE);
}

static void every_fault_has_a_name(void **state)
{
	(void)state;
	assert_string_equal(ad_input_fault_name(AD_INPUT_OK), "ok");
	assert_string_equal(ad_input_fault_name(AD_INPUT_EMPTY), "empty");
	assert_string_equal(ad_input_fault_name(AD_INPUT_TOO_LONG), "too_long");
	assert_string_equal(ad_input_fault_name(AD_INPUT_NOT_LISTED), "not_listed");
	assert_string_equal(ad_input_fault_name(AD_INPUT_NOT_A_DATE), "not_a_date");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_required_input_needs_more_than_space),
		cmocka_unit_test(an_optional_input_may_be_left_out),
		cmocka_unit_test(length_is_counted_in_code_points),
		cmocka_unit_test(a_choice_is_one_of_the_list),
		cmocka_unit_test(a_date_is_a_day_of_the_calendar),
		cmocka_unit_test(every_fault_has_a_name),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
