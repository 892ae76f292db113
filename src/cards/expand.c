/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Expansion: walks a template's tree, replaces bindings by values, repeats elements over "$data"
 * and drops those whose
 * "$when" is not true. The template is never changed; what is built belongs to the expansion's
 * arena.
 */
#include "expand.h"
#include "ad/buf.h"
#include "ad/text.h"

#define STRING_MAX ((size_t)256 << 10) /* bytes of one expanded string */
#define WORD_DEPTH_MAX 4               /* words that name words */

/* "text.key" of the language, or NULL when the expression is something else. */
static const char *find_word(const struct ad_expansion *x, const char *expression)
{
	if (!x->scope.words || !ad_text_starts(expression, "text."))
		return NULL;
	const char *key = expression + strlen("text.");
	const char *word = ad_json_text(ad_json_get(x->scope.words, key));
	return word ? word : ad_json_str(x->scope.words, key);
}

static void note_missing(struct ad_expansion *x, const char *expression)
{
	if (!x->missing)
		x->missing = expression;
}

/* One binding's value, NULL when missing. Strings from data are made safe for the place that they
 * go to. */
static int bind(struct ad_expansion *x, const char *expression, bool markdown, struct ad_json **ret,
	struct ad_err *err)
{
	const char *word = find_word(x, expression);
	if (word) {
		if (x->depth == WORD_DEPTH_MAX)
			return AD_FAIL(err, AD_EBUG, "words name each other: %s", expression);
		x->depth++;
		int e = ad_expand_string(x, word, markdown, ret, err);
		x->depth--;
		return e;
	}
	struct ad_json *value = NULL;
	int e = ad_expr_eval(x->arena, &x->scope, expression, strlen(expression), &value, err);
	if (e != 0)
		return e;
	const char *text = ad_json_text(value);
	if (!value)
		note_missing(x, expression);
	else if (text && x->escape && markdown && !ad_text_ends(expression, "_md"))
		value = ad_json_new_string(x->arena, ad_markdown_escape(x->arena, text));
	else if (text && x->escape)
		value = ad_json_new_string(x->arena, ad_utf8_clean(x->arena, text, true));
	else
		value = ad_json_copy(x->arena, value);
	*ret = value;
	return 0;
}

/* Appends the binding at p ("${"); *ret_next is behind it. A binding without value stays as it is
 * written. */
static int add_binding(struct ad_expansion *x, struct ad_buf *out, const char *p, bool markdown,
	const char **ret_next, struct ad_err *err)
{
	const char *end = ad_expr_end(p + 2);
	if (!end) {
		(void)ad_buf_adds(out, p);
		*ret_next = p + strlen(p);
		return 0;
	}
	struct ad_json *value = NULL;
	int e = bind(x, ad_strndup(x->arena, p + 2, (size_t)(end - p - 2)), markdown, &value, err);
	if (e != 0)
		return e;
	if (value)
		(void)ad_buf_adds(out, ad_expr_text(x->arena, value));
	else
		(void)ad_buf_add(out, p, (size_t)(end + 1 - p));
	*ret_next = end + 1;
	return 0;
}

static int interpolate(struct ad_expansion *x, struct ad_buf *out, const char *text, bool markdown,
	struct ad_err *err)
{
	const char *p = text;
	while (*p) {
		if (strncmp(p, "\\${", 3) == 0) {
			(void)ad_buf_adds(out, "${");
			p += 3;
		} else if (strncmp(p, "${", 2) == 0) {
			int e = add_binding(x, out, p, markdown, &p, err);
			if (e != 0)
				return e;
		} else {
			(void)ad_buf_addc(out, *p++);
		}
	}
	return out->overflow ? AD_FAIL(err, AD_ETOOBIG, "a text of the card is too long") : 0;
}

int ad_expand_string(struct ad_expansion *x, const char *text, bool markdown, struct ad_json **ret,
	struct ad_err *err)
{
	/* A string that is one binding and nothing else keeps the value's type. */
	const char *end = ad_text_starts(text, "${") ? ad_expr_end(text + 2) : NULL;
	if (end && !end[1]) {
		const char *inner = ad_strndup(x->arena, text + 2, (size_t)(end - text - 2));
		struct ad_json *value = NULL;
		int e = bind(x, inner, markdown, &value, err);
		if (e == 0)
			*ret = value ? value : ad_json_new_string(x->arena, text);
		return e;
	}
	struct ad_buf out;
	ad_buf_init(&out, STRING_MAX);
	int e = interpolate(x, &out, text, markdown, err);
	if (e == 0)
		*ret = ad_json_new_string(x->arena, ad_buf_str(&out));
	ad_buf_release(&out);
	return e;
}

/* "$when" of an element in the current scope. Absent: keep. */
static int is_wanted(
	struct ad_expansion *x, const struct ad_json *element, bool *ret, struct ad_err *err)
{
	const struct ad_json *when = ad_json_get(element, "$when");
	const char *text = ad_json_text(when);
	*ret = !when || ad_json_truth(when);
	if (!text)
		return 0;
	const char *end = ad_text_starts(text, "${") ? ad_expr_end(text + 2) : NULL;
	if (!end || end[1])
		return 0;
	struct ad_json *value = NULL;
	int e = ad_expr_eval(x->arena, &x->scope, text + 2, (size_t)(end - text - 2), &value, err);
	*ret = ad_expr_is_true(value);
	return e;
}

/* Which of an object's strings a client renders as markdown. */
static bool is_markdown(const struct ad_json *object, const char *name)
{
	if (strcmp(name, "text") == 0)
		return ad_text_eq(ad_json_str(object, "type"), "TextBlock");
	/* A fact has a title, a value and no type. */
	return !ad_json_get(object, "type") && ad_json_get(object, "title") &&
	       ad_json_get(object, "value") &&
	       (strcmp(name, "title") == 0 || strcmp(name, "value") == 0);
}

static int expand_members(struct ad_expansion *x, const struct ad_json *object,
	struct ad_json **ret, struct ad_err *err)
{
	struct ad_json *made = ad_json_new_object(x->arena);
	AD_JSON_EACH(member, object)
	{
		const char *name = ad_json_name(member);
		struct ad_json *value = NULL;
		if (strcmp(name, "$data") == 0 || strcmp(name, "$when") == 0)
			continue;
		const char *text = ad_json_text(member);
		int e = text ? ad_expand_string(x, text, is_markdown(object, name), &value, err)
			     : ad_expand_value(x, member, &value, err);
		if (e != 0)
			return e;
		if (value)
			ad_json_set(x->arena, made, name, value);
	}
	*ret = made;
	return 0;
}

/* The element in the current scope, or NULL when "$when" drops it. */
static int expand_element(struct ad_expansion *x, const struct ad_json *element,
	struct ad_json **ret, struct ad_err *err)
{
	bool wanted;
	*ret = NULL;
	int e = is_wanted(x, element, &wanted, err);
	return e == 0 && wanted ? expand_members(x, element, ret, err) : e;
}

/* The value of "$data", NULL when the element has none or it is missing or null. Expressions in it
 * are not looked at. */
static int data_of(struct ad_expansion *x, const struct ad_json *element, struct ad_json **ret,
	struct ad_err *err)
{
	struct ad_json *data = ad_json_get(element, "$data");
	const char *text = ad_json_text(data);
	const char *end = ad_text_starts(text, "${") ? ad_expr_end(text + 2) : NULL;
	int e = 0;
	if (end && !end[1])
		e = ad_expr_eval(
			x->arena, &x->scope, text + 2, (size_t)(end - text - 2), &data, err);
	*ret = ad_json_kind(data) == AD_JSON_NULL ? NULL : data;
	return e;
}

/* Appends the element, once or repeated over its "$data", to the list. */
static int expand_into(struct ad_expansion *x, const struct ad_json *element, struct ad_json *list,
	struct ad_err *err)
{
	const struct ad_scope outer = x->scope;
	struct ad_json *made = NULL;
	struct ad_json *data = NULL;
	int e = data_of(x, element, &data, err);
	if (e != 0)
		return e;
	if (ad_json_get(element, "$data") && !data) {
		made = ad_json_copy(x->arena, element);
		ad_json_remove(made, "$data");
		ad_json_append(x->arena, list, made);
		return 0;
	}
	bool repeated = ad_json_kind(data) == AD_JSON_ARRAY;
	const struct ad_json *item = repeated ? ad_json_first(data) : data;
	for (int64_t index = 0; e == 0 && (item || !data); index++) {
		x->scope.data = data ? item : outer.data;
		x->scope.index = repeated ? index : outer.index;
		e = expand_element(x, element, &made, err);
		if (e == 0 && made)
			ad_json_append(x->arena, list, made);
		item = repeated ? ad_json_next(item) : NULL;
		if (!repeated)
			break;
	}
	x->scope = outer;
	return e;
}

static int expand_array(struct ad_expansion *x, const struct ad_json *array, struct ad_json **ret,
	struct ad_err *err)
{
	struct ad_json *list = ad_json_new_array(x->arena);
	AD_JSON_EACH(item, array)
	{
		struct ad_json *value = NULL;
		int e;
		if (ad_json_kind(item) == AD_JSON_OBJECT) {
			e = expand_into(x, item, list, err);
		} else {
			e = ad_expand_value(x, item, &value, err);
			if (e == 0 && value)
				ad_json_append(x->arena, list, value);
		}
		if (e != 0)
			return e;
	}
	*ret = list;
	return 0;
}

int ad_expand_value(struct ad_expansion *x, const struct ad_json *template, struct ad_json **ret,
	struct ad_err *err)
{
	switch (ad_json_kind(template)) {
	case AD_JSON_STRING:
		return ad_expand_string(x, ad_json_text(template), false, ret, err);
	case AD_JSON_ARRAY:
		return expand_array(x, template, ret, err);
	case AD_JSON_OBJECT: {
		struct ad_json *list = ad_json_new_array(x->arena);
		int e = expand_into(x, template, list, err);
		/* Outside an array a repeated element can stand only once: the first one stays. */
		struct ad_json *first = ad_json_first(list);
		*ret = first ? ad_json_copy(x->arena, first) : NULL;
		return e;
	}
	case AD_JSON_NONE:
	case AD_JSON_NULL:
	case AD_JSON_BOOL:
	case AD_JSON_NUMBER:
	default:
		*ret = ad_json_copy(x->arena, template);
		return 0;
	}
}
