/* SPDX-License-Identifier: Apache-2.0 */
/* Days as people write them. */
#include "ad/domain/until.h"
#include "ad/text.h"

#include <ctype.h>
#include <stdio.h>

#define WEEK 7
#define EPOCH_WEEKDAY 3 /* 1970-01-01 was a Thursday; Monday is 0 */
#define DAYS_TYPED_MAX 3650
#define WORD_MIN 3    /* "fri" */
#define YEARS_AHEAD 8 /* the 29th of February is never further away */

static const char *const weekdays[WEEK] = { "monday", "tuesday", "wednesday", "thursday", "friday",
	"saturday", "sunday" };

/* ---- the calendar ---- */

/* Days from 1970-01-01 to the first of March of a year: leap days come last in such a year. */
static int64_t march_first(int64_t year)
{
	return year * 365 + year / 4 - year / 100 + year / 400 - 719468;
}

int ad_date_day(const struct ad_date *date, int64_t *ret)
{
	if (date->year < 1970 || date->year > 9999 || date->month < 1 || date->month > 12 ||
		date->day < 1 || date->day > 31)
		return AD_EINVAL;
	int64_t year = date->month > 2 ? date->year : date->year - 1;
	int64_t month = (date->month + 9) % 12; /* from March */
	int64_t day = march_first(year) + (153 * month + 2) / 5 + date->day - 1;
	if (ad_date_of(day).month != date->month)
		return AD_EINVAL; /* the 31st of June */
	*ret = day;
	return 0;
}

struct ad_date ad_date_of(int64_t day)
{
	int64_t year = (day + 719468) / 365 + 1;
	while (march_first(year) > day)
		year--;
	int64_t of_year = day - march_first(year);
	int64_t month = (5 * of_year + 2) / 153;
	return (struct ad_date){
		.year = (int)(month < 10 ? year : year + 1),
		.month = (int)(month < 10 ? month + 3 : month - 9),
		.day = (int)(of_year - (153 * month + 2) / 5 + 1),
	};
}

/* ---- words ---- */

static bool is_word(const char *text, const char *word)
{
	size_t len = strlen(text);
	return len >= WORD_MIN && len <= strlen(word) && ad_text_starts(word, text) &&
	       (len == WORD_MIN || len == strlen(word));
}

static int of_weekday(const char *text, int64_t today, int64_t *ret)
{
	int64_t now = (today + EPOCH_WEEKDAY) % WEEK;
	for (int64_t i = 0; i < WEEK; i++) {
		if (!is_word(text, weekdays[i]))
			continue;
		*ret = today + (i > now ? i - now : i - now + WEEK);
		return 0;
	}
	return AD_EINVAL;
}

/* "4.12." and "4.12.2026". */
static int of_dotted(const char *text, int64_t today, int64_t *ret)
{
	struct ad_date date = { 0 };
	int used = 0;
	if (sscanf(text, "%2d.%2d.%n", &date.day, &date.month, &used) < 2 || used == 0)
		return AD_EINVAL;
	if (text[used]) {
		const char *year = text + used;
		int end = 0;
		if (sscanf(year, "%4d%n", &date.year, &end) != 1 || year[end])
			return AD_EINVAL;
		return ad_date_day(&date, ret);
	}
	for (int i = 0; i <= YEARS_AHEAD; i++) {
		date.year = ad_date_of(today).year + i;
		if (ad_date_day(&date, ret) == 0 && *ret >= today)
			return 0;
	}
	return AD_EINVAL;
}

static int of_date(const char *text, int64_t *ret)
{
	struct ad_date date = { 0 };
	int end = 0;
	if (sscanf(text, "%4d-%2d-%2d%n", &date.year, &date.month, &date.day, &end) != 3 ||
		text[end])
		return AD_EINVAL;
	return ad_date_day(&date, ret);
}

static int of_count(const char *text, int64_t today, int64_t *ret)
{
	int count = 0;
	int end = 0;
	if (sscanf(text, "%4d %n", &count, &end) != 1 || count < 1 || count > DAYS_TYPED_MAX)
		return AD_EINVAL;
	if (!ad_text_eq(text + end, "day") && !ad_text_eq(text + end, "days"))
		return AD_EINVAL;
	*ret = today + count;
	return 0;
}

int ad_until_parse(const char *text, int64_t today, int64_t *ret)
{
	char low[32];
	size_t len = 0;
	for (; text[len] && len + 1 < sizeof low; len++)
		low[len] = (char)tolower((unsigned char)text[len]);
	if (text[len])
		return AD_EINVAL; /* longer than any day */
	low[len] = '\0';
	if (ad_text_eq(low, "today")) {
		*ret = today;
		return 0;
	}
	if (ad_text_eq(low, "tomorrow")) {
		*ret = today + 1;
		return 0;
	}
	if (of_weekday(low, today, ret) == 0 || of_date(low, ret) == 0 ||
		of_dotted(low, today, ret) == 0)
		return 0;
	return of_count(low, today, ret);
}
