/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The load generators' parts. One process, one thread, one libevent loop: it plays the channel that
 * posts activities and the cheapest possible rest of the world (keys, tokens, connector,
 * directory), so that what is measured is the bot. Attackers are processes of their own.
 */
#ifndef BENCH_H
#define BENCH_H

#include "ad/arena.h"

#include <event2/event.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BENCH_APP_ID "00000000-0000-4000-8000-000000000011"
#define BENCH_TENANT_ID "00000000-0000-4000-8000-000000000001"
#define BENCH_PERSON_FORMAT "10000000-0000-4000-8000-%012u" /* object id of person n */
#define BENCH_CHAT_PREFIX "a:bench-"                        /* conversation id: the prefix and n */

/* ---- issuer.c ---- */

struct bench_issuer;

struct bench_issuer *bench_issuer_new(void);
void bench_issuer_free(struct bench_issuer *issuer);
/* A channel token for service_url; number makes each one different. */
char *bench_issuer_token(const struct bench_issuer *issuer, struct ad_arena *arena,
	const char *service_url, unsigned number);
/* A token that is right in everything but its signature, which costs as much to check as a good
 * one.
 */
char *bench_forged_token(struct ad_arena *arena, const char *service_url, unsigned number);
/* The key set, in the arena. */
char *bench_issuer_keys(const struct bench_issuer *issuer, struct ad_arena *arena);

/* ---- message.c ---- */

/* Monotonic. */
int64_t bench_now_us(void);
/* The activity with which person says text. */
char *bench_message(struct ad_arena *arena, long long id, unsigned person, const char *service_url,
	const char *text);
/* The activity with which person presses Approve on the card of a request. The button's token is
 * the request's number in 22 digits: bots.py writes the row that it opens. */
char *bench_press(struct ad_arena *arena, long long id, unsigned person, const char *service_url,
	long long request);

/* ---- wire.c ---- */

/* One connection of a client, as bytes: what is no right request must be possible too. */
struct bench_wire;
struct bench_wire_config {
	struct event_base *loop;
	const char *from; /* own address on loopback */
	int port;         /* of the server, on 127.0.0.1 */
	bool tls;
	/* An answer is complete; closing: the server ends the connection behind it. The wire may be
	 * freed inside either call. */
	void (*on_answer)(void *ctx, int status, bool closing);
	void (*on_closed)(void *ctx);
	void *ctx;
};
/* NULL when there is no descriptor or port left. */
struct bench_wire *bench_wire_open(const struct bench_wire_config *config);
void bench_wire_send(struct bench_wire *wire, const void *data, size_t len);
/* A whole message to the bot. */
void bench_wire_post(struct bench_wire *wire, const char *token, const char *body);
/* Bytes that the kernel has not taken yet. */
size_t bench_wire_unsent(const struct bench_wire *wire);
void bench_wire_close(struct bench_wire *wire);

/* ---- world.c ---- */

struct bench_world_config {
	struct event_base *loop;
	const struct bench_issuer *issuer;
	int port;
	bool approvers; /* everybody is a member of every group that is asked about */
	/* Called for each message that the bot sends to person n. */
	void (*on_reply)(void *ctx, unsigned person);
	void *ctx;
};
struct bench_world;

/* Exits with a word when the port cannot be had. */
struct bench_world *bench_world_new(const struct bench_world_config *config);
void bench_world_free(struct bench_world *world);
/* Calls that had no place in this world: a setup that is wrong. */
unsigned bench_world_strange(const struct bench_world *world);

/* ---- samples.c ---- */

/* Times in microseconds. */
struct bench_samples {
	uint32_t *us;
	size_t count;
	size_t cap;
};
void bench_samples_add(struct bench_samples *samples, int64_t us);
/* In milliseconds; sorts. 0 when there is none. */
double bench_samples_percentile(struct bench_samples *samples, double percent);
void bench_samples_free(struct bench_samples *samples);

/* CPU seconds of a process and, with its children, of a tree of processes. */
double bench_process_cpu_s(int pid, bool with_children);
/* Largest resident size so far, in MiB. */
double bench_process_peak_mib(int pid);

#endif
