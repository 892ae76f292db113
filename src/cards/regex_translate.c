/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JavaScript's syntax of patterns (ECMA-262 22.2.1 with annex B.1.2), written for ICU: letters and
 * classes become sets of code points, so that nothing is left to what ICU understands by them.
 */
#include "regex.h"

#include <string.h>
#include <unicode/uset.h>
#include <unicode/ustring.h>

#define WRITTEN_MAX (256u << 10) /* bytes of the pattern for ICU */
#define REPEATS_MAX 99999999     /* more are as many: no text is that long */
#define LINE_ENDS "\\x{A}\\x{D}\\x{2028}\\x{2029}"
#define WORD "0-9A-Z_a-z"

struct translator {
	struct ad_arena *arena;
	const uint16_t *at, *end;
	unsigned flags;
	size_t depth;
	int32_t groups; /* in the whole pattern */
	struct ad_regex_name *names;
	struct ad_buf out; /* ASCII */
};

static uint32_t peek(const struct translator *t, size_t ahead)
{
	return (size_t)(t->end - t->at) > ahead ? t->at[ahead] : UINT32_MAX;
}

static bool is_one_of(uint32_t unit, const char *set)
{
	return unit > 0 && unit < 0x80 && strchr(set, (int)unit);
}

static bool is_digit(uint32_t unit)
{
	return unit >= '0' && unit <= '9';
}

static bool is_letter(uint32_t unit)
{
	return (unit | 0x20) >= 'a' && (unit | 0x20) <= 'z' && unit < 0x80;
}

/* A unit as ICU is to see it: halves of pairs stand apart from each other (see regex.c). */
static UChar32 code_of(uint32_t unit)
{
	return (UChar32)((unit & 0xF800) == 0xD800 ? 0x100000 + (unit & 0x7FF) : unit);
}

/* ECMA-262 22.2.2.7.3 Canonicalize, without the flag u. */
static UChar32 canonical(UChar32 code)
{
	UChar upper[8];
	UChar unit = (UChar)code;
	UErrorCode status = U_ZERO_ERROR;
	if (code > 0xFFFF)
		return code;
	int32_t count = u_strToUpper(upper, 8, &unit, 1, "", &status);
	if (U_FAILURE(status) || count != 1 || (code >= 0x80 && upper[0] < 0x80))
		return code;
	return upper[0];
}

/* Whether a character of the set is the same as code when case does not matter. */
static bool has_equal(const USet *set, UChar32 code)
{
	USet *near = uset_open(code, code);
	bool found = false;
	uset_closeOver(near, USET_CASE_INSENSITIVE);
	for (int32_t i = 0; i < uset_getRangeCount(near) && !found; i++) {
		UChar32 from = 0, to = 0;
		UErrorCode status = U_ZERO_ERROR;
		(void)uset_getItem(near, i, &from, &to, NULL, 0, &status);
		for (UChar32 other = from; other <= to && !found; other++)
			found = uset_contains(set, other) && canonical(other) == canonical(code);
	}
	uset_close(near);
	return found;
}

/* Adds what equals a character of the set when case does not matter. */
static void close_over_case(USet *set)
{
	USet *wide = uset_clone(set);
	uset_closeOver(wide, USET_CASE_INSENSITIVE);
	uset_removeAll(wide, set);
	for (int32_t i = 0; i < uset_getRangeCount(wide); i++) {
		UChar32 from = 0, to = 0;
		UErrorCode status = U_ZERO_ERROR;
		(void)uset_getItem(wide, i, &from, &to, NULL, 0, &status);
		for (UChar32 code = from; code <= to; code++) {
			if (has_equal(set, code))
				uset_add(set, code);
		}
	}
	uset_close(wide);
}

/* The set as ICU writes it; nothing matches an empty one. */
static void write_set(struct translator *t, const USet *set)
{
	int32_t ranges = uset_getRangeCount(set);
	(void)ad_buf_adds(&t->out, ranges ? "[" : "(?:\\z\\x{0})");
	for (int32_t i = 0; i < ranges; i++) {
		UChar32 from = 0, to = 0;
		UErrorCode status = U_ZERO_ERROR;
		(void)uset_getItem(set, i, &from, &to, NULL, 0, &status);
		(void)ad_buf_addf(&t->out, "\\x{%X}-\\x{%X}", (unsigned)from, (unsigned)to);
	}
	(void)ad_buf_adds(&t->out, ranges ? "]" : "");
}

static void write_code(struct translator *t, uint32_t unit)
{
	USet *set = uset_open(code_of(unit), code_of(unit));
	if (t->flags & AD_REGEX_NOCASE)
		close_over_case(set);
	write_set(t, set);
	uset_close(set);
}

/* \d \D \s \S \w \W: adds what they mean to the set. */
static void add_kind(USet *set, uint32_t kind)
{
	static const UChar32 digits[][2] = { { '0', '9' }, { 0 } };
	static const UChar32 words[][2] = { { '0', '9' }, { 'A', 'Z' }, { '_', '_' }, { 'a', 'z' },
		{ 0 } };
	static const UChar32 spaces[][2] = { { '\t', '\r' }, { ' ', ' ' }, { 0xA0, 0xA0 },
		{ 0x1680, 0x1680 }, { 0x2000, 0x200A }, { 0x2028, 0x2029 }, { 0x202F, 0x202F },
		{ 0x205F, 0x205F }, { 0x3000, 0x3000 }, { 0xFEFF, 0xFEFF }, { 0 } };
	uint32_t lower = kind | 0x20;
	USet *made = uset_openEmpty();
	for (const UChar32(*r)[2] = lower == 'd'   ? digits
				    : lower == 's' ? spaces
						   : words;
		(*r)[0]; r++)
		uset_addRange(made, (*r)[0], (*r)[1]);
	if (kind != lower)
		uset_complement(made);
	uset_addAll(set, made);
	uset_close(made);
}

static int hex_value(uint32_t unit)
{
	return is_digit(unit)                     ? (int)unit - '0'
	       : is_one_of(unit | 0x20, "abcdef") ? (int)(unit | 0x20) - 'a' + 10
						  : -1;
}

/* So many hex digits from `ahead` on; false when they are not there. */
static bool read_hex(const struct translator *t, size_t ahead, size_t digits, uint32_t *ret)
{
	*ret = 0;
	for (size_t i = 0; i < digits; i++) {
		int value = hex_value(peek(t, ahead + i));
		if (value < 0)
			return false;
		*ret = *ret * 16 + (uint32_t)value;
	}
	return true;
}

/* \0 to \377 */
static uint32_t read_octal(struct translator *t)
{
	uint32_t value = 0;
	size_t most = *t->at <= '3' ? 3 : 2;
	for (size_t i = 0; i < most && is_one_of(peek(t, 0), "01234567"); i++)
		value = value * 8 + *t->at++ - '0';
	return value;
}

/* Behind a backslash: the one unit that the escape means. */
static uint32_t read_unit_escape(struct translator *t, bool in_class)
{
	static const char letters[] = "fnrtv", meaning[] = "\f\n\r\t\v";
	uint32_t unit = *t->at, value;
	if (is_one_of(unit, "01234567"))
		return read_octal(t);
	if (unit == 'c') {
		uint32_t control = peek(t, 1);
		bool is_known =
			is_letter(control) || (in_class && (is_digit(control) || control == '_'));
		t->at += is_known ? 2 : 0;
		return is_known ? control % 32 : '\\';
	}
	t->at++;
	size_t digits = unit == 'x' ? 2 : unit == 'u' ? 4 : 0;
	if (digits > 0 && read_hex(t, 0, digits, &value)) {
		t->at += digits;
		return value;
	}
	if (unit == 'b' && in_class)
		return '\b';
	return is_one_of(unit, letters) ? (uint32_t)meaning[strchr(letters, (int)unit) - letters]
					: unit;
}

/* One member of a class: a unit, or a kind that is added to the set at once. */
static int read_class_atom(struct translator *t, USet *set, bool *ret_is_kind, uint32_t *ret)
{
	*ret_is_kind = false;
	*ret = *t->at++;
	if (*ret != '\\')
		return 0;
	if (t->at == t->end)
		return AD_EINVAL;
	if (is_one_of(*t->at, "dDsSwW")) {
		*ret_is_kind = true;
		add_kind(set, *t->at++);
		return 0;
	}
	*ret = read_unit_escape(t, true);
	return 0;
}

static void add_units(USet *set, uint32_t from, uint32_t to)
{
	static const uint32_t parts[][2] = { { 0, 0xD7FF }, { 0xD800, 0xDFFF },
		{ 0xE000, 0xFFFF } };
	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
		uint32_t first = from > parts[i][0] ? from : parts[i][0];
		uint32_t last = to < parts[i][1] ? to : parts[i][1];
		if (first <= last)
			uset_addRange(set, code_of(first), code_of(last));
	}
}

/* A member or a range; a range with a kind at one end is both ends and the hyphen. */
static int read_class_range(struct translator *t, USet *set)
{
	bool from_kind, to_kind;
	uint32_t from, to;
	int e = read_class_atom(t, set, &from_kind, &from);
	if (e != 0)
		return e;
	bool is_range = peek(t, 0) == '-' && peek(t, 1) != ']' && peek(t, 1) != UINT32_MAX;
	if (!from_kind && !is_range)
		uset_add(set, code_of(from));
	if (!is_range)
		return 0;
	t->at++;
	e = read_class_atom(t, set, &to_kind, &to);
	if (e != 0)
		return e;
	if (!from_kind && !to_kind) {
		if (from > to)
			return AD_EINVAL;
		add_units(set, from, to);
		return 0;
	}
	uset_add(set, '-');
	if (!from_kind)
		uset_add(set, code_of(from));
	if (!to_kind)
		uset_add(set, code_of(to));
	return 0;
}

static int translate_class(struct translator *t)
{
	USet *set = uset_openEmpty();
	int e = 0;
	t->at++;
	bool is_negated = peek(t, 0) == '^';
	t->at += is_negated;
	while (e == 0 && peek(t, 0) != ']')
		e = t->at == t->end ? AD_EINVAL : read_class_range(t, set);
	if (e == 0) {
		t->at++;
		if (t->flags & AD_REGEX_NOCASE)
			close_over_case(set);
		if (is_negated)
			uset_complement(set);
		write_set(t, set);
	}
	uset_close(set);
	return e;
}

static int translate_alternatives(struct translator *t);

/* The length of "<name>" behind "(?" or "\k"; 0: none. */
static size_t name_length(const struct translator *t, size_t ahead)
{
	if (peek(t, ahead) != '<' || is_digit(peek(t, ahead + 1)))
		return 0;
	size_t count = 1;
	for (uint32_t unit; (unit = peek(t, ahead + count)) != '>'; count++) {
		if (unit == UINT32_MAX || (unit < 0x80 && !is_letter(unit) && !is_digit(unit) &&
						  !is_one_of(unit, "_$")))
			return 0;
	}
	return count > 1 ? count + 1 : 0;
}

static struct ad_regex_name *find_name(const struct translator *t, struct ad_units name)
{
	struct ad_regex_name *n = t->names;
	while (n && (n->name.count != name.count ||
			    memcmp(n->name.unit, name.unit, name.count * sizeof(uint16_t)) != 0))
		n = n->next;
	return n;
}

/* What may stand at the front of a group, and what it is for ICU; a name has a rule of its own. */
static const struct opening {
	const char *text, *icu;
	bool looks_around, repeats;
} openings[] = {
	{ "(?:", "(?:", false, true }, { "(?=", "(?:(?=", true, true },
	{ "(?!", "(?:(?!", true, true }, { "(?<=", "(?:(?<=", true, false },
	{ "(?<!", "(?:(?<!", true, false },
	{ "(", "(", false, true }, /* what begins with (? and is none of these is faulty */
};

static bool begins_with(const struct translator *t, const char *text)
{
	size_t i = 0;
	while (text[i] && peek(t, i) == (uint32_t)(unsigned char)text[i])
		i++;
	return !text[i];
}

static int translate_group(struct translator *t, bool *ret_repeats)
{
	const struct opening *opening = openings;
	while (!begins_with(t, opening->text))
		opening++;
	size_t length = strlen(opening->text);
	if (length == 1 && peek(t, 1) == '?') {
		size_t name = name_length(t, 2);
		if (name == 0)
			return AD_EINVAL;
		length = 2 + name;
	}
	if (t->depth == AD_REGEX_DEPTH_MAX)
		return AD_ETOOBIG;
	*ret_repeats = opening->repeats;
	t->at += length;
	(void)ad_buf_adds(&t->out, opening->icu);
	t->depth++;
	int e = translate_alternatives(t);
	t->depth--;
	if (e != 0 || peek(t, 0) != ')')
		return e != 0 ? e : AD_EINVAL;
	t->at++;
	(void)ad_buf_adds(&t->out, opening->looks_around ? "))" : ")");
	return 0;
}

static void write_reference(struct translator *t, int32_t group)
{
	(void)ad_buf_addf(
		&t->out, t->flags & AD_REGEX_NOCASE ? "(?i:\\%d)" : "(?:\\%d)", (int)group);
}

/* \12 when there are so many groups; false: it is something else. */
static bool translate_reference(struct translator *t)
{
	int64_t group = 0;
	size_t digits = 0;
	while (is_digit(peek(t, digits)) && group <= AD_REGEX_GROUPS_MAX)
		group = group * 10 + (int64_t)peek(t, digits++) - '0';
	if (digits == 0 || *t->at == '0' || group > t->groups)
		return false;
	t->at += digits;
	write_reference(t, (int32_t)group);
	return true;
}

static int translate_escape(struct translator *t, bool *ret_repeats)
{
	uint32_t unit = peek(t, 1);
	t->at++;
	if (unit == UINT32_MAX)
		return AD_EINVAL;
	if (is_one_of(unit, "bB")) {
		*ret_repeats = false;
		t->at++;
		(void)ad_buf_adds(&t->out, unit == 'b' ? "(?:(?<=[" WORD "])(?![" WORD
							 "])|(?<![" WORD "])(?=[" WORD "]))"
						       : "(?:(?<=[" WORD "])(?=[" WORD
							 "])|(?<![" WORD "])(?![" WORD "]))");
	} else if (is_one_of(unit, "dDsSwW")) {
		USet *set = uset_openEmpty();
		t->at++;
		add_kind(set, unit);
		write_set(t, set);
		uset_close(set);
	} else if (unit == 'k' && t->names) {
		size_t length = name_length(t, 1);
		struct ad_units name = { (uint16_t *)(uintptr_t)(t->at + 2), length - 2 };
		const struct ad_regex_name *known = length ? find_name(t, name) : NULL;
		if (!known)
			return AD_EINVAL;
		t->at += 1 + length;
		write_reference(t, known->group);
	} else if (!translate_reference(t)) {
		write_code(t, read_unit_escape(t, false));
	}
	return 0;
}

/* {n} {n,} {n,m}: its length, or 0 when the brace is only a brace. */
static size_t braces_length(const struct translator *t, int64_t *least, int64_t *most)
{
	int64_t *number[2] = { least, most };
	size_t at = 1, digits[2] = { 0, 0 };
	*least = *most = 0;
	if (peek(t, 0) != '{')
		return 0;
	for (size_t i = 0; i < 2; i++) {
		for (; is_digit(peek(t, at)); at++, digits[i]++) {
			int64_t value = *number[i] * 10 + (int64_t)peek(t, at) - '0';
			*number[i] = value < REPEATS_MAX ? value : REPEATS_MAX;
		}
		if (digits[0] == 0)
			return 0;
		if (peek(t, at) == '}') {
			if (i == 0)
				*most = *least;
			else if (digits[1] == 0)
				*most = -1;
			return at + 1;
		}
		if (i > 0 || peek(t, at) != ',')
			return 0;
		at++;
	}
	return 0;
}

static int translate_quantifier(struct translator *t)
{
	int64_t least, most;
	size_t length = braces_length(t, &least, &most);
	if (length > 0 && most < 0)
		(void)ad_buf_addf(&t->out, "{%d,}", (int)least);
	else if (length > 0)
		(void)ad_buf_addf(&t->out, "{%d,%d}", (int)least, (int)most);
	if (length > 0 && most >= 0 && least > most)
		return AD_EINVAL;
	if (length == 0 && is_one_of(peek(t, 0), "*+?")) {
		(void)ad_buf_addc(&t->out, (char)*t->at);
		length = 1;
	}
	t->at += length;
	if (length > 0 && peek(t, 0) == '?') {
		(void)ad_buf_addc(&t->out, '?');
		t->at++;
	}
	return 0;
}

static int translate_atom(struct translator *t, bool *ret_repeats)
{
	int64_t least, most;
	bool is_multiline = t->flags & AD_REGEX_MULTILINE;
	uint32_t unit = *t->at;
	*ret_repeats = true;
	if (unit == '(')
		return translate_group(t, ret_repeats);
	if (unit == '[')
		return translate_class(t);
	if (unit == '\\')
		return translate_escape(t, ret_repeats);
	if (is_one_of(unit, "*+?") || braces_length(t, &least, &most) > 0)
		return AD_EINVAL;
	t->at++;
	if (unit == '^' || unit == '$')
		*ret_repeats = false;
	if (unit == '^')
		(void)ad_buf_adds(&t->out, is_multiline ? "(?:\\A|(?<=[" LINE_ENDS "]))" : "\\A");
	else if (unit == '$')
		(void)ad_buf_adds(&t->out, is_multiline ? "(?:\\z|(?=[" LINE_ENDS "]))" : "\\z");
	else if (unit == '.')
		(void)ad_buf_adds(&t->out,
			t->flags & AD_REGEX_DOTALL ? "[\\x{0}-\\x{10FFFF}]" : "[^" LINE_ENDS "]");
	else
		write_code(t, unit);
	return 0;
}

/* Up to the bracket that closes, or the end. */
static int translate_alternatives(struct translator *t)
{
	while (t->at < t->end && *t->at != ')') {
		bool repeats;
		if (*t->at == '|') {
			(void)ad_buf_addc(&t->out, '|');
			t->at++;
			continue;
		}
		int e = translate_atom(t, &repeats);
		if (e == 0 && repeats)
			e = translate_quantifier(t);
		if (e != 0 || t->out.overflow)
			return e != 0 ? e : AD_ETOOBIG;
	}
	return 0;
}

/* Counts the groups that capture, and notes their names: a reference may stand before its group. */
static int find_groups(struct translator *t)
{
	const uint16_t *begin = t->at;
	bool in_class = false;
	int e = 0;
	for (; t->at < t->end && e == 0; t->at++) {
		if (*t->at == '\\' && t->end - t->at > 1) {
			t->at++;
			continue;
		}
		bool opens = *t->at == '(' && !in_class;
		in_class = in_class ? *t->at != ']' : *t->at == '[';
		size_t length = opens && peek(t, 1) == '?' ? name_length(t, 2) : 0;
		if (opens && (peek(t, 1) != '?' || length > 0))
			e = ++t->groups > AD_REGEX_GROUPS_MAX ? AD_ETOOBIG : 0;
		if (length == 0)
			continue;
		struct ad_regex_name *name = ad_alloc(t->arena, sizeof *name);
		name->name = (struct ad_units){ (uint16_t *)(uintptr_t)(t->at + 3), length - 2 };
		name->group = t->groups;
		name->next = t->names;
		if (find_name(t, name->name))
			e = AD_EINVAL;
		t->names = name;
	}
	t->at = begin;
	return e;
}

int ad_regex_translate(struct ad_arena *arena, struct ad_units pattern, unsigned flags,
	struct ad_units *ret, struct ad_regex_name **ret_names)
{
	struct translator t = { .arena = arena,
		.at = pattern.unit,
		.end = pattern.unit + pattern.count,
		.flags = flags };
	if (pattern.count > AD_REGEX_UNITS_MAX)
		return AD_ETOOBIG;
	int e = find_groups(&t);
	if (e != 0)
		return e;
	ad_buf_init(&t.out, WRITTEN_MAX);
	e = translate_alternatives(&t);
	if (e == 0 && t.at < t.end)
		e = AD_EINVAL;
	struct ad_string made = { ad_buf_str(&t.out), t.out.len };
	*ret = ad_units_of(arena, &made);
	*ret_names = t.names;
	ad_buf_release(&t.out);
	return e;
}
