/* SPDX-License-Identifier: Apache-2.0 */
/* Functions of texts. They count and cut in UTF-16 units, as JavaScript does. */
#include "expr.h"
#include "ad/text.h"
#include "units.h"

#include <math.h>

static struct ad_units units_of(const struct ad_call *call, size_t at)
{
	struct ad_string text = ad_arg_text(call, at);
	return ad_units_of(call->x->arena, &text);
}

static enum ad_outcome give_units(
	struct ad_call *call, const uint16_t *unit, size_t count, struct ad_value *ret)
{
	*ret = ad_units_value(call->x->arena, unit, count);
	return ad_spend(call->x, 1 + count / 16, 3 * count);
}

/* Two lists are put together, everything else becomes text. */
static enum ad_outcome concat_two(
	struct ad_call *call, struct ad_value *sum, const struct ad_value *more)
{
	bool no_sum = ad_value_is_nullish(sum), no_more = ad_value_is_nullish(more);
	if (no_sum && no_more) {
		*sum = (struct ad_value){ .kind = AD_UNDEFINED };
		return AD_DONE;
	}
	if (no_more && sum->kind == AD_ARRAY)
		return AD_DONE;
	if (no_sum && more->kind == AD_ARRAY) {
		*sum = *more;
		return AD_DONE;
	}
	if (sum->kind == AD_ARRAY && more->kind == AD_ARRAY) {
		const struct ad_list *a = ad_list_of(call->x, sum);
		const struct ad_list *b = a ? ad_list_of(call->x, more) : NULL;
		struct ad_list *both = b ? ad_list_make(call->x, a->count + b->count, false) : NULL;
		if (!both)
			return AD_STOPPED;
		memcpy(both->value, a->value, a->count * sizeof *both->value);
		memcpy(both->value + a->count, b->value, b->count * sizeof *both->value);
		*sum = ad_value_of_list(both);
		return AD_DONE;
	}
	struct ad_buf *text = ad_text_begin(call->x);
	ad_value_add_plain(call->x->arena, text, sum);
	ad_value_add_plain(call->x->arena, text, more);
	return ad_text_end(call->x, sum);
}

static enum ad_outcome fn_concat(struct ad_call *call, struct ad_value *ret)
{
	*ret = call->arg[0];
	for (size_t i = 1; i < call->count; i++) {
		enum ad_outcome o = concat_two(call, ret, &call->arg[i]);
		if (o != AD_DONE)
			return o;
	}
	return AD_DONE;
}

static enum ad_outcome fn_length(struct ad_call *call, struct ad_value *ret)
{
	struct ad_string text = ad_arg_text(call, 0);
	*ret = ad_value_number((double)ad_units_count(&text));
	return AD_DONE;
}

/* Where needle begins in text, from a unit on; SIZE_MAX: nowhere. */
static size_t find(struct ad_units text, struct ad_units needle, size_t from)
{
	for (size_t at = from; at + needle.count <= text.count; at++) {
		if (memcmp(text.unit + at, needle.unit, needle.count * sizeof(uint16_t)) == 0)
			return at;
	}
	return SIZE_MAX;
}

static enum ad_outcome give_list(
	struct ad_call *call, const struct ad_value *value, size_t count, struct ad_value *ret)
{
	struct ad_list *list = ad_list_make(call->x, count, false);
	if (!list)
		return AD_STOPPED;
	if (count > 0)
		memcpy(list->value, value, count * sizeof *value);
	*ret = ad_value_of_list(list);
	return AD_DONE;
}

static enum ad_outcome fn_split(struct ad_call *call, struct ad_value *ret)
{
	struct ad_units text = units_of(call, 0), separator = units_of(call, 1);
	struct ad_value *part = ad_alloc_array(call->x->arena, text.count + 1, sizeof *part);
	size_t count = 0, from = 0;
	if (ad_spend(call->x, text.count, text.count * sizeof *part) != AD_DONE)
		return AD_STOPPED;
	while (separator.count == 0 ? from < text.count : true) {
		size_t at = separator.count ? find(text, separator, from) : from + 1;
		size_t end = at == SIZE_MAX ? text.count : at;
		part[count++] = ad_units_value(call->x->arena, text.unit + from, end - from);
		if (at == SIZE_MAX)
			break;
		from = at + separator.count;
	}
	return give_list(call, part, count, ret);
}

static enum ad_outcome fn_replace(struct ad_call *call, struct ad_value *ret)
{
	struct ad_string text = ad_arg_text(call, 0), old = ad_arg_text(call, 1);
	struct ad_string new = ad_arg_text(call, 2);
	if (old.len == 0)
		return ad_fail(call, "what is replaced must not be empty");
	struct ad_buf *out = ad_text_begin(call->x);
	size_t at = 0;
	while (at < text.len && !out->overflow) {
		bool found =
			text.len - at >= old.len && memcmp(text.text + at, old.text, old.len) == 0;
		if (found)
			ad_units_join(out, new.text, new.len);
		else
			(void)ad_buf_addc(out, text.text[at]);
		at += found ? old.len : 1;
	}
	return ad_text_end(call->x, ret);
}

static enum ad_outcome fn_substring(struct ad_call *call, struct ad_value *ret)
{
	struct ad_value text;
	double from = 0, count = 0;
	enum ad_outcome o = ad_eval_child(call, 0, &text);
	if (o != AD_DONE)
		return o;
	if (text.kind == AD_UNDEFINED) {
		*ret = ad_value_string("", 0);
		return AD_DONE;
	}
	if (text.kind != AD_STRING)
		return ad_fail(call, "a text is wanted");
	struct ad_units units = ad_units_of(call->x->arena, &text.string);
	o = ad_eval_whole(call, 1, &from);
	if (o == AD_DONE && (from < 0 || from > (double)units.count))
		o = ad_fail(call, "the start is out of range");
	count = (double)units.count - from;
	if (o == AD_DONE && call->count == 3) {
		o = ad_eval_whole(call, 2, &count);
		if (o == AD_DONE && (count < 0 || from + count > (double)units.count))
			o = ad_fail(call, "the length is out of range");
	}
	if (o != AD_DONE)
		return o;
	return give_units(call, units.unit + (size_t)from, (size_t)count, ret);
}

/* Changes case in the language of the last argument. */
static enum ad_outcome map_case(struct ad_call *call, enum ad_units_case to, struct ad_units *ret)
{
	struct ad_string locale = ad_arg_text(call, 1);
	const char *tag =
		call->count == 2 && call->arg[1].kind == AD_STRING ? locale.text : "en-US";
	if (!*tag || !ad_units_map(call->x->arena, to, tag, units_of(call, 0), ret))
		return ad_fail(call, "that is no language");
	return AD_DONE;
}

static enum ad_outcome fn_to_lower(struct ad_call *call, struct ad_value *ret)
{
	struct ad_units units;
	enum ad_outcome o = map_case(call, AD_LOWER, &units);
	return o == AD_DONE ? give_units(call, units.unit, units.count, ret) : o;
}

static enum ad_outcome fn_to_upper(struct ad_call *call, struct ad_value *ret)
{
	struct ad_units units;
	enum ad_outcome o = map_case(call, AD_UPPER, &units);
	return o == AD_DONE ? give_units(call, units.unit, units.count, ret) : o;
}

/* Appends the unit at the front in upper case and the rest as it is. */
static void add_capitalised(
	struct ad_call *call, struct ad_buf *out, const uint16_t *unit, size_t count)
{
	uint16_t copy = unit[0];
	struct ad_units first = { &copy, 1 }, upper = { NULL, 0 };
	(void)ad_units_map(call->x->arena, AD_UPPER, "", first, &upper);
	struct ad_value head = ad_units_value(call->x->arena, upper.unit, upper.count);
	struct ad_value tail = ad_units_value(call->x->arena, unit + 1, count - 1);
	ad_units_join(out, head.string.text, head.string.len);
	ad_units_join(out, tail.string.text, tail.string.len);
}

static enum ad_outcome fn_sentence_case(struct ad_call *call, struct ad_value *ret)
{
	struct ad_units lower;
	enum ad_outcome o = map_case(call, AD_LOWER, &lower);
	if (o != AD_DONE)
		return o;
	struct ad_buf *out = ad_text_begin(call->x);
	if (lower.count > 0)
		add_capitalised(call, out, lower.unit, lower.count);
	return ad_text_end(call->x, ret);
}

static bool is_word(uint16_t unit)
{
	return (unit >= 'a' && unit <= 'z') || (unit >= 'A' && unit <= 'Z') ||
	       (unit >= '0' && unit <= '9') || unit == '_';
}

/* A word begins with a letter of ASCII and ends at white space. */
static enum ad_outcome fn_title_case(struct ad_call *call, struct ad_value *ret)
{
	struct ad_units lower;
	enum ad_outcome o = map_case(call, AD_LOWER, &lower);
	if (o != AD_DONE)
		return o;
	struct ad_buf *out = ad_text_begin(call->x);
	for (size_t at = 0; at < lower.count;) {
		size_t end = at;
		bool word = is_word(lower.unit[at]);
		while (end < lower.count &&
			(word ? !ad_unit_is_space(lower.unit[end]) : !is_word(lower.unit[end])))
			end++;
		struct ad_value plain = ad_units_value(call->x->arena, lower.unit + at, end - at);
		if (word)
			add_capitalised(call, out, lower.unit + at, end - at);
		else
			ad_units_join(out, plain.string.text, plain.string.len);
		at = end;
	}
	return ad_text_end(call->x, ret);
}

static struct ad_units trimmed(struct ad_units units)
{
	while (units.count > 0 && ad_unit_is_space(units.unit[units.count - 1]))
		units.count--;
	while (units.count > 0 && ad_unit_is_space(units.unit[0])) {
		units.unit++;
		units.count--;
	}
	return units;
}

static enum ad_outcome fn_trim(struct ad_call *call, struct ad_value *ret)
{
	struct ad_units units = trimmed(units_of(call, 0));
	return give_units(call, units.unit, units.count, ret);
}

static enum ad_outcome fn_count_word(struct ad_call *call, struct ad_value *ret)
{
	struct ad_units units = trimmed(units_of(call, 0));
	size_t count = 1;
	for (size_t i = 1; i < units.count; i++)
		count += ad_unit_is_space(units.unit[i - 1]) && !ad_unit_is_space(units.unit[i]);
	*ret = ad_value_number((double)count);
	return AD_DONE;
}

static enum ad_outcome fn_starts_with(struct ad_call *call, struct ad_value *ret)
{
	struct ad_string text = ad_arg_text(call, 0), start = ad_arg_text(call, 1);
	*ret = ad_value_bool(
		text.len >= start.len && memcmp(text.text, start.text, start.len) == 0);
	return AD_DONE;
}

static enum ad_outcome fn_ends_with(struct ad_call *call, struct ad_value *ret)
{
	struct ad_string text = ad_arg_text(call, 0), end = ad_arg_text(call, 1);
	*ret = ad_value_bool(text.len >= end.len &&
			     memcmp(text.text + text.len - end.len, end.text, end.len) == 0);
	return AD_DONE;
}

/* "1st", "2nd", "13th" */
static enum ad_outcome fn_add_ordinal(struct ad_call *call, struct ad_value *ret)
{
	static const char *const suffixes[] = { "th", "st", "nd", "rd" };
	double number = call->arg[0].number;
	int last = (int)fmod(number, 10), two = (int)fmod(number, 100);
	struct ad_buf *text = ad_text_begin(call->x);
	ad_number_add(text, number);
	if (number > 0)
		(void)ad_buf_adds(text, last > 3 || (two > 10 && two < 14) ? "th" : suffixes[last]);
	return ad_text_end(call->x, ret);
}

/* The last place; an empty needle is found behind the last unit but one, as the official engine
 * looks from there. */
static size_t find_last(struct ad_units text, struct ad_units needle)
{
	size_t found = SIZE_MAX;
	size_t from = text.count > 0 ? text.count - 1 : 0;
	for (size_t at = find(text, needle, 0); at != SIZE_MAX && at <= from;
		at = find(text, needle, at + 1))
		found = at;
	return found;
}

/* Whatever fails, -1 goes with it. */
static enum ad_outcome index_of(struct ad_call *call, bool last, struct ad_value *ret)
{
	struct ad_value arg[2], *where = &arg[0], *what = &arg[1];
	size_t found = SIZE_MAX;
	enum ad_outcome o = ad_eval_children(call, arg);
	*ret = ad_value_number(-1);
	if (o != AD_DONE)
		return o;
	if (ad_value_is_nullish(where) || where->kind == AD_STRING) {
		if (what->kind != AD_UNDEFINED && what->kind != AD_STRING)
			return ad_fail(call, "only a text is found in a text");
		struct ad_units text = units_of(call, 0), needle = units_of(call, 1);
		found = last ? find_last(text, needle) : find(text, needle, 0);
	} else if (where->kind == AD_ARRAY) {
		const struct ad_list *list = ad_list_of(call->x, where);
		for (size_t i = 0; list && i < list->count; i++) {
			if ((last || found == SIZE_MAX) && ad_value_same(&list->value[i], what))
				found = i;
		}
	} else {
		return ad_fail(call, "a text or a list is wanted");
	}
	*ret = ad_value_number(found == SIZE_MAX ? -1 : (double)found);
	return ad_spend(call->x, 1, 0);
}

static enum ad_outcome fn_index_of(struct ad_call *call, struct ad_value *ret)
{
	return index_of(call, false, ret);
}

static enum ad_outcome fn_last_index_of(struct ad_call *call, struct ad_value *ret)
{
	return index_of(call, true, ret);
}

static enum ad_outcome fn_eol(struct ad_call *call, struct ad_value *ret)
{
	(void)call;
	*ret = ad_value_string("\n", 1);
	return AD_DONE;
}

#define S AD_T_STRING
#define N AD_T_NUMBER
#define TEXTS(name, returns, least, most, fn)                                           \
	{                                                                               \
		name, NULL, returns, least, most, { S }, AD_IS_TEXT_OR_UNDEFINED, 0, fn \
	}

const struct ad_function ad_functions_text[] = {
	{ "concat", NULL, S | AD_T_ARRAY, 1, AD_MANY, { 0 }, 0, 0, fn_concat },
	{ "&", "concat", S | AD_T_ARRAY, 1, AD_MANY, { 0 }, 0, 0, fn_concat },
	TEXTS("length", N, 1, 1, fn_length),
	TEXTS("split", AD_T_ARRAY, 1, 2, fn_split),
	TEXTS("replace", S, 3, 3, fn_replace),
	{ "substring", NULL, S, 2, 3, { S, N, N }, 0, AD_LAZY, fn_substring },
	TEXTS("toLower", S, 1, 2, fn_to_lower),
	TEXTS("toUpper", S, 1, 2, fn_to_upper),
	TEXTS("sentenceCase", S, 1, 2, fn_sentence_case),
	TEXTS("titleCase", S, 1, 2, fn_title_case),
	TEXTS("trim", S, 1, 1, fn_trim),
	TEXTS("countWord", N, 1, 1, fn_count_word),
	TEXTS("startsWith", AD_T_BOOLEAN, 2, 2, fn_starts_with),
	TEXTS("endsWith", AD_T_BOOLEAN, 2, 2, fn_ends_with),
	{ "addOrdinal", NULL, S, 1, 1, { N }, AD_IS_INTEGER, 0, fn_add_ordinal },
	{ "indexOf", NULL, N, 2, 2, { S | AD_T_ARRAY, AD_T_OBJECT }, 0, AD_LAZY, fn_index_of },
	{ "lastIndexOf", NULL, N, 2, 2, { S | AD_T_ARRAY, AD_T_OBJECT }, 0, AD_LAZY,
		fn_last_index_of },
	{ "EOL", NULL, S, 0, 0, { 0 }, 0, 0, fn_eol },
	{ .name = NULL },
};
