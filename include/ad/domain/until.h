/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Days as people write them: "friday", "tomorrow", "2026-12-04", "4.12.", "10 days". Days are
 * counted from 1970-01-01, by the writer's own calendar. Pure. Any thread.
 */
#ifndef AD_DOMAIN_UNTIL_H
#define AD_DOMAIN_UNTIL_H

#include "ad/err.h"

#include <stdint.h>

/* The day that is meant, seen from today. A weekday is the next one (today's own name: in a week),
 * a date without a year the next such day. AD_EINVAL for anything else. What it returns may lie in
 * the past. */
AD_MUST int ad_until_parse(const char *text, int64_t today, int64_t *ret);

/* Year, month and day of a day. */
struct ad_date {
	int year;
	int month; /* 1 to 12 */
	int day;   /* 1 to 31 */
};
struct ad_date ad_date_of(int64_t day);
/* AD_EINVAL for a day that the calendar does not have, or a year outside 1970 to 9999. */
AD_MUST int ad_date_day(const struct ad_date *date, int64_t *ret);

#endif
