/* SPDX-License-Identifier: Apache-2.0 */
/* Counted and chunked bodies; see body.h. */
#include "body.h"

#include "head.h"

#include <string.h>

#define SIZE_DIGITS_MAX 8
#define TRAILERS_MAX 16

void ad_http_body_init(struct ad_http_body *body, int64_t len, size_t max)
{
	*body = (struct ad_http_body){ .chunked = len < 0, .room = max };
	if (len < 0)
		body->state = AD_HTTP_BODY_SIZE;
	else if (len == 0)
		body->state = AD_HTTP_BODY_DONE;
	else
		body->remaining = (uint64_t)len;
}

static int end_size_line(struct ad_http_body *body)
{
	static const char digits[] = "0123456789abcdefABCDEF";
	size_t count = strspn(body->line, digits);
	if (count == 0 || count > SIZE_DIGITS_MAX)
		return 400;
	if (body->line[count] != '\0' && body->line[count] != ';')
		return 400;
	body->remaining = strtoull(body->line, NULL, 16);
	if (body->remaining > body->room)
		return 413;
	body->room -= body->remaining;
	body->state = body->remaining > 0 ? AD_HTTP_BODY_DATA : AD_HTTP_BODY_TRAILER;
	return 0;
}

static int end_line(struct ad_http_body *body)
{
	int status = 0;
	if (body->state == AD_HTTP_BODY_SIZE) {
		status = end_size_line(body);
	} else if (body->state == AD_HTTP_BODY_DATA_END) {
		status = body->line_len == 0 ? 0 : 400;
		body->state = AD_HTTP_BODY_SIZE;
	} else if (body->line_len == 0) {
		body->state = AD_HTTP_BODY_DONE;
	} else {
		const char *colon = memchr(body->line, ':', body->line_len);
		bool header = colon && ad_http_is_token(body->line, (size_t)(colon - body->line));
		status = header && ++body->trailers <= TRAILERS_MAX ? 0 : 400;
	}
	body->line_len = 0;
	return status;
}

/* One byte of a line. A CR may only be followed by LF, a LF only follow a CR. */
static int feed_line(struct ad_http_body *body, char c)
{
	bool after_cr = body->line_len > 0 && body->line[body->line_len - 1] == '\r';
	if (c == '\n') {
		if (!after_cr)
			return 400;
		body->line[--body->line_len] = '\0';
		return end_line(body);
	}
	bool control = ((unsigned char)c < 0x20 && c != '\t' && c != '\r') || c == 0x7f;
	if (after_cr || control || body->line_len + 1 >= sizeof body->line)
		return 400;
	body->line[body->line_len++] = c;
	return 0;
}

/* Takes as much content as there is; returns the bytes used. */
static size_t feed_data(struct ad_http_body *body, const char *data, size_t len, struct ad_buf *out)
{
	size_t take = body->remaining < len ? (size_t)body->remaining : len;
	(void)ad_buf_add(out, data, take); /* the caller looks at overflow */
	body->remaining -= take;
	if (body->remaining == 0)
		body->state = body->chunked ? AD_HTTP_BODY_DATA_END : AD_HTTP_BODY_DONE;
	return take;
}

int ad_http_body_feed(struct ad_http_body *body, const char *data, size_t len, size_t *ret_used,
	struct ad_buf *out)
{
	size_t used = 0;
	int status = 0;
	while (used < len && body->state != AD_HTTP_BODY_DONE && status == 0) {
		if (body->state == AD_HTTP_BODY_DATA) {
			used += feed_data(body, data + used, len - used, out);
			status = out->overflow ? 413 : 0;
		} else {
			status = feed_line(body, data[used]);
			used++;
		}
	}
	*ret_used = used;
	return status;
}
