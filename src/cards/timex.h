/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TIMEX texts: dates, times and ranges that may be left open ("XXXX-WXX-3", "T09:30", "P2W"), as
 * Microsoft's recognizers write them (npm @microsoft/recognizers-text-data-types-timex-expression
 * 1.3.1). Private to cards.
 */
#ifndef AD_CARDS_TIMEX_H
#define AD_CARDS_TIMEX_H

#include "value.h"

enum ad_timex_field {
	AD_TIMEX_NOW,
	AD_TIMEX_YEAR,
	AD_TIMEX_MONTH,
	AD_TIMEX_DAY_OF_MONTH,
	AD_TIMEX_DAY_OF_WEEK,
	AD_TIMEX_WEEK_OF_YEAR,
	AD_TIMEX_WEEK_OF_MONTH,
	AD_TIMEX_SEASON,
	AD_TIMEX_WEEKEND,
	AD_TIMEX_HOUR,
	AD_TIMEX_MINUTE,
	AD_TIMEX_SECOND,
	AD_TIMEX_PART_OF_DAY,
	AD_TIMEX_YEARS, /* from here on: of a duration */
	AD_TIMEX_MONTHS,
	AD_TIMEX_WEEKS,
	AD_TIMEX_DAYS,
	AD_TIMEX_HOURS,
	AD_TIMEX_MINUTES,
	AD_TIMEX_SECONDS,
	AD_TIMEX_FIELDS,
};

/* What is said is not AD_UNDEFINED. From an object of the data it may be of any kind. */
struct ad_timex {
	struct ad_value field[AD_TIMEX_FIELDS];
};

enum ad_timex_type {
	AD_TIMEX_PRESENT = 1,
	AD_TIMEX_DEFINITE = 2,
	AD_TIMEX_DATE = 4,
	AD_TIMEX_DATE_RANGE = 8,
	AD_TIMEX_DURATION = 16,
	AD_TIMEX_TIME = 32,
	AD_TIMEX_TIME_RANGE = 64,
	AD_TIMEX_DATE_TIME = 128,
	AD_TIMEX_DATE_TIME_RANGE = 256,
};

bool ad_timex_has(const struct ad_timex *timex, enum ad_timex_field field);

/* What a text says; nothing when it is no timex. */
struct ad_timex ad_timex_parse(struct ad_arena *arena, const char *text);
/* What an object with the names of the fields says. */
struct ad_timex ad_timex_of_object(struct ad_arena *arena, const struct ad_value *object);

/* Types that the fields alone make (enum ad_timex_type), without the present; and with those that
 * follow from others: a date and a time are a date-time. */
unsigned ad_timex_own_types(const struct ad_timex *timex);
unsigned ad_timex_types(const struct ad_timex *timex);

/* Appends the text of one that is no range with a duration. */
void ad_timex_add(struct ad_arena *arena, struct ad_buf *out, const struct ad_timex *timex);
/* Appends a value in at least so many digits. */
void ad_timex_add_fixed(
	struct ad_arena *arena, struct ad_buf *out, const struct ad_value *value, size_t digits);

#endif
