/* SPDX-License-Identifier: Apache-2.0 */
/* Expansion of a template's tree. Private to cards. */
#ifndef AD_CARDS_EXPAND_H
#define AD_CARDS_EXPAND_H

#include "expr.h"

/* One expansion. Filled by the caller up to escape; the rest says what happened. */
struct ad_expansion {
	struct ad_arena *arena;
	struct ad_scope scope;
	bool escape;         /* what data puts into markdown is escaped */
	const char *missing; /* first expression without a value, NULL when there was none */
	int depth;           /* words inside words */
};

/* The expanded tree; *ret is NULL when "$when" left nothing. */
AD_MUST int ad_expand_value(struct ad_expansion *x, const struct ad_json *template,
	struct ad_json **ret, struct ad_err *err);

/* One string with its bindings; markdown says where it will stand. */
AD_MUST int ad_expand_string(struct ad_expansion *x, const char *text, bool markdown,
	struct ad_json **ret, struct ad_err *err);

/* What people wrote, for a place that renders markdown: nothing in it is markup any more. */
const char *ad_markdown_escape(struct ad_arena *arena, const char *text);

#endif
