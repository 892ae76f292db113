/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Request bodies: counted or chunked (RFC 9112 section 7.1). Pure: bytes in, content out. Chunk
 * sizes are bare hex digits, lines end in CR LF, trailers have the form of headers; what extensions
 * and trailers say is read over.
 */
#ifndef AD_HTTP_BODY_H
#define AD_HTTP_BODY_H

#include "ad/buf.h"

#include <stdint.h>

enum ad_http_body_state {
	AD_HTTP_BODY_DATA = 0, /* remaining bytes of content follow */
	AD_HTTP_BODY_SIZE,     /* in a chunk's size line */
	AD_HTTP_BODY_DATA_END, /* in the line end behind a chunk */
	AD_HTTP_BODY_TRAILER,  /* in a line behind the last chunk */
	AD_HTTP_BODY_DONE
};

struct ad_http_body {
	enum ad_http_body_state state;
	bool chunked;
	uint64_t remaining;
	uint64_t room;  /* for content that has not been announced yet */
	char line[256]; /* the size, end or trailer line so far */
	size_t line_len;
	unsigned trailers;
};

/* len as of ad_http_head: -1 is chunked, and then at most max bytes. A body of length 0 is done at
 * once. */
void ad_http_body_init(struct ad_http_body *body, int64_t len, size_t max);

/* Appends content to out and says how many of the len bytes were used. 0: more bytes are needed, or
 * the body is done (state) and the rest belongs to the next request. Otherwise the HTTP status of a
 * refusal: 400, or 413 when more is announced than may be, or out is full. */
int ad_http_body_feed(struct ad_http_body *body, const char *data, size_t len, size_t *ret_used,
	struct ad_buf *out);

#endif
