/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Expansion: walks the nodes and writes JSON. An array takes in the elements of lists that stand in
 * it and leaves out what is null; an object leaves out members without a value.
 */
#include "node.h"
#include "ad/text.h"

#define WHY_MAX 2000 /* bytes of an expression in a message */

static enum ad_outcome emit_value(struct ad_eval *x, const struct ad_node *node, bool *ret);
static enum ad_outcome emit_items(struct ad_eval *x, const struct ad_node *node, bool *any);
static enum ad_outcome emit_item(struct ad_eval *x, const struct ad_node *node, bool *any);

/* A text that data puts in, treated as the caller wants it. */
static struct ad_string treated(struct ad_eval *x, int treatment, const struct ad_string *text)
{
	if (treatment == 0 || !x->filter->apply)
		return *text;
	const char *made = x->filter->apply(x->filter->ctx, x->arena, treatment, text->text);
	return (struct ad_string){ made, strlen(made) };
}

static void write_text(struct ad_eval *x, int treatment, const struct ad_string *text)
{
	struct ad_string made = treated(x, treatment, text);
	ad_json_add_escaped(x->out, made.text, made.len);
}

static void write_value(struct ad_eval *x, int treatment, const struct ad_value *value)
{
	if (value->kind != AD_STRING) {
		ad_value_add_json(x->arena, x->out, value);
		return;
	}
	(void)ad_buf_addc(x->out, '"');
	write_text(x, treatment, &value->string);
	(void)ad_buf_addc(x->out, '"');
}

/* A part that fails leaves its expression in the text. */
static void write_expression(struct ad_eval *x, const struct ad_expr *expr)
{
	struct ad_buf *text = ad_text_begin(x);
	(void)ad_buf_adds(text, "${");
	ad_expr_print(text, expr);
	(void)ad_buf_addc(text, '}');
	ad_json_add_escaped(x->out, ad_buf_str(text), text->len);
	if (!x->missing)
		x->missing = ad_strndup(x->arena, ad_buf_str(text) + 2, text->len - 3);
}

static enum ad_outcome write_parts(struct ad_eval *x, const struct ad_part *part, size_t parts);

/* A number, or a text that is one. */
static bool number_of(const struct ad_value *value, double *ret)
{
	char *end = NULL;
	if (value->kind == AD_NUMBER)
		*ret = value->number;
	else if (value->kind == AD_STRING && value->string.len > 0)
		*ret = strtod(value->string.text, &end);
	return value->kind == AD_NUMBER || (end && !*end);
}

static enum ad_outcome write_form(struct ad_eval *x, const struct ad_part *part)
{
	struct ad_value value;
	double number = 0;
	enum ad_outcome o = ad_expr_eval(x, part->expr, true, &value);
	if (o == AD_NOTHING || o == AD_STOPPED)
		return o;
	if (o != AD_DONE || !number_of(&value, &number)) {
		write_expression(x, part->expr);
		return AD_DONE;
	}
	const struct ad_form *form = ad_plural_form(x->filter, part, number);
	return write_parts(x, form->part, form->parts);
}

static enum ad_outcome write_part(struct ad_eval *x, const struct ad_part *part)
{
	struct ad_value value;
	enum ad_outcome o = ad_expr_eval(x, part->expr, true, &value);
	if (o == AD_NOTHING || o == AD_STOPPED)
		return o;
	if (o != AD_DONE) {
		write_expression(x, part->expr);
		return AD_DONE;
	}
	if (ad_value_is_nullish(&value)) {
		x->why = "has no value";
		x->where = part->expr;
		return AD_THROWN;
	}
	if (value.kind == AD_STRING) {
		write_text(x, part->treatment, &value.string);
		return AD_DONE;
	}
	struct ad_buf *text = ad_text_begin(x);
	ad_value_add_text(x->arena, text, &value);
	struct ad_string made = { ad_buf_str(text), text->len };
	write_text(x, value.kind == AD_ARRAY ? part->treatment : 0, &made);
	return text->overflow ? AD_STOPPED : AD_DONE;
}

/* Forms stand in forms at most as deep as an expression may be nested. */
static enum ad_outcome write_parts(struct ad_eval *x, const struct ad_part *part, size_t parts)
{
	enum ad_outcome o = AD_DONE;
	for (size_t i = 0; o == AD_DONE && i < parts; i++) {
		if (part[i].forms > 0)
			o = write_form(x, &part[i]);
		else if (part[i].expr)
			o = write_part(x, &part[i]);
		else
			(void)ad_buf_add(x->out, part[i].literal.text, part[i].literal.len);
	}
	return o;
}

static enum ad_outcome emit_text(struct ad_eval *x, const struct ad_node *node)
{
	x->named = NULL;
	(void)ad_buf_addc(x->out, '"');
	enum ad_outcome o = write_parts(x, node->part, node->parts);
	if (o == AD_DONE)
		(void)ad_buf_addc(x->out, '"');
	return o;
}

static enum ad_outcome emit_members(struct ad_eval *x, const struct ad_node *node)
{
	bool any = false;
	(void)ad_buf_addc(x->out, '{');
	for (size_t i = 0; i < node->nodes; i++) {
		const struct ad_node *member = &node->node[i];
		size_t before = x->out->len;
		bool is_there;
		if (any && !member->has_comma)
			(void)ad_buf_addc(x->out, ',');
		if (member->kind == AD_NODE_LITERAL) {
			(void)ad_buf_add(x->out, member->text.text, member->text.len);
			any = true;
			continue;
		}
		(void)ad_buf_add(x->out, member->key.text, member->key.len);
		enum ad_outcome o = emit_value(x, member, &is_there);
		if (o != AD_DONE)
			return o;
		if (!is_there)
			x->out->len = before;
		any |= is_there;
	}
	(void)ad_buf_addc(x->out, '}');
	return x->out->overflow ? AD_STOPPED : AD_DONE;
}

/* "$when": false for everything but true, errors too; only an exception ends the expansion. */
static enum ad_outcome is_wanted(struct ad_eval *x, const struct ad_node *node, bool *ret)
{
	struct ad_value value;
	*ret = !node->is_dropped;
	if (!node->when)
		return AD_DONE;
	x->named = NULL;
	enum ad_outcome o = ad_expr_eval(x, node->when, false, &value);
	*ret = o == AD_DONE && value.kind == AD_BOOL && value.truth;
	return o == AD_FAILED ? AD_DONE : o;
}

/* The value of "$data"; a text with several parts is put together. */
static enum ad_outcome eval_data(
	struct ad_eval *x, const struct ad_node *node, struct ad_value *ret)
{
	const struct ad_node *data = node->data;
	*ret = ad_value_of_json(node->inline_data);
	if (data->kind == AD_NODE_LITERAL)
		return AD_DONE;
	if (data->kind == AD_NODE_VALUE) {
		x->named = NULL;
		enum ad_outcome o = ad_expr_eval(x, data->expr, true, ret);
		ad_value_settle(x, ret);
		return o;
	}
	size_t before = x->out->len;
	enum ad_outcome o = emit_text(x, data);
	if (o == AD_DONE && x->out->overflow)
		o = AD_STOPPED;
	if (o != AD_DONE)
		return o;
	struct ad_err ignored = { 0 };
	struct ad_json *text = NULL;
	if (ad_json_parse(x->arena, x->out->data + before, x->out->len - before, &text, &ignored) !=
		0)
		return AD_STOPPED;
	x->out->len = before;
	*ret = ad_value_of_json(text);
	return AD_DONE;
}

/* One element, written behind a comma when others stand before it. */
static enum ad_outcome emit_once(
	struct ad_eval *x, const struct ad_node *node, bool *any, size_t *count)
{
	bool wanted;
	if (ad_spend(x, 1 + node->nodes, 0) != AD_DONE)
		return AD_STOPPED;
	enum ad_outcome o = is_wanted(x, node, &wanted);
	if (o != AD_DONE || !wanted)
		return o;
	if (*any)
		(void)ad_buf_addc(x->out, ',');
	*any = true;
	++*count;
	return emit_members(x, node);
}

/* The next element of what "$data" repeats over; false at the end. */
static bool next_item(
	const struct ad_value *data, size_t at, const struct ad_json **cursor, struct ad_value *ret)
{
	if (data->list) {
		if (at >= data->list->count)
			return false;
		*ret = data->list->value[at];
		return true;
	}
	*cursor = at == 0 ? ad_json_first(data->json) : ad_json_next(*cursor);
	*ret = ad_value_of_json(*cursor);
	return *cursor != NULL;
}

/* The element, as often as its "$data" says. */
static enum ad_outcome emit_object(
	struct ad_eval *x, const struct ad_node *node, bool *any, size_t *count)
{
	if (!node->data)
		return emit_once(x, node, any, count);
	struct ad_value outer = x->data, data, item;
	int64_t index = x->index;
	enum ad_outcome o = eval_data(x, node, &data);
	if (o != AD_DONE)
		return o;
	if (data.kind != AD_ARRAY) {
		if (data.kind != AD_UNDEFINED)
			x->data = data;
		o = emit_once(x, node, any, count);
		x->data = outer;
		return o;
	}
	const struct ad_json *cursor = NULL;
	for (size_t i = 0; o == AD_DONE && next_item(&data, i, &cursor, &item); i++) {
		x->index = (int64_t)i;
		if (item.kind != AD_UNDEFINED)
			x->data = item;
		o = emit_once(x, node, any, count);
	}
	x->data = outer;
	x->index = index;
	return o;
}

/* A repeated element in the place of one: none is null, several are an array. */
static enum ad_outcome emit_alone(struct ad_eval *x, const struct ad_node *node)
{
	size_t before = x->out->len, count = 0;
	bool any = false;
	enum ad_outcome o = emit_object(x, node, &any, &count);
	if (o != AD_DONE)
		return o;
	if (count == 0)
		(void)ad_buf_adds(x->out, "null");
	if (count < 2 || !ad_buf_adds(x->out, "]]"))
		return x->out->overflow ? AD_STOPPED : AD_DONE;
	memmove(x->out->data + before + 1, x->out->data + before, x->out->len - before - 2);
	x->out->data[before] = '[';
	return AD_DONE;
}

static enum ad_outcome eval_node(
	struct ad_eval *x, const struct ad_node *node, struct ad_value *ret)
{
	x->named = NULL;
	enum ad_outcome o = ad_expr_eval(x, node->expr, true, ret);
	ad_value_settle(x, ret);
	return o;
}

/* Writes a value; *ret is false when there is none. */
static enum ad_outcome emit_value(struct ad_eval *x, const struct ad_node *node, bool *ret)
{
	struct ad_value value;
	enum ad_outcome o;
	bool any = false;
	*ret = true;
	switch (node->kind) {
	case AD_NODE_VALUE:
		o = eval_node(x, node, &value);
		*ret = value.kind != AD_UNDEFINED;
		if (o == AD_DONE && *ret)
			write_value(x, node->treatment, &value);
		return o;
	case AD_NODE_TEXT:
		return emit_text(x, node);
	case AD_NODE_OBJECT:
		return emit_alone(x, node);
	case AD_NODE_LITERAL:
	case AD_NODE_ARRAY:
	default:
		break;
	}
	if (node->kind == AD_NODE_LITERAL && !node->is_list) {
		(void)ad_buf_add(x->out, node->text.text, node->text.len);
		return AD_DONE;
	}
	(void)ad_buf_addc(x->out, '[');
	o = emit_item(x, node, &any);
	(void)ad_buf_addc(x->out, ']');
	return o;
}

/* The elements that a bound value gives to an array. */
static void write_items(struct ad_eval *x, int treatment, const struct ad_value *value, bool *any)
{
	struct ad_value single = *value;
	struct ad_list alone = { .count = value->kind == AD_NULL ? 0 : 1, .value = &single };
	const struct ad_list *list = &alone;
	if (value->kind == AD_ARRAY)
		list = ad_value_list(x->arena, value);
	for (size_t i = 0; i < list->count && !x->out->overflow; i++) {
		if (*any)
			(void)ad_buf_addc(x->out, ',');
		*any = true;
		write_value(x, list == &alone ? treatment : 0, &list->value[i]);
	}
}

/* What the node gives to the array in which it stands; *any: something stands there already. */
static enum ad_outcome emit_item(struct ad_eval *x, const struct ad_node *node, bool *any)
{
	struct ad_value value;
	size_t count = 0;
	enum ad_outcome o = AD_DONE;
	switch (node->kind) {
	case AD_NODE_VALUE:
		o = eval_node(x, node, &value);
		if (o == AD_DONE)
			write_items(x, node->treatment, &value, any);
		return o;
	case AD_NODE_OBJECT:
		return emit_object(x, node, any, &count);
	case AD_NODE_ARRAY:
		return emit_items(x, node, any);
	case AD_NODE_LITERAL:
		if (node->is_null || (node->is_list && node->text.len == 0))
			return AD_DONE;
		break;
	case AD_NODE_TEXT:
	default:
		break;
	}
	if (*any)
		(void)ad_buf_addc(x->out, ',');
	*any = true;
	if (node->kind == AD_NODE_TEXT)
		return emit_text(x, node);
	(void)ad_buf_add(x->out, node->text.text, node->text.len);
	return AD_DONE;
}

static enum ad_outcome emit_items(struct ad_eval *x, const struct ad_node *node, bool *any)
{
	for (size_t i = 0; i < node->nodes; i++) {
		enum ad_outcome o = emit_item(x, &node->node[i], any);
		if (o != AD_DONE)
			return o;
	}
	return x->out->overflow ? AD_STOPPED : AD_DONE;
}

static int explain(struct ad_eval *x, enum ad_outcome o, struct ad_err *err)
{
	if (o == AD_STOPPED)
		return AD_FAIL(err, AD_ETOOBIG, "the expansion takes too long or is too big");
	struct ad_buf text;
	ad_buf_init(&text, WHY_MAX);
	if (x->where)
		ad_expr_print(&text, x->where);
	int e = AD_FAIL(err, AD_EINVAL, "%.200s: %s", ad_buf_str(&text),
		x->why ? x->why : "cannot be evaluated");
	ad_buf_release(&text);
	return e;
}

int ad_template_expand(const struct ad_template *template,
	const struct ad_template_context *context, struct ad_arena *arena, struct ad_buf *out,
	const char **ret_missing, struct ad_err *err)
{
	struct ad_eval x = {
		.arena = arena,
		.context = context,
		.filter = &template->filter,
		.out = out,
		.root = ad_value_of_json(context->root),
		.host = ad_value_of_json(context->host),
		.index = -1,
		.random = context->seed | 1,
	};
	bool is_there = true;
	x.data = x.root;
	ad_buf_init(&x.scratch, AD_TEMPLATE_OUTPUT_MAX);
	enum ad_outcome o = emit_value(&x, &template->root, &is_there);
	if (o == AD_DONE && !is_there)
		(void)ad_buf_adds(out, "null");
	if (o == AD_DONE && out->overflow)
		o = AD_STOPPED;
	ad_buf_release(&x.scratch);
	if (ret_missing)
		*ret_missing = x.missing;
	return o == AD_DONE ? 0 : explain(&x, o, err);
}
