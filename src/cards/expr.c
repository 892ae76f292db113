/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Expressions: a recursive-descent reader that evaluates while it reads. Precedence from loose to
 * tight:
 * ||, &&, == !=, < <= > >=, + -, * / %, ! and -, then paths, literals, calls and parentheses.
 */
#include "expr.h"
#include "ad/text.h"
#include "expr_function.h"

#include <ctype.h>
#include <math.h>

#define NAME_MAX_BYTES 64

struct reader {
	struct ad_arena *arena;
	const struct ad_scope *scope;
	const char *at;
	const char *end;
	int depth;
};

static int read_binary(struct reader *r, size_t level, struct ad_json **ret, struct ad_err *err);

static int read_any(struct reader *r, struct ad_json **ret, struct ad_err *err)
{
	if (++r->depth > AD_EXPR_DEPTH_MAX)
		return AD_FAIL(err, AD_ETOOBIG, "expression is nested too deep");
	int e = read_binary(r, 0, ret, err);
	r->depth--;
	return e;
}

static void skip_space(struct reader *r)
{
	while (r->at < r->end && isspace((unsigned char)*r->at))
		r->at++;
}

static char peek(struct reader *r)
{
	skip_space(r);
	return r->at < r->end ? *r->at : '\0';
}

static bool take(struct reader *r, const char *word)
{
	size_t len = strlen(word);
	skip_space(r);
	if ((size_t)(r->end - r->at) < len || memcmp(r->at, word, len) != 0)
		return false;
	r->at += len;
	return true;
}

static bool is_name(char c, bool first)
{
	return isalpha((unsigned char)c) || c == '_' || c == '$' ||
	       (!first && isdigit((unsigned char)c));
}

static int read_name(struct reader *r, char *name, struct ad_err *err)
{
	size_t len = 0;
	skip_space(r);
	while (r->at < r->end && is_name(*r->at, len == 0)) {
		if (len + 1 == NAME_MAX_BYTES)
			return AD_FAIL(
				err, AD_ETOOBIG, "a name longer than %d", NAME_MAX_BYTES - 1);
		name[len++] = *r->at++;
	}
	name[len] = '\0';
	return len > 0 ? 0 : AD_FAIL(err, AD_EINVAL, "a name is expected at '%.20s'", r->at);
}

static int read_string(struct reader *r, struct ad_json **ret, struct ad_err *err)
{
	char quote = *r->at++;
	char *text = ad_alloc(r->arena, (size_t)(r->end - r->at) + 1);
	char *out = text;
	while (r->at < r->end && *r->at != quote) {
		if (*r->at == '\\' && r->at + 1 < r->end && (r->at[1] == quote || r->at[1] == '\\'))
			r->at++;
		*out++ = *r->at++;
	}
	if (r->at == r->end)
		return AD_FAIL(err, AD_EINVAL, "a text without its closing %c", quote);
	r->at++;
	*ret = ad_json_new_string(r->arena, text);
	return 0;
}

static int read_number(struct reader *r, struct ad_json **ret, struct ad_err *err)
{
	char *stop;
	char *digits = ad_strndup(r->arena, r->at, (size_t)(r->end - r->at));
	double number = strtod(digits, &stop);
	if (stop == digits)
		return AD_FAIL(err, AD_EINVAL, "a value is expected at '%.20s'", digits);
	r->at += stop - digits;
	*ret = ad_json_new_number(r->arena, number);
	return 0;
}

static int read_call(struct reader *r, const char *name, struct ad_json **ret, struct ad_err *err)
{
	struct ad_expr_args args = { .arena = r->arena };
	while (!take(r, ")")) {
		if (args.count == AD_EXPR_ARGS_MAX || (args.count > 0 && !take(r, ",")))
			return AD_FAIL(err, AD_EINVAL, "arguments of %s()", name);
		int e = read_any(r, &args.value[args.count++], err);
		if (e != 0)
			return e;
	}
	return ad_expr_call(name, &args, ret, err);
}

/* What a name means by itself: a reserved word, a literal or a member of the data. */
static struct ad_json *resolve(const struct reader *r, const char *name)
{
	const struct ad_scope *s = r->scope;
	const struct ad_json *value = NULL;
	if (strcmp(name, "true") == 0 || strcmp(name, "false") == 0)
		return ad_json_new_bool(r->arena, name[0] == 't');
	if (strcmp(name, "null") == 0)
		return ad_json_new_null(r->arena);
	if (strcmp(name, "$index") == 0)
		return s->index >= 0 ? ad_json_new_int(r->arena, s->index) : NULL;
	if (strcmp(name, "$root") == 0)
		value = s->root;
	else if (strcmp(name, "$data") == 0)
		value = s->data;
	else if (strcmp(name, "$host") == 0)
		value = s->host;
	else
		return ad_json_get(s->data, name);
	/* Handed out read-only: an expansion copies what it inserts. */
	return value ? ad_json_copy(r->arena, value) : NULL;
}

static int read_index(struct reader *r, struct ad_json **value, struct ad_err *err)
{
	struct ad_json *key = NULL;
	int e = read_any(r, &key, err);
	if (e != 0)
		return e;
	if (!take(r, "]"))
		return AD_FAIL(err, AD_EINVAL, "']' is expected at '%.20s'", r->at);
	double at = ad_json_number(key, -1);
	if (ad_json_text(key))
		*value = ad_json_get(*value, ad_json_text(key));
	else if (ad_json_kind(*value) == AD_JSON_ARRAY && at >= 0 && at == trunc(at))
		*value = ad_json_at(*value, (size_t)at);
	else
		*value = NULL;
	return 0;
}

static int read_path(struct reader *r, struct ad_json **ret, struct ad_err *err)
{
	char name[NAME_MAX_BYTES];
	int e = read_name(r, name, err);
	if (e != 0)
		return e;
	if (take(r, "("))
		return read_call(r, name, ret, err);
	struct ad_json *value = resolve(r, name);
	for (;;) {
		if (take(r, ".")) {
			e = read_name(r, name, err);
			value = ad_json_get(value, name);
		} else if (take(r, "[")) {
			e = read_index(r, &value, err);
		} else {
			*ret = value;
			return 0;
		}
		if (e != 0)
			return e;
	}
}

static int read_unary(struct reader *r, struct ad_json **ret, struct ad_err *err)
{
	char c = peek(r);
	if (c == '!' || c == '-') {
		struct ad_expr_args args = { .arena = r->arena, .count = c == '!' ? 1 : 2 };
		r->at++;
		if (++r->depth > AD_EXPR_DEPTH_MAX)
			return AD_FAIL(err, AD_ETOOBIG, "expression is nested too deep");
		int e = read_unary(r, &args.value[c == '!' ? 0 : 1], err);
		r->depth--;
		if (e != 0)
			return e;
		args.value[0] = c == '!' ? args.value[0] : ad_json_new_int(r->arena, 0);
		return c == '!' ? ad_expr_call("not", &args, ret, err)
				: ad_expr_operate("-", &args, ret, err);
	}
	if (take(r, "(")) {
		int e = read_any(r, ret, err);
		if (e == 0 && !take(r, ")"))
			return AD_FAIL(err, AD_EINVAL, "')' is expected at '%.20s'", r->at);
		return e;
	}
	if (c == '\'' || c == '"')
		return read_string(r, ret, err);
	return is_name(c, true) ? read_path(r, ret, err) : read_number(r, ret, err);
}

/* The operators of each level, longer spellings first. */
static const char *const levels[][5] = {
	{ "||" },
	{ "&&" },
	{ "==", "!=" },
	{ "<=", ">=", "<", ">" },
	{ "+", "-" },
	{ "*", "/", "%" },
};

static const char *take_operator(struct reader *r, size_t level)
{
	for (size_t i = 0; i < 5 && levels[level][i]; i++) {
		if (take(r, levels[level][i]))
			return levels[level][i];
	}
	return NULL;
}

static int read_binary(struct reader *r, size_t level, struct ad_json **ret, struct ad_err *err)
{
	if (level == sizeof levels / sizeof levels[0])
		return read_unary(r, ret, err);
	struct ad_expr_args args = { .arena = r->arena, .count = 2 };
	int e = read_binary(r, level + 1, &args.value[0], err);
	const char *operator;
	while (e == 0 && (operator= take_operator(r, level))) {
		e = read_binary(r, level + 1, &args.value[1], err);
		if (e != 0)
			break;
		if (level == 0)
			e = ad_expr_call("or", &args, &args.value[0], err);
		else if (level == 1)
			e = ad_expr_call("and", &args, &args.value[0], err);
		else
			e = ad_expr_operate(operator, & args, &args.value[0], err);
	}
	*ret = args.value[0];
	return e;
}

int ad_expr_eval(struct ad_arena *arena, const struct ad_scope *scope, const char *text, size_t len,
	struct ad_json **ret, struct ad_err *err)
{
	struct reader r = { .arena = arena, .scope = scope, .at = text, .end = text + len };
	struct ad_json *value = NULL;
	int e = read_any(&r, &value, err);
	if (e == 0 && peek(&r))
		e = AD_FAIL(err, AD_EINVAL, "'%.20s' is not understood", r.at);
	if (e == 0)
		*ret = value;
	else
		ad_err_prefix(err, "expression \"%.*s\": ", len > 80 ? 80 : (int)len, text);
	return e;
}

bool ad_expr_is_true(const struct ad_json *value)
{
	return ad_json_truth(value);
}

const char *ad_expr_end(const char *text)
{
	char quote = '\0';
	for (; *text; text++) {
		if (quote && *text == '\\' && text[1])
			text++;
		else if (quote)
			quote = *text == quote ? '\0' : quote;
		else if (*text == '\'' || *text == '"')
			quote = *text;
		else if (*text == '}')
			return text;
	}
	return NULL;
}

const char *ad_expr_text(struct ad_arena *arena, const struct ad_json *value)
{
	const char *text = ad_json_text(value);
	if (text)
		return text;
	return value ? ad_json_print(arena, value) : "";
}
