/* SPDX-License-Identifier: Apache-2.0 */
/* A peer for the tests of both HTTP clients: the path of a request says how it misbehaves. */
#ifndef TEST_PEER_H
#define TEST_PEER_H

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
	int fds[CONNECTIONS]; /* closed when the test is over, so that no number is used twice */
	atomic_size_t count;
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
	enum { PIECE = 65536 };
	char *zeros = ad_xalloc(PIECE);
	memset(zeros, '0', PIECE);
	send_text(fd, chunked ? "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
			      : "HTTP/1.1 200 OK\r\nContent-Length: 2097152\r\n\r\n");
	for (int i = 0; i < 32; i++) {
		if (chunked)
			send_text(fd, "10000\r\n");
		send_all(fd, zeros, PIECE);
		if (chunked)
			send_text(fd, "\r\n");
	}
	if (chunked)
		send_text(fd, "0\r\n\r\n");
	free(zeros);
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
	(void)shutdown(fd, SHUT_RDWR);
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
		peer.fds[peer.count] = fd;
		assert_int_equal(ad_thread_start(&peer.connections[peer.count], "peer",
					 serve_connection, (void *)(intptr_t)fd, NULL),
			0);
		peer.count++;
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
	for (size_t i = 0; i < peer.count; i++) {
		(void)shutdown(peer.fds[i], SHUT_RDWR);
		(void)pthread_join(peer.connections[i], NULL);
		(void)close(peer.fds[i]);
	}
	(void)close(peer.fd);
	return 0;
}

#define PEER_TEST(fn) cmocka_unit_test_setup_teardown(fn, start_peer, stop_peer)

#endif
