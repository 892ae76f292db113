/* SPDX-License-Identifier: Apache-2.0 */
/* Promises about the machine's identity: what is asked where, how patiently, and what is taken for
 * an answer. Time does not pass here: pauses are noted. */
#include "credential.h"

#include "ad/http.h"
#include "ad/text.h"
#include "ad/work.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>

#include <cmocka.h>

#define NOW 1800000000LL
#define IMDS_PATH "/metadata/identity/oauth2/token"
#define PAUSES_MAX 32

static struct {
	struct ad_http_server *server;
	pthread_t thread;
	uint16_t port;
	struct ad_arena *arena;
	struct ad_net_client *client;
	struct ad_token_config config;
	int64_t pauses[PAUSES_MAX];
	int pauses_count;
	bool stopping;
	atomic_int fetches;
	atomic_int status;   /* of the next answers; 0: 200 */
	atomic_int statuses; /* how many answers have that status; then 200 */
	atomic_int retry_after_s;
	_Atomic(const char *) body;
	pthread_mutex_t lock; /* guards all below */
	char query[512];
	char metadata[16];
	char header[64];
} t;

static void note(struct ad_http_request *request)
{
	const char *metadata = ad_http_request_header(request, "Metadata");
	const char *header = ad_http_request_header(request, "X-IDENTITY-HEADER");
	(void)pthread_mutex_lock(&t.lock);
	(void)snprintf(t.query, sizeof t.query, "%s", ad_http_request_query(request));
	(void)snprintf(t.metadata, sizeof t.metadata, "%s", metadata ? metadata : "");
	(void)snprintf(t.header, sizeof t.header, "%s", header ? header : "");
	(void)pthread_mutex_unlock(&t.lock);
}

static void handle(struct ad_http_request *request, void *ctx)
{
	(void)ctx;
	char seconds[16];
	note(request);
	atomic_fetch_add(&t.fetches, 1);
	bool bad = atomic_fetch_sub(&t.statuses, 1) > 0;
	int status = bad ? atomic_load(&t.status) : 200;
	const char *text = status == 200 ? atomic_load(&t.body)
					 : "{\"error\":\"invalid_request\",\"error_description\":"
					   "\"canary\"}";
	(void)snprintf(seconds, sizeof seconds, "%d", atomic_load(&t.retry_after_s));
	const struct ad_http_header retry = { "Retry-After", seconds };
	const struct ad_http_reply reply = {
		.status = status,
		.content_type = "application/json",
		.body = text,
		.body_len = strlen(text),
		.headers = &retry,
		.headers_count = bad && atomic_load(&t.retry_after_s) > 0,
	};
	ad_http_reply(request, &reply);
}

static void *run(void *ctx)
{
	(void)ctx;
	assert_int_equal(ad_http_server_run(t.server, NULL), 0);
	return NULL;
}

static int set_up(void **state)
{
	(void)state;
	memset(&t, 0, sizeof t);
	(void)pthread_mutex_init(&t.lock, NULL);
	t.arena = ad_arena_new();
	t.client = ad_net_client_new();
	atomic_store(&t.body, "{\"access_token\":\"t\",\"expires_on\":\"1800003600\"}");
	const struct ad_http_route routes[] = {
		{ .method = "GET", .path = IMDS_PATH, .handler = handle },
		{ .method = "GET", .path = "/msi/token", .handler = handle },
	};
	const struct ad_http_listener listener = {
		.address = "127.0.0.1", .routes = routes, .routes_count = 2
	};
	assert_int_equal(ad_http_server_new(NULL, &t.server, NULL), 0);
	assert_int_equal(ad_http_server_listen(t.server, &listener, &t.port, NULL), 0);
	t.config = (struct ad_token_config){
		.name = "bot",
		.scope = "https://api.botframework.com/.default",
		.managed = {
			.client_id = "client/1",
			.authority = ad_printf(t.arena, "http://127.0.0.1:%d", t.port),
		},
	};
	return ad_thread_start(&t.thread, "machine", run, NULL, NULL);
}

static int tear_down(void **state)
{
	(void)state;
	ad_http_server_stop(t.server, 1000);
	(void)pthread_join(t.thread, NULL);
	ad_http_server_free(t.server);
	ad_net_client_free(t.client);
	ad_arena_free(t.arena);
	(void)pthread_mutex_destroy(&t.lock);
	return 0;
}

static bool note_pause(void *ctx, int64_t ms)
{
	(void)ctx;
	assert_true(t.pauses_count < PAUSES_MAX);
	t.pauses[t.pauses_count++] = ms;
	return !t.stopping;
}

static int acquire(struct ad_grant *ret, struct ad_err *err)
{
	struct ad_credential credential = { .config = &t.config };
	const struct ad_acquire how = {
		.client = t.client,
		.arena = t.arena,
		.now_s = NOW,
		.pause = note_pause,
	};
	*ret = (struct ad_grant){ 0 };
	*err = (struct ad_err){ 0 };
	t.pauses_count = 0;
	atomic_store(&t.fetches, 0);
	int rc = ad_credential_managed.open(&credential, err);
	if (rc == 0)
		rc = ad_credential_managed.acquire(&credential, &how, ret, err);
	assert_null(strstr(err->text, "canary"));
	return rc;
}

static void answers(int status, int count, int retry_after_s)
{
	atomic_store(&t.status, status);
	atomic_store(&t.statuses, count);
	atomic_store(&t.retry_after_s, retry_after_s);
}

static void as_app_service(void)
{
	t.config.managed.endpoint = ad_printf(t.arena, "http://127.0.0.1:%d/msi/token", t.port);
	t.config.managed.header = "machine's own word";
}

static void paused(int count, const int64_t *ms)
{
	assert_int_equal(t.pauses_count, count);
	for (int i = 0; i < count; i++)
		assert_int_equal(t.pauses[i], ms[i]);
}

/* ---- Tests ---- */

static void t06_imds_is_asked_with_its_header_and_a_resource_without_default(void **state)
{
	(void)state;
	struct ad_grant grant;
	struct ad_err err;
	assert_int_equal(acquire(&grant, &err), 0);
	assert_string_equal(grant.token, "t");
	assert_int_equal(grant.life_s, 3600);
	assert_int_equal(grant.renew_s, 0);
	assert_string_equal(t.query, "api-version=2018-02-01&resource=https%3A%2F%2F"
				     "api.botframework.com&client_id=client%2F1");
	assert_string_equal(t.metadata, "true");
	assert_string_equal(t.header, "");
}

static void t06_app_service_is_asked_with_its_header(void **state)
{
	(void)state;
	struct ad_grant grant;
	struct ad_err err;
	as_app_service();
	t.config.managed.client_id = NULL;
	assert_int_equal(acquire(&grant, &err), 0);
	assert_string_equal(
		t.query, "api-version=2019-08-01&resource=https%3A%2F%2Fapi.botframework.com");
	assert_string_equal(t.metadata, "");
	assert_string_equal(t.header, "machine's own word");
}

static void t06_the_end_may_be_text_a_number_or_a_date(void **state)
{
	(void)state;
	static const struct {
		const char *body;
		int64_t life_s;
	} cases[] = {
		{ "{\"access_token\":\"t\",\"expires_on\":\"1800000100\"}", 100 },
		{ "{\"access_token\":\"t\",\"expires_on\":1800000100}", 100 },
		{ "{\"access_token\":\"t\",\"expires_on\":\"2027-01-15T08:01:40Z\"}", 100 },
		{ "{\"access_token\":\"t\",\"expires_on\":\"2027-01-15T10:01:40.25+02:00\"}", 100 },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct ad_grant grant;
		struct ad_err err;
		atomic_store(&t.body, cases[i].body);
		if (acquire(&grant, &err) != 0)
			fail_msg("case %zu: %s", i, err.text);
		assert_int_equal(grant.life_s, cases[i].life_s);
	}
}

static void an_answer_without_a_usable_token_is_refused(void **state)
{
	(void)state;
	static const char *const bodies[] = { "", "[]", "{}", "{\"access_token\":\"t\"}",
		"{\"access_token\":\"t\",\"expires_on\":\"soon\"}",
		"{\"access_token\":\"t\",\"expires_on\":\"1799999999\"}",
		"{\"access_token\":\"t\",\"expires_on\":-1}",
		"{\"access_token\":\"t\",\"expires_on\":\"9223372036854775807\"}",
		"{\"access_token\":\"a\\r\\nb\",\"expires_on\":\"1800003600\"}",
		"{\"access_token\":5,\"expires_on\":\"1800003600\"}" };
	for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
		struct ad_grant grant;
		struct ad_err err;
		atomic_store(&t.body, bodies[i]);
		if (acquire(&grant, &err) != AD_EUNAVAIL)
			fail_msg("case %zu: %s", i, err.text);
	}
}

static void a_long_lived_token_is_renewed_at_half_of_its_life(void **state)
{
	(void)state;
	struct ad_grant grant;
	struct ad_err err;
	atomic_store(&t.body, "{\"access_token\":\"t\",\"expires_on\":1800007201}");
	assert_int_equal(acquire(&grant, &err), 0);
	assert_int_equal(grant.renew_s, 3600);
	atomic_store(&t.body, "{\"access_token\":\"t\",\"expires_on\":1800007200}");
	assert_int_equal(acquire(&grant, &err), 0);
	assert_int_equal(grant.renew_s, 0);
}

static void t07_imds_is_tried_again_after_one_two_and_four_seconds(void **state)
{
	(void)state;
	static const int passing[] = { 404, 408, 429, 500, 502, 503, 504 };
	for (size_t i = 0; i < sizeof passing / sizeof passing[0]; i++) {
		struct ad_grant grant;
		struct ad_err err;
		answers(passing[i], 3, 0);
		if (acquire(&grant, &err) != 0)
			fail_msg("status %d: %s", passing[i], err.text);
		paused(3, (const int64_t[]){ 1000, 2000, 4000 });
		answers(passing[i], 9, 0);
		assert_int_not_equal(acquire(&grant, &err), 0);
		assert_int_equal(err.status, passing[i]);
		assert_int_equal(err.class, AD_CLASS_TRANSIENT);
		assert_int_equal(atomic_load(&t.fetches), 4);
	}
}

static void t07_imds_that_is_gone_is_waited_for_seventy_seconds(void **state)
{
	(void)state;
	struct ad_grant grant;
	struct ad_err err;
	answers(410, 7, 0);
	assert_int_equal(acquire(&grant, &err), 0);
	paused(7, (const int64_t[]){ 10000, 10000, 10000, 10000, 10000, 10000, 10000 });
	answers(410, 99, 0);
	assert_int_not_equal(acquire(&grant, &err), 0);
	assert_int_equal(atomic_load(&t.fetches), 8);
}

static void t07_app_service_is_tried_again_as_it_says(void **state)
{
	(void)state;
	static const int passing[] = { 404, 408, 429, 500, 503, 504 };
	struct ad_grant grant;
	struct ad_err err;
	as_app_service();
	for (size_t i = 0; i < sizeof passing / sizeof passing[0]; i++) {
		answers(passing[i], 3, 0);
		assert_int_equal(acquire(&grant, &err), 0);
		paused(3, (const int64_t[]){ 1000, 1000, 1000 });
	}
	answers(429, 1, 7);
	assert_int_equal(acquire(&grant, &err), 0);
	paused(1, (const int64_t[]){ 7000 });
	/* so long nobody waits in one go: the refresher comes again */
	answers(429, 1, 600);
	assert_int_equal(acquire(&grant, &err), AD_ETHROTTLED);
	assert_int_equal(err.retry_after_s, 600);
	paused(0, NULL);
	answers(410, 1, 0);
	assert_int_equal(acquire(&grant, &err), AD_ECONFIG);
	answers(502, 1, 0);
	assert_int_equal(acquire(&grant, &err), AD_EUNAVAIL);
	paused(0, NULL);
}

static void a_refusal_is_told_with_what_to_do_and_not_repeated(void **state)
{
	(void)state;
	static const int final[] = { 400, 401, 403 };
	for (size_t i = 0; i < sizeof final / sizeof final[0]; i++) {
		struct ad_grant grant;
		struct ad_err err;
		answers(final[i], 99, 0);
		assert_int_equal(acquire(&grant, &err), AD_ECONFIG);
		assert_int_equal(atomic_load(&t.fetches), 1);
		assert_non_null(strstr(err.text, "assigned to this machine"));
		assert_non_null(strstr(err.text, "invalid_request"));
		assert_int_equal(err.class, AD_CLASS_TRANSIENT);
	}
}

static void a_stop_does_not_wait_for_the_pauses(void **state)
{
	(void)state;
	struct ad_grant grant;
	struct ad_err err;
	t.stopping = true;
	answers(410, 99, 0);
	assert_int_equal(acquire(&grant, &err), AD_EUNAVAIL);
	assert_int_equal(t.pauses_count, 1);
}

static void only_this_machine_is_asked(void **state)
{
	(void)state;
	struct ad_grant grant;
	struct ad_err err;
	t.config.managed.authority = "http://192.0.2.1";
	assert_int_equal(acquire(&grant, &err), AD_ECONFIG);
	assert_non_null(strstr(err.text, "AZURE_POD_IDENTITY_AUTHORITY_HOST"));
	t.config.managed.endpoint = "http://identity.example.com/msi/token";
	t.config.managed.header = "x";
	assert_int_equal(acquire(&grant, &err), AD_ECONFIG);
	assert_non_null(strstr(err.text, "IDENTITY_ENDPOINT"));
	t.config.managed.header = NULL;
	assert_int_equal(acquire(&grant, &err), AD_ECONFIG);
	assert_non_null(strstr(err.text, "IDENTITY_HEADER"));
	t.config.managed.endpoint = NULL;
	t.config.managed.authority = NULL;
	t.config.scope = "https://api.botframework.com";
	assert_int_equal(acquire(&grant, &err), AD_ECONFIG);
	assert_non_null(strstr(err.text, "bot.scope"));
}

#define MACHINE_TEST(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		MACHINE_TEST(t06_imds_is_asked_with_its_header_and_a_resource_without_default),
		MACHINE_TEST(t06_app_service_is_asked_with_its_header),
		MACHINE_TEST(t06_the_end_may_be_text_a_number_or_a_date),
		MACHINE_TEST(an_answer_without_a_usable_token_is_refused),
		MACHINE_TEST(a_long_lived_token_is_renewed_at_half_of_its_life),
		MACHINE_TEST(t07_imds_is_tried_again_after_one_two_and_four_seconds),
		MACHINE_TEST(t07_imds_that_is_gone_is_waited_for_seventy_seconds),
		MACHINE_TEST(t07_app_service_is_tried_again_as_it_says),
		MACHINE_TEST(a_refusal_is_told_with_what_to_do_and_not_repeated),
		MACHINE_TEST(a_stop_does_not_wait_for_the_pauses),
		MACHINE_TEST(only_this_machine_is_asked),
	};
	struct ad_err err;
	if (ad_net_init(&err) != 0)
		return 1;
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	ad_net_exit();
	return failed;
}
