/* SPDX-License-Identifier: Apache-2.0 */
/* Lanes: the order of one person's rows, and the limits of the connector. */
#include "sender.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static struct ad_outbox outbox;
static int64_t give_back[HELD_MAX];

static int setup(void **state)
{
	(void)state;
	outbox = (struct ad_outbox){ .now_ms = 1000, .give_back = give_back };
	outbox.config.tenant_per_s = 50;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	while (outbox.first)
		lane_drop(&outbox, outbox.first->head);
	lane_sweep(&outbox, true);
	return 0;
}

static bool take(const char *oid, int64_t id)
{
	struct ad_outbox_row row = {
		.id = id,
		.tenant_id = "t",
		.recipient_oid = oid,
		.fact = "f",
		.activity = "{}",
		.service_url = "",
		.conversation_id = "",
		.reply_to_id = "",
		.copy_activity_id = "",
	};
	return lane_take(&outbox, &row, false);
}

static void assert_order(const struct lane *lane, const char *expected)
{
	char order[64] = "";
	size_t len = 0;
	for (const struct item *item = lane->head; item; item = item->next)
		len += (size_t)snprintf(order + len, sizeof order - len, " %d", (int)item->row.id);
	assert_string_equal(order, expected);
}

static void rows_stand_in_the_order_of_ids_and_only_once(void **state)
{
	(void)state;
	assert_true(take("ann", 3));
	assert_true(take("ann", 1));
	assert_true(take("ann", 2));
	assert_false(take("ann", 2));
	assert_true(take("bob", 9));
	assert_order(outbox.first, " 1 2 3");
	assert_order(outbox.last, " 9");
	assert_int_equal(outbox.held, 4);
}

static void nothing_gets_before_what_is_on_its_way(void **state)
{
	(void)state;
	assert_true(take("ann", 5));
	outbox.first->is_busy = true;
	assert_true(take("ann", 4));
	assert_true(take("ann", 6));
	assert_false(take("ann", 5));
	assert_order(outbox.first, " 5 4 6");
	lane_give_back_rest(&outbox, outbox.first);
	assert_order(outbox.first, " 5");
	assert_int_equal(outbox.give_back_count, 2);
	assert_int_equal(outbox.held, 1);
}

static void the_lane_that_was_served_goes_to_the_end(void **state)
{
	(void)state;
	assert_true(take("ann", 1) && take("bob", 2) && take("cat", 3));
	lane_move_last(&outbox, outbox.first);
	assert_order(outbox.first, " 2");
	assert_order(outbox.last, " 1");
	lane_drop(&outbox, outbox.first->head);
	assert_order(outbox.first, " 3");
}

static int pass_many(struct lane *lane, int tries)
{
	int passed = 0;
	for (int i = 0; i < tries; i++)
		passed += lane_pass(&outbox, lane) == 0;
	return passed;
}

/* protocol.md 4.4: at most 7 in 1 s, 8 in 2 s, 60 in 30 s to one conversation. */
static void one_conversation_stays_under_the_connectors_limits(void **state)
{
	(void)state;
	assert_true(take("ann", 1));
	int passed[31] = { 0 };
	for (int second = 0; second <= 30; second++) {
		for (int tick = 0; tick < 10; tick++) {
			passed[second] += pass_many(outbox.first, 3);
			outbox.now_ms += 100;
		}
	}
	int in_30_s = 0;
	for (int second = 0; second < 30; second++) {
		assert_true(passed[second] <= 7);
		assert_true(passed[second] + passed[second + 1] <= 8);
		in_30_s += passed[second];
	}
	assert_true(in_30_s <= 60);
	assert_int_equal(passed[0], AD_OUTBOX_PERSON_BURST + 1);
}

static void a_limit_outlives_its_empty_lane(void **state)
{
	(void)state;
	assert_true(take("ann", 1));
	assert_int_equal(pass_many(outbox.first, 10), AD_OUTBOX_PERSON_BURST);
	lane_drop(&outbox, outbox.first->head);
	lane_sweep(&outbox, false);
	assert_true(take("ann", 2));
	assert_true(lane_pass(&outbox, outbox.first) > 0);
	lane_drop(&outbox, outbox.first->head);
	outbox.now_ms += LANE_IDLE_MS + 1;
	lane_sweep(&outbox, false);
	for (size_t i = 0; i < LANE_BUCKETS; i++)
		assert_null(outbox.lanes[i]);
}

static void a_tenant_has_a_limit_of_its_own(void **state)
{
	(void)state;
	outbox.config.tenant_per_s = 3;
	assert_true(take("ann", 1) && take("bob", 2));
	assert_int_equal(pass_many(outbox.first, 2) + pass_many(outbox.last, 3), 3);
	outbox.now_ms += 334;
	assert_int_equal(pass_many(outbox.last, 3), 1);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(rows_stand_in_the_order_of_ids_and_only_once),
		T(nothing_gets_before_what_is_on_its_way),
		T(the_lane_that_was_served_goes_to_the_end),
		T(one_conversation_stays_under_the_connectors_limits),
		T(a_limit_outlives_its_empty_lane),
		T(a_tenant_has_a_limit_of_its_own),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
