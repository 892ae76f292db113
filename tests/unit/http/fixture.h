/* SPDX-License-Identifier: Apache-2.0 */
/* A server on its own thread with routes that echo, wait and refuse, and a client's socket. */
#ifndef AD_TEST_HTTP_FIXTURE_H
#define AD_TEST_HTTP_FIXTURE_H

#include "ad/http.h"

#include "ad/arena.h"
#include "ad/buf.h"
#include "ad/work.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <semaphore.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <sys/socket.h>

#include <cmocka.h>

/* ---- Server under test ---- */

struct fixture {
	struct ad_http_server *server;
	uint16_t port;
	uint16_t operators_port; /* the same routes, for operators */
	pthread_t thread;
	sem_t taken;                     /* posted when /slow has taken a request */
	struct ad_http_request *slow[8]; /* requests that wait for the test's answer */
	size_t slow_count;
	int handled;
	int signals;
};

static inline void handle_echo(struct ad_http_request *request, void *ctx)
{
	struct fixture *fixture = ctx;
	fixture->handled++;
	size_t len = 0;
	const char *body = ad_http_request_body(request, &len);
	const struct ad_http_header headers[] = {
		{ "X-Path", ad_http_request_path(request) },
		{ "X-Peer", ad_http_request_peer(request) },
	};
	struct ad_http_reply reply = {
		.status = 200,
		.content_type = "text/plain",
		.body = body,
		.body_len = len,
		.headers = headers,
		.headers_count = 2,
	};
	ad_http_reply(request, &reply);
}

static inline void handle_page(struct ad_http_request *request, void *ctx)
{
	struct fixture *fixture = ctx;
	fixture->handled++;
	const struct ad_http_reply reply = {
		.status = 200, .content_type = "text/html", .body = "a page", .body_len = 6
	};
	ad_http_reply(request, &reply);
}

/* Whoever says so, in this test. */
static inline bool is_regular(const struct ad_http_request *request, void *ctx)
{
	(void)ctx;
	return strcmp(ad_http_request_header(request, "Authorization"), "Bearer regular") == 0;
}

static inline void handle_slow(struct ad_http_request *request, void *ctx)
{
	struct fixture *fixture = ctx;
	ad_http_take(request);
	fixture->slow[fixture->slow_count++] = request;
	(void)sem_post(&fixture->taken);
}

static inline void *run(void *ctx)
{
	struct fixture *fixture = ctx;
	assert_int_equal(ad_http_server_run(fixture->server, NULL), 0);
	return NULL;
}

static inline void count_signal(int signo, void *ctx)
{
	struct fixture *fixture = ctx;
	assert_int_equal(signo, SIGHUP);
	fixture->signals++;
	ad_http_server_stop(fixture->server, 1000);
}

/* options: of the listener; NULL: none. */
static inline void start_with(struct fixture *fixture, const struct ad_http_config *config,
	const struct ad_http_listener *options)
{
	memset(fixture, 0, sizeof *fixture);
	assert_int_equal(sem_init(&fixture->taken, 0, 0), 0);
	const struct ad_http_route routes[] = {
		{ .method = "POST",
			.path = "/echo",
			.content_type = "text/plain",
			.handler = handle_echo,
			.ctx = fixture },
		{ .method = "GET", .path = "/get", .handler = handle_echo, .ctx = fixture },
		{ .method = "GET",
			.path = "/act/",
			.prefix = true,
			.handler = handle_echo,
			.ctx = fixture },
		{ .method = "HEAD",
			.path = "/head/",
			.prefix = true,
			.handler = handle_page,
			.ctx = fixture },
		{ .method = "POST",
			.path = "/act/",
			.prefix = true,
			.handler = handle_echo,
			.ctx = fixture },
		{ .method = "POST",
			.path = "/small",
			.body_max = 4,
			.handler = handle_echo,
			.ctx = fixture },
		{ .method = "POST",
			.path = "/private",
			.authorization = true,
			.known = is_regular,
			.handler = handle_echo,
			.ctx = fixture },
		{ .method = "GET", .path = "/slow", .handler = handle_slow, .ctx = fixture },
	};
	struct ad_http_listener listener = options ? *options : (struct ad_http_listener){ 0 };
	listener.address = "127.0.0.1";
	listener.routes = routes;
	listener.routes_count = sizeof routes / sizeof routes[0];
	struct ad_err err;
	assert_int_equal(ad_http_server_new(config, &fixture->server, &err), 0);
	assert_int_equal(
		ad_http_server_on_signal(fixture->server, SIGHUP, count_signal, fixture, &err), 0);
	assert_int_equal(
		ad_http_server_listen(fixture->server, &listener, &fixture->port, &err), 0);
	assert_int_not_equal(fixture->port, 0);
	listener.operators = true;
	assert_int_equal(
		ad_http_server_listen(fixture->server, &listener, &fixture->operators_port, &err),
		0);
	assert_int_equal(ad_thread_start(&fixture->thread, "loop", run, fixture, &err), 0);
}

static inline void start(struct fixture *fixture, const struct ad_http_config *config)
{
	start_with(fixture, config, NULL);
}

static inline void stop(struct fixture *fixture)
{
	ad_http_server_stop(fixture->server, 5000);
	(void)pthread_join(fixture->thread, NULL);
	ad_http_server_free(fixture->server);
}

/* ---- Client ---- */

/* from: the client's own address, such as "127.0.0.2"; NULL: any. */
static inline int connect_from(const struct fixture *fixture, const char *from)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(fd >= 0);
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons(fixture->port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	struct timeval patience = { .tv_sec = 20 };
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	struct sockaddr_in own = { .sin_family = AF_INET };
	if (from) {
		assert_int_equal(inet_pton(AF_INET, from, &own.sin_addr), 1);
		assert_int_equal(bind(fd, (struct sockaddr *)&own, sizeof own), 0);
	}
	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
	return fd;
}

static inline int connect_to(const struct fixture *fixture)
{
	return connect_from(fixture, NULL);
}

static inline void send_text(int fd, const char *text)
{
	size_t len = strlen(text);
	assert_int_equal(send(fd, text, len, MSG_NOSIGNAL), (ssize_t)len);
}

/* Reads until the text contains needle or the server closes; the caller frees. */
static inline char *read_until(int fd, const char *needle)
{
	struct ad_buf buf;
	ad_buf_init(&buf, 4 << 20);
	while (!needle || !strstr(ad_buf_str(&buf), needle)) {
		char piece[4096];
		ssize_t n = recv(fd, piece, sizeof piece, 0);
		assert_true(n >= 0);
		if (n == 0)
			break;
		assert_true(ad_buf_add(&buf, piece, (size_t)n));
	}
	return ad_buf_detach(&buf);
}

/* Sends text, expects this status and that the server then closes. */
static inline void expect_refusal(
	const struct fixture *fixture, const char *text, int status, const char *header)
{
	int fd = connect_to(fixture);
	send_text(fd, text);
	char *answer = read_until(fd, NULL);
	char line[32];
	(void)snprintf(line, sizeof line, "HTTP/1.1 %d ", status);
	if (strncmp(answer, line, strlen(line)) != 0)
		fail_msg("wanted %d for %.60s, got %.60s", status, text, answer);
	assert_non_null(strstr(answer, "\r\nConnection: close\r\n"));
	assert_non_null(strstr(answer, "\r\nContent-Length: 0\r\n"));
	if (header)
		assert_non_null(strstr(answer, header));
	free(answer);
	(void)close(fd);
}

#define HOST "Host: a\r\n"
#define TEXT "Content-Type: text/plain\r\n"

#endif
