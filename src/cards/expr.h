/* SPDX-License-Identifier: Apache-2.0 */
/* Expressions of the template language: what stands between "${" and "}". Private to cards. */
#ifndef AD_CARDS_EXPR_H
#define AD_CARDS_EXPR_H

#include "ad/json.h"

#define AD_EXPR_DEPTH_MAX 32 /* nesting of parentheses and calls */

/* What names mean at one place of a template. All values belong to the caller. */
struct ad_scope {
	const struct ad_json *root; /* $root */
	const struct ad_json *data; /* $data, and where plain names are looked up */
	const struct ad_json *host; /* $host; NULL when there is none */
	const struct ad_json
		*words; /* the language's words for ${text.key}; NULL outside of ad_cards_render */
	int64_t index;  /* $index inside a repeated element, otherwise -1 */
};

/* Evaluates text (len bytes). *ret is NULL for a missing value and JSON null for null. AD_EINVAL
 * names the fault. */
AD_MUST int ad_expr_eval(struct ad_arena *arena, const struct ad_scope *scope, const char *text,
	size_t len, struct ad_json **ret, struct ad_err *err);

/* Only the literal or computed true is true. */
bool ad_expr_is_true(const struct ad_json *value);

/* Finds the "}" that ends the expression which begins at text (behind "${"), minding quotes. NULL:
 * there is none. */
const char *ad_expr_end(const char *text);

/* A value as it reads inside a longer text: strings bare, whole numbers without fraction, the rest
 * as JSON. */
const char *ad_expr_text(struct ad_arena *arena, const struct ad_json *value);

#endif
