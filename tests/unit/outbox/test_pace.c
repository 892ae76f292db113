/* SPDX-License-Identifier: Apache-2.0 */
/* The pace: every limit of the connector holds, in every window, and news leave room. */
#include "sender.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#define HOUR_MS 3600000
#define STEP_MS 50

static struct ad_outbox outbox;
static struct tenant tenant;
static struct lane lanes[2];
static char ids[3][4] = { "t", "ann", "bob" };

static int setup(void **state)
{
	(void)state;
	outbox = (struct ad_outbox){ .now_ms = 1000 };
	outbox.config.tenant_per_s = 1000;
	tenant = (struct tenant){ .id = ids[0] };
	lanes[0] = (struct lane){ .tenant = &tenant, .oid = ids[1] };
	lanes[1] = (struct lane){ .tenant = &tenant, .oid = ids[2] };
	pace_start_tenant(&outbox, &tenant);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	pace_sweep(&outbox, true);
	return 0;
}

static bool pass(struct lane *lane, const char *conversation_id)
{
	struct item item = { .lane = lane, .place = { .conversation_id = conversation_id } };
	if (pace_wait_tenant(&outbox, lane) > 0 || pace_wait(&outbox, &item) > 0)
		return false;
	pace_take(&outbox, &item);
	return true;
}

/* Whoever pushes without pause, at the times in at_ms. */
static size_t push_for(struct lane *lane, int64_t for_ms, int64_t *at_ms, size_t max)
{
	size_t count = 0;
	int64_t end_ms = outbox.now_ms + for_ms;
	for (; outbox.now_ms < end_ms; outbox.now_ms += STEP_MS)
		while (count < max && pass(lane, "a:1"))
			at_ms[count++] = outbox.now_ms;
	return count;
}

static void assert_window(const int64_t *at_ms, size_t count, int64_t window_ms, size_t limit)
{
	for (size_t i = limit; i < count; i++)
		if (at_ms[i] - at_ms[i - limit] < window_ms)
			fail_msg("more than %zu in %lld ms", limit, (long long)window_ms);
}

/* protocol.md 4.4: at most 7 in 1 s, 8 in 2 s, 60 in 30 s, 1800 in an hour to one conversation. */
static void n12_one_conversation_stays_under_all_limits_of_the_connector(void **state)
{
	(void)state;
	static int64_t at_ms[8192];
	size_t count = push_for(&lanes[0], 2 * (int64_t)HOUR_MS, at_ms, 8192);
	assert_window(at_ms, count, 1000, 7);
	assert_window(at_ms, count, 2000, 8);
	assert_window(at_ms, count, 30000, 60);
	assert_window(at_ms, count, HOUR_MS, 1800);
	assert_true(count > 3000); /* and not far below */
	assert_int_equal(at_ms[AD_OUTBOX_PERSON_BURST - 1], at_ms[0]);
}

static void a_conversation_of_many_has_one_limit_for_all(void **state)
{
	(void)state;
	int passed = 0;
	for (int i = 0; i < 10; i++)
		passed += pass(&lanes[i % 2], "19:group");
	assert_int_equal(passed, AD_OUTBOX_PERSON_BURST);
	assert_true(pass(&lanes[1], "a:bob"));
}

static void a_conversation_to_be_created_is_its_persons(void **state)
{
	(void)state;
	int passed = 0;
	for (int i = 0; i < 10; i++)
		passed += pass(&lanes[0], "");
	assert_int_equal(passed, AD_OUTBOX_PERSON_BURST);
	assert_true(pass(&lanes[1], ""));
}

static void patience_is_kept_to_the_millisecond_by_all_in_the_conversation(void **state)
{
	(void)state;
	struct item item = { .lane = &lanes[0], .place = { .conversation_id = "19:group" } };
	pace_be_patient(&outbox, &item, 3000);
	pace_be_patient(&outbox, &item, 1000);
	outbox.now_ms += 2999;
	assert_false(pass(&lanes[1], "19:group"));
	assert_true(pass(&lanes[1], "a:bob"));
	outbox.now_ms += 1;
	assert_true(pass(&lanes[1], "19:group"));
}

static void limits_are_not_forgotten_before_they_are_at_rest(void **state)
{
	(void)state;
	while (pass(&lanes[0], "a:1"))
		;
	outbox.now_ms += AD_OUTBOX_HOUR_MS;
	pace_sweep(&outbox, false);
	int passed = 0;
	while (pass(&lanes[0], "a:1"))
		passed++;
	assert_true(passed < AD_OUTBOX_PERSON_BURST);
	outbox.now_ms += AD_OUTBOX_HOUR_BURST * AD_OUTBOX_HOUR_MS;
	pace_sweep(&outbox, false);
	for (size_t i = 0; i < LANE_BUCKETS; i++)
		assert_null(outbox.paces[i]);
}

static void a_tenants_limit_holds_in_every_second(void **state)
{
	(void)state;
	outbox.config.tenant_per_s = 50;
	pace_start_tenant(&outbox, &tenant);
	lanes[0].urgent = 1;
	static int64_t at_ms[1024];
	size_t count = 0;
	char id[16];
	for (int tick = 0; tick < 400; tick++, outbox.now_ms += 25)
		for (int try = 0; try < 20 && count < 1024; try++) {
			(void)snprintf(id, sizeof id, "a:%zu", count);
			if (pass(&lanes[0], id))
				at_ms[count++] = outbox.now_ms;
		}
	assert_window(at_ms, count, 1000, 50);
	assert_true(count >= 400); /* 40 a second */
}

static void news_use_the_tenants_pace_but_leave_something_saved(void **state)
{
	(void)state;
	outbox.config.tenant_per_s = 50;
	pace_start_tenant(&outbox, &tenant);
	lanes[1].urgent = 1;
	int waited = 0;
	int news = 0;
	char id[16];
	for (int tick = 0; tick < 400; tick++, outbox.now_ms += 50) { /* 20 s */
		for (int n = 0; n < 50; n++) {
			(void)snprintf(id, sizeof id, "a:%d", n + 50 * (tick % 20));
			news += pass(&lanes[0], id);
		}
		if (tick % 20 != 0)
			continue;
		for (int n = 0; n < 3; n++) { /* three at once, against news without end */
			(void)snprintf(id, sizeof id, "a:u%d", n);
			waited += !pass(&lanes[1], id);
		}
	}
	assert_int_equal(waited, 0);
	assert_true(news > 20 * 35);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(n12_one_conversation_stays_under_all_limits_of_the_connector),
		T(a_conversation_of_many_has_one_limit_for_all),
		T(a_conversation_to_be_created_is_its_persons),
		T(patience_is_kept_to_the_millisecond_by_all_in_the_conversation),
		T(limits_are_not_forgotten_before_they_are_at_rest),
		T(a_tenants_limit_holds_in_every_second),
		T(news_use_the_tenants_pace_but_leave_something_saved),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
