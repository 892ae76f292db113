/* SPDX-License-Identifier: Apache-2.0 */
/* Functions that turn one kind of value into another, and that ask for the kind. */
#include "ad/text.h"
#include "number_format.h"
#include "expr.h"
#include "units.h"

#include <ctype.h>
#include <math.h>

#define EXPONENT_FROM 1e21 /* JavaScript prints such a number with an exponent */

/* The language for number formats: the last of `most` arguments, else that of the tests. */
static const char *locale_of(const struct ad_call *call, size_t most)
{
	if (call->count == most && call->arg[most - 1].kind == AD_STRING)
		return call->arg[most - 1].string.text;
	return "en-US";
}

/* Digits behind the point in what JavaScript prints. */
static int digits_of(double number)
{
	struct ad_buf text;
	ad_buf_init(&text, 64);
	ad_number_add(&text, number);
	const char *point = strchr(ad_buf_str(&text), '.');
	int digits = point ? (int)strlen(point + 1) : 0;
	ad_buf_release(&text);
	return digits;
}

static enum ad_outcome fn_string(struct ad_call *call, struct ad_value *ret)
{
	const struct ad_value *value = &call->arg[0];
	struct ad_buf *text = ad_text_begin(call->x);
	if (value->kind == AD_NUMBER && !isnan(value->number))
		ad_number_format(text, value->number, digits_of(value->number), locale_of(call, 2));
	else if (value->kind == AD_BYTES)
		(void)ad_buf_adds(text, ad_utf8_clean(call->x->arena, value->string.text, true));
	else
		ad_value_add_plain(call->x->arena, text, value);
	return ad_text_end(call->x, ret);
}

static enum ad_outcome fn_format_number(struct ad_call *call, struct ad_value *ret)
{
	const struct ad_value *number = &call->arg[0], *digits = &call->arg[1];
	ret->kind = AD_NULL;
	if (number->kind != AD_NUMBER || digits->kind != AD_NUMBER)
		return ad_fail(call, "two numbers are wanted");
	if (!ad_value_is_integer(digits) || digits->number < 0)
		return ad_fail(call, "the number of digits must be whole");
	if (digits->number >= EXPONENT_FROM)
		return ad_fail(call, "that many digits are no format");
	double scale = pow(10, digits->number);
	double scaled = number->number * scale, down = floor(scaled);
	double rounded = (scaled - down >= 0.5 ? down + 1 : down) / scale;
	struct ad_buf *text = ad_text_begin(call->x);
	ad_number_format(
		text, rounded, digits->number > 20 ? 20 : (int)digits->number, locale_of(call, 3));
	return ad_text_end(call->x, ret);
}

/* The number at the front of a text; false when there is none. */
static bool leading_number(const char *text, bool whole, double *ret)
{
	while (isspace((unsigned char)*text))
		text++;
	const char *p = text + (*text == '-' || *text == '+');
	if (!whole && strncmp(p, "Infinity", 8) == 0) {
		*ret = *text == '-' ? -INFINITY : INFINITY;
		return true;
	}
	const char *digits = p;
	size_t count = strspn(p, "0123456789");
	p += count;
	if (!whole && *p == '.') {
		size_t more = strspn(p + 1, "0123456789");
		count += more;
		p += more + (count > 0);
	}
	if (count == 0)
		return false;
	if (!whole && (*p | 0x20) == 'e') {
		const char *exponent = p + 1 + (p[1] == '-' || p[1] == '+');
		size_t more = strspn(exponent, "0123456789");
		p = more ? exponent + more : p;
	}
	char copy[400];
	size_t len =
		(size_t)(p - digits) < sizeof copy - 2 ? (size_t)(p - digits) : sizeof copy - 2;
	copy[0] = *text == '-' ? '-' : '+';
	memcpy(copy + 1, digits, len);
	copy[len + 1] = '\0';
	*ret = strtod(copy, NULL);
	return true;
}

static enum ad_outcome to_number(struct ad_call *call, bool whole, struct ad_value *ret)
{
	const struct ad_value *value = &call->arg[0];
	double number = 0;
	if (value->kind == AD_STRING) {
		bool is_number = leading_number(value->string.text, whole, &number);
		*ret = ad_value_number(is_number ? number : NAN);
		return is_number ? AD_DONE : ad_fail(call, "is no number");
	} else if (value->kind == AD_TICKS) {
		*ret = ad_value_number((double)value->ticks);
	} else if (value->kind == AD_NUMBER && whole) {
		ad_number_add(ad_text_begin(call->x), value->number);
		if (leading_number(ad_buf_str(&call->x->scratch), true, &number))
			*ret = ad_value_number(number);
		else
			*ret = ad_value_number(NAN);
	} else if (value->kind == AD_NUMBER) {
		*ret = *value;
	}
	return AD_DONE;
}

static enum ad_outcome fn_int(struct ad_call *call, struct ad_value *ret)
{
	return to_number(call, true, ret);
}

static enum ad_outcome fn_float(struct ad_call *call, struct ad_value *ret)
{
	return to_number(call, false, ret);
}

static enum ad_outcome fn_json(struct ad_call *call, struct ad_value *ret)
{
	struct ad_err ignored = { 0 };
	struct ad_json *json = NULL;
	if (call->arg[0].kind != AD_STRING)
		return ad_fail(call, "a text is wanted");
	struct ad_string text = call->arg[0].string;
	if (text.len == 2 && memcmp(text.text, "{}", 2) == 0) {
		struct ad_list *object = ad_list_make(call->x, 0, true);
		if (!object)
			return AD_STOPPED;
		*ret = ad_value_of_list(object);
		return AD_DONE;
	}
	char *trimmed = ad_text_trim(call->x->arena, text.text);
	if (ad_json_parse(call->x->arena, trimmed, strlen(trimmed), &json, &ignored) != 0)
		return ad_fail(call, "the text is not JSON");
	*ret = ad_value_of_json(json);
	return ad_spend(call->x, 1 + text.len / 4, 32 * text.len);
}

static enum ad_outcome fn_json_stringify(struct ad_call *call, struct ad_value *ret)
{
	if (call->arg[0].kind == AD_UNDEFINED)
		return AD_DONE;
	ad_value_add_json(call->x->arena, ad_text_begin(call->x), &call->arg[0]);
	return ad_text_end(call->x, ret);
}

static enum ad_outcome give_base64(
	struct ad_call *call, const char *before, struct ad_string bytes, struct ad_value *ret)
{
	struct ad_buf *text = ad_text_begin(call->x);
	(void)ad_buf_adds(text, before);
	(void)ad_buf_adds(text, ad_base64(call->x->arena, bytes.text, bytes.len));
	return ad_text_end(call->x, ret);
}

static enum ad_outcome fn_base64(struct ad_call *call, struct ad_value *ret)
{
	if (call->arg[0].kind != AD_STRING && call->arg[0].kind != AD_BYTES)
		return AD_DONE;
	struct ad_string bytes = call->arg[0].string;
	if (call->arg[0].kind == AD_STRING)
		bytes = ad_units_utf8(call->x->arena, &bytes);
	return give_base64(call, "", bytes, ret);
}

static enum ad_outcome fn_data_uri(struct ad_call *call, struct ad_value *ret)
{
	return give_base64(call, "data:text/plain;charset=utf-8;base64,",
		ad_units_utf8(call->x->arena, &call->arg[0].string), ret);
}

/* As lenient as node: both alphabets, what belongs to neither is passed over, and of a character
 * only the low byte counts. Each byte becomes one character. */
static enum ad_outcome give_decoded(
	struct ad_call *call, const struct ad_string *text, struct ad_value *ret)
{
	static const char alphabet[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	struct ad_units units = ad_units_of(call->x->arena, text);
	struct ad_buf *out = ad_text_begin(call->x);
	uint32_t bits = 0;
	int count = 0;
	for (size_t i = 0; i < units.count && (units.unit[i] & 0xFF) != '='; i++) {
		char c = (char)(units.unit[i] & 0xFF);
		c = c == '-' ? '+' : c == '_' ? '/' : c;
		const char *at = c ? strchr(alphabet, c) : NULL;
		if (!at)
			continue;
		bits = bits << 6 | (uint32_t)(at - alphabet);
		count += 6;
		if (count < 8)
			continue;
		count -= 8;
		unsigned byte = bits >> count & 0xFF;
		if (byte >= 0x80)
			(void)ad_buf_addc(out, (char)(0xC0 | byte >> 6));
		(void)ad_buf_addc(out, (char)(byte >= 0x80 ? 0x80 | (byte & 0x3F) : byte));
	}
	return ad_text_end(call->x, ret);
}

static enum ad_outcome fn_base64_to_string(struct ad_call *call, struct ad_value *ret)
{
	return give_decoded(call, &call->arg[0].string, ret);
}

static enum ad_outcome fn_data_uri_to_string(struct ad_call *call, struct ad_value *ret)
{
	struct ad_string text = call->arg[0].string;
	const char *comma = memchr(text.text, ',', text.len);
	if (comma)
		text = (struct ad_string){ comma + 1, text.len - (size_t)(comma + 1 - text.text) };
	return give_decoded(call, &text, ret);
}

static enum ad_outcome fn_binary(struct ad_call *call, struct ad_value *ret)
{
	*ret = call->arg[0];
	ret->kind = AD_BYTES;
	ret->string = ad_units_utf8(call->x->arena, &call->arg[0].string);
	return ad_spend(call->x, 0, ret->string.len);
}

static enum ad_outcome fn_base64_to_binary(struct ad_call *call, struct ad_value *ret)
{
	enum ad_outcome o = give_decoded(call, &call->arg[0].string, ret);
	ret->kind = AD_BYTES;
	return o;
}

/* encodeURIComponent */
static enum ad_outcome fn_uri_component(struct ad_call *call, struct ad_value *ret)
{
	struct ad_string text = call->arg[0].string;
	struct ad_buf *out = ad_text_begin(call->x);
	for (size_t i = 0; i < text.len && !out->overflow; i++) {
		unsigned char c = (unsigned char)text.text[i];
		if (c == 0xED && i + 1 < text.len && (unsigned char)text.text[i + 1] >= 0xA0)
			return ad_fail(call, "half a character");
		if (isalnum(c) || (c && strchr("-_.!~*'()", c)))
			(void)ad_buf_addc(out, (char)c);
		else
			(void)ad_buf_addf(out, "%%%02X", c);
	}
	return ad_text_end(call->x, ret);
}

/* decodeURIComponent: what it decodes must be UTF-8. */
static enum ad_outcome fn_uri_component_to_string(struct ad_call *call, struct ad_value *ret)
{
	struct ad_string text = call->arg[0].string;
	struct ad_buf *out = ad_text_begin(call->x);
	for (size_t i = 0; i < text.len && !out->overflow; i++) {
		uint8_t byte = (uint8_t)text.text[i];
		if (text.text[i] == '%') {
			char digits[3] = { 0 };
			if (text.len - i < 3)
				return ad_fail(call, "a bad escape");
			memcpy(digits, text.text + i + 1, 2);
			if (ad_hex_decode(digits, &byte, 1) != 0)
				return ad_fail(call, "a bad escape");
			i += 2;
		}
		(void)ad_buf_addc(out, (char)byte);
	}
	if (!ad_utf8_valid(ad_buf_str(out), out->len))
		return ad_fail(call, "the escapes are not UTF-8");
	return ad_text_end(call->x, ret);
}

static enum ad_outcome give_bool(struct ad_value *ret, bool truth)
{
	*ret = ad_value_bool(truth);
	return AD_DONE;
}

static enum ad_outcome fn_is_string(struct ad_call *call, struct ad_value *ret)
{
	return give_bool(ret, call->arg[0].kind == AD_STRING);
}

static enum ad_outcome fn_is_integer(struct ad_call *call, struct ad_value *ret)
{
	return give_bool(ret, ad_value_is_integer(&call->arg[0]));
}

static enum ad_outcome fn_is_float(struct ad_call *call, struct ad_value *ret)
{
	const struct ad_value *value = &call->arg[0];
	return give_bool(ret,
		value->kind == AD_NUMBER && !isnan(value->number) && !ad_value_is_integer(value));
}

static enum ad_outcome fn_is_array(struct ad_call *call, struct ad_value *ret)
{
	return give_bool(ret, call->arg[0].kind == AD_ARRAY);
}

/* JavaScript's typeof: lists and null are objects too. */
static enum ad_outcome fn_is_object(struct ad_call *call, struct ad_value *ret)
{
	enum ad_value_kind kind = call->arg[0].kind;
	return give_bool(ret,
		kind != AD_UNDEFINED && kind != AD_BOOL && kind != AD_NUMBER && kind != AD_STRING);
}

static enum ad_outcome fn_is_boolean(struct ad_call *call, struct ad_value *ret)
{
	return give_bool(ret, call->arg[0].kind == AD_BOOL);
}

#define O AD_T_OBJECT
#define S AD_T_STRING
#define N AD_T_NUMBER
#define ONE(name, returns, verify, fn)                          \
	{                                                       \
		name, NULL, returns, 1, 1, { 0 }, verify, 0, fn \
	}

const struct ad_function ad_functions_convert[] = {
	{ "string", NULL, S, 1, 2, { O, S }, 0, 0, fn_string },
	{ "formatNumber", NULL, S, 2, 3, { N, N, S }, 0, AD_KEEPS, fn_format_number },
	{ "int", NULL, N, 1, 1, { 0 }, 0, AD_KEEPS, fn_int },
	{ "float", NULL, N, 1, 1, { 0 }, 0, AD_KEEPS, fn_float },
	{ "json", NULL, O, 1, 1, { S }, 0, 0, fn_json },
	ONE("jsonStringify", S, AD_ANY, fn_json_stringify),
	ONE("base64", S, AD_ANY, fn_base64),
	ONE("base64ToString", S, AD_IS_TEXT, fn_base64_to_string),
	ONE("base64ToBinary", O, AD_IS_TEXT, fn_base64_to_binary),
	ONE("binary", O, AD_IS_TEXT, fn_binary),
	ONE("dataUri", S, AD_IS_TEXT, fn_data_uri),
	ONE("dataUriToString", S, AD_IS_TEXT, fn_data_uri_to_string),
	ONE("dataUriToBinary", O, AD_IS_TEXT, fn_binary),
	ONE("uriComponent", S, AD_IS_TEXT, fn_uri_component),
	ONE("uriComponentToString", S, AD_IS_TEXT, fn_uri_component_to_string),
	ONE("isString", AD_T_BOOLEAN, AD_ANY, fn_is_string),
	ONE("isInteger", AD_T_BOOLEAN, AD_ANY, fn_is_integer),
	ONE("isFloat", AD_T_BOOLEAN, AD_ANY, fn_is_float),
	ONE("isArray", AD_T_BOOLEAN, AD_ANY, fn_is_array),
	ONE("isObject", AD_T_BOOLEAN, AD_ANY, fn_is_object),
	ONE("isBoolean", AD_T_BOOLEAN, AD_ANY, fn_is_boolean),
	{ .name = NULL },
};
