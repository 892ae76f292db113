/* SPDX-License-Identifier: Apache-2.0 */
/* Calendar, ISO texts and the patterns of dayjs, in English. */
#include "calendar.h"
#include "ad/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DAY_MS INT64_C(86400000)

static const char *const months[] = { "January", "February", "March", "April", "May", "June",
	"July", "August", "September", "October", "November", "December" };
static const char *const weekdays[] = { "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday",
	"Friday", "Saturday" };

static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

/* Days since 1970-01-01 of the civil date (Howard Hinnant, "chrono-Compatible Low-Level Date
 * Algorithms"). */
static int64_t days_of(int64_t year, int64_t month, int64_t day)
{
	year += floor_div(month - 1, 12);
	month = month - 1 - 12 * floor_div(month - 1, 12) + 1;
	year -= month <= 2;
	int64_t era = floor_div(year, 400);
	int64_t of_era = year - era * 400;
	int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5;
	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468 + day - 1;
}

int64_t ad_calendar_ms(int64_t year, int64_t month, int64_t day)
{
	return days_of(year, month, day) * DAY_MS;
}

int ad_days_in_month(int64_t year, int month)
{
	return (int)(days_of(year, month + 1, 1) - days_of(year, month, 1));
}

struct ad_calendar_date ad_calendar_date(int64_t ms)
{
	int64_t days = floor_div(ms, DAY_MS);
	int64_t rest = ms - days * DAY_MS;
	int64_t shifted = days + 719468;
	int64_t era = floor_div(shifted, 146097);
	int64_t of_era = shifted - era * 146097;
	int64_t years = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	int64_t of_year = of_era - (365 * years + years / 4 - years / 100);
	int64_t part = (5 * of_year + 2) / 153;
	struct ad_calendar_date d = {
		.day = (int)(of_year - (153 * part + 2) / 5 + 1),
		.month = (int)(part < 10 ? part + 3 : part - 9),
		.hour = (int)(rest / 3600000),
		.minute = (int)(rest / 60000 % 60),
		.second = (int)(rest / 1000 % 60),
		.ms = (int)(rest % 1000),
		.weekday = (int)((days % 7 + 11) % 7),
	};
	d.year = years + era * 400 + (d.month <= 2);
	d.year_day = (int)(days - days_of(d.year, 1, 1)) + 1;
	return d;
}

bool ad_time_parse_iso(const char *text, int64_t *ret)
{
	static const char shape[] = "0-00-00T00:00:00.000Z";
	size_t len = strlen(text), tail = sizeof shape - 1;
	if (len != 24 && len != 27)
		return false;
	for (size_t i = 0; i < tail; i++) {
		char c = text[len - tail + i];
		if (shape[i] == '0' ? c < '0' || c > '9' : c != shape[i])
			return false;
	}
	if (!ad_time_parse(text, ret))
		return false;
	struct ad_calendar_date date = ad_calendar_date(*ret);
	const char *day = text + len - 16;
	bool is_long = date.year < 0 || date.year > 9999;
	return is_long == (len == 27) && date.day == (day[0] - '0') * 10 + day[1] - '0' &&
	       strncmp(text + len - 13, "24", 2) != 0;
}

/* The length of the token of a pattern at p; one character when there is none. */
static size_t token_length(const char *p)
{
	static const struct {
		char letter;
		size_t most;
	} tokens[] = { { 'M', 4 }, { 'D', 2 }, { 'd', 4 }, { 'H', 2 }, { 'h', 2 }, { 'a', 1 },
		{ 'A', 1 }, { 'm', 2 }, { 's', 2 }, { 'Z', 2 } };
	size_t len = 1;
	while (p[len] == p[0])
		len++;
	for (size_t i = 0; i < sizeof tokens / sizeof tokens[0]; i++) {
		if (tokens[i].letter == *p)
			return len < tokens[i].most ? len : tokens[i].most;
	}
	if (*p == 'Y' && len >= 2)
		return len >= 4 ? 4 : 2;
	return *p == 'S' && len >= 3 ? 3 : 1;
}

static void add_zone(struct ad_buf *out, int offset, const char *between)
{
	(void)ad_buf_addf(out, "%c%02d%s%02d", offset < 0 ? '-' : '+', abs(offset) / 60, between,
		abs(offset) % 60);
}

/* The last two characters of the year, or at least four; a sign counts as one. */
static void add_year(struct ad_buf *out, const struct ad_calendar_date *d, size_t len)
{
	char text[24];
	int count = snprintf(text, sizeof text, "%" PRId64, d->year);
	for (int i = count; i < 4 && len == 4; i++)
		(void)ad_buf_addc(out, '0');
	(void)ad_buf_adds(out, text + (len == 2 && count > 2 ? count - 2 : 0));
}

/* M MM MMM MMMM and d dd ddd dddd. */
static void add_named(struct ad_buf *out, const struct ad_calendar_date *d, char letter, size_t len)
{
	const char *name = letter == 'M' ? months[d->month - 1] : weekdays[d->weekday];
	int cut = letter == 'd' && len == 2 ? 2 : 3;
	if (len >= 3 || (letter == 'd' && len == 2))
		(void)ad_buf_addf(out, "%.*s", len == 4 ? 20 : cut, name);
	else if (letter == 'M')
		(void)ad_buf_addf(out, "%0*d", (int)len, d->month);
	else
		(void)ad_buf_addf(out, "%d", d->weekday);
}

/* D H h m s with one digit or two. */
static void add_number(
	struct ad_buf *out, const struct ad_calendar_date *d, char letter, size_t len)
{
	int hour = d->hour % 12 ? d->hour % 12 : 12;
	int value = letter == 'D'   ? d->day
		    : letter == 'H' ? d->hour
		    : letter == 'h' ? hour
		    : letter == 'm' ? d->minute
				    : d->second;
	(void)ad_buf_addf(out, "%0*d", (int)len, value);
}

static void add_token(
	struct ad_buf *out, const struct ad_calendar_date *d, int offset, const char *p, size_t len)
{
	if (*p == 'Y' && len >= 2)
		add_year(out, d, len);
	else if (*p == 'M' || *p == 'd')
		add_named(out, d, *p, len);
	else if (*p == 'a')
		(void)ad_buf_adds(out, d->hour < 12 ? "am" : "pm");
	else if (*p == 'A')
		(void)ad_buf_adds(out, d->hour < 12 ? "AM" : "PM");
	else if (*p == 'Z')
		add_zone(out, offset, len == 1 ? ":" : "");
	else if (*p == 'S' && len == 3)
		(void)ad_buf_addf(out, "%03d", d->ms);
	else if (strchr("DHhms", *p))
		add_number(out, d, *p, len);
	else
		(void)ad_buf_addc(out, *p);
}

void ad_time_format(struct ad_buf *out, int64_t ms, int offset, const char *pattern)
{
	struct ad_calendar_date d = ad_calendar_date(ms + offset * INT64_C(60000));
	for (const char *p = pattern; *p;) {
		const char *end = *p == '[' ? strchr(p, ']') : NULL;
		if (end && end > p + 1) {
			(void)ad_buf_add(out, p + 1, (size_t)(end - p - 1));
			p = end + 1;
			continue;
		}
		size_t len = token_length(p);
		add_token(out, &d, offset, p, len);
		p += len;
	}
}

/* What a run of one letter in a .NET pattern becomes; "" is an error. */
static const char *translate(char letter, size_t len)
{
	static const struct {
		char letter;
		size_t most;
		const char *to[4];
	} runs[] = {
		{ 'd', 4, { "D", "DD", "ddd", "dddd" } },
		{ 'f', 3, { "", "", "SSS" } },
		{ 'F', 3, { "", "", "SSS" } },
		{ 'g', 1, { "" } },
		{ 'h', 2, { "h", "hh" } },
		{ 'H', 2, { "H", "HH" } },
		{ 'm', 2, { "m", "mm" } },
		{ 'M', 4, { "M", "MM", "MMM", "MMMM" } },
		{ 's', 2, { "s", "ss" } },
		{ 't', 2, { "A", "A" } },
		{ 'y', 4, { "YY", "YY", "YYYY", "YYYY" } },
		{ 'z', 3, { "ZZ", "ZZ", "Z" } },
		{ 'K', 1, { "Z" } },
	};
	for (size_t i = 0; i < sizeof runs / sizeof runs[0]; i++) {
		if (runs[i].letter == letter)
			return runs[i].to[(len < runs[i].most ? len : runs[i].most) - 1];
	}
	return NULL;
}

/* Copies a quoted part; NULL when it does not end. */
static const char *copy_quoted(struct ad_buf *out, const char *p)
{
	char quote = *p++;
	for (; *p && *p != quote; p++)
		(void)ad_buf_addc(out, *p);
	return *p ? p + 1 : NULL;
}

static bool convert(struct ad_buf *out, const char *p)
{
	while (p && *p) {
		size_t len = 1;
		while (p[len] == p[0] && *p != 'K')
			len++;
		const char *to = translate(*p, len);
		if (to && !*to)
			return false;
		if (to) {
			(void)ad_buf_adds(out, to);
			p += len;
		} else if (*p == '\'' || *p == '`') {
			p = copy_quoted(out, p);
		} else if (*p == '\\') {
			if (!p[1])
				return false;
			(void)ad_buf_addc(out, p[1]);
			p += 2;
		} else {
			if (*p != '%')
				(void)ad_buf_addc(out, *p);
			p++;
		}
	}
	return p != NULL;
}

const char *ad_time_pattern(struct ad_arena *arena, const char *dotnet)
{
	if (!*dotnet)
		return AD_TIME_FORMAT;
	if (!dotnet[1] && strchr("RrUu", *dotnet))
		return dotnet;
	if (!dotnet[1] && (*dotnet | 0x20) == 'o')
		dotnet = "YYYY-MM-DDTHH:mm:ss.SSS0000Z";
	struct ad_buf out;
	ad_buf_init(&out, 4 * strlen(dotnet) + 1);
	const char *pattern = convert(&out, dotnet) ? ad_strdup(arena, ad_buf_str(&out)) : dotnet;
	ad_buf_release(&out);
	return pattern;
}
