/* SPDX-License-Identifier: Apache-2.0 */
/* Functions of lists. */
#include "expr.h"
#include "units.h"

#include <math.h>

/* A list of all that a lambda goes through: elements, or members as {key, value}. NULL after
 * AD_STOPPED. */
static struct ad_list *to_list(struct ad_call *call, const struct ad_value *value)
{
	struct ad_list *list = ad_list_of(call->x, value);
	if (!list || !list->name)
		return list;
	struct ad_list *pairs = ad_list_make(call->x, list->count, false);
	for (size_t i = 0; pairs && i < list->count; i++) {
		struct ad_list *pair = ad_list_make(call->x, 2, true);
		if (!pair)
			return NULL;
		pair->name[0] = (struct ad_string){ "key", 3 };
		pair->name[1] = (struct ad_string){ "value", 5 };
		pair->value[0] = ad_value_string(list->name[i].text, list->name[i].len);
		pair->value[1] = list->value[i];
		pairs->value[i] = ad_value_of_list(pair);
	}
	return pairs;
}

static enum ad_outcome eval_collection(
	struct ad_call *call, struct ad_value *value, struct ad_list **ret)
{
	enum ad_outcome o = ad_eval_child(call, 0, value);
	if (o != AD_DONE)
		return o;
	if (value->kind == AD_NULL)
		return ad_throw(call, "the collection is null");
	if (value->kind != AD_ARRAY && value->kind != AD_OBJECT)
		return ad_fail(call, "a list or an object is wanted");
	*ret = to_list(call, value);
	return *ret ? AD_DONE : AD_STOPPED;
}

/* The lambda's expression for one item. */
static enum ad_outcome eval_lambda(
	struct ad_call *call, const struct ad_value *item, struct ad_value *ret)
{
	struct ad_local local = {
		.name = call->expr->child[1]->child[0]->constant.string.text,
		.value = *item,
		.outer = call->x->local,
	};
	ad_value_settle(call->x, &local.value);
	call->x->local = &local;
	enum ad_outcome o = ad_eval_child(call, 2, ret);
	call->x->local = local.outer;
	return o;
}

static bool is_falsy(const struct ad_value *value)
{
	return ad_value_is_nullish(value) || (value->kind == AD_BOOL && !value->truth) ||
	       (value->kind == AD_NUMBER &&
		       (isnan(value->number) || fpclassify(value->number) == FP_ZERO)) ||
	       (value->kind == AD_STRING && value->string.len == 0);
}

static enum ad_outcome fn_select(struct ad_call *call, struct ad_value *ret)
{
	struct ad_value value;
	enum ad_outcome o = ad_eval_child(call, 0, &value);
	if (o != AD_DONE)
		return o;
	if (is_falsy(&value) || (value.kind != AD_ARRAY && value.kind != AD_OBJECT))
		return ad_fail(call, "a list or an object is wanted");
	const struct ad_list *list = to_list(call, &value);
	struct ad_list *made = list ? ad_list_make(call->x, list->count, false) : NULL;
	if (!made)
		return AD_STOPPED;
	*ret = ad_value_of_list(made); /* as far as it comes, even when it fails */
	made->count = 0;
	for (size_t i = 0; i < list->count; i++) {
		o = eval_lambda(call, &list->value[i], &made->value[i]);
		if (o != AD_DONE)
			return o;
		made->count++;
	}
	return AD_DONE;
}

/* An object is put together again from the members that stay. */
static enum ad_outcome fn_where(struct ad_call *call, struct ad_value *ret)
{
	struct ad_value value, holds;
	struct ad_list *list;
	enum ad_outcome o = eval_collection(call, &value, &list);
	if (o != AD_DONE)
		return o;
	bool named = value.kind == AD_OBJECT;
	struct ad_list *kept = ad_list_make(call->x, list->count, named);
	if (!kept)
		return AD_STOPPED;
	kept->count = 0;
	for (size_t i = 0; i < list->count; i++) {
		o = eval_lambda(call, &list->value[i], &holds);
		if (o != AD_DONE && o != AD_FAILED)
			return o;
		if (o == AD_FAILED || !ad_value_is_true(&holds))
			continue;
		const struct ad_value *item = &list->value[i];
		if (named)
			kept->name[kept->count] = item->list->value[0].string;
		kept->value[kept->count++] = named ? item->list->value[1] : *item;
	}
	*ret = ad_value_of_list(kept);
	return AD_DONE;
}

/* any: until one holds; all: until one does not. */
static enum ad_outcome until(struct ad_call *call, bool stop, struct ad_value *ret)
{
	struct ad_value value, holds;
	struct ad_list *list;
	*ret = ad_value_bool(!stop);
	enum ad_outcome o = eval_collection(call, &value, &list);
	if (o != AD_DONE)
		return o;
	for (size_t i = 0; i < list->count && ret->truth != stop; i++) {
		o = eval_lambda(call, &list->value[i], &holds);
		if (o != AD_DONE && o != AD_FAILED)
			return o;
		if ((o == AD_DONE && ad_value_is_true(&holds)) == stop)
			ret->truth = stop;
	}
	return AD_DONE;
}

static enum ad_outcome fn_any(struct ad_call *call, struct ad_value *ret)
{
	return until(call, true, ret);
}

static enum ad_outcome fn_all(struct ad_call *call, struct ad_value *ret)
{
	return until(call, false, ret);
}

static enum ad_outcome fn_create_array(struct ad_call *call, struct ad_value *ret)
{
	struct ad_list *list = ad_list_make(call->x, call->count, false);
	if (!list)
		return AD_STOPPED;
	if (call->count > 0)
		memcpy(list->value, call->arg, call->count * sizeof *call->arg);
	*ret = ad_value_of_list(list);
	return AD_DONE;
}

static enum ad_outcome fn_count(struct ad_call *call, struct ad_value *ret)
{
	const struct ad_value *value = &call->arg[0];
	if (value->kind == AD_NULL)
		return ad_fail(call, "null cannot be counted");
	size_t count = 0;
	if (value->kind == AD_STRING)
		count = ad_units_count(&value->string);
	else if (value->kind == AD_BYTES)
		count = value->string.len;
	else if (value->kind == AD_ARRAY || value->kind == AD_OBJECT)
		count = value->list ? value->list->count : ad_json_count(value->json);
	*ret = ad_value_number((double)count);
	return ad_spend(call->x, count / 16, 0);
}

/* The first or last element or character; undefined when there is none. */
static enum ad_outcome one_end(struct ad_call *call, bool last, struct ad_value *ret)
{
	const struct ad_value *value = &call->arg[0];
	if (value->kind == AD_STRING) {
		struct ad_units units = ad_units_of(call->x->arena, &value->string);
		if (units.count > 0)
			*ret = ad_units_value(
				call->x->arena, units.unit + (last ? units.count - 1 : 0), 1);
		return AD_DONE;
	}
	if (value->kind != AD_ARRAY)
		return AD_DONE;
	const struct ad_list *list = ad_list_of(call->x, value);
	if (list && list->count > 0)
		*ret = list->value[last ? list->count - 1 : 0];
	ad_value_settle(call->x, ret);
	return list ? AD_DONE : AD_STOPPED;
}

static enum ad_outcome fn_first(struct ad_call *call, struct ad_value *ret)
{
	return one_end(call, false, ret);
}

static enum ad_outcome fn_last(struct ad_call *call, struct ad_value *ret)
{
	return one_end(call, true, ret);
}

static enum ad_outcome fn_contains(struct ad_call *call, struct ad_value *ret)
{
	struct ad_value arg[2];
	*ret = ad_value_bool(false);
	for (size_t i = 0; i < 2; i++) {
		enum ad_outcome o = ad_eval_child(call, i, &arg[i]);
		if (o != AD_DONE)
			return o == AD_FAILED ? AD_DONE : o;
	}
	if (arg[0].kind == AD_STRING && arg[1].kind == AD_STRING) {
		ret->truth = arg[1].string.len == 0 ||
			     memmem(arg[0].string.text, arg[0].string.len, arg[1].string.text,
				     arg[1].string.len) != NULL;
	} else if (arg[0].kind == AD_ARRAY) {
		const struct ad_list *list = ad_list_of(call->x, &arg[0]);
		for (size_t i = 0; list && i < list->count && !ret->truth; i++)
			ret->truth = ad_value_equal(call->x->arena, &list->value[i], &arg[1]);
		return list ? AD_DONE : AD_STOPPED;
	} else if (arg[1].kind == AD_STRING && !ad_value_is_nullish(&arg[0])) {
		struct ad_value found = ad_value_property(
			call->x->arena, &arg[0], arg[1].string.text, arg[1].string.len);
		ret->truth = found.kind != AD_UNDEFINED;
	}
	return AD_DONE;
}

static enum ad_outcome join_text(
	struct ad_call *call, const struct ad_value *value, struct ad_string *ret)
{
	struct ad_value text;
	struct ad_buf *out = ad_text_begin(call->x);
	ad_value_add_text(call->x->arena, out, value);
	enum ad_outcome o = ad_text_end(call->x, &text);
	if (o == AD_DONE)
		*ret = text.string;
	return o;
}

/* An undefined separator is a comma; but the last one, behind a list of three, is plainly text. */
static enum ad_outcome separators(struct ad_call *call, size_t elements, struct ad_string *ret)
{
	bool by_concat = call->count == 3 && elements >= 3;
	for (size_t i = 1; i < call->count; i++) {
		enum ad_outcome o = AD_DONE;
		if (call->arg[i].kind != AD_UNDEFINED || (i == 2 && by_concat))
			o = join_text(call, &call->arg[i], &ret[i - 1]);
		if (o != AD_DONE)
			return o;
	}
	return AD_DONE;
}

/* "a, b, c", or with a third argument in front of the last one: "a, b and c". */
static enum ad_outcome fn_join(struct ad_call *call, struct ad_value *ret)
{
	struct ad_string between[2] = { { ",", 1 }, { ",", 1 } };
	if (call->arg[0].kind != AD_ARRAY)
		return ad_fail(call, "a list is wanted");
	const struct ad_list *list = ad_list_of(call->x, &call->arg[0]);
	if (!list)
		return AD_STOPPED;
	enum ad_outcome o = separators(call, list->count, between);
	if (o != AD_DONE)
		return o;
	struct ad_buf *out = ad_text_begin(call->x);
	for (size_t i = 0; i < list->count && !out->overflow; i++) {
		bool final = call->count == 3 && i + 1 == list->count;
		if (i > 0)
			ad_units_join(out, between[final].text, between[final].len);
		if (!ad_value_is_nullish(&list->value[i]) || (final && list->count > 2))
			ad_value_add_text(call->x->arena, out, &list->value[i]);
	}
	return ad_text_end(call->x, ret);
}

static enum ad_outcome give_slice(struct ad_call *call, const struct ad_value *value, double from,
	double to, struct ad_value *ret)
{
	if (value->kind == AD_STRING) {
		struct ad_units units = ad_units_of(call->x->arena, &value->string);
		size_t count = to < (double)units.count ? (size_t)to : units.count;
		*ret = ad_units_value(call->x->arena, units.unit, count);
		return ad_spend(call->x, 1, 3 * count);
	}
	const struct ad_list *list = ad_list_of(call->x, value);
	if (!list)
		return AD_STOPPED;
	size_t end = to < (double)list->count ? (size_t)to : list->count;
	size_t start = from < (double)end ? (size_t)from : end;
	struct ad_list *made = ad_list_make(call->x, end - start, false);
	if (!made)
		return AD_STOPPED;
	memcpy(made->value, list->value + start, (end - start) * sizeof *made->value);
	*ret = ad_value_of_list(made);
	return AD_DONE;
}

static enum ad_outcome fn_skip(struct ad_call *call, struct ad_value *ret)
{
	struct ad_value value;
	double from = 0;
	enum ad_outcome o = ad_eval_child(call, 0, &value);
	if (o != AD_DONE)
		return o;
	if (value.kind != AD_ARRAY)
		return ad_fail(call, "a list is wanted");
	o = ad_eval_whole(call, 1, &from);
	return o == AD_DONE ? give_slice(call, &value, fmax(from, 0), INFINITY, ret) : o;
}

static enum ad_outcome fn_take(struct ad_call *call, struct ad_value *ret)
{
	struct ad_value value;
	double count = 0;
	enum ad_outcome o = ad_eval_child(call, 0, &value);
	if (o != AD_DONE)
		return o;
	if (value.kind != AD_ARRAY && value.kind != AD_STRING)
		return ad_fail(call, "a list or a text is wanted");
	o = ad_eval_whole(call, 1, &count);
	return o == AD_DONE ? give_slice(call, &value, 0, fmax(count, 0), ret) : o;
}

static enum ad_outcome fn_sub_array(struct ad_call *call, struct ad_value *ret)
{
	struct ad_value value;
	double from = 0;
	enum ad_outcome o = ad_eval_child(call, 0, &value);
	if (o != AD_DONE)
		return o;
	if (value.kind != AD_ARRAY)
		return ad_fail(call, "a list is wanted");
	double count = (double)(value.list ? value.list->count : ad_json_count(value.json));
	double to = count;
	o = ad_eval_whole(call, 1, &from);
	if (o == AD_DONE && (from < 0 || from > count))
		o = ad_fail(call, "the start is out of range");
	if (o == AD_DONE && call->count == 3) {
		o = ad_eval_whole(call, 2, &to);
		if (o == AD_DONE && (to < 0 || to > count))
			o = ad_fail(call, "the end is out of range");
	}
	return o == AD_DONE ? give_slice(call, &value, from, to, ret) : o;
}

static bool holds_same(struct ad_eval *x, const struct ad_list *list, const struct ad_value *value)
{
	x->steps += list->count;
	for (size_t i = 0; i < list->count; i++) {
		if (ad_value_same(&list->value[i], value))
			return true;
	}
	return false;
}

/* All elements of all lists, each once. */
static enum ad_outcome fn_union(struct ad_call *call, struct ad_value *ret)
{
	size_t room = 0;
	for (size_t i = 0; i < call->count; i++) {
		const struct ad_list *list = ad_list_of(call->x, &call->arg[i]);
		if (!list)
			return AD_STOPPED;
		room += list->count;
	}
	struct ad_list *made = ad_list_make(call->x, room, false);
	if (!made)
		return AD_STOPPED;
	made->count = 0;
	for (size_t i = 0; i < call->count; i++) {
		const struct ad_list *list = ad_value_list(call->x->arena, &call->arg[i]);
		for (size_t k = 0; k < list->count; k++) {
			if (!holds_same(call->x, made, &list->value[k]))
				made->value[made->count++] = list->value[k];
			if (ad_spend(call->x, 0, 0) != AD_DONE)
				return AD_STOPPED;
		}
	}
	*ret = ad_value_of_list(made);
	return AD_DONE;
}

static enum ad_outcome fn_intersection(struct ad_call *call, struct ad_value *ret)
{
	const struct ad_list *first = ad_list_of(call->x, &call->arg[0]);
	struct ad_list *made = first ? ad_list_make(call->x, first->count, false) : NULL;
	if (!made)
		return AD_STOPPED;
	made->count = 0;
	for (size_t k = 0; k < first->count; k++) {
		bool everywhere = !holds_same(call->x, made, &first->value[k]);
		for (size_t i = 1; i < call->count && everywhere; i++)
			everywhere = holds_same(call->x,
				ad_value_list(call->x->arena, &call->arg[i]), &first->value[k]);
		if (everywhere)
			made->value[made->count++] = first->value[k];
		if (ad_spend(call->x, call->count, 0) != AD_DONE)
			return AD_STOPPED;
	}
	*ret = ad_value_of_list(made);
	return AD_DONE;
}

/* Turned round; the data sees it too. */
static enum ad_outcome fn_reverse(struct ad_call *call, struct ad_value *ret)
{
	*ret = call->arg[0];
	if (ret->kind == AD_STRING) {
		struct ad_units units = ad_units_of(call->x->arena, &ret->string);
		for (size_t i = 0; i < units.count / 2; i++) {
			uint16_t unit = units.unit[i];
			units.unit[i] = units.unit[units.count - 1 - i];
			units.unit[units.count - 1 - i] = unit;
		}
		*ret = ad_units_value(call->x->arena, units.unit, units.count);
		return ad_spend(call->x, 1, units.count);
	}
	if (ret->kind != AD_ARRAY)
		return ad_fail(call, "a text or a list is wanted");
	struct ad_list *list = ad_list_change(call->x, ret);
	if (!list)
		return AD_STOPPED;
	for (size_t i = 0; i < list->count / 2; i++) {
		struct ad_value value = list->value[i];
		list->value[i] = list->value[list->count - 1 - i];
		list->value[list->count - 1 - i] = value;
	}
	return AD_DONE;
}

/* One level flatter; false: nothing was nested, or a limit. */
static bool flatten_once(struct ad_call *call, struct ad_list **list)
{
	size_t room = 0;
	bool nested = false;
	for (size_t i = 0; i < (*list)->count; i++) {
		const struct ad_value *item = &(*list)->value[i];
		nested |= item->kind == AD_ARRAY;
		room += item->kind == AD_ARRAY ? ad_value_list(call->x->arena, item)->count : 1;
	}
	struct ad_list *made = nested ? ad_list_make(call->x, room, false) : NULL;
	if (!made)
		return false;
	size_t at = 0;
	for (size_t i = 0; i < (*list)->count; i++) {
		struct ad_value *item = &(*list)->value[i];
		struct ad_list single = { .count = 1, .value = item };
		const struct ad_list *inner = &single;
		if (item->kind == AD_ARRAY)
			inner = ad_value_list(call->x->arena, item);
		memcpy(made->value + at, inner->value, inner->count * sizeof *made->value);
		at += inner->count;
	}
	*list = made;
	return true;
}

/* A new list of new lists and objects, so that nothing in it is the same as what was there. */
static enum ad_outcome copy_elements(struct ad_call *call, struct ad_value *value)
{
	const struct ad_list *list = value->list;
	struct ad_list *made = ad_list_make(call->x, list->count, false);
	for (size_t i = 0; made && i < list->count; i++) {
		made->value[i] = list->value[i];
		if (list->value[i].kind == AD_UNDEFINED)
			made->value[i].kind = AD_NULL;
		if (list->value[i].kind != AD_ARRAY && list->value[i].kind != AD_OBJECT)
			continue;
		const struct ad_list *old = ad_list_of(call->x, &list->value[i]);
		struct ad_list *copy =
			old ? ad_list_make(call->x, old->count, old->name != NULL) : NULL;
		if (!copy)
			return AD_STOPPED;
		memcpy(copy->value, old->value, old->count * sizeof *old->value);
		if (old->name)
			memcpy(copy->name, old->name, old->count * sizeof *old->name);
		made->value[i] = ad_value_of_list(copy);
	}
	if (!made)
		return AD_STOPPED;
	*value = ad_value_of_list(made);
	return AD_DONE;
}

static enum ad_outcome fn_flatten(struct ad_call *call, struct ad_value *ret)
{
	double depth = 100;
	if (call->count == 2)
		depth = call->arg[1].kind == AD_NUMBER && call->arg[1].number >= 1
				? call->arg[1].number
				: 1;
	if (call->arg[0].kind != AD_ARRAY)
		return ad_fail(call, "a list is wanted");
	struct ad_list *list = ad_list_of(call->x, &call->arg[0]);
	for (double i = 0; list && i < depth && flatten_once(call, &list); i++)
		;
	if (!list || ad_spend(call->x, 0, 0) != AD_DONE)
		return AD_STOPPED;
	*ret = ad_value_of_list(list);
	return copy_elements(call, ret);
}

#define A AD_T_ARRAY
#define N AD_T_NUMBER
#define B AD_T_BOOLEAN
#define S AD_T_STRING
#define O AD_T_OBJECT

const struct ad_function ad_functions_list[] = {
	{ "foreach", NULL, A, 3, 3, { 0 }, 0, AD_LAMBDA, fn_select },
	{ "select", NULL, A, 3, 3, { 0 }, 0, AD_LAMBDA, fn_select },
	{ "where", NULL, A, 3, 3, { 0 }, 0, AD_LAMBDA, fn_where },
	{ "any", NULL, B, 3, 3, { 0 }, 0, AD_LAMBDA, fn_any },
	{ "all", NULL, B, 3, 3, { 0 }, 0, AD_LAMBDA, fn_all },
	{ "createArray", NULL, A, 0, AD_MANY, { 0 }, 0, 0, fn_create_array },
	{ "count", NULL, N, 1, 1, { S | A }, AD_IS_CONTAINER, 0, fn_count },
	{ "first", NULL, O, 1, 1, { 0 }, 0, 0, fn_first },
	{ "last", NULL, O, 1, 1, { 0 }, 0, 0, fn_last },
	{ "contains", NULL, B, 2, 2, { 0 }, 0, AD_LAZY, fn_contains },
	{ "join", NULL, S, 2, 3, { A, S, S }, 0, 0, fn_join },
	{ "skip", NULL, A, 2, 2, { A, N }, 0, AD_LAZY, fn_skip },
	{ "take", NULL, A | S, 2, 2, { A | S, N }, 0, AD_LAZY, fn_take },
	{ "subArray", NULL, A, 2, 3, { A, N, N }, 0, AD_LAZY, fn_sub_array },
	{ "union", NULL, A, 1, AD_MANY, { A }, AD_IS_LIST, 0, fn_union },
	{ "unique", NULL, A, 1, 1, { A }, AD_IS_LIST, 0, fn_union },
	{ "intersection", NULL, A, 1, AD_MANY, { A }, AD_IS_LIST, 0, fn_intersection },
	{ "reverse", NULL, S | A, 1, 1, { S | A }, AD_IS_CONTAINER, 0, fn_reverse },
	{ "flatten", NULL, A, 1, 2, { A, N }, 0, 0, fn_flatten },
	{ .name = NULL },
};
