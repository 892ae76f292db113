/* SPDX-License-Identifier: Apache-2.0 */
/* Functions of regular expressions. */
#include "expr.h"
#include "ad/text.h"
#include "regex.h"

#define SEARCH_STEPS 1000 /* what one search counts: it may take some milliseconds */
#define PLACE_STEPS 20    /* and each place that it goes on from */

static enum ad_outcome fail(struct ad_call *call, int e)
{
	return e == AD_ETOOBIG ? AD_STOPPED : ad_fail(call, "is no regular expression");
}

/* Takes the first "(?i)", "(?m)" and "(?s)" out of a pattern; they hold for all of it. */
static struct ad_units without_flags(
	struct ad_arena *arena, const struct ad_string *pattern, unsigned *flags)
{
	static const char *const marks[] = { "(?i)", "(?m)", "(?s)" };
	char *text = ad_memdup(arena, pattern->text, pattern->len + 1);
	struct ad_string rest = { text, pattern->len };
	for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
		char *at = strstr(text, marks[i]);
		if (!at)
			continue;
		rest.len -= strlen(marks[i]);
		memmove(at, at + strlen(marks[i]), rest.len - (size_t)(at - text) + 1);
		*flags |= 1u << i;
	}
	return ad_units_of(arena, &rest);
}

static int open_common(struct ad_arena *arena, const struct ad_string *pattern,
	struct ad_units text, struct ad_regex *ret)
{
	unsigned flags = 0;
	ret->icu = NULL;
	if (!ad_regex_is_common(ad_units_of(arena, pattern)))
		return AD_EINVAL;
	struct ad_units rest = without_flags(arena, pattern, &flags);
	return ad_regex_open(arena, rest, flags, text, ret);
}

int ad_pattern_check(struct ad_arena *arena, const struct ad_string *pattern)
{
	struct ad_regex regex;
	struct ad_units none = { 0 };
	int e = open_common(arena, pattern, none, &regex);
	if (e == 0)
		ad_regex_close(&regex);
	return e;
}

static enum ad_outcome fn_is_match(struct ad_call *call, struct ad_value *ret)
{
	struct ad_string text = ad_arg_text(call, 0), pattern = ad_arg_text(call, 1);
	struct ad_regex regex;
	bool found = false;
	if (ad_spend(call->x, SEARCH_STEPS + text.len, 4 * (text.len + pattern.len)) != AD_DONE)
		return AD_STOPPED;
	int e = open_common(call->x->arena, &pattern, ad_units_of(call->x->arena, &text), &regex);
	if (e == 0) {
		e = ad_regex_find(&regex, &found);
		ad_regex_close(&regex);
	}
	*ret = ad_value_bool(found);
	return e == 0 ? AD_DONE : fail(call, e);
}

/* One search for all places, and what stands in each of them. */
struct replacement {
	struct ad_call *call;
	struct ad_regex regex;
	struct ad_units with;
	struct ad_buf *out;
	int32_t from, to; /* of the place */
	int32_t groups;
};

static void add_units(struct replacement *r, struct ad_units units)
{
	struct ad_value made = ad_units_value(r->call->x->arena, units.unit, units.count);
	ad_units_join(r->out, made.string.text, made.string.len);
}

static void add_part(struct replacement *r, int32_t from, int32_t to)
{
	if (from < to)
		add_units(r, ad_regex_part(r->call->x->arena, &r->regex, from, to));
}

static void add_group(struct replacement *r, int32_t group)
{
	UErrorCode status = U_ZERO_ERROR;
	int32_t from = uregex_start(r->regex.icu, group, &status);
	int32_t to = uregex_end(r->regex.icu, group, &status);
	if (U_SUCCESS(status))
		add_part(r, from, to); /* -1 and -1 when it took no part */
}

static bool is_digit(uint16_t unit)
{
	return unit >= '0' && unit <= '9';
}

/* "$1" or "$12", when there are so many groups; how many units it takes. */
static size_t add_numbered(struct replacement *r, const uint16_t *unit, size_t left)
{
	int32_t one = left > 1 && is_digit(unit[1]) ? unit[1] - '0' : -1;
	int32_t two = one >= 0 && left > 2 && is_digit(unit[2]) ? 10 * one + unit[2] - '0' : -1;
	bool takes_two = two > 0 && two <= r->groups;
	int32_t group = takes_two ? two : one;
	if (group <= 0 || group > r->groups)
		return 0;
	add_group(r, group);
	return takes_two ? 3 : 2;
}

/* "$<name>", when any group has a name; one that no group has is empty. */
static size_t add_named(struct replacement *r, const uint16_t *unit, size_t left)
{
	size_t end = 2;
	while (end < left && unit[end] != '>')
		end++;
	if (!r->regex.names || end == left)
		return 0;
	for (const struct ad_regex_name *n = r->regex.names; n; n = n->next) {
		if (n->name.count == end - 2 &&
			memcmp(n->name.unit, unit + 2, (end - 2) * sizeof *unit) == 0)
			add_group(r, n->group);
	}
	return end + 1;
}

/* What "$" begins in a replacement (ECMA-262 22.1.3.19.1); how many units it takes, 0: nothing. */
static size_t add_reference(struct replacement *r, const uint16_t *unit, size_t left)
{
	static const uint16_t dollar = '$';
	switch (left > 1 ? unit[1] : 0) {
	case '$':
		add_units(r, (struct ad_units){ (uint16_t *)(uintptr_t)&dollar, 1 });
		return 2;
	case '&':
		add_part(r, r->from, r->to);
		return 2;
	case '`':
		add_part(r, 0, r->from);
		return 2;
	case '\'':
		add_part(r, r->to, (int32_t)r->regex.text.count);
		return 2;
	case '<':
		return add_named(r, unit, left);
	default:
		return add_numbered(r, unit, left);
	}
}

static void add_replacement(struct replacement *r)
{
	for (size_t at = 0; at < r->with.count && !r->out->overflow;) {
		uint16_t *unit = r->with.unit + at;
		size_t taken = *unit == '$' ? add_reference(r, unit, r->with.count - at) : 0;
		size_t plain = 0;
		while (taken == 0 && at + plain < r->with.count &&
			(plain == 0 || unit[plain] != '$'))
			plain++;
		if (plain > 0)
			add_units(r, (struct ad_units){ unit, plain });
		at += taken + plain;
	}
}

static int replace_all(struct replacement *r)
{
	UErrorCode status = U_ZERO_ERROR;
	bool found;
	int32_t done = 0;
	r->groups = uregex_groupCount(r->regex.icu, &status);
	for (;;) {
		int e = ad_regex_find(&r->regex, &found);
		if (e != 0)
			return e;
		if (!found)
			break;
		if (r->out->overflow || ad_spend(r->call->x, PLACE_STEPS, r->with.count) != AD_DONE)
			return AD_ETOOBIG;
		r->from = uregex_start(r->regex.icu, 0, &status);
		r->to = uregex_end(r->regex.icu, 0, &status);
		add_part(r, done, r->from);
		add_replacement(r);
		done = r->to;
	}
	add_part(r, done, (int32_t)r->regex.text.count);
	return 0;
}

static enum ad_outcome fn_replace_ignore_case(struct ad_call *call, struct ad_value *ret)
{
	struct ad_arena *arena = call->x->arena;
	struct ad_string text = ad_arg_text(call, 0), old = ad_arg_text(call, 1);
	struct ad_string new = ad_arg_text(call, 2);
	struct replacement r = { .call = call, .with = ad_units_of(arena, &new) };
	if (old.len == 0)
		return ad_fail(call, "what is replaced must not be empty");
	if (ad_spend(call->x, SEARCH_STEPS + text.len, 4 * (text.len + old.len)) != AD_DONE)
		return AD_STOPPED;
	int e = ad_regex_open(arena, ad_units_of(arena, &old), AD_REGEX_NOCASE,
		ad_units_of(arena, &text), &r.regex);
	if (e != 0)
		return fail(call, e);
	r.out = ad_text_begin(call->x);
	e = replace_all(&r);
	ad_regex_close(&r.regex);
	return e == 0 ? ad_text_end(call->x, ret) : fail(call, e);
}

#define S AD_T_STRING

const struct ad_function ad_functions_match[] = {
	{ "isMatch", NULL, AD_T_BOOLEAN, 2, 2, { S }, AD_IS_TEXT_OR_UNDEFINED, AD_PATTERN,
		fn_is_match },
	{ "replaceIgnoreCase", NULL, S, 3, 3, { S }, AD_IS_TEXT_OR_UNDEFINED, 0,
		fn_replace_ignore_case },
	{ .name = NULL },
};
