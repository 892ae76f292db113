/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of the server share. Everything here belongs to the loop thread, but for struct
 * ad_http_mailbox, which has its own lock, and for a taken request, which belongs to its taker.
 */
#ifndef AD_HTTP_INTERNAL_H
#define AD_HTTP_INTERNAL_H

#include "ad/buf.h"
#include "ad/http.h"
#include "ad/rate.h"
#include "ad/refusal.h"
#include "ad/work.h"
#include "address.h"
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
	char peer[AD_HTTP_ADDRESS_MAX];
	char *certificate; /* subject, in the arena; NULL: none */
	int64_t arrived_ms;
	bool known;
	bool taken;
	struct ad_http_reply reply; /* deep copy in the arena */
};

struct ad_http_request *ad_http_request_new(struct ad_http_conn *conn);
void ad_http_request_free(struct ad_http_request *request);
/* How a reply is written. */
struct ad_http_manner {
	bool keep_alive; /* decides about the Connection header */
	bool tls;        /* about HSTS */
	bool head_only;  /* the answer to HEAD: the body is told of and left out */
};
/* Status line, headers and body. */
void ad_http_reply_write(struct evbuffer *out, const struct ad_http_reply *reply,
	const struct ad_http_manner *manner);

/* ---- Routes ---- */

/* What speaks against a request that has only its head so far. */
struct ad_http_verdict {
	const struct ad_http_route *route; /* NULL when status is set */
	int status;                        /* 0: go on */
	enum ad_refusal why;
	struct ad_http_header header; /* Allow, WWW-Authenticate or Retry-After; name NULL: none */
	char allow[64];
};

void ad_http_route_find(const struct ad_http_route *routes, size_t count,
	const struct ad_http_head *head, struct ad_http_verdict *ret);

/* ---- Connections ---- */

/* Which timer runs and what may happen next goes with the state:
 * HANDSHAKE TLS is being agreed on; timer: close
 * IDLE      nothing read of the next request; timer: close
 * HEAD      some bytes of a head; timer: 408
 * BODY      head judged, body arriving; timer: 408
 * HANDLING  the request is with its handler or taker; not reading, no timer
 * WRITING   an answer is on its way out; not reading; timer: close
 * LINGER    answered and shut down, reading over what the client still sends, so that the
 *           kernel does not throw the answer away; timer: close */
enum ad_http_conn_state {
	AD_HTTP_HANDSHAKE,
	AD_HTTP_IDLE,
	AD_HTTP_HEAD,
	AD_HTTP_BODY,
	AD_HTTP_HANDLING,
	AD_HTTP_WRITING,
	AD_HTTP_LINGER
};

struct ad_http_conn {
	TAILQ_ENTRY(ad_http_conn) link; /* in server->conns, the smallest since_ms first */
	struct ad_http_server *server;
	struct ad_http_port *port;
	struct bufferevent *bev;
	struct event *timer;
	enum ad_http_conn_state state;
	int64_t since_ms;                /* idle, or its request arriving, since then */
	size_t scanned;                  /* of the head that arrives */
	struct ad_http_request *request; /* from BODY on; NULL when refused */
	const struct ad_http_route *route;
	struct ad_http_body body;
	size_t buffered; /* what this one adds to server->buffered */
	bool known;      /* of the request: its body may use the whole of that */
	bool useful;     /* has had a good answer: the last one to be closed for a newcomer */
	bool agreed;     /* TLS stands, and has not been told its end */
	bool close;      /* behind the answer that is being written */
	bool linger;     /* the client may still be sending */
	struct ad_http_address peer;   /* the other end of the socket */
	struct ad_http_address client; /* of the request: the peer, or whom a named proxy names */
};

/* Takes the socket over. */
void ad_http_conn_open(struct ad_http_server *server, struct ad_http_port *port, int fd,
	const struct ad_http_address *peer);
void ad_http_conn_free(struct ad_http_conn *conn);
/* Sends request->reply and frees the request. */
void ad_http_conn_answer(struct ad_http_conn *conn, struct ad_http_request *request);
/* True while the TLS handshake or a request is on its way in. */
bool ad_http_conn_is_arriving(const struct ad_http_conn *conn);

/* ---- Limits ---- */

/* Makes room for a newcomer from this address, at the cost of another connection; false when there
 * is none that may be closed. */
bool ad_http_limit_connection(struct ad_http_server *server, struct ad_http_port *port,
	const struct ad_http_address *peer);
/* May one more request of this connection's client be looked at? Otherwise 0 < seconds to wait. */
int ad_http_limit_request(const struct ad_http_conn *conn);
/* Have bodies, this one among them, taken more memory than they may? */
bool ad_http_limit_body(const struct ad_http_conn *conn);
void ad_http_limit_port(struct ad_http_port *port, int address_per_s);
/* Counts a refusal and logs it; who refuses a thousand times a second logs some of them. */
void ad_http_limit_log(enum ad_refusal why, int status, const struct ad_http_address *client);

/* ---- Server ---- */

struct ad_http_port {
	SLIST_ENTRY(ad_http_port) link;
	struct ad_http_server *server;
	struct evconnlistener *listener;
	struct ad_http_route *routes;
	size_t routes_count;
	ad_http_tls_new *tls;
	ad_http_tls_subject *tls_subject;
	ad_http_tls_close *tls_close;
	void *tls_ctx;
	bool operators;
	size_t operators_count; /* connections of a listener for operators */
	bool has_proxies;       /* then only these may connect */
	size_t nets_count;
	struct ad_http_net nets[AD_HTTP_NETS_MAX];
	/* Of one client address; NULL: no limit. */
	struct ad_rate *strangers;  /* requests */
	struct ad_rate *known;      /* requests of those who are known */
	struct ad_rate *handshakes; /* new TLS connections, each of which costs a signature */
};

/* The socket's other end is a proxy that was named. */
bool ad_http_port_is_proxy(const struct ad_http_port *port, const struct ad_http_address *peer);

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
	size_t buffered;           /* bytes of bodies in memory */
	size_t strangers_buffered; /* those of them that nobody has vouched for */
	bool stopping;             /* the loop has seen the wish to stop */
	atomic_bool stop_wanted;
	atomic_int stop_deadline_ms;
	atomic_size_t busy; /* connections in HANDLING or WRITING */
};

/* A connection is no longer busy: perhaps it was the last one that a stop has waited for. */
void ad_http_server_settle(struct ad_http_server *server);

#endif
