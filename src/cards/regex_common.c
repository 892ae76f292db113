/* SPDX-License-Identifier: Apache-2.0 */
/* The grammar of patterns that the official engine takes: a part of what JavaScript does, without
 * \b, looking around, and backslashes before other letters. Braces need no rule: they may stand for
 * themselves as well. */
#include "regex.h"

#include <string.h>

struct reader {
	const uint16_t *at, *end;
	size_t depth;
};

static uint16_t peek(const struct reader *r, size_t ahead)
{
	return (size_t)(r->end - r->at) > ahead ? r->at[ahead] : 0;
}

static bool is_one_of(uint16_t unit, const char *set)
{
	return unit > 0 && unit < 0x80 && strchr(set, unit);
}

static bool is_alphanumeric(uint16_t unit)
{
	return (unit >= 'a' && unit <= 'z') || (unit >= 'A' && unit <= 'Z') ||
	       (unit >= '0' && unit <= '9');
}

static bool is_hex(uint16_t unit)
{
	return is_one_of(unit, "0123456789abcdefABCDEF");
}

/* How many units of a kind stand from `from` on. */
static size_t run(const struct reader *r, size_t from, bool (*is)(uint16_t unit))
{
	size_t count = 0;
	while (from + count < (size_t)(r->end - r->at) && is(r->at[from + count]))
		count++;
	return count;
}

static bool is_property_unit(uint16_t unit)
{
	return unit == '_' || is_alphanumeric(unit);
}

/* \Q...\E */
static size_t quoted_length(const struct reader *r)
{
	for (const uint16_t *p = r->at + 2; p + 1 < r->end; p++) {
		if (p[0] == '\\' && p[1] == 'E')
			return (size_t)(p + 2 - r->at);
	}
	return 0;
}

/* \xhh or \x{hhh...} */
static size_t hex_length(const struct reader *r)
{
	if (is_hex(peek(r, 2)) && is_hex(peek(r, 3)))
		return 4;
	size_t digits = peek(r, 2) == '{' ? run(r, 3, is_hex) : 0;
	return digits >= 3 && peek(r, 3 + digits) == '}' ? digits + 4 : 0;
}

/* The length of what a backslash begins; 0: nothing that the grammar knows. */
static size_t escape_length(const struct reader *r)
{
	if (r->end - r->at < 2)
		return 0;
	uint16_t unit = r->at[1];
	if (!is_alphanumeric(unit) || is_one_of(unit, "acefnrtdDsSwW"))
		return 2;
	if (unit == 'Q')
		return quoted_length(r);
	if (unit == 'x')
		return hex_length(r);
	if (unit == 'p' || unit == 'P') {
		size_t name = peek(r, 2) == '{' ? run(r, 3, is_property_unit) : 0;
		return name > 0 && peek(r, 3 + name) == '}' ? name + 4 : 0;
	}
	bool is_octal = is_one_of(unit, "01234567") && is_one_of(peek(r, 2), "01234567");
	return is_octal ? 3 : 0;
}

/* [...] with something in it */
static bool read_class(struct reader *r)
{
	r->at++;
	for (const uint16_t *begin = r->at; r->at < r->end; r->at++) {
		if (*r->at == ']') {
			bool any = r->at > begin;
			r->at++;
			return any;
		}
		size_t length = *r->at == '\\' ? escape_length(r) : 1;
		if (length == 0)
			return false;
		r->at += length - 1;
	}
	return false;
}

static bool read_alternatives(struct reader *r);

static bool is_flag(uint16_t unit)
{
	return is_one_of(unit, "ims");
}

/* ( ?<name> | ?: ) alternatives ), or the options (?ims) */
static bool read_group(struct reader *r)
{
	r->at++;
	if (peek(r, 0) == '?') {
		size_t flags = run(r, 1, is_flag);
		size_t name = peek(r, 1) == '<' ? run(r, 2, is_property_unit) : 0;
		bool is_named = name > 0 && !is_one_of(peek(r, 2), "0123456789") &&
				peek(r, 2 + name) == '>';
		if (flags > 0 && peek(r, 1 + flags) == ')') {
			r->at += flags + 2;
			return true;
		}
		if (!is_named && peek(r, 1) != ':')
			return false;
		r->at += is_named ? name + 3 : 2;
	}
	if (r->depth == AD_REGEX_DEPTH_MAX)
		return false;
	r->depth++;
	bool is_good = read_alternatives(r) && peek(r, 0) == ')';
	r->depth--;
	r->at += is_good;
	return is_good;
}

static bool read_atom(struct reader *r)
{
	if (*r->at == '[')
		return read_class(r);
	if (*r->at == '(')
		return read_group(r);
	size_t length = *r->at == '\\' ? escape_length(r) : !is_one_of(*r->at, "?+*");
	r->at += length;
	return length > 0;
}

/* Up to the bracket that closes, or the end. */
static bool read_alternatives(struct reader *r)
{
	while (r->at < r->end && *r->at != ')') {
		if (*r->at == '|') {
			r->at++;
			continue;
		}
		if (!read_atom(r))
			return false;
		if (is_one_of(peek(r, 0), "?+*"))
			r->at += is_one_of(peek(r, 1), "?+") ? 2 : 1;
	}
	return true;
}

bool ad_regex_is_common(struct ad_units pattern)
{
	struct reader r = { pattern.unit, pattern.unit + pattern.count, 0 };
	return pattern.count > 0 && read_alternatives(&r) && r.at == r.end;
}
