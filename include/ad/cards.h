/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Adaptive Cards from templates: cards/<name>.json (ad/cards/template.h),
 * cards/text/<language>.json (words), and data. What people wrote is escaped for the markdown that
 * a TextBlock renders. Pure: no I/O after loading. A loaded set is compiled, read-only and shared
 * by all threads.
 */
#ifndef AD_CARDS_H
#define AD_CARDS_H

#include "ad/arena.h"
#include "ad/err.h"
#include "ad/json.h"

#include <stdbool.h>
#include <stddef.h>

#define AD_CARDS_UNITS_MAX 28000 /* UTF-16 units of one card's JSON (protocol 4.4) */

struct ad_cards;

/*
 * Loads and checks every template and language in folder; AD_ECONFIG names file and fault (not
 * JSON, version above 1.5, a key that a language lacks or has alone, a word with other values than
 * English, ...). words: a folder of words that an organisation has put in the place of ours
 * (<language>.json with some of the keys, or a whole language of its own); NULL or "": none.
 * The caller frees.
 */
AD_MUST int ad_cards_load(
	const char *folder, const char *words, struct ad_cards **ret, struct ad_err *err);
void ad_cards_free(struct ad_cards *cards);

/*
 * The card `name` for data, in the language of locale ("de-DE", "de"; unknown ones are English). In
 * a template,
 * "${data.x}"-like paths start at data; "${text.key}" is a word of the language, itself expanded
 * with data. Strings from data are escaped as text; members of data whose name ends in "_md" are
 * trusted markdown. AD_ENOTFOUND: no such template. AD_EBUG: the data lacks a value that the
 * template needs. AD_ETOOBIG: too long.
 */
AD_MUST int ad_cards_render(const struct ad_cards *cards, struct ad_arena *arena, const char *name,
	const char *locale, const struct ad_json *data, struct ad_json **ret_card,
	struct ad_err *err);

/* One word or sentence of the language, expanded with data (may be NULL) as plain text. A missing
 * key is AD_EBUG. */
AD_MUST int ad_cards_text(const struct ad_cards *cards, struct ad_arena *arena, const char *key,
	const char *locale, const struct ad_json *data, const char **ret, struct ad_err *err);

/* ---- languages ----
 *
 * A locale says how somebody reads: "de-AT", and perhaps whose clock counts for them, as ICU writes
 * that: "de-AT@timezone=Europe/Vienna". NULL, "" and unknown ones are English. */

/* The name of the language that counts: "de". */
const char *ad_cards_language(const struct ad_cards *cards, const char *locale);
/* Whether it is read from right to left. */
bool ad_cards_is_rtl(const struct ad_cards *cards, const char *locale);
/* The language that a browser's Accept-Language asks for; "" when there is none of them. */
const char *ad_cards_accept(
	const struct ad_cards *cards, struct ad_arena *arena, const char *accept_language);
/* The language that somebody means: by its tag or its name in any language. NULL: none of ours. */
const char *ad_cards_language_named(
	const struct ad_cards *cards, struct ad_arena *arena, const char *text);
bool ad_cards_is_language(const struct ad_cards *cards, const char *text);
/* What the language calls itself: "Deutsch". */
const char *ad_cards_language_title(
	const struct ad_cards *cards, struct ad_arena *arena, const char *locale);
/* All of them, each as it calls itself, joined in the language of locale. */
AD_MUST int ad_cards_languages(const struct ad_cards *cards, struct ad_arena *arena,
	const char *locale, const char **ret, struct ad_err *err);

/* "Kim, Lee and Ana", or "or"; at most 20. */
struct ad_cards_items {
	const char *const *items;
	size_t count;
	bool any; /* joined by "or" */
};
AD_MUST int ad_cards_list(const struct ad_cards *cards, struct ad_arena *arena, const char *locale,
	const struct ad_cards_items *items, const char **ret, struct ad_err *err);

/* An instant as people read it where no client writes it for them: in mails, pages and sentences.
 * "" for what is no RFC 3339 in UTC. */
enum ad_cards_precision { AD_CARDS_MINUTE = 0, AD_CARDS_DAY };
const char *ad_cards_time(const struct ad_cards *cards, struct ad_arena *arena, const char *locale,
	const char *iso, enum ad_cards_precision precision);

/*
 * Whether text begins with what the word `key` lists ("withdraw, take back") as whole words,
 * whatever the case and the accents: what follows it, else NULL. Commands ("command.*") are
 * understood in every language, and no two are said alike; what stands inside of them ("said.*") in
 * English and the language of locale, as it is short and may be the beginning of a name.
 */
#define AD_CARDS_COMMAND "command."
#define AD_CARDS_SAID "said."
const char *ad_cards_said(
	const struct ad_cards *cards, const char *key, const char *locale, const char *text);
/* The whole number at the start of text, in the digits of any script, and what follows it: -1 when
 * there is none or it is too long. */
int64_t ad_cards_number(const char *text, const char **ret_rest);
/* Behind the comma or semicolon, of any script, with which text begins; NULL when it does not. */
const char *ad_cards_comma(const char *text);

#endif
