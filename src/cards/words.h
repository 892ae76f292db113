/* SPDX-License-Identifier: Apache-2.0 */
/* The words of one language, and templates that speak it. Private to cards. */
#ifndef AD_CARDS_WORDS_H
#define AD_CARDS_WORDS_H

#include "ad/cards/template.h"

#define AD_CARDS_NAMES_MAX 5000 /* words of one language; templates */

/* Templates by name, sorted. */
struct ad_named_template {
	const char *name;
	struct ad_template *template;
};

struct ad_language {
	const char *name;             /* "en", "pt-br" */
	const struct ad_json *source; /* its file: texts, by key or in objects of them */
	struct ad_named_template *words, *cards;
	size_t word_count, card_count;
};

/*
 * Compiles every word of the language, and every card of cards (name -> template) with the words
 * that "${text.key}" in it stands for, into the arena. AD_ECONFIG names the card or word and the
 * fault.
 */
AD_MUST int ad_language_compile(struct ad_arena *arena, struct ad_language *language,
	const struct ad_json *cards, struct ad_err *err);

/* NULL: none of that name. */
const struct ad_template *ad_named_template_find(
	const struct ad_named_template *list, size_t count, const char *name);

/* What people wrote, for a place that renders markdown: nothing in it is markup any more. */
const char *ad_markdown_escape(struct ad_arena *arena, const char *text);

#endif
