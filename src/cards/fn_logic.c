/* SPDX-License-Identifier: Apache-2.0 */
/* Functions of logic and comparison. */
#include "expr.h"
#include "units.h"

#include <math.h>
#include <strings.h>

/* An argument of and, or, not and if: an error counts as false. */
static enum ad_outcome eval_truth(struct ad_call *call, size_t at, bool *ret)
{
	struct ad_value value;
	enum ad_outcome o = ad_expr_eval(call->x, call->expr->child[at], false, &value);
	*ret = o == AD_DONE && ad_value_is_true(&value);
	return o == AD_FAILED ? AD_DONE : o == AD_NOTHING ? AD_THROWN : o;
}

static enum ad_outcome fn_and(struct ad_call *call, struct ad_value *ret)
{
	bool holds = true;
	for (size_t i = 0; i < call->count && holds; i++) {
		enum ad_outcome o = eval_truth(call, i, &holds);
		if (o != AD_DONE)
			return o;
	}
	*ret = ad_value_bool(holds);
	return AD_DONE;
}

/* Without a true argument, the last value is given back as it is. */
static enum ad_outcome fn_or(struct ad_call *call, struct ad_value *ret)
{
	for (size_t i = 0; i < call->count; i++) {
		enum ad_outcome o = ad_expr_eval(call->x, call->expr->child[i], false, ret);
		if (o != AD_DONE && o != AD_FAILED)
			return o == AD_NOTHING ? AD_THROWN : o;
		if (o == AD_DONE && ad_value_is_true(ret)) {
			*ret = ad_value_bool(true);
			return AD_DONE;
		}
	}
	return AD_DONE;
}

static enum ad_outcome fn_not(struct ad_call *call, struct ad_value *ret)
{
	bool holds;
	enum ad_outcome o = eval_truth(call, 0, &holds);
	*ret = ad_value_bool(!holds);
	return o;
}

static enum ad_outcome fn_if(struct ad_call *call, struct ad_value *ret)
{
	bool holds;
	enum ad_outcome o = eval_truth(call, 0, &holds);
	if (o == AD_DONE)
		o = ad_expr_eval(call->x, call->expr->child[holds ? 1 : 2], call->substitute, ret);
	return o == AD_NOTHING ? AD_THROWN : o;
}

static enum ad_outcome fn_equals(struct ad_call *call, struct ad_value *ret)
{
	*ret = ad_value_bool(ad_value_equal(call->x->arena, &call->arg[0], &call->arg[1]));
	return AD_DONE;
}

static enum ad_outcome fn_differs(struct ad_call *call, struct ad_value *ret)
{
	*ret = ad_value_bool(!ad_value_equal(call->x->arena, &call->arg[0], &call->arg[1]));
	return AD_DONE;
}

static enum ad_outcome compare(struct ad_call *call, int *ret)
{
	const struct ad_value *a = &call->arg[0], *b = &call->arg[1];
	bool are_numbers = a->kind == AD_NUMBER && b->kind == AD_NUMBER && !isnan(a->number) &&
			   !isnan(b->number);
	if (are_numbers)
		*ret = (a->number > b->number) - (a->number < b->number);
	else if (a->kind == AD_STRING && b->kind == AD_STRING)
		*ret = ad_units_compare(call->x->arena, &a->string, &b->string);
	else
		return ad_fail(call, "only two numbers or two texts have an order");
	return AD_DONE;
}

static enum ad_outcome fn_less(struct ad_call *call, struct ad_value *ret)
{
	int order = 0;
	enum ad_outcome o = compare(call, &order);
	*ret = ad_value_bool(order < 0);
	return o;
}

static enum ad_outcome fn_less_or_equal(struct ad_call *call, struct ad_value *ret)
{
	int order = 0;
	enum ad_outcome o = compare(call, &order);
	*ret = ad_value_bool(order <= 0);
	return o;
}

static enum ad_outcome fn_greater(struct ad_call *call, struct ad_value *ret)
{
	int order = 0;
	enum ad_outcome o = compare(call, &order);
	*ret = ad_value_bool(order > 0);
	return o;
}

static enum ad_outcome fn_greater_or_equal(struct ad_call *call, struct ad_value *ret)
{
	int order = 0;
	enum ad_outcome o = compare(call, &order);
	*ret = ad_value_bool(order >= 0);
	return o;
}

static enum ad_outcome fn_exists(struct ad_call *call, struct ad_value *ret)
{
	*ret = ad_value_bool(!ad_value_is_nullish(&call->arg[0]));
	return AD_DONE;
}

static enum ad_outcome fn_empty(struct ad_call *call, struct ad_value *ret)
{
	const struct ad_value *value = &call->arg[0];
	bool empty = ad_value_is_nullish(value);
	if (value->kind == AD_STRING || value->kind == AD_BYTES)
		empty = value->string.len == 0;
	else if (value->kind == AD_ARRAY || value->kind == AD_OBJECT)
		empty = ad_value_list(call->x->arena, value)->count == 0;
	*ret = ad_value_bool(empty);
	return AD_DONE;
}

/* Anything whose text has "false" in it is false. */
static enum ad_outcome fn_bool(struct ad_call *call, struct ad_value *ret)
{
	const struct ad_value *value = &call->arg[0];
	if (value->kind == AD_NUMBER) {
		*ret = ad_value_bool(value->number < 0 || value->number > 0);
		return AD_DONE;
	}
	struct ad_buf *text = ad_text_begin(call->x);
	ad_value_add_text(call->x->arena, text, value);
	bool says_false = false;
	for (size_t i = 0; i + 5 <= text->len && !says_false; i++)
		says_false = strncasecmp(text->data + i, "false", 5) == 0;
	*ret = ad_value_bool(!says_false && ad_value_is_true(value));
	return text->overflow ? AD_STOPPED : AD_DONE;
}

static enum ad_outcome fn_coalesce(struct ad_call *call, struct ad_value *ret)
{
	for (size_t i = 0; i < call->count; i++) {
		if (!ad_value_is_nullish(&call->arg[i])) {
			*ret = call->arg[i];
			break;
		}
	}
	return AD_DONE;
}

static enum ad_outcome fn_ignore(struct ad_call *call, struct ad_value *ret)
{
	return ad_expr_eval(call->x, call->expr->child[0], call->substitute, ret);
}

#define COMPARISON(name, type, fn, verify)                                     \
	{                                                                      \
		name, type, AD_T_BOOLEAN, 2, 2, { 0 }, verify, AD_COMPARES, fn \
	}

const struct ad_function ad_functions_logic[] = {
	{ "&&", NULL, AD_T_BOOLEAN, 1, AD_MANY, { 0 }, 0, AD_LAZY, fn_and },
	{ "and", "&&", AD_T_BOOLEAN, 1, AD_MANY, { 0 }, 0, AD_LAZY, fn_and },
	{ "||", NULL, AD_T_BOOLEAN, 1, AD_MANY, { 0 }, 0, AD_LAZY, fn_or },
	{ "or", "||", AD_T_BOOLEAN, 1, AD_MANY, { 0 }, 0, AD_LAZY, fn_or },
	{ "!", NULL, AD_T_BOOLEAN, 1, 1, { 0 }, 0, AD_LAZY, fn_not },
	{ "not", "!", AD_T_BOOLEAN, 1, 1, { 0 }, 0, AD_LAZY, fn_not },
	{ "if", NULL, AD_T_OBJECT, 3, 3, { 0 }, 0, AD_LAZY, fn_if },
	COMPARISON("==", NULL, fn_equals, AD_ANY),
	COMPARISON("equals", "==", fn_equals, AD_ANY),
	COMPARISON("!=", NULL, fn_differs, AD_ANY),
	COMPARISON("<", NULL, fn_less, AD_IS_NOT_NULL),
	COMPARISON("less", "<", fn_less, AD_IS_NOT_NULL),
	COMPARISON("<=", NULL, fn_less_or_equal, AD_IS_NOT_NULL),
	COMPARISON("lessOrEquals", "<=", fn_less_or_equal, AD_IS_NOT_NULL),
	COMPARISON(">", NULL, fn_greater, AD_IS_NOT_NULL),
	COMPARISON("greater", ">", fn_greater, AD_IS_NOT_NULL),
	COMPARISON(">=", NULL, fn_greater_or_equal, AD_IS_NOT_NULL),
	COMPARISON("greaterOrEquals", ">=", fn_greater_or_equal, AD_IS_NOT_NULL),
	{ "exists", NULL, AD_T_BOOLEAN, 1, 1, { 0 }, AD_IS_NOT_NULL, AD_COMPARES, fn_exists },
	{ "empty", NULL, AD_T_BOOLEAN, 1, 1, { 0 }, AD_IS_CONTAINER_OR_NULL, AD_COMPARES,
		fn_empty },
	{ "bool", NULL, AD_T_BOOLEAN, 1, 1, { 0 }, 0, AD_COMPARES, fn_bool },
	{ "coalesce", NULL, AD_T_OBJECT, 1, AD_MANY, { 0 }, 0, 0, fn_coalesce },
	{ "?"
	  "?",
		"coalesce", AD_T_OBJECT, 1, AD_MANY, { 0 }, 0, 0, fn_coalesce },
	{ "ignore", NULL, AD_T_BOOLEAN, 1, 1, { AD_T_BOOLEAN }, 0, AD_LAZY, fn_ignore },
	{ .name = NULL },
};
