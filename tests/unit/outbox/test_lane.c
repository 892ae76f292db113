/* SPDX-License-Identifier: Apache-2.0 */
/* Lanes: the order of one person's rows. */
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

static bool take_row(const char *oid, int64_t id, bool urgent)
{
	struct ad_outbox_row row = {
		.id = id,
		.urgent = urgent,
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

static bool take(const char *oid, int64_t id)
{
	return take_row(oid, id, false);
}

static bool take_urgent(const char *oid, int64_t id)
{
	return take_row(oid, id, true);
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

static void a_lane_is_urgent_while_one_of_its_rows_is(void **state)
{
	(void)state;
	assert_true(take("ann", 1));
	assert_int_equal(outbox.first->urgent, 0);
	assert_true(take_urgent("ann", 2));
	assert_int_equal(outbox.first->urgent, 1);
	lane_drop(&outbox, outbox.first->head);
	assert_int_equal(outbox.first->urgent, 1);
	assert_true(take("ann", 3));
	lane_drop(&outbox, outbox.first->head);
	assert_int_equal(outbox.first->urgent, 0);
}

static void an_empty_lane_is_forgotten_after_a_while(void **state)
{
	(void)state;
	assert_true(take("ann", 1));
	lane_drop(&outbox, outbox.first->head);
	outbox.now_ms += LANE_IDLE_MS + 1;
	lane_sweep(&outbox, false);
	for (size_t i = 0; i < LANE_BUCKETS; i++)
		assert_null(outbox.lanes[i]);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(rows_stand_in_the_order_of_ids_and_only_once),
		T(nothing_gets_before_what_is_on_its_way),
		T(the_lane_that_was_served_goes_to_the_end),
		T(a_lane_is_urgent_while_one_of_its_rows_is),
		T(an_empty_lane_is_forgotten_after_a_while),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
