/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Requests on a stream. The first byte chooses where the stream is cut: read in pieces or at once,
 * the same requests with the same bodies must come out, or the same refusal.
 */
#include "fuzz.h"

#include "body.h"
#include "head.h"

#define BODY_MAX 4096
#define EVENTS_MAX 64

/* What came out: a line of numbers and a digest of the bodies, comparable as a whole. */
struct story {
	size_t count;
	int event[EVENTS_MAX];      /* status of a refusal; 200 for a whole request */
	int64_t length[EVENTS_MAX]; /* of its body */
	uint32_t sum[EVENTS_MAX];   /* of method, path and body */
};

struct reader {
	const char *data;
	size_t have; /* bytes that have come so far */
	size_t at;
	size_t scanned;
	bool in_body;
	bool over; /* refused: the connection would be closed */
	struct ad_http_head head;
	struct ad_http_body body;
	struct ad_buf content;
	struct story story;
};

static uint32_t add_sum(uint32_t sum, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		sum = (sum ^ (unsigned char)text[i]) * 16777619u;
	return sum;
}

static void tell(struct reader *r, int event)
{
	struct story *s = &r->story;
	if (s->count < EVENTS_MAX) {
		s->event[s->count] = event;
		if (event == 200) {
			uint32_t sum = add_sum(2166136261u, r->head.method, strlen(r->head.method));
			sum = add_sum(sum, r->head.path, strlen(r->head.path));
			s->sum[s->count] = add_sum(sum, ad_buf_str(&r->content), r->content.len);
			s->length[s->count] = (int64_t)r->content.len;
		}
		s->count++;
	}
	r->over |= event != 200;
}

/* What is accepted can be read in one way only. */
static void check_head(const struct ad_http_head *head)
{
	AD_ASSERT(head->path[0] == '/' && strlen(head->path) <= AD_HTTP_PATH_MAX);
	AD_ASSERT(head->headers_count <= AD_HTTP_HEADERS_MAX);
	AD_ASSERT(!head->transfer_encoding || (!head->content_length && head->body_len == -1));
	AD_ASSERT(head->minor == 0 || head->host);
	for (size_t i = 0; i < head->headers_count; i++) {
		AD_ASSERT(head->headers[i].name[0] && !strpbrk(head->headers[i].name, " \t:\r\n"));
		AD_ASSERT(!strpbrk(head->headers[i].value, "\r\n"));
	}
}

/* One step; false when more bytes are needed. */
static bool step(struct ad_arena *arena, struct reader *r)
{
	const char *data = r->data + r->at;
	size_t len = r->have - r->at;
	if (!r->in_body) {
		ssize_t head = ad_http_head_find(data, len, &r->scanned);
		int status = head == AD_HTTP_HEAD_BROKEN ? 400 : 0;
		if (head == 0)
			return false;
		if (head > 0)
			status = ad_http_head_parse(arena, data, (size_t)head, &r->head);
		if (status != 0) {
			tell(r, status);
			return false;
		}
		check_head(&r->head);
		r->scanned = 0;
		r->at += (size_t)head;
		r->in_body = true;
		ad_buf_clear(&r->content);
		ad_http_body_init(&r->body, r->head.body_len, BODY_MAX);
		return true;
	}
	size_t used = 0;
	int status = ad_http_body_feed(&r->body, data, len, &used, &r->content);
	AD_ASSERT(used <= len);
	r->at += used;
	if (status != 0) {
		tell(r, status);
	} else if (r->body.state == AD_HTTP_BODY_DONE) {
		AD_ASSERT(r->head.body_len < 0 || r->head.body_len == (int64_t)r->content.len);
		tell(r, 200);
		r->in_body = false;
		return true;
	}
	return false;
}

/* piece 0: all at once. */
static void read_all(const char *data, size_t size, size_t piece, struct story *ret)
{
	struct ad_arena *arena = ad_arena_new();
	struct reader r = { .data = data };
	ad_buf_init(&r.content, BODY_MAX);
	while (r.have < size && !r.over) {
		r.have = piece == 0 || size - r.have < piece ? size : r.have + piece;
		while (!r.over && step(arena, &r))
			;
	}
	*ret = r.story;
	ad_buf_release(&r.content);
	ad_arena_free(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct story whole;
	struct story cut;
	if (size < 1)
		return 0;
	read_all((const char *)data + 1, size - 1, 0, &whole);
	read_all((const char *)data + 1, size - 1, 1 + data[0] % 31u, &cut);
	AD_ASSERT(memcmp(&whole, &cut, sizeof whole) == 0);
	return 0;
}
