/* SPDX-License-Identifier: Apache-2.0 */
/* What ICU knows of a language. A language is read-only once it is loaded. Private to cards, the
 * only place that knows ICU. */
#ifndef AD_CARDS_LANGUAGE_H
#define AD_CARDS_LANGUAGE_H

#include "ad/arena.h"
#include "ad/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define AD_LOCALE_MAX 160 /* bytes of a locale, with its time zone */

struct UPluralRules;

/* What people say for one thing, as it is compared. */
struct ad_said {
	const char *key;
	const uint32_t **ways; /* each ends with 0 */
	size_t count;
};

#define AD_CATEGORIES_MAX 6

struct ad_speech {
	const char *locale; /* for ICU's own texts: "de", "en_GB" */
	struct UPluralRules *rules;
	/* The categories that whole numbers below 1,000 take: what a text with forms must have. */
	const char *category[AD_CATEGORIES_MAX];
	size_t categories;
	bool is_rtl;
};

/* AD_ECONFIG: ICU has no such language. To be given back with ad_speech_clear. */
AD_MUST int ad_speech_init(
	struct ad_arena *arena, const char *name, struct ad_speech *ret, struct ad_err *err);
void ad_speech_clear(struct ad_speech *speech);

/* "one", "few", ... */
const char *ad_speech_category(const struct ad_speech *speech, double number);

/* Text whose first letter is read from left to right, between isolates; anything else, and the
 * instants in "{{DATE(...)}}", as it is. */
const char *ad_speech_isolate(struct ad_arena *arena, const char *text);

/* "de-AT@timezone=Europe/Vienna" as ICU writes the language part: "de_AT". */
void ad_locale_canonical(const char *locale, char ret[AD_LOCALE_MAX]);

/* ---- said.c: what people say ---- */

/* "withdraw, take back" as it is compared. */
void ad_said_read(struct ad_arena *arena, const char *ways, struct ad_said *ret);
/* Behind the longest of the ways with which text begins as whole words, and behind the spaces
 * there; NULL when it begins with none. */
const char *ad_said_behind(const struct ad_said *said, const char *text);
/* Whether both hold the same way. */
bool ad_said_clash(const struct ad_said *a, const struct ad_said *b);

#endif
