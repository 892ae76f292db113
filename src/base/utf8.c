/* SPDX-License-Identifier: Apache-2.0 */
/* UTF-8: checking, counting as Teams counts, cutting and cleaning of what people wrote. */
#include "ad/buf.h"
#include "ad/text.h"

#define REPLACEMENT "\xEF\xBF\xBD" /* U+FFFD */
#define ELLIPSIS "\xE2\x80\xA6"    /* U+2026 */

/* Bytes of the character at p (at most left), 0 when it is not valid; its code point in *ret. */
static size_t decode_one(const unsigned char *p, size_t left, uint32_t *ret)
{
	static const uint32_t smallest[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t len = p[0] < 0x80 ? 1 : p[0] < 0xC0 ? 0 : p[0] < 0xE0 ? 2 : p[0] < 0xF0 ? 3 : 4;
	if (len == 0 || len > left || p[0] > 0xF4)
		return 0;
	uint32_t c = len == 1 ? p[0] : p[0] & (0xFFu >> (len + 1));
	for (size_t i = 1; i < len; i++) {
		if ((p[i] & 0xC0) != 0x80)
			return 0;
		c = c << 6 | (p[i] & 0x3F);
	}
	if (c < smallest[len] || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF))
		return 0;
	*ret = c;
	return len;
}

size_t ad_utf8_next(const char *data, size_t len, uint32_t *ret)
{
	return len > 0 ? decode_one((const unsigned char *)data, len, ret) : 0;
}

bool ad_utf8_valid(const char *data, size_t len)
{
	const unsigned char *p = (const unsigned char *)data;
	uint32_t c;
	while (len > 0) {
		size_t n = decode_one(p, len, &c);
		if (n == 0)
			return false;
		p += n;
		len -= n;
	}
	return true;
}

size_t ad_utf16_units(const char *text)
{
	size_t units = 0;
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;
		units += (c & 0xC0) != 0x80; /* one for each first byte */
		units += c >= 0xF0;          /* and one more for a surrogate pair */
	}
	return units;
}

char *ad_utf8_cut(struct ad_arena *arena, const char *text, size_t max_chars)
{
	size_t chars = 0;
	size_t keep = 0; /* bytes of the first max_chars - 1 characters */
	for (const char *p = text; *p; p++) {
		if (((unsigned char)*p & 0xC0) == 0x80)
			continue;
		if (chars + 1 == max_chars)
			keep = (size_t)(p - text);
		if (++chars > max_chars)
			return ad_printf(arena, "%.*s" ELLIPSIS, (int)keep, text);
	}
	return ad_strdup(arena, text);
}

bool ad_utf8_is_hidden(uint32_t c)
{
	return c < 0x20 || (c >= 0x7F && c < 0xA0) || (c >= 0x202A && c <= 0x202E) ||
	       (c >= 0x2066 && c <= 0x2069) || c == 0x200E || c == 0x200F || c == 0x2028 ||
	       c == 0x2029 || c == 0x061C || c == 0xFEFF;
}

#define FIRST_STRONG_ISOLATE 0x2068
#define POP_DIRECTIONAL_ISOLATE 0x2069

static bool is_isolate(uint32_t c)
{
	return c == FIRST_STRONG_ISOLATE || c == POP_DIRECTIONAL_ISOLATE;
}

/* Whether each isolate of text has its end. */
static bool is_paired(const char *text, size_t len)
{
	size_t depth = 0;
	for (size_t i = 0, n; i < len; i += n ? n : 1) {
		uint32_t c = 0;
		n = decode_one((const unsigned char *)text + i, len - i, &c);
		if (c == POP_DIRECTIONAL_ISOLATE && depth == 0)
			return false;
		depth += c == FIRST_STRONG_ISOLATE;
		depth -= c == POP_DIRECTIONAL_ISOLATE;
	}
	return depth == 0;
}

static char *clean(struct ad_arena *arena, const char *text, bool keep_lines, bool keep_isolates)
{
	size_t len = strlen(text);
	char *made = ad_alloc(arena, len * 3 + 1); /* U+FFFD is three bytes */
	char *out = made;
	for (size_t i = 0, n; i < len; i += n) {
		uint32_t c = 0;
		n = decode_one((const unsigned char *)text + i, len - i, &c);
		if (n == 1 && (c == '\n' || c == '\t' || c == '\r')) {
			*out++ = c == '\n' && keep_lines ? '\n' : ' ';
		} else if (n > 0 && (!ad_utf8_is_hidden(c) || (keep_isolates && is_isolate(c)))) {
			memcpy(out, text + i, n);
			out += n;
		} else {
			memcpy(out, REPLACEMENT, 3);
			out += 3;
			n = n ? n : 1;
		}
	}
	*out = '\0';
	return made;
}

char *ad_utf8_clean(struct ad_arena *arena, const char *text, bool keep_lines)
{
	return clean(arena, text, keep_lines, false);
}

char *ad_utf8_clean_words(struct ad_arena *arena, const char *text, bool keep_lines)
{
	return clean(arena, text, keep_lines, is_paired(text, strlen(text)));
}
