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

#define AD_CARDS_UNITS_MAX 28000 /* UTF-16 units of one card's JSON (protocol 4.4) */

struct ad_cards;

/* Loads and checks every template and language in folder; AD_ECONFIG names file and fault (unknown
 * word key, not JSON, version above 1.5, ...). The caller frees. */
AD_MUST int ad_cards_load(const char *folder, struct ad_cards **ret, struct ad_err *err);
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

#endif
