/* SPDX-License-Identifier: Apache-2.0 */
/* Values: making them, looking into them, comparing them. */
#include "value.h"
#include "ad/text.h"
#include "units.h"

#include <math.h>

struct ad_value ad_value_bool(bool truth)
{
	return (struct ad_value){ .kind = AD_BOOL, .truth = truth };
}

struct ad_value ad_value_number(double number)
{
	return (struct ad_value){ .kind = AD_NUMBER, .number = number };
}

struct ad_value ad_value_string(const char *text, size_t len)
{
	return (struct ad_value){ .kind = AD_STRING, .string = { text, len } };
}

struct ad_value ad_value_of_list(struct ad_list *list)
{
	return (struct ad_value){ .kind = list->name ? AD_OBJECT : AD_ARRAY, .list = list };
}

/* Field by field: a struct that is copied right after it was filled costs more than filling it. */
void ad_value_set_json(struct ad_value *value, const struct ad_json *json)
{
	value->list = NULL;
	switch (ad_json_kind(json)) {
	case AD_JSON_NULL:
		value->kind = AD_NULL;
		return;
	case AD_JSON_BOOL:
		value->kind = AD_BOOL;
		value->truth = ad_json_truth(json);
		return;
	case AD_JSON_NUMBER:
		value->kind = AD_NUMBER;
		value->number = ad_json_number(json, 0);
		return;
	case AD_JSON_STRING:
		value->kind = AD_STRING;
		value->string.text = ad_json_text(json);
		value->string.len = strlen(value->string.text);
		return;
	case AD_JSON_ARRAY:
		value->kind = AD_ARRAY;
		value->json = json;
		return;
	case AD_JSON_OBJECT:
		value->kind = AD_OBJECT;
		value->json = json;
		return;
	case AD_JSON_NONE:
	default:
		value->kind = AD_UNDEFINED;
		return;
	}
}

struct ad_value ad_value_of_json(const struct ad_json *json)
{
	struct ad_value value = { .kind = AD_UNDEFINED };
	ad_value_set_json(&value, json);
	return value;
}

bool ad_value_is_nullish(const struct ad_value *value)
{
	return value->kind == AD_UNDEFINED || value->kind == AD_NULL;
}

bool ad_value_is_integer(const struct ad_value *value)
{
	return value->kind == AD_NUMBER && isfinite(value->number) &&
	       fpclassify(value->number - trunc(value->number)) == FP_ZERO;
}

bool ad_value_is_true(const struct ad_value *value)
{
	return value->kind == AD_BOOL ? value->truth : !ad_value_is_nullish(value);
}

struct ad_list *ad_list_new(struct ad_arena *arena, size_t count, bool named)
{
	struct ad_list *list = ad_alloc(arena, sizeof *list);
	list->count = count;
	list->value = ad_alloc_array(arena, count + 1, sizeof *list->value);
	if (named)
		list->name = ad_alloc_array(arena, count + 1, sizeof *list->name);
	return list;
}

bool ad_name_is_index(const char *name)
{
	size_t len = strlen(name);
	if (len == 0 || len > 9 || (name[0] == '0' && len > 1))
		return false;
	return strspn(name, "0123456789") == len;
}

static int by_index(const void *a, const void *b)
{
	long left = strtol(((const struct ad_string *)a)->text, NULL, 10);
	long right = strtol(((const struct ad_string *)b)->text, NULL, 10);
	return (left > right) - (left < right);
}

/* Members in the order of JavaScript: indices by size, then the others as they came. */
static void list_members(struct ad_arena *arena, const struct ad_json *object, struct ad_list *list)
{
	size_t indices = 0, at = 0;
	AD_JSON_EACH(member, object)
	{
		const char *name = ad_json_name(member);
		if (ad_name_is_index(name))
			list->name[indices++] = (struct ad_string){ name, strlen(name) };
	}
	qsort(list->name, indices, sizeof *list->name, by_index);
	for (at = 0; at < indices; at++)
		list->value[at] = ad_value_of_json(ad_json_get(object, list->name[at].text));
	AD_JSON_EACH(member, object)
	{
		const char *name = ad_json_name(member);
		if (ad_name_is_index(name))
			continue;
		list->name[at] = (struct ad_string){ name, strlen(name) };
		list->value[at++] = ad_value_of_json(member);
	}
	(void)arena;
}

struct ad_list *ad_value_list(struct ad_arena *arena, const struct ad_value *value)
{
	if (value->list)
		return value->list;
	struct ad_list *list =
		ad_list_new(arena, ad_json_count(value->json), value->kind == AD_OBJECT);
	if (list->name) {
		list_members(arena, value->json, list);
		return list;
	}
	size_t at = 0;
	AD_JSON_EACH(item, value->json)
	list->value[at++] = ad_value_of_json(item);
	return list;
}

static char folded(char c)
{
	return (char)(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
}

/* Names without their case: ASCII here, everything else by ICU. */
static bool same_name(
	struct ad_arena *arena, const char *a, size_t a_len, const char *b, size_t b_len)
{
	size_t at = 0;
	while (at < a_len && at < b_len && !((a[at] | b[at]) & 0x80)) {
		if (a[at] != b[at] && folded(a[at]) != folded(b[at]))
			return false;
		at++;
	}
	if (at == a_len || at == b_len)
		return a_len == b_len;
	struct ad_units lower[2];
	struct ad_string text[2] = { { a, a_len }, { b, b_len } };
	for (size_t i = 0; i < 2; i++)
		(void)ad_units_map(arena, AD_LOWER, "", ad_units_of(arena, &text[i]), &lower[i]);
	return lower[0].count == lower[1].count &&
	       memcmp(lower[0].unit, lower[1].unit, lower[0].count * sizeof(uint16_t)) == 0;
}

/* The character of a string, or the element of an array, by a name such as "0". */
static struct ad_value by_position(
	struct ad_arena *arena, const struct ad_value *value, const char *name)
{
	struct ad_value none = { .kind = AD_UNDEFINED };
	if (!ad_name_is_index(name))
		return none;
	size_t at = (size_t)strtol(name, NULL, 10);
	if (value->kind == AD_STRING) {
		struct ad_units units = ad_units_of(arena, &value->string);
		return at < units.count ? ad_units_value(arena, units.unit + at, 1) : none;
	}
	if (value->kind == AD_BYTES)
		return at < value->string.len
			       ? ad_value_number((unsigned char)value->string.text[at])
			       : none;
	if (value->kind != AD_ARRAY)
		return none;
	const struct ad_list *list = ad_value_list(arena, value);
	return at < list->count ? list->value[at] : none;
}

struct ad_value ad_value_property(
	struct ad_arena *arena, const struct ad_value *value, const char *name, size_t len)
{
	if (value->kind != AD_OBJECT)
		return by_position(arena, value, name);
	if (!value->list) {
		AD_JSON_EACH(member, value->json)
		{
			const char *its = ad_json_name(member);
			if ((its[0] ^ name[0]) & 0x1F && !((its[0] | name[0]) & 0x80))
				continue;
			if (same_name(arena, its, strlen(its), name, len))
				return ad_value_of_json(member);
		}
		return (struct ad_value){ .kind = AD_UNDEFINED };
	}
	for (size_t i = 0; i < value->list->count; i++) {
		const struct ad_string *its = &value->list->name[i];
		if (same_name(arena, its->text, its->len, name, len))
			return value->list->value[i];
	}
	return (struct ad_value){ .kind = AD_UNDEFINED };
}

struct ad_value ad_value_own(
	struct ad_arena *arena, const struct ad_value *value, const char *name, size_t len)
{
	if (value->kind == AD_STRING && strcmp(name, "length") == 0)
		return ad_value_number((double)ad_units_count(&value->string));
	if (value->kind == AD_ARRAY && strcmp(name, "length") == 0)
		return ad_value_number((double)ad_value_list(arena, value)->count);
	if (value->kind != AD_OBJECT)
		return by_position(arena, value, name);
	const struct ad_list *list = ad_value_list(arena, value);
	for (size_t i = 0; i < list->count; i++) {
		if (list->name[i].len == len && memcmp(list->name[i].text, name, len) == 0)
			return list->value[i];
	}
	return (struct ad_value){ .kind = AD_UNDEFINED };
}

static bool same_number(double a, double b)
{
	return !(a < b) && !(a > b) && !isnan(a) && !isnan(b);
}

bool ad_value_same(const struct ad_value *a, const struct ad_value *b)
{
	if (a->kind != b->kind)
		return false;
	switch (a->kind) {
	case AD_BOOL:
		return a->truth == b->truth;
	case AD_NUMBER:
		return same_number(a->number, b->number);
	case AD_STRING:
		return a->string.len == b->string.len &&
		       memcmp(a->string.text, b->string.text, a->string.len) == 0;
	case AD_ARRAY:
	case AD_OBJECT:
		return a->list || b->list ? a->list == b->list : a->json == b->json;
	case AD_UNDEFINED:
	case AD_NULL:
		return true;
	case AD_TICKS:
	case AD_BYTES:
	default:
		return false;
	}
}

size_t ad_list_find(const struct ad_list *object, const struct ad_string *name)
{
	size_t i = 0;
	while (i < object->count &&
		(object->name[i].len != name->len ||
			memcmp(object->name[i].text, name->text, name->len) != 0))
		i++;
	return i;
}

/* Deep equality of what stands inside objects: null and undefined differ, numbers exactly. */
static bool same_deep(struct ad_arena *arena, const struct ad_value *a, const struct ad_value *b)
{
	if (a->kind != b->kind || (a->kind != AD_ARRAY && a->kind != AD_OBJECT))
		return ad_value_same(a, b);
	const struct ad_list *left = ad_value_list(arena, a);
	const struct ad_list *right = ad_value_list(arena, b);
	if (left->count != right->count)
		return false;
	for (size_t i = 0; i < left->count; i++) {
		struct ad_value other = right->value[i];
		if (left->name) {
			other = ad_value_own(arena, b, left->name[i].text, left->name[i].len);
			if (other.kind == AD_UNDEFINED &&
				ad_list_find(right, &left->name[i]) == right->count)
				return false;
		}
		if (!same_deep(arena, &left->value[i], &other))
			return false;
	}
	return true;
}

bool ad_value_equal(struct ad_arena *arena, const struct ad_value *a, const struct ad_value *b)
{
	if (ad_value_is_nullish(a) || ad_value_is_nullish(b))
		return ad_value_is_nullish(a) && ad_value_is_nullish(b);
	if (a->kind == AD_ARRAY && b->kind == AD_ARRAY) {
		const struct ad_list *left = ad_value_list(arena, a);
		const struct ad_list *right = ad_value_list(arena, b);
		if (left->count != right->count)
			return false;
		for (size_t i = 0; i < left->count; i++) {
			if (!ad_value_equal(arena, &left->value[i], &right->value[i]))
				return false;
		}
		return true;
	}
	if (a->kind == AD_OBJECT && b->kind == AD_OBJECT)
		return same_deep(arena, a, b);
	if (a->kind == AD_NUMBER && b->kind == AD_NUMBER &&
		fabs(a->number - b->number) < 2.220446049250313e-16)
		return true;
	return ad_value_same(a, b);
}
