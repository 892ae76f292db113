/* SPDX-License-Identifier: Apache-2.0 */
/* The functions that an expression may call, and the operators, which are functions of two. Private
 * to cards. */
#ifndef AD_CARDS_EXPR_FUNCTION_H
#define AD_CARDS_EXPR_FUNCTION_H

#include "ad/json.h"

#define AD_EXPR_ARGS_MAX 8

struct ad_expr_args {
	struct ad_arena *arena;
	struct ad_json *value[AD_EXPR_ARGS_MAX]; /* NULL: missing */
	size_t count;
};

/* AD_EINVAL: no such function, wrong number or kind of arguments. */
AD_MUST int ad_expr_call(const char *name, const struct ad_expr_args *args, struct ad_json **ret,
	struct ad_err *err);

/* Operators by their spelling: == != < <= > >= + - * / % */
AD_MUST int ad_expr_operate(const char *operator, const struct ad_expr_args * args,
	struct ad_json **ret, struct ad_err *err);

#endif
