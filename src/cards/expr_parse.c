/* SPDX-License-Identifier: Apache-2.0 */
/* The parser of the official grammar: precedence climbing over the tokens, straight to the tree. */
#include "expr.h"
#include "expr_lex.h"
#include "units.h"

struct parser {
	struct ad_arena *arena;
	const char *text; /* of the whole expression, for messages */
	const struct ad_token *at;
	size_t depth;
};

/* Binary operators and how strongly they bind; ^ binds to the right. */
static const struct {
	const char *sign;
	int level;
} operators[] = {
	{ "^", 11 },
	{ "*", 10 },
	{ "/", 10 },
	{ "%", 10 },
	{ "+", 9 },
	{ "-", 9 },
	{ "==", 8 },
	{ "!=", 8 },
	{ "<>", 8 },
	{ "&", 7 },
	{ "<", 6 },
	{ "<=", 6 },
	{ ">", 6 },
	{ ">=", 6 },
	{ "&&", 5 },
	{ "||", 4 },
	{ "?"
	  "?",
		3 },
	{ "?", 2 },
};
#define UNARY_LEVEL 12
#define RIGHT_LEVEL 11 /* of ^ */

static int parse_any(struct parser *p, int level, struct ad_expr **ret, struct ad_err *err);

static bool is_sign(const struct parser *p, const char *sign)
{
	return p->at->kind == AD_TOKEN_SIGN && p->at->len == strlen(sign) &&
	       memcmp(p->at->text, sign, p->at->len) == 0;
}

static bool take(struct parser *p, const char *sign)
{
	bool found = is_sign(p, sign);
	p->at += found;
	return found;
}

static int unexpected(const struct parser *p, struct ad_err *err)
{
	if (p->at->kind == AD_TOKEN_END)
		return AD_FAIL(err, AD_EINVAL, "the expression ends too early");
	int shown = p->at->len > 40 ? 40 : (int)p->at->len;
	return AD_FAIL(err, AD_EINVAL, "'%.*s' is not expected here (character %zu)", shown,
		p->at->text, (size_t)(p->at->text - p->text) + 1);
}

static int expect(struct parser *p, const char *sign, struct ad_err *err)
{
	return take(p, sign) ? 0 : unexpected(p, err);
}

/* A growing list of children in the arena. */
struct children {
	struct ad_expr **child;
	size_t count, room;
};

static void add_child(struct parser *p, struct children *list, struct ad_expr *child)
{
	if (list->count == list->room) {
		list->room = list->room ? 2 * list->room : 4;
		struct ad_expr **more = ad_alloc_array(p->arena, list->room, sizeof *more);
		if (list->count > 0)
			memcpy(more, list->child, list->count * sizeof *more);
		list->child = more;
	}
	list->child[list->count++] = child;
}

static int make(struct parser *p, const char *name, const struct children *list,
	struct ad_expr **ret, struct ad_err *err)
{
	return ad_expr_make(p->arena, name, list->child, list->count, ret, err);
}

static struct ad_expr *text_constant(const struct parser *p, const char *text, size_t len)
{
	return ad_expr_constant(p->arena, ad_value_string(ad_strndup(p->arena, text, len), len));
}

static int make_name(struct parser *p, const struct ad_token *name, struct ad_expr *instance,
	struct ad_expr **ret, struct ad_err *err)
{
	struct children list = { 0 };
	add_child(p, &list, text_constant(p, name->text, name->len));
	if (instance)
		add_child(p, &list, instance);
	return make(p, "Accessor", &list, ret, err);
}

static bool token_is(const struct ad_token *token, const char *word)
{
	return token->len == strlen(word) && memcmp(token->text, word, token->len) == 0;
}

/* A name by itself: a literal or a path of one. */
static int parse_name(struct parser *p, struct ad_expr **ret, struct ad_err *err)
{
	const struct ad_token *t = p->at++;
	struct ad_value value = { .kind = AD_UNDEFINED };
	if (token_is(t, "true") || token_is(t, "false"))
		value = ad_value_bool(t->len == 4);
	else if (token_is(t, "null"))
		value.kind = AD_NULL;
	else if (!token_is(t, "undefined"))
		return make_name(p, t, NULL, ret, err);
	*ret = ad_expr_constant(p->arena, value);
	return 0;
}

/* Replaces \n \r \t \\ and the escaped quote; other backslashes stay. */
static int parse_string(struct parser *p, struct ad_expr **ret)
{
	const struct ad_token *t = p->at++;
	char quote = t->text[0];
	char *out = ad_alloc(p->arena, t->len);
	size_t len = 0;
	for (size_t i = 1; i + 1 < t->len; i++) {
		if (t->text[i] == '\\' && i + 2 < t->len && t->text[i + 1] == quote)
			i++;
		out[len++] = t->text[i];
	}
	size_t kept = 0;
	for (size_t i = 0; i < len; i++) {
		static const char letters[] = "rnt\\";
		static const char meaning[] = "\r\n\t\\";
		const char *known = out[i] == '\\' && i + 1 < len && out[i + 1]
					    ? strchr(letters, out[i + 1])
					    : NULL;
		if (out[i] == '\\' && !known && i + 1 < len && out[i + 1] != '\r' &&
			out[i + 1] != '\n')
			out[kept++] = out[i++];
		out[kept++] = known ? meaning[known - letters] : out[i];
		i += known != NULL;
	}
	out[kept] = '\0';
	*ret = ad_expr_constant(p->arena, ad_value_string(out, kept));
	return 0;
}

/* "${ = name }" -> "name" */
static int parse_template(
	struct parser *p, const struct ad_token *t, struct ad_expr **ret, struct ad_err *err)
{
	struct ad_string inner = { t->text + 2, t->len - 3 };
	struct ad_units units = ad_units_of(p->arena, &inner);
	size_t from = 0, to = units.count;
	while (from < to && ad_unit_is_space(units.unit[from]))
		from++;
	while (to > from && ad_unit_is_space(units.unit[to - 1]))
		to--;
	struct ad_value trimmed = ad_units_value(p->arena, units.unit + from, to - from);
	const char *text = trimmed.string.text;
	const char *source = text;
	if (*text == '=')
		text++;
	int e = ad_expr_parse(p->arena, text, strlen(text), p->depth, ret, err);
	if (e != 0) {
		ad_err_prefix(err, "\"${%.80s}\": ", source);
		return e;
	}
	if (!(*ret)->source)
		(*ret)->source = source;
	return 0;
}

/* `text ${binding} text`: a concatenation that begins with an empty text. */
static int parse_interpolation(struct parser *p, struct ad_expr **ret, struct ad_err *err)
{
	struct children list = { 0 };
	add_child(p, &list, text_constant(p, "", 0));
	for (p->at++; p->at->kind != AD_TOKEN_TICK; p->at++) {
		struct ad_expr *part;
		int e = 0;
		if (p->at->kind == AD_TOKEN_TEMPLATE)
			e = parse_template(p, p->at, &part, err);
		else if (p->at->kind == AD_TOKEN_ESCAPE)
			part = text_constant(p, p->at->text + 1, 1);
		else if (p->at->kind == AD_TOKEN_TEXT)
			part = text_constant(p, p->at->text, p->at->len);
		else
			return unexpected(p, err);
		if (e != 0)
			return e;
		add_child(p, &list, part);
	}
	p->at++;
	return make(p, "concat", &list, ret, err);
}

/* Arguments up to the closing sign; name => expression counts as two. */
static int parse_list(
	struct parser *p, const char *close, struct children *list, struct ad_err *err)
{
	if (take(p, close))
		return 0;
	do {
		struct ad_expr *child;
		int e;
		if (p->at->kind == AD_TOKEN_NAME && p->at[1].kind == AD_TOKEN_SIGN &&
			token_is(&p->at[1], "=>")) {
			e = make_name(p, p->at, NULL, &child, err);
			if (e != 0)
				return e;
			add_child(p, list, child);
			p->at += 2;
		}
		e = parse_any(p, 0, &child, err);
		if (e != 0)
			return e;
		add_child(p, list, child);
	} while (take(p, ","));
	return expect(p, close, err);
}

/* {key: value, ...}: properties set one after the other on an empty object. */
static int parse_object(struct parser *p, struct ad_expr **ret, struct ad_err *err)
{
	struct children list = { 0 };
	add_child(p, &list, text_constant(p, "{}", 2));
	int e = make(p, "json", &list, ret, err);
	if (e != 0 || take(p, "}"))
		return e;
	do {
		const struct ad_token *key = p->at++;
		bool quoted = key->kind == AD_TOKEN_STRING;
		if (key->kind != AD_TOKEN_NAME && !quoted) {
			p->at--;
			return unexpected(p, err);
		}
		struct children set = { 0 };
		add_child(p, &set, *ret);
		add_child(
			p, &set, text_constant(p, key->text + quoted, key->len - (quoted ? 2 : 0)));
		struct ad_expr *value = NULL;
		e = expect(p, ":", err);
		if (e == 0)
			e = parse_any(p, 0, &value, err);
		if (e != 0)
			return e;
		add_child(p, &set, value);
		e = make(p, "setProperty", &set, ret, err);
		if (e != 0)
			return e;
	} while (take(p, ","));
	return expect(p, "}", err);
}

static int parse_atom(struct parser *p, struct ad_expr **ret, struct ad_err *err)
{
	struct children list = { 0 };
	switch (p->at->kind) {
	case AD_TOKEN_NUMBER:
		*ret = ad_expr_constant(p->arena,
			ad_value_number(
				strtod(ad_strndup(p->arena, p->at->text, p->at->len), NULL)));
		p->at++;
		return 0;
	case AD_TOKEN_STRING:
		return parse_string(p, ret);
	case AD_TOKEN_NAME:
		return parse_name(p, ret, err);
	case AD_TOKEN_TICK:
		return parse_interpolation(p, ret, err);
	case AD_TOKEN_SIGN:
	case AD_TOKEN_END:
	case AD_TOKEN_TEXT:
	case AD_TOKEN_ESCAPE:
	case AD_TOKEN_TEMPLATE:
	case AD_TOKEN_BAD:
	default:
		break;
	}
	if (take(p, "(")) {
		int e = parse_any(p, 0, ret, err);
		return e == 0 ? expect(p, ")", err) : e;
	}
	if (take(p, "[")) {
		int e = parse_list(p, "]", &list, err);
		return e == 0 ? make(p, "createArray", &list, ret, err) : e;
	}
	return take(p, "{") ? parse_object(p, ret, err) : unexpected(p, err);
}

/* The name of a called function is all that stands before the bracket, without blanks. */
static const char *called(struct parser *p, const struct ad_token *from)
{
	struct ad_buf name;
	ad_buf_init(&name, 1000);
	for (; from < p->at; from++)
		(void)ad_buf_add(&name, from->text, from->len);
	const char *text = ad_strdup(p->arena, ad_buf_str(&name));
	ad_buf_release(&name);
	return text;
}

static int parse_index(struct parser *p, struct ad_expr **ret, struct ad_err *err)
{
	struct children list = { 0 };
	struct ad_expr *index;
	add_child(p, &list, *ret);
	int e = parse_any(p, 0, &index, err);
	if (e == 0)
		e = expect(p, "]", err);
	if (e != 0)
		return e;
	add_child(p, &list, index);
	return make(p, "Element", &list, ret, err);
}

static bool is_call(const struct parser *p)
{
	return is_sign(p, "(") ||
	       (is_sign(p, "!") && p->at[1].kind == AD_TOKEN_SIGN && token_is(&p->at[1], "("));
}

/* An atom with its members, indices and calls. */
static int parse_primary(struct parser *p, struct ad_expr **ret, struct ad_err *err)
{
	const struct ad_token *from = p->at;
	int e = parse_atom(p, ret, err);
	while (e == 0) {
		if (take(p, ".")) {
			if (p->at->kind != AD_TOKEN_NAME)
				return unexpected(p, err);
			e = make_name(p, p->at++, *ret, ret, err);
		} else if (is_call(p)) {
			struct children list = { 0 };
			(void)take(p, "!");
			const char *name = called(p, from);
			p->at++;
			e = parse_list(p, ")", &list, err);
			if (e == 0 && !is_call(p)) /* else it is a part of a name alone */
				e = make(p, name, &list, ret, err);
		} else if (take(p, "[")) {
			e = parse_index(p, ret, err);
		} else {
			return 0;
		}
	}
	return e;
}

static int parse_unary(struct parser *p, struct ad_expr **ret, struct ad_err *err)
{
	bool is_not = is_sign(p, "!");
	if (!is_not && !is_sign(p, "-") && !is_sign(p, "+"))
		return parse_primary(p, ret, err);
	const char *sign = is_not ? "!" : is_sign(p, "-") ? "-" : "+";
	struct children list = { 0 };
	p->at++;
	if (!is_not)
		add_child(p, &list, ad_expr_constant(p->arena, ad_value_number(0)));
	struct ad_expr *operand;
	int e = parse_any(p, UNARY_LEVEL, &operand, err);
	if (e != 0)
		return e;
	add_child(p, &list, operand);
	return make(p, sign, &list, ret, err);
}

/* The operator at the cursor that binds at least as strongly as level, as an index; -1: none. */
static int operator_at(const struct parser *p, int level)
{
	for (size_t i = 0; i < sizeof operators / sizeof operators[0]; i++) {
		if (operators[i].level >= level && is_sign(p, operators[i].sign))
			return (int)i;
	}
	return -1;
}

static int parse_binary(
	struct parser *p, int which, struct ad_expr *left, struct ad_expr **ret, struct ad_err *err)
{
	const char *sign = operators[which].sign;
	int level = operators[which].level;
	struct children list = { 0 };
	struct ad_expr *operand;
	add_child(p, &list, left);
	p->at++;
	if (strcmp(sign, "?") == 0) {
		int e = parse_any(p, 0, &operand, err);
		if (e == 0)
			e = expect(p, ":", err);
		if (e != 0)
			return e;
		add_child(p, &list, operand);
	}
	int e = parse_any(p, level == RIGHT_LEVEL ? level : level + 1, &operand, err);
	if (e != 0)
		return e;
	add_child(p, &list, operand);
	return make(p, strcmp(sign, "?") == 0 ? "if" : sign, &list, ret, err);
}

static int parse_any(struct parser *p, int level, struct ad_expr **ret, struct ad_err *err)
{
	if (p->depth >= AD_TEMPLATE_EXPRESSION_DEPTH_MAX)
		return AD_FAIL(err, AD_ETOOBIG, "an expression is nested too deep");
	p->depth++;
	int e = parse_unary(p, ret, err);
	int which;
	while (e == 0 && (which = operator_at(p, level)) >= 0)
		e = parse_binary(p, which, *ret, ret, err);
	p->depth--;
	return e;
}

int ad_expr_parse(struct ad_arena *arena, const char *text, size_t len, size_t depth,
	struct ad_expr **ret, struct ad_err *err)
{
	struct ad_token *tokens;
	struct parser p = { .arena = arena, .text = text, .depth = depth };
	if (len == 0) {
		*ret = text_constant(&p, "", 0);
		return 0;
	}
	int e = ad_expr_lex(text, len, &tokens, err);
	if (e != 0)
		return e;
	p.at = tokens;
	e = parse_any(&p, 0, ret, err);
	if (e == 0 && p.at->kind != AD_TOKEN_END)
		e = unexpected(&p, err);
	free(tokens);
	return e;
}
