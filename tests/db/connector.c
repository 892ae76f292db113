/* SPDX-License-Identifier: Apache-2.0 */
/* A thread accepts, a thread for each connection reads requests one after the other and answers. */
#include "connector.h"

#include "ad/arena.h"
#include "ad/clock.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/socket.h>
#include <cmocka.h>

#define CALLS_MAX 4096
#define RULES_MAX 32
#define CONNECTIONS_MAX 512
#define REQUEST_MAX 65536

struct connection {
	struct connector *connector;
	pthread_t thread;
	int fd;
};

struct connector {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool is_stopping;
	struct connector_rule rules[RULES_MAX];
	int rule_uses[RULES_MAX];
	size_t rules_count;
	struct connector_call calls[CALLS_MAX];
	bool is_open[CALLS_MAX];
	size_t calls_count;
	struct connection connections[CONNECTIONS_MAX];
	size_t connections_count;
	int fd;
	int port;
	char url[64];
	pthread_t thread;
};

static bool fits(const struct connector_call *call, const char *method, const char *in_path)
{
	return strcmp(call->method, method) == 0 && strstr(call->path, in_path) != NULL;
}

/* ---- one request ---- */

static void copy_between(
	char *room, size_t room_len, const char *text, const char *from_mark, const char *to_mark)
{
	room[0] = 0;
	const char *from = strstr(text, from_mark);
	if (!from)
		return;
	from += strlen(from_mark);
	const char *to = strstr(from, to_mark);
	size_t len = to ? (size_t)(to - from) : 0;
	if (len >= room_len)
		len = room_len - 1;
	memcpy(room, from, len);
	room[len] = 0;
}

/* Reads head and body; false at the end of the connection. */
static bool read_request(int fd, char *room)
{
	size_t len = 0;
	char *body = NULL;
	size_t body_len = 0;
	for (;;) {
		ssize_t n = recv(fd, room + len, REQUEST_MAX - 1 - len, 0);
		if (n <= 0)
			return false;
		len += (size_t)n;
		room[len] = 0;
		if (!body && (body = strstr(room, "\r\n\r\n")) != NULL) {
			body += 4;
			char digits[16];
			copy_between(digits, sizeof digits, room, "Content-Length: ", "\r\n");
			body_len = strtoul(digits, NULL, 10);
		}
		if (body && len >= (size_t)(body - room) + body_len)
			return true;
	}
}

static size_t note_call(struct connector *c, const char *request)
{
	assert_true(c->calls_count < CALLS_MAX);
	size_t index = c->calls_count++;
	struct connector_call *call = &c->calls[index];
	(void)sscanf(request, "%7s %511s", call->method, call->path);
	copy_between(call->token, sizeof call->token, request, "Authorization: Bearer ", "\r\n");
	const char *body = strstr(request, "\r\n\r\n") + 4;
	(void)snprintf(call->body, sizeof call->body, "%s", body);
	call->at_ms = ad_clock_mono_ms();
	c->is_open[index] = true;
	for (size_t i = 0; i <= index; i++)
		if (c->is_open[i] && strcmp(c->calls[i].path, call->path) == 0)
			call->together++;
	(void)pthread_cond_broadcast(&c->changed);
	return index;
}

static struct connector_rule take_rule(struct connector *c, const struct connector_call *call)
{
	for (size_t i = 0; i < c->rules_count; i++) {
		const struct connector_rule *rule = &c->rules[i];
		if (!fits(call, rule->method, rule->in_path) ||
			(rule->body_has && !strstr(call->body, rule->body_has)) ||
			(rule->times > 0 && c->rule_uses[i] >= rule->times))
			continue;
		c->rule_uses[i]++;
		return *rule;
	}
	return (struct connector_rule){ 0 };
}

static void hold_back(struct connector *c, int delay_ms)
{
	struct timespec until;
	(void)clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += delay_ms / 1000;
	until.tv_nsec += (long)(delay_ms % 1000) * 1000000L;
	if (until.tv_nsec >= 1000000000L) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000L;
	}
	int rc = 0;
	while (!c->is_stopping && rc == 0)
		rc = pthread_cond_timedwait(&c->changed, &c->lock, &until);
}

static void usual_answer(
	const struct connector_call *call, size_t index, int *ret_status, char *room, size_t len)
{
	*ret_status = strcmp(call->method, "POST") == 0 ? 201 : 200;
	if (strstr(call->path, "/token"))
		(void)snprintf(room, len,
			"{\"access_token\":\"token-%zu\",\"token_type\":\"Bearer\",\"expires_in\":"
			"3600}",
			index);
	else if (strstr(call->path, "/activities"))
		(void)snprintf(room, len, "{\"id\":\"act-%zu\"}", index);
	else
		(void)snprintf(room, len, "{\"id\":\"a:created-%zu\"}", index);
	if (strstr(call->path, "/token"))
		*ret_status = 200;
}

static void answer(struct connector *c, int fd, const char *request)
{
	char body[4096] = "";
	char head[1024];
	int status = 0;
	(void)pthread_mutex_lock(&c->lock);
	size_t index = note_call(c, request);
	struct connector_rule rule = take_rule(c, &c->calls[index]);
	if (rule.delay_ms > 0)
		hold_back(c, rule.delay_ms);
	usual_answer(&c->calls[index], index, &status, body, sizeof body);
	c->is_open[index] = false;
	(void)pthread_mutex_unlock(&c->lock);
	if (rule.status > 0) {
		status = rule.status;
		(void)snprintf(body, sizeof body, "%s", rule.body ? rule.body : "");
	}
	int len = snprintf(head, sizeof head,
		"HTTP/1.1 %d X\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n%s\r\n",
		status, strlen(body), rule.headers ? rule.headers : "");
	(void)send(fd, head, (size_t)len, MSG_NOSIGNAL | MSG_MORE);
	(void)send(fd, body, strlen(body), MSG_NOSIGNAL);
}

static void *serve(void *arg)
{
	struct connection *connection = arg;
	char *request = ad_xalloc(REQUEST_MAX);
	while (read_request(connection->fd, request))
		answer(connection->connector, connection->fd, request);
	free(request);
	return NULL;
}

static void *accept_all(void *arg)
{
	struct connector *c = arg;
	int fd;
	while ((fd = accept(c->fd, NULL, NULL)) >= 0) {
		(void)pthread_mutex_lock(&c->lock);
		if (c->is_stopping || c->connections_count == CONNECTIONS_MAX) {
			(void)close(fd);
		} else {
			struct connection *connection = &c->connections[c->connections_count++];
			*connection = (struct connection){ .connector = c, .fd = fd };
			(void)pthread_create(&connection->thread, NULL, serve, connection);
		}
		(void)pthread_mutex_unlock(&c->lock);
	}
	return NULL;
}

/* ---- the test's side ---- */

struct connector *connector_start(void)
{
	struct connector *c = ad_xalloc(sizeof *c);
	memset(c, 0, sizeof *c);
	pthread_condattr_t attr;
	(void)pthread_condattr_init(&attr);
	(void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	(void)pthread_mutex_init(&c->lock, NULL);
	(void)pthread_cond_init(&c->changed, &attr);
	struct sockaddr_in address = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof address;
	c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(c->fd, (struct sockaddr *)&address, len), 0);
	assert_int_equal(listen(c->fd, 128), 0);
	assert_int_equal(getsockname(c->fd, (struct sockaddr *)&address, &len), 0);
	c->port = ntohs(address.sin_port);
	(void)snprintf(c->url, sizeof c->url, "http://127.0.0.1:%d/emea/t1/", c->port);
	assert_int_equal(pthread_create(&c->thread, NULL, accept_all, c), 0);
	return c;
}

void connector_stop(struct connector *c)
{
	(void)pthread_mutex_lock(&c->lock);
	c->is_stopping = true;
	(void)pthread_cond_broadcast(&c->changed);
	(void)pthread_mutex_unlock(&c->lock);
	(void)shutdown(c->fd, SHUT_RDWR);
	(void)pthread_join(c->thread, NULL);
	(void)close(c->fd);
	for (size_t i = 0; i < c->connections_count; i++) {
		(void)shutdown(c->connections[i].fd, SHUT_RDWR);
		(void)pthread_join(c->connections[i].thread, NULL);
		(void)close(c->connections[i].fd);
	}
	(void)pthread_cond_destroy(&c->changed);
	(void)pthread_mutex_destroy(&c->lock);
	free(c);
}

int connector_port(const struct connector *c)
{
	return c->port;
}

const char *connector_url(const struct connector *c)
{
	return c->url;
}

void connector_rule(struct connector *c, const struct connector_rule *rule)
{
	(void)pthread_mutex_lock(&c->lock);
	assert_true(c->rules_count < RULES_MAX);
	c->rules[c->rules_count++] = *rule;
	(void)pthread_mutex_unlock(&c->lock);
}

static size_t count_locked(struct connector *c, const char *method, const char *in_path)
{
	size_t count = 0;
	for (size_t i = 0; i < c->calls_count; i++)
		count += fits(&c->calls[i], method, in_path);
	return count;
}

size_t connector_count(struct connector *c, const char *method, const char *in_path)
{
	(void)pthread_mutex_lock(&c->lock);
	size_t count = count_locked(c, method, in_path);
	(void)pthread_mutex_unlock(&c->lock);
	return count;
}

struct connector_call connector_call(
	struct connector *c, const char *method, const char *in_path, size_t nth)
{
	struct connector_call found = { .method = "" };
	(void)pthread_mutex_lock(&c->lock);
	for (size_t i = 0; i < c->calls_count && !*found.method; i++)
		if (fits(&c->calls[i], method, in_path) && nth-- == 0)
			found = c->calls[i];
	(void)pthread_mutex_unlock(&c->lock);
	if (!*found.method)
		fail_msg("there was no such %s %s", method, in_path);
	return found;
}

void connector_wait(struct connector *c, const char *method, const char *in_path, size_t count)
{
	struct timespec until;
	(void)clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += CONNECTOR_WAIT_MS / 1000;
	int rc = 0;
	(void)pthread_mutex_lock(&c->lock);
	while (count_locked(c, method, in_path) < count && rc == 0)
		rc = pthread_cond_timedwait(&c->changed, &c->lock, &until);
	size_t seen = count_locked(c, method, in_path);
	(void)pthread_mutex_unlock(&c->lock);
	if (seen < count)
		fail_msg("%zu of %zu calls %s %s", seen, count, method, in_path);
}
