/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The real server on loopback: whatever a client sends before it closes its side, each answer is
 * well formed, there are no more of them than requests can be in so many bytes, a refusal is the
 * last one, and the connection ends.
 */
#include "fuzz.h"

#include "ad/buf.h"
#include "ad/http.h"
#include "ad/log.h"
#include "ad/work.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define ANSWERS_BYTES ((size_t)8 << 20)
#define REQUEST_BYTES_MIN 18 /* "GET / HTTP/1.0", two line ends */

static uint16_t port;

static void handle(struct ad_http_request *request, void *ctx)
{
	(void)ctx;
	size_t len = 0;
	(void)ad_http_request_body(request, &len);
	const struct ad_http_reply reply = { .status = 200, .body = "ok", .body_len = 2 };
	ad_http_reply(request, &reply);
}

static void *run(void *ctx)
{
	AD_ASSERT(ad_http_server_run(ctx, NULL) == 0);
	return NULL;
}

/* Lives as long as the process. */
static void start(void)
{
	static struct ad_http_server *server;
	static const char *const nets[] = { "127.0.0.0/8" };
	static const struct ad_http_nets proxies = { nets, 1 };
	const struct ad_http_route routes[] = {
		{ .method = "POST",
			.path = "/api/messages",
			.authorization = true,
			.content_type = "application/json",
			.handler = handle },
		{ .method = "GET", .path = "/act/", .prefix = true, .handler = handle },
		{ .method = "POST", .path = "/act/", .prefix = true, .handler = handle },
	};
	const struct ad_http_listener listener = {
		.address = "127.0.0.1", .routes = routes, .routes_count = 3, .proxies = &proxies
	};
	pthread_t thread;
	ad_log_set_level(AD_LOG_ERROR);
	AD_ASSERT(ad_http_server_new(NULL, &server, NULL) == 0);
	AD_ASSERT(ad_http_server_listen(server, &listener, &port, NULL) == 0);
	AD_ASSERT(ad_thread_start(&thread, "loop", run, server, NULL) == 0);
}

static int connect_to_server(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port) };
	const struct linger reset = { .l_onoff = 1,
		.l_linger = 0 }; /* leaves no TIME_WAIT behind */
	const struct timeval patience = { .tv_sec = 10 };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	AD_ASSERT(fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) == 0);
	(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	return fd;
}

/* All that the server says until it closes. */
static void converse(const uint8_t *data, size_t size, struct ad_buf *ret)
{
	char piece[4096];
	int fd = connect_to_server();
	(void)send(fd, data, size, MSG_NOSIGNAL); /* it may have refused and closed already */
	(void)shutdown(fd, SHUT_WR);
	for (;;) {
		ssize_t n = recv(fd, piece, sizeof piece, 0);
		if (n < 0 && errno == EINTR)
			continue; /* the clock of libFuzzer */
		AD_ASSERT(n >= 0 || errno == ECONNRESET); /* never a client that waits in vain */
		if (n <= 0)
			break;
		AD_ASSERT(ad_buf_add(ret, piece, (size_t)n));
	}
	(void)close(fd);
}

/* Length of the answer at the start of text. */
static size_t check_answer(const char *text, size_t len, int *ret_status)
{
	const char *end = memmem(text, len, "\r\n\r\n", 4);
	AD_ASSERT(len > 13 && memcmp(text, "HTTP/1.1 ", 9) == 0 && end);
	size_t head = (size_t)(end - text) + 4;
	*ret_status = (int)strtol(text + 9, NULL, 10);
	AD_ASSERT(*ret_status == 100 || (*ret_status >= 200 && *ret_status < 600));
	const char *length = memmem(text, head, "Content-Length: ", 16);
	AD_ASSERT((length != NULL) == (*ret_status != 100));
	size_t body = length ? strtoul(length + 16, NULL, 10) : 0;
	AD_ASSERT(body == (*ret_status == 200 ? 2u : 0u) && head + body <= len);
	return head + body;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ad_buf answers;
	size_t count = 0;
	size_t at = 0;
	if (port == 0)
		start();
	ad_buf_init(&answers, ANSWERS_BYTES);
	converse(data, size, &answers);
	while (at < answers.len) {
		int status;
		at += check_answer(answers.data + at, answers.len - at, &status);
		count += status != 100;
		AD_ASSERT(status < 400 || at == answers.len);
	}
	AD_ASSERT(count <= size / REQUEST_BYTES_MIN + 1);
	ad_buf_release(&answers);
	return 0;
}
