/* SPDX-License-Identifier: Apache-2.0 */
/* Who may decide: each rule alone, and the order in which they speak. */
#include "ad/domain.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

/* A click that decides; each test spoils one thing. */
static struct ad_decide_facts good(void)
{
	return (struct ad_decide_facts){
		.actor_oid = "kim",
		.requester_oid = "ana",
		.beneficiary_oid = "ana",
		.has_right = true,
		.request = AD_REQUEST_PENDING,
		.stage = AD_STAGE_OPEN,
		.version = 3,
		.seen = 3,
		.decision = AD_DECISION_APPROVED,
	};
}

static void a_member_of_the_group_decides(void **state)
{
	(void)state;
	struct ad_decide_facts facts = good();
	assert_int_equal(ad_decide(&facts), AD_DECIDE_DECIDED);
	facts.seen = 0; /* typed: no card, no version */
	assert_int_equal(ad_decide(&facts), AD_DECIDE_DECIDED);
}

static void nobody_decides_for_themselves(void **state)
{
	(void)state;
	struct ad_decide_facts facts = good();
	facts.actor_oid = "ana";
	assert_int_equal(ad_decide(&facts), AD_DECIDE_SELF);
	facts = good();
	facts.beneficiary_oid = "kim";
	assert_int_equal(ad_decide(&facts), AD_DECIDE_SELF);
	/* Self speaks before everything else, so that no other fault hides it from the audit. */
	facts.has_right = false;
	facts.decided = true;
	assert_int_equal(ad_decide(&facts), AD_DECIDE_SELF);
}

static void only_live_members_decide(void **state)
{
	(void)state;
	struct ad_decide_facts facts = good();
	facts.has_right = false;
	assert_int_equal(ad_decide(&facts), AD_DECIDE_NOT_APPROVER);
	facts.decided = true; /* without the right nothing is told about the request */
	assert_int_equal(ad_decide(&facts), AD_DECIDE_NOT_APPROVER);
}

static void an_unknown_actor_is_no_approver(void **state)
{
	(void)state;
	struct ad_decide_facts facts = good();
	facts.actor_oid = "";
	assert_int_equal(ad_decide(&facts), AD_DECIDE_NOT_APPROVER);
	facts.actor_oid = NULL;
	facts.requester_oid = NULL; /* two unknown people are not the same person */
	assert_int_equal(ad_decide(&facts), AD_DECIDE_NOT_APPROVER);
}

static void a_late_click_hears_who_decided(void **state)
{
	(void)state;
	struct ad_decide_facts facts = good();
	facts.decided = true;
	facts.request = AD_REQUEST_FULFILLING;
	facts.stage = AD_STAGE_APPROVED;
	facts.seen = 1;
	assert_int_equal(ad_decide(&facts), AD_DECIDE_ALREADY);
}

static void a_withdrawn_request_cannot_be_decided(void **state)
{
	(void)state;
	struct ad_decide_facts facts = good();
	facts.request = AD_REQUEST_CANCELLED;
	assert_int_equal(ad_decide(&facts), AD_DECIDE_CLOSED);
	facts = good();
	facts.stage = AD_STAGE_CLOSED;
	assert_int_equal(ad_decide(&facts), AD_DECIDE_CLOSED);
}

static void an_older_card_does_not_decide(void **state)
{
	(void)state;
	struct ad_decide_facts facts = good();
	facts.seen = 2;
	assert_int_equal(ad_decide(&facts), AD_DECIDE_STALE);
}

static void a_rejection_says_why(void **state)
{
	(void)state;
	struct ad_decide_facts facts = good();
	facts.decision = AD_DECISION_REJECTED;
	assert_int_equal(ad_decide(&facts), AD_DECIDE_NEEDS_REASON);
	facts.has_reason = true;
	assert_int_equal(ad_decide(&facts), AD_DECIDE_DECIDED);
}

static void every_name_is_stable(void **state)
{
	(void)state;
	static const char *const names[] = { "decided", "self", "not_approver", "already", "voted",
		"closed", "stale", "frozen", "conflict", "wider", "needs_reason" };
	for (int i = AD_DECIDE_DECIDED; i <= AD_DECIDE_NEEDS_REASON; i++)
		assert_string_equal(ad_decide_outcome_name((enum ad_decide_outcome)i), names[i]);
	enum ad_decision back;
	assert_int_equal(ad_decision_parse(ad_decision_name(AD_DECISION_REJECTED), &back), 0);
	assert_int_equal(back, AD_DECISION_REJECTED);
	assert_int_equal(ad_decision_parse(ad_decision_name(AD_DECISION_APPROVED), &back), 0);
	assert_int_equal(back, AD_DECISION_APPROVED);
	assert_int_equal(ad_decision_parse("maybe", &back), AD_EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_member_of_the_group_decides),
		cmocka_unit_test(nobody_decides_for_themselves),
		cmocka_unit_test(only_live_members_decide),
		cmocka_unit_test(an_unknown_actor_is_no_approver),
		cmocka_unit_test(a_late_click_hears_who_decided),
		cmocka_unit_test(a_withdrawn_request_cannot_be_decided),
		cmocka_unit_test(an_older_card_does_not_decide),
		cmocka_unit_test(a_rejection_says_why),
		cmocka_unit_test(every_name_is_stable),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
