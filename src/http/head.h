/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Strict HTTP/1.1 message heads (RFC 9112). Pure: bytes in, struct or status out. Whatever two
 * parsers could read differently is refused: bare LF, NUL, folded lines, space before a colon,
 * repeated framing headers, Content-Length together with Transfer-Encoding, numbers with signs.
 */
#ifndef AD_HTTP_HEAD_H
#define AD_HTTP_HEAD_H

#include "ad/arena.h"
#include "ad/http.h"

#include <sys/types.h>

struct ad_http_head {
	const char *method;
	const char *path;  /* percent-encoding untouched; "/" when the target has none */
	const char *query; /* or NULL */
	int minor;         /* of HTTP/1.x */
	struct ad_http_header *headers;
	size_t headers_count;
	/* Those that may occur once only; NULL when absent. */
	const char *host;
	const char *authorization;
	const char *content_type;
	const char *content_length;
	const char *transfer_encoding;
	const char *expect;
	const char *authority; /* of a target in absolute form; NULL: the usual form */
	int64_t body_len;      /* 0 without a body; -1 when chunked */
	bool keep_alive;
	bool framing; /* refused, because nobody can be sure where the body ends */
};

/* A name of a method or a header (RFC 9110 section 5.6.2); not empty. */
bool ad_http_is_token(const char *text, size_t len);

#define AD_HTTP_HEAD_BROKEN (-1) /* a byte that no head may hold */

/* Length of the head at the start of data, its empty line included; 0 when more bytes are needed;
 * AD_HTTP_HEAD_BROKEN. scanned is 0 at first and remembers how far the search came. */
ssize_t ad_http_head_find(const char *data, size_t len, size_t *scanned);

/* Parses a whole head. 0, or the HTTP status of the refusal. Copies into the arena. */
int ad_http_head_parse(
	struct ad_arena *arena, const char *data, size_t len, struct ad_http_head *ret);

#endif
