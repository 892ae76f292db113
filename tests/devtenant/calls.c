/* SPDX-License-Identifier: Apache-2.0 */
/* A ring of calls in memory, and a list of complaints. */
#include "calls.h"

#include "ad/clock.h"
#include "ad/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CALLS_MAX 20000
#define CALL_BODY_MAX ((size_t)64 << 10)
#define COMPLAINTS_MAX 500

struct call {
	int64_t n, at_ms, took_ms;
	enum dt_surface surface;
	int status;
	bool fault;
	const char *token; /* static */
	char *method, *path, *body;
};

struct complaint {
	int64_t at_ms;
	char *what;
};

struct dt_calls {
	int64_t count; /* ever; the newest CALLS_MAX are kept */
	int64_t first; /* numbers below were forgotten */
	struct call ring[CALLS_MAX];
	size_t complaint_count;
	struct complaint complaints[COMPLAINTS_MAX];
};

struct dt_calls *dt_calls_new(void)
{
	return ad_xalloc(sizeof(struct dt_calls));
}

static void call_release(struct call *call)
{
	free(call->method);
	free(call->path);
	free(call->body);
	memset(call, 0, sizeof(*call));
}

void dt_calls_clear(struct dt_calls *calls)
{
	for (size_t i = 0; i < CALLS_MAX; i++)
		call_release(&calls->ring[i]);
	calls->first = calls->count;
	for (size_t i = 0; i < calls->complaint_count; i++)
		free(calls->complaints[i].what);
	calls->complaint_count = 0;
}

void dt_calls_free(struct dt_calls *calls)
{
	dt_calls_clear(calls);
	free(calls);
}

/* The target without the signature of an upload address. */
static char *without_signature(const struct dt_request *req)
{
	const char *signature = strstr(req->target, "sig=");

	if (!signature)
		return ad_xstrdup(req->target);
	size_t skip = strcspn(signature, "&");
	return ad_xstrdup(ad_printf(req->arena, "%.*ssig=***%s", (int)(signature - req->target),
		req->target, signature + skip));
}

/* The body that is kept: of the token endpoint's forms all but the secret, of blobs nothing. */
static char *kept_body(const struct dt_request *req)
{
	static const char secret[] = "client_secret=";

	if (req->surface == DT_SURFACE_BLOB || !req->body_len || req->body_len > CALL_BODY_MAX)
		return NULL;
	const char *body = ad_strndup(req->arena, req->body, req->body_len);
	const char *at = req->surface == DT_SURFACE_TOKEN ? strstr(body, secret) : NULL;
	if (!at)
		return ad_xstrdup(body);
	at += strlen(secret);
	return ad_xstrdup(
		ad_printf(req->arena, "%.*s***%s", (int)(at - body), body, at + strcspn(at, "&")));
}

void dt_calls_add(struct dt_calls *calls, const struct dt_request *req, int status)
{
	if (req->surface == DT_SURFACE_CONTROL || req->surface == DT_SURFACE_BRIDGE)
		return;
	struct call *call = &calls->ring[calls->count % CALLS_MAX];
	call_release(call);
	call->n = ++calls->count;
	call->at_ms = ad_clock_unix_ms();
	call->took_ms = ad_clock_mono_ms() - req->started_ms;
	call->surface = req->surface;
	call->status = status;
	call->fault = req->fault != NULL;
	call->token = req->token;
	call->method = ad_xstrdup(req->method);
	call->path = without_signature(req);
	call->body = kept_body(req);
}

static bool wanted(const struct call *call, const struct dt_request *req)
{
	const char *surface = dt_query(req, "surface");
	const char *method = dt_query(req, "method");
	const char *path = dt_query(req, "path");

	return (!surface || ad_text_eq(surface, dt_surface_name(call->surface))) &&
	       (!method || ad_text_eq(method, call->method)) &&
	       (!path || strstr(call->path, path)) &&
	       dt_query_int(req, "status", call->status) == call->status &&
	       call->n > dt_query_int(req, "after", 0);
}

static struct ad_json *call_json(const struct call *call, struct ad_arena *arena, bool with_body)
{
	struct ad_json *entry = ad_json_new_object(arena);
	struct ad_json *body = NULL;

	ad_json_set_int(arena, entry, "n", call->n);
	ad_json_set_str(arena, entry, "at", ad_clock_iso(arena, call->at_ms / 1000));
	ad_json_set_str(arena, entry, "surface", dt_surface_name(call->surface));
	ad_json_set_str(arena, entry, "method", call->method);
	ad_json_set_str(arena, entry, "path", call->path);
	ad_json_set_int(arena, entry, "status", call->status);
	ad_json_set_str(arena, entry, "token", call->token);
	ad_json_set_bool(arena, entry, "fault", call->fault);
	ad_json_set_int(arena, entry, "ms", call->took_ms);
	if (with_body && call->body) {
		if (ad_json_parse(arena, call->body, strlen(call->body), &body, NULL))
			body = ad_utf8_valid(call->body, strlen(call->body))
				       ? ad_json_new_string(arena, call->body)
				       : NULL;
		if (body)
			ad_json_set(arena, entry, "body", body);
	}
	return entry;
}

struct ad_json *dt_calls_list(const struct dt_calls *calls, const struct dt_request *req)
{
	struct ad_json *list = ad_json_new_array(req->arena);
	int64_t oldest = calls->count > CALLS_MAX ? calls->count - CALLS_MAX : 0;
	bool with_body = dt_query(req, "body") != NULL;

	if (oldest < calls->first)
		oldest = calls->first;
	for (int64_t n = oldest; n < calls->count; n++) {
		const struct call *call = &calls->ring[n % CALLS_MAX];

		if (wanted(call, req))
			ad_json_append(req->arena, list, call_json(call, req->arena, with_body));
	}
	return list;
}

void dt_complain(struct dt_tenant *tenant, const char *fmt, ...)
{
	struct dt_calls *calls = tenant->calls;
	struct ad_arena *arena = ad_arena_new();
	va_list args;

	va_start(args, fmt);
	const char *what = ad_vprintf(arena, fmt, args);
	va_end(args);
	if (calls->complaint_count < COMPLAINTS_MAX) {
		struct complaint *complaint = &calls->complaints[calls->complaint_count++];

		complaint->at_ms = ad_clock_unix_ms();
		complaint->what = ad_xstrdup(what);
	}
	fprintf(stderr, "complaint: %s\n", what);
	ad_arena_free(arena);
}

struct ad_json *dt_complaints(const struct dt_calls *calls, struct ad_arena *arena)
{
	struct ad_json *list = ad_json_new_array(arena);

	for (size_t i = 0; i < calls->complaint_count; i++) {
		struct ad_json *entry = ad_json_new_object(arena);

		ad_json_set_str(
			arena, entry, "at", ad_clock_iso(arena, calls->complaints[i].at_ms / 1000));
		ad_json_set_str(arena, entry, "what", calls->complaints[i].what);
		ad_json_append(arena, list, entry);
	}
	return list;
}
