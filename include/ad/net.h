/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HTTP client. Blocking for turns and jobs (one ad_net_client for each thread), multiplexed for the
 * sender (ad_net_multi). Always: https, or http to a loopback address where that is allowed; TLS
 * 1.2 or later with verification, no proxy from the environment, no redirects unless a policy
 * agrees to each hop, named limits on time and size.
 */
#ifndef AD_NET_H
#define AD_NET_H

#include "ad/arena.h"
#include "ad/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define AD_NET_URL_MAX 8192                    /* bytes of a URL; SAS addresses are long */
#define AD_NET_RESPONSE_MAX ((int64_t)1 << 20) /* bytes of a body unless the request says more */
#define AD_NET_RESPONSE_HEADERS_MAX 64         /* headers that are kept */
#define AD_NET_HEADER_MAX 8192                 /* bytes of one kept header value */
#define AD_NET_CONNECT_MS 5000
#define AD_NET_TOTAL_MS 10000
#define AD_NET_STALL_S 30 /* under 1 KiB/s for this long ends a transfer */
#define AD_NET_REDIRECTS_MAX 5

/* Once per process, before any thread uses this module, and at its end. */
AD_MUST int ad_net_init(struct ad_err *err);
void ad_net_exit(void);

/* ---- URLs and the list of hosts that may be trusted ---- */

struct ad_net_url {
	char *scheme; /* lower case */
	char *host;   /* lower case; an IPv6 address without brackets */
	int port;     /* the scheme's own when none is written */
	char *path;   /* as written, at least "/" */
	char *query;  /* or NULL */
	bool has_userinfo;
	bool has_fragment;
};

/* One strict parser for all: absolute http or https URL, ASCII, no spaces or control characters.
 * AD_EINVAL, AD_ETOOBIG. */
AD_MUST int ad_net_url_parse(
	struct ad_arena *arena, const char *text, struct ad_net_url *ret, struct ad_err *err);
/* The host is a literal loopback address or "localhost". */
bool ad_net_host_is_loopback(const char *host);
/* The host is a literal link-local address. */
bool ad_net_host_is_link_local(const char *host);

/* Hosts that our token or our data may go to (protocol.md 5.4). The strings belong to the owner. */
struct ad_net_hosts {
	const char *const *exact; /* "host" (port 443) or "host:port" */
	size_t exact_count;
	const char *const *suffixes; /* ".teams.microsoft.com": any depth below, port 443 */
	size_t suffixes_count;
};

/* True when url is https without userinfo and fragment and its host and port are on the list. With
 * allow_http_loopback a listed loopback host may also be http. An empty list allows nothing. */
bool ad_net_hosts_allow_url(
	const struct ad_net_hosts *hosts, const char *url, bool allow_http_loopback);

/* ---- Requests ---- */

struct ad_net_header {
	const char *name;
	const char *value;
};

struct ad_net_request {
	const char *method; /* NULL: GET */
	const char *url;
	const struct ad_net_header *headers;
	size_t headers_count;
	const char *content_type; /* of body or upload; NULL: none */
	const void *body; /* NULL and length 0: no body (POST then sends Content-Length: 0) */
	size_t body_len;
	/* Instead of body: called for the next bytes until it has given upload_len of them; 0 or -1
	 * before that ends the request with AD_EIO. */
	ssize_t (*upload)(void *ctx, void *room, size_t room_len);
	int64_t upload_len;
	/* Gets the body of a 2xx answer piece by piece instead of response->body; non-zero ends the
	 * transfer with AD_EIO. */
	int (*sink)(void *ctx, const void *data, size_t len);
	void *io_ctx;         /* of upload and sink */
	int64_t response_max; /* bytes of body (0: AD_NET_RESPONSE_MAX); more is AD_ETOOBIG */
	int connect_ms;       /* 0: AD_NET_CONNECT_MS */
	int total_ms;         /* 0: AD_NET_TOTAL_MS; negative: no end, only the stall limit */
	bool allow_http_loopback;
	/* Plain http also to loopback and link-local addresses (169.254.0.0/16, fe80::/10): for
	 * what the machine itself offers, such as its identity. */
	bool allow_http_machine;
	bool public_addresses_only; /* refuse private, link-local, loopback... at connect */
	/* A retry of this request cannot do harm (GET, HEAD, PUT and DELETE are so by themselves):
	 * a lost answer is then AD_EUNAVAIL or AD_ETIMEOUT in place of AD_EAMBIGUOUS. */
	bool idempotent;
	/* Asked for each redirect: true follows it with the same headers. NULL: a 3xx is an answer
	 * like any other. Only GET, only the blocking client. Headers go along, so a policy that
	 * leaves the host must not be used with an Authorization header. */
	bool (*redirect)(void *ctx, const char *from, const char *to);
	void *redirect_ctx;
};

struct ad_net_response {
	int status;         /* 0 when no answer came */
	bool sent_anything; /* false: the peer has certainly not seen the request */
	char *url;          /* that answered, after redirects */
	char *content_type; /* these four: NULL when absent */
	char *etag;
	char *location;
	int retry_after_s;             /* from seconds or a date; 0 when absent; at most one day */
	struct ad_net_header *headers; /* all kept ones, names as sent */
	size_t headers_count;
	char *body; /* never NULL; NUL-terminated */
	size_t body_len;
};

/* Header by name (case ignored), or NULL. */
const char *ad_net_response_header(const struct ad_net_response *response, const char *name);

/* 0 for 2xx; otherwise the code that fits the status (401 AD_EAUTH, 403 AD_EDENIED, 404 and 410
 * AD_ENOTFOUND, 408 AD_ETIMEOUT, 409 and 412 AD_ECONFLICT, 413 AD_ETOOBIG, 429 AD_ETHROTTLED, 5xx
 * AD_EUNAVAIL, other AD_EINVAL) with err->status, err->retry_after_s and class transient or
 * permanent. what names the request in the text: "graph: create group". */
AD_MUST int ad_net_check(
	const struct ad_net_response *response, const char *what, struct ad_err *err);

/* ---- Blocking client ---- */

struct ad_net_client; /* keeps its connections open; one thread at a time */

struct ad_net_client *ad_net_client_new(void);
void ad_net_client_free(struct ad_net_client *client);
/* For a stop: the request under way ends within about a second and every later one at once, as if
 * the connection had been lost. Any thread. */
void ad_net_client_cancel(struct ad_net_client *client);

/* Sends and waits. 0 for any HTTP answer, whatever its status; what the response points to lives in
 * the arena. Without an answer: AD_EUNAVAIL (no connection, connection lost), AD_ETIMEOUT,
 * AD_EAMBIGUOUS (lost after it may have been acted upon), AD_EAUTH (peer's certificate),
 * AD_ETOOBIG, AD_EDENIED (address or redirect refused), AD_EINVAL (request), AD_EIO (sink or
 * upload); the response then holds status 0 and sent_anything. */
AD_MUST int ad_net_send(struct ad_net_client *client, struct ad_arena *arena,
	const struct ad_net_request *request, struct ad_net_response *ret, struct ad_err *err);

/* ---- Retry ---- */

struct ad_net_retry {
	int tries_max; /* all tries, the first included */
	int64_t base_ms;
	int64_t max_ms;
	bool idempotent; /* AD_EAMBIGUOUS may be tried again too */
};

/* Milliseconds to wait before trying again after try number attempt (1 = the first) failed with
 * err: back-off with jitter, never less than the peer's Retry-After. -1: do not. */
int64_t ad_net_retry_ms(const struct ad_net_retry *policy, int attempt, const struct ad_err *err);

/* ---- Multiplexed client, for one thread that pumps it ---- */

struct ad_net_multi;

struct ad_net_multi_config {
	int connections_max;      /* 0: 64 */
	int host_connections_max; /* 0: 16 */
};

/* Called by ad_net_multi_poll when a request has ended: rc and err as of ad_net_send. response and
 * err live until it returns. It may add further requests. */
typedef void ad_net_done(
	void *ctx, int rc, const struct ad_net_response *response, const struct ad_err *err);

/* config may be NULL. HTTP/2 where TLS offers it, many requests on one connection. */
struct ad_net_multi *ad_net_multi_new(const struct ad_net_multi_config *config);
/* Ends unfinished requests: done gets AD_EUNAVAIL or, when already sent, AD_EAMBIGUOUS, and must
 * not add new ones. NULL is allowed. */
void ad_net_multi_free(struct ad_net_multi *multi);
/* Starts a request; all of it is copied (sink, upload and redirect are not supported). When this
 * fails done is not called. */
AD_MUST int ad_net_multi_add(struct ad_net_multi *multi, const struct ad_net_request *request,
	ad_net_done *done, void *ctx, struct ad_err *err);
/* Moves data, waits up to timeout_ms for something to happen, calls done for what has ended. */
AD_MUST int ad_net_multi_poll(struct ad_net_multi *multi, int timeout_ms, struct ad_err *err);
/* Lets a waiting poll return at once. Any thread. */
void ad_net_multi_wakeup(struct ad_net_multi *multi);
/* Requests in flight. */
size_t ad_net_multi_count(const struct ad_net_multi *multi);

#endif
