/* SPDX-License-Identifier: Apache-2.0 */
/* Nodes of an expression: finding functions, the official engine's checks, printing. */
#include "expr.h"
#include "ad/text.h"

#define PRINTED_MAX 2000 /* bytes of an expression in a message */
#define HEIGHT_MAX 500   /* of a tree: a chain of operators grows one for each */

static enum ad_outcome eval_constant(struct ad_call *call, struct ad_value *ret)
{
	*ret = call->expr->constant;
	return AD_DONE;
}

static enum ad_outcome eval_unknown(struct ad_call *call, struct ad_value *ret)
{
	(void)ret;
	return ad_throw(call, "there is no such function");
}

const struct ad_function ad_constant = { .name = "Constant",
	.returns = AD_T_OBJECT,
	.most = 0,
	.flags = AD_LAZY,
	.call = eval_constant };

/* The official engine finds out only when the call is reached. */
static const struct ad_function unknown = {
	.returns = AD_T_STRING, .most = AD_MANY, .flags = AD_LAZY, .call = eval_unknown
};

const struct ad_function *ad_function_find(const char *name)
{
	static const struct ad_function *const tables[] = { ad_functions_logic, ad_functions_math,
		ad_functions_text, ad_functions_list, ad_functions_object, ad_functions_convert,
		ad_functions_date, ad_functions_uri, ad_functions_match, ad_functions_xml,
		ad_functions_memory, ad_functions_zone, ad_functions_timex };
	if (strcmp(name, ad_accessor.name) == 0)
		return &ad_accessor;
	if (strcmp(name, ad_element.name) == 0)
		return &ad_element;
	for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
		for (const struct ad_function *f = tables[i]; f->name; f++) {
			if (strcmp(f->name, name) == 0)
				return f;
		}
	}
	return NULL;
}

struct ad_expr *ad_expr_constant(struct ad_arena *arena, struct ad_value value)
{
	struct ad_expr *expr = ad_alloc(arena, sizeof *expr);
	expr->fn = &ad_constant;
	expr->type = ad_constant.name;
	expr->constant = value;
	expr->returns = value.kind == AD_STRING   ? AD_T_STRING
			: value.kind == AD_BOOL   ? AD_T_BOOLEAN
			: value.kind == AD_NUMBER ? AD_T_NUMBER
						  : AD_T_OBJECT;
	return expr;
}

/* A constant name, and at most what it is taken from. */
static bool is_named(const struct ad_expr *expr)
{
	return (expr->count == 1 || expr->count == 2) && expr->child[0]->fn == &ad_constant &&
	       expr->child[0]->returns == AD_T_STRING;
}

static int refuse(const struct ad_expr *expr, const char *why, struct ad_err *err)
{
	struct ad_buf text;
	ad_buf_init(&text, PRINTED_MAX);
	ad_expr_print(&text, expr);
	int e = AD_FAIL(err, AD_EINVAL, "%.120s: %s", ad_buf_str(&text), why);
	ad_buf_release(&text);
	return e;
}

static int check_accessor(const struct ad_expr *expr, struct ad_err *err)
{
	if (!is_named(expr))
		return refuse(expr, "a name is wanted", err);
	if (expr->count == 2 && !(expr->child[1]->returns & AD_T_OBJECT))
		return refuse(expr, "only an object has members", err);
	return 0;
}

static int check_lambda(const struct ad_expr *expr, struct ad_err *err)
{
	if (expr->count != 3)
		return refuse(expr, "wants a collection, a name and an expression", err);
	if (expr->child[1]->fn != &ad_accessor || expr->child[1]->count != 1)
		return refuse(expr, "the second argument must be a name", err);
	return 0;
}

static int check_pattern(struct ad_arena *arena, const struct ad_expr *expr, struct ad_err *err)
{
	const struct ad_expr *pattern = expr->child[1];
	bool is_known = pattern->fn == &ad_constant && pattern->constant.kind == AD_STRING;
	int e = is_known ? ad_pattern_check(arena, &pattern->constant.string) : 0;
	if (e == AD_ETOOBIG)
		return AD_FAIL(err, e, "a regular expression is too long");
	return e == 0 ? 0 : refuse(expr, "that is no regular expression", err);
}

static int check(struct ad_arena *arena, const struct ad_expr *expr, struct ad_err *err)
{
	const struct ad_function *fn = expr->fn;
	if (fn == &ad_accessor)
		return check_accessor(expr, err);
	if (fn->flags & AD_LAMBDA)
		return check_lambda(expr, err);
	if (expr->count < fn->least || (fn->most != AD_MANY && expr->count > fn->most))
		return refuse(expr, "wrong number of arguments", err);
	uint8_t wanted = 0;
	for (size_t i = 0; i < expr->count; i++) {
		if (i < AD_TYPES_MAX && fn->types[i])
			wanted = fn->types[i];
		uint8_t has = expr->child[i]->returns;
		if (wanted && !(wanted & AD_T_OBJECT) && !(has & AD_T_OBJECT) && !(wanted & has))
			return refuse(expr, "an argument has the wrong type", err);
	}
	return fn->flags & AD_PATTERN ? check_pattern(arena, expr, err) : 0;
}

/* a.b.c -> its names, so that looking it up needs no text. */
static void note_path(struct ad_arena *arena, struct ad_expr *expr)
{
	const struct ad_expr *outer = expr->count == 2 ? expr->child[1] : NULL;
	if (outer && (outer->fn != &ad_accessor || !outer->is_path))
		return;
	size_t before = outer ? outer->names : 0;
	expr->is_path = true;
	expr->names = before + 1;
	expr->name = ad_alloc_array(arena, expr->names, sizeof *expr->name);
	for (size_t i = 0; i < before; i++)
		expr->name[i] = outer->name[i];
	expr->name[before] = ad_name_of(
		expr->child[0]->constant.string.text, expr->child[0]->constant.string.len);
	expr->path = outer ? ad_printf(arena, "%s.%s", outer->path, expr->name[before].text)
			   : expr->name[before].text;
}

int ad_expr_make(struct ad_arena *arena, const char *name, struct ad_expr **child, size_t count,
	struct ad_expr **ret, struct ad_err *err)
{
	struct ad_expr *expr = ad_alloc(arena, sizeof *expr);
	const struct ad_function *fn = ad_function_find(name);
	expr->fn = fn ? fn : &unknown;
	expr->type = !fn ? name : fn->type ? fn->type : fn->name;
	expr->returns = expr->fn->returns;
	expr->child = child;
	expr->count = count;
	for (size_t i = 0; i < count; i++) {
		if (child[i]->height >= expr->height)
			expr->height = (uint16_t)(child[i]->height + 1);
	}
	if (expr->height > HEIGHT_MAX)
		return AD_FAIL(err, AD_ETOOBIG, "an expression is too long");
	int e = check(arena, expr, err);
	if (e != 0)
		return e;
	/* A name made of more than a name, as Accessor('a.b') is, goes the long way. */
	if (fn == &ad_accessor && !strpbrk(child[0]->constant.string.text, ".[]'\"") &&
		child[0]->constant.string.len > 0)
		note_path(arena, expr);
	*ret = expr;
	return 0;
}

bool ad_expr_is_known(const struct ad_expr *expr)
{
	for (size_t i = 0; i < expr->count; i++) {
		if (!ad_expr_is_known(expr->child[i]))
			return false;
	}
	return expr->fn != &unknown;
}

/* 'text' with its backslashes doubled and its quotes escaped, unless a backslash stands before. */
static void print_text(struct ad_buf *out, const struct ad_string *text)
{
	(void)ad_buf_addc(out, '\'');
	for (size_t i = 0; i < text->len; i++) {
		char c = text->text[i];
		if (c == '\\' || (c == '\'' && (i == 0 || text->text[i - 1] != '\\')))
			(void)ad_buf_addc(out, '\\');
		(void)ad_buf_addc(out, c);
	}
	(void)ad_buf_addc(out, '\'');
}

static void print_call(struct ad_buf *out, const struct ad_expr *expr)
{
	char first = (char)(expr->type[0] | 0x20);
	bool infix = expr->type[0] && !(first >= 'a' && first <= 'z') && expr->count >= 2;
	(void)ad_buf_adds(out, infix ? "" : expr->type);
	(void)ad_buf_addc(out, '(');
	for (size_t i = 0; i < expr->count; i++) {
		if (i > 0 && infix)
			(void)ad_buf_addf(out, " %s ", expr->type);
		else if (i > 0)
			(void)ad_buf_adds(out, ", ");
		ad_expr_print(out, expr->child[i]);
	}
	(void)ad_buf_addc(out, ')');
}

void ad_expr_print(struct ad_buf *out, const struct ad_expr *expr)
{
	if (out->overflow)
		return;
	if (expr->fn == &ad_constant) {
		if (expr->constant.kind == AD_STRING)
			print_text(out, &expr->constant.string);
		else
			ad_value_add_text(NULL, out, &expr->constant);
	} else if (expr->fn == &ad_accessor && is_named(expr)) {
		if (expr->count == 2) {
			ad_expr_print(out, expr->child[1]);
			(void)ad_buf_addc(out, '.');
		}
		(void)ad_buf_adds(out, expr->child[0]->constant.string.text);
	} else if (expr->fn == &ad_element) {
		ad_expr_print(out, expr->child[0]);
		(void)ad_buf_addc(out, '[');
		ad_expr_print(out, expr->child[1]);
		(void)ad_buf_addc(out, ']');
	} else {
		print_call(out, expr);
	}
}
