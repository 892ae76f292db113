/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_attack: people who mean harm, one kind of them a process.
 *
 *   bench_attack KIND --port P [--tls] [--from A.B.C] [--addresses N] [--connections N] [--rate R]
 *                [--seconds S]
 *
 *   head, handshake, drip  connections that give one byte a second: of a head, of a TLS handshake,
 *                          of a body
 *   forged, forged-new     R tokens a second that are right but for the signature, over connections
 *                          that stay open if they may; each over a new one
 *   body, chunked          bodies of 1 MiB, and ones that never end, R MiB a second in all
 *
 * The connections come from A.B.C.1 to A.B.C.N in turn; one that ends is followed by a new one.
 * Prints a line of JSON: what was opened, sent and answered.
 */
#include "bench.h"

#include "ad/err.h"
#include "ad/text.h"

#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TICK_MS 10
#define DRIP_US 1000000
#define CHUNK ((size_t)16 << 10)
#define BODY_LEN 1048576
#define ENDLESS ((size_t)64 << 20) /* for a server whose end is at 1 MiB */
#define HEAD                                                                                       \
	"POST /api/messages HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer e30.e30.junk\r\n" \
	"Content-Type: application/json\r\n"
#define STATUSES 600

struct options {
	int port;
	bool tls;
	const char *from;
	unsigned addresses;
	unsigned connections;
	double rate;
	double seconds;
};

struct hand {
	struct attack *attack;
	struct bench_wire *wire; /* NULL: not open */
	unsigned number;
	int64_t next_us; /* the next byte of one who drips is due */
	size_t sent;
	bool waits; /* for an answer */
};

/* What makes one kind different. */
struct kind {
	const char *name;
	void (*tick)(struct attack *attack);
	const char *begin; /* what is sent first, or NULL */
	const char *drop;  /* what then drips, or NULL */
	bool below_tls;    /* never a TLS client */
	bool keeps;        /* its connections for what comes next */
};

struct attack {
	struct options options;
	const struct kind *kind;
	struct event_base *loop;
	struct hand *hands;
	int64_t start_us, last_us;
	unsigned next; /* hand */
	unsigned tokens;
	double bytes_due;
	unsigned long opened, failed, posted, closed;
	unsigned long statuses[STATUSES];
	double bytes;
};

/* ---- hands ---- */

static void let_go(struct hand *hand)
{
	bench_wire_close(hand->wire);
	hand->wire = NULL;
	hand->waits = false;
}

static void on_answer(void *ctx, int status, bool closing)
{
	struct hand *hand = ctx;
	hand->attack->statuses[status > 0 && status < STATUSES ? status : 0]++;
	hand->waits = false;
	if (closing || !hand->attack->kind->keeps)
		let_go(hand);
}

static void on_closed(void *ctx)
{
	struct hand *hand = ctx;
	hand->attack->closed++;
	let_go(hand);
}

static void give(struct hand *hand, const char *data, size_t len)
{
	bench_wire_send(hand->wire, data, len);
	hand->attack->bytes += (double)len;
	hand->sent += len;
}

static bool reach_out(struct hand *hand)
{
	struct attack *attack = hand->attack;
	const struct options *o = &attack->options;
	char from[64];
	(void)snprintf(from, sizeof from, "%s.%u", o->from, 1 + hand->number % o->addresses);
	hand->wire = bench_wire_open(&(struct bench_wire_config){
		.loop = attack->loop,
		.from = from,
		.port = o->port,
		.tls = o->tls && !attack->kind->below_tls,
		.on_answer = on_answer,
		.on_closed = on_closed,
		.ctx = hand,
	});
	if (!hand->wire) {
		attack->failed++;
		return false;
	}
	attack->opened++;
	hand->sent = 0;
	if (attack->kind->begin)
		give(hand, attack->kind->begin, strlen(attack->kind->begin));
	return true;
}

/* ---- kinds ---- */

/* Not all at the same moment: each has its own place in the second. */
static void tick_drip(struct attack *attack)
{
	int64_t now_us = bench_now_us();
	unsigned count = attack->options.connections;
	for (unsigned i = 0; i < count; i++) {
		struct hand *hand = &attack->hands[i];
		if (!hand->wire) {
			if (!reach_out(hand))
				return;
			hand->next_us = now_us + (int64_t)DRIP_US * i / count;
		} else if (now_us >= hand->next_us) {
			give(hand, attack->kind->drop, 1);
			hand->next_us += DRIP_US;
		}
	}
}

static struct hand *free_hand(struct attack *attack)
{
	for (unsigned i = 0; i < attack->options.connections; i++) {
		struct hand *hand = &attack->hands[attack->next++ % attack->options.connections];
		if (!hand->waits)
			return hand;
	}
	return NULL;
}

static void tick_forged(struct attack *attack)
{
	double elapsed_s = (double)(bench_now_us() - attack->start_us) / 1e6;
	while ((double)attack->tokens < elapsed_s * attack->options.rate) {
		struct hand *hand = free_hand(attack);
		if (!hand || (!hand->wire && !reach_out(hand)))
			return;
		struct ad_arena *arena = ad_arena_new();
		bench_wire_post(hand->wire,
			bench_forged_token(arena, "http://127.0.0.1/", attack->tokens++), "{}");
		ad_arena_free(arena);
		hand->waits = true;
		attack->posted++;
	}
}

static void give_chunk(struct hand *hand, bool framed)
{
	static const char frame[] = "4000\r\n"; /* CHUNK in hexadecimal */
	static char chunk[CHUNK];
	(void)memset(chunk, 'x', CHUNK);
	if (framed)
		give(hand, frame, sizeof frame - 1);
	give(hand, chunk, CHUNK);
	if (framed)
		give(hand, "\r\n", 2);
}

/* As much as the kernel takes, and no more than the rate allows over all hands. */
static void tick_flood(struct attack *attack)
{
	const struct options *o = &attack->options;
	int64_t now_us = bench_now_us();
	bool chunked = ad_text_eq(attack->kind->name, "chunked");
	size_t most = chunked ? ENDLESS : strlen(attack->kind->begin) + BODY_LEN;
	attack->bytes_due += (double)(now_us - attack->last_us) / 1e6 * o->rate * 1048576;
	attack->last_us = now_us;
	for (unsigned idle = 0; attack->bytes_due > 0 && idle < o->connections;) {
		struct hand *hand = &attack->hands[attack->next++ % o->connections];
		if (!hand->wire && !reach_out(hand))
			break;
		idle++;
		if (hand->sent >= most || bench_wire_unsent(hand->wire) > CHUNK)
			continue;
		give_chunk(hand, chunked);
		attack->bytes_due -= CHUNK;
		idle = 0;
	}
	/* What the server did not take is not made up for. */
	attack->bytes_due = attack->bytes_due > 0 ? 0 : attack->bytes_due;
}

static const struct kind kinds[] = {
	{ .name = "head", .tick = tick_drip, .begin = HEAD "X-Slow: ", .drop = "a" },
	{ .name = "handshake",
		.tick = tick_drip,
		.begin = "\x16\x03\x01\x02",
		.drop = "a",
		.below_tls = true },
	{ .name = "drip",
		.tick = tick_drip,
		.begin = HEAD "Content-Length: 100000\r\n\r\n",
		.drop = "a" },
	{ .name = "forged", .tick = tick_forged, .keeps = true },
	{ .name = "forged-new", .tick = tick_forged },
	{ .name = "body", .tick = tick_flood, .begin = HEAD "Content-Length: 1048576\r\n\r\n" },
	{ .name = "chunked",
		.tick = tick_flood,
		.begin = HEAD "Transfer-Encoding: chunked\r\n\r\n" },
};

/* ---- the program ---- */

static void on_tick(evutil_socket_t fd, short what, void *ctx)
{
	struct attack *attack = ctx;
	(void)fd;
	(void)what;
	attack->kind->tick(attack);
}

static void run(struct attack *attack)
{
	const struct options *o = &attack->options;
	const struct timeval tick = { .tv_usec = TICK_MS * 1000 };
	const struct timeval end = { .tv_sec = (time_t)o->seconds };
	attack->loop = event_base_new();
	attack->hands = ad_xalloc(o->connections * sizeof *attack->hands);
	attack->start_us = attack->last_us = bench_now_us();
	for (unsigned i = 0; i < o->connections; i++)
		attack->hands[i] = (struct hand){ .attack = attack, .number = i };
	struct event *ticker = event_new(attack->loop, -1, EV_PERSIST, on_tick, attack);
	AD_ASSERT(ticker && event_add(ticker, &tick) == 0);
	(void)event_base_loopexit(attack->loop, &end);
	(void)event_base_dispatch(attack->loop);
	event_free(ticker);
	for (unsigned i = 0; i < o->connections; i++)
		let_go(&attack->hands[i]);
	event_base_free(attack->loop);
	free(attack->hands);
}

static void report(const struct attack *attack)
{
	const char *comma = "";
	(void)printf("{\"kind\":\"%s\",\"opened\":%lu,\"failed\":%lu,\"posted\":%lu,"
		     "\"closed\":%lu,\"mib\":%.1f,\"statuses\":{",
		attack->kind->name, attack->opened, attack->failed, attack->posted, attack->closed,
		attack->bytes / 1048576);
	for (int i = 0; i < STATUSES; i++) {
		if (attack->statuses[i] == 0)
			continue;
		(void)printf("%s\"%d\":%lu", comma, i, attack->statuses[i]);
		comma = ",";
	}
	(void)printf("}}\n");
}

static bool parse(struct options *o, int argc, char **argv)
{
	static const struct option known[] = { { "port", 1, NULL, 'p' }, { "tls", 0, NULL, 'l' },
		{ "from", 1, NULL, 'f' }, { "addresses", 1, NULL, 'a' },
		{ "connections", 1, NULL, 'c' }, { "rate", 1, NULL, 'r' },
		{ "seconds", 1, NULL, 's' }, { 0 } };
	*o = (struct options){
		.from = "127.0.1", .addresses = 250, .connections = 200, .seconds = 10
	};
	for (int c; (c = getopt_long(argc, argv, "", known, NULL)) != -1;) {
		switch (c) {
		case 'p':
			o->port = (int)strtol(optarg, NULL, 10);
			break;
		case 'l':
			o->tls = true;
			break;
		case 'f':
			o->from = optarg;
			break;
		case 'a':
			o->addresses = (unsigned)strtoul(optarg, NULL, 10);
			break;
		case 'c':
			o->connections = (unsigned)strtoul(optarg, NULL, 10);
			break;
		case 'r':
			o->rate = strtod(optarg, NULL);
			break;
		case 's':
			o->seconds = strtod(optarg, NULL);
			break;
		default:
			return false;
		}
	}
	return o->port > 0 && o->addresses > 0 && o->connections > 0 && optind == argc - 1;
}

int main(int argc, char **argv)
{
	static struct attack attack;
	(void)signal(SIGPIPE, SIG_IGN);
	bool good = parse(&attack.options, argc, argv);
	for (size_t i = 0; good && i < sizeof kinds / sizeof kinds[0]; i++) {
		if (ad_text_eq(kinds[i].name, argv[optind]))
			attack.kind = &kinds[i];
	}
	if (!attack.kind) {
		(void)fprintf(stderr, "usage: bench_attack KIND --port P ...; see attack.c\n");
		return 2;
	}
	run(&attack);
	report(&attack);
	return 0;
}
