/* SPDX-License-Identifier: Apache-2.0 */
/* Comparisons, numbers, hex and URL text. UTF-8 is in utf8.c, base64 in base64.c. */
#include "ad/text.h"
#include "ad/buf.h"

#include <ctype.h>
#include <errno.h>

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

bool ad_text_eq(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

bool ad_text_eq_nocase(const char *a, const char *b)
{
	if (!a || !b)
		return a == b;
	while (*a && lower(*a) == lower(*b)) {
		a++;
		b++;
	}
	return lower(*a) == lower(*b);
}

bool ad_text_starts(const char *text, const char *prefix)
{
	return text && strncmp(text, prefix, strlen(prefix)) == 0;
}

bool ad_text_ends(const char *text, const char *suffix)
{
	if (!text)
		return false;
	size_t len = strlen(text);
	size_t tail = strlen(suffix);
	return len >= tail && strcmp(text + len - tail, suffix) == 0;
}

bool ad_text_empty(const char *text)
{
	return !text || !*text;
}

char *ad_text_lower(struct ad_arena *arena, const char *text)
{
	char *copy = ad_strdup(arena, text);
	for (char *p = copy; p && *p; p++)
		*p = lower(*p);
	return copy;
}

char *ad_text_trim(struct ad_arena *arena, const char *text)
{
	while (is_space(*text))
		text++;
	size_t len = strlen(text);
	while (len > 0 && is_space(text[len - 1]))
		len--;
	return ad_strndup(arena, text, len);
}

int ad_text_i64(const char *text, int64_t min, int64_t max, int64_t *ret)
{
	if (ad_text_empty(text) || !(isdigit((unsigned char)*text) || *text == '-'))
		return AD_EINVAL;
	char *end;
	errno = 0;
	long long number = strtoll(text, &end, 10);
	if (errno != 0 || *end || number < min || number > max)
		return AD_EINVAL;
	*ret = number;
	return 0;
}

bool ad_text_is_guid(const char *text)
{
	if (!text || strlen(text) != 36)
		return false;
	for (int i = 0; i < 36; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;
		if (dash ? text[i] != '-' : !isxdigit((unsigned char)text[i]))
			return false;
	}
	return true;
}

void ad_hex_encode(const void *data, size_t len, char *ret)
{
	static const char digits[] = "0123456789abcdef";
	const uint8_t *bytes = data;
	for (size_t i = 0; i < len; i++) {
		ret[2 * i] = digits[bytes[i] >> 4];
		ret[2 * i + 1] = digits[bytes[i] & 15];
	}
	ret[2 * len] = '\0';
}

char *ad_hex(struct ad_arena *arena, const void *data, size_t len)
{
	char *text = ad_alloc(arena, 2 * len + 1);
	ad_hex_encode(data, len, text);
	return text;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int ad_hex_decode(const char *text, void *ret, size_t len)
{
	uint8_t *bytes = ret;
	if (!text || strlen(text) != 2 * len)
		return AD_EINVAL;
	for (size_t i = 0; i < 2 * len; i++) {
		if (hex_digit(text[i]) < 0)
			return AD_EINVAL;
	}
	for (size_t i = 0; i < len; i++)
		bytes[i] = (uint8_t)(hex_digit(text[2 * i]) << 4 | hex_digit(text[2 * i + 1]));
	return 0;
}

char *ad_url_segment(struct ad_arena *arena, const char *text)
{
	static const char digits[] = "0123456789ABCDEF";
	char *encoded = ad_alloc(arena, 3 * strlen(text) + 1);
	char *out = encoded;
	for (const char *p = text; *p; p++) {
		unsigned char c = (unsigned char)*p;
		if (c < 0x80 && (isalnum(c) || strchr("-._~", c))) {
			*out++ = *p;
			continue;
		}
		*out++ = '%';
		*out++ = digits[c >> 4];
		*out++ = digits[c & 15];
	}
	return encoded;
}
