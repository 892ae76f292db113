/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HTTP/1.1 server: one loop thread that reads, limits, routes and answers, and never waits. A
 * handler answers at once or takes the request away; then any thread may answer it later. What a
 * caller did wrong on the level of HTTP (400, 401, 404, 405, 408, 413, 415) is answered here,
 * before any handler and where possible before the body, and the connection is closed.
 */
#ifndef AD_HTTP_H
#define AD_HTTP_H

#include "ad/arena.h"
#include "ad/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define AD_HTTP_BODY_MAX ((size_t)1 << 20)  /* bytes of a request body */
#define AD_HTTP_HEAD_MAX ((size_t)32 << 10) /* bytes of request line and headers */
#define AD_HTTP_HEADERS_MAX 100             /* header lines */
#define AD_HTTP_PATH_MAX 2048               /* bytes of the request target */
/* Open at once. A newcomer takes the place of whoever has been about to send its request longest
 * (and longer than the grace), or else of the longest idle one, unless three quarters of all have
 * not had a good answer yet; if there is none, the newcomer is closed. */
#define AD_HTTP_CONNECTIONS_MAX 1024
#define AD_HTTP_GRACE_MS 1000
/* Of one address, by the same rule among them. Not of named proxies, nor where there is no limit
 * for an address at all. */
#define AD_HTTP_ADDRESS_CONNECTIONS_MAX 256
#define AD_HTTP_OPERATORS_MAX 64   /* connections of one listener for operators */
#define AD_HTTP_BACKLOG 128        /* connections that wait to be accepted, and are at one time */
#define AD_HTTP_HANDSHAKE_MS 10000 /* of TLS */
#define AD_HTTP_ARRIVAL_MS 15000   /* from a request's first byte to its last */
/* Between two requests; longer than the 60 s of usual proxies, so that they never meet a closing.
 */
#define AD_HTTP_IDLE_MS 75000
/* Bytes of bodies of all requests at once; of those whose senders are not known; and of those from
 * one address. */
#define AD_HTTP_BUFFERED_MAX ((size_t)64 << 20)
#define AD_HTTP_STRANGERS_BUFFERED_MAX ((size_t)32 << 20)
#define AD_HTTP_ADDRESS_BUFFERED_MAX ((size_t)8 << 20)
#define AD_HTTP_ADDRESSES 4096 /* whose rates are remembered */
#define AD_HTTP_BURST_S 2      /* an address may use what it saved in this time at once */
#define AD_HTTP_ROUTES_MAX 32  /* rows of one listener's table */

/* ---- Requests ---- */

struct ad_http_request;

/* Valid from the handler's start until the answer is given; on whatever thread owns the request. */
const char *ad_http_request_method(const struct ad_http_request *request); /* "GET", "HEAD", ... */
/* Path as sent, still percent-encoded, without the query. */
const char *ad_http_request_path(const struct ad_http_request *request);
/* Behind the '?', or NULL. */
const char *ad_http_request_query(const struct ad_http_request *request);
/* Value of the first header of this name (case ignored), or NULL. Host, Authorization,
 * Content-Type, Content-Length, Transfer-Encoding and Expect occur at most once: twice is a 400. */
const char *ad_http_request_header(const struct ad_http_request *request, const char *name);
/* Never NULL; NUL-terminated behind ret_len bytes. */
const char *ad_http_request_body(const struct ad_http_request *request, size_t *ret_len);
/* Numeric address of the client: the other end of the connection or, when that is a named proxy,
 * the address that it has put into X-Forwarded-For. */
const char *ad_http_request_peer(const struct ad_http_request *request);
/* Monotonic time (ad_clock_mono_ms) at which the request was complete: base of its deadline. */
int64_t ad_http_request_arrived_ms(const struct ad_http_request *request);
/* What the route's known function said about this request; false when there is none. */
bool ad_http_request_is_known(const struct ad_http_request *request);
/* Subject of the client certificate that TLS has verified, in RFC 2253 form, or NULL. */
const char *ad_http_request_certificate(const struct ad_http_request *request);

/* ---- Replies ---- */

struct ad_http_header {
	const char *name;
	const char *value;
};

struct ad_http_reply {
	int status;
	const char *content_type; /* NULL: none */
	const void *body;
	size_t body_len;
	const struct ad_http_header *headers; /* besides Content-Type, -Length, Date, Connection */
	size_t headers_count;
	bool close; /* close the connection behind this answer */
};

/* Answers inside the handler. The reply is copied; the request is gone afterwards. Loop thread. */
void ad_http_reply(struct ad_http_request *request, const struct ad_http_reply *reply);

/* Called by the handler instead of ad_http_reply: the request now belongs to whoever will call
 * ad_http_answer, exactly once. Loop thread. */
void ad_http_take(struct ad_http_request *request);

/* Answers a taken request. The reply is copied and sent by the loop thread; the request is gone
 * afterwards. Safe when the client has left, and when the server was stopped or freed. Any thread.
 */
void ad_http_answer(struct ad_http_request *request, const struct ad_http_reply *reply);

/* ---- Routes ---- */

typedef void ad_http_handler(struct ad_http_request *request, void *ctx);
/* Has who sends this (only its head is there) proven before who they are? Then the request counts
 * against a share of the address's limit that strangers cannot use up. Must not wait. Loop thread.
 */
typedef bool ad_http_known(const struct ad_http_request *request, void *ctx);

/* One method of one path. The same path may have several rows; a known path with another method is
 * 405 with Allow. */
struct ad_http_route {
	const char *method; /* "GET", "POST" or "HEAD"; the body of an answer to HEAD is left out */
	const char *path;
	bool prefix;        /* path ends with '/': takes all paths that begin with it */
	bool authorization; /* refuse (401) before the body is read whoever brings no bearer token
			     */
	bool certificate;   /* refuse (403) whoever has shown no client certificate */
	const char *content_type; /* a request's media type must be this one (415); NULL: any */
	size_t body_max;          /* bytes; 0: AD_HTTP_BODY_MAX */
	ad_http_handler *handler;
	ad_http_known *known; /* NULL: everybody is a stranger */
	void *ctx;            /* of both */
};

/* ---- Server ---- */

struct ad_http_server;

/* Makes the TLS object (OpenSSL's SSL, as an opaque pointer) of one new connection; the server
 * owns it from then on. NULL closes the connection. Loop thread. */
typedef void *ad_http_tls_new(void *ctx);
/* Whom the client's certificate names, in the arena; NULL when there is none. Loop thread. */
typedef char *ad_http_tls_subject(void *session, struct ad_arena *arena);
/* Tells the other end that nothing more follows, without waiting. Once for a session. Loop thread.
 */
typedef void ad_http_tls_close(void *session);

/* Addresses: "10.0.0.1", "10.0.0.0/8", "fd00::/8". Borrowed. */
struct ad_http_nets {
	const char *const *nets;
	size_t count;
};
/* AD_ECONFIG when one of them is not such a text. */
AD_MUST int ad_http_nets_check(const struct ad_http_nets *nets, struct ad_err *err);

struct ad_http_listener {
	const char *address;                /* numeric: "127.0.0.1", "::", ... */
	uint16_t port;                      /* 0: any free one */
	const struct ad_http_route *routes; /* copied; the strings must outlive the server */
	size_t routes_count;
	ad_http_tls_new *tls;             /* NULL: plain HTTP */
	ad_http_tls_subject *tls_subject; /* NULL: no client certificate counts */
	ad_http_tls_close *tls_close;     /* NULL: connections are just cut */
	void *tls_ctx;
	/* For whoever runs this: its connections are beside those of the house, are never closed
	 * for others, and have no other limit than AD_HTTP_OPERATORS_MAX. */
	bool operators;
	/* Only these may connect, and the client is whom they name. NULL: anybody may, and nobody
	 * is believed. Copied. */
	const struct ad_http_nets *proxies;
	/* Requests of one client address: so many a second of strangers and as many of those who
	 * are known; 429 beyond. New TLS connections: as many. IPv6 counts by /64. 0: no limit. */
	int address_per_s;
};

struct ad_http_config {
	size_t connections_max;         /* 0: AD_HTTP_CONNECTIONS_MAX */
	size_t address_connections_max; /* 0: AD_HTTP_ADDRESS_CONNECTIONS_MAX */
	int arrival_ms;                 /* 0: AD_HTTP_ARRIVAL_MS */
	int handshake_ms;               /* 0: AD_HTTP_HANDSHAKE_MS */
};

/* config may be NULL. */
AD_MUST int ad_http_server_new(
	const struct ad_http_config *config, struct ad_http_server **ret, struct ad_err *err);
/* Binds and listens; connections are accepted once the server runs. AD_ECONFIG when the address
 * cannot be bound. Before ad_http_server_run. ret_port may be NULL. */
AD_MUST int ad_http_server_listen(struct ad_http_server *server,
	const struct ad_http_listener *listener, uint16_t *ret_port, struct ad_err *err);
/* Calls fn on the loop thread for each signal of this number. Before ad_http_server_run. */
AD_MUST int ad_http_server_on_signal(struct ad_http_server *server, int signo,
	void (*fn)(int signo, void *ctx), void *ctx, struct ad_err *err);
/* The calling thread becomes the loop thread until the server has stopped. */
AD_MUST int ad_http_server_run(struct ad_http_server *server, struct ad_err *err);
/* Stops accepting, answers new requests on open connections with 503, waits up to deadline_ms
 * until taken requests are answered and sent, and lets run return. Any thread, also inside a
 * signal's fn; returns at once. */
void ad_http_server_stop(struct ad_http_server *server, int deadline_ms);
/* Requests that are taken and not yet sent. Any thread. */
size_t ad_http_server_pending(struct ad_http_server *server);
/* After run has returned. Requests not answered yet stay valid for their owners; their answers go
 * nowhere. NULL is allowed. */
void ad_http_server_free(struct ad_http_server *server);

#endif
