/* SPDX-License-Identifier: Apache-2.0 */
/* Timex texts: reading, what type they are, writing. */
#include "timex.h"

#include <stdlib.h>
#include <string.h>

#define PLACES 3 /* values in one pattern */

/* d: a digit of a number; s: a season; p: a part of the day; everything else is itself. */
struct pattern {
	const char *text;
	enum ad_timex_field field[PLACES];
};

static const struct pattern dates[] = {
	{ "dddd-dd-dd", { AD_TIMEX_YEAR, AD_TIMEX_MONTH, AD_TIMEX_DAY_OF_MONTH } },
	{ "XXXX-WXX-d", { AD_TIMEX_DAY_OF_WEEK } },
	{ "XXXX-dd-dd", { AD_TIMEX_MONTH, AD_TIMEX_DAY_OF_MONTH } },
	{ "dddd", { AD_TIMEX_YEAR } },
	{ "dddd-dd", { AD_TIMEX_YEAR, AD_TIMEX_MONTH } },
	{ "ss", { AD_TIMEX_SEASON } },
	{ "dddd-ss", { AD_TIMEX_YEAR, AD_TIMEX_SEASON } },
	{ "dddd-Wdd", { AD_TIMEX_YEAR, AD_TIMEX_WEEK_OF_YEAR } },
	{ "dddd-Wdd-WE", { AD_TIMEX_YEAR, AD_TIMEX_WEEK_OF_YEAR, AD_TIMEX_WEEKEND } },
	{ "XXXX-dd", { AD_TIMEX_MONTH } },
	{ "XXXX-dd-Wdd", { AD_TIMEX_MONTH, AD_TIMEX_WEEK_OF_MONTH } },
	{ "XXXX-dd-WXX-d-d", { AD_TIMEX_MONTH, AD_TIMEX_WEEK_OF_MONTH, AD_TIMEX_DAY_OF_WEEK } },
	{ .text = NULL },
};

static const struct pattern times[] = {
	{ "Tdd", { AD_TIMEX_HOUR } },
	{ "Tdd:dd", { AD_TIMEX_HOUR, AD_TIMEX_MINUTE } },
	{ "Tdd:dd:dd", { AD_TIMEX_HOUR, AD_TIMEX_MINUTE, AD_TIMEX_SECOND } },
	{ "Tpp", { AD_TIMEX_PART_OF_DAY } },
	{ .text = NULL },
};

bool ad_timex_has(const struct ad_timex *timex, enum ad_timex_field field)
{
	return timex->field[field].kind != AD_UNDEFINED;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_one_of(const char *text, const char *const *names)
{
	while (*names && strncmp(text, *names, 2) != 0)
		names++;
	return *names != NULL;
}

/* Whether the text is just as the pattern has it; where its values begin. */
static size_t match(const char *pattern, const char *text, const char *place[PLACES])
{
	static const char *const seasons[] = { "SP", "SU", "FA", "WI", NULL };
	static const char *const parts[] = { "DT", "NI", "MO", "AF", "EV", NULL };
	size_t len = strlen(pattern), places = 0;
	if (strlen(text) != len)
		return 0;
	for (size_t i = 0; i < len; i++) {
		bool begins = i == 0 || pattern[i - 1] != pattern[i];
		bool is_name = pattern[i] == 's' || pattern[i] == 'p';
		if (is_name && begins && !is_one_of(text + i, pattern[i] == 's' ? seasons : parts))
			return 0;
		if (pattern[i] == 'd' ? !is_digit(text[i]) : !is_name && pattern[i] != text[i])
			return 0;
		if (begins && (is_name || pattern[i] == 'd'))
			place[places++] = text + i;
	}
	return places;
}

static struct ad_value value_at(const char *text)
{
	return is_digit(*text) ? ad_value_number((double)strtol(text, NULL, 10))
			       : ad_value_string(text, 2);
}

static void extract(const struct pattern *pattern, const char *text, struct ad_timex *ret)
{
	const char *place[PLACES];
	size_t places = 0;
	while (pattern->text && (places = match(pattern->text, text, place)) == 0)
		pattern++;
	for (size_t i = 0; i < places; i++)
		ret->field[pattern->field[i]] = value_at(place[i]);
	if (places == 2 && pattern->field[2] == AD_TIMEX_WEEKEND)
		ret->field[AD_TIMEX_WEEKEND] = ad_value_bool(true);
	for (size_t i = places; pattern->field[0] == AD_TIMEX_HOUR && i < PLACES; i++)
		ret->field[AD_TIMEX_HOUR + i] = ad_value_number(0);
}

/* P<number><unit> or PT<number><unit> */
static void extract_duration(const char *text, struct ad_timex *ret)
{
	static const struct {
		char unit;
		enum ad_timex_field date, time;
	} units[] = { { 'Y', AD_TIMEX_YEARS, AD_TIMEX_FIELDS },
		{ 'M', AD_TIMEX_MONTHS, AD_TIMEX_MINUTES },
		{ 'W', AD_TIMEX_WEEKS, AD_TIMEX_FIELDS }, { 'D', AD_TIMEX_DAYS, AD_TIMEX_FIELDS },
		{ 'H', AD_TIMEX_FIELDS, AD_TIMEX_HOURS },
		{ 'S', AD_TIMEX_FIELDS, AD_TIMEX_SECONDS } };
	if (*text != 'P')
		return;
	bool is_time = text[1] == 'T';
	const char *digits = text + 1 + is_time;
	size_t whole = strspn(digits, "0123456789");
	size_t fraction = digits[whole] == '.' ? strspn(digits + whole + 1, "0123456789") : 0;
	size_t len = whole + (fraction ? fraction + 1 : 0);
	if (len == 0 || !digits[len] || digits[len + 1])
		return;
	for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
		enum ad_timex_field field = is_time ? units[i].time : units[i].date;
		if (units[i].unit == digits[len] && field != AD_TIMEX_FIELDS)
			ret->field[field] = ad_value_number(strtod(digits, NULL));
	}
}

static void extract_date_time(struct ad_arena *arena, const char *text, struct ad_timex *ret)
{
	size_t date = strcspn(text, "T");
	extract(dates, ad_strndup(arena, text, date), ret);
	extract(times, ad_strdup(arena, text + date), ret);
}

/* (start,end,duration): the end follows from the others */
static void extract_range(struct ad_arena *arena, const char *text, struct ad_timex *ret)
{
	char *start = ad_strndup(arena, text + 1, strlen(text) - 2);
	char *end = strchr(start, ',');
	char *duration = end ? strchr(end + 1, ',') : NULL;
	if (!duration || strchr(duration + 1, ','))
		return;
	*end = '\0';
	extract_date_time(arena, start, ret);
	extract_duration(duration + 1, ret);
}

struct ad_timex ad_timex_parse(struct ad_arena *arena, const char *text)
{
	struct ad_timex timex = { 0 };
	size_t len = strlen(text);
	if (strcmp(text, "PRESENT_REF") == 0)
		timex.field[AD_TIMEX_NOW] = ad_value_bool(true);
	else if (*text == 'P')
		extract_duration(text, &timex);
	else if (*text == '(' && len > 1 && text[len - 1] == ')')
		extract_range(arena, text, &timex);
	else
		extract_date_time(arena, text, &timex);
	return timex;
}

struct ad_timex ad_timex_of_object(struct ad_arena *arena, const struct ad_value *object)
{
	static const char *const names[AD_TIMEX_FIELDS] = { "now", "year", "month", "dayOfMonth",
		"dayOfWeek", "weekOfYear", "weekOfMonth", "season", "weekend", "hour", "minute",
		"second", "partOfDay", "years", "months", "weeks", "days", "hours", "minutes",
		"seconds" };
	struct ad_timex timex = { 0 };
	for (size_t i = 0; object->kind == AD_OBJECT && i < AD_TIMEX_FIELDS; i++)
		timex.field[i] = ad_value_own(arena, object, names[i], strlen(names[i]));
	if (!ad_timex_has(&timex, AD_TIMEX_HOUR))
		return timex;
	for (size_t i = AD_TIMEX_MINUTE; i <= AD_TIMEX_SECOND; i++) {
		if (timex.field[i].kind == AD_UNDEFINED)
			timex.field[i] = ad_value_number(0);
	}
	return timex;
}

/* Types that follow from others, in this order. */
static unsigned infer(unsigned types)
{
	static const struct {
		unsigned both, also;
	} rules[] = { { AD_TIMEX_PRESENT, AD_TIMEX_DATE | AD_TIMEX_TIME },
		{ AD_TIMEX_TIME | AD_TIMEX_DURATION, AD_TIMEX_TIME_RANGE },
		{ AD_TIMEX_DATE | AD_TIMEX_TIME, AD_TIMEX_DATE_TIME },
		{ AD_TIMEX_DATE | AD_TIMEX_DURATION, AD_TIMEX_DATE_RANGE },
		{ AD_TIMEX_DATE_TIME | AD_TIMEX_DURATION, AD_TIMEX_DATE_TIME_RANGE },
		{ AD_TIMEX_DATE | AD_TIMEX_TIME_RANGE, AD_TIMEX_DATE_TIME_RANGE } };
	for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
		if ((types & rules[i].both) == rules[i].both)
			types |= rules[i].also;
	}
	return types;
}

static bool has_any(
	const struct ad_timex *timex, enum ad_timex_field first, enum ad_timex_field last)
{
	for (size_t i = first; i <= last; i++) {
		if (timex->field[i].kind != AD_UNDEFINED)
			return true;
	}
	return false;
}

static bool has_all(
	const struct ad_timex *timex, enum ad_timex_field first, enum ad_timex_field last)
{
	bool all = true;
	for (size_t i = first; i <= last; i++)
		all &= timex->field[i].kind != AD_UNDEFINED;
	return all;
}

unsigned ad_timex_own_types(const struct ad_timex *timex)
{
	bool has_day = ad_timex_has(timex, AD_TIMEX_DAY_OF_MONTH);
	bool has_month = has_any(timex, AD_TIMEX_YEAR, AD_TIMEX_MONTH);
	unsigned types = 0;
	if (has_all(timex, AD_TIMEX_YEAR, AD_TIMEX_DAY_OF_MONTH))
		types |= AD_TIMEX_DEFINITE;
	if (has_all(timex, AD_TIMEX_MONTH, AD_TIMEX_DAY_OF_MONTH) ||
		ad_timex_has(timex, AD_TIMEX_DAY_OF_WEEK))
		types |= AD_TIMEX_DATE;
	if ((has_month && !has_day) || has_any(timex, AD_TIMEX_WEEK_OF_YEAR, AD_TIMEX_SEASON))
		types |= AD_TIMEX_DATE_RANGE;
	if (has_any(timex, AD_TIMEX_YEARS, AD_TIMEX_SECONDS))
		types |= AD_TIMEX_DURATION;
	if (has_all(timex, AD_TIMEX_HOUR, AD_TIMEX_SECOND))
		types |= AD_TIMEX_TIME;
	if (ad_timex_has(timex, AD_TIMEX_PART_OF_DAY))
		types |= AD_TIMEX_TIME_RANGE;
	return types;
}

unsigned ad_timex_types(const struct ad_timex *timex)
{
	const struct ad_value *now = &timex->field[AD_TIMEX_NOW];
	bool is_present = now->kind == AD_BOOL && now->truth;
	return infer(ad_timex_own_types(timex) | (is_present ? AD_TIMEX_PRESENT : 0));
}

void ad_timex_add_fixed(
	struct ad_arena *arena, struct ad_buf *out, const struct ad_value *value, size_t digits)
{
	size_t start = out->len;
	ad_value_add_text(arena, out, value);
	size_t len = out->len - start;
	for (size_t i = len; i < digits && ad_buf_addc(out, '0'); i++) {
		memmove(out->data + start + 1, out->data + start, out->len - start - 1);
		out->data[start] = '0';
	}
}

/* A text in which 2 stands for the next field in two digits, 4 in four, v as it is. */
static void add_pattern(struct ad_arena *arena, struct ad_buf *out, const struct ad_timex *timex,
	const char *pattern, const enum ad_timex_field *field)
{
	for (; *pattern; pattern++) {
		size_t digits = *pattern == '4' ? 4 : *pattern == '2' ? 2 : 0;
		if (digits > 0 || *pattern == 'v')
			ad_timex_add_fixed(arena, out, &timex->field[*field++], digits);
		else
			(void)ad_buf_addc(out, *pattern);
	}
}

/* The first pattern for which all fields are there. */
static void add_first(struct ad_arena *arena, struct ad_buf *out, const struct ad_timex *timex,
	const struct pattern *pattern)
{
	for (; pattern->text; pattern++) {
		bool fits = true;
		for (size_t i = 0; i < PLACES; i++)
			fits &= pattern->field[i] == AD_TIMEX_NOW ||
				ad_timex_has(timex, pattern->field[i]);
		if (!fits)
			continue;
		add_pattern(arena, out, timex, pattern->text, pattern->field);
		return;
	}
}

static bool is_zero(const struct ad_value *value)
{
	return value->kind == AD_NUMBER && !(value->number < 0) && !(value->number > 0);
}

static void add_time(struct ad_arena *arena, struct ad_buf *out, const struct ad_timex *timex)
{
	static const enum ad_timex_field fields[] = { AD_TIMEX_HOUR, AD_TIMEX_MINUTE,
		AD_TIMEX_SECOND };
	bool no_seconds = is_zero(&timex->field[AD_TIMEX_SECOND]);
	bool no_minutes = no_seconds && is_zero(&timex->field[AD_TIMEX_MINUTE]);
	add_pattern(arena, out, timex, no_minutes ? "T2" : no_seconds ? "T2:2" : "T2:2:2", fields);
}

void ad_timex_add(struct ad_arena *arena, struct ad_buf *out, const struct ad_timex *timex)
{
	static const struct pattern date[] = {
		{ "4-2-2", { AD_TIMEX_YEAR, AD_TIMEX_MONTH, AD_TIMEX_DAY_OF_MONTH } },
		{ "XXXX-2-2", { AD_TIMEX_MONTH, AD_TIMEX_DAY_OF_MONTH } },
		{ "XXXX-WXX-v", { AD_TIMEX_DAY_OF_WEEK } },
		{ .text = NULL },
	};
	static const struct pattern range[] = {
		{ "4-W2-WE", { AD_TIMEX_YEAR, AD_TIMEX_WEEK_OF_YEAR, AD_TIMEX_WEEKEND } },
		{ "4-W2", { AD_TIMEX_YEAR, AD_TIMEX_WEEK_OF_YEAR } },
		{ "4-v", { AD_TIMEX_YEAR, AD_TIMEX_SEASON } },
		{ "v", { AD_TIMEX_SEASON } },
		{ "4-2", { AD_TIMEX_YEAR, AD_TIMEX_MONTH } },
		{ "4", { AD_TIMEX_YEAR } },
		{ "XXXX-2-WXX-v-v",
			{ AD_TIMEX_MONTH, AD_TIMEX_WEEK_OF_MONTH, AD_TIMEX_DAY_OF_WEEK } },
		{ "XXXX-2-WXX-v", { AD_TIMEX_MONTH, AD_TIMEX_WEEK_OF_MONTH } },
		{ "XXXX-2", { AD_TIMEX_MONTH } },
		{ .text = NULL },
	};
	static const struct pattern part[] = { { "Tv", { AD_TIMEX_PART_OF_DAY } },
		{ .text = NULL } };
	static const struct pattern duration[] = {
		{ "PvY", { AD_TIMEX_YEARS } },
		{ "PvM", { AD_TIMEX_MONTHS } },
		{ "PvW", { AD_TIMEX_WEEKS } },
		{ "PvD", { AD_TIMEX_DAYS } },
		{ "PTvH", { AD_TIMEX_HOURS } },
		{ "PTvM", { AD_TIMEX_MINUTES } },
		{ "PTvS", { AD_TIMEX_SECONDS } },
		{ .text = NULL },
	};
	unsigned types = ad_timex_types(timex);
	if (types & AD_TIMEX_PRESENT) {
		(void)ad_buf_adds(out, "PRESENT_REF");
		return;
	}
	if (types & AD_TIMEX_DATE_TIME_RANGE) {
		add_first(arena, out, timex, date);
		add_first(arena, out, timex, part);
	} else if (types & AD_TIMEX_DATE_RANGE) {
		add_first(arena, out, timex, range);
	} else if (types & AD_TIMEX_TIME_RANGE) {
		add_first(arena, out, timex, part);
	} else if (types & AD_TIMEX_DATE_TIME) {
		add_first(arena, out, timex, date);
		add_time(arena, out, timex);
	} else if (types & AD_TIMEX_DURATION) {
		add_first(arena, out, timex, duration);
	} else if (types & AD_TIMEX_DATE) {
		add_first(arena, out, timex, date);
	} else if (types & AD_TIMEX_TIME) {
		add_time(arena, out, timex);
	}
}
