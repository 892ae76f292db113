/* SPDX-License-Identifier: Apache-2.0 */
/* What a catalogue entry consists of: the one table behind import, export and checks. Private to
 * desk. */
#ifndef AD_DESK_CATALOG_MEMBERS_H
#define AD_DESK_CATALOG_MEMBERS_H

#include "fields.h"

enum ad_catalog_kind {
	AD_CATALOG_TEXT = 0,
	AD_CATALOG_WORD, /* one of a few */
	AD_CATALOG_ID,   /* of the directory, or "" */
	AD_CATALOG_NUMBER,
	AD_CATALOG_TEXTS,
	AD_CATALOG_ALIASES, /* lower case, in order, each once */
	AD_CATALOG_IDS,
	AD_CATALOG_QUESTIONS
};

struct ad_catalog_member {
	const char *name;
	enum ad_catalog_kind kind;
	size_t max;               /* characters, entries, or the largest number */
	bool required;            /* a text that may not be empty */
	const char *const *words; /* kind word, NULL-terminated; the first is the usual one */
};

#define AD_CATALOG_MEMBERS 14
extern const struct ad_catalog_member ad_catalog_members[AD_CATALOG_MEMBERS];

/* By its name; NULL. */
const struct ad_catalog_member *ad_catalog_member(const char *name);
/* What a new entry has when nothing is said. */
struct ad_json *ad_catalog_usual(struct ad_arena *arena, const struct ad_catalog_member *member);
/* The member's value as it is kept. AD_EINVAL. */
AD_MUST int ad_catalog_value(
	const struct ad_field *at, const struct ad_catalog_member *member, struct ad_json **ret);

#endif
