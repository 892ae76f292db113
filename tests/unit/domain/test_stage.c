/* SPDX-License-Identifier: Apache-2.0 */
/* Votes, delegation, the slate, and apps that exclude each other. */
#include "ad/domain/stage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define YES AD_DECISION_APPROVED
#define NO AD_DECISION_REJECTED

static const struct ad_parties parties = { "ana", "bea" };

/* ---- votes ---- */

static void the_first_approval_decides_where_one_is_needed(void **state)
{
	(void)state;
	const struct ad_vote votes[] = { { "kim", "", YES } };
	assert_int_equal(ad_stage_judge(1, true, 3, votes, 0), AD_STAGE_OPEN);
	assert_int_equal(ad_stage_judge(1, true, 3, votes, 1), AD_STAGE_APPROVED);
}

static void a_quorum_waits_for_its_second_voice(void **state)
{
	(void)state;
	const struct ad_vote votes[] = { { "kim", "", YES }, { "lee", NULL, YES } };
	assert_int_equal(ad_stage_judge(2, true, 3, votes, 1), AD_STAGE_OPEN);
	assert_int_equal(ad_stage_judge(2, true, 3, votes, 2), AD_STAGE_APPROVED);
}

static void a_seat_counts_once_whoever_sits_on_it(void **state)
{
	(void)state;
	const struct ad_vote votes[] = { { "kim", "", YES }, { "lee", "kim", YES },
		{ "kim", "", NO } };
	assert_int_equal(ad_stage_judge(2, true, 3, votes, 3), AD_STAGE_OPEN);
	const struct ad_vote two[] = { { "kim", "", YES }, { "kim", "lee", YES } };
	assert_int_equal(ad_stage_judge(2, true, 3, two, 2), AD_STAGE_APPROVED);
}

static void all_are_needed_for_0_and_for_more_than_there_are(void **state)
{
	(void)state;
	const struct ad_vote votes[] = { { "kim", "", YES }, { "lee", "", YES } };
	assert_int_equal(ad_stage_judge(0, true, 3, votes, 2), AD_STAGE_OPEN);
	assert_int_equal(ad_stage_judge(0, true, 2, votes, 2), AD_STAGE_APPROVED);
	assert_int_equal(ad_stage_judge(-1, true, 3, votes, 2), AD_STAGE_OPEN);
	assert_int_equal(ad_stage_judge(9, true, 2, votes, 1), AD_STAGE_OPEN);
	assert_int_equal(ad_stage_judge(9, true, 2, votes, 2), AD_STAGE_APPROVED);
	/* Nobody was asked: that approves nothing. */
	assert_int_equal(ad_stage_judge(0, true, 0, votes, 0), AD_STAGE_OPEN);
}

static void one_rejection_ends_a_stage_unless_its_rule_says_otherwise(void **state)
{
	(void)state;
	const struct ad_vote votes[] = { { "kim", "", NO }, { "lee", "", NO }, { "mia", "", YES } };
	assert_int_equal(ad_stage_judge(2, true, 3, votes, 1), AD_STAGE_REJECTED);
	/* Two of three can still agree after one rejection, not after two. */
	assert_int_equal(ad_stage_judge(2, false, 3, votes, 1), AD_STAGE_OPEN);
	assert_int_equal(ad_stage_judge(2, false, 3, votes, 2), AD_STAGE_REJECTED);
	assert_int_equal(ad_stage_judge(1, false, 3, votes, 3), AD_STAGE_APPROVED);
}

/* ---- delegation ---- */

static const char *delegate(const struct ad_delegation *list, size_t count, const char *oid)
{
	return ad_delegate_of(list, count, &parties, oid);
}

static void requester_and_beneficiary_are_parties(void **state)
{
	(void)state;
	assert_true(ad_is_party(&parties, "ana"));
	assert_true(ad_is_party(&parties, "bea"));
	assert_false(ad_is_party(&parties, "kim"));
	/* Two unknown people are not the same person. */
	const struct ad_parties unknown = { "", NULL };
	assert_false(ad_is_party(&unknown, ""));
	assert_false(ad_is_party(&unknown, NULL));
}

static void the_end_of_a_chain_decides(void **state)
{
	(void)state;
	const struct ad_delegation list[] = { { "x", "y" }, { "kim", "lee" }, { "lee", "mia" },
		{ "mia", "noa" } };
	assert_string_equal(delegate(list, 0, "kim"), "kim");
	assert_string_equal(delegate(list, 1, "kim"), "kim");
	assert_string_equal(delegate(list, 2, "kim"), "lee");
	assert_string_equal(delegate(list, 4, "kim"), "noa");
}

static void a_chain_that_is_too_long_or_loops_counts_as_none(void **state)
{
	(void)state;
	const struct ad_delegation deep[] = { { "kim", "1" }, { "1", "2" }, { "2", "3" },
		{ "3", "4" } };
	assert_string_equal(delegate(deep, 3, "kim"), "3");
	assert_string_equal(delegate(deep, 4, "kim"), "kim");
	const struct ad_delegation loop[] = { { "kim", "lee" }, { "lee", "kim" } };
	assert_string_equal(delegate(loop, 2, "kim"), "kim");
	/* A loop that does not come back to where it began. */
	const struct ad_delegation tail[] = { { "kim", "lee" }, { "lee", "mia" },
		{ "mia", "lee" } };
	assert_string_equal(delegate(tail, 3, "kim"), "kim");
}

static void nobody_decides_for_themselves_through_a_chain(void **state)
{
	(void)state;
	const struct ad_delegation list[] = { { "kim", "lee" }, { "lee", "ana" } };
	assert_string_equal(delegate(list, 2, "kim"), "kim");
	/* Through a party, to somebody else, is no way either: a party has no seat to give. */
	const struct ad_delegation through[] = { { "kim", "bea" }, { "bea", "noa" } };
	assert_string_equal(delegate(through, 1, "kim"), "kim");
}

/* ---- the slate ---- */

static void the_slate_leaves_out_parties_and_asks_nobody_twice(void **state)
{
	(void)state;
	static const char *const candidates[] = { "kim", "ana", "", "lee", "bea", "kim", NULL,
		"mia" };
	/* Lee is away and Mia stands for Lee, but has a seat already. */
	const struct ad_delegation list[] = { { "lee", "mia" } };
	struct ad_seat seats[COUNT(candidates)];
	size_t count = ad_slate(candidates, COUNT(candidates), &parties, list, 1, seats);
	assert_int_equal(count, 2);
	assert_string_equal(seats[0].oid, "kim");
	assert_string_equal(seats[0].on_behalf_of, "");
	assert_string_equal(seats[1].oid, "mia");
	assert_string_equal(seats[1].on_behalf_of, "");
}

static void a_delegate_is_asked_on_behalf_of_who_is_away(void **state)
{
	(void)state;
	static const char *const candidates[] = { "lee", "kim" };
	const struct ad_delegation list[] = { { "lee", "noa" } };
	struct ad_seat seats[COUNT(candidates)];
	assert_int_equal(ad_slate(candidates, 2, &parties, list, 1, seats), 2);
	assert_string_equal(seats[0].oid, "kim");
	assert_string_equal(seats[1].oid, "noa");
	assert_string_equal(seats[1].on_behalf_of, "lee");
	/* Nobody is left when only parties are candidates. */
	static const char *const none[] = { "ana", "bea" };
	assert_int_equal(ad_slate(none, 2, &parties, list, 1, seats), 0);
}

/* ---- separation of duties ---- */

static void a_pair_counts_both_ways(void **state)
{
	(void)state;
	const struct ad_incompatible pairs[] = { { 1, 2 }, { 3, 4 } };
	const long long held[] = { 9, 2 };
	assert_int_equal(ad_incompatible_with(pairs, 2, held, 2, 1), 2);
	assert_int_equal(ad_incompatible_with(pairs, 2, held, 1, 1), 0);
	const long long other[] = { 3 };
	assert_int_equal(ad_incompatible_with(pairs, 2, other, 1, 4), 3);
	assert_int_equal(ad_incompatible_with(pairs, 2, other, 1, 3), 0);
	assert_int_equal(ad_incompatible_with(pairs, 2, other, 0, 4), 0);
	assert_int_equal(ad_incompatible_with(pairs, 0, other, 1, 4), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_approval_decides_where_one_is_needed),
		cmocka_unit_test(a_quorum_waits_for_its_second_voice),
		cmocka_unit_test(a_seat_counts_once_whoever_sits_on_it),
		cmocka_unit_test(all_are_needed_for_0_and_for_more_than_there_are),
		cmocka_unit_test(one_rejection_ends_a_stage_unless_its_rule_says_otherwise),
		cmocka_unit_test(requester_and_beneficiary_are_parties),
		cmocka_unit_test(the_end_of_a_chain_decides),
		cmocka_unit_test(a_chain_that_is_too_long_or_loops_counts_as_none),
		cmocka_unit_test(nobody_decides_for_themselves_through_a_chain),
		cmocka_unit_test(the_slate_leaves_out_parties_and_asks_nobody_twice),
		cmocka_unit_test(a_delegate_is_asked_on_behalf_of_who_is_away),
		cmocka_unit_test(a_pair_counts_both_ways),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
