/* SPDX-License-Identifier: Apache-2.0 */
/* Growing byte buffer with a maximum that it never passes. */
#include "ad/buf.h"
#include "ad/arena.h"
#include "ad/err.h"

#include <stdarg.h>
#include <stdint.h>

#define FIRST_SIZE ((size_t)256)

void ad_buf_init(struct ad_buf *buf, size_t max)
{
	AD_ASSERT(max < SIZE_MAX / 4);
	*buf = (struct ad_buf){ .max = max };
}

void ad_buf_release(struct ad_buf *buf)
{
	free(buf->data);
	ad_buf_init(buf, buf->max);
}

void ad_buf_clear(struct ad_buf *buf)
{
	buf->len = 0;
	buf->overflow = false;
	if (buf->data)
		buf->data[0] = '\0';
}

void ad_buf_cut(struct ad_buf *buf, size_t len)
{
	AD_ASSERT(len <= buf->len);
	buf->len = len;
	if (buf->data)
		buf->data[len] = '\0';
}

/* Room for len more bytes and the NUL. */
static bool reserve(struct ad_buf *buf, size_t len)
{
	if (buf->overflow || len > buf->max - buf->len) {
		buf->overflow = true;
		return false;
	}
	size_t need = buf->len + len + 1;
	if (need <= buf->cap)
		return true;
	size_t cap = buf->cap ? buf->cap * 2 : FIRST_SIZE;
	cap = cap < need ? need : cap;
	char *data = realloc(buf->data, cap);
	AD_ASSERT(data != NULL);
	buf->data = data;
	buf->cap = cap;
	return true;
}

bool ad_buf_add(struct ad_buf *buf, const void *data, size_t len)
{
	if (!reserve(buf, len))
		return false;
	if (len > 0)
		memcpy(buf->data + buf->len, data, len);
	buf->len += len;
	buf->data[buf->len] = '\0';
	return true;
}

bool ad_buf_adds(struct ad_buf *buf, const char *text)
{
	return ad_buf_add(buf, text, strlen(text));
}

bool ad_buf_addc(struct ad_buf *buf, char c)
{
	if (!reserve(buf, 1))
		return false;
	buf->data[buf->len++] = c;
	buf->data[buf->len] = '\0';
	return true;
}

bool ad_buf_addf(struct ad_buf *buf, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	int len = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	AD_ASSERT(len >= 0);
	if (!reserve(buf, (size_t)len))
		return false;
	va_start(args, fmt);
	(void)vsnprintf(buf->data + buf->len, (size_t)len + 1, fmt, args);
	va_end(args);
	buf->len += (size_t)len;
	return true;
}

const char *ad_buf_str(const struct ad_buf *buf)
{
	return buf->data ? buf->data : "";
}

char *ad_buf_detach(struct ad_buf *buf)
{
	char *data = buf->data ? buf->data : ad_xstrdup("");
	buf->data = NULL;
	ad_buf_init(buf, buf->max);
	return data;
}
