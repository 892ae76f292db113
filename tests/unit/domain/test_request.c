/* SPDX-License-Identifier: Apache-2.0 */
/* States and arrows: each cell of the table, against a list written out by hand. */
#include "ad/domain.h"
#include "ad/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

static const struct {
	enum ad_request_state from, to;
} arrows[] = {
	{ AD_REQUEST_PENDING, AD_REQUEST_NEEDS_INFO },
	{ AD_REQUEST_PENDING, AD_REQUEST_APPROVED },
	{ AD_REQUEST_PENDING, AD_REQUEST_REJECTED },
	{ AD_REQUEST_PENDING, AD_REQUEST_CANCELLED },
	{ AD_REQUEST_PENDING, AD_REQUEST_EXPIRED },
	{ AD_REQUEST_NEEDS_INFO, AD_REQUEST_PENDING },
	{ AD_REQUEST_NEEDS_INFO, AD_REQUEST_APPROVED },
	{ AD_REQUEST_NEEDS_INFO, AD_REQUEST_REJECTED },
	{ AD_REQUEST_NEEDS_INFO, AD_REQUEST_CANCELLED },
	{ AD_REQUEST_NEEDS_INFO, AD_REQUEST_EXPIRED },
	{ AD_REQUEST_APPROVED, AD_REQUEST_PENDING },
	{ AD_REQUEST_APPROVED, AD_REQUEST_FULFILLING },
	{ AD_REQUEST_APPROVED, AD_REQUEST_DELIVERED },
	{ AD_REQUEST_APPROVED, AD_REQUEST_FAILED },
	{ AD_REQUEST_APPROVED, AD_REQUEST_CANCELLED },
	{ AD_REQUEST_FULFILLING, AD_REQUEST_PENDING },
	{ AD_REQUEST_FULFILLING, AD_REQUEST_DELIVERED },
	{ AD_REQUEST_FULFILLING, AD_REQUEST_FAILED },
	{ AD_REQUEST_FULFILLING, AD_REQUEST_CANCELLED },
	{ AD_REQUEST_REJECTED, AD_REQUEST_PENDING },
	{ AD_REQUEST_DRAFT, AD_REQUEST_PENDING },
	{ AD_REQUEST_DRAFT, AD_REQUEST_APPROVED },
	{ AD_REQUEST_DRAFT, AD_REQUEST_CANCELLED },
};

static bool expected(enum ad_request_state from, enum ad_request_state to)
{
	for (size_t i = 0; i < sizeof(arrows) / sizeof(arrows[0]); i++)
		if (arrows[i].from == from && arrows[i].to == to)
			return true;
	return false;
}

static void only_the_listed_transitions_exist(void **state)
{
	(void)state;
	for (int from = 0; from < AD_REQUEST_STATES; from++)
		for (int to = 0; to < AD_REQUEST_STATES; to++)
			assert_int_equal(ad_request_may_become((enum ad_request_state)from,
						 (enum ad_request_state)to),
				expected((enum ad_request_state)from, (enum ad_request_state)to));
}

static void open_states_are_those_before_an_end(void **state)
{
	(void)state;
	for (int i = 0; i < AD_REQUEST_STATES; i++)
		assert_int_equal(ad_request_open((enum ad_request_state)i),
			i <= AD_REQUEST_FULFILLING || i == AD_REQUEST_DRAFT);
}

static void a_manager_and_an_admin_may_ask_for_somebody_else(void **state)
{
	(void)state;
	assert_true(ad_request_may_ask_for("megan", false, "megan"));
	assert_true(ad_request_may_ask_for("adele", true, "megan"));
	assert_true(ad_request_may_ask_for("adele", true, ""));
	assert_false(ad_request_may_ask_for("adele", false, "megan"));
	assert_false(ad_request_may_ask_for("adele", false, ""));
	assert_false(ad_request_may_ask_for("", false, ""));
	assert_false(ad_request_may_ask_for("adele", false, NULL));
}

static void every_name_reads_back(void **state)
{
	(void)state;
	for (int i = 0; i < AD_REQUEST_STATES; i++) {
		enum ad_request_state back;
		assert_int_equal(ad_request_state_parse(
					 ad_request_state_name((enum ad_request_state)i), &back),
			0);
		assert_int_equal(back, i);
	}
	for (int i = AD_STAGE_OPEN; i <= AD_STAGE_CLOSED; i++) {
		enum ad_stage_state back;
		assert_int_equal(
			ad_stage_state_parse(ad_stage_state_name((enum ad_stage_state)i), &back),
			0);
		assert_int_equal(back, i);
	}
}

static void unknown_names_are_refused(void **state)
{
	(void)state;
	enum ad_request_state request = AD_REQUEST_FAILED;
	enum ad_stage_state stage = AD_STAGE_CLOSED;
	assert_int_equal(ad_request_state_parse("PENDING", &request), AD_EINVAL);
	assert_int_equal(ad_request_state_parse(NULL, &request), AD_EINVAL);
	assert_int_equal(ad_stage_state_parse("", &stage), AD_EINVAL);
	assert_int_equal(request, AD_REQUEST_FAILED);
	assert_int_equal(stage, AD_STAGE_CLOSED);
}

static void a_jobs_news_moves_only_requests_that_wait_for_it(void **state)
{
	(void)state;
	static const struct {
		enum ad_request_state from;
		enum ad_fulfilment event;
		enum ad_request_state to;
	} cases[] = {
		{ AD_REQUEST_APPROVED, AD_FULFILMENT_STARTED, AD_REQUEST_FULFILLING },
		{ AD_REQUEST_FULFILLING, AD_FULFILMENT_STARTED, AD_REQUEST_FULFILLING },
		{ AD_REQUEST_FULFILLING, AD_FULFILMENT_STALLED, AD_REQUEST_FULFILLING },
		{ AD_REQUEST_APPROVED, AD_FULFILMENT_DELIVERED, AD_REQUEST_DELIVERED },
		{ AD_REQUEST_FULFILLING, AD_FULFILMENT_DELIVERED, AD_REQUEST_DELIVERED },
		{ AD_REQUEST_FULFILLING, AD_FULFILMENT_GIVEN_UP, AD_REQUEST_FAILED },
		{ AD_REQUEST_PENDING, AD_FULFILMENT_DELIVERED, AD_REQUEST_PENDING },
		{ AD_REQUEST_CANCELLED, AD_FULFILMENT_DELIVERED, AD_REQUEST_CANCELLED },
		{ AD_REQUEST_DELIVERED, AD_FULFILMENT_GIVEN_UP, AD_REQUEST_DELIVERED },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(ad_request_after(cases[i].from, cases[i].event), cases[i].to);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_the_listed_transitions_exist),
		cmocka_unit_test(open_states_are_those_before_an_end),
		cmocka_unit_test(a_manager_and_an_admin_may_ask_for_somebody_else),
		cmocka_unit_test(every_name_reads_back),
		cmocka_unit_test(unknown_names_are_refused),
		cmocka_unit_test(a_jobs_news_moves_only_requests_that_wait_for_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
