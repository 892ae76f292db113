/* SPDX-License-Identifier: Apache-2.0 */
/* Dates in Unix milliseconds, UTC. Private to cards. */
#ifndef AD_CARDS_CALENDAR_H
#define AD_CARDS_CALENDAR_H

#include "ad/arena.h"
#include "ad/buf.h"

#include <stdbool.h>
#include <stdint.h>

#define AD_TIME_FORMAT "YYYY-MM-DDTHH:mm:ss.SSS[Z]" /* of every function that is not told one */

#define AD_CALENDAR_MS_MAX INT64_C(8640000000000000) /* as far as JavaScript's dates reach */

struct ad_calendar_date {
	int64_t year;
	int month, day; /* 1.. */
	int hour, minute, second, ms;
	int weekday;  /* 0 is Sunday */
	int year_day; /* 1.. */
};

struct ad_calendar_date ad_calendar_date(int64_t ms);
/* Days and months beyond their range carry over. */
int64_t ad_calendar_ms(int64_t year, int64_t month, int64_t day);
int ad_days_in_month(int64_t year, int month);

/* What Date.toISOString() prints, and nothing else. */
bool ad_time_parse_iso(const char *text, int64_t *ret);
/* What new Date() reads; without a zone it is UTC. */
bool ad_time_parse(const char *text, int64_t *ret);
/* What dayjs reads: digits by their places first, "2026-3-5 14:07" and "20260305"; the rest as
 * above. */
bool ad_time_parse_parts(const char *text, int64_t *ret);

/* Formats by the patterns of the official engine's library (dayjs). offset: minutes east. */
void ad_time_format(struct ad_buf *out, int64_t ms, int offset, const char *pattern);
/* A pattern of .NET as one of dayjs; one that cannot be is given back as it is. */
const char *ad_time_pattern(struct ad_arena *arena, const char *dotnet);

#endif
