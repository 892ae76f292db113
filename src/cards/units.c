/* SPDX-License-Identifier: Apache-2.0 */
/* UTF-16 and back, and case mapping by ICU. */
#include "units.h"

#include <unicode/uchar.h>
#include <unicode/ustring.h>

/* One code point (or lone surrogate) of WTF-8; the text is well-formed. */
static size_t next(const char *text, size_t left, uint32_t *ret)
{
	const unsigned char *p = (const unsigned char *)text;
	if (p[0] < 0x80 || left < 2) {
		*ret = p[0];
		return 1;
	}
	if (p[0] < 0xE0 || left < 3) {
		*ret = (p[0] & 0x1Fu) << 6 | (p[1] & 0x3Fu);
		return 2;
	}
	if (p[0] < 0xF0 || left < 4) {
		*ret = (p[0] & 0x0Fu) << 12 | (p[1] & 0x3Fu) << 6 | (p[2] & 0x3Fu);
		return 3;
	}
	*ret = (p[0] & 0x07u) << 18 | (p[1] & 0x3Fu) << 12 | (p[2] & 0x3Fu) << 6 | (p[3] & 0x3Fu);
	return 4;
}

size_t ad_units_count(const struct ad_string *text)
{
	size_t count = 0;
	for (size_t i = 0; i < text->len; i++) {
		unsigned char c = (unsigned char)text->text[i];
		count += (c & 0xC0) != 0x80;
		count += c >= 0xF0;
	}
	return count;
}

struct ad_units ad_units_of(struct ad_arena *arena, const struct ad_string *text)
{
	struct ad_units units = { .unit = ad_alloc_array(arena, text->len + 1, sizeof(uint16_t)) };
	for (size_t at = 0; at < text->len;) {
		uint32_t code;
		at += next(text->text + at, text->len - at, &code);
		if (code > 0xFFFF) {
			units.unit[units.count++] = (uint16_t)(0xD7C0 + (code >> 10));
			code = 0xDC00 | (code & 0x3FF);
		}
		units.unit[units.count++] = (uint16_t)code;
	}
	return units;
}

int ad_units_compare(struct ad_arena *arena, const struct ad_string *a, const struct ad_string *b)
{
	struct ad_units left = ad_units_of(arena, a), right = ad_units_of(arena, b);
	for (size_t i = 0; i < left.count && i < right.count; i++) {
		if (left.unit[i] != right.unit[i])
			return left.unit[i] < right.unit[i] ? -1 : 1;
	}
	return (left.count > right.count) - (left.count < right.count);
}

static size_t put(char *out, uint32_t code)
{
	if (code < 0x80) {
		out[0] = (char)code;
		return 1;
	}
	if (code < 0x800) {
		out[0] = (char)(0xC0 | code >> 6);
		out[1] = (char)(0x80 | (code & 0x3F));
		return 2;
	}
	if (code < 0x10000) {
		out[0] = (char)(0xE0 | code >> 12);
		out[1] = (char)(0x80 | (code >> 6 & 0x3F));
		out[2] = (char)(0x80 | (code & 0x3F));
		return 3;
	}
	out[0] = (char)(0xF0 | code >> 18);
	out[1] = (char)(0x80 | (code >> 12 & 0x3F));
	out[2] = (char)(0x80 | (code >> 6 & 0x3F));
	out[3] = (char)(0x80 | (code & 0x3F));
	return 4;
}

static bool is_pair(const uint16_t *unit)
{
	return (unit[0] & 0xFC00) == 0xD800 && (unit[1] & 0xFC00) == 0xDC00;
}

struct ad_value ad_units_value(struct ad_arena *arena, const uint16_t *unit, size_t count)
{
	char *text = ad_alloc(arena, 3 * count + 1);
	size_t len = 0;
	for (size_t i = 0; i < count; i++) {
		uint32_t code = unit[i];
		if (i + 1 < count && is_pair(unit + i)) {
			code = 0x10000 + ((code & 0x3FF) << 10) + (unit[i + 1] & 0x3FF);
			i++;
		}
		len += put(text + len, code);
	}
	return ad_value_string(text, len);
}

void ad_units_join(struct ad_buf *out, const char *text, size_t len)
{
	const unsigned char *p = (const unsigned char *)text;
	if (len < 3 || p[0] != 0xED || p[1] < 0xB0 || out->len < 3) {
		(void)ad_buf_add(out, text, len);
		return;
	}
	const unsigned char *before = (const unsigned char *)out->data + out->len - 3;
	if (before[0] != 0xED || before[1] < 0xA0 || before[1] > 0xAF) {
		(void)ad_buf_add(out, text, len);
		return;
	}
	uint32_t high = (before[1] & 0x0Fu) << 6 | (before[2] & 0x3Fu);
	uint32_t low = (p[1] & 0x0Fu) << 6 | (p[2] & 0x3Fu);
	char joined[4];
	(void)put(joined, 0x10000 + (high << 10) + low);
	out->len -= 3;
	(void)ad_buf_add(out, joined, sizeof joined);
	(void)ad_buf_add(out, text + 3, len - 3);
}

struct ad_string ad_units_utf8(struct ad_arena *arena, const struct ad_string *text)
{
	char *copy = ad_memdup(arena, text->text, text->len + 1);
	for (size_t i = 0; i + 2 < text->len; i++) {
		const unsigned char *p = (const unsigned char *)copy + i;
		if (p[0] == 0xED && p[1] >= 0xA0)
			memcpy(copy + i, "\xEF\xBF\xBD", 3);
	}
	return (struct ad_string){ copy, text->len };
}

bool ad_unit_is_space(uint16_t unit)
{
	return (unit >= 9 && unit <= 13) || unit == 0x20 || unit == 0xA0 || unit == 0x1680 ||
	       (unit >= 0x2000 && unit <= 0x200A) || unit == 0x2028 || unit == 0x2029 ||
	       unit == 0x202F || unit == 0x205F || unit == 0x3000 || unit == 0xFEFF;
}

/* A language tag as JavaScript takes it, roughly: parts of 1 to 8 letters and digits, the first of
 * 2, 3 or 5 to 8 letters. */
static bool is_language(const char *tag)
{
	size_t part = strcspn(tag, "-");
	if (part < 2 || part == 4 || part > 8)
		return false;
	if (strspn(tag, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") < part)
		return false;
	for (tag += part; *tag == '-'; tag += part) {
		tag++;
		part = strspn(
			tag, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");
		if (part == 0 || part > 8)
			return false;
	}
	return *tag == '\0';
}

bool ad_units_map(struct ad_arena *arena, enum ad_units_case to, const char *locale,
	struct ad_units text, struct ad_units *ret)
{
	if (*locale && !is_language(locale))
		return false;
	int32_t room = (int32_t)(3 * text.count + 1); /* no character grows more than threefold */
	UErrorCode status = U_ZERO_ERROR;
	ret->unit = ad_alloc_array(arena, (size_t)room, sizeof(uint16_t));
	int32_t count = (to == AD_LOWER ? u_strToLower : u_strToUpper)(
		ret->unit, room, text.unit, (int32_t)text.count, locale, &status);
	ret->count = U_SUCCESS(status) ? (size_t)count : 0;
	return U_SUCCESS(status);
}
