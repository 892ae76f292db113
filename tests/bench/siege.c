/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_siege: the messages of people who mean well, at fixed times, while others attack.
 *
 *   bench_siege --world-port P --target-port P [--tls] [--rate PER_S] [--new PER_S]
 *
 * Plays the world (world.c) and, from the first line on its standard input to that input's end,
 * posts messages: --rate a second with a few tokens that are used again and again, over connections
 * that stay open, as the channel does; and --new a second, each with a token never seen before,
 * from another address over a new connection. Prints a line for each message:
 *
 *   message PLANNED_US known|new STATUS TOOK_US
 *
 * PLANNED_US is the monotonic time at which it was due and from which TOOK_US counts. STATUS is the
 * answer's, or "late" when 15 s passed without one, "cut" when a connection that had been used
 * before ended, "closed" when a new one did. The last line holds sums as JSON. At the beginning
 * BURST messages are due at once, so that every worker has had something to do.
 */
#include "bench.h"

#include "ad/err.h"
#include "ad/text.h"

#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <openssl/ssl.h>

#define TOKENS 16
#define WIRES 128 /* more messages than that are not on their way at once: the others wait */
#define TICK_MS 1
#define ANSWER_MAX_US 15000000 /* the channel waits no longer */
#define IDLE_MAX_US 2000000
#define DRAIN_S 20
#define PEOPLE 400u
#define NEW_PEOPLE 100u /* behind the others */
#define TEXT "I need 7zip"
#define BURST 64
#define FROM_KNOWN "127.0.0.2"
#define FROM_NEW "127.0.0.3"

struct options {
	int world_port;
	int target_port;
	bool tls;
	double rate;
	double new_rate;
};

/* One connection, with at most one message on its way. */
struct line {
	struct siege *siege;
	struct bench_wire *wire; /* NULL: not open */
	int64_t planned_us;      /* of the message on its way; 0: none */
	int64_t idle_us;         /* since when there is none */
	bool is_new;
	bool used; /* has carried an answer */
};

/* Messages of one kind, at a steady pace. */
struct pace {
	double rate;
	unsigned burst; /* due at the start */
	unsigned planned;
};

struct siege {
	struct options options;
	struct event_base *loop;
	struct event *ticker;
	struct ad_arena *arena;
	struct bench_issuer *issuer;
	struct bench_world *world;
	const char *service_url;
	char *tokens[TOKENS];
	struct line lines[WIRES];
	int64_t start_us; /* 0: not yet */
	struct pace known, fresh;
	bool stopping;
	long long next_id; /* no other run has used it, nor what follows */
	unsigned long sent, answered, replies;
};

/* ---- one message ---- */

static void finish(struct line *line, const char *status)
{
	int64_t now = bench_now_us();
	(void)printf("message %lld %s %s %lld\n", (long long)line->planned_us,
		line->is_new ? "new" : "known", status, (long long)(now - line->planned_us));
	line->siege->answered++;
	line->planned_us = 0;
	line->idle_us = now;
}

static void hang_up(struct line *line)
{
	bench_wire_close(line->wire);
	line->wire = NULL;
}

static void on_answer(void *ctx, int status, bool closing)
{
	struct line *line = ctx;
	char text[16];
	(void)snprintf(text, sizeof text, "%d", status);
	finish(line, text);
	line->used = true;
	if (closing || line->is_new)
		hang_up(line);
}

static void on_closed(void *ctx)
{
	struct line *line = ctx;
	if (line->planned_us != 0)
		finish(line, line->used ? "cut" : "closed");
	hang_up(line);
}

static void open_line(struct line *line, bool is_new)
{
	const struct siege *siege = line->siege;
	line->is_new = is_new;
	line->used = false;
	line->wire = bench_wire_open(&(struct bench_wire_config){
		.loop = siege->loop,
		.from = is_new ? FROM_NEW : FROM_KNOWN,
		.port = siege->options.target_port,
		.tls = siege->options.tls,
		.on_answer = on_answer,
		.on_closed = on_closed,
		.ctx = line,
	});
}

static void post(struct siege *siege, struct line *line, unsigned number)
{
	struct ad_arena *arena = ad_arena_new();
	unsigned person = line->is_new ? PEOPLE + 1 + number % NEW_PEOPLE : 1 + number % PEOPLE;
	const char *token = line->is_new ? bench_issuer_token(siege->issuer, arena,
						   siege->service_url, TOKENS + number)
					 : siege->tokens[number % TOKENS];
	bench_wire_post(line->wire, token,
		bench_message(arena, siege->next_id++, person, siege->service_url, TEXT));
	siege->sent++;
	ad_arena_free(arena);
}

/* ---- when ---- */

/* An open connection for what is known, none yet for what is new; the last resort is NULL. */
static struct line *find_line(struct siege *siege, bool is_new)
{
	struct line *closed = NULL;
	for (unsigned i = 0; i < WIRES; i++) {
		struct line *line = &siege->lines[i];
		if (!is_new && line->wire && !line->is_new && line->planned_us == 0)
			return line;
		if (!line->wire && !closed)
			closed = line;
	}
	if (closed)
		open_line(closed, is_new);
	return closed && closed->wire ? closed : NULL;
}

static void send_due(struct siege *siege, struct pace *pace, bool is_new)
{
	double elapsed_s = (double)(bench_now_us() - siege->start_us) / 1e6;
	while ((double)pace->planned < pace->burst + elapsed_s * pace->rate) {
		struct line *line = find_line(siege, is_new);
		if (!line)
			return;
		unsigned number = pace->planned++;
		unsigned steady = number > pace->burst ? number - pace->burst : 0;
		line->planned_us = siege->start_us + (int64_t)(steady * 1e6 / pace->rate);
		post(siege, line, number);
	}
}

static void watch(struct line *line, int64_t now_us)
{
	bool late = line->planned_us != 0 && now_us - line->planned_us > ANSWER_MAX_US;
	bool idle = line->planned_us == 0 && now_us - line->idle_us > IDLE_MAX_US;
	if (line->wire && late)
		finish(line, "late");
	if (line->wire && (late || idle))
		hang_up(line);
}

static void on_tick(evutil_socket_t fd, short what, void *ctx)
{
	struct siege *siege = ctx;
	int64_t now_us = bench_now_us();
	(void)fd;
	(void)what;
	for (unsigned i = 0; i < WIRES; i++)
		watch(&siege->lines[i], now_us);
	if (!siege->stopping && siege->start_us != 0) {
		send_due(siege, &siege->known, false);
		send_due(siege, &siege->fresh, true);
	}
	if (siege->stopping && siege->replies >= siege->sent)
		(void)event_base_loopexit(siege->loop, NULL);
	(void)fflush(stdout);
}

static void on_input(evutil_socket_t fd, short what, void *ctx)
{
	struct siege *siege = ctx;
	char text[256];
	(void)what;
	if (read(fd, text, sizeof text) > 0) {
		siege->start_us = siege->start_us ? siege->start_us : bench_now_us();
		return;
	}
	/* What is on its way may still arrive, and the bot's replies with it. */
	const struct timeval wait = { .tv_sec = DRAIN_S };
	siege->stopping = true;
	(void)event_base_loopexit(siege->loop, &wait);
}

static void on_reply(void *ctx, unsigned person)
{
	struct siege *siege = ctx;
	(void)person;
	siege->replies++;
}

/* ---- the program ---- */

static void make(struct siege *siege)
{
	const struct options *o = &siege->options;
	siege->loop = event_base_new();
	siege->arena = ad_arena_new();
	siege->issuer = bench_issuer_new();
	siege->next_id = (long long)time(NULL) * 1000000;
	siege->known.rate = o->rate;
	siege->known.burst = BURST;
	siege->fresh.rate = o->new_rate;
	siege->service_url = ad_printf(siege->arena, "http://127.0.0.1:%d/teams/", o->world_port);
	for (unsigned i = 0; i < TOKENS; i++)
		siege->tokens[i] =
			bench_issuer_token(siege->issuer, siege->arena, siege->service_url, i);
	for (unsigned i = 0; i < WIRES; i++)
		siege->lines[i].siege = siege;
	siege->world = bench_world_new(&(struct bench_world_config){ .loop = siege->loop,
		.issuer = siege->issuer,
		.port = o->world_port,
		.on_reply = on_reply,
		.ctx = siege });
}

static void run(struct siege *siege)
{
	const struct timeval tick = { .tv_usec = TICK_MS * 1000 };
	struct event *input =
		event_new(siege->loop, STDIN_FILENO, EV_READ | EV_PERSIST, on_input, siege);
	struct event *ticker = event_new(siege->loop, -1, EV_PERSIST, on_tick, siege);
	AD_ASSERT(input && event_add(input, NULL) == 0);
	AD_ASSERT(ticker && event_add(ticker, &tick) == 0);
	(void)event_base_dispatch(siege->loop);
	event_free(input);
	event_free(ticker);
}

static void unmake(struct siege *siege)
{
	for (unsigned i = 0; i < WIRES; i++) {
		if (siege->lines[i].planned_us != 0)
			finish(&siege->lines[i], "late");
		hang_up(&siege->lines[i]);
	}
	(void)printf("{\"sent\":%lu,\"answered\":%lu,\"replies\":%lu,\"strange\":%u}\n",
		siege->sent, siege->answered, siege->replies, bench_world_strange(siege->world));
	bench_world_free(siege->world);
	bench_issuer_free(siege->issuer);
	event_base_free(siege->loop);
	ad_arena_free(siege->arena);
}

static bool parse(struct options *o, int argc, char **argv)
{
	static const struct option known[] = { { "world-port", 1, NULL, 'w' },
		{ "target-port", 1, NULL, 't' }, { "tls", 0, NULL, 'l' }, { "rate", 1, NULL, 'r' },
		{ "new", 1, NULL, 'n' }, { 0 } };
	*o = (struct options){ .rate = 40, .new_rate = 1 };
	for (int c; (c = getopt_long(argc, argv, "", known, NULL)) != -1;) {
		switch (c) {
		case 'w':
			o->world_port = (int)strtol(optarg, NULL, 10);
			break;
		case 't':
			o->target_port = (int)strtol(optarg, NULL, 10);
			break;
		case 'l':
			o->tls = true;
			break;
		case 'r':
			o->rate = strtod(optarg, NULL);
			break;
		case 'n':
			o->new_rate = strtod(optarg, NULL);
			break;
		default:
			return false;
		}
	}
	return o->world_port > 0 && o->target_port > 0 && optind == argc;
}

int main(int argc, char **argv)
{
	static struct siege siege;
	(void)signal(SIGPIPE, SIG_IGN);
	if (!parse(&siege.options, argc, argv)) {
		(void)fprintf(
			stderr, "usage: bench_siege --world-port P --target-port P [--tls] ...\n");
		return 2;
	}
	make(&siege);
	run(&siege);
	unmake(&siege);
	return 0;
}
