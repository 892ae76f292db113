/* SPDX-License-Identifier: Apache-2.0 */
/* Names and paths: what "a.b[0]['c']" finds in the data. */
#include "ad/text.h"
#include "expr.h"

#include <math.h>

#define PATH_MAX_BYTES 4000
#define SETS_MAX 200 /* of paths in one expansion: each value may hold the one before */

/* What parseInt() makes of a text; false: NaN. */
static bool parse_int(const char *text, double *ret)
{
	char *end;
	while (*text == ' ' || (*text >= '\t' && *text <= '\r'))
		text++;
	const char *digits = text + (*text == '-' || *text == '+');
	if (*digits < '0' || *digits > '9')
		return false;
	bool hex = digits[0] == '0' && (digits[1] | 0x20) == 'x';
	*ret = (double)strtoll(text, &end, hex ? 16 : 10);
	return end > digits;
}

static struct ad_value element_at(const struct ad_value *list, double index)
{
	struct ad_value none = { .kind = AD_UNDEFINED };
	if (!(index >= 0) || index >= AD_JSON_VALUES_MAX * 16.0)
		return none;
	if (!list->list)
		return ad_value_of_json(ad_json_at(list->json, (size_t)index));
	return index < (double)list->list->count ? list->list->value[(size_t)index] : none;
}

/* One step of a path, in place. */
static void step(struct ad_eval *x, struct ad_value *value, const struct ad_name *name)
{
	double index;
	x->steps++;
	if (value->kind == AD_OBJECT && !value->list)
		ad_member_find(x->arena, &x->indices, value->json, name, value);
	else if (value->kind == AD_ARRAY && parse_int(name->text, &index))
		*value = element_at(value, index);
	else
		*value = ad_value_property(x->arena, value, name->text, name->len);
	if (x->changes)
		ad_value_settle(x, value);
}

static void walk(
	struct ad_eval *x, struct ad_value *value, const struct ad_name *name, size_t names)
{
	for (size_t i = 0; i < names; i++)
		step(x, value, &name[i]);
}

/* A name that setPathToValue() has given a value in this binding. */
static bool look_up_memory(const struct ad_eval *x, const char *name, struct ad_value *ret)
{
	for (const struct ad_local *m = x->named; m; m = m->outer) {
		if (ad_text_eq_nocase(m->name, name)) {
			*ret = m->value;
			return true;
		}
	}
	return false;
}

/* What a reserved name means; plain names are members of $data. */
static void look_up_reserved(struct ad_eval *x, const char *name, struct ad_value *ret)
{
	if (look_up_memory(x, name, ret))
		return;
	if (ad_text_eq_nocase(name, "$root"))
		*ret = x->root;
	else if (ad_text_eq_nocase(name, "$data"))
		*ret = x->data;
	else if (ad_text_eq_nocase(name, "$host"))
		*ret = x->host;
	else if (ad_text_eq_nocase(name, "$index") && x->index >= 0)
		*ret = ad_value_number((double)x->index);
	else
		ret->kind = AD_UNDEFINED;
	if (x->changes)
		ad_value_settle(x, ret);
}

/* Through the names of lambdas, innermost first; false: none of them. */
static bool look_up_local(
	struct ad_eval *x, const struct ad_name *name, size_t names, struct ad_value *ret)
{
	for (const struct ad_local *l = x->local; l; l = l->outer) {
		if (!ad_text_eq_nocase(l->name, name[0].text))
			continue;
		*ret = l->value;
		walk(x, ret, name + 1, names - 1);
		if (ret->kind != AD_UNDEFINED)
			return true;
	}
	return false;
}

static void look_up(
	struct ad_eval *x, const struct ad_name *name, size_t names, struct ad_value *ret)
{
	if (x->local && look_up_local(x, name, names, ret))
		return;
	if (name[0].text[0] == '$') {
		look_up_reserved(x, name[0].text, ret);
		walk(x, ret, name + 1, names - 1);
		return;
	}
	if (x->data.kind == AD_OBJECT && !x->data.list && !x->changes && !x->named) {
		ad_member_find(x->arena, &x->indices, x->data.json, &name[0], ret);
		walk(x, ret, name + 1, names - 1);
		return;
	}
	look_up_reserved(x, "$data", ret);
	walk(x, ret, name, names);
}

/* A missing value leaves its path in the text. */
static void substitute(struct ad_eval *x, const char *path, struct ad_value *ret)
{
	if (!x->missing)
		x->missing = path;
	const char *text = ad_printf(x->arena, "${%s}", path);
	*ret = ad_value_string(text, strlen(text));
}

enum ad_outcome ad_name_eval(
	struct ad_eval *x, const struct ad_expr *expr, bool substitutes, struct ad_value *ret)
{
	look_up(x, expr->name, expr->names, ret);
	if (ret->kind == AD_UNDEFINED && substitutes)
		substitute(x, expr->path, ret);
	return ad_spend(x, 1, 0);
}

/* Splits at dots and brackets and takes quotes away; how many names. */
static size_t split(struct ad_arena *arena, const char *path, struct ad_name **ret)
{
	struct ad_name *name = ad_alloc_array(arena, strlen(path) / 2 + 1, sizeof *name);
	size_t count = 0;
	while (*path) {
		size_t len = strcspn(path, ".[]");
		const char *text = path;
		path += len + (path[len] != '\0');
		if (len == 0)
			continue;
		if ((text[0] == '\'' || text[0] == '"') && text[len - 1] == text[0]) {
			text += len > 1;
			len -= len > 1 ? 2 : 1;
		}
		name[count++] = ad_name_of(ad_strndup(arena, text, len), len);
	}
	*ret = name;
	return count;
}

enum ad_outcome ad_path_eval(
	struct ad_call *call, const struct ad_value *scope, const char *path, struct ad_value *ret)
{
	struct ad_name *name;
	size_t names = split(call->x->arena, path, &name);
	*ret = (struct ad_value){ .kind = AD_UNDEFINED };
	if (names > 0 && scope) {
		*ret = *scope;
		walk(call->x, ret, name, names);
	} else if (names > 0) {
		look_up(call->x, name, names, ret);
	}
	if (ret->kind == AD_UNDEFINED && call->substitute)
		substitute(call->x, path, ret);
	return ad_spend(call->x, names, strlen(path));
}

/* "[3]." or "['name']." in front of the path. */
static enum ad_outcome add_index(
	struct ad_call *call, const struct ad_expr *index, const char **path)
{
	struct ad_value value;
	double number;
	enum ad_outcome o = ad_expr_eval(call->x, index, call->substitute, &value);
	if (o != AD_DONE)
		return o == AD_NOTHING ? AD_THROWN : o;
	struct ad_buf text;
	ad_buf_init(&text, PATH_MAX_BYTES);
	ad_value_add_text(call->x->arena, &text, &value);
	const char *shown = ad_buf_str(&text);
	bool is_number = parse_int(shown, &number);
	if (text.overflow)
		o = AD_STOPPED;
	else if (is_number)
		*path = ad_printf(call->x->arena, "[%s].%s", shown, *path);
	else if (value.kind == AD_STRING)
		*path = ad_printf(call->x->arena, "['%s'].%s", shown, *path);
	else
		o = ad_fail(call, "the index is neither a number nor a text");
	ad_buf_release(&text);
	return o;
}

/* Takes ".[" together and dots at the end away. */
static void tidy(char *path)
{
	size_t len = strlen(path);
	while (len > 0 && path[len - 1] == '.')
		path[--len] = '\0';
	for (char *p = strstr(path, ".["); p; p = strstr(p, ".["))
		memmove(p, p + 1, strlen(p));
}

enum ad_outcome ad_path_of(struct ad_call *call, const struct ad_expr *expr, const char **ret_path,
	const struct ad_expr **ret_left)
{
	const char *path = "";
	const struct ad_expr *left = expr;
	while (left && (left->fn == &ad_accessor || left->fn == &ad_element)) {
		bool is_name = left->fn == &ad_accessor;
		enum ad_outcome o = AD_DONE;
		if (is_name)
			path = ad_printf(call->x->arena, "%s.%s",
				left->child[0]->constant.string.text, path);
		else
			o = add_index(call, left->child[1], &path);
		if (o == AD_DONE)
			o = ad_spend(call->x, 1, strlen(path));
		if (o != AD_DONE)
			return o;
		left = !is_name ? left->child[0] : left->count == 2 ? left->child[1] : NULL;
	}
	char *tidied = ad_strdup(call->x->arena, path);
	tidy(tidied);
	*ret_path = tidied;
	*ret_left = left;
	return AD_DONE;
}

static enum ad_outcome eval_accessor(struct ad_call *call, struct ad_value *ret)
{
	const char *path;
	const struct ad_expr *left;
	struct ad_value scope;
	enum ad_outcome o = ad_path_of(call, call->expr, &path, &left);
	if (o != AD_DONE)
		return o;
	if (!left)
		return ad_path_eval(call, NULL, path, ret);
	o = ad_expr_eval(call->x, left, call->substitute, &scope);
	if (o != AD_DONE)
		return o == AD_NOTHING ? AD_THROWN : o;
	return ad_path_eval(call, &scope, path, ret);
}

/* A name of the memory alone: gone after this binding. */
static void remember(struct ad_eval *x, const struct ad_name *name, const struct ad_value *value)
{
	static const char *const reserved[] = { "$root", "$data", "$host", "$index" };
	for (size_t i = 0; i < sizeof reserved / sizeof reserved[0]; i++) {
		if (ad_text_eq_nocase(reserved[i], name->text) &&
			strcmp(reserved[i], name->text) != 0)
			return; /* it would be found behind the reserved one */
	}
	struct ad_local **at = &x->named;
	while (*at && strcmp((*at)->name, name->text) != 0)
		at = &(*at)->outer;
	if (!*at)
		*at = ad_alloc(x->arena, sizeof **at);
	(*at)->name = name->text;
	(*at)->value = *value;
}

/* Whether a value is the list or has it somewhere inside, which ends in a circle. */
static enum ad_outcome refuse_circle(
	struct ad_call *call, const struct ad_value *value, const struct ad_list *list)
{
	enum ad_outcome o = ad_spend(call->x, 1, 0);
	if (o != AD_DONE || !value->list || !list)
		return o;
	if (value->list == list)
		return ad_throw(call, "a value cannot hold itself");
	for (size_t i = 0; i < value->list->count && o == AD_DONE; i++)
		o = refuse_circle(call, &value->list->value[i], list);
	return o;
}

/* The same list with room for one more: whoever else has it sees what becomes of it. */
static struct ad_list *open_list(struct ad_eval *x, struct ad_value *value)
{
	struct ad_list *old = value->list;
	if (!old)
		return ad_list_change(x, value);
	struct ad_list *grown = ad_list_make(x, old->count + 1, old->name != NULL);
	if (!grown)
		return NULL;
	memcpy(grown->value, old->value, old->count * sizeof *old->value);
	if (old->name)
		memcpy(grown->name, old->name, old->count * sizeof *old->name);
	grown->count = old->count;
	*old = *grown;
	return old;
}

static enum ad_outcome set_in(struct ad_call *call, struct ad_value *container,
	const struct ad_name *name, const struct ad_value *value)
{
	double index;
	bool is_index = parse_int(name->text, &index);
	if (container->kind == AD_UNDEFINED || (is_index && container->kind != AD_ARRAY))
		return AD_DONE;
	if (container->kind != AD_ARRAY && container->kind != AD_OBJECT)
		return is_index ? AD_DONE : ad_throw(call, "only an object has members");
	size_t count = ad_value_list(call->x->arena, container)->count;
	if (container->kind == AD_ARRAY && !(is_index && index >= 0 && index <= (double)count))
		return AD_DONE;
	enum ad_outcome o = refuse_circle(call, value, container->list);
	if (o != AD_DONE)
		return o;
	struct ad_list *list = open_list(call->x, container);
	if (!list)
		return AD_STOPPED;
	if (list->name) {
		struct ad_string member = { name->text, name->len };
		ad_list_set(list, &member, value);
		return AD_DONE;
	}
	list->count += (size_t)index == count;
	list->value[(size_t)index] = *value;
	return AD_DONE;
}

enum ad_outcome ad_path_set(struct ad_call *call, const char *path, const struct ad_value *value)
{
	struct ad_eval *x = call->x;
	struct ad_name *name;
	size_t names = split(x->arena, path, &name);
	struct ad_value container = { .kind = AD_UNDEFINED };
	double index;
	if (x->local)
		return ad_throw(call, "nothing can be set inside of a lambda");
	if (++x->sets > SETS_MAX || ad_spend(x, names, strlen(path)) != AD_DONE)
		return AD_STOPPED;
	if (names == 1 && !parse_int(name[0].text, &index))
		remember(x, &name[0], value);
	if (names < 2)
		return AD_DONE;
	look_up_reserved(x, name[0].text, &container);
	walk(x, &container, name + 1, names - 2);
	return set_in(call, &container, &name[names - 1], value);
}

enum ad_outcome ad_index(
	struct ad_call *call, const struct ad_value *list, double index, struct ad_value *ret)
{
	*ret = (struct ad_value){ .kind = AD_UNDEFINED };
	if (ad_value_is_nullish(list))
		return AD_DONE;
	if (list->kind != AD_ARRAY)
		return ad_fail(call, "is not a collection");
	const struct ad_list *own = ad_value_list(call->x->arena, list);
	if (!(index >= 0) || index >= (double)own->count)
		return ad_fail(call, "the index is out of range");
	*ret = own->value[(size_t)index];
	return ad_spend(call->x, own->count, 0);
}

/* value[index]: the one place where the official engine gives nothing back when a part fails. */
static enum ad_outcome eval_element(struct ad_call *call, struct ad_value *ret)
{
	struct ad_value value, index;
	enum ad_outcome o = ad_expr_eval(call->x, call->expr->child[0], call->substitute, &value);
	if (o == AD_DONE)
		o = ad_expr_eval(call->x, call->expr->child[1], false, &index);
	if (o != AD_DONE)
		return o == AD_FAILED ? AD_NOTHING : o == AD_NOTHING ? AD_THROWN : o;
	if (ad_value_is_integer(&index))
		o = ad_index(call, &value, index.number, ret);
	else if (index.kind == AD_STRING)
		*ret = ad_value_property(
			call->x->arena, &value, index.string.text, index.string.len);
	else
		o = ad_fail(call, "the index is neither a number nor a text");
	ad_value_settle(call->x, ret);
	return o;
}

const struct ad_function ad_accessor = { .name = "Accessor",
	.returns = AD_T_OBJECT,
	.least = 1,
	.most = 2,
	.flags = AD_LAZY,
	.call = eval_accessor };

const struct ad_function ad_element = { .name = "Element",
	.returns = AD_T_OBJECT,
	.least = 2,
	.most = 2,
	.flags = AD_LAZY,
	.call = eval_element };
