/* SPDX-License-Identifier: Apache-2.0 */
/* xml(): a document of elements, one for each member, as fast-xml-parser's builder writes it for
 * the official engine: names are not checked, and the result need not be well-formed. */
#include "expr.h"
#include "ad/text.h"
#include "units.h"

#include <inttypes.h>

#define HEADER "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>"
#define INDENT "  "
#define TEXT_NAME "#text" /* a member that is the text of its element */

struct writer {
	struct ad_eval *x;
	struct ad_buf *out;
	bool failed;
};

static void indent(struct writer *w, size_t level)
{
	for (size_t i = 0; i < level; i++)
		(void)ad_buf_adds(w->out, INDENT);
}

static void add_name(struct writer *w, const struct ad_string *name)
{
	(void)ad_buf_add(w->out, name->text, name->len);
}

static bool is_instruction(const struct ad_string *name)
{
	return name->len > 0 && name->text[0] == '?';
}

static void add_escaped(struct writer *w, const struct ad_string *text)
{
	static const struct {
		char c;
		const char *entity;
	} entities[] = { { '&', "&amp;" }, { '>', "&gt;" }, { '<', "&lt;" }, { '\'', "&apos;" },
		{ '"', "&quot;" } };
	for (size_t i = 0; i < text->len; i++) {
		const char *entity = NULL;
		for (size_t k = 0; k < sizeof entities / sizeof entities[0]; k++)
			entity = entities[k].c == text->text[i] ? entities[k].entity : entity;
		if (entity)
			(void)ad_buf_adds(w->out, entity);
		else
			(void)ad_buf_addc(w->out, text->text[i]);
	}
}

static void open_element(struct writer *w, const struct ad_string *name, size_t level)
{
	indent(w, level);
	(void)ad_buf_addc(w->out, '<');
	add_name(w, name);
}

static void close_element(struct writer *w, const struct ad_string *name)
{
	(void)ad_buf_adds(w->out, "</");
	add_name(w, name);
	(void)ad_buf_adds(w->out, ">\n");
}

/* An element that stands for null, or an instruction, which has no content. */
static void add_bare(
	struct writer *w, const struct ad_string *name, size_t level, const char *before_end)
{
	open_element(w, name, level);
	(void)ad_buf_adds(w->out, is_instruction(name) ? "?" : before_end);
	(void)ad_buf_adds(w->out, ">\n");
}

static void add_value(struct writer *w, const struct ad_value *value)
{
	if (value->kind == AD_STRING)
		add_escaped(w, &value->string);
	else
		ad_value_add_text(w->x->arena, w->out, value);
}

/* An element with text alone. */
static void add_text(
	struct writer *w, const struct ad_string *name, const struct ad_value *value, size_t level)
{
	if (is_instruction(name)) {
		add_bare(w, name, level, "");
		return;
	}
	/* The builder asks lists for a method of texts; an empty one it does not ask. */
	w->failed |= value->kind == AD_ARRAY && ad_value_list(w->x->arena, value)->count > 0;
	open_element(w, name, level);
	(void)ad_buf_addc(w->out, '>');
	add_value(w, value);
	close_element(w, name);
}

static void add_members(struct writer *w, const struct ad_list *list, size_t level);

/* The members of any value, as JavaScript lists them. */
static struct ad_list *members_of(struct ad_eval *x, const struct ad_value *value)
{
	struct ad_list *list;
	if (value->kind == AD_ARRAY || value->kind == AD_OBJECT)
		return ad_list_of(x, value);
	if (value->kind == AD_TICKS) {
		const char *digits = ad_printf(x->arena, "%" PRId64, value->ticks);
		list = ad_list_make(x, 1, true);
		if (list) {
			list->name[0] = (struct ad_string){ "value", 5 };
			list->value[0] = ad_value_string(digits, strlen(digits));
		}
		return list;
	}
	struct ad_units units = { 0 };
	if (value->kind == AD_STRING)
		units = ad_units_of(x->arena, &value->string);
	size_t count = value->kind == AD_BYTES ? value->string.len : units.count;
	list = ad_list_make(x, count, false);
	for (size_t i = 0; list && i < count; i++)
		list->value[i] = value->kind == AD_STRING
					 ? ad_units_value(x->arena, units.unit + i, 1)
					 : ad_value_number((unsigned char)value->string.text[i]);
	return list;
}

/* An element with elements in it, or with the text of its "#text". */
static void add_nested(
	struct writer *w, const struct ad_string *name, const struct ad_value *value, size_t level)
{
	const struct ad_list *list = members_of(w->x, value);
	if (!list)
		return;
	if (list->name && list->count == 1 && strcmp(list->name[0].text, TEXT_NAME) == 0 &&
		list->value[0].kind != AD_UNDEFINED) {
		add_text(w, name, &list->value[0], level);
		return;
	}
	open_element(w, name, level);
	size_t start = w->out->len;
	(void)ad_buf_adds(w->out, is_instruction(name) ? "?>\n" : ">\n");
	size_t inner = w->out->len;
	add_members(w, list, level + 1);
	if (w->out->overflow)
		return;
	const char *content = w->out->data + inner;
	size_t len = w->out->len - inner;
	bool is_text = !memchr(content, '<', len);
	if (is_text) { /* it follows at once */
		memmove(w->out->data + inner - 1, content, len);
		ad_buf_cut(w->out, w->out->len - 1);
	}
	if (!is_text)
		indent(w, level);
	if (!is_instruction(name)) {
		close_element(w, name);
	} else if (len == 0) {
		w->out->len = start;
		(void)ad_buf_adds(w->out, "?>\n");
	}
}

static void add_member(
	struct writer *w, const struct ad_string *name, const struct ad_value *value, size_t level)
{
	switch (value->kind) {
	case AD_UNDEFINED:
		return;
	case AD_NULL:
		add_bare(w, name, level, "/");
		return;
	case AD_OBJECT:
	case AD_ARRAY:
	case AD_TICKS:
	case AD_BYTES:
		add_nested(w, name, value, level);
		return;
	case AD_BOOL:
	case AD_NUMBER:
	case AD_STRING:
	default:
		add_text(w, name, value, level);
		return;
	}
}

/* Each element of a list by the name of the list; those that are null come first. */
static void add_repeated(
	struct writer *w, const struct ad_string *name, const struct ad_list *list, size_t level)
{
	for (int pass = 0; pass < 2; pass++) {
		for (size_t i = 0; i < list->count && !w->out->overflow; i++) {
			if ((list->value[i].kind == AD_NULL) == (pass == 0))
				add_member(w, name, &list->value[i], level);
		}
	}
}

static struct ad_string name_at(struct writer *w, const struct ad_list *list, size_t at)
{
	if (list->name)
		return list->name[at];
	const char *index = ad_printf(w->x->arena, "%zu", at);
	return (struct ad_string){ index, strlen(index) };
}

static void add_members(struct writer *w, const struct ad_list *list, size_t level)
{
	for (size_t i = 0; i < list->count && !w->out->overflow && !w->failed; i++) {
		struct ad_string name = name_at(w, list, i);
		const struct ad_value *value = &list->value[i];
		bool is_plain = value->kind == AD_STRING || value->kind == AD_NUMBER ||
				value->kind == AD_BOOL;
		if (is_plain && strcmp(name.text, TEXT_NAME) == 0) {
			add_value(w, value);
			continue;
		}
		if (value->kind != AD_ARRAY) {
			add_member(w, &name, value, level);
			continue;
		}
		const struct ad_list *items = ad_list_of(w->x, value);
		if (items)
			add_repeated(w, &name, items, level);
	}
}

static enum ad_outcome fn_xml(struct ad_call *call, struct ad_value *ret)
{
	struct ad_value value = call->arg[0];
	if (value.kind == AD_STRING) {
		struct ad_err ignored = { 0 };
		struct ad_json *json = NULL;
		const char *text = ad_text_trim(call->x->arena, value.string.text);
		if (ad_spend(call->x, 1 + value.string.len / 4, 32 * value.string.len) != AD_DONE)
			return AD_STOPPED;
		if (ad_json_parse(call->x->arena, text, strlen(text), &json, &ignored) != 0)
			return ad_fail(call, "the text is not JSON");
		value = ad_value_of_json(json);
	} else if (value.kind == AD_NUMBER || value.kind == AD_BOOL) {
		value.kind = AD_UNDEFINED;
	}
	struct writer w = { .x = call->x, .out = ad_text_begin(call->x) };
	(void)ad_buf_adds(w.out, HEADER "\n");
	const struct ad_list *list = members_of(call->x, &value);
	if (!list)
		return AD_STOPPED;
	add_members(&w, list, 0);
	if (w.failed)
		return ad_fail(call, "a list cannot be a text");
	while (w.out->len > 0 && strchr(" \n\t\r\f\v", w.out->data[w.out->len - 1]))
		ad_buf_cut(w.out, w.out->len - 1);
	return ad_spend(call->x, 0, 0) == AD_DONE ? ad_text_end(call->x, ret) : AD_STOPPED;
}

const struct ad_function ad_functions_xml[] = {
	{ "xml", NULL, AD_T_STRING, 1, 1, { 0 }, 0, 0, fn_xml },
	{ .name = NULL },
};
