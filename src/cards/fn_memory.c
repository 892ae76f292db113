/* SPDX-License-Identifier: Apache-2.0 */
/* Functions that take a path or a text with bindings as what it stands for. */
#include "expr.h"
#include "ad/text.h"

#define NESTED_MAX \
	20 /* texts with bindings inside of each other: their values may name them again */

static enum ad_outcome fn_set_path_to_value(struct ad_call *call, struct ad_value *ret)
{
	const char *path;
	const struct ad_expr *left;
	enum ad_outcome o = ad_path_of(call, call->expr->child[0], &path, &left);
	if (o == AD_DONE && left)
		o = ad_fail(call, "is no path");
	if (o == AD_DONE)
		o = ad_eval_child(call, 1, ret);
	if (o == AD_DONE)
		o = ad_path_set(call, path, ret);
	if (o != AD_DONE)
		ret->kind = AD_UNDEFINED;
	return o;
}

/* A text that is one binding is that binding's value, whatever its kind. */
static const struct ad_expr *alone(const struct ad_expr *expr)
{
	if (expr->count != 2 || expr->child[0]->fn != &ad_constant ||
		expr->child[1]->fn == &ad_constant)
		return expr;
	const struct ad_value *first = &expr->child[0]->constant;
	return first->kind == AD_STRING && first->string.len == 0 ? expr->child[1] : expr;
}

static enum ad_outcome fn_string_or_value(struct ad_call *call, struct ad_value *ret)
{
	struct ad_eval *x = call->x;
	struct ad_value text;
	struct ad_err ignored = { 0 };
	struct ad_expr *expr = NULL;
	enum ad_outcome o = ad_eval_child(call, 0, &text);
	if (o != AD_DONE)
		return o;
	if (text.kind != AD_STRING)
		return ad_fail(call, "a text is wanted");
	if (x->nested == NESTED_MAX ||
		ad_spend(x, text.string.len, 64 * text.string.len) != AD_DONE)
		return AD_STOPPED;
	const char *source = ad_printf(x->arena, "`%s`", text.string.text);
	int e = ad_expr_parse(x->arena, source, strlen(source), 0, &expr, &ignored);
	if (e != 0 || !ad_expr_is_known(expr))
		return e == AD_ETOOBIG ? AD_STOPPED : ad_throw(call, "the text is no expression");
	x->nested++;
	o = ad_expr_eval(x, alone(expr), call->substitute, ret);
	x->nested--;
	return o;
}

#define O AD_T_OBJECT
#define S AD_T_STRING

const struct ad_function ad_functions_memory[] = {
	{ "setPathToValue", NULL, O, 2, 2, { 0 }, 0, AD_LAZY, fn_set_path_to_value },
	{ "stringOrValue", NULL, O, 1, 1, { S }, 0, AD_LAZY, fn_string_or_value },
	{ .name = NULL },
};
