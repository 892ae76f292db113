/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_load: how many authenticated messages a second a bot answers, and what that costs it.
 *
 *   bench_load --world-port P --target-port P [--people N] [--connections N] [--seconds S]
 *              [--warm-up S] [--rate PER_S] [--text TEXT | --approve FIRST] [--database PID]
 *              -- BOT ARGUMENT...
 *
 * Starts the world (world.c), then the bot, waits until it answers, and posts messages to its
 * /api/messages. Closed loop: a connection goes on when both the answer and the one reply to the
 * person have come. With --rate it posts at fixed times instead and counts from these, so that a
 * stall is not hidden. Each message is of a person who waits for nothing, so a reply belongs to the
 * person's only open message. With --approve people press Approve instead, each on requests of
 * their own (person p on FIRST + p - 1, then people - 1 further on), and only the answer counts.
 * Prints one JSON line; exit 1 when anything was answered wrongly.
 */
#include "bench.h"

#include "ad/clock.h"
#include "ad/json.h"
#include "ad/text.h"

#include <event2/buffer.h>
#include <event2/http.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define TOKENS 16
#define READY_MS 60000
#define DRAIN_MS 10000
#define TICK_MS 1
#define HOST "127.0.0.1"

struct options {
	int world_port;
	int target_port;
	unsigned people;
	unsigned connections;
	double seconds;
	double warm_up;
	double rate; /* 0: closed loop */
	const char *text;
	long long approve; /* the first request; 0: messages */
	int database_pid;
};

/* One message on its way; person p writes at most one at a time. */
struct person {
	struct connection *by;
	int64_t began_us; /* 0: nothing open */
	bool counted;     /* began inside the window */
	unsigned presses; /* so far */
	bool replied;
};

struct connection {
	struct load *load;
	struct evhttp_connection *http;
	unsigned person;
	bool waits_http;
	bool waits_reply;
};

struct load {
	struct options options;
	struct event_base *loop;
	struct ad_arena *arena;
	struct bench_issuer *issuer;
	struct bench_world *world;
	const char *service_url;
	char *tokens[TOKENS];
	struct connection *connections;
	struct person *people;
	unsigned next_person;
	unsigned next_message;
	long long first_id; /* no other run has used it, nor what follows */
	pid_t bot;
	int64_t window_from_us, window_to_us;
	int64_t planned; /* messages posted in an open loop */
	bool stopping;
	struct bench_samples answers, replies;
	unsigned long bad, refused, doubled, late;
	double cpu_s, database_cpu_s;
};

/* ---- the messages ---- */

static char *activity_of(struct load *load, struct ad_arena *arena, unsigned person)
{
	long long id = load->first_id + load->next_message++;
	struct person *p = &load->people[person];
	if (load->options.approve == 0 || person == 0)
		return bench_message(arena, id, person, load->service_url, load->options.text);
	return bench_press(arena, id, person, load->service_url,
		load->options.approve + person - 1 +
			(long long)(load->options.people - 1) * p->presses++);
}

static void send_next(struct connection *c, int64_t began_us);

static bool in_window(const struct load *load, int64_t us)
{
	return us >= load->window_from_us && us < load->window_to_us;
}

static void go_on(struct connection *c)
{
	struct load *load = c->load;
	if (c->waits_http || c->waits_reply)
		return;
	load->people[c->person].began_us = 0;
	if (!load->stopping && load->options.rate == 0)
		send_next(c, bench_now_us());
}

static void on_answer(struct evhttp_request *req, void *ctx)
{
	struct connection *c = ctx;
	struct load *load = c->load;
	struct person *person = &load->people[c->person];
	int status = req ? evhttp_request_get_response_code(req) : 0;
	bool good = status / 100 == 2;
	if (person->counted && good)
		bench_samples_add(&load->answers, bench_now_us() - person->began_us);
	if (person->counted && !good)
		(*(status == 503 ? &load->refused : &load->bad))++;
	c->waits_http = false;
	if (!good)
		c->waits_reply = false;
	go_on(c);
}

static void on_reply(void *ctx, unsigned number)
{
	struct load *load = ctx;
	if (number == 0)
		return;
	struct person *person = number < load->options.people ? &load->people[number] : NULL;
	if (load->options.approve != 0)
		return;
	if (!person || person->began_us == 0 || person->replied) {
		load->doubled++;
		return;
	}
	person->replied = true;
	if (person->counted)
		bench_samples_add(&load->replies, bench_now_us() - person->began_us);
	struct connection *c = person->by;
	c->waits_reply = false;
	go_on(c);
}

static void post(struct connection *c)
{
	struct load *load = c->load;
	struct ad_arena *arena = ad_arena_new();
	char *body = activity_of(load, arena, c->person);
	struct evhttp_request *req = evhttp_request_new(on_answer, c);
	struct evkeyvalq *headers = evhttp_request_get_output_headers(req);
	(void)evhttp_add_header(headers, "Host", HOST);
	(void)evhttp_add_header(headers, "Content-Type", "application/json; charset=utf-8");
	(void)evhttp_add_header(
		headers, "Authorization", load->tokens[load->next_message % TOKENS]);
	(void)evbuffer_add(evhttp_request_get_output_buffer(req), body, strlen(body));
	ad_arena_free(arena);
	if (evhttp_make_request(c->http, req, EVHTTP_REQ_POST, "/api/messages") != 0) {
		load->bad++;
		c->waits_http = c->waits_reply = false;
	}
}

static void send_next(struct connection *c, int64_t began_us)
{
	struct load *load = c->load;
	/* Person 0 is the probe's. */
	do
		load->next_person = load->next_person % (load->options.people - 1) + 1;
	while (load->people[load->next_person].began_us != 0);
	c->person = load->next_person;
	c->waits_http = true;
	c->waits_reply = load->options.approve == 0;
	load->people[c->person] = (struct person){ .by = c,
		.began_us = began_us,
		.counted = in_window(load, began_us),
		.presses = load->people[c->person].presses };
	post(c);
}

/* ---- the bot ---- */

static void start_bot(struct load *load, char **command)
{
	load->bot = fork();
	if (load->bot == 0) {
		(void)execvp(command[0], command);
		(void)fprintf(stderr, "bench: %s cannot be started\n", command[0]);
		_exit(127);
	}
}

static void on_probe(struct evhttp_request *req, void *ctx)
{
	bool *ready = ctx;
	*ready = req && evhttp_request_get_response_code(req) / 100 == 2;
}

/* Person 0 writes until it is answered; everything that the bot fetches first is fetched then. */
static void wait_ready(struct load *load)
{
	int64_t end = bench_now_us() + READY_MS * 1000LL;
	bool ready = false;
	while (!ready && bench_now_us() < end && waitpid(load->bot, NULL, WNOHANG) == 0) {
		struct evhttp_connection *http = evhttp_connection_base_new(
			load->loop, NULL, HOST, (uint16_t)load->options.target_port);
		struct ad_arena *arena = ad_arena_new();
		char *body = activity_of(load, arena, 0);
		struct evhttp_request *req = evhttp_request_new(on_probe, &ready);
		struct evkeyvalq *headers = evhttp_request_get_output_headers(req);
		(void)evhttp_add_header(headers, "Host", HOST);
		(void)evhttp_add_header(headers, "Content-Type", "application/json");
		(void)evhttp_add_header(headers, "Authorization", load->tokens[0]);
		(void)evbuffer_add(evhttp_request_get_output_buffer(req), body, strlen(body));
		(void)evhttp_make_request(http, req, EVHTTP_REQ_POST, "/api/messages");
		struct timeval wait = { 0, 200000 };
		(void)event_base_loopexit(load->loop, &wait);
		(void)event_base_dispatch(load->loop);
		evhttp_connection_free(http);
		ad_arena_free(arena);
	}
	if (!ready) {
		(void)fprintf(stderr, "bench: the bot does not answer\n");
		(void)kill(load->bot, SIGKILL);
		exit(1);
	}
}

/* ---- the measurement ---- */

static void on_tick(evutil_socket_t fd, short what, void *ctx)
{
	struct load *load = ctx;
	(void)fd;
	(void)what;
	if (load->stopping)
		return;
	double elapsed = (double)(bench_now_us() -
				  (load->window_from_us - (int64_t)(load->options.warm_up * 1e6))) /
			 1e6;
	int64_t due = (int64_t)(elapsed * load->options.rate);
	for (unsigned i = 0; i < load->options.connections && load->planned < due; i++) {
		struct connection *c = &load->connections[i];
		if (c->waits_http || c->waits_reply)
			continue;
		int64_t start = load->window_from_us - (int64_t)(load->options.warm_up * 1e6);
		load->planned++;
		send_next(c, start + (int64_t)((double)load->planned * 1e6 / load->options.rate));
	}
}

static void run_for(struct load *load, double seconds)
{
	struct timeval wait = { (time_t)seconds,
		(suseconds_t)((seconds - (double)(time_t)seconds) * 1e6) };
	(void)event_base_loopexit(load->loop, &wait);
	(void)event_base_dispatch(load->loop);
}

static double cpu_of(int pid, bool tree)
{
	return pid > 0 ? bench_process_cpu_s(pid, tree) : 0;
}

static void measure(struct load *load)
{
	const struct options *o = &load->options;
	struct timeval tick = { 0, TICK_MS * 1000 };
	struct event *ticker = event_new(load->loop, -1, EV_PERSIST, on_tick, load);
	load->window_from_us = bench_now_us() + (int64_t)(o->warm_up * 1e6);
	load->window_to_us = load->window_from_us + (int64_t)(o->seconds * 1e6);
	if (o->rate > 0)
		(void)event_add(ticker, &tick);
	for (unsigned i = 0; i < o->connections && o->rate == 0; i++)
		send_next(&load->connections[i], bench_now_us());
	run_for(load, o->warm_up);
	double bot_before = cpu_of(load->bot, false);
	double database_before = cpu_of(o->database_pid, true);
	run_for(load, o->seconds);
	load->cpu_s = cpu_of(load->bot, false) - bot_before;
	load->database_cpu_s = cpu_of(o->database_pid, true) - database_before;
	load->stopping = true;
	run_for(load, 1);
	event_free(ticker);
	for (unsigned i = 0; i < o->people; i++)
		load->late += load->people[i].counted && load->people[i].began_us != 0;
}

static int report(struct load *load)
{
	const struct options *o = &load->options;
	double thousands = (double)load->answers.count / 1000;
	double per = thousands > 0 ? 1 / thousands : 0;
	(void)printf("{\"answers\":%zu,\"replies\":%zu,\"per_s\":%.1f,\"answer_p50_ms\":%.2f,"
		     "\"answer_p99_ms\":%.2f,"
		     "\"reply_p50_ms\":%.2f,\"reply_p99_ms\":%.2f,\"bad\":%lu,\"refused\":%lu,"
		     "\"doubled\":%lu,\"late\":%lu,"
		     "\"cpu_s_per_1000\":%.3f,\"database_cpu_s_per_1000\":%.3f,\"peak_mib\":%.1f,"
		     "\"strange\":%u}\n",
		load->answers.count, load->replies.count,
		(double)(o->approve ? load->answers.count : load->replies.count) / o->seconds,
		bench_samples_percentile(&load->answers, 50),
		bench_samples_percentile(&load->answers, 99),
		bench_samples_percentile(&load->replies, 50),
		bench_samples_percentile(&load->replies, 99), load->bad, load->refused,
		load->doubled, load->late, load->cpu_s * per, load->database_cpu_s * per,
		bench_process_peak_mib(load->bot), bench_world_strange(load->world));
	return load->bad || load->doubled || load->answers.count == 0;
}

/* ---- the program ---- */

static void make(struct load *load)
{
	const struct options *o = &load->options;
	load->loop = event_base_new();
	load->first_id = (long long)time(NULL) * 1000000;
	load->arena = ad_arena_new();
	load->issuer = bench_issuer_new();
	load->service_url = ad_printf(load->arena, "http://" HOST ":%d/teams/", o->world_port);
	for (unsigned i = 0; i < TOKENS; i++)
		load->tokens[i] = ad_printf(load->arena, "Bearer %s",
			bench_issuer_token(load->issuer, load->arena, load->service_url, i));
	load->people = ad_alloc_array(load->arena, o->people, sizeof *load->people);
	load->connections = ad_alloc_array(load->arena, o->connections, sizeof *load->connections);
	load->world = bench_world_new(&(struct bench_world_config){ .loop = load->loop,
		.issuer = load->issuer,
		.approvers = true,
		.port = o->world_port,
		.on_reply = on_reply,
		.ctx = load });
	for (unsigned i = 0; i < o->connections; i++) {
		load->connections[i].load = load;
		load->connections[i].http = evhttp_connection_base_new(
			load->loop, NULL, HOST, (uint16_t)o->target_port);
	}
}

static void unmake(struct load *load)
{
	(void)kill(load->bot, SIGTERM);
	run_for(load, 0.5);
	(void)waitpid(load->bot, NULL, 0);
	for (unsigned i = 0; i < load->options.connections; i++)
		evhttp_connection_free(load->connections[i].http);
	bench_world_free(load->world);
	bench_issuer_free(load->issuer);
	bench_samples_free(&load->answers);
	bench_samples_free(&load->replies);
	event_base_free(load->loop);
	ad_arena_free(load->arena);
}

static bool parse(struct options *o, int argc, char **argv)
{
	static const struct option known[] = { { "world-port", 1, NULL, 'w' },
		{ "target-port", 1, NULL, 't' }, { "people", 1, NULL, 'p' },
		{ "connections", 1, NULL, 'c' }, { "seconds", 1, NULL, 's' },
		{ "warm-up", 1, NULL, 'u' }, { "rate", 1, NULL, 'r' }, { "text", 1, NULL, 'x' },
		{ "approve", 1, NULL, 'a' }, { "database", 1, NULL, 'd' }, { 0 } };
	*o = (struct options){
		.people = 1000, .connections = 16, .seconds = 8, .warm_up = 3, .text = "I need 7zip"
	};
	for (int c; (c = getopt_long(argc, argv, "", known, NULL)) != -1;) {
		switch (c) {
		case 'w':
			o->world_port = (int)strtol(optarg, NULL, 10);
			break;
		case 't':
			o->target_port = (int)strtol(optarg, NULL, 10);
			break;
		case 'p':
			o->people = (unsigned)strtoul(optarg, NULL, 10);
			break;
		case 'c':
			o->connections = (unsigned)strtoul(optarg, NULL, 10);
			break;
		case 's':
			o->seconds = strtod(optarg, NULL);
			break;
		case 'u':
			o->warm_up = strtod(optarg, NULL);
			break;
		case 'r':
			o->rate = strtod(optarg, NULL);
			break;
		case 'x':
			o->text = optarg;
			break;
		case 'a':
			o->approve = strtoll(optarg, NULL, 10);
			break;
		case 'd':
			o->database_pid = (int)strtol(optarg, NULL, 10);
			break;
		default:
			return false;
		}
	}
	return o->world_port > 0 && o->target_port > 0 && o->people > o->connections &&
	       optind < argc;
}

int main(int argc, char **argv)
{
	struct load load = { 0 };
	(void)signal(SIGPIPE, SIG_IGN);
	if (!parse(&load.options, argc, argv)) {
		(void)fprintf(stderr, "usage: bench_load --world-port P --target-port P [...] -- "
				      "BOT ARGUMENT...\n");
		return 2;
	}
	make(&load);
	start_bot(&load, argv + optind);
	wait_ready(&load);
	measure(&load);
	int bad = report(&load);
	unmake(&load);
	return bad;
}
