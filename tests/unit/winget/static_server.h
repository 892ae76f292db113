/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A web server for tests: serves the files below one folder on a loopback port, with ETags and
 * conditional requests, one connection at a time, and counts what it was asked. A path that begins
 * with /to/ redirects to the percent-decoded rest.
 */
#ifndef AD_TESTS_STATIC_SERVER_H
#define AD_TESTS_STATIC_SERVER_H

#include "ad/arena.h"
#include "ad/file.h"
#include "ad/text.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>

#define SERVER_HEAD_MAX 8192
#define SERVER_FILE_MAX (64u << 20)

struct static_server {
	const char *root;
	int listener;
	int port;
	pthread_t thread;
	atomic_int index_bodies;   /* source2.msix sent whole */
	atomic_int index_requests; /* and asked for */
	atomic_int requests;
};

static inline void server_decode(char *text)
{
	char *to = text;
	for (const char *from = text; *from; from++) {
		unsigned value = 0;
		if (*from == '%' && sscanf(from + 1, "%2x", &value) == 1) {
			*to++ = (char)value;
			from += 2;
		} else {
			*to++ = *from;
		}
	}
	*to = '\0';
}

static inline void server_send(int fd, const void *data, size_t len)
{
	const char *at = data;
	while (len > 0) {
		ssize_t sent = send(fd, at, len, MSG_NOSIGNAL);
		if (sent <= 0)
			return;
		at += sent;
		len -= (size_t)sent;
	}
}

static inline void server_text(int fd, const char *text)
{
	server_send(fd, text, strlen(text));
}

/* A cheap name for content; good enough for tests. */
static inline unsigned long server_etag(const char *data, size_t len)
{
	unsigned long hash = 5381;
	for (size_t i = 0; i < len; i++)
		hash = hash * 33 + (unsigned char)data[i];
	return hash;
}

static inline void server_file(
	struct static_server *server, struct ad_arena *arena, int fd, char *path, const char *head)
{
	char *data = NULL;
	size_t len = 0;
	path[strcspn(path, "?")] = '\0';
	char *file = ad_printf(arena, "%s%s", server->root, path);
	bool index = strstr(path, "source2.msix") != NULL;
	server->index_requests += index;
	if (strstr(path, "..") ||
		ad_file_read(arena, file, SERVER_FILE_MAX, &data, &len, NULL) != 0) {
		server_text(fd, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n"
				"Connection: close\r\n\r\n");
		return;
	}
	char *etag = ad_printf(arena, "\"%lx\"", server_etag(data, len));
	if (strstr(head, etag)) {
		server_text(fd, "HTTP/1.1 304 Not Modified\r\nConnection: close\r\n\r\n");
		return;
	}
	server->index_bodies += index;
	server_text(fd, ad_printf(arena,
				"HTTP/1.1 200 OK\r\nETag: %s\r\nContent-Length: %zu\r\n"
				"Connection: close\r\n\r\n",
				etag, len));
	server_send(fd, data, len);
}

static inline void server_answer(struct static_server *server, int fd)
{
	char head[SERVER_HEAD_MAX];
	size_t len = 0;
	while (len < sizeof head - 1) {
		ssize_t got = recv(fd, head + len, sizeof head - 1 - len, 0);
		if (got <= 0)
			return;
		len += (size_t)got;
		head[len] = '\0';
		if (strstr(head, "\r\n\r\n"))
			break;
	}
	char *path = strchr(head, ' ');
	char *end = path ? strchr(path + 1, ' ') : NULL;
	if (!end)
		return;
	struct ad_arena *arena = ad_arena_new();
	path = ad_strndup(arena, path + 1, (size_t)(end - path - 1));
	server->requests++;
	server_decode(path);
	if (strncmp(path, "/to/", 4) == 0)
		server_text(fd, ad_printf(arena,
					"HTTP/1.1 302 Found\r\nLocation: %s\r\n"
					"Content-Length: 0\r\nConnection: close\r\n\r\n",
					path + 4));
	else
		server_file(server, arena, fd, path, end);
	ad_arena_free(arena);
}

static inline void *server_run(void *context)
{
	struct static_server *server = context;
	for (;;) {
		int fd = accept(server->listener, NULL, NULL);
		if (fd < 0)
			return NULL;
		server_answer(server, fd);
		(void)shutdown(fd, SHUT_WR);
		(void)close(fd);
	}
}

/* Takes a free port; root may be set before start. */
static inline void server_bind(struct static_server *server)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t len = sizeof address;
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(server->listener, (struct sockaddr *)&address, len), 0);
	assert_int_equal(listen(server->listener, 64), 0);
	assert_int_equal(getsockname(server->listener, (struct sockaddr *)&address, &len), 0);
	server->port = ntohs(address.sin_port);
}

static inline void server_start(struct static_server *server)
{
	assert_int_equal(pthread_create(&server->thread, NULL, server_run, server), 0);
}

static inline void server_stop(struct static_server *server)
{
	(void)shutdown(server->listener, SHUT_RDWR);
	(void)pthread_join(server->thread, NULL);
	(void)close(server->listener);
}

#endif
