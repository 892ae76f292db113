/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Growing byte buffer with a hard maximum given at the start: what passes it is not stored and the
 * buffer remembers it, so that many appends need one check at the end.
 */
#ifndef AD_BUF_H
#define AD_BUF_H

#include <stdbool.h>
#include <stddef.h>

struct ad_buf {
	char *data;    /* always NUL-terminated after the first append; may be NULL before */
	size_t len;    /* without the NUL */
	size_t cap;    /* private */
	size_t max;    /* private: len never passes this */
	bool overflow; /* an append was refused; sticky until clear */
};

/* An empty buffer that refuses to hold more than max bytes. */
void ad_buf_init(struct ad_buf *buf, size_t max);

/* Frees the memory; the struct may be initialised again. Safe on a zeroed struct. */
void ad_buf_release(struct ad_buf *buf);

/* Length 0 and no overflow, memory kept. */
void ad_buf_clear(struct ad_buf *buf);

/* Keeps the first len bytes, of at most those that are there. */
void ad_buf_cut(struct ad_buf *buf, size_t len);

/* Append; false (and nothing stored) when that would pass the maximum. */
bool ad_buf_add(struct ad_buf *buf, const void *data, size_t len);
bool ad_buf_adds(struct ad_buf *buf, const char *text);
bool ad_buf_addc(struct ad_buf *buf, char c);
bool ad_buf_addf(struct ad_buf *buf, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Never NULL: "" for an empty buffer. */
const char *ad_buf_str(const struct ad_buf *buf);

/* Hands the bytes over (free() them); the buffer is empty afterwards. "" yields an allocated "". */
char *ad_buf_detach(struct ad_buf *buf);

#endif
