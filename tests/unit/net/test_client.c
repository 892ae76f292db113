/* SPDX-License-Identifier: Apache-2.0 */
/* Promises of both HTTP clients against a peer that misbehaves on order. */
#include "ad/net.h"

#include "ad/buf.h"
#include "ad/text.h"
#include "ad/work.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <sys/socket.h>

#include <cmocka.h>

/* ---- The peer: one thread for each connection, the path says what it does ---- */

enum { CONNECTIONS = 64 };

static struct {
	int fd;
	int port;
	pthread_t thread;
	pthread_t connections[CONNECTIONS];
	size_t count;
	atomic_int requests;
	atomic_bool stopping;
} peer;

static void send_all(int fd, const char *text, size_t len)
{
	while (len > 0) {
		ssize_t n = send(fd, text, len, MSG_NOSIGNAL);
		if (n <= 0)
			return;
		text += n;
		len -= (size_t)n;
	}
}

static void send_text(int fd, const char *text)
{
	send_all(fd, text, strlen(text));
}

/* Reads one head and its body; false at the end of the connection. */
static bool read_request(int fd, struct ad_buf *head, struct ad_buf *body)
{
	ad_buf_clear(head);
	ad_buf_clear(body);
	char c;
	while (!strstr(ad_buf_str(head), "\r\n\r\n")) {
		if (recv(fd, &c, 1, 0) != 1)
			return false;
		(void)ad_buf_addc(head, c);
	}
	const char *length = strcasestr(ad_buf_str(head), "content-length: ");
	long left = length ? strtol(length + 16, NULL, 10) : 0;
	while (left > 0) {
		if (recv(fd, &c, 1, 0) != 1)
			return false;
		(void)ad_buf_addc(body, c);
		left--;
	}
	return true;
}

static void send_reply(int fd, const char *status, const char *headers, const char *body)
{
	struct ad_buf out;
	ad_buf_init(&out, 1 << 20);
	ad_buf_addf(&out, "HTTP/1.1 %s\r\nContent-Length: %zu\r\n%s\r\n%s", status, strlen(body),
		headers, body);
	send_all(fd, ad_buf_str(&out), out.len);
	ad_buf_release(&out);
}

static void send_big(int fd, bool chunked)
{
	char zeros[65536];
	memset(zeros, '0', sizeof zeros);
	send_text(fd, chunked ? "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
			      : "HTTP/1.1 200 OK\r\nContent-Length: 2097152\r\n\r\n");
	for (int i = 0; i < 32; i++) {
		if (chunked)
			send_text(fd, "10000\r\n");
		send_all(fd, zeros, sizeof zeros);
		if (chunked)
			send_text(fd, "\r\n");
	}
	if (chunked)
		send_text(fd, "0\r\n\r\n");
}

/* False: close the connection. */
static bool play(
	int fd, const char *path, int nth, const struct ad_buf *head, const struct ad_buf *body)
{
	char c;
	if (ad_text_starts(path, "/ok"))
		send_reply(fd, "200 OK", "ETag: \"e1\"\r\nContent-Type: text/plain\r\n", "hello");
	else if (ad_text_starts(path, "/echo"))
		send_reply(fd, "200 OK", "", ad_buf_str(strstr(path, "body") ? body : head));
	else if (ad_text_starts(path, "/redirect"))
		send_reply(fd, "302 Found", "Location: /ok\r\n", "");
	else if (ad_text_starts(path, "/away"))
		send_reply(fd, "302 Found", "Location: http://192.0.2.1/ok\r\n", "");
	else if (ad_text_starts(path, "/loop"))
		send_reply(fd, "302 Found", "Location: /loop\r\n", "");
	else if (ad_text_starts(path, "/busy"))
		send_reply(fd, "429 Too Many Requests", "Retry-After: 7\r\n", "{}");
	else if (ad_text_starts(path, "/big"))
		send_big(fd, strstr(path, "chunked") != NULL);
	else if (ad_text_starts(path, "/hang"))
		return recv(fd, &c, 1, 0) == 1; /* until the client gives up */
	else if (ad_text_starts(path, "/half"))
		send_text(fd, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
	else if (ad_text_starts(path, "/once") && nth == 1)
		send_reply(fd, "200 OK", "", "first");
	else
		return false;
	return !ad_text_starts(path, "/half");
}

static void *serve_connection(void *ctx)
{
	int fd = (int)(intptr_t)ctx;
	struct ad_buf head;
	struct ad_buf body;
	ad_buf_init(&head, 1 << 16);
	ad_buf_init(&body, 1 << 20);
	for (int nth = 1; read_request(fd, &head, &body); nth++) {
		atomic_fetch_add(&peer.requests, 1);
		const char *path = strchr(ad_buf_str(&head), '/');
		if (!path || !play(fd, path, nth, &head, &body))
			break;
	}
	(void)close(fd);
	ad_buf_release(&head);
	ad_buf_release(&body);
	return NULL;
}

static void *serve(void *ctx)
{
	(void)ctx;
	for (;;) {
		int fd = accept4(peer.fd, NULL, NULL, SOCK_CLOEXEC);
		if (fd < 0 || atomic_load(&peer.stopping)) {
			if (fd >= 0)
				(void)close(fd);
			return NULL;
		}
		assert_true(peer.count < CONNECTIONS);
		assert_int_equal(ad_thread_start(&peer.connections[peer.count++], "peer",
					 serve_connection, (void *)(intptr_t)fd, NULL),
			0);
	}
}

static int start_peer(void **state)
{
	(void)state;
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t len = sizeof address;
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	peer.count = 0;
	atomic_store(&peer.requests, 0);
	atomic_store(&peer.stopping, false);
	peer.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(peer.fd, (struct sockaddr *)&address, sizeof address), 0);
	assert_int_equal(listen(peer.fd, 16), 0);
	assert_int_equal(getsockname(peer.fd, (struct sockaddr *)&address, &len), 0);
	peer.port = ntohs(address.sin_port);
	return ad_thread_start(&peer.thread, "accept", serve, NULL, NULL);
}

static int stop_peer(void **state)
{
	(void)state;
	atomic_store(&peer.stopping, true);
	(void)shutdown(peer.fd, SHUT_RDWR); /* ends accept */
	(void)pthread_join(peer.thread, NULL);
	for (size_t i = 0; i < peer.count; i++)
		(void)pthread_join(peer.connections[i], NULL);
	(void)close(peer.fd);
	return 0;
}

/* ---- Client side ---- */

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
	call.request.allow_http_loopback = true;
	call.request.url = "http://192.0.2.1/";
	assert_int_equal(call_send(&call), AD_EDENIED);
	call.request.url = "ftp://127.0.0.1/";
	assert_int_equal(call_send(&call), AD_EINVAL);
	call.request.url = "http://user@127.0.0.1/";
	assert_int_equal(call_send(&call), AD_EINVAL);
	assert_int_equal(atomic_load(&peer.requests), 0);
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

/* ---- Multiplexed client ---- */

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

#define PEER_TEST(fn) cmocka_unit_test_setup_teardown(fn, start_peer, stop_peer)

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
