/* SPDX-License-Identifier: Apache-2.0 */
/* Functions of numbers. */
#include "expr.h"

#include <math.h>

#define DIGITS_MAX 15 /* that round() keeps */

/* Folds the arguments from the left. */
static enum ad_outcome fold(
	struct ad_call *call, double (*apply)(double, double), struct ad_value *ret)
{
	double sum = call->arg[0].number;
	for (size_t i = 1; i < call->count; i++)
		sum = apply(sum, call->arg[i].number);
	*ret = ad_value_number(sum);
	return AD_DONE;
}

static double subtract(double a, double b)
{
	return a - b;
}

static double multiply(double a, double b)
{
	return a * b;
}

/* Two whole numbers divide to a whole one, downwards. */
static double divide(double a, double b)
{
	struct ad_value left = ad_value_number(a), right = ad_value_number(b);
	bool whole = ad_value_is_integer(&left) && ad_value_is_integer(&right);
	return whole ? floor(a / b) : a / b;
}

static enum ad_outcome fn_subtract(struct ad_call *call, struct ad_value *ret)
{
	return fold(call, subtract, ret);
}

static enum ad_outcome fn_multiply(struct ad_call *call, struct ad_value *ret)
{
	return fold(call, multiply, ret);
}

static bool is_zero(double number)
{
	return fpclassify(number) == FP_ZERO;
}

static enum ad_outcome fn_divide(struct ad_call *call, struct ad_value *ret)
{
	for (size_t i = 1; i < call->count; i++) {
		if (is_zero(call->arg[i].number))
			return ad_fail(call, "division by 0");
	}
	return fold(call, divide, ret);
}

/* What Number() makes of a number or of a list of numbers. */
static double to_number(struct ad_arena *arena, const struct ad_value *value)
{
	if (value->kind == AD_NUMBER)
		return value->number;
	const struct ad_list *list = ad_value_list(arena, value);
	return list->count == 0 ? 0 : list->count == 1 ? list->value[0].number : NAN;
}

static enum ad_outcome fn_power(struct ad_call *call, struct ad_value *ret)
{
	if (call->count == 1 && call->arg[0].kind != AD_NUMBER) {
		*ret = call->arg[0];
		return AD_DONE;
	}
	double result = to_number(call->x->arena, &call->arg[0]);
	for (size_t i = 1; i < call->count; i++) {
		double exponent = to_number(call->x->arena, &call->arg[i]);
		bool undefined = isnan(exponent) || (isinf(exponent) && is_zero(fabs(result) - 1));
		result = undefined ? NAN : pow(result, exponent);
	}
	*ret = ad_value_number(result);
	return AD_DONE;
}

static enum ad_outcome fn_mod(struct ad_call *call, struct ad_value *ret)
{
	if (is_zero(call->arg[1].number))
		return ad_fail(call, "division by 0");
	*ret = ad_value_number(fmod(call->arg[0].number, call->arg[1].number));
	return AD_DONE;
}

/* Numbers are added, everything else is put together as text. */
static enum ad_outcome add_two(
	struct ad_call *call, struct ad_value *sum, const struct ad_value *more)
{
	if (sum->kind == AD_NUMBER && more->kind == AD_NUMBER && !isnan(sum->number)) {
		*sum = ad_value_number(sum->number + more->number);
		return AD_DONE;
	}
	if ((ad_value_is_nullish(sum) && more->kind == AD_NUMBER) ||
		(ad_value_is_nullish(more) && sum->kind == AD_NUMBER))
		return ad_fail(call, "a number and null cannot be added");
	struct ad_buf *text = ad_text_begin(call->x);
	if (!ad_value_is_nullish(sum))
		ad_value_add_text(call->x->arena, text, sum);
	if (!ad_value_is_nullish(more))
		ad_value_add_text(call->x->arena, text, more);
	return ad_text_end(call->x, sum);
}

static enum ad_outcome fn_add(struct ad_call *call, struct ad_value *ret)
{
	*ret = call->arg[0];
	for (size_t i = 1; i < call->count; i++) {
		enum ad_outcome o = add_two(call, ret, &call->arg[i]);
		if (o != AD_DONE)
			return o;
	}
	return AD_DONE;
}

static enum ad_outcome extreme(struct ad_call *call, double result, bool most, struct ad_value *ret)
{
	for (size_t i = 0; i < call->count; i++) {
		struct ad_value one = call->arg[i];
		struct ad_list single = { .count = 1, .value = &one };
		const struct ad_list *list =
			one.kind == AD_NUMBER ? &single : ad_value_list(call->x->arena, &one);
		for (size_t k = 0; k < list->count; k++) {
			double number = list->value[k].number;
			if (most ? number > result : number < result)
				result = number;
		}
	}
	*ret = ad_value_number(result);
	return AD_DONE;
}

static enum ad_outcome fn_max(struct ad_call *call, struct ad_value *ret)
{
	return extreme(call, -INFINITY, true, ret);
}

static enum ad_outcome fn_min(struct ad_call *call, struct ad_value *ret)
{
	return extreme(call, INFINITY, false, ret);
}

/* Half goes up, also below zero. */
static double round_half_up(double number)
{
	double down = floor(number);
	return number - down >= 0.5 ? down + 1 : down;
}

static enum ad_outcome fn_round(struct ad_call *call, struct ad_value *ret)
{
	double digits = call->count == 2 ? call->arg[1].number : 0;
	if (call->count == 2 && !ad_value_is_integer(&call->arg[1]))
		return ad_fail(call, "the number of digits must be whole");
	if (digits < 0 || digits > DIGITS_MAX)
		return ad_fail(call, "the number of digits must be from 0 to 15");
	double scale = pow(10, digits);
	*ret = ad_value_number(round_half_up(call->arg[0].number * scale) / scale);
	return AD_DONE;
}

static enum ad_outcome fn_floor(struct ad_call *call, struct ad_value *ret)
{
	*ret = ad_value_number(floor(call->arg[0].number));
	return AD_DONE;
}

static enum ad_outcome fn_ceiling(struct ad_call *call, struct ad_value *ret)
{
	*ret = ad_value_number(ceil(call->arg[0].number));
	return AD_DONE;
}

static enum ad_outcome fn_abs(struct ad_call *call, struct ad_value *ret)
{
	*ret = ad_value_number(fabs(call->arg[0].number));
	return AD_DONE;
}

static enum ad_outcome fn_sqrt(struct ad_call *call, struct ad_value *ret)
{
	if (call->arg[0].number < 0)
		return ad_fail(call, "a negative number has no root");
	*ret = ad_value_number(sqrt(call->arg[0].number));
	return AD_DONE;
}

static enum ad_outcome total(struct ad_call *call, struct ad_value *ret)
{
	const struct ad_list *list = ad_value_list(call->x->arena, &call->arg[0]);
	if (list->count == 0)
		return ad_fail(call, "an empty list has no sum");
	double sum = list->value[0].number;
	for (size_t i = 1; i < list->count; i++)
		sum += list->value[i].number;
	*ret = ad_value_number(sum);
	return AD_DONE;
}

static enum ad_outcome fn_average(struct ad_call *call, struct ad_value *ret)
{
	enum ad_outcome o = total(call, ret);
	if (o == AD_DONE)
		ret->number /= (double)ad_value_list(call->x->arena, &call->arg[0])->count;
	return o;
}

static enum ad_outcome fn_range(struct ad_call *call, struct ad_value *ret)
{
	double count = call->arg[1].number;
	if (count > AD_TEMPLATE_STEPS_MAX)
		return AD_STOPPED;
	struct ad_list *list = count < 0 ? NULL : ad_list_make(call->x, (size_t)count, false);
	if (!list && count >= 0)
		return AD_STOPPED;
	*ret = list ? ad_value_of_list(list) : (struct ad_value){ .kind = AD_UNDEFINED };
	if (count <= 0)
		return ad_fail(call, "the second argument must be more than zero");
	for (size_t i = 0; i < list->count; i++)
		list->value[i] = ad_value_number(call->arg[0].number + (double)i);
	return AD_DONE;
}

/* xorshift64*: nothing that must not be guessed is made of it. */
static uint64_t draw(struct ad_eval *x)
{
	x->random ^= x->random >> 12;
	x->random ^= x->random << 25;
	x->random ^= x->random >> 27;
	return x->random * 0x2545F4914F6CDD1DULL;
}

static enum ad_outcome fn_rand(struct ad_call *call, struct ad_value *ret)
{
	double least = call->arg[0].number, most = call->arg[1].number;
	if (least > most)
		return ad_fail(call, "the least value is above the greatest");
	double part = (double)(draw(call->x) >> 11) / 9007199254740992.0;
	*ret = ad_value_number(floor(least + part * (most - least)));
	return AD_DONE;
}

static enum ad_outcome fn_new_guid(struct ad_call *call, struct ad_value *ret)
{
	uint64_t high = draw(call->x), low = draw(call->x);
	struct ad_buf *text = ad_text_begin(call->x);
	(void)ad_buf_addf(text, "%08x-%04x-4%03x-%04x-%012llx", (unsigned)(high >> 32),
		(unsigned)(high >> 16) & 0xFFFF, (unsigned)high & 0xFFF,
		0x8000 | ((unsigned)(low >> 48) & 0x3FFF),
		(unsigned long long)low & 0xFFFFFFFFFFFFULL);
	return ad_text_end(call->x, ret);
}

#define N AD_T_NUMBER
#define NUMBERS(name, type, least, most, fn)                           \
	{                                                              \
		name, type, N, least, most, { N }, AD_IS_NUMBER, 0, fn \
	}

const struct ad_function ad_functions_math[] = {
	{ "+", NULL, AD_T_STRING | N, 2, AD_MANY, { AD_T_STRING | N }, AD_IS_NUMBER_OR_TEXT, 0,
		fn_add },
	{ "add", "+", AD_T_STRING | N, 2, AD_MANY, { AD_T_STRING | N }, AD_IS_NUMBER_OR_TEXT, 0,
		fn_add },
	NUMBERS("-", NULL, 2, AD_MANY, fn_subtract),
	NUMBERS("sub", "-", 2, AD_MANY, fn_subtract),
	NUMBERS("*", NULL, 2, AD_MANY, fn_multiply),
	NUMBERS("mul", "*", 2, AD_MANY, fn_multiply),
	NUMBERS("/", NULL, 2, AD_MANY, fn_divide),
	NUMBERS("div", "/", 2, AD_MANY, fn_divide),
	{ "^", NULL, N, 2, AD_MANY, { N }, AD_IS_NUMBER_OR_LIST, 0, fn_power },
	{ "exp", "^", N, 2, AD_MANY, { N }, AD_IS_NUMBER_OR_LIST, 0, fn_power },
	{ "%", NULL, N, 2, 2, { N }, AD_IS_INTEGER, 0, fn_mod },
	{ "mod", "%", N, 2, 2, { N }, AD_IS_INTEGER, 0, fn_mod },
	{ "max", NULL, N, 1, AD_MANY, { 0 }, AD_IS_NUMBER_OR_LIST, 0, fn_max },
	{ "min", NULL, N, 1, AD_MANY, { 0 }, AD_IS_NUMBER_OR_LIST, 0, fn_min },
	{ "average", NULL, N, 1, 1, { 0 }, AD_IS_NUMBER_LIST, 0, fn_average },
	{ "sum", NULL, N, 1, 1, { AD_T_ARRAY }, AD_IS_NUMBER_LIST, 0, total },
	{ "range", NULL, AD_T_ARRAY, 2, 2, { N }, AD_IS_INTEGER, AD_KEEPS, fn_range },
	NUMBERS("round", NULL, 1, 2, fn_round),
	NUMBERS("floor", NULL, 1, 1, fn_floor),
	NUMBERS("ceiling", NULL, 1, 1, fn_ceiling),
	NUMBERS("abs", NULL, 1, 1, fn_abs),
	NUMBERS("sqrt", NULL, 1, 1, fn_sqrt),
	{ "rand", NULL, N, 2, 2, { N }, AD_IS_INTEGER, 0, fn_rand },
	{ "newGuid", NULL, AD_T_STRING, 0, 0, { 0 }, 0, 0, fn_new_guid },
	{ .name = NULL },
};
