/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of the server share. Everything here belongs to the loop thread, but for struct
 * ad_http_mailbox, which has its own lock, and for a taken request, which belongs to its taker.
 */
#ifndef AD_HTTP_INTERNAL_H
#define AD_HTTP_INTERNAL_H

#include "ad/buf.h"
#include "ad/http.h"
#include "ad/work.h"
#include "body.h"
#include "head.h"

#include <stdatomic.h>
#include <sys/queue.h>

struct event;
struct event_base;
struct bufferevent;
struct evbuffer;
struct evconnlistener;
struct sockaddr;

#define AD_HTTP_PEER_MAX 46 /* INET6_ADDRSTRLEN */

/* The way from any thread to the loop thread. Outlives the server as long as somebody holds a
 * request, so that a late answer finds a closed box instead of freed memory. */
struct ad_http_mailbox {
	pthread_mutex_t lock; /* guards all below */
	unsigned refs;        /* the server and each request */
	struct ad_done *done; /* NULL once the server is gone */
};

struct ad_http_mailbox *ad_http_mailbox_new(struct ad_done *done);
struct ad_http_mailbox *ad_http_mailbox_ref(struct ad_http_mailbox *box);
void ad_http_mailbox_unref(struct ad_http_mailbox *box);

struct ad_http_request {
	struct ad_done_item item; /* first: the request is what goes through the mailbox */
	struct ad_http_mailbox *box;
	struct ad_http_conn *conn; /* NULL once the connection is gone; loop thread */
	struct ad_arena *arena;    /* holds head and reply */
	struct ad_http_head head;
	struct ad_buf body;
	char peer[AD_HTTP_PEER_MAX];
	int64_t arrived_ms;
	bool taken;
	struct ad_http_reply reply; /* deep copy in the arena */
};

struct ad_http_request *ad_http_request_new(struct ad_http_conn *conn);
void ad_http_request_free(struct ad_http_request *request);
/* Status line, headers and body; keep_alive decides about the Connection header. */
void ad_http_reply_write(struct evbuffer *out, const struct ad_http_reply *reply, bool keep_alive);

/* ---- Routes ---- */

/* What speaks against a request that has only its head so far. */
struct ad_http_verdict {
	const struct ad_http_route *route; /* NULL when status is set */
	int status;                        /* 0: go on */
	struct ad_http_header header;      /* Allow or WWW-Authenticate; name NULL: none */
	char allow[64];
};

void ad_http_route_find(const struct ad_http_route *routes, size_t count,
	const struct ad_http_head *head, struct ad_http_verdict *ret);

/* ---- Connections ---- */

/* Which timer runs and what may happen next goes with the state:
 * IDLE      nothing read of the next request; timer: close
 * HEAD      some bytes of a head; timer: 408
 * BODY      head judged, body arriving; timer: 408
 * HANDLING  the request is with its handler or taker; not reading, no timer
 * WRITING   an answer is on its way out; not reading; timer: close
 * LINGER    answered and shut down, reading over what the client still sends, so that the
 *           kernel does not throw the answer away; timer: close */
enum ad_http_conn_state {
	AD_HTTP_IDLE,
	AD_HTTP_HEAD,
	AD_HTTP_BODY,
	AD_HTTP_HANDLING,
	AD_HTTP_WRITING,
	AD_HTTP_LINGER
};

struct ad_http_conn {
	TAILQ_ENTRY(ad_http_conn) link; /* in server->conns, longest idle first */
	struct ad_http_server *server;
	const struct ad_http_port *port;
	struct bufferevent *bev;
	struct event *timer;
	enum ad_http_conn_state state;
	size_t scanned;                  /* of the head that arrives */
	struct ad_http_request *request; /* from BODY on; NULL when refused */
	const struct ad_http_route *route;
	struct ad_http_body body;
	size_t buffered; /* what this one adds to server->buffered */
	bool close;      /* behind the answer that is being written */
	bool linger;     /* the client may still be sending */
	char peer[AD_HTTP_PEER_MAX];
};

/* Takes the socket over. */
void ad_http_conn_open(struct ad_http_server *server, const struct ad_http_port *port, int fd,
	const struct sockaddr *peer);
void ad_http_conn_free(struct ad_http_conn *conn);
/* Sends request->reply and frees the request. */
void ad_http_conn_answer(struct ad_http_conn *conn, struct ad_http_request *request);

/* ---- Server ---- */

struct ad_http_port {
	SLIST_ENTRY(ad_http_port) link;
	struct ad_http_server *server;
	struct evconnlistener *listener;
	struct ad_http_route *routes;
	size_t routes_count;
	ad_http_tls_new *tls;
	void *tls_ctx;
};

struct ad_http_signal {
	SLIST_ENTRY(ad_http_signal) link;
	struct event *event;
	void (*fn)(int signo, void *ctx);
	void *ctx;
};

struct ad_http_server {
	struct ad_http_config config;
	struct event_base *base;
	struct ad_done *done;
	struct ad_http_mailbox *box;
	struct event *done_event;
	struct event *resume_event; /* accepts again after the system refused */
	struct event *stop_event;   /* the deadline of a stop */
	SLIST_HEAD(, ad_http_port) ports;
	SLIST_HEAD(, ad_http_signal) signals;
	TAILQ_HEAD(, ad_http_conn) conns;
	size_t conns_count;
	size_t buffered; /* bytes of bodies in memory */
	bool stopping;   /* the loop has seen the wish to stop */
	atomic_bool stop_wanted;
	atomic_int stop_deadline_ms;
	atomic_size_t busy; /* connections in HANDLING or WRITING */
};

/* A connection is no longer busy: perhaps it was the last one that a stop has waited for. */
void ad_http_server_settle(struct ad_http_server *server);

#endif
