/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A Bot Connector that misbehaves by plan, and the token endpoint before it. What happens to a call
 * depends on the seed, the notice and how often that notice was tried, not on when it comes: a run
 * can be repeated. Every call becomes a line of the log:
 *
 *   begun_us ended_us node person notice outcome taken
 *
 * Times are of the monotonic clock (ended 0: never answered), node is the number in the token (each
 * start of AppDesk fetches one of its own), taken tells whether the person would see the message.
 */
#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <getopt.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define NOTICES_MAX 1000000u
#define BODY_MAX 65536
#define PER_CENT 100u
#define CHAT_PREFIX "torture-"           /* of a conversation's id, before the person's number */
#define TEXT_PREFIX "\"text\":\"notice " /* before the notice's number */
#define TOKEN_PREFIX "Bearer torture-"   /* before the node's number */

struct connector {
	struct event_base *loop;
	FILE *log;
	unsigned port;
	unsigned seed;
	unsigned delay_ms;
	unsigned spread_ms;                            /* added to delay_ms, by plan */
	unsigned throttled, failing, hanging, blocked; /* per cent; blocked: of people */
	unsigned nodes;
	uint8_t *tries; /* of each notice so far */
	unsigned long long sent;
};

enum outcome { OK, THROTTLED, UNAVAILABLE, FAILED, HANGING, BLOCKED };

static const char *const outcome_names[] = { "ok", "429", "503", "5xx", "hang", "403" };

/* A call between its arrival and its answer. */
struct call {
	struct connector *connector;
	struct evhttp_request *req;
	int64_t begun_us;
	unsigned node, person, notice;
	enum outcome outcome;
	bool taken;
};

static int64_t now_us(void)
{
	struct timespec t;
	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* splitmix64: the same number for the same question. */
static uint64_t draw(const struct connector *c, uint64_t a, uint64_t b)
{
	uint64_t x = c->seed * 0x9e3779b97f4a7c15u + a * 0xbf58476d1ce4e5b9u + b;
	for (int round = 0; round < 2; round++) {
		x += 0x9e3779b97f4a7c15u;
		x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
		x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
		x ^= x >> 31;
	}
	return x;
}

static void plan(struct call *call)
{
	struct connector *c = call->connector;
	unsigned attempt = call->notice < NOTICES_MAX ? c->tries[call->notice]++ : 0;
	uint64_t number = draw(c, call->notice, attempt);
	unsigned chance = (unsigned)(number % PER_CENT);
	bool coin = number >> 40 & 1;
	call->outcome = OK;
	if (draw(c, call->person, UINT64_MAX) % PER_CENT < c->blocked)
		call->outcome = BLOCKED;
	else if (chance < c->throttled)
		call->outcome = THROTTLED;
	else if (chance < c->throttled + c->failing)
		call->outcome = coin ? UNAVAILABLE : FAILED;
	else if (chance < c->throttled + c->failing + c->hanging)
		call->outcome = HANGING;
	bool unknown = call->outcome == FAILED || call->outcome == HANGING;
	call->taken = call->outcome == OK || (unknown && number >> 41 & 1);
}

static void note(const struct call *call, int64_t ended_us)
{
	(void)fprintf(call->connector->log, "%lld %lld %u %u %u %s %d\n", (long long)call->begun_us,
		(long long)ended_us, call->node, call->person, call->notice,
		outcome_names[call->outcome], call->taken ? 1 : 0);
}

static void answer(struct evhttp_request *req, int status, const char *body)
{
	struct evbuffer *out = evbuffer_new();
	(void)evbuffer_add(out, body, strlen(body));
	(void)evhttp_add_header(
		evhttp_request_get_output_headers(req), "Content-Type", "application/json");
	evhttp_send_reply(req, status, "-", out);
	evbuffer_free(out);
}

static void finish(evutil_socket_t fd, short events, void *ctx)
{
	struct call *call = ctx;
	char body[64];
	(void)fd;
	(void)events;
	note(call, now_us());
	switch (call->outcome) {
	case OK:
		(void)snprintf(body, sizeof body, "{\"id\":\"%llu\"}", ++call->connector->sent);
		answer(call->req, 201, body);
		break;
	case THROTTLED:
		(void)evhttp_add_header(
			evhttp_request_get_output_headers(call->req), "Retry-After", "1");
		answer(call->req, 429, "{}");
		break;
	case UNAVAILABLE:
		answer(call->req, 503, "{}");
		break;
	case FAILED:
		answer(call->req, 502, "{}");
		break;
	case BLOCKED:
		answer(call->req, 403, "{\"error\":{\"code\":\"MessageWritesBlocked\"}}");
		break;
	case HANGING:
		break;
	}
	free(call);
}

static unsigned number_behind(const char *text, const char *prefix)
{
	const char *at = text ? strstr(text, prefix) : NULL;
	return at ? (unsigned)strtoul(at + strlen(prefix), NULL, 10) : 0;
}

static unsigned notice_of(struct evhttp_request *req)
{
	static char body[BODY_MAX];
	struct evbuffer *in = evhttp_request_get_input_buffer(req);
	ev_ssize_t len = evbuffer_copyout(in, body, sizeof body - 1);
	body[len > 0 ? len : 0] = '\0';
	return number_behind(body, TEXT_PREFIX);
}

static void on_message(struct connector *c, struct evhttp_request *req)
{
	struct call *call = calloc(1, sizeof *call);
	if (!call)
		abort();
	const char *token =
		evhttp_find_header(evhttp_request_get_input_headers(req), "Authorization");
	*call = (struct call){
		.connector = c,
		.req = req,
		.begun_us = now_us(),
		.node = number_behind(token, TOKEN_PREFIX),
		.person = number_behind(evhttp_request_get_uri(req), CHAT_PREFIX),
		.notice = notice_of(req),
	};
	plan(call);
	if (call->outcome == HANGING) {
		note(call, 0);
		free(call);
		return;
	}
	unsigned ms = c->delay_ms;
	if (c->spread_ms > 0)
		ms += (unsigned)(draw(c, call->notice, UINT64_MAX - 1) % c->spread_ms);
	struct timeval delay = { ms / 1000, (suseconds_t)(ms % 1000) * 1000 };
	(void)event_base_once(c->loop, -1, EV_TIMEOUT, finish, call, &delay);
}

static void on_token(struct connector *c, struct evhttp_request *req)
{
	char body[160];
	(void)snprintf(body, sizeof body,
		"{\"token_type\":\"Bearer\",\"expires_in\":86399,\"access_token\":\"torture-%u\"}",
		++c->nodes);
	answer(req, 200, body);
}

static void on_request(struct evhttp_request *req, void *ctx)
{
	struct connector *c = ctx;
	const char *uri = evhttp_request_get_uri(req);
	if (strstr(uri, "/v3/conversations/"))
		on_message(c, req);
	else if (strstr(uri, "/token"))
		on_token(c, req);
	else
		answer(req, 404, "{}");
}

static void on_stop(evutil_socket_t number, short events, void *ctx)
{
	(void)number;
	(void)events;
	(void)event_base_loopbreak(ctx);
}

static void read_options(struct connector *c, int argc, char **argv)
{
	static const struct option names[] = {
		{ "port", required_argument, NULL, 'p' },
		{ "log", required_argument, NULL, 'l' },
		{ "seed", required_argument, NULL, 's' },
		{ "delay-ms", required_argument, NULL, 'd' },
		{ "spread-ms", required_argument, NULL, 'w' },
		{ "throttled", required_argument, NULL, 't' },
		{ "failing", required_argument, NULL, 'f' },
		{ "hanging", required_argument, NULL, 'h' },
		{ "blocked", required_argument, NULL, 'b' },
		{ NULL, 0, NULL, 0 },
	};
	int option;
	while ((option = getopt_long(argc, argv, "", names, NULL)) != -1) {
		unsigned value = optarg ? (unsigned)strtoul(optarg, NULL, 10) : 0;
		switch (option) {
		case 'p':
			c->port = value;
			break;
		case 'l':
			c->log = fopen(optarg, "we");
			break;
		case 's':
			c->seed = value;
			break;
		case 'd':
			c->delay_ms = value;
			break;
		case 'w':
			c->spread_ms = value;
			break;
		case 't':
			c->throttled = value;
			break;
		case 'f':
			c->failing = value;
			break;
		case 'h':
			c->hanging = value;
			break;
		case 'b':
			c->blocked = value;
			break;
		default:
			exit(2);
		}
	}
	if (!c->log || c->port == 0) {
		(void)fprintf(stderr, "connector: --port and --log (a file to write) are needed\n");
		exit(2);
	}
}

int main(int argc, char **argv)
{
	struct connector c = { .tries = calloc(NOTICES_MAX, 1), .loop = event_base_new() };
	read_options(&c, argc, argv);
	(void)signal(SIGPIPE, SIG_IGN);
	struct evhttp *server = evhttp_new(c.loop);
	evhttp_set_gencb(server, on_request, &c);
	if (!c.tries || evhttp_bind_socket(server, "127.0.0.1", (uint16_t)c.port) != 0) {
		(void)fprintf(stderr, "connector: port %u is in use\n", c.port);
		return 1;
	}
	struct event *stop = evsignal_new(c.loop, SIGTERM, on_stop, c.loop);
	(void)event_add(stop, NULL);
	(void)printf("ready\n");
	(void)fflush(stdout);
	(void)event_base_dispatch(c.loop);
	/* What still hangs is left to the end of the process. */
	return fclose(c.log) == 0 ? 0 : 1;
}
