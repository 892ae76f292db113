/* SPDX-License-Identifier: Apache-2.0 */
/* Promises about our own access tokens: one request for all, renewed early, kept through outages,
 * and no secret in any error. */
#include "ad/identity/token.h"

#include "ad/http.h"
#include "ad/net.h"
#include "ad/text.h"
#include "ad/work.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>

#include <cmocka.h>

#define SECRET "s3cr&t+ canary"
#define NOW 1800000000LL

static struct {
	_Atomic(const char *) written; /* in the secret's file; NULL: there is none */
	struct ad_http_server *server;
	pthread_t thread;
	uint16_t port;
	struct ad_arena *arena;
	struct ad_token_source *source;
	atomic_int fetches;
	atomic_int status; /* 0: 200 and a token */
	atomic_int life_s;
	_Atomic(const char *) error_body;
	pthread_mutex_t lock; /* guards last_form */
	char last_form[1024];
} t;

static atomic_llong test_now;

static int64_t read_test_now(void *ctx)
{
	(void)ctx;
	return atomic_load(&test_now);
}

/* ---- Token endpoint ---- */

static void handle_token(struct ad_http_request *request, void *ctx)
{
	(void)ctx;
	char body[256];
	size_t len = 0;
	int nth = atomic_fetch_add(&t.fetches, 1) + 1;
	(void)pthread_mutex_lock(&t.lock);
	(void)snprintf(t.last_form, sizeof t.last_form, "%s", ad_http_request_body(request, &len));
	(void)pthread_mutex_unlock(&t.lock);
	(void)snprintf(body, sizeof body,
		"{\"token_type\":\"Bearer\",\"expires_in\":%d,\"access_token\":\"token-%d\"}",
		atomic_load(&t.life_s), nth);
	int status = atomic_load(&t.status);
	const char *error = atomic_load(&t.error_body);
	const char *text = error ? error : body;
	struct ad_http_header retry = { "Retry-After", "7" };
	struct ad_http_reply reply = {
		.status = status ? status : 200,
		.content_type = "application/json",
		.body = text,
		.body_len = strlen(text),
		.headers = &retry,
		.headers_count = status == 429,
	};
	ad_http_reply(request, &reply);
}

static void *run(void *ctx)
{
	(void)ctx;
	assert_int_equal(ad_http_server_run(t.server, NULL), 0);
	return NULL;
}

static void start_server(void)
{
	const struct ad_http_route route = { .method = "POST",
		.path = "/token",
		.content_type = "application/x-www-form-urlencoded",
		.handler = handle_token };
	const struct ad_http_listener listener = {
		.address = "127.0.0.1", .routes = &route, .routes_count = 1
	};
	assert_int_equal(ad_http_server_new(NULL, &t.server, NULL), 0);
	assert_int_equal(ad_http_server_listen(t.server, &listener, &t.port, NULL), 0);
	assert_int_equal(ad_thread_start(&t.thread, "endpoint", run, NULL, NULL), 0);
}

/* What the secret's source says. */
static int read_secret(void *ctx, struct ad_arena *arena, const char **ret, struct ad_err *err)
{
	(void)ctx;
	(void)arena;
	const char *secret = atomic_load(&t.written);
	if (!secret)
		return AD_FAIL(err, AD_ECONFIG, "gone");
	*ret = secret;
	return 0;
}

static int set_up(void **state)
{
	(void)state;
	memset(&t, 0, sizeof t);
	(void)pthread_mutex_init(&t.lock, NULL);
	t.arena = ad_arena_new();
	atomic_store(&t.life_s, 3600);
	atomic_store(&test_now, NOW);
	start_server();
	const struct ad_token_config config = {
		.name = "bot",
		.token_url = ad_printf(t.arena, "http://127.0.0.1:%d/token", t.port),
		.client_id = "client/1",
		.secret = SECRET,
		.renew = read_secret,
		.scope = "https://api.botframework.com/.default",
		.allow_http_loopback = true,
		.now_s = read_test_now,
	};
	struct ad_err err;
	return ad_token_source_new(&config, &t.source, &err);
}

static int tear_down(void **state)
{
	(void)state;
	ad_token_source_free(t.source);
	ad_http_server_stop(t.server, 1000);
	(void)pthread_join(t.thread, NULL);
	ad_http_server_free(t.server);
	ad_arena_free(t.arena);
	(void)pthread_mutex_destroy(&t.lock);
	return 0;
}

static char *get(void)
{
	char *token = NULL;
	struct ad_err err = { 0 };
	if (ad_token_get(t.source, t.arena, AD_TOKEN_WAIT_MS, &token, &err) != 0)
		fail_msg("no token: %s", err.text);
	return token;
}

static int get_error(struct ad_err *ret)
{
	char *token = NULL;
	*ret = (struct ad_err){ 0 };
	int rc = ad_token_get(t.source, t.arena, AD_TOKEN_WAIT_MS, &token, ret);
	assert_null(strstr(ret->text, "canary"));
	assert_null(strstr(ret->text, "s3cr"));
	return rc;
}

/* ---- Tests ---- */

static void request_has_the_form_of_the_grant_and_is_made_once(void **state)
{
	(void)state;
	assert_int_equal(atomic_load(&t.fetches), 0); /* nothing before the first use */
	assert_string_equal(get(), "token-1");
	assert_string_equal(get(), "token-1");
	assert_int_equal(atomic_load(&t.fetches), 1);
	(void)pthread_mutex_lock(&t.lock);
	assert_string_equal(t.last_form, "grant_type=client_credentials&client_id=client%2F1"
					 "&scope=https%3A%2F%2Fapi.botframework.com%2F.default"
					 "&client_secret=s3cr%26t%2B%20canary");
	(void)pthread_mutex_unlock(&t.lock);
}

static void *get_on_thread(void *ctx)
{
	struct ad_arena *arena = ad_arena_new();
	char *token = NULL;
	int *rc = ctx;
	*rc = ad_token_get(t.source, arena, AD_TOKEN_WAIT_MS, &token, NULL);
	if (*rc == 0)
		*rc = strcmp(token, "token-1");
	ad_arena_free(arena);
	return NULL;
}

static void parallel_callers_share_one_request(void **state)
{
	(void)state;
	enum { CROWD = 30 };
	pthread_t threads[CROWD];
	int results[CROWD];
	for (int i = 0; i < CROWD; i++)
		assert_int_equal(
			ad_thread_start(&threads[i], "get", get_on_thread, &results[i], NULL), 0);
	for (int i = 0; i < CROWD; i++) {
		(void)pthread_join(threads[i], NULL);
		assert_int_equal(results[i], 0);
	}
	assert_int_equal(atomic_load(&t.fetches), 1);
}

static void caller_who_may_not_wait_gets_busy_and_later_the_token(void **state)
{
	(void)state;
	char *token = NULL;
	int rc = ad_token_get(t.source, t.arena, 0, &token, NULL);
	assert_int_equal(rc, AD_EBUSY);
	while (rc == AD_EBUSY)
		rc = ad_token_get(t.source, t.arena, 0, &token, NULL);
	assert_int_equal(rc, 0);
	assert_string_equal(token, "token-1");
	assert_int_equal(atomic_load(&t.fetches), 1);
}

static void expired_token_is_replaced(void **state)
{
	(void)state;
	assert_string_equal(get(), "token-1");
	atomic_store(&test_now, NOW + 3600 - 5);
	assert_string_equal(get(), "token-2");
}

static void token_is_renewed_in_the_background_before_its_end(void **state)
{
	(void)state;
	atomic_store(&t.life_s, 2); /* half of it, by the monotonic clock, is one second */
	atomic_store(&test_now, NOW - 60);
	(void)get_error(&(struct ad_err){ 0 }); /* too short to be handed out */
	while (atomic_load(&t.fetches) < 2)
		(void)sched_yield();
}

static void refused_token_is_dropped_but_not_a_newer_one(void **state)
{
	(void)state;
	assert_string_equal(get(), "token-1");
	ad_token_drop(t.source, "token-0");
	assert_string_equal(get(), "token-1");
	ad_token_drop(t.source, "token-1");
	assert_string_equal(get(), "token-2"); /* waits for the gap between two requests */
	ad_token_drop(t.source, "token-1");
	assert_string_equal(get(), "token-2");
	assert_int_equal(atomic_load(&t.fetches), 2);
}

static void refusal_names_the_codes_and_never_the_secret(void **state)
{
	(void)state;
	atomic_store(&t.status, 401);
	atomic_store(&t.error_body, "{\"error\":\"invalid_client\",\"error_description\":"
				    "\"AADSTS7000215: s3cr&t+ canary\","
				    "\"error_codes\":[7000215,\"x\",50034]}");
	struct ad_err err;
	assert_int_equal(get_error(&err), AD_ECONFIG);
	assert_non_null(strstr(err.text, "bot"));
	assert_non_null(strstr(err.text, "invalid_client AADSTS7000215 AADSTS50034"));
	assert_int_equal(err.status, 401);
	assert_int_equal(err.class, AD_CLASS_TRANSIENT);
	/* asked again at once: the same answer without another request */
	int before = atomic_load(&t.fetches);
	assert_int_equal(get_error(&err), AD_ECONFIG);
	assert_int_equal(atomic_load(&t.fetches), before);
}

static void error_text_repeats_no_foreign_words(void **state)
{
	(void)state;
	atomic_store(&t.status, 400);
	atomic_store(&t.error_body, "{\"error\":\"s3cr&t+ canary\",\"error_codes\":\"canary\"}");
	struct ad_err err;
	assert_int_equal(get_error(&err), AD_ECONFIG);
	assert_non_null(strstr(err.text, "no error code"));
}

static void throttling_and_outage_are_told_apart(void **state)
{
	(void)state;
	struct ad_err err;
	atomic_store(&t.status, 429);
	assert_int_equal(get_error(&err), AD_ETHROTTLED);
	assert_int_equal(err.retry_after_s, 7);
}

static void outage_is_unavailable(void **state)
{
	(void)state;
	struct ad_err err;
	atomic_store(&t.status, 502);
	atomic_store(&t.error_body, "<html>");
	assert_int_equal(get_error(&err), AD_EUNAVAIL);
}

static void answer_without_a_usable_token_is_refused(void **state)
{
	(void)state;
	static const char *const bodies[] = {
		"",
		"{}",
		"[]",
		"{\"token_type\":\"Bearer\",\"expires_in\":3600}",
		"{\"token_type\":\"Bearer\",\"expires_in\":3600,\"access_token\":\"\"}",
		"{\"token_type\":\"Bearer\",\"expires_in\":3600,\"access_token\":\"a\\r\\nb\"}",
		"{\"token_type\":\"Bearer\",\"expires_in\":0,\"access_token\":\"a\"}",
		"{\"token_type\":\"Bearer\",\"expires_in\":-5,\"access_token\":\"a\"}",
		"{\"token_type\":\"Bearer\",\"access_token\":\"a\"}",
		"{\"token_type\":\"mac\",\"expires_in\":3600,\"access_token\":\"a\"}",
	};
	void *none = NULL;
	for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
		/* a new source each time: a failure makes the old one pause */
		if (i > 0) {
			assert_int_equal(tear_down(&none), 0);
			assert_int_equal(set_up(&none), 0);
		}
		struct ad_err err;
		atomic_store(&t.error_body, bodies[i]);
		if (get_error(&err) != AD_EUNAVAIL)
			fail_msg("case %zu gave: %s", i, err.text);
	}
}

static void valid_token_is_kept_while_the_endpoint_is_down(void **state)
{
	(void)state;
	atomic_store(&t.life_s, 13);
	assert_string_equal(get(), "token-1"); /* three seconds are left of it */
	atomic_store(&t.status, 500);
	struct ad_err err;
	assert_string_equal(get(), "token-1");
	atomic_store(&test_now, NOW + 4);
	assert_int_equal(get_error(&err), AD_EUNAVAIL);
	atomic_store(&test_now, NOW + 2);
	assert_string_equal(get(), "token-1");
}

static bool last_secret_was(const char *secret)
{
	const char *wanted = ad_printf(t.arena, "&client_secret=%s", secret);
	(void)pthread_mutex_lock(&t.lock);
	bool was = ad_text_ends(t.last_form, wanted);
	(void)pthread_mutex_unlock(&t.lock);
	return was;
}

static void rotated_secret_is_read_when_a_token_is_needed(void **state)
{
	(void)state;
	atomic_store(&t.written, "rotated");
	assert_string_equal(get(), "token-1");
	assert_true(last_secret_was("rotated"));
	/* while its file is being replaced, the last one counts */
	atomic_store(&t.written, NULL);
	ad_token_drop(t.source, "token-1");
	assert_string_equal(get(), "token-2");
	assert_true(last_secret_was("rotated"));
	atomic_store(&t.written, "again");
	ad_token_drop(t.source, "token-2");
	assert_string_equal(get(), "token-3");
	assert_true(last_secret_was("again"));
}

static void incomplete_config_is_refused(void **state)
{
	(void)state;
	const struct ad_token_config good = { .name = "bot",
		.token_url = "https://h/",
		.client_id = "c",
		.secret = "s",
		.scope = "x" };
	struct ad_token_source *source = NULL;
	struct ad_token_config config = good;
	config.client_id = "";
	assert_int_equal(ad_token_source_new(&config, &source, NULL), AD_ECONFIG);
	config = good;
	config.secret = NULL;
	assert_int_equal(ad_token_source_new(&config, &source, NULL), AD_ECONFIG);
	config = good;
	config.token_url = "http://h/";
	assert_int_equal(ad_token_source_new(&config, &source, NULL), AD_ECONFIG);
	config.token_url = "http://127.0.0.1/";
	assert_int_equal(ad_token_source_new(&config, &source, NULL), AD_ECONFIG);
}

#define SOURCE_TEST(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SOURCE_TEST(request_has_the_form_of_the_grant_and_is_made_once),
		SOURCE_TEST(parallel_callers_share_one_request),
		SOURCE_TEST(caller_who_may_not_wait_gets_busy_and_later_the_token),
		SOURCE_TEST(expired_token_is_replaced),
		SOURCE_TEST(token_is_renewed_in_the_background_before_its_end),
		SOURCE_TEST(refused_token_is_dropped_but_not_a_newer_one),
		SOURCE_TEST(refusal_names_the_codes_and_never_the_secret),
		SOURCE_TEST(error_text_repeats_no_foreign_words),
		SOURCE_TEST(throttling_and_outage_are_told_apart),
		SOURCE_TEST(outage_is_unavailable),
		SOURCE_TEST(answer_without_a_usable_token_is_refused),
		SOURCE_TEST(valid_token_is_kept_while_the_endpoint_is_down),
		SOURCE_TEST(rotated_secret_is_read_when_a_token_is_needed),
		cmocka_unit_test(incomplete_config_is_refused),
	};
	struct ad_err err;
	if (ad_net_init(&err) != 0)
		return 1;
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	ad_net_exit();
	return failed;
}
