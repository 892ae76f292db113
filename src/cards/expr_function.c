/* SPDX-License-Identifier: Apache-2.0 */
/* Functions and operators of expressions. Pure; a table for each, so that a new one is one row. */
#include "expr_function.h"
#include "ad/buf.h"
#include "ad/text.h"
#include "expr.h"

#include <math.h>

#define JOINED_MAX ((size_t)64 << 10) /* bytes of one computed text */

static bool is_null(const struct ad_json *value)
{
	return ad_json_kind(value) == AD_JSON_NONE || ad_json_kind(value) == AD_JSON_NULL;
}

/* Everything but null, missing and false counts as true for and, or, not and if, as in the official
 * language. */
static bool truthy(const struct ad_json *value)
{
	return !is_null(value) && (ad_json_kind(value) != AD_JSON_BOOL || ad_json_truth(value));
}

static bool equal(const struct ad_json *a, const struct ad_json *b)
{
	if (is_null(a) || is_null(b))
		return is_null(a) && is_null(b);
	if (ad_json_kind(a) != ad_json_kind(b))
		return false;
	if (ad_json_kind(a) == AD_JSON_STRING)
		return strcmp(ad_json_text(a), ad_json_text(b)) == 0;
	if (ad_json_kind(a) == AD_JSON_BOOL)
		return ad_json_truth(a) == ad_json_truth(b);
	/* Two doubles are the same number when neither is the larger. */
	if (ad_json_kind(a) == AD_JSON_NUMBER)
		return !(ad_json_number(a, 0) < ad_json_number(b, 0)) &&
		       !(ad_json_number(a, 0) > ad_json_number(b, 0));
	return false;
}

static struct ad_json *boolean(const struct ad_expr_args *args, bool value)
{
	return ad_json_new_bool(args->arena, value);
}

static struct ad_json *fn_if(const struct ad_expr_args *args)
{
	return args->value[truthy(args->value[0]) ? 1 : 2];
}

static struct ad_json *fn_not(const struct ad_expr_args *args)
{
	return boolean(args, !truthy(args->value[0]));
}

static struct ad_json *fn_and(const struct ad_expr_args *args)
{
	for (size_t i = 0; i < args->count; i++) {
		if (!truthy(args->value[i]))
			return boolean(args, false);
	}
	return boolean(args, true);
}

static struct ad_json *fn_or(const struct ad_expr_args *args)
{
	for (size_t i = 0; i < args->count; i++) {
		if (truthy(args->value[i]))
			return boolean(args, true);
	}
	return boolean(args, false);
}

static struct ad_json *fn_equals(const struct ad_expr_args *args)
{
	return boolean(args, equal(args->value[0], args->value[1]));
}

static struct ad_json *fn_exists(const struct ad_expr_args *args)
{
	return boolean(args, !is_null(args->value[0]));
}

static size_t size_of(const struct ad_json *value)
{
	const char *text = ad_json_text(value);
	return text ? ad_utf16_units(text) : ad_json_count(value);
}

static struct ad_json *fn_count(const struct ad_expr_args *args)
{
	return ad_json_new_int(args->arena, (int64_t)size_of(args->value[0]));
}

static struct ad_json *fn_empty(const struct ad_expr_args *args)
{
	enum ad_json_kind kind = ad_json_kind(args->value[0]);
	bool sized = kind == AD_JSON_STRING || kind == AD_JSON_ARRAY || kind == AD_JSON_OBJECT;
	return boolean(args, sized ? size_of(args->value[0]) == 0 : is_null(args->value[0]));
}

static struct ad_json *fn_string(const struct ad_expr_args *args)
{
	return ad_json_new_string(args->arena, ad_expr_text(args->arena, args->value[0]));
}

static struct ad_json *fn_concat(const struct ad_expr_args *args)
{
	const char *text = "";
	for (size_t i = 0; i < args->count; i++)
		text = ad_printf(
			args->arena, "%s%s", text, ad_expr_text(args->arena, args->value[i]));
	return ad_json_new_string(args->arena, text);
}

static struct ad_json *fn_join(const struct ad_expr_args *args)
{
	const char *separator = ad_json_text(args->value[1]);
	struct ad_buf joined;
	ad_buf_init(&joined, JOINED_MAX);
	AD_JSON_EACH(item, args->value[0])
	{
		if (joined.len > 0)
			(void)ad_buf_adds(&joined, separator ? separator : "");
		(void)ad_buf_adds(&joined, ad_expr_text(args->arena, item));
	}
	struct ad_json *text = ad_json_new_string(args->arena, ad_buf_str(&joined));
	ad_buf_release(&joined);
	return text;
}

static const struct {
	const char *name;
	size_t least;
	size_t most;
	struct ad_json *(*fn)(const struct ad_expr_args *args);
} functions[] = {
	{ "if", 3, 3, fn_if },
	{ "not", 1, 1, fn_not },
	{ "and", 1, AD_EXPR_ARGS_MAX, fn_and },
	{ "or", 1, AD_EXPR_ARGS_MAX, fn_or },
	{ "equals", 2, 2, fn_equals },
	{ "exists", 1, 1, fn_exists },
	{ "count", 1, 1, fn_count },
	{ "length", 1, 1, fn_count },
	{ "empty", 1, 1, fn_empty },
	{ "string", 1, 1, fn_string },
	{ "concat", 1, AD_EXPR_ARGS_MAX, fn_concat },
	{ "join", 2, 2, fn_join },
};

int ad_expr_call(
	const char *name, const struct ad_expr_args *args, struct ad_json **ret, struct ad_err *err)
{
	for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++) {
		if (strcmp(functions[i].name, name) != 0)
			continue;
		if (args->count < functions[i].least || args->count > functions[i].most)
			return AD_FAIL(
				err, AD_EINVAL, "%s() with %zu arguments", name, args->count);
		*ret = functions[i].fn(args);
		return 0;
	}
	return AD_FAIL(err, AD_EINVAL, "no function %s()", name);
}

static bool both(const struct ad_expr_args *args, enum ad_json_kind kind)
{
	return ad_json_kind(args->value[0]) == kind && ad_json_kind(args->value[1]) == kind;
}

/* -1, 0 or 1; AD_EINVAL for values without an order. */
static int order(const struct ad_expr_args *args, int *ret, struct ad_err *err)
{
	if (both(args, AD_JSON_NUMBER)) {
		double a = ad_json_number(args->value[0], 0);
		double b = ad_json_number(args->value[1], 0);
		*ret = (a > b) - (a < b);
		return 0;
	}
	if (both(args, AD_JSON_STRING)) {
		*ret = strcmp(ad_json_text(args->value[0]), ad_json_text(args->value[1]));
		return 0;
	}
	return AD_FAIL(err, AD_EINVAL, "only two numbers or two texts have an order");
}

static int compare(const char *operator, const struct ad_expr_args * args, struct ad_json **ret,
	struct ad_err *err)
{
	int sign;
	int r = order(args, &sign, err);
	if (r != 0)
		return r;
	bool or_equal = operator[1] == '=';
	bool holds = (operator[0] == '<' ? sign < 0 : sign> 0) || (or_equal && sign == 0);
	*ret = boolean(args, holds);
	return 0;
}

static int calculate(
	char operator, const struct ad_expr_args * args, struct ad_json **ret, struct ad_err *err)
{
	if (!both(args, AD_JSON_NUMBER))
		return AD_FAIL(err, AD_EINVAL, "'%c' wants two numbers", operator);
	double a = ad_json_number(args->value[0], 0);
	double b = ad_json_number(args->value[1], 0);
	bool whole = a == trunc(a) && b == trunc(b);
	if (fpclassify(b) == FP_ZERO && (operator== '/' || operator== '%'))
		return AD_FAIL(err, AD_EINVAL, "division by zero");
	double result = operator== '+' ? a + b :
			operator== '-' ? a - b
			:
			operator== '*' ? a * b
			:
			operator== '/' ? a / b
				       : fmod(a, b);
	*ret = ad_json_new_number(args->arena, operator== '/' && whole ? trunc(result) : result);
	return 0;
}

int ad_expr_operate(const char *operator, const struct ad_expr_args * args, struct ad_json **ret,
	struct ad_err *err)
{
	if (strcmp(operator, "==") == 0 || strcmp(operator, "!=") == 0) {
		*ret = boolean(args, equal(args->value[0], args->value[1]) == (operator[0] == '='));
		return 0;
	}
	if (operator[0] == '<' || operator[0] == '>')
		return compare(operator, args, ret, err);
	bool texts = ad_json_kind(args->value[0]) == AD_JSON_STRING ||
		     ad_json_kind(args->value[1]) == AD_JSON_STRING;
	if (operator[0] == '+' && texts) {
		*ret = fn_concat(args);
		return 0;
	}
	return calculate(operator[0], args, ret, err);
}
