/* SPDX-License-Identifier: Apache-2.0 */
/* Promises of the multiplexed HTTP client. */
#include "peer.h"

struct tally {
	struct ad_net_multi *multi;
	int done;
	int ok;
	int last_rc;
	int chain; /* further requests to start from the callback */
};

static void add(struct tally *tally, const char *method, const char *path, int total_ms);

static void count_done(
	void *ctx, int rc, const struct ad_net_response *response, const struct ad_err *err)
{
	struct tally *tally = ctx;
	tally->done++;
	tally->last_rc = rc;
	assert_int_equal(rc, err->code);
	if (rc == 0 && response->status == 200 && strcmp(response->body, "hello") == 0)
		tally->ok++;
	if (tally->chain > 0) {
		tally->chain--;
		add(tally, NULL, "/ok", 0);
	}
}

static void add(struct tally *tally, const char *method, const char *path, int total_ms)
{
	struct ad_arena *arena = ad_arena_new();
	struct ad_net_request request = {
		.method = ad_strdup(arena, method),
		.url = ad_printf(arena, "http://127.0.0.1:%d%s", peer.port, path),
		.total_ms = total_ms,
		.allow_http_loopback = true,
	};
	struct ad_err err;
	assert_int_equal(ad_net_multi_add(tally->multi, &request, count_done, tally, &err), 0);
	ad_arena_free(arena);
}

static void many_requests_share_few_connections(void **state)
{
	(void)state;
	struct ad_net_multi_config config = { .connections_max = 4, .host_connections_max = 4 };
	struct tally tally = { .multi = ad_net_multi_new(&config), .chain = 20 };
	for (int i = 0; i < 100; i++)
		add(&tally, NULL, "/ok", 0);
	assert_int_equal(ad_net_multi_count(tally.multi), 100);
	while (ad_net_multi_count(tally.multi) > 0)
		assert_int_equal(ad_net_multi_poll(tally.multi, 1000, NULL), 0);
	assert_int_equal(tally.done, 120);
	assert_int_equal(tally.ok, 120);
	assert_true(peer.count <= 4);
	ad_net_multi_free(tally.multi);
}

static void failures_of_the_multiplexed_client_are_told_alike(void **state)
{
	(void)state;
	struct tally tally = { .multi = ad_net_multi_new(NULL) };
	add(&tally, "POST", "/hang", 100);
	while (tally.done == 0)
		assert_int_equal(ad_net_multi_poll(tally.multi, 1000, NULL), 0);
	assert_int_equal(tally.last_rc, AD_EAMBIGUOUS);
	struct ad_net_request http = { .url = "http://192.0.2.1/" };
	assert_int_equal(
		ad_net_multi_add(tally.multi, &http, count_done, &tally, NULL), AD_EDENIED);
	assert_int_equal(tally.done, 1);
	ad_net_multi_free(tally.multi);
}

static void unfinished_requests_are_ended_by_free(void **state)
{
	(void)state;
	struct tally tally = { .multi = ad_net_multi_new(NULL) };
	add(&tally, "POST", "/hang", 0);
	while (atomic_load(&peer.requests) == 0)
		assert_int_equal(ad_net_multi_poll(tally.multi, 10, NULL), 0);
	ad_net_multi_free(tally.multi);
	assert_int_equal(tally.done, 1);
	assert_int_equal(tally.last_rc, AD_EAMBIGUOUS);
}

static void *wake(void *ctx)
{
	ad_net_multi_wakeup(ctx);
	return NULL;
}

static void wakeup_ends_a_waiting_poll(void **state)
{
	(void)state;
	struct ad_net_multi *multi = ad_net_multi_new(NULL);
	pthread_t thread;
	assert_int_equal(ad_thread_start(&thread, "wake", wake, multi, NULL), 0);
	assert_int_equal(ad_net_multi_poll(multi, 60000, NULL), 0);
	(void)pthread_join(thread, NULL);
	ad_net_multi_free(multi);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PEER_TEST(many_requests_share_few_connections),
		PEER_TEST(failures_of_the_multiplexed_client_are_told_alike),
		PEER_TEST(unfinished_requests_are_ended_by_free),
		PEER_TEST(wakeup_ends_a_waiting_poll),
	};
	struct ad_err err;
	if (ad_net_init(&err) != 0)
		return 1;
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	ad_net_exit();
	return failed;
}
