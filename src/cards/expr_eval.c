/* SPDX-License-Identifier: Apache-2.0 */
/* Evaluation: arguments and their checks, limits, and the texts and lists that functions make. */
#include "expr.h"

#include <math.h>

#define ARGS_ON_STACK 4

enum ad_outcome ad_fail(struct ad_call *call, const char *why)
{
	call->x->why = why;
	call->x->where = call->expr;
	return AD_FAILED;
}

enum ad_outcome ad_throw(struct ad_call *call, const char *why)
{
	(void)ad_fail(call, why);
	return AD_THROWN;
}

enum ad_outcome ad_spend(struct ad_eval *x, size_t steps, size_t bytes)
{
	x->steps += steps;
	x->memory += bytes;
	return x->steps > AD_TEMPLATE_STEPS_MAX || x->memory > AD_TEMPLATE_MEMORY_MAX ? AD_STOPPED
										      : AD_DONE;
}

static bool all_numbers(struct ad_eval *x, const struct ad_value *value)
{
	const struct ad_list *list = ad_value_list(x->arena, value);
	x->steps += list->count;
	for (size_t i = 0; i < list->count; i++) {
		if (list->value[i].kind != AD_NUMBER || isnan(list->value[i].number))
			return false;
	}
	return true;
}

#define KIND(kind) (1u << (kind))
#define NULLISH (KIND(AD_UNDEFINED) | KIND(AD_NULL))
#define CONTAINER \
	(KIND(AD_STRING) | KIND(AD_ARRAY) | KIND(AD_OBJECT) | KIND(AD_TICKS) | KIND(AD_BYTES))

/* What each check lets pass, and what it says otherwise. */
static const struct {
	unsigned kinds;
	const char *wrong;
} checks[] = {
	[AD_IS_NUMBER] = { KIND(AD_NUMBER), "is not a number" },
	[AD_IS_INTEGER] = { KIND(AD_NUMBER), "is not an integer" },
	[AD_IS_NUMBER_OR_LIST] = { KIND(AD_NUMBER) | KIND(AD_ARRAY), "is not a list of numbers" },
	[AD_IS_NUMBER_LIST] = { KIND(AD_ARRAY), "is not a list of numbers" },
	[AD_IS_NUMBER_OR_TEXT] = { KIND(AD_NUMBER) | KIND(AD_STRING) | KIND(AD_UNDEFINED),
		"is neither a number nor a text" },
	[AD_IS_TEXT] = { KIND(AD_STRING), "is not a text" },
	[AD_IS_TEXT_OR_UNDEFINED] = { KIND(AD_STRING) | KIND(AD_UNDEFINED), "is not a text" },
	[AD_IS_LIST] = { KIND(AD_ARRAY), "is not a list" },
	[AD_IS_CONTAINER] = { CONTAINER | KIND(AD_NULL), "is not a text, list or object" },
	[AD_IS_CONTAINER_OR_NULL] = { CONTAINER | NULLISH, "is not a text, list or object" },
	[AD_IS_NOT_NULL] = { ~NULLISH, "is null" },
};

/* NULL, or what is wrong with an argument. */
static const char *verify(struct ad_eval *x, enum ad_verify how, const struct ad_value *value)
{
	if (how == AD_ANY)
		return NULL;
	bool wrong = !(checks[how].kinds & KIND(value->kind));
	if (how == AD_IS_INTEGER)
		wrong = !ad_value_is_integer(value);
	else if (how != AD_IS_NOT_NULL && value->kind == AD_NUMBER)
		wrong |= isnan(value->number);
	if (!wrong && value->kind == AD_ARRAY &&
		(how == AD_IS_NUMBER_LIST || how == AD_IS_NUMBER_OR_LIST))
		wrong = !all_numbers(x, value);
	return wrong ? checks[how].wrong : NULL;
}

/* One argument; a failure of a comparison's argument is told as AD_FAILED like any other. */
static enum ad_outcome eval_argument(struct ad_call *call, size_t at)
{
	const struct ad_function *fn = call->expr->fn;
	const struct ad_expr *child = call->expr->child[at];
	enum ad_outcome o = ad_expr_eval(
		call->x, child, call->substitute && !(fn->flags & AD_COMPARES), &call->arg[at]);
	if (o != AD_DONE)
		return o == AD_NOTHING ? AD_THROWN : o;
	const char *wrong = verify(call->x, fn->verify, &call->arg[at]);
	if (!wrong)
		return AD_DONE;
	call->x->why = wrong;
	call->x->where = child;
	return AD_FAILED;
}

static enum ad_outcome eval_call(struct ad_call *call, struct ad_value *ret)
{
	const struct ad_function *fn = call->expr->fn;
	for (size_t i = 0; i < call->count; i++) {
		enum ad_outcome o = eval_argument(call, i);
		if (o == AD_FAILED && fn->flags & AD_COMPARES) {
			*ret = ad_value_bool(false);
			return AD_DONE;
		}
		if (o != AD_DONE)
			return o;
	}
	enum ad_outcome o = fn->call(call, ret);
	if (o != AD_DONE && !(fn->flags & AD_KEEPS))
		*ret = (struct ad_value){ .kind = fn->flags & AD_COMPARES ? AD_BOOL
									  : AD_UNDEFINED };
	return o == AD_THROWN ? AD_FAILED : o;
}

enum ad_outcome ad_expr_eval(
	struct ad_eval *x, const struct ad_expr *expr, bool substitute, struct ad_value *ret)
{
	if (expr->is_path)
		return ad_name_eval(x, expr, substitute, ret);
	struct ad_value on_stack[ARGS_ON_STACK];
	struct ad_call call = {
		.x = x, .expr = expr, .substitute = substitute, .count = expr->count
	};
	ret->kind = AD_UNDEFINED;
	ret->list = NULL;
	if (ad_spend(x, 1, 0) != AD_DONE)
		return AD_STOPPED;
	if (expr->fn->flags & (AD_LAZY | AD_LAMBDA))
		return expr->fn->call(&call, ret);
	call.arg = on_stack;
	if (expr->count > ARGS_ON_STACK)
		call.arg = ad_alloc_array(x->arena, expr->count, sizeof *call.arg);
	return eval_call(&call, ret);
}

enum ad_outcome ad_eval_child(struct ad_call *call, size_t at, struct ad_value *ret)
{
	enum ad_outcome o = ad_expr_eval(call->x, call->expr->child[at], call->substitute, ret);
	return o == AD_NOTHING ? AD_THROWN : o;
}

enum ad_outcome ad_eval_children(struct ad_call *call, struct ad_value *arg)
{
	enum ad_outcome o = AD_DONE;
	call->arg = arg;
	for (size_t i = 0; o == AD_DONE && i < call->count; i++)
		o = ad_eval_child(call, i, &arg[i]);
	return o;
}

enum ad_outcome ad_eval_whole(struct ad_call *call, size_t at, double *ret)
{
	struct ad_value value;
	enum ad_outcome o = ad_eval_child(call, at, &value);
	if (o != AD_DONE)
		return o;
	if (!ad_value_is_integer(&value))
		return ad_fail(call, "a whole number is wanted");
	*ret = value.number;
	return AD_DONE;
}

struct ad_buf *ad_text_begin(struct ad_eval *x)
{
	ad_buf_clear(&x->scratch);
	return &x->scratch;
}

enum ad_outcome ad_text_end(struct ad_eval *x, struct ad_value *ret)
{
	if (x->scratch.overflow || ad_spend(x, 0, x->scratch.len) != AD_DONE)
		return AD_STOPPED;
	*ret = ad_value_string(
		ad_memdup(x->arena, ad_buf_str(&x->scratch), x->scratch.len + 1), x->scratch.len);
	return AD_DONE;
}

struct ad_list *ad_list_of(struct ad_eval *x, const struct ad_value *value)
{
	struct ad_list *list = ad_value_list(x->arena, value);
	size_t bytes = value->list ? 0 : list->count * sizeof *list->value;
	return ad_spend(x, list->count, bytes) == AD_DONE ? list : NULL;
}

struct ad_list *ad_list_make(struct ad_eval *x, size_t count, bool named)
{
	size_t each = sizeof(struct ad_value) + (named ? sizeof(struct ad_string) : 0);
	if (count > AD_TEMPLATE_STEPS_MAX || ad_spend(x, count, count * each) != AD_DONE)
		return NULL;
	return ad_list_new(x->arena, count, named);
}

void ad_value_settle(const struct ad_eval *x, struct ad_value *value)
{
	if (value->list || (value->kind != AD_ARRAY && value->kind != AD_OBJECT))
		return;
	for (const struct ad_change *c = x->changes; c; c = c->next) {
		if (c->json == value->json) {
			*value = ad_value_of_list(c->list);
			return;
		}
	}
}

struct ad_list *ad_list_change(struct ad_eval *x, struct ad_value *value)
{
	const struct ad_list *old = ad_value_list(x->arena, value);
	struct ad_list *list = ad_list_make(x, old->count + 1, old->name != NULL);
	if (!list)
		return NULL;
	list->count = old->count;
	memcpy(list->value, old->value, old->count * sizeof *list->value);
	if (old->name)
		memcpy(list->name, old->name, old->count * sizeof *list->name);
	struct ad_change *change = x->changes;
	while (change && change->list != value->list)
		change = change->next;
	if (!change && !value->list) {
		change = ad_alloc(x->arena, sizeof *change);
		*change = (struct ad_change){ .json = value->json, .next = x->changes };
		x->changes = change;
	}
	if (change)
		change->list = list;
	*value = ad_value_of_list(list);
	return list;
}

struct ad_string ad_arg_text(const struct ad_call *call, size_t at)
{
	if (at < call->count && call->arg[at].kind == AD_STRING)
		return call->arg[at].string;
	return (struct ad_string){ "", 0 };
}
