/* SPDX-License-Identifier: Apache-2.0 */
/* Requests and replies: reading the one, and the way of the other back to the loop thread. */
#include "internal.h"

#include "ad/arena.h"

#include <strings.h>

#include <event2/buffer.h>

/* ---- Mailbox ---- */

struct ad_http_mailbox *ad_http_mailbox_new(struct ad_done *done)
{
	struct ad_http_mailbox *box = ad_xalloc(sizeof *box);
	AD_ASSERT(pthread_mutex_init(&box->lock, NULL) == 0);
	box->refs = 1;
	box->done = done;
	return box;
}

struct ad_http_mailbox *ad_http_mailbox_ref(struct ad_http_mailbox *box)
{
	(void)pthread_mutex_lock(&box->lock);
	box->refs++;
	(void)pthread_mutex_unlock(&box->lock);
	return box;
}

void ad_http_mailbox_unref(struct ad_http_mailbox *box)
{
	(void)pthread_mutex_lock(&box->lock);
	bool last = --box->refs == 0;
	(void)pthread_mutex_unlock(&box->lock);
	if (!last)
		return;
	(void)pthread_mutex_destroy(&box->lock);
	free(box);
}

/* ---- Requests ---- */

struct ad_http_request *ad_http_request_new(struct ad_http_conn *conn)
{
	struct ad_http_request *request = ad_xalloc(sizeof *request);
	request->box = ad_http_mailbox_ref(conn->server->box);
	request->conn = conn;
	request->arena = ad_arena_new();
	ad_buf_init(&request->body, 0);
	ad_http_address_print(&conn->client, request->peer);
	return request;
}

void ad_http_request_free(struct ad_http_request *request)
{
	if (!request)
		return;
	ad_buf_release(&request->body);
	ad_arena_free(request->arena);
	ad_http_mailbox_unref(request->box);
	free(request);
}

const char *ad_http_request_method(const struct ad_http_request *request)
{
	return request->head.method;
}

const char *ad_http_request_path(const struct ad_http_request *request)
{
	return request->head.path;
}

const char *ad_http_request_query(const struct ad_http_request *request)
{
	return request->head.query;
}

const char *ad_http_request_header(const struct ad_http_request *request, const char *name)
{
	for (size_t i = 0; i < request->head.headers_count; i++) {
		if (strcasecmp(request->head.headers[i].name, name) == 0)
			return request->head.headers[i].value;
	}
	return NULL;
}

const char *ad_http_request_body(const struct ad_http_request *request, size_t *ret_len)
{
	*ret_len = request->body.len;
	return ad_buf_str(&request->body);
}

const char *ad_http_request_peer(const struct ad_http_request *request)
{
	return request->peer;
}

bool ad_http_request_is_known(const struct ad_http_request *request)
{
	return request->known;
}

const char *ad_http_request_certificate(const struct ad_http_request *request)
{
	return request->certificate;
}

int64_t ad_http_request_arrived_ms(const struct ad_http_request *request)
{
	return request->arrived_ms;
}

/* ---- Replies ---- */

static void copy_reply(struct ad_http_request *request, const struct ad_http_reply *reply)
{
	struct ad_arena *arena = request->arena;
	request->reply = *reply;
	request->reply.content_type = ad_strdup(arena, reply->content_type);
	request->reply.body = ad_memdup(arena, reply->body, reply->body_len);
	struct ad_http_header *headers =
		ad_alloc_array(arena, reply->headers_count, sizeof *headers);
	for (size_t i = 0; i < reply->headers_count; i++) {
		headers[i].name = ad_strdup(arena, reply->headers[i].name);
		headers[i].value = ad_strdup(arena, reply->headers[i].value);
	}
	request->reply.headers = headers;
}

void ad_http_reply(struct ad_http_request *request, const struct ad_http_reply *reply)
{
	AD_ASSERT(!request->taken && request->conn);
	copy_reply(request, reply);
	ad_http_conn_answer(request->conn, request);
}

void ad_http_take(struct ad_http_request *request)
{
	AD_ASSERT(!request->taken);
	request->taken = true;
}

void ad_http_answer(struct ad_http_request *request, const struct ad_http_reply *reply)
{
	AD_ASSERT(request->taken);
	copy_reply(request, reply);
	struct ad_http_mailbox *box = ad_http_mailbox_ref(request->box);
	(void)pthread_mutex_lock(&box->lock);
	bool open = box->done != NULL;
	if (open)
		ad_done_push(box->done, &request->item);
	(void)pthread_mutex_unlock(&box->lock);
	if (!open)
		ad_http_request_free(request);
	ad_http_mailbox_unref(box);
}

/* ---- Writing ---- */

static const char *reason(int status)
{
	static const struct {
		int status;
		const char *text;
	} reasons[] = {
		{ 200, "OK" },
		{ 201, "Created" },
		{ 202, "Accepted" },
		{ 204, "No Content" },
		{ 302, "Found" },
		{ 303, "See Other" },
		{ 304, "Not Modified" },
		{ 400, "Bad Request" },
		{ 401, "Unauthorized" },
		{ 403, "Forbidden" },
		{ 404, "Not Found" },
		{ 405, "Method Not Allowed" },
		{ 408, "Request Timeout" },
		{ 409, "Conflict" },
		{ 410, "Gone" },
		{ 412, "Precondition Failed" },
		{ 413, "Content Too Large" },
		{ 414, "URI Too Long" },
		{ 415, "Unsupported Media Type" },
		{ 417, "Expectation Failed" },
		{ 429, "Too Many Requests" },
		{ 431, "Request Header Fields Too Large" },
		{ 500, "Internal Server Error" },
		{ 501, "Not Implemented" },
		{ 502, "Bad Gateway" },
		{ 503, "Service Unavailable" },
		{ 504, "Gateway Timeout" },
		{ 505, "HTTP Version Not Supported" },
	};
	for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++) {
		if (reasons[i].status == status)
			return reasons[i].text;
	}
	return "Unknown";
}

/* A value with a line break would let its author write headers of his own: it is left out. */
static void write_header(struct evbuffer *out, const char *name, const char *value)
{
	if (value && !strpbrk(value, "\r\n"))
		(void)evbuffer_add_printf(out, "%s: %s\r\n", name, value);
}

void ad_http_reply_write(struct evbuffer *out, const struct ad_http_reply *reply,
	const struct ad_http_manner *manner)
{
	char date[64];
	time_t now = time(NULL);
	struct tm tm;
	bool has_body = reply->status != 204 && reply->status != 304;
	(void)evbuffer_add_printf(out, "HTTP/1.1 %d %s\r\n", reply->status, reason(reply->status));
	if (gmtime_r(&now, &tm) && strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", &tm))
		write_header(out, "Date", date);
	write_header(out, "Content-Type", reply->content_type);
	/* What we say is what we say it is, and whoever came by TLS keeps coming by TLS. */
	write_header(out, "X-Content-Type-Options", "nosniff");
	if (manner->tls)
		write_header(out, "Strict-Transport-Security", "max-age=31536000");
	for (size_t i = 0; i < reply->headers_count; i++)
		write_header(out, reply->headers[i].name, reply->headers[i].value);
	if (has_body)
		(void)evbuffer_add_printf(out, "Content-Length: %zu\r\n", reply->body_len);
	write_header(out, "Connection", manner->keep_alive ? "keep-alive" : "close");
	(void)evbuffer_add(out, "\r\n", 2);
	if (has_body && !manner->head_only)
		(void)evbuffer_add(out, reply->body, reply->body_len);
}
