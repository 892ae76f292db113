/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a connection must answer to a stream of bytes, worked out in the plainest way from the pure
 * parts (head, body, routes), and checked against a second, naive reading of the same bytes. One
 * stream per model; however it is cut, the answers are the same.
 */
#ifndef AD_FUZZ_HTTP_MODEL_H
#define AD_FUZZ_HTTP_MODEL_H

#include "internal.h"

#define MODEL_ROUTES 4
#define MODEL_MAX ((size_t)4 << 20) /* of what a model keeps; far above what an input can fill */

/* Without handlers. "/slow" is answered later than it is handled. */
extern const struct ad_http_route model_routes[MODEL_ROUTES];

struct model {
	struct ad_arena *arena;
	struct ad_buf in; /* the whole stream so far */
	size_t at;        /* begin of what is not used yet */
	size_t scanned;
	bool in_body;
	size_t body_at; /* begin of the body in the stream */
	struct ad_http_head head;
	struct ad_http_body body;
	struct ad_buf content;
	struct ad_buf answers;
	bool closed; /* nothing is read behind the last answer */
};

void model_start(struct model *model);
void model_feed(struct model *model, const char *data, size_t len);
void model_end(struct model *model);

/* One answer, as a line with its status and length, then its body. */
void model_add_answer(struct ad_buf *out, int status, const char *body, size_t len);
/* The body of an answer to a request: the request as it was understood. */
void model_echo(struct ad_buf *out, const struct ad_http_head *head, const char *content,
	size_t content_len);

/* How a stream is cut: by its first byte, which is no part of it. */
struct cuts {
	uint32_t state;
	size_t longest;
};
struct cuts cuts_of(uint8_t flags);
size_t cuts_next(struct cuts *cuts, size_t left);

#endif
