/* SPDX-License-Identifier: Apache-2.0 */
/* Values as text: toString, JSON.stringify, and numbers as JavaScript prints them. */
#include "ad/text.h"
#include "units.h"
#include "value.h"

#include <inttypes.h>
#include <math.h>

#define WHOLE_MAX 1e15 /* whole numbers below it print as they are */

/* Digits and exponent to JavaScript's notation: plain from 1e-7 up to 1e21. */
static void add_decimal(struct ad_buf *out, const char *digits, int count, int point)
{
	if (point > 21 || point <= -6) {
		(void)ad_buf_addc(out, digits[0]);
		if (count > 1) {
			(void)ad_buf_addc(out, '.');
			(void)ad_buf_add(out, digits + 1, (size_t)count - 1);
		}
		(void)ad_buf_addf(out, "e%+d", point - 1);
	} else if (point <= 0) {
		(void)ad_buf_addf(out, "0.%.*s%s", -point, "000000", digits);
	} else if (point >= count) {
		(void)ad_buf_adds(out, digits);
		(void)ad_buf_addf(out, "%.*s", point - count, "000000000000000000000");
	} else {
		(void)ad_buf_add(out, digits, (size_t)point);
		(void)ad_buf_addf(out, ".%s", digits + point);
	}
}

static void add_whole(struct ad_buf *out, int64_t number)
{
	char digits[24];
	char *p = digits + sizeof digits;
	uint64_t left = number < 0 ? -(uint64_t)number : (uint64_t)number;
	do
		*--p = (char)('0' + left % 10);
	while (left /= 10);
	if (number < 0)
		*--p = '-';
	(void)ad_buf_add(out, p, (size_t)(digits + sizeof digits - p));
}

/* The shortest digits that read back as the same number. */
void ad_number_add(struct ad_buf *out, double number)
{
	if (isnan(number) || isinf(number)) {
		(void)ad_buf_adds(out, isnan(number) ? "NaN"
				       : number > 0  ? "Infinity"
						     : "-Infinity");
		return;
	}
	if (fabs(number) < WHOLE_MAX && fpclassify(number - trunc(number)) == FP_ZERO) {
		add_whole(out, (int64_t)number);
		return;
	}
	char text[40];
	for (int precision = 0; precision <= 16; precision++) {
		(void)snprintf(text, sizeof text, "%.*e", precision, fabs(number));
		double back = strtod(text, NULL);
		if (!(back < fabs(number)) && !(back > fabs(number)))
			break;
	}
	char digits[24] = { text[0] };
	char *mark = strchr(text, 'e');
	int count = 1;
	for (const char *p = text + 2; p < mark && text[1] == '.'; p++)
		digits[count++] = *p;
	while (count > 1 && digits[count - 1] == '0')
		digits[--count] = '\0';
	if (number < 0)
		(void)ad_buf_addc(out, '-');
	add_decimal(out, digits, count, (int)strtol(mark + 1, NULL, 10) + 1);
}

/* Exact ties go up, where printf() would go to the even digit: so round by hand. */
void ad_number_add_fixed(struct ad_buf *out, double number, int digits)
{
	if (!(fabs(number) < 1e21)) {
		ad_number_add(out, number);
		return;
	}
	char text[120];
	int len = snprintf(text, sizeof text, "%.*f", digits + 60, fabs(number));
	int keep = len - 60; /* up to the last digit that stays */
	bool up = text[keep] >= '5';
	text[keep] = '\0';
	if (digits == 0)
		text[--keep] = '\0'; /* the point */
	for (int i = keep - 1; up && i >= 0; i--) {
		if (text[i] == '.')
			continue;
		up = text[i] == '9';
		text[i] = up ? '0' : (char)(text[i] + 1);
	}
	if (number < 0 && strspn(text, "0.") != strlen(text))
		(void)ad_buf_addc(out, '-');
	(void)ad_buf_addf(out, "%s%s", up ? "1" : "", text);
}

/* Length of the plain run at text: nothing to escape in it. */
static size_t plain_run(const char *text, size_t len)
{
	size_t at = 0;
	while (at < len) {
		unsigned char c = (unsigned char)text[at];
		if (c < 0x20 || c == '"' || c == '\\' || c == 0xED)
			break;
		at++;
	}
	return at;
}

void ad_json_add_escaped(struct ad_buf *out, const char *text, size_t len)
{
	static const char named[] = "\b\f\n\r\t\"\\";
	static const char letter[] = "bfnrt\"\\";
	for (size_t at = 0; at < len;) {
		size_t run = plain_run(text + at, len - at);
		(void)ad_buf_add(out, text + at, run);
		at += run;
		if (at == len)
			break;
		unsigned char c = (unsigned char)text[at];
		const char *name = c ? strchr(named, c) : NULL;
		if (c == 0xED && len - at >= 3) {
			unsigned unit = 0xD000u | ((unsigned)text[at + 1] & 0x3Fu) << 6 |
					((unsigned)text[at + 2] & 0x3Fu);
			if (unit >= 0xD800)
				(void)ad_buf_addf(out, "\\u%04x", unit);
			else
				(void)ad_buf_add(out, text + at, 3);
			at += 3;
			continue;
		}
		if (name)
			(void)ad_buf_addf(out, "\\%c", letter[name - named]);
		else
			(void)ad_buf_addf(out, "\\u%04x", c);
		at++;
	}
}

static void add_string(struct ad_buf *out, const struct ad_string *text)
{
	(void)ad_buf_addc(out, '"');
	ad_json_add_escaped(out, text->text, text->len);
	(void)ad_buf_addc(out, '"');
}

static void add_bytes(struct ad_buf *out, const struct ad_string *bytes, bool json)
{
	for (size_t i = 0; i < bytes->len; i++) {
		unsigned value = (unsigned char)bytes->text[i];
		(void)ad_buf_adds(out, i ? "," : "");
		if (json)
			(void)ad_buf_addf(out, "\"%zu\":%u", i, value);
		else
			(void)ad_buf_addf(out, "%u", value);
	}
}

static void add_container(struct ad_arena *arena, struct ad_buf *out, const struct ad_value *value)
{
	const struct ad_list *list = ad_value_list(arena, value);
	bool first = true;
	(void)ad_buf_addc(out, list->name ? '{' : '[');
	for (size_t i = 0; i < list->count && !out->overflow; i++) {
		if (list->name && list->value[i].kind == AD_UNDEFINED)
			continue;
		if (!first)
			(void)ad_buf_addc(out, ',');
		first = false;
		if (list->name) {
			add_string(out, &list->name[i]);
			(void)ad_buf_addc(out, ':');
		}
		ad_value_add_json(arena, out, &list->value[i]);
	}
	(void)ad_buf_addc(out, list->name ? '}' : ']');
}

void ad_value_add_json(struct ad_arena *arena, struct ad_buf *out, const struct ad_value *value)
{
	switch (value->kind) {
	case AD_BOOL:
		(void)ad_buf_adds(out, value->truth ? "true" : "false");
		return;
	case AD_NUMBER:
		if (isfinite(value->number))
			ad_number_add(out, value->number);
		else
			(void)ad_buf_adds(out, "null");
		return;
	case AD_STRING:
		add_string(out, &value->string);
		return;
	case AD_ARRAY:
	case AD_OBJECT:
		add_container(arena, out, value);
		return;
	case AD_TICKS:
		(void)ad_buf_addf(out, "\"%" PRId64 "\"", value->ticks);
		return;
	case AD_BYTES:
		(void)ad_buf_addc(out, '{');
		add_bytes(out, &value->string, true);
		(void)ad_buf_addc(out, '}');
		return;
	case AD_UNDEFINED:
	case AD_NULL:
	default:
		(void)ad_buf_adds(out, "null");
		return;
	}
}

static void add_joined(struct ad_arena *arena, struct ad_buf *out, const struct ad_value *array)
{
	const struct ad_list *list = ad_value_list(arena, array);
	for (size_t i = 0; i < list->count && !out->overflow; i++) {
		if (i > 0)
			(void)ad_buf_addc(out, ',');
		if (!ad_value_is_nullish(&list->value[i]))
			ad_value_add_text(arena, out, &list->value[i]);
	}
}

void ad_value_add_text(struct ad_arena *arena, struct ad_buf *out, const struct ad_value *value)
{
	switch (value->kind) {
	case AD_UNDEFINED:
		(void)ad_buf_adds(out, "undefined");
		return;
	case AD_NUMBER:
		ad_number_add(out, value->number);
		return;
	case AD_STRING:
		ad_units_join(out, value->string.text, value->string.len);
		return;
	case AD_ARRAY:
		add_joined(arena, out, value);
		return;
	case AD_OBJECT:
		(void)ad_buf_adds(out, "[object Object]");
		return;
	case AD_TICKS:
		(void)ad_buf_addf(out, "%" PRId64, value->ticks);
		return;
	case AD_BYTES:
		add_bytes(out, &value->string, false);
		return;
	case AD_NULL:
	case AD_BOOL:
	default:
		ad_value_add_json(arena, out, value);
		return;
	}
}

void ad_value_add_plain(struct ad_arena *arena, struct ad_buf *out, const struct ad_value *value)
{
	if (value->kind == AD_ARRAY || value->kind == AD_OBJECT || value->kind == AD_BYTES)
		ad_value_add_json(arena, out, value);
	else if (!ad_value_is_nullish(value))
		ad_value_add_text(arena, out, value);
}
