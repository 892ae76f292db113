/* SPDX-License-Identifier: Apache-2.0 */
/* UTF-16, in which JavaScript counts and cuts its strings. Private to cards. */
#ifndef AD_CARDS_UNITS_H
#define AD_CARDS_UNITS_H

#include "value.h"

struct ad_units {
	uint16_t *unit;
	size_t count;
};

struct ad_units ad_units_of(struct ad_arena *arena, const struct ad_string *text);
struct ad_value ad_units_value(struct ad_arena *arena, const uint16_t *unit, size_t count);
size_t ad_units_count(const struct ad_string *text);

/* As JavaScript orders texts: by their units. -1, 0 or 1. */
int ad_units_compare(struct ad_arena *arena, const struct ad_string *a, const struct ad_string *b);

/* Appends bytes to a text; two halves of a surrogate pair that meet become one character. */
void ad_units_join(struct ad_buf *out, const char *text, size_t len);

/* A text as UTF-8: half of a surrogate pair becomes U+FFFD, which is as long. */
struct ad_string ad_units_utf8(struct ad_arena *arena, const struct ad_string *text);

/* White space as trim() and \s see it. */
bool ad_unit_is_space(uint16_t unit);

enum ad_units_case { AD_LOWER, AD_UPPER };
/* Case mapping in a language ("" for none). false: no such language tag. */
bool ad_units_map(struct ad_arena *arena, enum ad_units_case to, const char *locale,
	struct ad_units text, struct ad_units *ret);

#endif
