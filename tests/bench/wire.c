/* SPDX-License-Identifier: Apache-2.0 */
/* A client's connection, plain or TLS, with an address of its own; see bench.h. */
#include "bench.h"

#include "ad/err.h"
#include "ad/text.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <openssl/ssl.h>

struct bench_wire {
	struct bench_wire_config config;
	struct bufferevent *bev;
	long body_left; /* of the answer whose head has been read; -1: no head yet */
	int status;
	bool closing;
};

/* Whose certificate it is does not matter on loopback. */
static SSL *new_session(void)
{
	static SSL_CTX *ctx;
	if (!ctx)
		ctx = SSL_CTX_new(TLS_client_method());
	AD_ASSERT(ctx != NULL);
	SSL *ssl = SSL_new(ctx);
	AD_ASSERT(ssl != NULL);
	return ssl;
}

/* ---- Answers ---- */

static long header_number(const char *head, const char *name)
{
	const char *line = strcasestr(head, name);
	return line ? strtol(line + strlen(name), NULL, 10) : 0;
}

static bool read_head(struct bench_wire *wire, struct evbuffer *in)
{
	struct evbuffer_ptr end = evbuffer_search(in, "\r\n\r\n", 4, NULL);
	if (end.pos < 0)
		return false;
	char *head = calloc(1, (size_t)end.pos + 5);
	AD_ASSERT(head != NULL);
	(void)evbuffer_remove(in, head, (size_t)end.pos + 4);
	wire->status = (int)strtol(head + strcspn(head, " "), NULL, 10);
	wire->closing = strcasestr(head, "\r\nConnection: close") != NULL;
	/* "100 Continue" and its like have no body and are not the answer. */
	wire->body_left = wire->status / 100 == 1 ? -1 : header_number(head, "\r\nContent-Length:");
	free(head);
	return true;
}

static void on_readable(struct bufferevent *bev, void *ctx)
{
	struct bench_wire *wire = ctx;
	struct evbuffer *in = bufferevent_get_input(bev);
	while (wire->body_left < 0) {
		if (!read_head(wire, in))
			return;
	}
	size_t here = evbuffer_get_length(in);
	size_t take = here < (size_t)wire->body_left ? here : (size_t)wire->body_left;
	(void)evbuffer_drain(in, take);
	wire->body_left -= (long)take;
	if (wire->body_left > 0)
		return;
	wire->body_left = -1;
	wire->config.on_answer(wire->config.ctx, wire->status, wire->closing);
}

static void on_event(struct bufferevent *bev, short what, void *ctx)
{
	const struct bench_wire *wire = ctx;
	(void)bev;
	if (what & (BEV_EVENT_EOF | BEV_EVENT_ERROR))
		wire->config.on_closed(wire->config.ctx);
}

/* ---- Life ---- */

static struct sockaddr_in loopback(const char *address, int port)
{
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	AD_ASSERT(inet_pton(AF_INET, address, &in.sin_addr) == 1);
	return in;
}

static int connect_from(const char *from, int port)
{
	struct sockaddr_in own = loopback(from, 0);
	struct sockaddr_in server = loopback("127.0.0.1", port);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	/* The kernel chooses the port when it connects: as many for each pair of addresses. */
	int on = 1;
	(void)setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	if (bind(fd, (const struct sockaddr *)&own, sizeof own) == 0 &&
		(connect(fd, (const struct sockaddr *)&server, sizeof server) == 0 ||
			errno == EINPROGRESS))
		return fd;
	(void)close(fd);
	return -1;
}

struct bench_wire *bench_wire_open(const struct bench_wire_config *config)
{
	int fd = connect_from(config->from, config->port);
	if (fd < 0)
		return NULL;
	int options = BEV_OPT_CLOSE_ON_FREE | BEV_OPT_DEFER_CALLBACKS;
	struct bench_wire *wire = ad_xalloc(sizeof *wire);
	wire->config = *config;
	wire->body_left = -1;
	wire->bev = config->tls ? bufferevent_openssl_socket_new(config->loop, fd, new_session(),
					  BUFFEREVENT_SSL_CONNECTING, options)
				: bufferevent_socket_new(config->loop, fd, options);
	AD_ASSERT(wire->bev != NULL);
	bufferevent_setcb(wire->bev, on_readable, NULL, on_event, wire);
	(void)bufferevent_enable(wire->bev, EV_READ | EV_WRITE);
	return wire;
}

void bench_wire_send(struct bench_wire *wire, const void *data, size_t len)
{
	(void)bufferevent_write(wire->bev, data, len);
}

void bench_wire_post(struct bench_wire *wire, const char *token, const char *body)
{
	struct evbuffer *out = bufferevent_get_output(wire->bev);
	(void)evbuffer_add_printf(out,
		"POST /api/messages HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nAuthorization: Bearer %s\r\n"
		"Content-Type: application/json; charset=utf-8\r\nContent-Length: %zu\r\n\r\n%s",
		wire->config.port, token, strlen(body), body);
}

size_t bench_wire_unsent(const struct bench_wire *wire)
{
	return evbuffer_get_length(bufferevent_get_output(wire->bev));
}

void bench_wire_close(struct bench_wire *wire)
{
	if (!wire)
		return;
	bufferevent_free(wire->bev);
	free(wire);
}
