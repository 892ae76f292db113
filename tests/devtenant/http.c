/* SPDX-License-Identifier: Apache-2.0 */
/* Reading requests and answering them. */
#include "http.h"

#include "ad/clock.h"
#include "ad/file.h"
#include "ad/text.h"
#include "calls.h"
#include "faults.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <fcntl.h>
#include <stdarg.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define PIECE_MS 50 /* between the pieces of an answer that leaves slowly */

const char *dt_surface_name(enum dt_surface surface)
{
	static const char *const names[DT_SURFACES] = { "other", "keys", "token", "connector",
		"graph", "blob", "cdn", "vault", "identity", "usertoken", "control", "bridge" };

	return names[surface];
}

const char *dt_header(const struct dt_request *req, const char *name)
{
	const char *value = evhttp_find_header(evhttp_request_get_input_headers(req->http), name);

	return ad_strdup(req->arena, value);
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The byte that "%41" stands for, 0 when it is malformed (an encoded NUL is refused too). */
static char escaped_byte(const char *text, size_t len)
{
	int high = len > 2 ? hex_digit(text[1]) : -1;
	int low = len > 2 ? hex_digit(text[2]) : -1;

	return high < 0 || low < 0 ? '\0' : (char)(high * 16 + low);
}

char *dt_decode(struct ad_arena *arena, const char *text, size_t len, bool plus_is_space)
{
	char *out = ad_alloc(arena, len + 1);
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		char c = text[i];

		if (c == '%') {
			c = escaped_byte(text + i, len - i);
			if (!c)
				return NULL;
			i += 2;
		} else if (c == '+' && plus_is_space) {
			c = ' ';
		}
		out[n++] = c;
	}
	out[n] = '\0';
	return out;
}

const char *dt_query(const struct dt_request *req, const char *name)
{
	size_t name_len = strlen(name);

	for (const char *at = req->query; *at;) {
		size_t len = strcspn(at, "&");
		size_t equals = strcspn(at, "=&");
		const char *key = dt_decode(req->arena, at, equals, true);

		if (key && strlen(key) == name_len && ad_text_eq(key, name))
			return equals == len ? ""
					     : dt_decode(req->arena, at + equals + 1,
						       len - equals - 1, true);
		at += len + (at[len] == '&');
	}
	return NULL;
}

int64_t dt_query_int(const struct dt_request *req, const char *name, int64_t otherwise)
{
	const char *text = dt_query(req, name);
	int64_t value;

	return text && !ad_text_i64(text, 0, INT64_MAX / 2, &value) ? value : otherwise;
}

struct ad_json *dt_body(struct dt_request *req)
{
	struct ad_json *json = NULL;
	struct ad_err err;

	if (!req->body_len)
		return ad_json_new_object(req->arena);
	if (ad_json_parse(req->arena, req->body, req->body_len, &json, &err)) {
		dt_reply_error(req, 400, "BadSyntax", "The body is not JSON: %s", err.text);
		return NULL;
	}
	return json;
}

void dt_set_header(struct dt_request *req, const char *name, const char *value)
{
	struct evkeyvalq *headers = evhttp_request_get_output_headers(req->http);

	evhttp_remove_header(headers, name);
	evhttp_add_header(headers, name, value);
}

static void release(struct dt_request *req)
{
	struct dt_tenant *tenant = req->tenant;

	req->http = NULL;
	req->next_answered = tenant->answered;
	tenant->answered = req;
	event_active(tenant->sweep, EV_TIMEOUT, 0);
}

void dt_http_sweep(struct dt_tenant *tenant)
{
	while (tenant->answered) {
		struct dt_request *req = tenant->answered;

		tenant->answered = req->next_answered;
		ad_arena_free(req->arena);
	}
}

/* Lets the peer see the end of the stream: what evhttp writes afterwards goes nowhere. */
static void shut(struct dt_request *req)
{
	struct evhttp_connection *connection = evhttp_request_get_connection(req->http);

	if (connection)
		shutdown(bufferevent_getfd(evhttp_connection_get_bufferevent(connection)),
			SHUT_RDWR);
}

void dt_reply_drop(struct dt_request *req)
{
	shut(req);
	evhttp_send_reply(req->http, 500, NULL, NULL);
	release(req);
}

void dt_reply_cut(struct dt_request *req)
{
	dt_calls_add(req->tenant->calls, req, 0);
	dt_reply_drop(req);
}

static size_t place(struct dt_offset offset, size_t len)
{
	int64_t at = offset.at < 0 ? (int64_t)len + offset.at : offset.at;

	return at < 0 ? 0 : (uint64_t)at < len ? (size_t)at : len;
}

/* Announces all of the body and sends the beginning of it. */
static void send_part(struct dt_request *req, int status, struct evbuffer *body)
{
	size_t len = evbuffer_get_length(body);
	struct dt_offset cut_at = req->fault->cut_at;
	struct evbuffer *part = evbuffer_new();

	dt_set_header(req, "Content-Length", ad_printf(req->arena, "%zu", len ? len : 1));
	dt_set_header(req, "Connection", "close");
	evbuffer_remove_buffer(body, part, cut_at.given ? place(cut_at, len) : len / 2);
	evhttp_send_reply(req->http, status, NULL, part);
	evbuffer_free(part);
}

/* In a copy: the body may be a file that is mapped for reading. */
static void flip(struct dt_request *req, struct evbuffer *body)
{
	size_t len = evbuffer_get_length(body);
	size_t at = place(req->fault->flip, len);
	uint8_t *copy = ad_alloc(req->arena, len + 1);

	evbuffer_remove(body, copy, len);
	if (at < len)
		copy[at] ^= 1;
	evbuffer_add(body, copy, len);
}

/* The next bytes of an answer that has begun; its length is announced. */
static void send_more(struct dt_request *req)
{
	const struct dt_fault_plan *fault = req->fault;
	size_t left = evbuffer_get_length(req->rest);
	size_t stays = fault->stall.given ? req->stays : 0;
	size_t len = left - stays;
	struct evbuffer *piece = evbuffer_new();

	if (fault->rate && (int64_t)len > fault->rate * PIECE_MS / 1000 + 1)
		len = (size_t)(fault->rate * PIECE_MS / 1000 + 1);
	evbuffer_remove_buffer(req->rest, piece, len);
	evhttp_send_reply_chunk(req->http, piece);
	evbuffer_free(piece);
	if (left - len > stays) {
		dt_faults_delay(req->tenant->faults, req, PIECE_MS, send_more);
		return;
	}
	evbuffer_free(req->rest);
	if (stays) {
		dt_faults_hang(req->tenant->faults, req);
		return;
	}
	evhttp_send_reply_end(req->http);
	release(req);
}

static void send_slowly(struct dt_request *req, int status, struct evbuffer *body)
{
	size_t len = evbuffer_get_length(body);

	req->rest = evbuffer_new();
	req->stays = len - place(req->fault->stall, len);
	evbuffer_add_buffer(req->rest, body);
	dt_set_header(req, "Content-Length", ad_printf(req->arena, "%zu", len));
	evhttp_send_reply_start(req->http, status, NULL);
	send_more(req);
}

/* HEAD is answered by its GET handler; evhttp itself would send the body. */
static void drop_head_body(struct dt_request *req, struct evbuffer *body)
{
	size_t len = evbuffer_get_length(body);

	if (!ad_text_eq(req->method, "HEAD") || !len)
		return;
	dt_set_header(req, "Content-Length", ad_printf(req->arena, "%zu", len));
	evbuffer_drain(body, len);
}

/* The one place where an answer leaves, unless a fault after the fact spoils it. */
static void finish(struct dt_request *req, int status, struct evbuffer *body)
{
	const struct dt_fault_plan *fault = req->fault;

	AD_ASSERT(req->http);
	if (fault && fault->after) {
		struct dt_fault_plan *now = ad_memdup(req->arena, fault, sizeof(*fault));

		now->after = false;
		req->fault = now;
		if (fault->hang) {
			dt_calls_add(req->tenant->calls, req, 0);
			dt_faults_hang(req->tenant->faults, req);
			return;
		}
		if (fault->cut == DT_CUT_BEFORE) {
			dt_reply_cut(req);
			return;
		}
		if (fault->status) {
			dt_reply_error(req, fault->status, NULL, "fault on order");
			return;
		}
	}
	dt_calls_add(req->tenant->calls, req, status);
	drop_head_body(req, body);
	if (fault && fault->flip.given)
		flip(req, body);
	if (fault && (fault->stall.given || fault->rate) && evbuffer_get_length(body)) {
		send_slowly(req, status, body);
		return;
	}
	if (fault && fault->cut == DT_CUT_BODY)
		send_part(req, status, body);
	else
		evhttp_send_reply(req->http, status, NULL, body);
	release(req);
}

void dt_reply_bytes(
	struct dt_request *req, int status, const char *type, const void *data, size_t len)
{
	struct evbuffer *body = evbuffer_new();

	if (type)
		dt_set_header(req, "Content-Type", type);
	evbuffer_add(body, data, len);
	finish(req, status, body);
	evbuffer_free(body);
}

void dt_reply_json(struct dt_request *req, int status, const struct ad_json *json)
{
	const char *text = ad_json_print(req->arena, json);

	dt_reply_bytes(req, status, "application/json; charset=utf-8", text, strlen(text));
}

void dt_reply_empty(struct dt_request *req, int status)
{
	dt_reply_bytes(req, status, NULL, "", 0);
}

void dt_reply_file(struct dt_request *req, const char *type, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat facts;

	if (fd < 0 || fstat(fd, &facts) || !S_ISREG(facts.st_mode)) {
		ad_file_close_fd(&fd);
		dt_reply_error(req, 404, "NotFound", "There is no such file");
		return;
	}
	struct evbuffer *body = evbuffer_new();
	dt_set_header(req, "Content-Type", type);
	dt_set_header(
		req, "Content-Length", ad_printf(req->arena, "%lld", (long long)facts.st_size));
	if (ad_text_eq(req->method, "HEAD"))
		ad_file_close_fd(&fd);
	else /* the buffer closes it */
		evbuffer_add_file(body, fd, 0, facts.st_size);
	finish(req, 200, body);
	evbuffer_free(body);
}

static struct ad_json *graph_error(struct dt_request *req, const char *code, const char *message)
{
	struct ad_arena *arena = req->arena;
	struct ad_json *body = ad_json_new_object(arena);
	struct ad_json *error = ad_json_new_object(arena);
	struct ad_json *inner = ad_json_new_object(arena);

	ad_json_set_str(arena, error, "code", code);
	ad_json_set_str(arena, error, "message", message);
	if (req->surface != DT_SURFACE_CONNECTOR) {
		ad_json_set_str(arena, inner, "date", dt_now(arena));
		ad_json_set_str(arena, inner, "request-id", dt_guid(arena));
		ad_json_set(arena, error, "innerError", inner);
	}
	ad_json_set(arena, body, "error", error);
	return body;
}

/* The codes that a surface itself uses for a status that was only ordered. */
static const char *usual_code(const struct dt_request *req, int status)
{
	bool graph = req->surface == DT_SURFACE_GRAPH;

	switch (status) {
	case 401:
		return graph ? "InvalidAuthenticationToken" : "Unauthorized";
	case 403:
		return graph ? "Authorization_RequestDenied" : "NotEnoughPermissions";
	case 404:
		return graph ? "Request_ResourceNotFound" : "ConversationNotFound";
	case 412:
		return "PreconditionFailed";
	case 429:
		return graph ? "TooManyRequests" : "Throttled";
	case 503:
		return graph ? "serviceNotAvailable" : "ServiceError";
	default:
		return status < 500 ? "BadRequest" : graph ? "generalException" : "ServiceError";
	}
}

static void reply_blob_error(
	struct dt_request *req, int status, const char *code, const char *message)
{
	const char *xml = ad_printf(req->arena,
		"<?xml version=\"1.0\" encoding=\"utf-8\"?><Error><Code>%s</Code>"
		"<Message>%s</Message></Error>",
		code, message);

	dt_set_header(req, "x-ms-error-code", code);
	dt_reply_bytes(req, status, "application/xml", xml, strlen(xml));
}

static void reply_plain_error(struct dt_request *req, int status, const char *message)
{
	struct ad_json *body = ad_json_new_object(req->arena);

	ad_json_set_str(req->arena, body, "error", message);
	dt_reply_json(req, status, body);
}

static void reply_token_error(
	struct dt_request *req, int status, const char *code, const char *message)
{
	struct ad_arena *arena = req->arena;
	struct ad_json *body = ad_json_new_object(arena);
	struct ad_json *codes = ad_json_new_array(arena);
	int64_t number = 0;

	/* "AADSTS7000215: Invalid client secret ..." */
	if (ad_text_starts(message, "AADSTS"))
		number = strtoll(message + strlen("AADSTS"), NULL, 10);
	ad_json_append(arena, codes, ad_json_new_int(arena, number));
	ad_json_set_str(arena, body, "error", code);
	ad_json_set_str(arena, body, "error_description", message);
	ad_json_set(arena, body, "error_codes", codes);
	ad_json_set_str(arena, body, "timestamp", dt_now(arena));
	ad_json_set_str(arena, body, "trace_id", dt_guid(arena));
	ad_json_set_str(arena, body, "correlation_id", dt_guid(arena));
	dt_reply_json(req, status, body);
}

static void set_fault_headers(struct dt_request *req)
{
	if (req->fault && req->fault->retry_after_s)
		dt_set_header(
			req, "Retry-After", ad_printf(req->arena, "%d", req->fault->retry_after_s));
}

void dt_reply_error(struct dt_request *req, int status, const char *code, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	const char *message = ad_vprintf(req->arena, fmt, args);
	va_end(args);
	if (!code)
		code = usual_code(req, status);
	set_fault_headers(req);
	if (req->fault && req->fault->body) {
		dt_reply_json(req, status, req->fault->body);
		return;
	}
	switch (req->surface) {
	case DT_SURFACE_GRAPH:
	case DT_SURFACE_CONNECTOR:
	case DT_SURFACE_VAULT:
		dt_reply_json(req, status, graph_error(req, code, message));
		break;
	case DT_SURFACE_TOKEN:
		reply_token_error(req, status, code, message);
		break;
	case DT_SURFACE_BLOB:
		reply_blob_error(req, status, code, message);
		break;
	case DT_SURFACE_OTHER:
	case DT_SURFACE_KEYS:
	case DT_SURFACE_CDN:
	case DT_SURFACE_IDENTITY:
	case DT_SURFACE_USER_TOKEN:
	case DT_SURFACE_CONTROL:
	case DT_SURFACE_BRIDGE:
	case DT_SURFACES:
		reply_plain_error(req, status, message);
		break;
	}
}
