/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Strict check of a JSON text (RFC 8259), without building anything and without recursion: cJSON
 * lets bad UTF-8, trailing text, loose numbers and raw control characters pass. Afterwards, one
 * look at the names of each object, sorted, for a name that is there twice: two parsers would read
 * two different values.
 */
#include "json_scan.h"
#include "ad/text.h"

struct scan {
	const char *text;
	size_t len;
	size_t at;
	size_t depth;
	size_t values;
	char open[AD_JSON_DEPTH_MAX]; /* '{' or '[' of each level */
};

static int bad(const struct scan *s, struct ad_err *err, const char *what)
{
	return AD_FAIL(err, AD_EINVAL, "not JSON: %s at byte %zu", what, s->at);
}

static char peek(const struct scan *s)
{
	return s->at < s->len ? s->text[s->at] : '\0';
}

static void skip_space(struct scan *s)
{
	while (s->at < s->len && strchr(" \t\r\n", s->text[s->at]) && s->text[s->at])
		s->at++;
}

static bool take_digits(struct scan *s)
{
	size_t from = s->at;
	while (peek(s) >= '0' && peek(s) <= '9')
		s->at++;
	return s->at > from;
}

static int scan_number(struct scan *s, struct ad_err *err)
{
	s->at += peek(s) == '-';
	if (peek(s) == '0')
		s->at++;
	else if (!take_digits(s))
		return bad(s, err, "number");
	if (peek(s) == '.') {
		s->at++;
		if (!take_digits(s))
			return bad(s, err, "fraction");
	}
	if (peek(s) == 'e' || peek(s) == 'E') {
		s->at++;
		s->at += peek(s) == '+' || peek(s) == '-';
		if (!take_digits(s))
			return bad(s, err, "exponent");
	}
	return 0;
}

/* Four hex digits at s->at, or -1. */
static int take_hex4(struct scan *s)
{
	uint8_t bytes[2];
	char digits[5] = { 0 };
	if (s->len - s->at < 4)
		return -1;
	memcpy(digits, s->text + s->at, 4);
	if (ad_hex_decode(digits, bytes, 2) != 0)
		return -1;
	s->at += 4;
	return bytes[0] << 8 | bytes[1];
}

/* Behind "\u": refuses NUL and lone surrogates. */
static int scan_unicode(struct scan *s, struct ad_err *err)
{
	int unit = take_hex4(s);
	if (unit <= 0)
		return bad(s, err, unit == 0 ? "NUL in a string" : "\\u escape");
	if (unit >= 0xDC00 && unit <= 0xDFFF)
		return bad(s, err, "lone surrogate");
	if (unit < 0xD800 || unit > 0xDBFF)
		return 0;
	if (s->len - s->at < 6 || s->text[s->at] != '\\' || s->text[s->at + 1] != 'u')
		return bad(s, err, "lone surrogate");
	s->at += 2;
	unit = take_hex4(s);
	return unit >= 0xDC00 && unit <= 0xDFFF ? 0 : bad(s, err, "lone surrogate");
}

static int scan_string(struct scan *s, struct ad_err *err)
{
	if (peek(s) != '"')
		return bad(s, err, "string expected");
	for (s->at++; s->at < s->len;) {
		char c = s->text[s->at++];
		if (c == '"')
			return 0;
		if ((unsigned char)c < 0x20)
			return bad(s, err, "control character in a string");
		if (c != '\\')
			continue;
		c = peek(s);
		s->at++;
		if (c == 'u') {
			int r = scan_unicode(s, err);
			if (r != 0)
				return r;
		} else if (!c || !strchr("\"\\/bfnrt", c)) {
			return bad(s, err, "escape");
		}
	}
	return bad(s, err, "string without end");
}

static int scan_word(struct scan *s, const char *word, struct ad_err *err)
{
	size_t len = strlen(word);
	if (s->len - s->at < len || memcmp(s->text + s->at, word, len) != 0)
		return bad(s, err, "value expected");
	s->at += len;
	return 0;
}

static int scan_name(struct scan *s, struct ad_err *err)
{
	int r = scan_string(s, err);
	if (r != 0)
		return r;
	skip_space(s);
	if (peek(s) != ':')
		return bad(s, err, "':' expected");
	s->at++;
	return 0;
}

/* One scalar, or the opening of a container (*ret_opened: its first element or its end comes next).
 */
static int scan_value(struct scan *s, bool *ret_opened, struct ad_err *err)
{
	char c = peek(s);
	*ret_opened = false;
	if (++s->values > AD_JSON_VALUES_MAX)
		return AD_FAIL(
			err, AD_ETOOBIG, "JSON with more than %d values", AD_JSON_VALUES_MAX);
	switch (c) {
	case '"':
		return scan_string(s, err);
	case 't':
		return scan_word(s, "true", err);
	case 'f':
		return scan_word(s, "false", err);
	case 'n':
		return scan_word(s, "null", err);
	case '{':
	case '[':
		if (s->depth == AD_JSON_DEPTH_MAX)
			return bad(s, err, "nested too deep");
		s->open[s->depth++] = c;
		s->at++;
		*ret_opened = true;
		return 0;
	default:
		return scan_number(s, err);
	}
}

/* Closes as many containers as end here. *ret_more: a further element follows the comma just taken.
 */
static int scan_after(struct scan *s, bool *ret_more, struct ad_err *err)
{
	*ret_more = false;
	while (s->depth > 0) {
		skip_space(s);
		char c = peek(s);
		if (c == ',') {
			s->at++;
			*ret_more = true;
			return 0;
		}
		if (c != (s->open[s->depth - 1] == '{' ? '}' : ']'))
			return bad(s, err, "',' or the end expected");
		s->at++;
		s->depth--;
	}
	return 0;
}

/* An element of the innermost container: a name first in objects, then the value's beginning. */
static int scan_element(struct scan *s, bool *ret_opened, struct ad_err *err)
{
	skip_space(s);
	if (s->depth > 0 && s->open[s->depth - 1] == '{') {
		int r = scan_name(s, err);
		if (r != 0)
			return r;
		skip_space(s);
	}
	return scan_value(s, ret_opened, err);
}

/* True when the container that was just opened is empty and now closed. */
static bool take_empty(struct scan *s)
{
	skip_space(s);
	if (peek(s) != (s->open[s->depth - 1] == '{' ? '}' : ']'))
		return false;
	s->at++;
	s->depth--;
	return true;
}

int ad_json_scan(const char *text, size_t len, struct ad_err *err)
{
	struct scan s = { .text = text, .len = len };
	if (!ad_utf8_valid(text, len))
		return AD_FAIL(err, AD_EINVAL, "not JSON: not UTF-8");
	bool more = true;
	while (more) {
		bool opened;
		int r = scan_element(&s, &opened, err);
		if (r != 0)
			return r;
		if (opened && !take_empty(&s))
			continue;
		r = scan_after(&s, &more, err);
		if (r != 0)
			return r;
	}
	skip_space(&s);
	return s.at == s.len ? 0 : bad(&s, err, "text behind the value");
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

int ad_json_check_names(struct ad_arena *arena, const struct ad_json *tree, struct ad_err *err)
{
	size_t count = ad_json_count(tree);
	bool object = ad_json_kind(tree) == AD_JSON_OBJECT;
	const char **names =
		object && count > 1 ? ad_alloc_array(arena, count, sizeof *names) : NULL;
	size_t i = 0;
	AD_JSON_EACH(item, tree)
	{
		if (names)
			names[i++] = ad_json_name(item);
		enum ad_json_kind kind = ad_json_kind(item);
		if (kind == AD_JSON_OBJECT || kind == AD_JSON_ARRAY) {
			int r = ad_json_check_names(arena, item, err);
			if (r != 0)
				return r;
		}
	}
	if (!names)
		return 0;
	qsort(names, count, sizeof *names, by_name);
	for (i = 1; i < count; i++) {
		if (strcmp(names[i - 1], names[i]) == 0)
			return AD_FAIL(err, AD_EINVAL, "not JSON: name '%.60s' twice in one object",
				names[i]);
	}
	return 0;
}
