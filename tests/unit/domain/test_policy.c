/* SPDX-License-Identifier: Apache-2.0 */
/* For whom a policy counts, which one does, and what it grants. */
#include "ad/domain/policy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
/* A list and its length: ANY(package, "7zip.*"). */
#define ANY(field, ...)                              \
	.field##s = (const char *[]){ __VA_ARGS__ }, \
	.field##_count = sizeof((const char *[]){ __VA_ARGS__ }) / sizeof(const char *)

static const char *const groups_of_ana[] = { "g-all", "g-design" };

/* Ana, of the department Design, asks for 7-Zip. */
static struct ad_policy_subject ana(void)
{
	return (struct ad_policy_subject){
		.package = "7zip.7zip",
		.classification = "low",
		.department = "Design",
		.title = "Illustrator",
		.groups = groups_of_ana,
		.group_count = COUNT(groups_of_ana),
	};
}

static bool matches(struct ad_policy_match match, struct ad_policy_subject subject)
{
	struct ad_policy policy = { .name = "p", .match = match };
	return ad_policy_matches(&policy, &subject);
}

static void a_policy_that_asks_for_nothing_counts_for_everybody(void **state)
{
	(void)state;
	assert_true(matches((struct ad_policy_match){ 0 }, ana()));
	assert_true(matches((struct ad_policy_match){ 0 },
		(struct ad_policy_subject){ .package = "x", .classification = "low" }));
}

static void packages_match_by_name_or_beginning_whatever_the_case(void **state)
{
	(void)state;
	assert_true(
		matches((struct ad_policy_match){ ANY(package, "Other.App", "7ZIP.7zip") }, ana()));
	assert_true(matches((struct ad_policy_match){ ANY(package, "7zip.*") }, ana()));
	assert_true(matches((struct ad_policy_match){ ANY(package, "*") }, ana()));
	assert_false(matches((struct ad_policy_match){ ANY(package, "7zip") }, ana()));
	assert_false(matches((struct ad_policy_match){ ANY(package, "7zip.7zip.Beta") }, ana()));
	assert_false(matches((struct ad_policy_match){ ANY(package, "Contoso.*") }, ana()));
	assert_true(ad_package_matches("az[", "AZ["));
	assert_false(ad_package_matches("@", "`"));
}

static void an_attribute_that_is_not_known_never_holds(void **state)
{
	(void)state;
	struct ad_policy_match design = { ANY(department, "Sales", "design") };
	assert_true(matches(design, ana()));
	struct ad_policy_subject unknown = ana();
	unknown.department = "";
	assert_false(matches(design, unknown));
	unknown.department = NULL;
	assert_false(matches(design, unknown));
	/* Not even where a list names the empty text. */
	struct ad_policy_match empty = { ANY(department, "") };
	unknown.department = "";
	assert_false(matches(empty, unknown));
	struct ad_policy_match drawing = { ANY(title, "illustrator") };
	assert_true(matches(drawing, ana()));
	unknown = ana();
	unknown.title = NULL;
	assert_false(matches(drawing, unknown));
	struct ad_policy_match high = { ANY(classification, "high", "critical") };
	assert_false(matches(high, ana()));
	unknown = ana();
	unknown.classification = "high";
	assert_true(matches(high, unknown));
}

static void one_of_the_groups_is_enough(void **state)
{
	(void)state;
	struct ad_policy_match match = { ANY(group, "g-sales", "G-DESIGN") };
	assert_true(matches(match, ana()));
	struct ad_policy_subject other = ana();
	other.group_count = 1;
	assert_false(matches(match, other));
	other.group_count = 0;
	assert_false(matches(match, other));
	match.group_count = 0;
	assert_true(matches(match, other));
}

static void all_that_is_asked_for_must_hold(void **state)
{
	(void)state;
	struct ad_policy_match match = { ANY(package, "7zip.*"), ANY(classification, "low"),
		ANY(group, "g-all"), ANY(department, "Design") };
	assert_true(matches(match, ana()));
	struct ad_policy_subject other = ana();
	other.department = "Sales";
	assert_false(matches(match, other));
}

static void guests_need_a_policy_that_names_them(void **state)
{
	(void)state;
	struct ad_policy_subject guest = ana();
	guest.guest = true;
	assert_false(matches((struct ad_policy_match){ 0 }, guest));
	assert_true(matches((struct ad_policy_match){ .guests = true }, guest));
	assert_true(matches((struct ad_policy_match){ .guests = true }, ana()));
	assert_false(ad_policy_built_in()->match.guests);
}

static void the_lowest_priority_that_matches_counts(void **state)
{
	(void)state;
	const struct ad_policy policies[] = {
		{ .name = "wide", .priority = 90 },
		{ .name = "b", .priority = 20 },
		{ .name = "a", .priority = 20 },
		{ .name = "first", .priority = 10, .match = { ANY(package, "Other.App") } },
		{ .name = "late", .priority = 95 },
	};
	struct ad_policy_subject subject = ana();
	/* Equal priorities: by name. */
	assert_string_equal(ad_policy_find(policies, COUNT(policies), &subject)->name, "a");
	subject.package = "Other.App";
	assert_string_equal(ad_policy_find(policies, COUNT(policies), &subject)->name, "first");
	subject.guest = true;
	assert_null(ad_policy_find(policies, COUNT(policies), &subject));
	assert_null(ad_policy_find(NULL, 0, &subject));
}

static void the_built_in_rule_asks_the_approver_group(void **state)
{
	(void)state;
	const struct ad_policy *policy = ad_policy_built_in();
	assert_string_equal(policy->name, "");
	assert_int_equal(policy->version, 0);
	assert_int_equal(policy->stage_count, 1);
	assert_int_equal(policy->stages[0].ask.kind, AD_ASKED_GROUP);
	assert_string_equal(policy->stages[0].ask.ref, "");
	assert_int_equal(policy->stages[0].need, 1);
	assert_int_equal(policy->stages[0].timeout_min, 0);
	assert_true(policy->stages[0].reject_ends);
	assert_false(policy->automatic.on);
	assert_int_equal(policy->undo_min, 15);
}

static void only_a_rule_approves_by_itself_and_only_so_often(void **state)
{
	(void)state;
	struct ad_policy policy = { .name = "p", .automatic = { true, 3, 30 } };
	assert_true(ad_policy_is_automatic(&policy, "low", 0));
	assert_true(ad_policy_is_automatic(&policy, "low", 2));
	assert_false(ad_policy_is_automatic(&policy, "low", 3));
	assert_false(ad_policy_is_automatic(&policy, "critical", 0));
	assert_false(ad_policy_is_automatic(&policy, "", 0));
	assert_false(ad_policy_is_automatic(&policy, NULL, 0));
	policy.refusal = "No.";
	assert_false(ad_policy_is_automatic(&policy, "low", 0));
	policy.refusal = NULL;
	policy.automatic.on = false;
	assert_false(ad_policy_is_automatic(&policy, "low", 0));
	/* No stage is no approval. */
	assert_false(ad_policy_is_automatic(&(struct ad_policy){ .name = "q" }, "low", 0));
}

static void nothing_is_granted_for_longer_than_the_maximum(void **state)
{
	(void)state;
	struct ad_policy policy = { .name = "p" };
	assert_int_equal(ad_policy_days(&policy, 0, 0), 0);
	assert_int_equal(ad_policy_days(&policy, 400, 1000), 400);
	policy.grant_max_days = 90;
	assert_int_equal(ad_policy_days(&policy, 30, 0), 30);
	assert_int_equal(ad_policy_days(&policy, 90, 0), 90);
	assert_int_equal(ad_policy_days(&policy, 91, 0), 90);
	assert_int_equal(ad_policy_days(&policy, 0, 0), 90);
	/* Extensions count together. */
	assert_int_equal(ad_policy_days(&policy, 30, 60), 30);
	assert_int_equal(ad_policy_days(&policy, 31, 60), 30);
	assert_int_equal(ad_policy_days(&policy, 0, 89), 1);
	assert_int_equal(ad_policy_days(&policy, 1, 90), AD_DAYS_USED_UP);
	assert_int_equal(ad_policy_days(&policy, 0, 91), AD_DAYS_USED_UP);
}

static void every_kind_reads_back(void **state)
{
	(void)state;
	static const char *const names[] = { "group", "manager", "user", "app_owner", "admins" };
	for (int i = AD_ASKED_GROUP; i <= AD_ASKED_ADMINS; i++) {
		enum ad_asked_kind back;
		assert_string_equal(ad_asked_kind_name((enum ad_asked_kind)i), names[i]);
		assert_int_equal(ad_asked_kind_parse(names[i], &back), 0);
		assert_int_equal(back, i);
	}
	enum ad_asked_kind kept = AD_ASKED_USER;
	assert_int_equal(ad_asked_kind_parse("boss", &kept), AD_EINVAL);
	assert_int_equal(ad_asked_kind_parse(NULL, &kept), AD_EINVAL);
	assert_int_equal(kept, AD_ASKED_USER);
}

static void a_birthright_is_never_for_what_people_decide(void **state)
{
	(void)state;
	struct ad_policy policy = { .name = "p", .birthright = { .on = true } };
	assert_true(ad_policy_is_birthright(&policy, "low"));
	assert_true(ad_policy_is_birthright(&policy, "high"));
	assert_false(ad_policy_is_birthright(&policy, AD_CLASSIFICATION_CRITICAL));
	assert_false(ad_policy_is_birthright(&policy, ""));
	policy.refusal = "No";
	assert_false(ad_policy_is_birthright(&policy, "low"));
	policy = (struct ad_policy){ .name = "p" };
	assert_false(ad_policy_is_birthright(&policy, "low"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_policy_that_asks_for_nothing_counts_for_everybody),
		cmocka_unit_test(packages_match_by_name_or_beginning_whatever_the_case),
		cmocka_unit_test(an_attribute_that_is_not_known_never_holds),
		cmocka_unit_test(one_of_the_groups_is_enough),
		cmocka_unit_test(all_that_is_asked_for_must_hold),
		cmocka_unit_test(guests_need_a_policy_that_names_them),
		cmocka_unit_test(a_birthright_is_never_for_what_people_decide),
		cmocka_unit_test(the_lowest_priority_that_matches_counts),
		cmocka_unit_test(the_built_in_rule_asks_the_approver_group),
		cmocka_unit_test(only_a_rule_approves_by_itself_and_only_so_often),
		cmocka_unit_test(nothing_is_granted_for_longer_than_the_maximum),
		cmocka_unit_test(every_kind_reads_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
