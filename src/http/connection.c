/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One connection: reads a request, gives it to its handler, writes the answer, and only then looks
 * at the next request, so that pipelined answers keep their order. The states are in internal.h.
 */
#include "internal.h"

#include "ad/arena.h"
#include "ad/clock.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <event2/event.h>
#include <event2/util.h>

#define LINGER_MS 2000
#define READ_AHEAD_MAX ((size_t)64 << 10) /* more than a head; the rest waits in the kernel */

static void process(struct ad_http_conn *conn);

static void arm(struct ad_http_conn *conn, int ms)
{
	struct timeval tv = { .tv_sec = ms / 1000, .tv_usec = (ms % 1000) * 1000 };
	(void)evtimer_add(conn->timer, &tv);
}

static bool is_busy(const struct ad_http_conn *conn)
{
	return conn->state == AD_HTTP_HANDLING || conn->state == AD_HTTP_WRITING;
}

static void set_state(struct ad_http_conn *conn, enum ad_http_conn_state state)
{
	bool was_busy = is_busy(conn);
	conn->state = state;
	if (is_busy(conn) && !was_busy)
		atomic_fetch_add(&conn->server->busy, 1);
	else if (was_busy && !is_busy(conn))
		atomic_fetch_sub(&conn->server->busy, 1);
}

static void count_buffered(struct ad_http_conn *conn, size_t len)
{
	conn->server->buffered += len - conn->buffered;
	conn->buffered = len;
}

void ad_http_conn_free(struct ad_http_conn *conn)
{
	struct ad_http_server *server = conn->server;
	set_state(conn, AD_HTTP_IDLE);
	count_buffered(conn, 0);
	TAILQ_REMOVE(&server->conns, conn, link);
	server->conns_count--;
	if (conn->request && conn->request->taken)
		conn->request->conn = NULL; /* its taker still owns it */
	else
		ad_http_request_free(conn->request);
	event_free(conn->timer);
	bufferevent_free(conn->bev);
	free(conn);
	ad_http_server_settle(server);
}

/* ---- Writing ---- */

static void write_reply(struct ad_http_conn *conn, const struct ad_http_reply *reply, bool keep)
{
	(void)bufferevent_disable(conn->bev, EV_READ);
	conn->close = !keep;
	set_state(conn, AD_HTTP_WRITING);
	arm(conn, conn->server->config.arrival_ms);
	ad_http_reply_write(bufferevent_get_output(conn->bev), reply, keep);
}

void ad_http_conn_answer(struct ad_http_conn *conn, struct ad_http_request *request)
{
	bool keep = request->head.keep_alive && !request->reply.close && !conn->server->stopping;
	write_reply(conn, &request->reply, keep);
	conn->request = NULL;
	count_buffered(conn, 0);
	ad_http_request_free(request);
}

/* An answer of our own, before any handler. The client may be in the middle of sending. */
static void refuse(struct ad_http_conn *conn, int status, const struct ad_http_header *header)
{
	struct ad_http_reply reply = { .status = status };
	if (header && header->name) {
		reply.headers = header;
		reply.headers_count = 1;
	}
	conn->linger = true;
	write_reply(conn, &reply, false);
	ad_http_request_free(conn->request);
	conn->request = NULL;
	count_buffered(conn, 0);
}

static void start_linger(struct ad_http_conn *conn)
{
	set_state(conn, AD_HTTP_LINGER);
	(void)shutdown(bufferevent_getfd(conn->bev), SHUT_WR);
	(void)bufferevent_enable(conn->bev, EV_READ);
	arm(conn, LINGER_MS);
	process(conn);
}

static void become_idle(struct ad_http_conn *conn)
{
	struct ad_http_server *server = conn->server;
	set_state(conn, AD_HTTP_IDLE);
	TAILQ_REMOVE(&server->conns, conn, link);
	TAILQ_INSERT_TAIL(&server->conns, conn, link);
	(void)bufferevent_enable(conn->bev, EV_READ);
	arm(conn, AD_HTTP_IDLE_MS);
	process(conn);
}

static void on_written(struct bufferevent *bev, void *ctx)
{
	struct ad_http_conn *conn = ctx;
	struct ad_http_server *server = conn->server;
	/* Also called behind "100 Continue", perhaps with an answer in the buffer by then. */
	if (conn->state != AD_HTTP_WRITING || evbuffer_get_length(bufferevent_get_output(bev)) > 0)
		return;
	if (!conn->close) {
		become_idle(conn);
		ad_http_server_settle(server);
	} else if (conn->linger) {
		start_linger(conn);
		ad_http_server_settle(server);
	} else {
		ad_http_conn_free(conn);
	}
}

/* ---- Reading ---- */

static void dispatch(struct ad_http_conn *conn)
{
	struct ad_http_request *request = conn->request;
	(void)bufferevent_disable(conn->bev, EV_READ);
	(void)evtimer_del(conn->timer);
	set_state(conn, AD_HTTP_HANDLING);
	request->arrived_ms = ad_clock_mono_ms();
	conn->route->handler(request, conn->route->ctx);
	/* Answered (and freed) or taken: a handler that forgot would leave the client waiting. */
	AD_ASSERT(conn->state != AD_HTTP_HANDLING || request->taken);
}

/* The head is there: who is responsible, and do we want the body? */
static void judge_head(struct ad_http_conn *conn, const char *data, size_t len)
{
	struct ad_http_server *server = conn->server;
	struct ad_http_request *request = ad_http_request_new(conn);
	conn->request = request;
	int status = ad_http_head_parse(request->arena, data, len, &request->head);
	if (status != 0) {
		refuse(conn, status, NULL);
		return;
	}
	struct ad_http_verdict verdict;
	ad_http_route_find(conn->port->routes, conn->port->routes_count, &request->head, &verdict);
	if (verdict.status == 0 && (server->stopping || server->buffered > AD_HTTP_BUFFERED_MAX))
		verdict.status = 503;
	if (verdict.status != 0) {
		refuse(conn, verdict.status, &verdict.header);
		return;
	}
	conn->route = verdict.route;
	ad_buf_init(
		&request->body, conn->route->body_max ? conn->route->body_max : AD_HTTP_BODY_MAX);
	ad_http_body_init(&conn->body, request->head.body_len);
	set_state(conn, AD_HTTP_BODY);
}

/* The steps of reading: each says whether another step may be possible at once. */

static bool step_head(struct ad_http_conn *conn, struct evbuffer *in)
{
	size_t len = evbuffer_get_length(in);
	const char *data = (const char *)evbuffer_pullup(in, -1);
	ssize_t head_len = ad_http_head_find(data, len, &conn->scanned);
	if (head_len == AD_HTTP_HEAD_BROKEN) {
		refuse(conn, 400, NULL);
		return false;
	}
	if (head_len > (ssize_t)AD_HTTP_HEAD_MAX || (head_len == 0 && len > AD_HTTP_HEAD_MAX)) {
		refuse(conn, 431, NULL);
		return false;
	}
	if (head_len == 0)
		return false;
	conn->scanned = 0;
	judge_head(conn, data, (size_t)head_len);
	(void)evbuffer_drain(in, (size_t)head_len);
	if (conn->state == AD_HTTP_BODY && conn->request->head.expect &&
		conn->body.state != AD_HTTP_BODY_DONE && evbuffer_get_length(in) == 0) {
		static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
		(void)bufferevent_write(conn->bev, go_on, sizeof go_on - 1);
	}
	return conn->state == AD_HTTP_BODY;
}

static bool step_body(struct ad_http_conn *conn, struct evbuffer *in)
{
	struct ad_http_request *request = conn->request;
	size_t len = evbuffer_get_length(in);
	const char *data = len > 0 ? (const char *)evbuffer_pullup(in, -1) : "";
	size_t used = 0;
	int status = ad_http_body_feed(&conn->body, data, len, &used, &request->body);
	(void)evbuffer_drain(in, used);
	count_buffered(conn, request->body.len);
	if (status != 0)
		refuse(conn, status, NULL);
	else if (conn->body.state == AD_HTTP_BODY_DONE)
		dispatch(conn);
	return false;
}

static bool step(struct ad_http_conn *conn)
{
	struct evbuffer *in = bufferevent_get_input(conn->bev);
	switch (conn->state) {
	case AD_HTTP_IDLE:
		if (evbuffer_get_length(in) == 0)
			return false;
		set_state(conn, AD_HTTP_HEAD);
		arm(conn, conn->server->config.arrival_ms);
		return true;
	case AD_HTTP_HEAD:
		return step_head(conn, in);
	case AD_HTTP_BODY:
		return step_body(conn, in);
	case AD_HTTP_LINGER:
		(void)evbuffer_drain(in, evbuffer_get_length(in));
		return false;
	case AD_HTTP_HANDLING:
	case AD_HTTP_WRITING:
		return false;
	}
	return false;
}

static void process(struct ad_http_conn *conn)
{
	while (step(conn))
		;
}

static void on_readable(struct bufferevent *bev, void *ctx)
{
	(void)bev;
	process(ctx);
}

/* The client has closed, or the connection is broken. One that has only closed its own direction
 * may still wait for the answer to its last request. */
static void on_event(struct bufferevent *bev, short what, void *ctx)
{
	(void)bev;
	struct ad_http_conn *conn = ctx;
	if ((what & BEV_EVENT_ERROR) || ((what & BEV_EVENT_EOF) && !is_busy(conn)))
		ad_http_conn_free(conn);
}

static void on_timer(evutil_socket_t fd, short what, void *ctx)
{
	(void)fd;
	(void)what;
	struct ad_http_conn *conn = ctx;
	if (conn->state == AD_HTTP_HEAD || conn->state == AD_HTTP_BODY)
		refuse(conn, 408, NULL);
	else
		ad_http_conn_free(conn);
}

/* ---- Opening ---- */

static void name_peer(struct ad_http_conn *conn, const struct sockaddr *peer)
{
	const void *address = peer->sa_data;
	if (peer->sa_family == AF_INET)
		address = &((const struct sockaddr_in *)(const void *)peer)->sin_addr;
	else if (peer->sa_family == AF_INET6)
		address = &((const struct sockaddr_in6 *)(const void *)peer)->sin6_addr;
	if (!inet_ntop(peer->sa_family, address, conn->peer, sizeof conn->peer))
		conn->peer[0] = '\0';
}

/* Callbacks are deferred, so that no call into the bufferevent can call back into us. */
static struct bufferevent *new_bufferevent(
	struct ad_http_server *server, const struct ad_http_port *port, int fd)
{
	int options = BEV_OPT_CLOSE_ON_FREE | BEV_OPT_DEFER_CALLBACKS;
	if (!port->tls)
		return bufferevent_socket_new(server->base, fd, options);
	struct ssl_st *ssl = port->tls(port->tls_ctx);
	return ssl ? bufferevent_openssl_socket_new(
			     server->base, fd, ssl, BUFFEREVENT_SSL_ACCEPTING, options)
		   : NULL;
}

void ad_http_conn_open(struct ad_http_server *server, const struct ad_http_port *port, int fd,
	const struct sockaddr *peer)
{
	struct bufferevent *bev = new_bufferevent(server, port, fd);
	if (!bev) {
		(void)evutil_closesocket(fd);
		return;
	}
	int on = 1;
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	struct ad_http_conn *conn = ad_xalloc(sizeof *conn);
	conn->server = server;
	conn->port = port;
	conn->bev = bev;
	conn->timer = evtimer_new(server->base, on_timer, conn);
	AD_ASSERT(conn->timer != NULL);
	name_peer(conn, peer);
	TAILQ_INSERT_TAIL(&server->conns, conn, link);
	server->conns_count++;
	bufferevent_setcb(bev, on_readable, on_written, on_event, conn);
	bufferevent_setwatermark(bev, EV_READ, 0, READ_AHEAD_MAX);
	(void)bufferevent_enable(bev, EV_READ | EV_WRITE);
	arm(conn, server->config.arrival_ms);
}
