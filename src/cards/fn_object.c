/* SPDX-License-Identifier: Apache-2.0 */
/* Functions of objects, and the two that sort lists of them. */
#include "expr.h"
#include "ad/text.h"
#include "units.h"

#include <math.h>

/* String(value) of an argument, as a name. */
static enum ad_outcome name_of(
	struct ad_call *call, const struct ad_value *value, struct ad_string *ret)
{
	struct ad_value text;
	ad_value_add_text(call->x->arena, ad_text_begin(call->x), value);
	enum ad_outcome o = ad_text_end(call->x, &text);
	if (o == AD_DONE)
		*ret = text.string;
	return o;
}

void ad_list_set(struct ad_list *object, const struct ad_string *name, const struct ad_value *value)
{
	size_t at = ad_list_find(object, name);
	if (at == object->count) {
		bool is_index = ad_name_is_index(name->text);
		size_t place = is_index ? 0 : at;
		while (is_index && place < at && ad_name_is_index(object->name[place].text) &&
			strtol(object->name[place].text, NULL, 10) < strtol(name->text, NULL, 10))
			place++;
		memmove(object->name + place + 1, object->name + place,
			(at - place) * sizeof *object->name);
		memmove(object->value + place + 1, object->value + place,
			(at - place) * sizeof *object->value);
		object->count++;
		at = place;
	}
	object->name[at] = *name;
	object->value[at] = *value;
}

/* addProperty refuses a name that is there. */
static enum ad_outcome set_property(struct ad_call *call, bool add, struct ad_value *ret)
{
	struct ad_string name = { "", 0 };
	enum ad_outcome o = name_of(call, &call->arg[1], &name);
	ret->kind = AD_UNDEFINED;
	if (o != AD_DONE)
		return o;
	const struct ad_value *to = &call->arg[0];
	if (ad_value_is_nullish(to) || (add && to->kind != AD_OBJECT && to->kind != AD_ARRAY))
		return ad_fail(call, "an object is wanted");
	*ret = *to; /* given back even when it has that member already */
	if (ret->kind == AD_ARRAY)
		return AD_DONE;
	if (ret->kind != AD_OBJECT)
		return ad_throw(call, "an object is wanted");
	if (add && ad_list_find(ad_value_list(call->x->arena, ret), &name) <
			   ad_value_list(call->x->arena, ret)->count)
		return ad_fail(call, "the object has that member already");
	struct ad_list *object = ad_list_change(call->x, ret);
	if (!object)
		return AD_STOPPED;
	ad_list_set(object, &name, &call->arg[2]);
	return AD_DONE;
}

static enum ad_outcome fn_set_property(struct ad_call *call, struct ad_value *ret)
{
	return set_property(call, false, ret);
}

static enum ad_outcome fn_add_property(struct ad_call *call, struct ad_value *ret)
{
	return set_property(call, true, ret);
}

static enum ad_outcome fn_remove_property(struct ad_call *call, struct ad_value *ret)
{
	struct ad_string name = { "", 0 };
	*ret = call->arg[0];
	enum ad_outcome o = name_of(call, &call->arg[1], &name);
	if (o != AD_DONE)
		return o;
	if (ad_value_is_nullish(ret))
		return ad_fail(call, "an object is wanted");
	if (ret->kind != AD_OBJECT)
		return AD_DONE;
	struct ad_list *object = ad_list_change(call->x, ret);
	if (!object)
		return AD_STOPPED;
	size_t at = ad_list_find(object, &name);
	if (at == object->count)
		return AD_DONE;
	object->count--;
	memmove(object->name + at, object->name + at + 1,
		(object->count - at) * sizeof *object->name);
	memmove(object->value + at, object->value + at + 1,
		(object->count - at) * sizeof *object->value);
	return AD_DONE;
}

static enum ad_outcome fn_get_property(struct ad_call *call, struct ad_value *ret)
{
	struct ad_value object, name;
	struct ad_string path = { "", 0 };
	enum ad_outcome o = ad_eval_child(call, 0, &object);
	if (o != AD_DONE)
		return o;
	if (call->count == 1) {
		if (object.kind != AD_STRING)
			return ad_fail(call, "a name is wanted");
		return ad_path_eval(call, NULL, object.string.text, ret);
	}
	o = ad_eval_child(call, 1, &name);
	if (o != AD_DONE)
		return o;
	if (ad_value_is_nullish(&name))
		return ad_throw(call, "a name is wanted");
	o = name_of(call, &name, &path);
	return o == AD_DONE ? ad_path_eval(call, &object, path.text, ret) : o;
}

/* Objects, and objects in lists, one over the other. */
static enum ad_outcome merge_one(
	struct ad_call *call, struct ad_list *into, const struct ad_value *value)
{
	if (value->kind != AD_OBJECT)
		return ad_fail(call, "an object or a list of objects is wanted");
	const struct ad_list *object = ad_list_of(call->x, value);
	if (!object)
		return AD_STOPPED;
	for (size_t i = 0; i < object->count; i++)
		ad_list_set(into, &object->name[i], &object->value[i]);
	return ad_spend(call->x, object->count * into->count, 0);
}

static size_t members_of(struct ad_call *call, const struct ad_value *value)
{
	if (value->kind != AD_ARRAY && value->kind != AD_OBJECT)
		return 0;
	const struct ad_list *list = ad_value_list(call->x->arena, value);
	if (list->name)
		return list->count;
	size_t count = 0;
	for (size_t i = 0; i < list->count; i++) {
		if (list->value[i].kind == AD_OBJECT)
			count += ad_value_list(call->x->arena, &list->value[i])->count;
	}
	return count;
}

static enum ad_outcome fn_merge(struct ad_call *call, struct ad_value *ret)
{
	size_t room = 0;
	for (size_t i = 0; i < call->count; i++)
		room += members_of(call, &call->arg[i]);
	struct ad_list *made = ad_list_make(call->x, room, true);
	if (!made)
		return AD_STOPPED;
	made->count = 0;
	for (size_t i = 0; i < call->count; i++) {
		const struct ad_value *arg = &call->arg[i];
		struct ad_value single = *arg;
		struct ad_list alone = { .count = 1, .value = &single };
		const struct ad_list *list = &alone;
		if (arg->kind == AD_ARRAY)
			list = ad_value_list(call->x->arena, arg);
		for (size_t k = 0; k < list->count; k++) {
			if (list != &alone && list->value[k].kind == AD_NULL)
				continue;
			enum ad_outcome o = merge_one(call, made, &list->value[k]);
			if (o != AD_DONE)
				return o;
		}
	}
	*ret = ad_value_of_list(made);
	return AD_DONE;
}

static enum ad_outcome fn_indices_and_values(struct ad_call *call, struct ad_value *ret)
{
	struct ad_value value;
	enum ad_outcome o = ad_eval_child(call, 0, &value);
	if (o != AD_DONE)
		return o;
	if (value.kind == AD_NULL)
		return ad_throw(call, "null has no members");
	if (value.kind != AD_ARRAY && value.kind != AD_OBJECT)
		return ad_fail(call, "a list or an object is wanted");
	const struct ad_list *list = ad_list_of(call->x, &value);
	struct ad_list *made = list ? ad_list_make(call->x, list->count, false) : NULL;
	for (size_t i = 0; made && i < list->count; i++) {
		struct ad_list *pair = ad_list_make(call->x, 2, true);
		if (!pair)
			return AD_STOPPED;
		pair->name[0] = (struct ad_string){ "index", 5 };
		pair->name[1] = (struct ad_string){ "value", 5 };
		pair->value[0] = list->name ? ad_value_string(list->name[i].text, list->name[i].len)
					    : ad_value_number((double)i);
		pair->value[1] = list->value[i];
		made->value[i] = ad_value_of_list(pair);
	}
	if (!made)
		return AD_STOPPED;
	*ret = ad_value_of_list(made);
	return AD_DONE;
}

/* Number(value), for comparing what are not two texts. */
static double to_number(const struct ad_value *value)
{
	char *end;
	double number;
	switch (value->kind) {
	case AD_NULL:
		return 0;
	case AD_BOOL:
		return value->truth;
	case AD_NUMBER:
		return value->number;
	case AD_STRING:
		number = strtod(value->string.text, &end);
		return *end ? NAN : number;
	case AD_UNDEFINED:
	case AD_ARRAY:
	case AD_OBJECT:
	case AD_TICKS:
	case AD_BYTES:
	default:
		return NAN;
	}
}

struct sorted {
	struct ad_value key; /* what is compared */
	struct ad_value value;
};

static int compare(struct ad_eval *x, const struct sorted *a, const struct sorted *b)
{
	x->steps++;
	if (a->value.kind == AD_UNDEFINED || b->value.kind == AD_UNDEFINED) /* they go last */
		return (a->value.kind == AD_UNDEFINED) - (b->value.kind == AD_UNDEFINED);
	if (a->key.kind == AD_STRING && b->key.kind == AD_STRING)
		return ad_units_compare(x->arena, &a->key.string, &b->key.string);
	double left = to_number(&a->key), right = to_number(&b->key);
	return (left > right) - (left < right);
}

/* Stable, by merging. */
static void merge_sort(struct ad_eval *x, struct sorted *item, struct sorted *spare, size_t count)
{
	if (count < 2)
		return;
	size_t half = count / 2, left = 0, right = half;
	merge_sort(x, item, spare, half);
	merge_sort(x, item + half, spare, count - half);
	memcpy(spare, item, count * sizeof *item);
	for (size_t i = 0; i < count; i++) {
		bool from_left = right == count ||
				 (left < half && compare(x, &spare[left], &spare[right]) <= 0);
		item[i] = spare[from_left ? left++ : right++];
	}
}

/* The key of each item: a member, or without a name the item as text. */
static enum ad_outcome key_of(
	struct ad_call *call, const struct ad_string *name, struct sorted *item)
{
	item->key.kind = AD_UNDEFINED;
	if (item->value.kind == AD_UNDEFINED)
		return AD_DONE;
	if (name) {
		if (item->value.kind == AD_NULL)
			return ad_throw(call, "null has no members");
		item->key = ad_value_own(call->x->arena, &item->value, name->text, name->len);
		return AD_DONE;
	}
	ad_value_add_text(call->x->arena, ad_text_begin(call->x), &item->value);
	return ad_text_end(call->x, &item->key);
}

static bool is_falsy(const struct ad_value *value)
{
	return ad_value_is_nullish(value) || (value->kind == AD_BOOL && !value->truth) ||
	       (value->kind == AD_NUMBER && (value->number == 0 || isnan(value->number)));
}

/* The name of the member that a list is sorted by. What JavaScript takes for false is none. */
static enum ad_outcome sort_name(struct ad_call *call, struct ad_string *name)
{
	struct ad_value by = { .kind = AD_UNDEFINED };
	enum ad_outcome o = call->count == 2 ? ad_eval_child(call, 1, &by) : AD_DONE;
	if (o == AD_DONE && !is_falsy(&by))
		o = name_of(call, &by, name);
	return o;
}

static enum ad_outcome sort(struct ad_call *call, bool descending, struct ad_value *ret)
{
	struct ad_value value;
	struct ad_string name = { "", 0 };
	enum ad_outcome o = ad_eval_child(call, 0, &value);
	if (o != AD_DONE)
		return o;
	if (value.kind != AD_ARRAY)
		return ad_fail(call, "a list is wanted");
	/* Without its name it fails and gives the list back all the same, which or() shows. */
	enum ad_outcome named = sort_name(call, &name);
	if (named != AD_DONE && named != AD_FAILED)
		return named;
	const struct ad_list *list = ad_list_of(call->x, &value);
	struct ad_list *made = list ? ad_list_make(call->x, list->count, false) : NULL;
	if (!made)
		return AD_STOPPED;
	struct sorted *item = ad_alloc_array(call->x->arena, 2 * list->count + 1, sizeof *item);
	for (size_t i = 0; i < list->count; i++) {
		item[i].value = list->value[i];
		bool single = list->count < 2; /* nothing is compared */
		o = single ? AD_DONE : key_of(call, call->count == 2 ? &name : NULL, &item[i]);
		if (o != AD_DONE)
			return o;
	}
	merge_sort(call->x, item, item + list->count, list->count);
	for (size_t i = 0; i < list->count; i++)
		made->value[descending ? list->count - 1 - i : i] = item[i].value;
	*ret = ad_value_of_list(made);
	o = ad_spend(call->x, 0, 0);
	return o == AD_DONE ? named : o;
}

static enum ad_outcome fn_sort_by(struct ad_call *call, struct ad_value *ret)
{
	return sort(call, false, ret);
}

static enum ad_outcome fn_sort_by_descending(struct ad_call *call, struct ad_value *ret)
{
	return sort(call, true, ret);
}

#define O AD_T_OBJECT
#define S AD_T_STRING
#define A AD_T_ARRAY

const struct ad_function ad_functions_object[] = {
	{ "setProperty", NULL, O, 3, 3, { O, S, O }, 0, 0, fn_set_property },
	{ "addProperty", NULL, O, 3, 3, { O, S, O }, 0, AD_KEEPS, fn_add_property },
	{ "removeProperty", NULL, O, 2, 2, { O, S }, 0, 0, fn_remove_property },
	{ "getProperty", NULL, O, 1, 2, { O, S }, 0, AD_LAZY, fn_get_property },
	{ "merge", NULL, O, 1, AD_MANY, { 0 }, 0, 0, fn_merge },
	{ "indicesAndValues", NULL, A, 1, 1, { 0 }, 0, AD_LAZY, fn_indices_and_values },
	{ "sortBy", NULL, A, 1, 2, { A, S }, 0, AD_LAZY, fn_sort_by },
	{ "sortByDescending", NULL, A, 1, 2, { A, S }, 0, AD_LAZY, fn_sort_by_descending },
	{ .name = NULL },
};
