/* SPDX-License-Identifier: Apache-2.0 */
/* Calls that the tenant makes itself: to the bot, and to Playgrounds. */
#ifndef DT_OUTSIDE_H
#define DT_OUTSIDE_H

#include "dt.h"

struct dt_call {
	const char *method;
	const char *url;
	const char *authorization;     /* whole header value, or NULL */
	const char *content_type;      /* NULL: application/json */
	const struct ad_json *headers; /* more of them: {"name":"value"}, or NULL */
	const char *body;
	size_t body_len;
	int64_t timeout_ms;
};

struct dt_answer {
	int status;          /* 0: no answer; error says why */
	const char *error;   /* NULL with a status */
	const char *headers; /* as received, lines ended by CRLF */
	const char *body;    /* NUL-terminated */
	size_t body_len;
};

struct dt_outside *dt_outside_new(struct dt_tenant *tenant);
/* Calls under way end with status 0. */
void dt_outside_free(struct dt_outside *outside);

/* Starts a call; all that call points to is copied. done gets the answer later, on the loop, once.
 */
void dt_outside_call(struct dt_tenant *tenant, const struct dt_call *call,
	void (*done)(void *arg, const struct dt_answer *answer), void *arg);

/* One header of an answer, in the arena, or NULL. */
char *dt_answer_header(struct ad_arena *arena, const struct dt_answer *answer, const char *name);
/* The body as JSON, or as a JSON string when it is none; null when empty. */
struct ad_json *dt_answer_body(struct ad_arena *arena, const struct dt_answer *answer);

#endif
