/* SPDX-License-Identifier: Apache-2.0 */
/* Functions of timex texts. Each gives a value back even when it fails (see or()), so they evaluate
 * their arguments themselves. */
#include "fn_date.h"
#include "timex.h"
#include "zone.h"

#include <string.h>

#define DAY_MS INT64_C(86400000)
#define MINUTE_MS INT64_C(60000)
#define WEEK 7
#define FEBRUARY 2

/* What an argument says: a text, or an object or list that is not empty. */
static enum ad_outcome timex_of(
	struct ad_call *call, const struct ad_value *value, struct ad_timex *ret)
{
	struct ad_arena *arena = call->x->arena;
	bool is_list = value->kind == AD_ARRAY || value->kind == AD_OBJECT;
	bool is_other = value->kind == AD_TICKS || value->kind == AD_BYTES;
	if (value->kind == AD_STRING)
		*ret = ad_timex_parse(arena, value->string.text);
	else if (is_other || (is_list && ad_value_list(arena, value)->count > 0))
		*ret = ad_timex_of_object(arena, value);
	else
		return ad_fail(call, "a timex is wanted");
	size_t bytes = value->kind == AD_STRING ? 4 * value->string.len : 0;
	return ad_spend(call->x, AD_TIMEX_FIELDS, bytes);
}

static enum ad_outcome timex_argument(struct ad_call *call, struct ad_timex *ret)
{
	struct ad_value value;
	enum ad_outcome o = ad_eval_child(call, 0, &value);
	return o == AD_DONE ? timex_of(call, &value, ret) : o;
}

/* Whether the fields are of a type, whatever else follows from them. */
static enum ad_outcome ask(struct ad_call *call, enum ad_timex_type type, struct ad_value *ret)
{
	struct ad_timex timex;
	enum ad_outcome o = timex_argument(call, &timex);
	*ret = ad_value_bool(o == AD_DONE && ad_timex_own_types(&timex) & type);
	return o;
}

static enum ad_outcome fn_is_definite(struct ad_call *call, struct ad_value *ret)
{
	return ask(call, AD_TIMEX_DEFINITE, ret);
}

static enum ad_outcome fn_is_date(struct ad_call *call, struct ad_value *ret)
{
	return ask(call, AD_TIMEX_DATE, ret);
}

static enum ad_outcome fn_is_time(struct ad_call *call, struct ad_value *ret)
{
	return ask(call, AD_TIMEX_TIME, ret);
}

static enum ad_outcome fn_is_duration(struct ad_call *call, struct ad_value *ret)
{
	return ask(call, AD_TIMEX_DURATION, ret);
}

static enum ad_outcome fn_is_date_range(struct ad_call *call, struct ad_value *ret)
{
	return ask(call, AD_TIMEX_DATE_RANGE, ret);
}

static enum ad_outcome fn_is_time_range(struct ad_call *call, struct ad_value *ret)
{
	return ask(call, AD_TIMEX_TIME_RANGE, ret);
}

static enum ad_outcome fn_is_present(struct ad_call *call, struct ad_value *ret)
{
	struct ad_timex timex;
	enum ad_outcome o = timex_argument(call, &timex);
	*ret = ad_value_bool(o == AD_DONE && ad_timex_has(&timex, AD_TIMEX_NOW));
	return o;
}

static void add_fields(struct ad_call *call, struct ad_buf *out, const struct ad_timex *timex,
	enum ad_timex_field first, char between)
{
	for (size_t i = 0; i < 3; i++) {
		size_t digits = first == AD_TIMEX_YEAR && i == 0 ? 4 : 2;
		if (i > 0)
			(void)ad_buf_addc(out, between);
		ad_timex_add_fixed(call->x->arena, out, &timex->field[first + i], digits);
	}
}

/* Seconds of a duration; years have 365 days and months 30. */
static double duration(const struct ad_timex *timex)
{
	static const double seconds[] = { 31536000, 2592000, 604800, 86400, 3600, 60, 1 };
	size_t i = 0;
	while (i < 6 && timex->field[AD_TIMEX_YEARS + i].kind == AD_UNDEFINED)
		i++;
	return seconds[i] * timex->field[AD_TIMEX_YEARS + i].number;
}

static enum ad_outcome resolve_date(
	struct ad_call *call, unsigned types, const struct ad_timex *timex, struct ad_value *ret)
{
	struct ad_buf *out = ad_text_begin(call->x);
	add_fields(call, out, timex, AD_TIMEX_YEAR, '-');
	if (types & AD_TIMEX_TIME) {
		(void)ad_buf_addc(out, ' ');
		add_fields(call, out, timex, AD_TIMEX_HOUR, ':');
	}
	return ad_text_end(call->x, ret);
}

/* A range has no one value; one without a year needs the present day, which nobody tells. */
static enum ad_outcome resolve_range(
	struct ad_call *call, unsigned types, const struct ad_timex *timex, struct ad_value *ret)
{
	bool is_open = !(types & (AD_TIMEX_DEFINITE | AD_TIMEX_DATE_TIME_RANGE));
	if (types & AD_TIMEX_DATE_RANGE && is_open && ad_timex_has(timex, AD_TIMEX_SEASON)) {
		*ret = ad_value_string("not resolved", strlen("not resolved"));
		return AD_DONE;
	}
	if (types & AD_TIMEX_DATE_RANGE && is_open && !ad_timex_has(timex, AD_TIMEX_YEAR))
		return ad_fail(call, "has no year");
	ret->kind = AD_UNDEFINED;
	return AD_DONE;
}

static enum ad_outcome resolve(
	struct ad_call *call, const struct ad_timex *timex, struct ad_value *ret)
{
	unsigned types = ad_timex_types(timex);
	bool is_definite = types & AD_TIMEX_DEFINITE;
	if (types & AD_TIMEX_DATE_TIME_RANGE)
		return resolve_range(call, types, timex, ret);
	if (is_definite && (types & AD_TIMEX_TIME || !(types & AD_TIMEX_DATE_RANGE)))
		return resolve_date(call, types, timex, ret);
	if (types & (AD_TIMEX_DATE_RANGE | AD_TIMEX_TIME_RANGE))
		return resolve_range(call, types, timex, ret);
	struct ad_buf *out = ad_text_begin(call->x);
	if (types & AD_TIMEX_PRESENT)
		(void)ad_buf_adds(out, "undefined ");
	else if (types & AD_TIMEX_DATE || types == 0)
		return ad_fail(call, "has no year");
	else if (types & AD_TIMEX_DURATION)
		ad_number_add(out, duration(timex));
	else
		add_fields(call, out, timex, AD_TIMEX_HOUR, ':');
	return ad_text_end(call->x, ret);
}

static enum ad_outcome fn_resolve(struct ad_call *call, struct ad_value *ret)
{
	struct ad_timex timex;
	enum ad_outcome o = timex_argument(call, &timex);
	*ret = ad_value_bool(false);
	if (o != AD_DONE)
		return o;
	unsigned types = ad_timex_types(&timex);
	bool is_range = types & (AD_TIMEX_DATE_RANGE | AD_TIMEX_TIME_RANGE);
	if (types == 0)
		return ad_fail(call, "is no timex");
	/* What was an object is understood as the text that it makes. */
	if (!is_range || !(types & AD_TIMEX_DURATION)) {
		struct ad_value text;
		ad_timex_add(call->x->arena, ad_text_begin(call->x), &timex);
		o = ad_text_end(call->x, &text);
		if (o != AD_DONE)
			return o;
		timex = ad_timex_parse(call->x->arena, text.string.text);
	}
	return resolve(call, &timex, ret);
}

static int64_t day_of(int64_t ms)
{
	return (ms - (ms % DAY_MS + DAY_MS) % DAY_MS) / DAY_MS;
}

/* "5th March 2026", with the endings and the February of the official engine. */
static void add_long_date(struct ad_buf *out, const struct ad_calendar_date *date)
{
	static const char *const endings[] = { "th", "st", "nd", "rd", "th", "th", "th", "th", "th",
		"th" };
	(void)ad_buf_addf(out, "%d%s ", date->day, endings[date->day % 10]);
	if (date->month == FEBRUARY)
		(void)ad_buf_adds(out, "Februrary");
	else
		ad_time_format(out, ad_calendar_ms(date->year, date->month, date->day), 0, "MMMM");
	(void)ad_buf_addf(out, " %d", (int)date->year);
}

/* How one says the second date on the day of the first. */
static enum ad_outcome fn_date_read_back(struct ad_call *call, struct ad_value *ret)
{
	int64_t today = 0, then = 0;
	enum ad_outcome o = ad_date_iso(call, 0, &today);
	if (o == AD_DONE)
		o = ad_date_iso(call, 1, &then);
	if (o != AD_DONE)
		return o;
	struct ad_calendar_date date = ad_calendar_date(then);
	struct ad_buf *out = ad_text_begin(call->x);
	if (date.year < 0 || date.year > 9999)
		return ad_text_end(call->x, ret); /* no timex has such a year */
	int64_t days = day_of(then) - day_of(today);
	int64_t from_sunday = days + ad_calendar_date(today).weekday;
	if (days >= -1 && days <= 1)
		(void)ad_buf_adds(out, days == 0 ? "today" : days > 0 ? "tomorrow" : "yesterday");
	else if (from_sunday >= -WEEK && from_sunday < 2 * WEEK)
		ad_time_format(out, then, 0,
			from_sunday < 0      ? "[last ]dddd"
			: from_sunday < WEEK ? "[this ]dddd"
					     : "[next ]dddd");
	else
		add_long_date(out, &date);
	return ad_text_end(call->x, ret);
}

/* The present on the clocks of the zone in the second argument, or of UTC. */
static enum ad_outcome now_of(struct ad_call *call, struct ad_calendar_date *ret)
{
	int64_t now = call->x->context->now_ms;
	struct ad_value name = { .kind = AD_UNDEFINED };
	enum ad_outcome o = call->count == 2 ? ad_eval_child(call, 1, &name) : AD_DONE;
	struct ad_zone zone;
	if (o != AD_DONE)
		return o;
	if (name.kind == AD_STRING) {
		if (!ad_zone_open(name.string.text, &zone))
			return ad_fail(call, "there is no such time zone");
		now += ad_zone_offset(&zone, now) * MINUTE_MS;
		ad_zone_close(&zone);
	}
	*ret = ad_calendar_date(now);
	return ad_spend(call->x, AD_TIMEX_FIELDS, 0);
}

static enum ad_outcome give_timex(
	struct ad_call *call, const struct ad_timex *timex, struct ad_value *ret)
{
	ad_timex_add(call->x->arena, ad_text_begin(call->x), timex);
	return ad_text_end(call->x, ret);
}

static enum ad_outcome give_date(
	struct ad_call *call, int64_t year, int64_t month, int64_t day, struct ad_value *ret)
{
	struct ad_calendar_date date = ad_calendar_date(ad_calendar_ms(year, month, day));
	struct ad_timex timex = { 0 };
	timex.field[AD_TIMEX_YEAR] = ad_value_number((double)date.year);
	timex.field[AD_TIMEX_MONTH] = ad_value_number(date.month);
	timex.field[AD_TIMEX_DAY_OF_MONTH] = ad_value_number(date.day);
	return give_timex(call, &timex, ret);
}

/* A field of two digits that is not 0; 0 when it is anything else. */
static int two_digits(const struct ad_timex *timex, enum ad_timex_field field)
{
	const struct ad_value *value = &timex->field[field];
	bool is_good = ad_value_is_integer(value) && value->number > 0 && value->number < 100;
	return is_good ? (int)value->number : 0;
}

/* The month and the day of a timex that tells no more. */
static enum ad_outcome day_of_year(struct ad_call *call, int *month, int *day)
{
	struct ad_timex timex;
	enum ad_outcome o = timex_argument(call, &timex);
	if (o != AD_DONE)
		return o;
	const struct ad_value *year = &timex.field[AD_TIMEX_YEAR];
	bool is_zero = year->kind == AD_NUMBER && !(year->number > 0) && !(year->number < 0);
	*month = two_digits(&timex, AD_TIMEX_MONTH);
	*day = two_digits(&timex, AD_TIMEX_DAY_OF_MONTH);
	bool is_good = (year->kind == AD_UNDEFINED || is_zero) && *month > 0 && *day > 0;
	return is_good ? AD_DONE : ad_fail(call, "a timex such as XXXX-10-31 is wanted");
}

/* The next or the last time that a day of the year comes; today counts as coming. */
static enum ad_outcome viable_date(struct ad_call *call, int direction, struct ad_value *ret)
{
	struct ad_calendar_date now;
	int month, day;
	enum ad_outcome o = give_date(call, 1899, 11, 30, ret);
	if (o == AD_DONE)
		o = day_of_year(call, &month, &day);
	if (o == AD_DONE)
		o = now_of(call, &now);
	if (o != AD_DONE)
		return o;
	bool is_past = month < now.month || (month == now.month && day < now.day);
	int64_t found = now.year + (is_past ? direction > 0 : -(direction < 0));
	while (month == FEBRUARY && day == 29 && ad_days_in_month(found, FEBRUARY) < 29)
		found += direction;
	return give_date(call, found, month, day, ret);
}

static enum ad_outcome fn_next_date(struct ad_call *call, struct ad_value *ret)
{
	return viable_date(call, 1, ret);
}

static enum ad_outcome fn_previous_date(struct ad_call *call, struct ad_value *ret)
{
	return viable_date(call, -1, ret);
}

static enum ad_outcome give_time_of_day(
	struct ad_call *call, int hour, const struct ad_timex *from, struct ad_value *ret)
{
	struct ad_timex timex = { 0 };
	timex.field[AD_TIMEX_HOUR] = ad_value_number(hour);
	timex.field[AD_TIMEX_MINUTE] = from ? from->field[AD_TIMEX_MINUTE] : ad_value_number(0);
	timex.field[AD_TIMEX_SECOND] = from ? from->field[AD_TIMEX_SECOND] : ad_value_number(0);
	return give_timex(call, &timex, ret);
}

/* Whether the text has "TXX:mm:ss" in it. */
static bool has_open_hour(const char *text)
{
	for (const char *p = strstr(text, "TXX:"); p; p = strstr(p + 1, "TXX:")) {
		bool is_good = strspn(p + 4, "012345") > 0 && strspn(p + 5, "0123456789") > 0 &&
			       p[6] == ':' && strspn(p + 7, "012345") > 0 &&
			       strspn(p + 8, "0123456789") > 0;
		if (is_good)
			return true;
	}
	return false;
}

/* The minutes and seconds of a timex without an hour. */
static enum ad_outcome minutes_of(struct ad_call *call, struct ad_timex *ret)
{
	struct ad_value value;
	enum ad_outcome o = ad_eval_child(call, 0, &value);
	if (o != AD_DONE)
		return o;
	if (value.kind != AD_STRING || !has_open_hour(value.string.text))
		return ad_fail(call, "a timex such as TXX:15:28 is wanted");
	char *text = ad_strdup(call->x->arena, value.string.text);
	memcpy(strstr(text, "XX"), "00", 2);
	*ret = ad_timex_parse(call->x->arena, text);
	return ad_timex_own_types(ret) & AD_TIMEX_TIME
		       ? AD_DONE
		       : ad_fail(call, "a timex such as TXX:15:28 is wanted");
}

static enum ad_outcome viable_time(struct ad_call *call, int direction, struct ad_value *ret)
{
	struct ad_timex timex;
	struct ad_calendar_date now;
	enum ad_outcome o = give_time_of_day(call, 0, NULL, ret);
	if (o == AD_DONE)
		o = minutes_of(call, &timex);
	if (o == AD_DONE)
		o = now_of(call, &now);
	if (o != AD_DONE)
		return o;
	int minute = (int)timex.field[AD_TIMEX_MINUTE].number;
	int second = (int)timex.field[AD_TIMEX_SECOND].number;
	bool is_past = minute < now.minute || (minute == now.minute && second < now.second);
	int hour = now.hour + (is_past ? direction > 0 : -(direction < 0));
	return give_time_of_day(call, (hour + 24) % 24, &timex, ret);
}

static enum ad_outcome fn_next_time(struct ad_call *call, struct ad_value *ret)
{
	return viable_time(call, 1, ret);
}

static enum ad_outcome fn_previous_time(struct ad_call *call, struct ad_value *ret)
{
	return viable_time(call, -1, ret);
}

#define S AD_T_STRING
#define ASK(name, fn)                                                 \
	{                                                             \
		name, NULL, AD_T_BOOLEAN, 1, 1, { 0 }, 0, AD_LAZY, fn \
	}
#define VIABLE(name, fn)                                   \
	{                                                  \
		name, NULL, S, 1, 2, { S }, 0, AD_LAZY, fn \
	}

const struct ad_function ad_functions_timex[] = {
	ASK("isDefinite", fn_is_definite),
	ASK("isDate", fn_is_date),
	ASK("isTime", fn_is_time),
	ASK("isDuration", fn_is_duration),
	ASK("isDateRange", fn_is_date_range),
	ASK("isTimeRange", fn_is_time_range),
	ASK("isPresent", fn_is_present),
	{ "resolve", NULL, S, 1, 1, { 0 }, 0, AD_LAZY, fn_resolve },
	{ "dateReadBack", NULL, S, 2, 2, { S, S }, AD_IS_TEXT, 0, fn_date_read_back },
	VIABLE("getNextViableDate", fn_next_date),
	VIABLE("getNextViableTime", fn_next_time),
	VIABLE("getPreviousViableDate", fn_previous_date),
	VIABLE("getPreviousViableTime", fn_previous_time),
	{ .name = NULL },
};
