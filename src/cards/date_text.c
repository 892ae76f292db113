/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Dates as JavaScript reads them (ECMA-262 21.4.1.32), and where the standard leaves the rest to
 * the engine, as V8 does: words before the first number are passed over, numbers are month, day and
 * year, or year, month and day when the first cannot be a day. What has no zone is UTC.
 */
#include "calendar.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define DIGITS_MAX 9     /* of a number; what follows is passed over */
#define YEARS_MAX 300000 /* beyond what a date can hold */
#define NONE INT_MIN

enum token_kind { END, NUMBER, SYMBOL, WORD, SPACE, OTHER };
enum word_kind { NO_WORD, MONTH, HALF_OF_DAY, ZONE, TIME_MARK };

struct token {
	enum token_kind kind;
	char symbol;
	enum word_kind word;
	int value; /* of a number or a word */
	size_t length;
};

struct reader {
	const char *at;
	struct token next;
};

/* What is read so far. */
struct date {
	int day[3], time[4];
	size_t days, times;
	int month;          /* named; NONE */
	int half;           /* 0 or 12, of am and pm; NONE */
	int sign;           /* of the zone; NONE */
	int hours, minutes; /* of the zone; NONE */
	bool is_iso;
};

static const struct {
	const char *prefix;
	enum word_kind kind;
	int value;
} words[] = {
	{ "jan", MONTH, 1 },
	{ "feb", MONTH, 2 },
	{ "mar", MONTH, 3 },
	{ "apr", MONTH, 4 },
	{ "may", MONTH, 5 },
	{ "jun", MONTH, 6 },
	{ "jul", MONTH, 7 },
	{ "aug", MONTH, 8 },
	{ "sep", MONTH, 9 },
	{ "oct", MONTH, 10 },
	{ "nov", MONTH, 11 },
	{ "dec", MONTH, 12 },
	{ "am", HALF_OF_DAY, 0 },
	{ "pm", HALF_OF_DAY, 12 },
	{ "ut", ZONE, 0 },
	{ "utc", ZONE, 0 },
	{ "z", ZONE, 0 },
	{ "gmt", ZONE, 0 },
	{ "cdt", ZONE, -5 },
	{ "cst", ZONE, -6 },
	{ "edt", ZONE, -4 },
	{ "est", ZONE, -5 },
	{ "mdt", ZONE, -6 },
	{ "mst", ZONE, -7 },
	{ "pdt", ZONE, -7 },
	{ "pst", ZONE, -8 },
	{ "t", TIME_MARK, 0 },
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Letters, what stands behind them in ASCII, and everything beyond. */
static bool is_word(char c)
{
	return (unsigned char)c >= 'A';
}

static struct token scan_number(struct reader *r)
{
	struct token t = { .kind = NUMBER };
	const char *begin = r->at;
	while (*r->at == '0')
		r->at++;
	for (size_t digits = 0; is_digit(*r->at); r->at++, digits++) {
		if (digits < DIGITS_MAX)
			t.value = t.value * 10 + *r->at - '0';
	}
	t.length = (size_t)(r->at - begin);
	return t;
}

/* Three letters tell; only the names of months may be longer. */
static struct token scan_word(struct reader *r)
{
	struct token t = { .kind = WORD };
	char prefix[4] = { 0 };
	for (; is_word(*r->at); r->at++, t.length++) {
		if (t.length < 3)
			prefix[t.length] = (char)(*r->at | 0x20);
	}
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		bool fits = t.length <= 3 || words[i].kind == MONTH;
		if (fits && strcmp(prefix, words[i].prefix) == 0) {
			t.word = words[i].kind;
			t.value = words[i].value;
		}
	}
	return t;
}

static struct token scan_parentheses(struct reader *r)
{
	size_t open = 0;
	do {
		open += *r->at == '(';
		open -= *r->at == ')';
		r->at++;
	} while (open > 0 && *r->at);
	return (struct token){ .kind = OTHER };
}

static struct token scan(struct reader *r)
{
	char c = *r->at;
	if (!c)
		return (struct token){ .kind = END };
	if (is_digit(c))
		return scan_number(r);
	if (c == '(')
		return scan_parentheses(r);
	if (is_word(c))
		return scan_word(r);
	r->at++;
	enum token_kind kind = strchr(":-+.)", c) ? SYMBOL : is_space(c) ? SPACE : OTHER;
	return (struct token){ .kind = kind, .symbol = c };
}

static struct token take(struct reader *r)
{
	struct token t = r->next;
	r->next = scan(r);
	return t;
}

static bool is_symbol(const struct token *t, char symbol)
{
	return t->kind == SYMBOL && t->symbol == symbol;
}

static bool is_sign(const struct token *t)
{
	return is_symbol(t, '-') || is_symbol(t, '+');
}

static bool skip(struct reader *r, char symbol)
{
	bool found = is_symbol(&r->next, symbol);
	if (found)
		(void)take(r);
	return found;
}

static bool is_between(int value, int least, int most)
{
	return value >= least && value <= most;
}

/* A number of just so many digits. */
static bool is_fixed(const struct token *t, size_t digits, int least, int most)
{
	return t->kind == NUMBER && t->length == digits && is_between(t->value, least, most);
}

/* Digits behind the point: of more than three the first three count. */
static int milliseconds(const struct token *t)
{
	int value = t->value;
	size_t length = t->length < DIGITS_MAX ? t->length : DIGITS_MAX;
	for (; length < 3; length++)
		value *= 10;
	for (; length > 3; length--)
		value /= 10;
	return value;
}

static bool add_day(struct date *d, int value)
{
	bool fits = d->days < 3;
	if (fits)
		d->day[d->days++] = value;
	return fits;
}

static bool add_time(struct date *d, int value)
{
	bool fits = d->times < 4;
	if (fits)
		d->time[d->times++] = value;
	return fits;
}

static void end_time(struct date *d, int value)
{
	(void)add_time(d, value);
	while (add_time(d, 0))
		;
}

static bool expects_time(const struct date *d, int value)
{
	return (d->times == 1 || d->times == 2) ? is_between(value, 0, 59)
						: d->times == 3 && is_between(value, 0, 999);
}

static void set_zone(struct date *d, int sign, int hours, int minutes)
{
	d->sign = sign;
	d->hours = hours;
	d->minutes = minutes;
}

static bool is_z(const struct token *t)
{
	return t->kind == WORD && t->word == ZONE && t->length == 1;
}

/* Z, +hh:mm or +hhmm behind a time of ISO */
static bool read_iso_zone(struct reader *r, struct date *d)
{
	if (is_z(&r->next)) {
		(void)take(r);
		set_zone(d, 1, 0, 0);
	} else if (is_sign(&r->next)) {
		int sign = take(r).symbol == '-' ? -1 : 1;
		if (is_fixed(&r->next, 4, 0, 2359) && r->next.value % 100 <= 59) {
			int value = take(r).value;
			set_zone(d, sign, value / 100, value % 100);
			return true;
		}
		if (!is_fixed(&r->next, 2, 0, 23))
			return false;
		int hours = take(r).value;
		if (!skip(r, ':') || !is_fixed(&r->next, 2, 0, 59))
			return false;
		set_zone(d, sign, hours, take(r).value);
	}
	return true;
}

/* hh:mm[:ss[.sss]][zone] up to the end */
static bool read_iso_time(struct reader *r, struct date *d)
{
	if (!is_fixed(&r->next, 2, 0, 24))
		return false;
	int most = r->next.value == 24 ? 0 : 59;
	(void)add_time(d, take(r).value);
	if (!skip(r, ':') || !is_fixed(&r->next, 2, 0, most))
		return false;
	(void)add_time(d, take(r).value);
	if (skip(r, ':')) {
		if (!is_fixed(&r->next, 2, 0, most))
			return false;
		(void)add_time(d, take(r).value);
		if (skip(r, '.')) {
			if (r->next.kind != NUMBER || (most == 0 && r->next.value > 0))
				return false;
			struct token fraction = take(r);
			(void)add_time(d, milliseconds(&fraction));
		}
	}
	return read_iso_zone(r, d) && r->next.kind == END;
}

/* The year of ISO; false: there is none, and *rest is what stands there. */
static bool read_iso_year(struct reader *r, struct date *d, struct token *rest)
{
	*rest = take(r);
	if (is_sign(rest)) {
		if (!is_fixed(&r->next, 6, 0, INT_MAX) || (rest->symbol == '-' && !r->next.value))
			return false;
		int year = take(r).value;
		return add_day(d, rest->symbol == '-' ? -year : year);
	}
	return is_fixed(rest, 4, 0, INT_MAX) && add_day(d, rest->value);
}

/* What the standard knows. *rest is what it does not, or END when all is read. */
static bool read_iso(struct reader *r, struct date *d, struct token *rest)
{
	static const int most[] = { 12, 31 };
	if (!read_iso_year(r, d, rest))
		return true;
	for (size_t i = 0; i < 2 && skip(r, '-'); i++) {
		if (!is_fixed(&r->next, 2, 1, most[i])) {
			*rest = take(r);
			return true;
		}
		(void)add_day(d, take(r).value);
	}
	bool has_time = r->next.kind == WORD && r->next.word == TIME_MARK;
	*rest = take(r);
	if (!has_time && rest->kind != END)
		return true;
	if (has_time && !read_iso_time(r, d))
		return false;
	rest->kind = END;
	d->is_iso = true;
	if (d->times == 0)
		set_zone(d, 1, 0, 0);
	return true;
}

/* A number with a colon behind it; "1::" is an hour and no minutes. */
static bool read_clock(struct reader *r, struct date *d, int value)
{
	if (skip(r, ':')) {
		bool is_first = d->times == 0;
		return is_first && add_time(d, value) && add_time(d, 0);
	}
	bool fits = add_time(d, value);
	(void)skip(r, '.');
	return fits;
}

/* Seconds with a point behind them. */
static bool read_fraction(struct reader *r, struct date *d, int value)
{
	(void)add_time(d, value);
	if (r->next.kind != NUMBER)
		return false;
	struct token fraction = take(r);
	end_time(d, milliseconds(&fraction));
	return true;
}

static bool read_number(struct reader *r, struct date *d, int value)
{
	if (skip(r, ':'))
		return read_clock(r, d, value);
	if (skip(r, '.') && expects_time(d, value))
		return read_fraction(r, d, value);
	if (d->hours != NONE && d->minutes == NONE && is_between(value, 0, 59)) {
		d->minutes = value;
		return true;
	}
	if (expects_time(d, value)) {
		end_time(d, value);
		return r->next.kind == END || r->next.kind == SPACE || is_z(&r->next) ||
		       is_sign(&r->next);
	}
	bool fits = add_day(d, value);
	(void)skip(r, '-');
	return fits;
}

static bool read_word(struct reader *r, struct date *d, const struct token *t, bool has_number)
{
	if (t->word == HALF_OF_DAY && d->times > 0) {
		d->half = t->value;
	} else if (t->word == MONTH) {
		d->month = t->value;
		(void)skip(r, '-');
	} else if (t->word == ZONE && has_number) {
		set_zone(d, t->value < 0 ? -1 : 1, abs(t->value), 0);
	} else {
		return !has_number && r->next.kind != NUMBER;
	}
	return true;
}

/* +hh, +hhmm or +hh: behind a time or UTC */
static bool read_offset(struct reader *r, struct date *d, int sign)
{
	struct token number = { .length = 0 };
	if (r->next.kind == NUMBER)
		number = take(r);
	if (is_symbol(&r->next, ':'))
		set_zone(d, sign, number.value, NONE);
	else if (number.length == 1 || number.length == 2)
		set_zone(d, sign, number.value, 0);
	else if (number.length == 3 || number.length == 4)
		set_zone(d, sign, number.value / 100, number.value % 100);
	else
		return false;
	return true;
}

static bool read_loose(struct reader *r, struct date *d, struct token t)
{
	bool has_number = d->days > 0;
	for (; t.kind != END; t = take(r)) {
		bool is_utc = d->hours == 0 && d->minutes == 0;
		bool is_good = true;
		if (t.kind == NUMBER) {
			has_number = true;
			is_good = read_number(r, d, t.value);
		} else if (t.kind == WORD) {
			is_good = read_word(r, d, &t, has_number);
		} else if (is_sign(&t) && (is_utc || d->times > 0)) {
			has_number = true;
			is_good = read_offset(r, d, t.symbol == '-' ? -1 : 1);
		} else if ((is_sign(&t) || is_symbol(&t, ')')) && has_number) {
			is_good = false;
		}
		if (!is_good)
			return false;
	}
	return true;
}

/* Year, month and day out of the numbers, by what the first of them can be. */
static void order_day(const struct date *d, int part[3])
{
	bool begins_with_day = is_between(d->day[0], 1, 31);
	if (d->month != NONE) {
		part[0] = d->day[begins_with_day ? 1 : 0];
		part[1] = d->month;
		part[2] = d->day[begins_with_day ? 0 : 1];
	} else if (d->is_iso || !begins_with_day) {
		memcpy(part, d->day, sizeof d->day);
	} else {
		part[0] = d->day[2];
		part[1] = d->day[0];
		part[2] = d->day[1];
	}
}

static bool write_day(struct date *d, int64_t *ret)
{
	int part[3];
	if (d->days == 0)
		return false;
	while (add_day(d, 1))
		;
	order_day(d, part);
	if (!d->is_iso && is_between(part[0], 0, 99))
		part[0] += part[0] < 50 ? 2000 : 1900;
	if (!is_between(part[0], -YEARS_MAX, YEARS_MAX) || !is_between(part[1], 1, 12) ||
		!is_between(part[2], 1, 31))
		return false;
	*ret = ad_calendar_ms(part[0], part[1], part[2]);
	return true;
}

static bool write_time(struct date *d, int64_t *ret)
{
	while (add_time(d, 0))
		;
	int hour = d->time[0];
	if (d->half != NONE) {
		if (!is_between(hour, 0, 12))
			return false;
		hour = hour % 12 + d->half;
	}
	int64_t rest = (d->time[1] * INT64_C(60) + d->time[2]) * 1000 + d->time[3];
	bool is_good = is_between(hour, 0, 23) && is_between(d->time[1], 0, 59) &&
		       is_between(d->time[2], 0, 59) && is_between(d->time[3], 0, 999);
	if (!is_good && (hour != 24 || rest != 0))
		return false;
	int64_t offset = 0;
	if (d->sign != NONE)
		offset = (d->hours == NONE ? 0 : d->hours) * INT64_C(60) +
			 (d->minutes == NONE ? 0 : d->minutes);
	*ret += hour * INT64_C(3600000) + rest - (d->sign < 0 ? -offset : offset) * 60000;
	return true;
}

bool ad_time_parse(const char *text, int64_t *ret)
{
	struct reader r = { .at = text };
	struct date d = {
		.month = NONE, .half = NONE, .sign = NONE, .hours = NONE, .minutes = NONE
	};
	struct token rest;
	r.next = scan(&r);
	return read_iso(&r, &d, &rest) && read_loose(&r, &d, rest) && write_day(&d, ret) &&
	       write_time(&d, ret) && llabs(*ret) <= AD_CALENDAR_MS_MAX;
}

/* One or two digits, if they are there. */
static const char *take_two(const char *p, int *ret)
{
	for (int i = 0; i < 2 && is_digit(*p); i++)
		*ret = (i == 0 ? 0 : *ret * 10) + *p++ - '0';
	return p;
}

/* "-3-5", "/3/5" or "0305" behind the year; what is not there is the first. */
static const char *take_month_and_day(const char *p, int *month, int *day)
{
	*month = *day = 1;
	p = take_two(p + (*p == '-' || *p == '/'), month);
	return take_two(p + (*p == '-' || *p == '/'), day);
}

/* "T14:07:09.123" with everything but the digits left out at will */
static const char *take_time_of_day(const char *p, int64_t *ms)
{
	int part[3] = { 0, 0, 0 }, fraction = 0;
	while (*p == 'T' || *p == 't' || is_space(*p))
		p++;
	for (size_t i = 0; i < 3; i++)
		p = take_two(p + (i > 0 && *p == ':'), &part[i]);
	p += *p == '.' || *p == ':';
	for (int i = 0; is_digit(*p); i++, p++)
		fraction = i < 3 ? fraction * 10 + *p - '0' : fraction;
	*ms = ((part[0] * INT64_C(60) + part[1]) * 60 + part[2]) * 1000 + fraction;
	return p;
}

bool ad_time_parse_parts(const char *text, int64_t *ret)
{
	int year = 0, month, day;
	int64_t ms;
	size_t len = strlen(text), digits = strspn(text, "0123456789");
	if (digits < 4 || (text[len - 1] | 0x20) == 'z')
		return ad_time_parse(text, ret);
	for (size_t i = 0; i < 4; i++)
		year = year * 10 + text[i] - '0';
	const char *p = take_time_of_day(take_month_and_day(text + 4, &month, &day), &ms);
	if (*p)
		return ad_time_parse(text, ret);
	*ret = ad_calendar_ms(year < 100 ? year + 1900 : year, month, day) + ms;
	return true;
}
