/* SPDX-License-Identifier: Apache-2.0 */
/* What counts as laxer, and therefore wants a second admin. */
#include "ad/domain/policy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

static const struct ad_asked manager = { AD_ASKED_MANAGER, "" };
static const struct ad_asked security = { AD_ASKED_GROUP, "g-security" };
static const struct ad_asked owner = { AD_ASKED_APP_OWNER, "" };

/* Two stages, the manager and then two of a group, for at most 90 days. */
static struct ad_stage_rule stages[3];
static struct ad_policy strict(void)
{
	stages[0] = (struct ad_stage_rule){ .ask = manager, .need = 1, .reject_ends = true };
	stages[1] = (struct ad_stage_rule){ .ask = security,
		.need = 2,
		.reject_ends = true,
		.timeout_min = 60,
		.alternates = &owner,
		.alternate_count = 1 };
	stages[2] = (struct ad_stage_rule){ 0 };
	return (struct ad_policy){
		.name = "p", .stages = stages, .stage_count = 2, .grant_max_days = 90
	};
}

/* A copy to be changed. */
static struct ad_stage_rule changed[3];
static struct ad_policy copy(const struct ad_policy *policy)
{
	struct ad_policy ret = *policy;
	for (size_t i = 0; i < 3; i++)
		changed[i] = stages[i];
	ret.stages = changed;
	return ret;
}

static void the_same_is_not_laxer(void **state)
{
	(void)state;
	struct ad_policy before = strict();
	struct ad_policy after = copy(&before);
	assert_int_equal(ad_policy_weakens(&before, &after), 0);
	assert_int_equal(ad_policy_weakens(ad_policy_built_in(), ad_policy_built_in()), 0);
}

static void a_stage_that_goes_is_laxer_and_one_that_comes_is_not(void **state)
{
	(void)state;
	struct ad_policy two = strict();
	struct ad_policy one = copy(&two);
	one.stage_count = 1;
	assert_int_equal(ad_policy_weakens(&two, &one), AD_WEAKER_STAGE_GONE);
	assert_int_equal(ad_policy_weakens(&one, &two), 0);
	/* Also in front of the others. */
	struct ad_policy late = copy(&two);
	late.stages = changed + 1;
	late.stage_count = 1;
	assert_int_equal(ad_policy_weakens(&late, &two), 0);
	assert_int_equal(ad_policy_weakens(&two, &late), AD_WEAKER_STAGE_GONE);
	late.stage_count = 0;
	assert_int_equal(ad_policy_weakens(&two, &late), AD_WEAKER_STAGE_GONE);
}

static void other_people_or_another_order_need_a_second_look(void **state)
{
	(void)state;
	struct ad_policy before = strict();
	struct ad_policy after = copy(&before);
	changed[1].ask = (struct ad_asked){ AD_ASKED_GROUP, "g-friends" };
	assert_int_equal(ad_policy_weakens(&before, &after), AD_WEAKER_ASKED_OTHERS);
	after = copy(&before);
	changed[1].ask = (struct ad_asked){ AD_ASKED_GROUP, "G-SECURITY" };
	assert_int_equal(ad_policy_weakens(&before, &after), 0);
	after = copy(&before);
	changed[0] = stages[1];
	changed[1] = stages[0];
	assert_int_equal(ad_policy_weakens(&before, &after), AD_WEAKER_ASKED_OTHERS);
	/* Extensions that the owner decides alone. */
	after = copy(&before);
	after.ask_owner = true;
	assert_int_equal(ad_policy_weakens(&before, &after), AD_WEAKER_ASKED_OTHERS);
	assert_int_equal(ad_policy_weakens(&after, &before), 0);
	assert_int_equal(ad_policy_weakens(&after, &after), 0);
}

static void other_alternates_need_a_second_look_and_fewer_do_not(void **state)
{
	(void)state;
	static const struct ad_asked admins = { AD_ASKED_ADMINS, "" };
	const struct ad_asked both[] = { admins, owner };
	struct ad_policy before = strict();
	struct ad_policy after = copy(&before);
	changed[1].alternates = &admins;
	assert_int_equal(ad_policy_weakens(&before, &after), AD_WEAKER_ASKED_OTHERS);
	changed[1].alternates = both;
	changed[1].alternate_count = 2;
	assert_int_equal(ad_policy_weakens(&before, &after), AD_WEAKER_ASKED_OTHERS);
	assert_int_equal(ad_policy_weakens(&after, &before), 0);
	changed[1].alternate_count = 0;
	assert_int_equal(ad_policy_weakens(&before, &after), 0);
}

static void fewer_approvals_are_laxer(void **state)
{
	(void)state;
	struct ad_policy before = strict();
	struct ad_policy after = copy(&before);
	changed[1].need = 1;
	assert_int_equal(ad_policy_weakens(&before, &after), AD_WEAKER_FEWER_NEEDED);
	changed[1].need = 3;
	assert_int_equal(ad_policy_weakens(&before, &after), 0);
	/* 0 is everybody. */
	changed[1].need = 0;
	assert_int_equal(ad_policy_weakens(&before, &after), 0);
	assert_int_equal(ad_policy_weakens(&after, &before), AD_WEAKER_FEWER_NEEDED);
	assert_int_equal(ad_policy_weakens(&after, &after), 0);
}

static void a_rejection_that_does_not_end_it_is_laxer(void **state)
{
	(void)state;
	struct ad_policy before = strict();
	struct ad_policy after = copy(&before);
	changed[1].reject_ends = false;
	assert_int_equal(ad_policy_weakens(&before, &after), AD_WEAKER_REJECTION);
	assert_int_equal(ad_policy_weakens(&after, &before), 0);
}

static void silence_that_approves_is_laxer(void **state)
{
	(void)state;
	struct ad_policy before = strict();
	struct ad_policy after = copy(&before);
	changed[1].on_timeout = AD_TIMEOUT_APPROVE;
	assert_int_equal(ad_policy_weakens(&before, &after), AD_WEAKER_TIMEOUT_APPROVES);
	assert_int_equal(ad_policy_weakens(&after, &before), 0);
	/* Sooner is laxer, later is not. */
	struct ad_policy approves = after;
	struct ad_stage_rule sooner[2] = { changed[0], changed[1] };
	after.stages = sooner;
	assert_int_equal(ad_policy_weakens(&approves, &after), 0);
	sooner[1].timeout_min = 59;
	assert_int_equal(ad_policy_weakens(&approves, &after), AD_WEAKER_TIMEOUT_APPROVES);
	sooner[1].timeout_min = 60;
	sooner[1].alternate_count = 0;
	assert_int_equal(ad_policy_weakens(&approves, &after), AD_WEAKER_TIMEOUT_APPROVES);
	/* Without a deadline silence never does anything. */
	sooner[1].timeout_min = 0;
	assert_int_equal(ad_policy_weakens(&before, &after), 0);
	assert_int_equal(ad_policy_weakens(&after, &approves),
		AD_WEAKER_TIMEOUT_APPROVES | AD_WEAKER_ASKED_OTHERS);
}

static void approving_without_asking_is_laxer(void **state)
{
	(void)state;
	struct ad_policy before = strict();
	struct ad_policy after = copy(&before);
	after.automatic = (struct ad_auto_rule){ true, 3, 30 };
	assert_int_equal(ad_policy_weakens(&before, &after), AD_WEAKER_AUTOMATIC);
	assert_int_equal(ad_policy_weakens(&after, &before), 0);
	before.automatic = after.automatic;
	assert_int_equal(ad_policy_weakens(&before, &after), 0);
	after.automatic.max = 4;
	assert_int_equal(ad_policy_weakens(&before, &after), AD_WEAKER_AUTOMATIC);
	after.automatic = (struct ad_auto_rule){ true, 3, 29 };
	assert_int_equal(ad_policy_weakens(&before, &after), AD_WEAKER_AUTOMATIC);
	after.automatic = (struct ad_auto_rule){ true, 2, 31 };
	assert_int_equal(ad_policy_weakens(&before, &after), 0);
}

static void longer_grants_are_laxer(void **state)
{
	(void)state;
	struct ad_policy before = strict();
	struct ad_policy after = copy(&before);
	after.grant_max_days = 91;
	assert_int_equal(ad_policy_weakens(&before, &after), AD_WEAKER_LONGER);
	after.grant_max_days = 89;
	assert_int_equal(ad_policy_weakens(&before, &after), 0);
	after.grant_max_days = 0;
	assert_int_equal(ad_policy_weakens(&before, &after), AD_WEAKER_LONGER);
	assert_int_equal(ad_policy_weakens(&after, &before), 0);
}

static void a_refusal_that_goes_is_laxer_and_one_that_comes_never_is(void **state)
{
	(void)state;
	struct ad_policy open = strict();
	struct ad_policy refuses = copy(&open);
	refuses.refusal = "Not here.";
	refuses.stage_count = 0;
	assert_int_equal(ad_policy_weakens(&refuses, &open), AD_WEAKER_REFUSAL_GONE);
	assert_int_equal(ad_policy_weakens(&open, &refuses), 0);
	assert_int_equal(ad_policy_weakens(&refuses, &refuses), 0);
}

static void letting_guests_in_is_laxer(void **state)
{
	(void)state;
	struct ad_policy before = strict();
	struct ad_policy after = copy(&before);
	after.match.guests = true;
	assert_int_equal(ad_policy_weakens(&before, &after), AD_WEAKER_GUESTS);
	assert_int_equal(ad_policy_weakens(&after, &before), 0);
	assert_int_equal(ad_policy_weakens(&after, &after), 0);
}

static void several_things_are_named_together(void **state)
{
	(void)state;
	struct ad_policy before = strict();
	struct ad_policy after = copy(&before);
	after.stage_count = 0;
	after.automatic = (struct ad_auto_rule){ true, 1, 1 };
	after.grant_max_days = 0;
	assert_int_equal(ad_policy_weakens(&before, &after),
		AD_WEAKER_STAGE_GONE | AD_WEAKER_AUTOMATIC | AD_WEAKER_LONGER);
}

static void a_birthright_is_laxer_and_so_is_a_longer_grace(void **state)
{
	(void)state;
	struct ad_policy before = strict();
	struct ad_policy after = copy(&before);
	after.birthright = (struct ad_birthright_rule){ .on = true, .grace_days = 14 };
	assert_int_equal(ad_policy_weakens(&before, &after), AD_WEAKER_BIRTHRIGHT);
	assert_int_equal(ad_policy_weakens(&after, &before), 0);
	before = after;
	assert_int_equal(ad_policy_weakens(&before, &after), 0);
	after.birthright.grace_days = 15;
	assert_int_equal(ad_policy_weakens(&before, &after), AD_WEAKER_LONGER);
	after.birthright.grace_days = 0;
	assert_int_equal(ad_policy_weakens(&before, &after), 0);
}

static void a_demand_for_a_compliant_device_that_goes_is_laxer(void **state)
{
	(void)state;
	struct ad_policy before = strict();
	struct ad_policy after = copy(&before);
	before.require_compliant_device = true;
	assert_int_equal(ad_policy_weakens(&before, &after), AD_WEAKER_DEVICE);
	assert_int_equal(ad_policy_weakens(&after, &before), 0);
	/* What is said to people does not matter. */
	after.require_compliant_device = true;
	after.device_refusal = "Call 4711.";
	assert_int_equal(ad_policy_weakens(&before, &after), 0);
	/* Also for who comes under the rule without policies. */
	assert_true(ad_policy_weakens(&before, ad_policy_built_in()) & AD_WEAKER_DEVICE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_is_not_laxer),
		cmocka_unit_test(a_stage_that_goes_is_laxer_and_one_that_comes_is_not),
		cmocka_unit_test(other_people_or_another_order_need_a_second_look),
		cmocka_unit_test(other_alternates_need_a_second_look_and_fewer_do_not),
		cmocka_unit_test(fewer_approvals_are_laxer),
		cmocka_unit_test(a_rejection_that_does_not_end_it_is_laxer),
		cmocka_unit_test(silence_that_approves_is_laxer),
		cmocka_unit_test(approving_without_asking_is_laxer),
		cmocka_unit_test(longer_grants_are_laxer),
		cmocka_unit_test(a_refusal_that_goes_is_laxer_and_one_that_comes_never_is),
		cmocka_unit_test(letting_guests_in_is_laxer),
		cmocka_unit_test(a_birthright_is_laxer_and_so_is_a_longer_grace),
		cmocka_unit_test(a_demand_for_a_compliant_device_that_goes_is_laxer),
		cmocka_unit_test(several_things_are_named_together),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
