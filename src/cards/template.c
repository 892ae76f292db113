/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Compiling a template: each part becomes a node, and what no data can change becomes text at once.
 */
#include "node.h"
#include "plural.h"
#include "ad/text.h"

/* The template's own copy of a string of the source. */
static struct ad_string text_of(struct ad_arena *arena, const char *text)
{
	size_t len = strlen(text);
	return (struct ad_string){ ad_strndup(arena, text, len), len };
}

/* Text as it stands inside a JSON string. */
static struct ad_string escaped_of(struct ad_arena *arena, const char *text, size_t len)
{
	struct ad_buf out;
	ad_buf_init(&out, 6 * len);
	ad_json_add_escaped(&out, text, len);
	struct ad_string made = text_of(arena, ad_buf_str(&out));
	ad_buf_release(&out);
	return made;
}

static int treatment_of(
	const struct ad_compile *c, const struct ad_text_place *place, const char *source)
{
	const struct ad_template_place asked = { place->object, place->name, source };
	return c->filter->choose && source ? c->filter->choose(c->filter->ctx, &asked) : 0;
}

/* A concatenation: its literal parts become escaped text. */
static void compile_parts(struct ad_compile *c, const struct ad_expr *expr,
	const struct ad_text_place *place, struct ad_node *node)
{
	node->kind = AD_NODE_TEXT;
	node->parts = expr->count;
	node->part = ad_alloc_array(c->arena, expr->count, sizeof *node->part);
	for (size_t i = 0; i < expr->count; i++) {
		const struct ad_expr *child = expr->child[i];
		struct ad_part *part = &node->part[i];
		if (child->fn != &ad_constant || child->constant.kind != AD_STRING) {
			part->expr = child;
			part->treatment = treatment_of(c, place, child->source);
			continue;
		}
		const struct ad_string *literal = &child->constant.string;
		part->literal = escaped_of(c->arena, literal->text, literal->len);
	}
}

int ad_parts_compile(struct ad_compile *c, const char *text, const struct ad_text_place *place,
	struct ad_node *node, struct ad_err *err)
{
	struct ad_expr *root;
	if (!strstr(text, "${")) {
		node->part = ad_alloc_array(c->arena, 1, sizeof *node->part);
		node->parts = 1;
		node->part->literal = escaped_of(c->arena, text, strlen(text));
		return 0;
	}
	const char *ticked = ad_printf(c->arena, "`%s`", text);
	int e = ad_expr_parse(c->arena, ticked, strlen(ticked), 0, &root, err);
	if (e != 0)
		return e;
	if (strcmp(root->type, "concat") != 0)
		return AD_FAIL(err, AD_EINVAL, "\"%.40s\" cannot stand beside forms", text);
	compile_parts(c, root, place, node);
	return 0;
}

/* "${a}" keeps the type of a; a text with other parts, or a concatenation, is put together. */
static int compile_binding(struct ad_compile *c, const char *text,
	const struct ad_text_place *place, struct ad_node *node, struct ad_err *err)
{
	struct ad_expr *root;
	const char *ticked = ad_printf(c->arena, "`%s`", text);
	int e = ad_expr_parse(c->arena, ticked, strlen(ticked), 0, &root, err);
	if (e != 0)
		return e;
	if (strcmp(root->type, "concat") != 0) {
		node->kind = AD_NODE_LITERAL; /* backticks in the text made it something else */
		return 0;
	}
	const struct ad_expr *only = root->count == 2 ? root->child[1] : NULL;
	bool keeps = only && root->child[0]->fn == &ad_constant && only->fn != &ad_constant &&
		     root->child[0]->constant.kind == AD_STRING &&
		     root->child[0]->constant.string.len == 0;
	node->expr = keeps ? only : root;
	if (strcmp(node->expr->type, "concat") == 0) {
		compile_parts(c, node->expr, place, node);
		return 0;
	}
	node->kind = AD_NODE_VALUE;
	node->treatment = treatment_of(c, place, only->source);
	return 0;
}

static int compile_string(struct ad_compile *c, const char *text, const struct ad_json *object,
	const char *name, struct ad_node *node, struct ad_err *err)
{
	const struct ad_text_place place = { object, name };
	struct ad_plural block;
	node->kind = AD_NODE_LITERAL;
	if (c->filter->category && ad_plural_find(text, &block))
		return ad_plural_compile(c, text, &place, node, err);
	if (strstr(text, "${")) {
		int e = compile_binding(c, text, &place, node, err);
		if (e != 0 || node->kind != AD_NODE_LITERAL)
			return e;
	}
	struct ad_buf out;
	ad_buf_init(&out, 6 * strlen(text) + 2);
	(void)ad_buf_addc(&out, '"');
	ad_json_add_escaped(&out, text, strlen(text));
	(void)ad_buf_addc(&out, '"');
	node->text = text_of(c->arena, ad_buf_str(&out));
	ad_buf_release(&out);
	return 0;
}

static int compile_array(
	struct ad_compile *c, const struct ad_json *array, struct ad_node *node, struct ad_err *err)
{
	node->kind = AD_NODE_ARRAY;
	node->nodes = ad_json_count(array);
	node->node = ad_alloc_array(c->arena, node->nodes + 1, sizeof *node->node);
	size_t at = 0;
	AD_JSON_EACH(item, array)
	{
		int e = ad_node_compile(c, item, NULL, NULL, &node->node[at], err);
		if (e != 0) {
			ad_err_prefix(err, "[%zu]", at);
			return e;
		}
		at++;
	}
	return 0;
}

static bool is_reserved(const char *name)
{
	static const char *const names[] = { "$data", "$when", "$root", "$index", "$host",
		"$_acTemplateVersion" };
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		if (strcmp(name, names[i]) == 0)
			return true;
	}
	return false;
}

/* What JavaScript takes for true. */
static bool is_truthy(const struct ad_json *value)
{
	double number = ad_json_number(value, 1);
	const char *text = ad_json_text(value);
	enum ad_json_kind kind = ad_json_kind(value);
	if (kind == AD_JSON_BOOL)
		return ad_json_truth(value);
	return kind != AD_JSON_NONE && kind != AD_JSON_NULL && (!text || *text) &&
	       (number < 0 || number > 0);
}

/* "$when": only a binding is evaluated; anything else that is true drops the element. */
static int compile_when(
	struct ad_compile *c, const struct ad_json *when, struct ad_node *node, struct ad_err *err)
{
	const char *text = ad_json_text(when);
	struct ad_node condition = { 0 };
	if (text) {
		int e = compile_string(c, text, NULL, NULL, &condition, err);
		if (e != 0) {
			ad_err_prefix(err, ".$when: ");
			return e;
		}
	}
	node->when = condition.kind == AD_NODE_LITERAL ? NULL : condition.expr;
	node->is_dropped = !node->when && is_truthy(when);
	return 0;
}

static int compile_data(
	struct ad_compile *c, const struct ad_json *data, struct ad_node *node, struct ad_err *err)
{
	if (!data)
		return 0;
	node->data = ad_alloc(c->arena, sizeof *node->data);
	node->data->kind = AD_NODE_LITERAL;
	if (ad_json_text(data)) {
		int e = compile_string(c, ad_json_text(data), NULL, NULL, node->data, err);
		if (e != 0) {
			ad_err_prefix(err, ".$data: ");
			return e;
		}
	}
	node->inline_data = ad_json_copy(c->arena, data);
	return 0;
}

/* "name": in front of a member, with the comma when one is sure to be needed. The text of a literal
 * takes it in. */
static void add_key(struct ad_compile *c, const char *name, bool follows, struct ad_node *member)
{
	struct ad_buf key;
	ad_buf_init(&key, 6 * strlen(name) + 8 + member->text.len);
	(void)ad_buf_adds(&key, follows ? ",\"" : "\"");
	ad_json_add_escaped(&key, name, strlen(name));
	(void)ad_buf_adds(&key, "\":");
	member->has_comma = follows;
	if (member->kind == AD_NODE_LITERAL) {
		(void)ad_buf_adds(&key, member->is_list ? "[" : "");
		(void)ad_buf_add(&key, member->text.text, member->text.len);
		(void)ad_buf_adds(&key, member->is_list ? "]" : "");
		member->is_list = member->is_null = false;
		member->text = text_of(c->arena, ad_buf_str(&key));
	} else {
		member->key = text_of(c->arena, ad_buf_str(&key));
	}
	ad_buf_release(&key);
}

static struct ad_string joined(
	struct ad_compile *c, const struct ad_string *a, const struct ad_string *b)
{
	const char *text = ad_printf(c->arena, "%s%s", a->text, b->text);
	return (struct ad_string){ text, a->len + b->len };
}

static int compile_object(struct ad_compile *c, const struct ad_json *object, struct ad_node *node,
	struct ad_err *err)
{
	node->kind = AD_NODE_OBJECT;
	node->node = ad_alloc_array(c->arena, ad_json_count(object) + 1, sizeof *node->node);
	int e = compile_when(c, ad_json_get(object, "$when"), node, err);
	if (e == 0)
		e = compile_data(c, ad_json_get(object, "$data"), node, err);
	if (e != 0)
		return e;
	bool follows = false; /* a member that is always there precedes */
	AD_JSON_EACH(member, object)
	{
		const char *name = ad_json_name(member);
		if (is_reserved(name))
			continue;
		struct ad_node *made = &node->node[node->nodes++];
		e = ad_node_compile(c, member, object, name, made, err);
		if (e != 0) {
			ad_err_prefix(err, ".%s", name);
			return e;
		}
		add_key(c, name, follows, made);
		bool literal = made->kind == AD_NODE_LITERAL;
		if (literal && node->nodes > 1 && made[-1].kind == AD_NODE_LITERAL) {
			made[-1].text = joined(c, &made[-1].text, &made->text);
			*made = (struct ad_node){ 0 };
			node->nodes--;
		}
		follows |= literal || made->kind != AD_NODE_VALUE;
	}
	return 0;
}

/* Whether no data can change the node. */
static bool is_static(const struct ad_node *node)
{
	if (node->kind != AD_NODE_ARRAY && node->kind != AD_NODE_OBJECT)
		return false;
	if (node->when || node->is_dropped || node->data)
		return false;
	for (size_t i = 0; i < node->nodes; i++) {
		if (node->node[i].kind != AD_NODE_LITERAL)
			return false;
	}
	return true;
}

/* Prints a static node. The elements of an array stand without brackets, as it may be spliced. */
static void settle(struct ad_compile *c, struct ad_node *node)
{
	struct ad_buf out;
	bool is_array = node->kind == AD_NODE_ARRAY, first = true;
	ad_buf_init(&out, AD_TEMPLATE_OUTPUT_MAX);
	if (!is_array)
		(void)ad_buf_addc(&out, '{');
	for (size_t i = 0; i < node->nodes; i++) {
		const struct ad_node *child = &node->node[i];
		if (is_array && (child->is_null || (child->is_list && !child->text.len)))
			continue;
		if (is_array && !first)
			(void)ad_buf_addc(&out, ',');
		first = false;
		(void)ad_buf_add(&out, child->text.text, child->text.len);
	}
	if (!is_array)
		(void)ad_buf_addc(&out, '}');
	node->kind = AD_NODE_LITERAL;
	node->is_list = is_array;
	node->text = text_of(c->arena, ad_buf_str(&out));
	ad_buf_release(&out);
}

int ad_node_compile(struct ad_compile *c, const struct ad_json *source,
	const struct ad_json *object, const char *name, struct ad_node *node, struct ad_err *err)
{
	int e = 0;
	switch (ad_json_kind(source)) {
	case AD_JSON_STRING:
		e = compile_string(c, ad_json_text(source), object, name, node, err);
		if (e != 0)
			ad_err_prefix(err, ": ");
		break;
	case AD_JSON_ARRAY:
		e = compile_array(c, source, node, err);
		break;
	case AD_JSON_OBJECT:
		e = compile_object(c, source, node, err);
		break;
	case AD_JSON_NONE:
	case AD_JSON_NULL:
	case AD_JSON_BOOL:
	case AD_JSON_NUMBER:
	default: {
		struct ad_value value = ad_value_of_json(source);
		struct ad_buf text;
		ad_buf_init(&text, 64);
		ad_value_add_json(c->arena, &text, &value);
		node->kind = AD_NODE_LITERAL;
		node->is_null = value.kind == AD_NULL || value.kind == AD_UNDEFINED;
		node->text = text_of(c->arena, ad_buf_str(&text));
		ad_buf_release(&text);
	}
	}
	if (e == 0 && is_static(node))
		settle(c, node);
	return e;
}

int ad_template_compile(struct ad_arena *arena, const struct ad_json *source,
	const struct ad_template_filter *filter, struct ad_template **ret, struct ad_err *err)
{
	struct ad_template *template = ad_alloc(arena, sizeof *template);
	struct ad_compile c = { .arena = arena, .filter = &template->filter };
	if (filter)
		template->filter = *filter;
	*ret = template;
	return ad_node_compile(&c, source, NULL, NULL, &template->root, err);
}
