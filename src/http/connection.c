/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One connection: reads a request, gives it to its handler, writes the answer, and only then looks
 * at the next request, so that pipelined answers keep their order. The states are in internal.h.
 */
#include "internal.h"

#include "ad/arena.h"
#include "ad/clock.h"

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

bool ad_http_conn_is_arriving(const struct ad_http_conn *conn)
{
	return conn->state == AD_HTTP_HANDSHAKE || conn->state == AD_HTTP_HEAD ||
	       conn->state == AD_HTTP_BODY;
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

/* A state that begins something anew: the list stays in the order of since_ms. */
static void begin_state(struct ad_http_conn *conn, enum ad_http_conn_state state)
{
	struct ad_http_server *server = conn->server;
	set_state(conn, state);
	conn->since_ms = ad_clock_mono_ms();
	TAILQ_REMOVE(&server->conns, conn, link);
	TAILQ_INSERT_TAIL(&server->conns, conn, link);
}

static void count_buffered(struct ad_http_conn *conn, size_t len)
{
	conn->server->buffered += len - conn->buffered;
	if (!conn->known)
		conn->server->strangers_buffered += len - conn->buffered;
	conn->buffered = len;
}

/* The end of what we say, told inside TLS too: a connection that is only cut could have been cut by
 * anybody (RFC 9112 section 9.8). */
static void say_goodbye(struct ad_http_conn *conn)
{
	struct ssl_st *ssl = bufferevent_openssl_get_ssl(conn->bev);
	if (ssl && conn->agreed && conn->port->tls_close)
		conn->port->tls_close(ssl);
	conn->agreed = false;
}

void ad_http_conn_free(struct ad_http_conn *conn)
{
	struct ad_http_server *server = conn->server;
	set_state(conn, AD_HTTP_IDLE);
	count_buffered(conn, 0);
	TAILQ_REMOVE(&server->conns, conn, link);
	if (conn->port->operators)
		conn->port->operators_count--;
	else
		server->conns_count--;
	if (conn->request && conn->request->taken)
		conn->request->conn = NULL; /* its taker still owns it */
	else
		ad_http_request_free(conn->request);
	event_free(conn->timer);
	say_goodbye(conn);
	bufferevent_free(conn->bev);
	free(conn);
	ad_http_server_settle(server);
}

/* ---- Writing ---- */

static void write_reply(struct ad_http_conn *conn, const struct ad_http_reply *reply, bool keep)
{
	const struct ad_http_manner manner = {
		.keep_alive = keep,
		.tls = conn->port->tls != NULL,
		.head_only = conn->request && conn->request->head.method &&
			     strcmp(conn->request->head.method, "HEAD") == 0,
	};
	(void)bufferevent_disable(conn->bev, EV_READ);
	conn->close = !keep;
	set_state(conn, AD_HTTP_WRITING);
	arm(conn, conn->server->config.arrival_ms);
	ad_http_reply_write(bufferevent_get_output(conn->bev), reply, &manner);
}

void ad_http_conn_answer(struct ad_http_conn *conn, struct ad_http_request *request)
{
	bool keep = request->head.keep_alive && !request->reply.close && !conn->server->stopping;
	conn->useful |= request->reply.status < 400;
	write_reply(conn, &request->reply, keep);
	conn->request = NULL;
	count_buffered(conn, 0);
	ad_http_request_free(request);
}

/* An answer of our own, before any handler. The client may be in the middle of sending. */
static void refuse(struct ad_http_conn *conn, int status, enum ad_refusal why,
	const struct ad_http_header *header)
{
	struct ad_http_reply reply = { .status = status };
	if (header && header->name) {
		reply.headers = header;
		reply.headers_count = 1;
	}
	ad_http_limit_log(why, status, &conn->client);
	conn->linger = true;
	write_reply(conn, &reply, false);
	ad_http_request_free(conn->request);
	conn->request = NULL;
	count_buffered(conn, 0);
}

static const struct ad_http_header retry_soon = { "Retry-After", "2" };

static void start_linger(struct ad_http_conn *conn)
{
	set_state(conn, AD_HTTP_LINGER);
	say_goodbye(conn);
	(void)shutdown(bufferevent_getfd(conn->bev), SHUT_WR);
	(void)bufferevent_enable(conn->bev, EV_READ);
	arm(conn, LINGER_MS);
	process(conn);
}

static void become_idle(struct ad_http_conn *conn)
{
	begin_state(conn, AD_HTTP_IDLE);
	conn->client = conn->peer;
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

static enum ad_refusal why_of(int status, const struct ad_http_head *head)
{
	switch (status) {
	case 414:
	case 431:
		return AD_REFUSED_HEAD_SIZE;
	case 413:
		return AD_REFUSED_BODY_SIZE;
	case 415:
		return AD_REFUSED_MEDIA_TYPE;
	case 417:
		return AD_REFUSED_EXPECTATION;
	case 505:
		return AD_REFUSED_VERSION;
	default:
		return head->framing ? AD_REFUSED_FRAMING : AD_REFUSED_HEAD;
	}
}

/* Who is it, as far as the connection and the head tell? */
static void identify(struct ad_http_conn *conn)
{
	struct ad_http_request *request = conn->request;
	const struct ad_http_port *port = conn->port;
	if (ad_http_port_is_proxy(port, &conn->peer) &&
		ad_http_forwarded_for(&request->head, port->nets, port->nets_count, &conn->client))
		ad_http_address_print(&conn->client, request->peer);
	if (port->tls_subject)
		request->certificate =
			port->tls_subject(bufferevent_openssl_get_ssl(conn->bev), request->arena);
}

static bool is_known(const struct ad_http_route *route, const struct ad_http_request *request)
{
	return route && route->known && route->known(request, route->ctx);
}

/* What speaks against the request of this head; an address that may not speak costs nothing more.
 */
static void judge(struct ad_http_conn *conn, struct ad_http_verdict *ret)
{
	struct ad_http_request *request = conn->request;
	const struct ad_http_port *port = conn->port;
	if (port->has_proxies && !ad_http_port_is_proxy(port, &conn->peer)) {
		*ret = (struct ad_http_verdict){ .status = 403, .why = AD_REFUSED_PROXY };
		return;
	}
	ad_http_route_find(port->routes, port->routes_count, &request->head, ret);
	conn->known = request->known = is_known(ret->route, request);
	int wait_s = ad_http_limit_request(conn);
	if (wait_s > 0) {
		*ret = (struct ad_http_verdict){ .status = 429, .why = AD_REFUSED_ADDRESS_LIMIT };
		ret->header = (struct ad_http_header){ "Retry-After",
			ad_printf(request->arena, "%d", wait_s) };
	} else if (ret->status != 0) {
		return;
	} else if (ret->route->certificate && !request->certificate) {
		*ret = (struct ad_http_verdict){ .status = 403, .why = AD_REFUSED_CERTIFICATE };
	} else if (conn->server->stopping || ad_http_limit_body(conn)) {
		*ret = (struct ad_http_verdict){ .status = 503, .header = retry_soon };
		ret->why = conn->server->stopping ? AD_REFUSED_STOPPING : AD_REFUSED_BODIES_FULL;
	}
}

/* The head is there: who is responsible, and do we want the body? */
static void judge_head(struct ad_http_conn *conn, const char *data, size_t len)
{
	struct ad_http_request *request = ad_http_request_new(conn);
	conn->request = request;
	int status = ad_http_head_parse(request->arena, data, len, &request->head);
	if (status != 0) {
		refuse(conn, status, why_of(status, &request->head), NULL);
		return;
	}
	struct ad_http_verdict verdict;
	identify(conn);
	judge(conn, &verdict);
	if (verdict.status != 0) {
		refuse(conn, verdict.status, verdict.why, &verdict.header);
		return;
	}
	conn->route = verdict.route;
	size_t max = conn->route->body_max ? conn->route->body_max : AD_HTTP_BODY_MAX;
	ad_buf_init(&request->body, max);
	ad_http_body_init(&conn->body, request->head.body_len, max);
	set_state(conn, AD_HTTP_BODY);
}

/* The steps of reading: each says whether another step may be possible at once. */

static bool step_head(struct ad_http_conn *conn, struct evbuffer *in)
{
	size_t len = evbuffer_get_length(in);
	const char *data = (const char *)evbuffer_pullup(in, -1);
	ssize_t head_len = ad_http_head_find(data, len, &conn->scanned);
	if (head_len == AD_HTTP_HEAD_BROKEN) {
		refuse(conn, 400, AD_REFUSED_HEAD, NULL);
		return false;
	}
	if (head_len > (ssize_t)AD_HTTP_HEAD_MAX || (head_len == 0 && len > AD_HTTP_HEAD_MAX)) {
		refuse(conn, 431, AD_REFUSED_HEAD_SIZE, NULL);
		return false;
	}
	if (head_len == 0)
		return false;
	conn->scanned = 0;
	judge_head(conn, data, (size_t)head_len);
	(void)evbuffer_drain(in, (size_t)head_len);
	if (conn->state == AD_HTTP_BODY && conn->request->head.expect &&
		conn->request->head.minor > 0 && conn->body.state != AD_HTTP_BODY_DONE &&
		evbuffer_get_length(in) == 0) {
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
		refuse(conn, status, status == 413 ? AD_REFUSED_BODY_SIZE : AD_REFUSED_FRAMING,
			NULL);
	else if (conn->body.state == AD_HTTP_BODY_DONE)
		dispatch(conn);
	else if (ad_http_limit_body(conn))
		refuse(conn, 503, AD_REFUSED_BODIES_FULL, &retry_soon);
	return false;
}

static bool step(struct ad_http_conn *conn)
{
	struct evbuffer *in = bufferevent_get_input(conn->bev);
	switch (conn->state) {
	case AD_HTTP_IDLE:
		if (evbuffer_get_length(in) == 0)
			return false;
		begin_state(conn, AD_HTTP_HEAD);
		arm(conn, conn->server->config.arrival_ms);
		return true;
	case AD_HTTP_HEAD:
		return step_head(conn, in);
	case AD_HTTP_BODY:
		return step_body(conn, in);
	case AD_HTTP_LINGER:
		(void)evbuffer_drain(in, evbuffer_get_length(in));
		return false;
	case AD_HTTP_HANDSHAKE:
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

/* TLS is agreed on, or the client has closed, or the connection is broken. One that has only closed
 * its own direction may still wait for the answer to its last request. */
static void on_event(struct bufferevent *bev, short what, void *ctx)
{
	(void)bev;
	struct ad_http_conn *conn = ctx;
	if (what & BEV_EVENT_CONNECTED) {
		conn->agreed = true;
		begin_state(conn, AD_HTTP_IDLE);
		arm(conn, conn->server->config.arrival_ms);
		process(conn);
	} else if ((what & BEV_EVENT_ERROR) || ((what & BEV_EVENT_EOF) && !is_busy(conn))) {
		if (conn->state == AD_HTTP_HANDSHAKE)
			ad_http_limit_log(AD_REFUSED_HANDSHAKE, 0, &conn->client);
		ad_http_conn_free(conn);
	}
}

static void on_timer(evutil_socket_t fd, short what, void *ctx)
{
	(void)fd;
	(void)what;
	struct ad_http_conn *conn = ctx;
	if (conn->state == AD_HTTP_HEAD || conn->state == AD_HTTP_BODY) {
		refuse(conn, 408, AD_REFUSED_SLOW, NULL);
		return;
	}
	if (conn->state == AD_HTTP_HANDSHAKE)
		ad_http_limit_log(AD_REFUSED_HANDSHAKE, 0, &conn->client);
	ad_http_conn_free(conn);
}

/* ---- Opening ---- */

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

void ad_http_conn_open(struct ad_http_server *server, struct ad_http_port *port, int fd,
	const struct ad_http_address *peer)
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
	conn->peer = conn->client = *peer;
	conn->state = port->tls ? AD_HTTP_HANDSHAKE : AD_HTTP_IDLE;
	conn->since_ms = ad_clock_mono_ms();
	TAILQ_INSERT_TAIL(&server->conns, conn, link);
	if (port->operators)
		port->operators_count++;
	else
		server->conns_count++;
	bufferevent_setcb(bev, on_readable, on_written, on_event, conn);
	bufferevent_setwatermark(bev, EV_READ, 0, READ_AHEAD_MAX);
	(void)bufferevent_enable(bev, EV_READ | EV_WRITE);
	arm(conn, port->tls ? server->config.handshake_ms : server->config.arrival_ms);
}
