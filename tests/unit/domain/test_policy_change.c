/* SPDX-License-Identifier: Apache-2.0 */
/* Who comes under a laxer policy when a set of policies takes the place of another. */
#include "ad/domain/policy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#define SHIFTS_MAX 8
#define ANY(field, ...)                              \
	.field##s = (const char *[]){ __VA_ARGS__ }, \
	.field##_count = sizeof((const char *[]){ __VA_ARGS__ }) / sizeof(const char *)

/* The approver group alone, as without policies; and the manager after it. */
static const struct ad_stage_rule stages[] = {
	{ .ask = { AD_ASKED_GROUP, "" }, .need = 1, .reject_ends = true },
	{ .ask = { AD_ASKED_MANAGER, "" }, .need = 1, .reject_ends = true },
};

static struct ad_policy lax(const char *name, int priority, struct ad_policy_match match)
{
	return (struct ad_policy){ .name = name,
		.priority = priority,
		.match = match,
		.stages = stages,
		.stage_count = 1 };
}

static struct ad_policy strict(const char *name, int priority, struct ad_policy_match match)
{
	struct ad_policy ret = lax(name, priority, match);
	ret.stage_count = 2;
	return ret;
}

static const struct ad_policy_match all = { 0 };
#define MATCH(...) ((struct ad_policy_match){ __VA_ARGS__ })

static struct ad_policy_shift shifts[SHIFTS_MAX];

#define SET(...)                                                           \
	(&(struct ad_policies){ (const struct ad_policy[]){ __VA_ARGS__ }, \
		sizeof((const struct ad_policy[]){ __VA_ARGS__ }) / sizeof(struct ad_policy) })
#define NONE (&(struct ad_policies){ NULL, 0 })

static size_t weaken(const struct ad_policies *before, const struct ad_policies *after)
{
	memset(shifts, 0, sizeof shifts);
	return ad_policies_weaken(before, after, shifts, SHIFTS_MAX);
}

/* Exactly this one shift. */
#define assert_shift(count, from, to, bits)                        \
	do {                                                       \
		assert_int_equal((count), 1);                      \
		assert_string_equal(shifts[0].before->name, from); \
		assert_string_equal(shifts[0].after->name, to);    \
		assert_int_equal(shifts[0].weakens, bits);         \
	} while (0)

static void what_stays_is_not_laxer(void **state)
{
	(void)state;
	/* A laxer policy beside a stricter one is how things are, not a change. */
	struct ad_policies *set =
		SET(strict("a", 10, MATCH(ANY(package, "X.*"))), lax("b", 20, all));
	assert_int_equal(weaken(set, set), 0);
	assert_int_equal(weaken(NONE, NONE), 0);
	/* And a new one that is as strict as no policy at all neither. */
	assert_int_equal(weaken(NONE, SET(lax("a", 10, all))), 0);
	assert_int_equal(weaken(NONE, SET(strict("a", 10, all))), 0);
}

static void a_policy_is_compared_with_its_last_version(void **state)
{
	(void)state;
	assert_shift(weaken(SET(strict("a", 10, all)), SET(lax("a", 10, all))), "a", "a",
		AD_WEAKER_STAGE_GONE);
	assert_int_equal(weaken(SET(lax("a", 10, all)), SET(strict("a", 10, all))), 0);
	/* For those whom both versions mean; there are none here, but whoever came from X falls to
	 * the built-in rule. */
	assert_shift(weaken(SET(strict("a", 10, MATCH(ANY(package, "X")))),
			     SET(lax("a", 10, MATCH(ANY(package, "Y"))))),
		"a", "", AD_WEAKER_STAGE_GONE);
}

static void who_had_no_policy_is_compared_with_the_built_in_one(void **state)
{
	(void)state;
	struct ad_policy manager = strict("m", 10, MATCH(ANY(package, "X")));
	manager.stages = stages + 1;
	manager.stage_count = 1;
	assert_shift(weaken(NONE, SET(manager)), "", "m", AD_WEAKER_ASKED_OTHERS);
	assert_shift(weaken(SET(manager), NONE), "m", "", AD_WEAKER_ASKED_OTHERS);
}

static void a_policy_that_goes_leaves_its_people_to_the_next_one(void **state)
{
	(void)state;
	const struct ad_policy x = strict("x", 10, MATCH(ANY(package, "X.*")));
	assert_shift(weaken(SET(x), NONE), "x", "", AD_WEAKER_STAGE_GONE);
	/* A stricter one that means all of them catches them. */
	const struct ad_policy wide = strict("wide", 50, all);
	assert_int_equal(weaken(SET(x, wide), SET(wide)), 0);
	/* One that means some of them does not. */
	const struct ad_policy some = strict("some", 50, MATCH(ANY(package, "X.A")));
	assert_shift(weaken(SET(x, some), SET(some)), "x", "", AD_WEAKER_STAGE_GONE);
	const struct ad_policy others = strict("others", 50, MATCH(ANY(package, "Y.*")));
	assert_shift(weaken(SET(x, others), SET(others)), "x", "", AD_WEAKER_STAGE_GONE);
}

static void a_policy_that_comes_takes_people_from_those_behind_it(void **state)
{
	(void)state;
	const struct ad_policy x = strict("x", 10, MATCH(ANY(package, "X.*")));
	const struct ad_policy early = lax("early", 5, MATCH(ANY(package, "X.A")));
	const struct ad_policy late = lax("late", 15, MATCH(ANY(package, "X.A")));
	assert_shift(weaken(SET(x), SET(early, x)), "x", "early", AD_WEAKER_STAGE_GONE);
	/* Behind the one that means all of them nobody gets to it. */
	assert_int_equal(weaken(SET(x), SET(x, late)), 0);
	const struct ad_policy half = strict("half", 10, MATCH(ANY(package, "X.A", "X.B")));
	const struct ad_policy more = lax("more", 15, MATCH(ANY(package, "X.*")));
	assert_int_equal(weaken(SET(half), SET(half, more)), 0);
}

static void who_is_not_meant_does_not_move(void **state)
{
	(void)state;
	const struct ad_policy x = strict("x", 10, MATCH(ANY(package, "X")));
	assert_shift(weaken(SET(x), SET(lax("same", 5, MATCH(ANY(package, "x"))), x)), "x", "same",
		AD_WEAKER_STAGE_GONE);
	assert_int_equal(weaken(SET(x), SET(lax("y", 5, MATCH(ANY(package, "Y"))), x)), 0);
	assert_int_equal(weaken(SET(x), SET(lax("xy", 5, MATCH(ANY(package, "XY"))), x)), 0);
	const struct ad_policy high = strict("h", 10, MATCH(ANY(classification, "high")));
	const struct ad_policy low = lax("l", 5, MATCH(ANY(classification, "low")));
	assert_int_equal(weaken(SET(high), SET(low, high)), 0);
}

static void an_earlier_policy_that_means_fewer_does_not_hide(void **state)
{
	(void)state;
	/* Each means less than the one that goes by another member. */
	const struct ad_policy goes = strict("goes", 50,
		MATCH(ANY(classification, "low", "high"), ANY(group, "g1", "g2"),
			ANY(department, "Sales", "IT"), .guests = true));
	const struct ad_policy less[] = {
		strict("less", 40, MATCH(ANY(classification, "low"), .guests = true)),
		strict("less", 40, MATCH(ANY(group, "g1"), .guests = true)),
		strict("less", 40, MATCH(ANY(department, "IT"), .guests = true)),
		strict("less", 40, MATCH(ANY(classification, "low", "high"))),
	};
	for (size_t i = 0; i < sizeof(less) / sizeof(less[0]); i++)
		assert_shift(
			weaken(SET(goes, less[i]), SET(less[i])), "goes", "", AD_WEAKER_STAGE_GONE);
	const struct ad_policy more =
		strict("more", 40, MATCH(ANY(group, "g1", "g2", "g3"), .guests = true));
	assert_int_equal(weaken(SET(more, goes), SET(more)), 0);
}

static void another_priority_moves_people(void **state)
{
	(void)state;
	const struct ad_policy a = strict("a", 10, MATCH(ANY(department, "Sales")));
	const struct ad_policy b = lax("b", 20, MATCH(ANY(classification, "low")));
	const struct ad_policy b_first = lax("b", 5, MATCH(ANY(classification, "low")));
	assert_shift(weaken(SET(a, b), SET(b_first, a)), "a", "b", AD_WEAKER_STAGE_GONE);
	assert_int_equal(weaken(SET(b_first, a), SET(a, b)), 0);
	/* Still behind it: nobody moves. */
	const struct ad_policy b_later = lax("b", 30, MATCH(ANY(classification, "low")));
	assert_int_equal(weaken(SET(a, b), SET(a, b_later)), 0);
}

static void a_match_that_widens_takes_people_from_others(void **state)
{
	(void)state;
	const struct ad_policy design = lax("d", 10, MATCH(ANY(department, "Design")));
	const struct ad_policy both = lax("d", 10, MATCH(ANY(department, "design", "Sales")));
	const struct ad_policy sales = strict("s", 20, MATCH(ANY(department, "SALES")));
	assert_shift(weaken(SET(design, sales), SET(both, sales)), "s", "d", AD_WEAKER_STAGE_GONE);
	/* The order of a list, and its case, mean nothing. */
	const struct ad_policy again = lax("d", 10, MATCH(ANY(department, "SALES", "Design")));
	assert_int_equal(weaken(SET(both, sales), SET(again, sales)), 0);
	/* Nobody has two titles, and a wider list of them catches those of the narrower one. */
	const struct ad_policy nurse = strict("t", 20, MATCH(ANY(title, "Nurse")));
	const struct ad_policy cook = lax("d", 10, MATCH(ANY(title, "Cook")));
	const struct ad_policy either = lax("d", 10, MATCH(ANY(title, "Cook", "nurse")));
	assert_int_equal(
		weaken(SET(nurse), SET(nurse, strict("e", 30, MATCH(ANY(title, "cook"))))), 0);
	assert_shift(weaken(SET(cook, nurse), SET(either, nurse)), "t", "d", AD_WEAKER_STAGE_GONE);
	assert_int_equal(weaken(SET(either, nurse), SET(cook, nurse)), 0);
	/* Nobody works in two departments. */
	const struct ad_policy it = lax("d", 10, MATCH(ANY(department, "Design", "IT")));
	assert_int_equal(weaken(SET(design, sales), SET(it, sales)), 0);
}

static void a_match_that_narrows_lets_people_go(void **state)
{
	(void)state;
	const struct ad_policy x = strict("x", 10, MATCH(ANY(package, "X.*")));
	const struct ad_policy part = strict("x", 10, MATCH(ANY(package, "X.A*")));
	assert_shift(weaken(SET(x), SET(part)), "x", "", AD_WEAKER_STAGE_GONE);
	assert_int_equal(weaken(SET(part), SET(x)), 0);
}

static void groups_never_tell_people_apart(void **state)
{
	(void)state;
	const struct ad_policy a = strict("a", 20, MATCH(ANY(group, "g1")));
	const struct ad_policy b = lax("b", 10, MATCH(ANY(group, "g2")));
	assert_shift(weaken(SET(a), SET(b, a)), "a", "b", AD_WEAKER_STAGE_GONE);
	/* A wider list of groups catches those of the narrower one. */
	const struct ad_policy wide = strict("w", 30, MATCH(ANY(group, "g2", "G1")));
	assert_int_equal(weaken(SET(a, wide), SET(wide)), 0);
}

static void guests_come_from_the_built_in_rule_that_refuses_them(void **state)
{
	(void)state;
	const struct ad_policy staff = lax("staff", 20, all);
	const struct ad_policy guests = lax("guests", 10, MATCH(.guests = true));
	assert_shift(weaken(NONE, SET(guests)), "", "guests", AD_WEAKER_GUESTS);
	assert_shift(weaken(SET(staff), SET(guests, staff)), "", "guests", AD_WEAKER_GUESTS);
	const struct ad_policy open = lax("staff", 20, MATCH(.guests = true));
	/* By its own last version, and by where they come from. */
	assert_int_equal(weaken(SET(staff), SET(open)), 2);
	assert_int_equal(weaken(SET(open), SET(staff)), 0);
	/* Who may ask already needs no second look. */
	assert_int_equal(weaken(SET(guests), SET(guests, open)), 0);
}

static void refusals_hold_until_they_go(void **state)
{
	(void)state;
	const struct ad_policy no = {
		.name = "no", .priority = 5, .match = { ANY(package, "X") }, .refusal = "No."
	};
	assert_int_equal(weaken(NONE, SET(no)), 0);
	assert_shift(weaken(SET(no), NONE), "no", "", AD_WEAKER_REFUSAL_GONE);
	assert_shift(weaken(SET(no), SET(lax("first", 1, MATCH(ANY(package, "X*"))), no)), "no",
		"first", AD_WEAKER_REFUSAL_GONE);
}

static void all_are_counted_and_no_more_are_written_than_fit(void **state)
{
	(void)state;
	struct ad_policies *two = SET(strict("a", 10, MATCH(ANY(package, "A"))),
		strict("b", 20, MATCH(ANY(package, "B"))));
	memset(shifts, 0, sizeof shifts);
	assert_int_equal(ad_policies_weaken(two, NONE, shifts, 1), 2);
	assert_non_null(shifts[0].before);
	assert_null(shifts[1].before);
}

static void every_weakening_has_a_name(void **state)
{
	(void)state;
	static const char *const names[] = { "stage_gone", "fewer_needed", "automatic",
		"timeout_approves", "longer", "refusal_gone", "guests", "asked_others", "rejection",
		"birthright", "device" };
	for (int i = 0; i < AD_WEAKENINGS; i++)
		assert_string_equal(ad_weakening_name(i), names[i]);
	assert_int_equal(1 << 10, AD_WEAKER_DEVICE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_stays_is_not_laxer),
		cmocka_unit_test(a_policy_is_compared_with_its_last_version),
		cmocka_unit_test(who_had_no_policy_is_compared_with_the_built_in_one),
		cmocka_unit_test(a_policy_that_goes_leaves_its_people_to_the_next_one),
		cmocka_unit_test(a_policy_that_comes_takes_people_from_those_behind_it),
		cmocka_unit_test(who_is_not_meant_does_not_move),
		cmocka_unit_test(an_earlier_policy_that_means_fewer_does_not_hide),
		cmocka_unit_test(another_priority_moves_people),
		cmocka_unit_test(a_match_that_widens_takes_people_from_others),
		cmocka_unit_test(a_match_that_narrows_lets_people_go),
		cmocka_unit_test(groups_never_tell_people_apart),
		cmocka_unit_test(guests_come_from_the_built_in_rule_that_refuses_them),
		cmocka_unit_test(refusals_hold_until_they_go),
		cmocka_unit_test(all_are_counted_and_no_more_are_written_than_fit),
		cmocka_unit_test(every_weakening_has_a_name),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
