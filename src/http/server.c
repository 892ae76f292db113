/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The server: listeners, the number of connections, signals, answers that come from other threads,
 * and the stop. Only ad_http_server_stop, ad_http_server_pending and ad_http_answer are called by
 * other threads than the loop's.
 */
#include "internal.h"

#include "ad/arena.h"
#include "ad/log.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>

#include <event2/event.h>
#include <event2/listener.h>

#define RESUME_MS 100 /* pause when the system has no descriptor left */

static struct timeval as_timeval(int ms)
{
	return (struct timeval){ .tv_sec = ms / 1000, .tv_usec = (ms % 1000) * 1000 };
}

/* ---- Accepting ---- */

static void set_accepting(struct ad_http_server *server, bool on)
{
	struct ad_http_port *port;
	SLIST_FOREACH(port, &server->ports, link)
	{
		if (on)
			(void)evconnlistener_enable(port->listener);
		else
			(void)evconnlistener_disable(port->listener);
	}
}

static void on_accept(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *peer,
	int peer_len, void *ctx)
{
	(void)listener;
	(void)peer_len;
	struct ad_http_port *port = ctx;
	struct ad_http_server *server = port->server;
	struct ad_http_address address;
	ad_http_address_of(peer, &address);
	if (!ad_http_limit_connection(server, port, &address)) {
		(void)evutil_closesocket(fd);
		return;
	}
	ad_http_conn_open(server, port, fd, &address);
}

static void on_accept_error(struct evconnlistener *listener, void *ctx)
{
	(void)listener;
	static struct ad_log_budget budget;
	unsigned suppressed;
	struct ad_http_port *port = ctx;
	struct timeval tv = as_timeval(RESUME_MS);
	if (ad_log_may(&budget, &suppressed))
		ad_log(AD_LOG_WARN, "http", "connections cannot be accepted", "errno",
			AD_NUM(errno), "suppressed", suppressed ? AD_NUM(suppressed) : NULL, NULL);
	set_accepting(port->server, false);
	(void)evtimer_add(port->server->resume_event, &tv);
}

static void on_resume(evutil_socket_t fd, short what, void *ctx)
{
	(void)fd;
	(void)what;
	struct ad_http_server *server = ctx;
	if (!server->stopping)
		set_accepting(server, true);
}

/* ---- Stopping ---- */

static void on_stop_deadline(evutil_socket_t fd, short what, void *ctx)
{
	(void)fd;
	(void)what;
	struct ad_http_server *server = ctx;
	(void)event_base_loopexit(server->base, NULL);
}

/* Whoever comes now hears at once that nobody is here, in place of waiting for an answer that will
 * not come, and may ask another node. */
static void close_listeners(struct ad_http_server *server)
{
	struct ad_http_port *port;
	SLIST_FOREACH(port, &server->ports, link)
	{
		evconnlistener_free(port->listener);
		port->listener = NULL;
	}
}

static void begin_stop(struct ad_http_server *server)
{
	server->stopping = true;
	close_listeners(server);
	struct timeval tv = as_timeval(atomic_load(&server->stop_deadline_ms));
	(void)evtimer_add(server->stop_event, &tv);
	ad_http_server_settle(server);
}

void ad_http_server_settle(struct ad_http_server *server)
{
	/* Exit, not break: what is already due, as the closing of a socket, is still done. */
	if (server->stopping && atomic_load(&server->busy) == 0)
		(void)event_base_loopexit(server->base, NULL);
}

void ad_http_server_stop(struct ad_http_server *server, int deadline_ms)
{
	atomic_store(&server->stop_deadline_ms, deadline_ms);
	atomic_store(&server->stop_wanted, true);
	ad_done_wake(server->done);
}

/* ---- What other threads hand over ---- */

static void take_answers(struct ad_http_server *server, bool send)
{
	struct ad_done_item *item = ad_done_take(server->done);
	while (item) {
		struct ad_http_request *request = (struct ad_http_request *)item;
		item = item->next;
		if (request->conn && send)
			ad_http_conn_answer(request->conn, request);
		else
			ad_http_request_free(request);
	}
}

static void on_done(evutil_socket_t fd, short what, void *ctx)
{
	(void)fd;
	(void)what;
	struct ad_http_server *server = ctx;
	take_answers(server, true);
	if (atomic_load(&server->stop_wanted) && !server->stopping)
		begin_stop(server);
}

size_t ad_http_server_pending(struct ad_http_server *server)
{
	return atomic_load(&server->busy);
}

/* ---- Life ---- */

int ad_http_server_new(
	const struct ad_http_config *config, struct ad_http_server **ret, struct ad_err *err)
{
	struct ad_done *done = NULL;
	int rc = ad_done_new(&done, err);
	if (rc != 0)
		return rc;
	struct event_base *base = event_base_new();
	if (!base) {
		ad_done_free(done);
		return AD_FAIL(err, AD_EIO, "no event base");
	}
	struct ad_http_server *server = ad_xalloc(sizeof *server);
	if (config)
		server->config = *config;
	if (server->config.connections_max == 0)
		server->config.connections_max = AD_HTTP_CONNECTIONS_MAX;
	if (server->config.address_connections_max == 0)
		server->config.address_connections_max = AD_HTTP_ADDRESS_CONNECTIONS_MAX;
	if (server->config.arrival_ms == 0)
		server->config.arrival_ms = AD_HTTP_ARRIVAL_MS;
	if (server->config.handshake_ms == 0)
		server->config.handshake_ms = AD_HTTP_HANDSHAKE_MS;
	server->base = base;
	server->done = done;
	server->box = ad_http_mailbox_new(done);
	SLIST_INIT(&server->ports);
	SLIST_INIT(&server->signals);
	TAILQ_INIT(&server->conns);
	server->done_event =
		event_new(base, ad_done_fd(done), EV_READ | EV_PERSIST, on_done, server);
	server->resume_event = evtimer_new(base, on_resume, server);
	server->stop_event = evtimer_new(base, on_stop_deadline, server);
	AD_ASSERT(server->done_event && server->resume_event && server->stop_event);
	(void)event_add(server->done_event, NULL);
	*ret = server;
	return 0;
}

static int parse_address(const struct ad_http_listener *listener, struct sockaddr_storage *ret,
	socklen_t *ret_len, struct ad_err *err)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)ret;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)ret;
	memset(ret, 0, sizeof *ret);
	if (inet_pton(AF_INET, listener->address, &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons(listener->port);
		*ret_len = sizeof *v4;
	} else if (inet_pton(AF_INET6, listener->address, &v6->sin6_addr) == 1) {
		v6->sin6_family = AF_INET6;
		v6->sin6_port = htons(listener->port);
		*ret_len = sizeof *v6;
	} else {
		return AD_FAIL(err, AD_ECONFIG, "'%s' is not a numeric address", listener->address);
	}
	return 0;
}

static uint16_t bound_port(struct evconnlistener *listener)
{
	struct sockaddr_storage address = { 0 };
	socklen_t len = sizeof address;
	if (getsockname(evconnlistener_get_fd(listener), (struct sockaddr *)&address, &len) != 0)
		return 0;
	return ntohs(address.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&address)->sin6_port
						   : ((struct sockaddr_in *)&address)->sin_port);
}

/* The networks were checked before. */
static void set_proxies(struct ad_http_port *port, const struct ad_http_nets *proxies)
{
	port->has_proxies = proxies != NULL;
	port->nets_count = proxies ? proxies->count : 0;
	for (size_t i = 0; i < port->nets_count; i++)
		AD_ASSERT(ad_http_net_parse(proxies->nets[i], &port->nets[i]));
}

bool ad_http_port_is_proxy(const struct ad_http_port *port, const struct ad_http_address *peer)
{
	return ad_http_nets_hold(port->nets, port->nets_count, peer);
}

static void free_port(struct ad_http_port *port)
{
	if (port->listener)
		evconnlistener_free(port->listener);
	ad_rate_free(port->strangers);
	ad_rate_free(port->known);
	ad_rate_free(port->handshakes);
	free(port->routes);
	free(port);
}

int ad_http_server_listen(struct ad_http_server *server, const struct ad_http_listener *listener,
	uint16_t *ret_port, struct ad_err *err)
{
	AD_ASSERT(listener->routes_count <= AD_HTTP_ROUTES_MAX);
	struct sockaddr_storage address;
	socklen_t len = 0;
	int rc = parse_address(listener, &address, &len, err);
	if (rc == 0 && listener->proxies)
		rc = ad_http_nets_check(listener->proxies, err);
	if (rc != 0)
		return rc;
	struct ad_http_port *port = ad_xalloc(sizeof *port);
	/* Disabled: the kernel queues connections until the loop runs. */
	unsigned flags = LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC | LEV_OPT_REUSEABLE |
			 LEV_OPT_DISABLED;
	port->listener = evconnlistener_new_bind(server->base, on_accept, port, flags,
		AD_HTTP_BACKLOG, (struct sockaddr *)&address, (int)len);
	if (!port->listener) {
		free(port);
		return AD_FAIL(err, AD_ECONFIG, "cannot listen on %s port %u (errno %d)",
			listener->address, (unsigned)listener->port, errno);
	}
	evconnlistener_set_error_cb(port->listener, on_accept_error);
	port->server = server;
	port->routes = ad_xalloc(listener->routes_count * sizeof *port->routes);
	memcpy(port->routes, listener->routes, listener->routes_count * sizeof *port->routes);
	port->routes_count = listener->routes_count;
	port->tls = listener->tls;
	port->operators = listener->operators;
	port->tls_subject = listener->tls_subject;
	port->tls_close = listener->tls_close;
	port->tls_ctx = listener->tls_ctx;
	set_proxies(port, listener->proxies);
	ad_http_limit_port(port, listener->address_per_s);
	SLIST_INSERT_HEAD(&server->ports, port, link);
	if (ret_port)
		*ret_port = bound_port(port->listener);
	return 0;
}

static void on_signal(evutil_socket_t signo, short what, void *ctx)
{
	(void)what;
	const struct ad_http_signal *entry = ctx;
	entry->fn((int)signo, entry->ctx);
}

int ad_http_server_on_signal(struct ad_http_server *server, int signo,
	void (*fn)(int signo, void *ctx), void *ctx, struct ad_err *err)
{
	struct ad_http_signal *entry = ad_xalloc(sizeof *entry);
	entry->fn = fn;
	entry->ctx = ctx;
	entry->event = evsignal_new(server->base, signo, on_signal, entry);
	if (!entry->event || event_add(entry->event, NULL) != 0) {
		if (entry->event)
			event_free(entry->event);
		free(entry);
		return AD_FAIL(err, AD_EIO, "signal %d cannot be watched", signo);
	}
	SLIST_INSERT_HEAD(&server->signals, entry, link);
	return 0;
}

int ad_http_server_run(struct ad_http_server *server, struct ad_err *err)
{
	/* Writing to a client that has left raises SIGPIPE in this thread; EPIPE is enough. */
	sigset_t pipe_only;
	sigset_t before;
	(void)sigemptyset(&pipe_only);
	(void)sigaddset(&pipe_only, SIGPIPE);
	AD_ASSERT(pthread_sigmask(SIG_BLOCK, &pipe_only, &before) == 0);
	set_accepting(server, true);
	int rc = event_base_loop(server->base, EVLOOP_NO_EXIT_ON_EMPTY);
	const struct timespec now = { 0 };
	while (sigtimedwait(&pipe_only, NULL, &now) > 0)
		; /* those that are still pending must not hit later */
	AD_ASSERT(pthread_sigmask(SIG_SETMASK, &before, NULL) == 0);
	return rc < 0 ? AD_FAIL(err, AD_EIO, "the event loop has failed") : 0;
}

static void close_mailbox(struct ad_http_server *server)
{
	(void)pthread_mutex_lock(&server->box->lock);
	server->box->done = NULL;
	(void)pthread_mutex_unlock(&server->box->lock);
	take_answers(server, false);
	ad_http_mailbox_unref(server->box);
}

void ad_http_server_free(struct ad_http_server *server)
{
	if (!server)
		return;
	server->stopping = true;
	while (!TAILQ_EMPTY(&server->conns))
		ad_http_conn_free(TAILQ_FIRST(&server->conns));
	/* What libevent has put off, the end of those connections among it, is done now. */
	(void)event_base_loop(server->base, EVLOOP_NONBLOCK);
	close_mailbox(server);
	while (!SLIST_EMPTY(&server->ports)) {
		struct ad_http_port *port = SLIST_FIRST(&server->ports);
		SLIST_REMOVE_HEAD(&server->ports, link);
		free_port(port);
	}
	while (!SLIST_EMPTY(&server->signals)) {
		struct ad_http_signal *entry = SLIST_FIRST(&server->signals);
		SLIST_REMOVE_HEAD(&server->signals, link);
		event_free(entry->event);
		free(entry);
	}
	event_free(server->done_event);
	event_free(server->resume_event);
	event_free(server->stop_event);
	event_base_free(server->base);
	ad_done_free(server->done);
	free(server);
}
