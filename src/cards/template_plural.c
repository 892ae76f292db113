/* SPDX-License-Identifier: Apache-2.0 */
/* Texts with counts: what stands around a block and each of its forms are parts of their own. */
#include "node.h"
#include "plural.h"
#include "ad/text.h"

#define FORMS_MAX 12 /* six categories, and as many exact numbers */
#define PARTS_MAX 200
#define OTHER "other"

struct parts {
	struct ad_part *part;
	size_t count;
};

static int add_parts(struct parts *to, const struct ad_node *made, struct ad_err *err)
{
	if (to->count + made->parts > PARTS_MAX)
		return AD_FAIL(err, AD_ETOOBIG, "a text of more than %d parts", PARTS_MAX);
	memcpy(to->part + to->count, made->part, made->parts * sizeof *made->part);
	to->count += made->parts;
	return 0;
}

static int add_text(struct ad_compile *c, const char *text, size_t len,
	const struct ad_text_place *place, struct parts *to, struct ad_err *err)
{
	struct ad_node made = { 0 };
	int e = len > 0 ? ad_parts_compile(c, ad_strndup(c->arena, text, len), place, &made, err)
			: 0;
	return e == 0 && len > 0 ? add_parts(to, &made, err) : e;
}

static int read_selector(struct ad_compile *c, const struct ad_plural_form *read,
	struct ad_form *form, struct ad_err *err)
{
	const char *selector = ad_strndup(c->arena, read->selector, read->selector_len);
	char *end = NULL;
	if (*selector != '=') {
		form->category = selector;
		return 0;
	}
	form->exact = strtod(selector + 1, &end);
	return end > selector + 1 && !*end
		       ? 0
		       : AD_FAIL(err, AD_EINVAL, "\"%.20s\" is no number", selector);
}

static int compile_forms(struct ad_compile *c, const struct ad_plural *block,
	const struct ad_text_place *place, struct ad_part *part, struct ad_err *err)
{
	struct ad_plural_form read;
	const char *at = block->forms;
	bool has_other = false;
	int more;
	part->form = ad_alloc_array(c->arena, FORMS_MAX, sizeof *part->form);
	while ((more = ad_plural_next(block, &at, &read)) > 0) {
		if (part->forms == FORMS_MAX)
			return AD_FAIL(err, AD_ETOOBIG, "more than %d forms", FORMS_MAX);
		struct ad_form *form = &part->form[part->forms++];
		struct ad_node made = { 0 };
		int e = read_selector(c, &read, form, err);
		if (e == 0)
			e = ad_plural_compile(c, ad_strndup(c->arena, read.text, read.text_len),
				place, &made, err);
		if (e != 0)
			return e;
		form->part = made.part;
		form->parts = made.parts;
		has_other |= ad_text_eq(form->category, OTHER);
	}
	return more == 0 && has_other ? 0
				      : AD_FAIL(err, AD_EINVAL, "\"%.40s\" has %s", block->start,
						more < 0 ? "no end" : "no form \"" OTHER "\"");
}

static int add_block(struct ad_compile *c, const struct ad_plural *block,
	const struct ad_text_place *place, struct parts *to, struct ad_err *err)
{
	struct ad_expr *count;
	const char *argument = ad_strndup(c->arena, block->argument, block->argument_len);
	int e = ad_expr_parse(c->arena, argument, strlen(argument), 0, &count, err);
	if (e != 0)
		return e;
	if (to->count == PARTS_MAX)
		return AD_FAIL(err, AD_ETOOBIG, "a text of more than %d parts", PARTS_MAX);
	struct ad_part *part = &to->part[to->count++];
	*part = (struct ad_part){ .expr = count };
	return compile_forms(c, block, place, part, err);
}

int ad_plural_compile(struct ad_compile *c, const char *text, const struct ad_text_place *place,
	struct ad_node *node, struct ad_err *err)
{
	struct parts made = { ad_xalloc(PARTS_MAX * sizeof *made.part), 0 };
	struct ad_plural block;
	int e = 0;
	while (e == 0 && ad_plural_find(text, &block)) {
		e = add_text(c, text, (size_t)(block.start - text), place, &made, err);
		if (e == 0)
			e = add_block(c, &block, place, &made, err);
		text = block.end ? block.end : "";
	}
	if (e == 0)
		e = add_text(c, text, strlen(text), place, &made, err);
	node->kind = AD_NODE_TEXT;
	node->part = ad_memdup(c->arena, made.part, made.count * sizeof *made.part);
	node->parts = made.count;
	free(made.part);
	return e;
}

const struct ad_form *ad_plural_form(
	const struct ad_template_filter *filter, const struct ad_part *part, double number)
{
	const char *category = filter->category(filter->ctx, number);
	const struct ad_form *found = NULL;
	for (size_t i = 0; i < part->forms; i++) {
		const struct ad_form *form = &part->form[i];
		if (!form->category && !(form->exact < number) && !(form->exact > number))
			return form;
		if (ad_text_eq(form->category, category) ||
			(!found && ad_text_eq(form->category, OTHER)))
			found = form;
	}
	return found;
}
