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

/* Product E2: standing for a party is deciding for oneself. */
static void nobody_decides_on_behalf_of_a_party(void **state)
{
	(void)state;
	struct ad_decide_facts facts = good();
	facts.on_behalf_of = "lee";
	assert_int_equal(ad_decide(&facts), AD_DECIDE_DECIDED);
	facts.on_behalf_of = "ana";
	assert_int_equal(ad_decide(&facts), AD_DECIDE_SELF);
	facts.beneficiary_oid = "bea";
	facts.on_behalf_of = "bea";
	assert_int_equal(ad_decide(&facts), AD_DECIDE_SELF);
}

static void a_seat_votes_once(void **state)
{
	(void)state;
	struct ad_decide_facts facts = good();
	facts.voted = true;
	assert_int_equal(ad_decide(&facts), AD_DECIDE_VOTED);
	/* The end of the stage is the better news. */
	facts.decided = true;
	assert_int_equal(ad_decide(&facts), AD_DECIDE_ALREADY);
}

/* Product E32. */
static void nothing_is_decided_while_frozen(void **state)
{
	(void)state;
	struct ad_decide_facts facts = good();
	facts.frozen = true;
	assert_int_equal(ad_decide(&facts), AD_DECIDE_FROZEN);
	facts.decision = AD_DECISION_REJECTED;
	assert_int_equal(ad_decide(&facts), AD_DECIDE_FROZEN);
}

/* Product F21: the conflict may have come while the request waited. */
static void what_may_not_stand_beside_each_other_is_not_approved(void **state)
{
	(void)state;
	struct ad_decide_facts facts = good();
	facts.conflict = true;
	assert_int_equal(ad_decide(&facts), AD_DECIDE_CONFLICT);
	facts.decision = AD_DECISION_REJECTED;
	facts.has_reason = true;
	assert_int_equal(ad_decide(&facts), AD_DECIDE_DECIDED);
}

/* Product A5. */
static void an_approval_narrows_and_never_widens(void **state)
{
	(void)state;
	static const struct {
		int wanted, given;
		enum ad_decide_outcome outcome;
	} cases[] = {
		{ 30, 0, AD_DECIDE_DECIDED },  /* as wanted */
		{ 30, 29, AD_DECIDE_DECIDED }, /* shorter */
		{ 30, 30, AD_DECIDE_DECIDED }, { 30, 31, AD_DECIDE_WIDER },
		{ 0, 365, AD_DECIDE_DECIDED }, /* a term where it was wanted for good */
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ad_decide_facts facts = good();
		facts.wanted_days = cases[i].wanted;
		facts.given_days = cases[i].given;
		assert_int_equal(ad_decide(&facts), cases[i].outcome);
	}
}

static void a_request_that_waits_for_its_requester_may_be_decided(void **state)
{
	(void)state;
	struct ad_decide_facts facts = good();
	facts.request = AD_REQUEST_NEEDS_INFO;
	assert_int_equal(ad_decide(&facts), AD_DECIDE_DECIDED);
	facts.stage = AD_STAGE_WAITING;
	assert_int_equal(ad_decide(&facts), AD_DECIDE_CLOSED);
}

/* All faults at once; each is mended in turn, and the next one speaks. */
static void the_order_of_the_checks_is_kept(void **state)
{
	(void)state;
	struct ad_decide_facts facts = {
		.actor_oid = "",
		.requester_oid = "ana",
		.beneficiary_oid = "kim",
		.frozen = true,
		.request = AD_REQUEST_EXPIRED,
		.stage = AD_STAGE_EXPIRED,
		.decided = true,
		.voted = true,
		.version = 3,
		.seen = 2,
		.decision = AD_DECISION_APPROVED,
		.conflict = true,
		.bad_device = true,
		.wanted_days = 1,
		.given_days = 2,
		.unproven = true,
	};
	assert_int_equal(ad_decide(&facts), AD_DECIDE_NOT_APPROVER);
	facts.actor_oid = "kim";
	assert_int_equal(ad_decide(&facts), AD_DECIDE_SELF);
	facts.beneficiary_oid = "ana";
	assert_int_equal(ad_decide(&facts), AD_DECIDE_NOT_APPROVER);
	facts.has_right = true;
	assert_int_equal(ad_decide(&facts), AD_DECIDE_ALREADY);
	facts.decided = false;
	assert_int_equal(ad_decide(&facts), AD_DECIDE_CLOSED);
	facts.request = AD_REQUEST_PENDING;
	assert_int_equal(ad_decide(&facts), AD_DECIDE_CLOSED);
	facts.stage = AD_STAGE_OPEN;
	assert_int_equal(ad_decide(&facts), AD_DECIDE_VOTED);
	facts.voted = false;
	assert_int_equal(ad_decide(&facts), AD_DECIDE_FROZEN);
	facts.frozen = false;
	assert_int_equal(ad_decide(&facts), AD_DECIDE_STALE);
	facts.seen = 3;
	assert_int_equal(ad_decide(&facts), AD_DECIDE_CONFLICT);
	facts.conflict = false;
	assert_int_equal(ad_decide(&facts), AD_DECIDE_WIDER);
	facts.given_days = 1;
	assert_int_equal(ad_decide(&facts), AD_DECIDE_DEVICE);
	facts.bad_device = false;
	assert_int_equal(ad_decide(&facts), AD_DECIDE_SIGN_IN);
	facts.unproven = false;
	assert_int_equal(ad_decide(&facts), AD_DECIDE_DECIDED);
	facts.decision = AD_DECISION_REJECTED;
	assert_int_equal(ad_decide(&facts), AD_DECIDE_NEEDS_REASON);
}

static void a_risk_reaches_those_below_it_and_an_unknown_one_all(void **state)
{
	(void)state;
	static const char *const risks[] = { "low", "medium", "high", "critical" };
	for (size_t i = 0; i < 4; i++)
		for (size_t j = 0; j < 4; j++)
			assert_int_equal(ad_risk_reaches(risks[i], risks[j]), i >= j);
	assert_true(ad_risk_reaches("new", "critical"));
	assert_true(ad_risk_reaches(NULL, "critical"));
}

static void every_name_is_stable(void **state)
{
	(void)state;
	static const char *const names[] = { "decided", "self", "not_approver", "already", "voted",
		"closed", "stale", "frozen", "conflict", "wider", "device", "needs_reason",
		"sign_in" };
	for (int i = AD_DECIDE_DECIDED; i <= AD_DECIDE_SIGN_IN; i++)
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
		cmocka_unit_test(nobody_decides_on_behalf_of_a_party),
		cmocka_unit_test(a_seat_votes_once),
		cmocka_unit_test(nothing_is_decided_while_frozen),
		cmocka_unit_test(what_may_not_stand_beside_each_other_is_not_approved),
		cmocka_unit_test(an_approval_narrows_and_never_widens),
		cmocka_unit_test(a_request_that_waits_for_its_requester_may_be_decided),
		cmocka_unit_test(the_order_of_the_checks_is_kept),
		cmocka_unit_test(a_risk_reaches_those_below_it_and_an_unknown_one_all),
		cmocka_unit_test(every_name_is_stable),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
