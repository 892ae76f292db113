/* SPDX-License-Identifier: Apache-2.0 */
/* One thread, one connection at a time: enough for tests of one struct ad_db. */
#include "proxy.h"

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <sys/un.h>

#define CHUNK_MAX 65536

struct db_proxy {
	pthread_t thread;
	_Atomic(enum db_proxy_fault) fault;
	int listener;
	int stop[2]; /* pipe: closed at the write end to stop */
	char folder[32];
	struct sockaddr_un own;
	struct sockaddr_un server;
};

static void must(bool ok, const char *what)
{
	if (!ok)
		fail_msg("proxy: %s", what);
}

/* COMMIT as a statement of its own, between the ends of the texts around it. */
static bool has_commit(const void *data, size_t len)
{
	static const char statement[] = "\0commit";
	return memmem(data, len, statement, sizeof statement) != NULL;
}

static bool send_all(int fd, const char *data, size_t len)
{
	while (len > 0) {
		ssize_t n = send(fd, data, len, MSG_NOSIGNAL);
		if (n <= 0)
			return false;
		data += n;
		len -= (size_t)n;
	}
	return true;
}

/* One chunk from one side to the other; false ends the connection. */
static bool pass(struct db_proxy *proxy, int from, int to, bool from_client, bool *io_cut_answer)
{
	static __thread char chunk[CHUNK_MAX];
	ssize_t n = recv(from, chunk, sizeof chunk, 0);
	if (n <= 0)
		return false;
	enum db_proxy_fault fault = atomic_load(&proxy->fault);
	if (fault == DB_PROXY_SWALLOW)
		return true;
	if (from_client && has_commit(chunk, (size_t)n)) {
		if (fault == DB_PROXY_CUT_COMMIT)
			return false;
		*io_cut_answer = fault == DB_PROXY_CUT_ANSWER;
	} else if (!from_client && *io_cut_answer) {
		return false;
	}
	return send_all(to, chunk, (size_t)n);
}

static void serve(struct db_proxy *proxy, int client)
{
	int server = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool open = connect(server, (struct sockaddr *)&proxy->server, sizeof proxy->server) == 0;
	bool cut_answer = false;
	while (open) {
		struct pollfd fds[] = { { .fd = client, .events = POLLIN },
			{ .fd = server, .events = POLLIN },
			{ .fd = proxy->stop[0], .events = POLLIN } };
		(void)poll(fds, 3, -1);
		if (fds[2].revents)
			open = false;
		if (open && fds[0].revents)
			open = pass(proxy, client, server, true, &cut_answer);
		if (open && fds[1].revents)
			open = pass(proxy, server, client, false, &cut_answer);
	}
	(void)close(server);
	(void)close(client);
}

static void *run(void *arg)
{
	struct db_proxy *proxy = arg;
	for (;;) {
		struct pollfd fds[] = { { .fd = proxy->listener, .events = POLLIN },
			{ .fd = proxy->stop[0], .events = POLLIN } };
		(void)poll(fds, 2, -1);
		if (fds[1].revents)
			return NULL;
		int client = accept4(proxy->listener, NULL, NULL, SOCK_CLOEXEC);
		if (client >= 0)
			serve(proxy, client);
	}
}

struct db_proxy *db_proxy_start(struct db_test *t, const char **ret_url)
{
	struct db_proxy *proxy = ad_xalloc(sizeof *proxy);
	(void)snprintf(proxy->folder, sizeof proxy->folder, "/tmp/ad-proxy-XXXXXX");
	must(mkdtemp(proxy->folder) != NULL, "mkdtemp");
	proxy->own.sun_family = proxy->server.sun_family = AF_UNIX;
	(void)snprintf(
		proxy->own.sun_path, sizeof proxy->own.sun_path, "%s/.s.PGSQL.5432", proxy->folder);
	(void)snprintf(proxy->server.sun_path, sizeof proxy->server.sun_path, "%s",
		db_test_text(t, "select (string_to_array(setting, ','))[1] || '/.s.PGSQL.' || "
				"current_setting('port') from pg_settings "
				"where name = 'unix_socket_directories'"));
	proxy->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	must(bind(proxy->listener, (struct sockaddr *)&proxy->own, sizeof proxy->own) == 0, "bind");
	must(listen(proxy->listener, 8) == 0, "listen");
	must(pipe(proxy->stop) == 0, "pipe");
	must(pthread_create(&proxy->thread, NULL, run, proxy) == 0, "pthread_create");
	*ret_url = ad_printf(t->arena, "%s host=%s port=5432", t->url, proxy->folder);
	return proxy;
}

void db_proxy_set(struct db_proxy *proxy, enum db_proxy_fault fault)
{
	atomic_store(&proxy->fault, fault);
}

void db_proxy_stop(struct db_proxy *proxy)
{
	(void)close(proxy->stop[1]);
	(void)pthread_join(proxy->thread, NULL);
	(void)close(proxy->stop[0]);
	(void)close(proxy->listener);
	(void)unlink(proxy->own.sun_path);
	(void)rmdir(proxy->folder);
	free(proxy);
}
