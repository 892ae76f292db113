/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Promise of the HTTP server about any stream, however cut: over a real connection it gives exactly
 * the answers of http_model.c, in their order, and lets go of the connection when the client has
 * closed its half, or all of it (first byte from 128 on). One thread: the target turns the loop.
 */
#include "fuzz.h"

#include "http_model.h"

#include "ad/arena.h"
#include "ad/log.h"

#include <errno.h>
#include <signal.h>
#include <sys/socket.h>

#include <event2/event.h>

#define TURNS_MAX 100000 /* of the loop, for one input: each one makes progress */
#define SLOW_MAX 1024

struct stage {
	struct ad_http_server *server;
	struct ad_http_port *port;
	struct ad_http_request *slow[SLOW_MAX]; /* taken and not yet answered */
	size_t slow_count;
	int fd;            /* the client's end */
	struct ad_buf got; /* what the client has read */
};

/* ---- Server ---- */

static void fill_reply(
	const struct ad_http_request *request, struct ad_buf *echo, struct ad_http_reply *ret)
{
	size_t len = 0;
	const char *content = ad_http_request_body(request, &len);
	ad_buf_init(echo, MODEL_MAX);
	model_echo(echo, &request->head, content, len);
	*ret = (struct ad_http_reply){ .status = 200, .body = echo->data, .body_len = echo->len };
}

static void handle(struct ad_http_request *request, void *ctx)
{
	struct stage *stage = ctx;
	struct ad_http_reply reply;
	struct ad_http_address client;
	struct ad_buf echo;
	const char *peer = ad_http_request_peer(request);
	AD_ASSERT(ad_http_address_parse(peer, strlen(peer), &client));
	if (strcmp(ad_http_request_path(request), "/slow") == 0) {
		AD_ASSERT(stage->slow_count < SLOW_MAX);
		ad_http_take(request);
		stage->slow[stage->slow_count++] = request;
		return;
	}
	fill_reply(request, &echo, &reply);
	ad_http_reply(request, &reply);
	ad_buf_release(&echo);
}

static void answer_slow(struct stage *stage)
{
	for (size_t i = 0; i < stage->slow_count; i++) {
		struct ad_http_reply reply;
		struct ad_buf echo;
		fill_reply(stage->slow[i], &echo, &reply);
		ad_http_answer(stage->slow[i], &reply);
		ad_buf_release(&echo);
	}
	stage->slow_count = 0;
}

static void start(struct stage *stage)
{
	struct ad_http_route routes[MODEL_ROUTES];
	memcpy(routes, model_routes, sizeof routes);
	for (size_t i = 0; i < MODEL_ROUTES; i++) {
		routes[i].handler = handle;
		routes[i].ctx = stage;
	}
	/* The client is a named proxy: X-Forwarded-For is read. */
	static const char *const nets[] = { "127.0.0.0/8" };
	static const struct ad_http_nets proxies = { nets, 1 };
	const struct ad_http_listener listener = { .address = "127.0.0.1",
		.routes = routes,
		.routes_count = MODEL_ROUTES,
		.proxies = &proxies };
	ad_log_set_level(AD_LOG_ERROR);
	/* The target turns the loop itself: ad_http_server_run would keep this signal away. */
	(void)signal(SIGPIPE, SIG_IGN);
	AD_ASSERT(ad_http_server_new(NULL, &stage->server, NULL) == 0);
	AD_ASSERT(ad_http_server_listen(stage->server, &listener, NULL, NULL) == 0);
	stage->port = SLIST_FIRST(&stage->server->ports);
}

/* ---- Client ---- */

static void read_all(struct stage *stage)
{
	char piece[4096];
	ssize_t n;
	while ((n = recv(stage->fd, piece, sizeof piece, MSG_DONTWAIT)) > 0)
		AD_ASSERT(ad_buf_add(&stage->got, piece, (size_t)n));
}

static void turn(struct stage *stage)
{
	AD_ASSERT(event_base_loop(stage->server->base, EVLOOP_NONBLOCK) >= 0);
	answer_slow(stage);
	if (stage->fd >= 0)
		read_all(stage);
}

static void open_connection(struct stage *stage)
{
	int fds[2];
	struct ad_http_address peer;
	AD_ASSERT(ad_http_address_parse("127.0.0.1", 9, &peer));
	AD_ASSERT(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds) == 0);
	stage->fd = fds[0];
	ad_buf_init(&stage->got, MODEL_MAX);
	ad_http_conn_open(stage->server, stage->port, fds[1], &peer);
}

/* False when the server has closed: what follows would not be read. */
static bool send_piece(struct stage *stage, const char *data, size_t len)
{
	for (size_t at = 0, turns = 0; at < len; turns++) {
		ssize_t n = send(stage->fd, data + at, len - at, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n < 0 && errno != EAGAIN)
			return false;
		AD_ASSERT(turns < TURNS_MAX);
		if (n > 0)
			at += (size_t)n;
		else
			turn(stage);
	}
	return true;
}

/* The last piece comes together with the end, so that it meets a request that is being answered, or
 * is dealt with before (bit 5 of the flags). */
static void send_all(struct stage *stage, uint8_t flags, const char *text, size_t len)
{
	struct cuts cuts = cuts_of(flags);
	for (size_t at = 0, n; at < len; at += n) {
		n = cuts_next(&cuts, len - at);
		if (at > 0)
			turn(stage);
		if (!send_piece(stage, text + at, n))
			return;
	}
	if (flags & 32)
		turn(stage);
}

static void close_connection(struct stage *stage, bool abruptly)
{
	if (abruptly) {
		(void)close(stage->fd);
		stage->fd = -1;
	} else {
		(void)shutdown(stage->fd, SHUT_WR);
	}
	for (size_t turns = 0; stage->server->conns_count > 0; turns++) {
		AD_ASSERT(turns < TURNS_MAX);
		turn(stage);
	}
	turn(stage); /* what was taken and lost its client is answered, and freed, as well */
	AD_ASSERT(stage->server->buffered == 0 && ad_http_server_pending(stage->server) == 0);
	if (!abruptly)
		(void)close(stage->fd);
}

/* ---- What the client has read ---- */

static const char *value_of(const char *head, const char *end, const char *name)
{
	const char *found = memmem(head, (size_t)(end - head), name, strlen(name));
	return found ? found + strlen(name) : NULL;
}

/* Moves *at behind the answer there, its length checked; an interim one is not counted. */
static void take_answer(const char **at, const char *end, struct ad_buf *out)
{
	static const char interim[] = "HTTP/1.1 100 Continue\r\n\r\n";
	size_t left = (size_t)(end - *at);
	if (left >= sizeof interim - 1 && memcmp(*at, interim, sizeof interim - 1) == 0) {
		*at += sizeof interim - 1;
		return;
	}
	const char *body = memmem(*at, left, "\r\n\r\n", 4);
	AD_ASSERT(body && memcmp(*at, "HTTP/1.1 ", 9) == 0);
	body += 4;
	int status = (int)strtol(*at + 9, NULL, 10);
	const char *length = value_of(*at, body, "\r\nContent-Length: ");
	AD_ASSERT(length != NULL);
	size_t len = strtoull(length, NULL, 10);
	AD_ASSERT(len <= (size_t)(end - body));
	AD_ASSERT(status != 405 || value_of(*at, body, "\r\nAllow: "));
	AD_ASSERT(status != 401 || value_of(*at, body, "\r\nWWW-Authenticate: Bearer\r\n"));
	bool last = body + len == end;
	AD_ASSERT(last || value_of(*at, body, "\r\nConnection: keep-alive\r\n"));
	model_add_answer(out, status, body, len);
	*at = body + len;
}

static void compare(const struct stage *stage, const struct model *model)
{
	struct ad_buf answers;
	ad_buf_init(&answers, MODEL_MAX);
	const char *at = ad_buf_str(&stage->got);
	const char *end = at + stage->got.len;
	while (at < end)
		take_answer(&at, end, &answers);
	AD_ASSERT(answers.len == model->answers.len);
	AD_ASSERT(strcmp(ad_buf_str(&answers), ad_buf_str(&model->answers)) == 0);
	ad_buf_release(&answers);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct stage stage;
	struct model model;
	if (len == 0)
		return 0;
	if (!stage.server)
		start(&stage);
	const char *text = (const char *)data + 1;
	bool abruptly = data[0] >= 128;
	len--;
	open_connection(&stage);
	send_all(&stage, data[0], text, len);
	close_connection(&stage, abruptly);
	model_start(&model);
	model_feed(&model, text, len);
	if (!abruptly)
		compare(&stage, &model);
	model_end(&model);
	ad_buf_release(&stage.got);
	return 0;
}
