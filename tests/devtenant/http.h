/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A request on its way through the tenant, and the ways to answer it. A handler owns its request
 * until it calls one dt_reply_* function, at once or later. Its memory stays readable until the
 * loop goes on, so a helper may answer and its caller find out afterwards.
 */
#ifndef DT_HTTP_H
#define DT_HTTP_H

#include "dt.h"

#include <event2/http.h>

#define DT_ARGS_MAX 6
#define DT_BODY_MAX ((ev_ssize_t)128 << 20)

struct dt_fault_plan;

enum dt_surface {
	DT_SURFACE_OTHER,
	DT_SURFACE_KEYS,
	DT_SURFACE_TOKEN,
	DT_SURFACE_CONNECTOR,
	DT_SURFACE_GRAPH,
	DT_SURFACE_BLOB,
	DT_SURFACE_CDN,
	DT_SURFACE_VAULT,
	DT_SURFACE_IDENTITY,
	DT_SURFACE_USER_TOKEN,
	DT_SURFACE_CONTROL,
	DT_SURFACE_BRIDGE,
	DT_SURFACES
};

struct dt_request {
	struct dt_tenant *tenant;
	struct ad_arena *arena;
	enum dt_surface surface;
	const char *method;
	const char *target;            /* as sent, with the query */
	const char *path;              /* as sent, without it */
	const char *query;             /* as sent, "" when there was none */
	const char *args[DT_ARGS_MAX]; /* what the {} of the route's pattern stand for, decoded */
	const char *body;
	size_t body_len;
	const char *token; /* "none", "ok", "bad": how the bearer token was judged */
	/* private */
	struct evhttp_request *http; /* NULL: answered */
	struct dt_request *next_answered;
	const struct dt_fault_plan *fault;
	int64_t started_ms;
	struct evbuffer *rest; /* of an answer that leaves bit by bit */
	size_t stays;          /* how much of it never does */
	void (*handle)(struct dt_request *req);
};

struct dt_route {
	const char *method;
	const char *pattern; /* "/a/{}/b"; a last "**" takes the rest as one argument, undecoded */
	void (*handle)(struct dt_request *req);
};

/* Tables end with a row of NULLs. */
struct dt_routes {
	enum dt_surface surface;
	const char *prefix;   /* of all its addresses, for what no row takes */
	const char *audience; /* that a bearer token must have; NULL: no token needed */
	const struct dt_route *routes;
};

/* Reading. Header and query values are in the arena; NULL when absent. */
const char *dt_header(const struct dt_request *req, const char *name);
const char *dt_query(const struct dt_request *req, const char *name);
int64_t dt_query_int(const struct dt_request *req, const char *name, int64_t otherwise);
/* Percent-decoded copy; NULL when it is malformed or holds a NUL. */
char *dt_decode(struct ad_arena *arena, const char *text, size_t len, bool plus_is_space);
/* The body as JSON; an empty body is an empty object. NULL: it answered 400 itself. */
struct ad_json *dt_body(struct dt_request *req);

/* Answering. Each call ends the request. */
void dt_set_header(struct dt_request *req, const char *name, const char *value);
void dt_reply_json(struct dt_request *req, int status, const struct ad_json *json);
void dt_reply_empty(struct dt_request *req, int status);
void dt_reply_bytes(
	struct dt_request *req, int status, const char *type, const void *data, size_t len);
/* A file of this machine, whole; 404 in the surface's shape when it is missing. */
void dt_reply_file(struct dt_request *req, const char *type, const char *path);
/* An error in the shape of the request's surface. */
void dt_reply_error(struct dt_request *req, int status, const char *code, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
/* Closes the connection without an answer. */
void dt_reply_cut(struct dt_request *req);
/* The same for a request that is in the call log already. */
void dt_reply_drop(struct dt_request *req);

/* The name of a surface as faults and the call log have it. */
const char *dt_surface_name(enum dt_surface surface);

/* Frees the requests that were answered; the loop's timer does it, and the end of the program. */
void dt_http_sweep(struct dt_tenant *tenant);

/* Takes over what evhttp accepted: faults, token, then the handler. */
void dt_router_accept(struct evhttp_request *http, void *tenant);

#endif
