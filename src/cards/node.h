/* SPDX-License-Identifier: Apache-2.0 */
/* Nodes of a compiled template. Private to cards. */
#ifndef AD_CARDS_TEMPLATE_NODES_H
#define AD_CARDS_TEMPLATE_NODES_H

#include "ad/cards/template.h"
#include "expr.h"

enum ad_node_kind {
	AD_NODE_LITERAL = 0, /* text, is_null, is_list */
	AD_NODE_VALUE,       /* one binding: keeps its type */
	AD_NODE_TEXT,        /* literals and bindings put together */
	AD_NODE_ARRAY,
	AD_NODE_OBJECT,
};

/* A piece of a text: literal when expr is NULL. */
struct ad_part {
	const struct ad_expr *expr;
	struct ad_string literal; /* escaped */
	int treatment;
	struct ad_form *form; /* one of these stands there, as the number says that expr gives */
	size_t forms;
};

/* What is written for a number. */
struct ad_form {
	const char *category; /* "one"; NULL: for exact alone */
	double exact;
	struct ad_part *part;
	size_t parts;
};

/* Where a text stands in its template: the member name of object, or an array (both NULL). */
struct ad_text_place {
	const struct ad_json *object;
	const char *name;
};

struct ad_node {
	enum ad_node_kind kind;
	struct ad_string key;  /* "name": of a member; a literal member has it in its text */
	bool has_comma;        /* key or text begins with the comma, as a member surely precedes */
	struct ad_string text; /* JSON */
	bool is_null;
	bool is_list; /* text is the elements of an array, without brackets */
	const struct ad_expr *expr;
	int treatment;
	struct ad_part *part;
	size_t parts;
	struct ad_node *node; /* elements or members */
	size_t nodes;
	const struct ad_expr *when;
	bool is_dropped; /* by a "$when" that is no binding */
	struct ad_node *data;
	const struct ad_json *inline_data;
};

struct ad_template {
	struct ad_template_filter filter;
	struct ad_node root;
};

struct ad_compile {
	struct ad_arena *arena;
	const struct ad_template_filter *filter;
};

/* source stands in the member name of object, or in an array (both NULL). */
AD_MUST int ad_node_compile(struct ad_compile *c, const struct ad_json *source,
	const struct ad_json *object, const char *name, struct ad_node *node, struct ad_err *err);

/* A text of literals and bindings, as parts. */
AD_MUST int ad_parts_compile(struct ad_compile *c, const char *text,
	const struct ad_text_place *place, struct ad_node *node, struct ad_err *err);

/* ---- template_plural.c ---- */

/* The same for a text with "{count, plural, ...}" in it. */
AD_MUST int ad_plural_compile(struct ad_compile *c, const char *text,
	const struct ad_text_place *place, struct ad_node *node, struct ad_err *err);
/* The form that a number takes; NULL: none, which compiling has ruled out. */
const struct ad_form *ad_plural_form(
	const struct ad_template_filter *filter, const struct ad_part *part, double number);

#endif
