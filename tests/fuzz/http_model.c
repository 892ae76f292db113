/* SPDX-License-Identifier: Apache-2.0 */
/* Answers of a connection as they must be; see http_model.h. */
#include "http_model.h"

#include "ad/arena.h"
#include "ad/text.h"

#include <ctype.h>
#include <strings.h>

const struct ad_http_route model_routes[MODEL_ROUTES] = {
	{ .method = "POST",
		.path = "/api/messages",
		.authorization = true,
		.content_type = "application/json",
		.body_max = 256 },
	{ .method = "GET", .path = "/act/", .prefix = true },
	{ .method = "POST", .path = "/act/", .prefix = true, .body_max = 16 },
	{ .method = "GET", .path = "/slow" },
};

/* ---- Transcript ---- */

void model_add_answer(struct ad_buf *out, int status, const char *body, size_t len)
{
	ad_buf_addf(out, "%d %zu\n", status, len);
	ad_buf_add(out, body, len);
	AD_ASSERT(!out->overflow);
}

void model_echo(struct ad_buf *out, const struct ad_http_head *head, const char *content,
	size_t content_len)
{
	ad_buf_addf(out, "%s %s %s %d %lld\n", head->method, head->path,
		head->query ? head->query : "-", head->minor, (long long)head->body_len);
	for (size_t i = 0; i < head->headers_count; i++)
		ad_buf_addf(out, "%s: %s\n", head->headers[i].name, head->headers[i].value);
	ad_buf_add(out, content, content_len);
	AD_ASSERT(!out->overflow);
}

/* ---- The naive second reading of a head that was accepted ---- */

/* Lines whose name is this one for a reader that overlooks case and blanks. */
static unsigned count_lines(const char *data, size_t len, const char *name)
{
	unsigned count = 0;
	size_t matched = 0;
	bool may_match = false; /* the request line is no header */
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)data[i];
		if (c == '\n') {
			may_match = true;
			matched = 0;
		} else if (!may_match || c <= ' ') {
			continue;
		} else if (!name[matched] && c == ':') {
			count++;
			may_match = false;
		} else if (tolower(c) == name[matched]) {
			matched++;
		} else {
			may_match = false;
		}
	}
	return count;
}

static void check_lines(const char *data, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		AD_ASSERT(data[i] != '\0');
		AD_ASSERT(data[i] != '\r' || (i + 1 < len && data[i + 1] == '\n'));
		AD_ASSERT(data[i] != '\n' || (i > 0 && data[i - 1] == '\r'));
	}
}

static void check_framing(const struct ad_http_head *head, const char *data, size_t len)
{
	static const char *const once[] = { "host", "authorization", "content-type",
		"content-length", "transfer-encoding", "expect" };
	for (size_t i = 0; i < sizeof once / sizeof once[0]; i++)
		AD_ASSERT(count_lines(data, len, once[i]) <= 1);
	unsigned counted = count_lines(data, len, "content-length");
	unsigned chunked = count_lines(data, len, "transfer-encoding");
	AD_ASSERT(counted + chunked <= 1);
	AD_ASSERT((head->body_len < 0) == (chunked == 1));
	AD_ASSERT(!chunked ||
		  (head->minor == 1 && strcasecmp(head->transfer_encoding, "chunked") == 0));
	AD_ASSERT(counted || chunked || head->body_len == 0);
	if (counted)
		AD_ASSERT(strtoll(head->content_length, NULL, 10) == head->body_len);
	AD_ASSERT(strcmp(head->method, "POST") != 0 || counted || chunked);
	AD_ASSERT(head->minor == 0 || (head->host && *head->host));
	AD_ASSERT(!head->authority || ad_text_eq_nocase(head->authority, head->host));
	AD_ASSERT(head->path[0] == '/');
}

/* Written down again by the book, the head reads the same. */
static void check_written_again(struct ad_arena *arena, const struct ad_http_head *head)
{
	struct ad_http_head again;
	struct ad_buf text;
	struct ad_buf echo[2];
	ad_buf_init(&text, MODEL_MAX);
	ad_buf_addf(&text, "%s %s%s%s%s%s HTTP/1.%d\r\n", head->method,
		head->authority ? "http://" : "", head->authority ? head->authority : "",
		head->path, head->query ? "?" : "", head->query ? head->query : "", head->minor);
	for (size_t i = 0; i < head->headers_count; i++)
		ad_buf_addf(&text, "%s: %s\r\n", head->headers[i].name, head->headers[i].value);
	ad_buf_adds(&text, "\r\n");
	size_t scanned = 0;
	AD_ASSERT(ad_http_head_find(text.data, text.len, &scanned) == (ssize_t)text.len);
	AD_ASSERT(ad_http_head_parse(arena, text.data, text.len, &again) == 0);
	AD_ASSERT(again.keep_alive == head->keep_alive);
	ad_buf_init(&echo[0], MODEL_MAX);
	ad_buf_init(&echo[1], MODEL_MAX);
	model_echo(&echo[0], head, "", 0);
	model_echo(&echo[1], &again, "", 0);
	AD_ASSERT(strcmp(ad_buf_str(&echo[0]), ad_buf_str(&echo[1])) == 0);
	ad_buf_release(&echo[0]);
	ad_buf_release(&echo[1]);
	ad_buf_release(&text);
}

/* ---- The naive second reading of a chunked body that was accepted ---- */

static size_t end_of_line(const char *data, size_t at, size_t len)
{
	const char *end = memmem(data + at, len - at, "\r\n", 2);
	AD_ASSERT(end != NULL);
	return (size_t)(end - data) + 2;
}

static void check_chunks(const char *data, size_t len, const struct ad_buf *content)
{
	size_t done = 0;
	size_t at = 0;
	for (;;) {
		AD_ASSERT(at < len && isxdigit((unsigned char)data[at]));
		size_t size = strtoull(data + at, NULL, 16);
		at = end_of_line(data, at, len);
		if (size == 0)
			break;
		AD_ASSERT(size <= content->len - done && size + 2 <= len - at);
		AD_ASSERT(memcmp(content->data + done, data + at, size) == 0);
		AD_ASSERT(memcmp(data + at + size, "\r\n", 2) == 0);
		done += size;
		at += size + 2;
	}
	AD_ASSERT(done == content->len);
	while (data[at] != '\r')
		at = end_of_line(data, at, len);
	AD_ASSERT(at + 2 == len && data[at + 1] == '\n');
}

/* ---- Steps ---- */

static void refuse(struct model *model, int status)
{
	AD_ASSERT(status >= 400 && status <= 505);
	model_add_answer(&model->answers, status, "", 0);
	model->closed = true;
}

static bool step_head(struct model *model)
{
	struct ad_http_verdict verdict;
	const char *data = model->in.data + model->at;
	ssize_t len = ad_http_head_find(data, model->in.len - model->at, &model->scanned);
	if (len == 0)
		return false;
	model->scanned = 0;
	int status = len == AD_HTTP_HEAD_BROKEN ? 400
		     : len > (ssize_t)AD_HTTP_HEAD_MAX
			     ? 431
			     : ad_http_head_parse(model->arena, data, (size_t)len, &model->head);
	if (status == 0) {
		check_lines(data, (size_t)len);
		check_framing(&model->head, data, (size_t)len);
		check_written_again(model->arena, &model->head);
		ad_http_route_find(model_routes, MODEL_ROUTES, &model->head, &verdict);
		AD_ASSERT((verdict.route == NULL) == (verdict.status != 0));
		status = verdict.status;
	}
	if (status != 0) {
		refuse(model, status);
		return false;
	}
	size_t max = verdict.route->body_max ? verdict.route->body_max : AD_HTTP_BODY_MAX;
	ad_buf_init(&model->content, max);
	ad_http_body_init(&model->body, model->head.body_len, max);
	model->at += (size_t)len;
	model->body_at = model->at;
	model->in_body = true;
	return true;
}

static void end_request(struct model *model)
{
	struct ad_buf echo;
	if (model->head.body_len < 0)
		check_chunks(model->in.data + model->body_at, model->at - model->body_at,
			&model->content);
	else
		AD_ASSERT(model->content.len == (size_t)model->head.body_len);
	ad_buf_init(&echo, MODEL_MAX);
	model_echo(&echo, &model->head, ad_buf_str(&model->content), model->content.len);
	model_add_answer(&model->answers, 200, echo.data, echo.len);
	ad_buf_release(&echo);
	ad_buf_release(&model->content);
	model->in_body = false;
	model->closed = !model->head.keep_alive;
}

static bool step_body(struct model *model)
{
	size_t used = 0;
	size_t left = model->in.len - model->at;
	int status = ad_http_body_feed(
		&model->body, model->in.data + model->at, left, &used, &model->content);
	AD_ASSERT(used <= left);
	model->at += used;
	if (status != 0)
		refuse(model, status);
	else if (model->body.state == AD_HTTP_BODY_DONE)
		end_request(model);
	else
		AD_ASSERT(used == left);
	return !model->in_body;
}

void model_start(struct model *model)
{
	*model = (struct model){ .arena = ad_arena_new() };
	ad_buf_init(&model->in, MODEL_MAX);
	ad_buf_init(&model->answers, MODEL_MAX);
}

void model_feed(struct model *model, const char *data, size_t len)
{
	AD_ASSERT(ad_buf_add(&model->in, data, len));
	while (!model->closed && (model->in_body ? step_body(model) : step_head(model)))
		;
}

void model_end(struct model *model)
{
	ad_buf_release(&model->in);
	ad_buf_release(&model->content);
	ad_buf_release(&model->answers);
	ad_arena_free(model->arena);
}

/* ---- Cuts ---- */

struct cuts cuts_of(uint8_t flags)
{
	return (struct cuts){ .state = flags * 2654435761u + 1, .longest = flags & 64 ? 16 : 512 };
}

size_t cuts_next(struct cuts *cuts, size_t left)
{
	cuts->state = cuts->state * 1664525u + 1013904223u;
	size_t len = 1 + (cuts->state >> 16) % cuts->longest;
	return len < left ? len : left;
}
