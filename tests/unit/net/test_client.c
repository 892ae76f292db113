/* SPDX-License-Identifier: Apache-2.0 */
/* Promises of the blocking HTTP client against a peer that misbehaves on order. */
#include "peer.h"

#include "ad/clock.h"

#include <sched.h>

struct call {
	struct ad_arena *arena;
	struct ad_net_client *client;
	struct ad_net_request request;
	struct ad_net_response response;
	struct ad_err err;
};

static void call_init(struct call *call, const char *method, const char *path)
{
	memset(call, 0, sizeof *call);
	call->arena = ad_arena_new();
	call->client = ad_net_client_new();
	call->request.method = method;
	call->request.url = ad_printf(call->arena, "http://127.0.0.1:%d%s", peer.port, path);
	call->request.allow_http_loopback = true;
}

static int call_send(struct call *call)
{
	return ad_net_send(call->client, call->arena, &call->request, &call->response, &call->err);
}

static void call_end(struct call *call)
{
	ad_net_client_free(call->client);
	ad_arena_free(call->arena);
}

static void answer_comes_with_its_headers(void **state)
{
	(void)state;
	struct call call;
	call_init(&call, NULL, "/ok");
	assert_int_equal(call_send(&call), 0);
	assert_int_equal(call.response.status, 200);
	assert_string_equal(call.response.body, "hello");
	assert_int_equal(call.response.body_len, 5);
	assert_string_equal(call.response.etag, "\"e1\"");
	assert_string_equal(call.response.content_type, "text/plain");
	assert_string_equal(ad_net_response_header(&call.response, "CONTENT-LENGTH"), "5");
	assert_null(ad_net_response_header(&call.response, "X-None"));
	assert_true(call.response.sent_anything);
	call_end(&call);
}

static void request_is_sent_as_it_was_asked_for(void **state)
{
	(void)state;
	struct call call;
	call_init(&call, "PATCH", "/echo");
	const struct ad_net_header headers[] = { { "If-Match", "\"e\"" }, { "X-Empty", "" } };
	call.request.headers = headers;
	call.request.headers_count = 2;
	call.request.content_type = "application/json";
	call.request.body = "{}";
	call.request.body_len = 2;
	assert_int_equal(call_send(&call), 0);
	const char *head = call.response.body;
	assert_true(ad_text_starts(head, "PATCH /echo HTTP/1.1\r\n"));
	assert_non_null(strstr(head, "\r\nIf-Match: \"e\"\r\n"));
	assert_non_null(strstr(head, "\r\nX-Empty:\r\n"));
	assert_non_null(strstr(head, "\r\nContent-Type: application/json\r\n"));
	assert_non_null(strstr(head, "\r\nContent-Length: 2\r\n"));
	assert_null(strstr(head, "Expect"));
	call_end(&call);
}

static void bodyless_requests_carry_no_foreign_content_type(void **state)
{
	(void)state;
	static const char *const methods[] = { "POST", "DELETE", "GET" };
	for (size_t i = 0; i < 3; i++) {
		struct call call;
		call_init(&call, methods[i], "/echo");
		assert_int_equal(call_send(&call), 0);
		assert_true(ad_text_starts(call.response.body, methods[i]));
		assert_null(strstr(call.response.body, "Content-Type"));
		call_end(&call);
	}
}

static void header_with_line_break_is_refused(void **state)
{
	(void)state;
	struct call call;
	call_init(&call, NULL, "/ok");
	const struct ad_net_header header = { "X", "a\r\nAuthorization: b" };
	call.request.headers = &header;
	call.request.headers_count = 1;
	assert_int_equal(call_send(&call), AD_EINVAL);
	assert_int_equal(atomic_load(&peer.requests), 0);
	call_end(&call);
}

static bool allow_loopback(void *ctx, const char *from, const char *to)
{
	int *asked = ctx;
	(*asked)++;
	assert_non_null(from);
	return ad_text_starts(to, "http://127.0.0.1:");
}

static void redirects_are_followed_only_as_the_policy_says(void **state)
{
	(void)state;
	struct call call;
	int asked = 0;
	call_init(&call, NULL, "/redirect");
	assert_int_equal(call_send(&call), 0);
	assert_int_equal(call.response.status, 302);
	assert_string_equal(call.response.location, "/ok");
	assert_int_equal(atomic_load(&peer.requests), 1);
	call.request.redirect = allow_loopback;
	call.request.redirect_ctx = &asked;
	assert_int_equal(call_send(&call), 0);
	assert_int_equal(call.response.status, 200);
	assert_true(ad_text_ends(call.response.url, "/ok"));
	assert_int_equal(asked, 1);
	call.request.url = ad_printf(call.arena, "http://127.0.0.1:%d/away", peer.port);
	assert_int_equal(call_send(&call), AD_EDENIED);
	call.request.url = ad_printf(call.arena, "http://127.0.0.1:%d/loop", peer.port);
	asked = 0;
	assert_int_equal(call_send(&call), AD_EUNAVAIL);
	assert_int_equal(asked, AD_NET_REDIRECTS_MAX + 1);
	call.request.method = "POST";
	assert_int_equal(call_send(&call), 0);
	assert_int_equal(call.response.status, 302);
	call_end(&call);
}

static void plain_http_goes_to_loopback_only_and_only_when_allowed(void **state)
{
	(void)state;
	struct call call;
	call_init(&call, NULL, "/ok");
	call.request.allow_http_loopback = false;
	assert_int_equal(call_send(&call), AD_EDENIED);
	call.request.allow_http_machine = true;
	assert_int_equal(call_send(&call), 0);
	call.request.url = "http://192.0.2.1/";
	assert_int_equal(call_send(&call), AD_EDENIED);
	call.request.url = "http://10.0.0.1/metadata";
	assert_int_equal(call_send(&call), AD_EDENIED);
	call.request.url = "http://metadata.example.com/";
	assert_int_equal(call_send(&call), AD_EDENIED);
	call.request.allow_http_machine = false;
	call.request.allow_http_loopback = true;
	call.request.url = "http://169.254.169.254/";
	assert_int_equal(call_send(&call), AD_EDENIED);
	call.request.url = "http://192.0.2.1/";
	assert_int_equal(call_send(&call), AD_EDENIED);
	call.request.url = "ftp://127.0.0.1/";
	assert_int_equal(call_send(&call), AD_EINVAL);
	call.request.url = "http://user@127.0.0.1/";
	assert_int_equal(call_send(&call), AD_EINVAL);
	assert_int_equal(atomic_load(&peer.requests), 1); /* that one to loopback */
	call_end(&call);
}

static void private_addresses_are_refused_when_only_public_ones_are_wanted(void **state)
{
	(void)state;
	struct call call;
	call_init(&call, NULL, "/ok");
	call.request.public_addresses_only = true;
	assert_int_equal(call_send(&call), AD_EDENIED);
	assert_false(call.response.sent_anything);
	call.request.url = ad_printf(call.arena, "http://localhost:%d/ok", peer.port);
	assert_int_equal(call_send(&call), AD_EDENIED);
	/* and a connection that is open already does not help */
	call.request.public_addresses_only = false;
	assert_int_equal(call_send(&call), 0);
	call.request.public_addresses_only = true;
	assert_int_equal(call_send(&call), AD_EDENIED);
	assert_int_equal(atomic_load(&peer.requests), 1);
	call_end(&call);
}

static void too_large_answers_end_the_transfer(void **state)
{
	(void)state;
	static const char *const paths[] = { "/big", "/big-chunked" };
	for (size_t i = 0; i < 2; i++) {
		struct call call;
		call_init(&call, NULL, paths[i]);
		assert_int_equal(call_send(&call), AD_ETOOBIG);
		call.request.response_max = 2 << 20;
		assert_int_equal(call_send(&call), 0);
		assert_int_equal(call.response.body_len, 2 << 20);
		call_end(&call);
	}
}

struct stream {
	size_t got;
	size_t given;
	int fail_at;
};

static int count_bytes(void *ctx, const void *data, size_t len)
{
	(void)data;
	struct stream *stream = ctx;
	stream->got += len;
	return stream->fail_at > 0 && stream->got >= (size_t)stream->fail_at;
}

static ssize_t give_bytes(void *ctx, void *room, size_t len)
{
	struct stream *stream = ctx;
	if (stream->fail_at > 0 && stream->given >= (size_t)stream->fail_at)
		return -1;
	size_t n = len > 1000 ? 1000 : len;
	memset(room, 'u', n);
	stream->given += n;
	return (ssize_t)n;
}

static void bodies_are_streamed_in_both_directions(void **state)
{
	(void)state;
	struct call call;
	struct stream stream = { 0 };
	call_init(&call, NULL, "/big");
	call.request.sink = count_bytes;
	call.request.io_ctx = &stream;
	call.request.response_max = 4 << 20;
	assert_int_equal(call_send(&call), 0);
	assert_int_equal(stream.got, 2 << 20);
	assert_int_equal(call.response.body_len, 0);
	stream.fail_at = 1;
	assert_int_equal(call_send(&call), AD_EIO);
	call_end(&call);

	stream = (struct stream){ 0 };
	call_init(&call, "PUT", "/echo-body");
	call.request.upload = give_bytes;
	call.request.upload_len = 12345;
	call.request.io_ctx = &stream;
	assert_int_equal(call_send(&call), 0);
	assert_int_equal(call.response.body_len, 12345);
	stream = (struct stream){ .fail_at = 2000 };
	assert_int_equal(call_send(&call), AD_EIO);
	call_end(&call);
}

static void error_body_does_not_go_to_the_sink(void **state)
{
	(void)state;
	struct call call;
	struct stream stream = { 0 };
	call_init(&call, NULL, "/busy");
	call.request.sink = count_bytes;
	call.request.io_ctx = &stream;
	assert_int_equal(call_send(&call), 0);
	assert_int_equal(call.response.status, 429);
	assert_int_equal(call.response.retry_after_s, 7);
	assert_string_equal(call.response.body, "{}");
	assert_int_equal(stream.got, 0);
	call_end(&call);
}

static void lost_answers_are_ambiguous_unless_the_request_may_be_repeated(void **state)
{
	(void)state;
	static const struct {
		const char *method;
		const char *path;
		bool idempotent;
		int code;
	} cases[] = {
		{ "GET", "/hang", false, AD_ETIMEOUT },
		{ "PUT", "/hang", false, AD_ETIMEOUT },
		{ "POST", "/hang", false, AD_EAMBIGUOUS },
		{ "POST", "/hang", true, AD_ETIMEOUT },
		{ "GET", "/cut", false, AD_EUNAVAIL },
		{ "POST", "/cut", false, AD_EAMBIGUOUS },
		{ "PATCH", "/cut", false, AD_EAMBIGUOUS },
		{ "POST", "/cut", true, AD_EUNAVAIL },
		{ "POST", "/half", false, AD_EAMBIGUOUS },
		{ "GET", "/half", false, AD_EUNAVAIL },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct call call;
		call_init(&call, cases[i].method, cases[i].path);
		call.request.idempotent = cases[i].idempotent;
		call.request.total_ms = 200;
		int rc = call_send(&call);
		if (rc != cases[i].code)
			fail_msg("%s %s gave %d: %s", cases[i].method, cases[i].path, rc,
				call.err.text);
		assert_true(call.response.sent_anything);
		assert_int_equal(call.response.status, 0);
		call_end(&call);
	}
}

static void nobody_there_means_nothing_was_sent(void **state)
{
	(void)state;
	struct call call;
	call_init(&call, "POST", "/ok");
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t len = sizeof address;
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	/* a port that is bound but not listened on answers with a reset */
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &len), 0);
	call.request.url = ad_printf(call.arena, "http://127.0.0.1:%d/", ntohs(address.sin_port));
	assert_int_equal(call_send(&call), AD_EUNAVAIL);
	assert_false(call.response.sent_anything);
	assert_null(strstr(call.err.text, "/ok"));
	(void)close(fd);
	call_end(&call);
}

/* libcurl would send it again on a fresh connection; the peer would have two messages. */
static void post_on_a_dead_connection_is_not_sent_twice(void **state)
{
	(void)state;
	struct call call;
	call_init(&call, "POST", "/once");
	assert_int_equal(call_send(&call), 0);
	assert_int_equal(call_send(&call), AD_EAMBIGUOUS);
	assert_int_equal(atomic_load(&peer.requests), 2);
	/* a GET may */
	call.request.method = "GET";
	assert_int_equal(call_send(&call), 0);
	assert_int_equal(call_send(&call), 0);
	assert_int_equal(atomic_load(&peer.requests), 5);
	call_end(&call);
}

static void *cancel_when_it_hangs(void *ctx)
{
	while (atomic_load(&peer.requests) == 0)
		(void)sched_yield();
	ad_net_client_cancel(ctx);
	return NULL;
}

static void a_cancelled_client_waits_for_nobody(void **state)
{
	(void)state;
	struct call call;
	pthread_t thread;
	int64_t begun = ad_clock_mono_ms();
	call_init(&call, "GET", "/hang");
	call.request.total_ms = 60000;
	assert_int_equal(pthread_create(&thread, NULL, cancel_when_it_hangs, call.client), 0);
	assert_int_equal(call_send(&call), AD_EUNAVAIL);
	assert_int_equal(pthread_join(thread, NULL), 0);
	/* From then on nothing is sent any more. */
	call.request.method = "POST";
	assert_int_equal(call_send(&call), AD_EUNAVAIL);
	assert_false(call.response.sent_anything);
	assert_true(ad_clock_mono_ms() - begun < 30000);
	assert_int_equal(atomic_load(&peer.requests), 1);
	call_end(&call);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PEER_TEST(answer_comes_with_its_headers),
		PEER_TEST(request_is_sent_as_it_was_asked_for),
		PEER_TEST(bodyless_requests_carry_no_foreign_content_type),
		PEER_TEST(header_with_line_break_is_refused),
		PEER_TEST(redirects_are_followed_only_as_the_policy_says),
		PEER_TEST(plain_http_goes_to_loopback_only_and_only_when_allowed),
		PEER_TEST(private_addresses_are_refused_when_only_public_ones_are_wanted),
		PEER_TEST(too_large_answers_end_the_transfer),
		PEER_TEST(bodies_are_streamed_in_both_directions),
		PEER_TEST(error_body_does_not_go_to_the_sink),
		PEER_TEST(lost_answers_are_ambiguous_unless_the_request_may_be_repeated),
		PEER_TEST(nobody_there_means_nothing_was_sent),
		PEER_TEST(post_on_a_dead_connection_is_not_sent_twice),
		PEER_TEST(a_cancelled_client_waits_for_nobody),
	};
	struct ad_err err;
	if (ad_net_init(&err) != 0)
		return 1;
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	ad_net_exit();
	return failed;
}
