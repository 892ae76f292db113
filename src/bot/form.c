/* SPDX-License-Identifier: Apache-2.0 */
/* The body of an HTML form. */
#include "link.h"
#include "ad/text.h"

/* Value of a hexadecimal digit, -1 for anything else. */
static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* The character at *at, which moves on to its last byte; -1 for broken percent-encoding. */
static int next(const char *text, size_t len, size_t *at)
{
	char c = text[*at];
	if (c == '+')
		return ' ';
	if (c != '%')
		return (unsigned char)c;
	int high = *at + 2 < len ? digit(text[*at + 1]) : -1;
	int low = high >= 0 ? digit(text[*at + 2]) : -1;
	*at += 2;
	return low < 0 ? -1 : high * 16 + low;
}

/* Decodes len bytes at text; NULL when they are not what a browser makes. CR LF, and a CR alone,
 * becomes LF. */
static char *decode(struct ad_arena *arena, const char *text, size_t len)
{
	char *decoded = ad_alloc(arena, len + 1);
	size_t n = 0;
	bool after_cr = false;
	for (size_t i = 0; i < len; i++) {
		int c = next(text, len, &i);
		if (c <= 0)
			return NULL;
		if (c != '\n' || !after_cr)
			decoded[n++] = (char)(c == '\r' ? '\n' : c);
		after_cr = c == '\r';
	}
	decoded[n] = '\0';
	return ad_utf8_valid(decoded, n) ? decoded : NULL;
}

int ad_form_field(struct ad_arena *arena, const char *body, size_t len, const char *name,
	const char **ret, struct ad_err *err)
{
	const char *found = NULL;
	for (size_t at = 0; at < len;) {
		const char *pair = body + at;
		const char *amp = memchr(pair, '&', len - at);
		size_t pair_len = amp ? (size_t)(amp - pair) : len - at;
		const char *equals = memchr(pair, '=', pair_len);
		size_t name_len = equals ? (size_t)(equals - pair) : pair_len;
		size_t skip = equals ? name_len + 1 : name_len;
		const char *key = decode(arena, pair, name_len);
		const char *value = decode(arena, pair + skip, pair_len - skip);
		if (!key || !value)
			return AD_FAIL(err, AD_EINVAL, "the form is not properly encoded");
		if (ad_text_eq(key, name) && found)
			return AD_FAIL(err, AD_EINVAL, "the form has the field '%s' twice", name);
		if (ad_text_eq(key, name))
			found = value;
		at += pair_len + 1;
	}
	*ret = found;
	return 0;
}
