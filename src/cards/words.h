/* SPDX-License-Identifier: Apache-2.0 */
/* The words of one language, and templates that speak it. Private to cards. */
#ifndef AD_CARDS_WORDS_H
#define AD_CARDS_WORDS_H

#include "ad/cards.h"
#include "ad/cards/template.h"
#include "language.h"

#define AD_CARDS_NAMES_MAX 5000 /* words of one language; templates */

/* Templates by name, sorted. */
struct ad_named_template {
	const char *name;
	struct ad_template *template;
};

/* A text of a language file. */
struct ad_word {
	const char *key;
	const char *text;
};

struct ad_language {
	const char *name; /* "en", "pt-br" */
	const char *id;   /* the same as ICU writes it: "pt_BR" */
	struct ad_speech speech;
	struct ad_word *source; /* its file, sorted by key */
	size_t source_count;
	struct ad_named_template *words, *cards;
	size_t word_count, card_count;
	struct ad_said *said; /* words of commands, sorted by key */
	size_t said_count;
};

struct ad_cards {
	struct ad_arena *arena;
	struct ad_language *language;
	size_t languages;
	size_t english; /* which of them */
};

/* The language of a locale or, where it is not there, of what stands above it; English at last. */
const struct ad_language *ad_language_for(const struct ad_cards *cards, const char *locale);

/* Reads the texts of a file (by key, or in objects: their keys are joined by dots) into
 * language->source. */
AD_MUST int ad_language_read(struct ad_arena *arena, struct ad_language *language,
	const struct ad_json *file, struct ad_err *err);
/* Its text; NULL: there is none. */
const char *ad_language_text(const struct ad_language *language, const char *key);
/* NULL: nothing is said for it. */
const struct ad_said *ad_language_said(const struct ad_language *language, const char *key);

/* ---- check.c ---- */

/* Whether the language has all the keys of English and no others, each with the same values and as
 * many forms as its numbers take. AD_ECONFIG names the first key that differs, and how. */
AD_MUST int ad_language_check(
	const struct ad_language *english, const struct ad_language *language, struct ad_err *err);
/* Whether no two commands are said alike, in whatever language. AD_ECONFIG names them. */
AD_MUST int ad_commands_check(const struct ad_cards *cards, struct ad_err *err);

/*
 * Compiles every word of the language, and every card of cards (name -> template) with the words
 * that "${text.key}" in it stands for, into the arena. The language must stay where it is.
 * AD_ECONFIG names the card or word and the fault.
 */
AD_MUST int ad_language_compile(struct ad_arena *arena, struct ad_language *language,
	const struct ad_json *cards, struct ad_err *err);

/* NULL: none of that name. */
const struct ad_template *ad_named_template_find(
	const struct ad_named_template *list, size_t count, const char *name);

/* What people wrote, for a place that renders markdown: nothing in it is markup any more. */
const char *ad_markdown_escape(struct ad_arena *arena, const char *text);

#endif
