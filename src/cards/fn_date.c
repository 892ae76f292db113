/* SPDX-License-Identifier: Apache-2.0 */
/* Functions of dates. The official engine works in the zone of the process; ours is
 * always UTC. */
#include "fn_date.h"
#include "ad/text.h"

#include <math.h>

#define TICKS_PER_MS 10000
#define TICKS_OF_1970 INT64_C(621355968000000000)

const char *ad_date_pattern(const struct ad_call *call, size_t at, const char *usual)
{
	bool both = call->count == at + 2 && call->arg[at].kind == AD_STRING &&
		    call->arg[at + 1].kind == AD_STRING;
	if (both || (call->count == at + 1 && call->arg[at].kind == AD_STRING))
		return ad_time_pattern(call->x->arena, call->arg[at].string.text);
	return usual;
}

static const char *pattern_of(const struct ad_call *call, size_t at)
{
	return ad_date_pattern(call, at, AD_TIME_FORMAT);
}

enum ad_outcome ad_date_give(
	struct ad_call *call, double ms, int offset, const char *pattern, struct ad_value *ret)
{
	struct ad_buf *text = ad_text_begin(call->x);
	if (!(fabs(ms) <= AD_CALENDAR_MS_MAX))
		(void)ad_buf_adds(text, "Invalid Date");
	else
		ad_time_format(text, (int64_t)ms, offset, pattern);
	return ad_text_end(call->x, ret);
}

static enum ad_outcome give_time(
	struct ad_call *call, double ms, const char *pattern, struct ad_value *ret)
{
	return ad_date_give(call, ms, 0, pattern, ret);
}

enum ad_outcome ad_date_iso(struct ad_call *call, size_t at, int64_t *ret)
{
	if (at >= call->count || call->arg[at].kind != AD_STRING ||
		!ad_time_parse_iso(call->arg[at].string.text, ret))
		return ad_fail(call, "is no time such as 2026-01-31T12:00:00.000Z");
	return AD_DONE;
}

enum part { PART_DAY, PART_WEEKDAY, PART_YEAR_DAY, PART_MONTH, PART_YEAR };

static enum ad_outcome give_part(struct ad_call *call, enum part part, struct ad_value *ret)
{
	int64_t ms = 0;
	enum ad_outcome o = ad_date_iso(call, 0, &ms);
	struct ad_calendar_date d = ad_calendar_date(ms);
	int64_t value = part == PART_DAY        ? d.day
			: part == PART_WEEKDAY  ? d.weekday
			: part == PART_YEAR_DAY ? d.year_day
			: part == PART_MONTH    ? d.month
						: d.year;
	*ret = ad_value_number((double)value);
	return o;
}

static enum ad_outcome fn_day_of_month(struct ad_call *call, struct ad_value *ret)
{
	return give_part(call, PART_DAY, ret);
}

static enum ad_outcome fn_day_of_week(struct ad_call *call, struct ad_value *ret)
{
	return give_part(call, PART_WEEKDAY, ret);
}

static enum ad_outcome fn_day_of_year(struct ad_call *call, struct ad_value *ret)
{
	return give_part(call, PART_YEAR_DAY, ret);
}

static enum ad_outcome fn_month(struct ad_call *call, struct ad_value *ret)
{
	return give_part(call, PART_MONTH, ret);
}

static enum ad_outcome fn_year(struct ad_call *call, struct ad_value *ret)
{
	return give_part(call, PART_YEAR, ret);
}

static enum ad_outcome fn_date(struct ad_call *call, struct ad_value *ret)
{
	int64_t ms = 0;
	enum ad_outcome o = ad_date_iso(call, 0, &ms);
	return o == AD_DONE ? give_time(call, (double)ms, "M/DD/YYYY", ret) : o;
}

/* A moment and a number of units of so many milliseconds. The sum with the day, hour, minute or
 * second is cut to a whole number, as JavaScript's setters do. */
static enum ad_outcome add_units(struct ad_call *call, double unit_ms, struct ad_value *ret)
{
	int64_t ms = 0;
	if (call->arg[1].kind != AD_NUMBER)
		return ad_fail(call, "a time and a number are wanted");
	enum ad_outcome o = ad_date_iso(call, 0, &ms);
	if (o != AD_DONE)
		return o;
	struct ad_calendar_date d = ad_calendar_date(ms);
	int part = unit_ms > 3600000 ? d.day
		   : unit_ms > 60000 ? d.hour
		   : unit_ms > 1000  ? d.minute
				     : d.second;
	double units = trunc(part + call->arg[1].number) - part;
	return give_time(call, (double)ms + units * unit_ms, pattern_of(call, 2), ret);
}

static enum ad_outcome fn_add_days(struct ad_call *call, struct ad_value *ret)
{
	return add_units(call, 86400000, ret);
}

static enum ad_outcome fn_add_hours(struct ad_call *call, struct ad_value *ret)
{
	return add_units(call, 3600000, ret);
}

static enum ad_outcome fn_add_minutes(struct ad_call *call, struct ad_value *ret)
{
	return add_units(call, 60000, ret);
}

static enum ad_outcome fn_add_seconds(struct ad_call *call, struct ad_value *ret)
{
	return add_units(call, 1000, ret);
}

/* Months and years keep the day, or take the last one of the month. */
static double add_months(double ms, double months)
{
	struct ad_calendar_date d = ad_calendar_date((int64_t)ms);
	double month = (double)d.month - 1 + months;
	double year = (double)d.year + floor(month / 12);
	if (!(fabs(year) < 270000))
		return NAN;
	int in_year = (int)(month - 12 * floor(month / 12)) + 1;
	int last = ad_days_in_month((int64_t)year, in_year);
	int64_t day = ad_calendar_ms((int64_t)year, in_year, d.day < last ? d.day : last);
	return (double)day + ms - (double)ad_calendar_ms(d.year, d.month, d.day);
}

/* Adds so many units by their .NET name; false: no such unit, which counts as milliseconds. */
static bool add_named(double *ms, double count, const char *unit)
{
	static const struct {
		const char *name;
		double ms;
		int months;
	} units[] = { { "Day", 86400000, 0 }, { "Week", 604800000, 0 }, { "Second", 1000, 0 },
		{ "Minute", 60000, 0 }, { "Hour", 3600000, 0 }, { "Month", 0, 1 },
		{ "Year", 0, 12 } };
	for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
		if (strcmp(units[i].name, unit) != 0)
			continue;
		*ms = units[i].months ? add_months(*ms, count * units[i].months)
				      : *ms + count * units[i].ms;
		return true;
	}
	*ms += count;
	return false;
}

static enum ad_outcome fn_add_to_time(struct ad_call *call, struct ad_value *ret)
{
	int64_t ms = 0;
	if (!ad_value_is_integer(&call->arg[1]) || call->arg[2].kind != AD_STRING)
		return ad_fail(call, "a time, a whole number and a unit are wanted");
	enum ad_outcome o = ad_date_iso(call, 0, &ms);
	double sum = (double)ms;
	if (o != AD_DONE)
		return o;
	(void)add_named(&sum, call->arg[1].number, call->arg[2].string.text);
	return give_time(call, sum, pattern_of(call, 3), ret);
}

static enum ad_outcome fn_subtract_from_time(struct ad_call *call, struct ad_value *ret)
{
	int64_t ms = 0;
	if (!ad_value_is_integer(&call->arg[1]) || call->arg[2].kind != AD_STRING)
		return ad_fail(call, "a time, a whole number and a unit are wanted");
	enum ad_outcome o = ad_date_iso(call, 0, &ms);
	double sum = (double)ms;
	if (o == AD_DONE && !add_named(&sum, -call->arg[1].number, call->arg[2].string.text))
		o = ad_fail(call, "there is no such unit of time");
	return o == AD_DONE ? give_time(call, sum, pattern_of(call, 3), ret) : o;
}

/* From now on, forwards or backwards. */
static enum ad_outcome from_now(struct ad_call *call, int direction, struct ad_value *ret)
{
	double ms = (double)call->x->context->now_ms;
	if (!ad_value_is_integer(&call->arg[0]) || call->arg[1].kind != AD_STRING)
		return ad_fail(call, "a whole number and a unit are wanted");
	if (!add_named(&ms, direction * call->arg[0].number, call->arg[1].string.text))
		return ad_fail(call, "there is no such unit of time");
	return give_time(call, ms, pattern_of(call, 2), ret);
}

static enum ad_outcome fn_get_future_time(struct ad_call *call, struct ad_value *ret)
{
	return from_now(call, 1, ret);
}

static enum ad_outcome fn_get_past_time(struct ad_call *call, struct ad_value *ret)
{
	return from_now(call, -1, ret);
}

static enum ad_outcome fn_utc_now(struct ad_call *call, struct ad_value *ret)
{
	return give_time(call, (double)call->x->context->now_ms, pattern_of(call, 0), ret);
}

static enum ad_outcome fn_date_time_diff(struct ad_call *call, struct ad_value *ret)
{
	int64_t a = 0, b = 0;
	enum ad_outcome o = ad_date_iso(call, 0, &a);
	if (o == AD_DONE)
		o = ad_date_iso(call, 1, &b);
	*ret = ad_value_number((double)(a - b) * TICKS_PER_MS);
	return o;
}

static enum ad_outcome start_of(struct ad_call *call, char unit, struct ad_value *ret)
{
	int64_t ms = 0;
	enum ad_outcome o = ad_date_iso(call, 0, &ms);
	if (o != AD_DONE)
		return o;
	struct ad_calendar_date d = ad_calendar_date(ms);
	int64_t start = ad_calendar_ms(d.year, d.month, unit == 'm' ? 1 : d.day);
	if (unit == 'h')
		start += d.hour * INT64_C(3600000);
	return give_time(call, (double)start, pattern_of(call, 1), ret);
}

static enum ad_outcome fn_start_of_day(struct ad_call *call, struct ad_value *ret)
{
	return start_of(call, 'd', ret);
}

static enum ad_outcome fn_start_of_hour(struct ad_call *call, struct ad_value *ret)
{
	return start_of(call, 'h', ret);
}

static enum ad_outcome fn_start_of_month(struct ad_call *call, struct ad_value *ret)
{
	return start_of(call, 'm', ret);
}

static enum ad_outcome fn_is_date_time(struct ad_call *call, struct ad_value *ret)
{
	int64_t ms;
	*ret = ad_value_bool(ad_date_iso(call, 0, &ms) == AD_DONE);
	return AD_DONE;
}

/* A time that is neither ISO nor of the format for other zones has no value, and no error. */
static enum ad_outcome fn_get_time_of_day(struct ad_call *call, struct ad_value *ret)
{
	int64_t ms = 0;
	const char *given = call->arg[0].string.text;
	if (!ad_time_parse_iso(given, &ms)) {
		if (!ad_time_parse(given, &ms))
			return ad_fail(call, "is no time");
		struct ad_value other;
		enum ad_outcome o =
			give_time(call, (double)ms, "YYYY-MM-DDTHH:mm:ss.SSS0000", &other);
		if (o != AD_DONE || strcmp(other.string.text, given) != 0)
			return o;
	}
	struct ad_calendar_date d = ad_calendar_date(ms);
	int time = d.hour * 100 + d.minute;
	const char *name = time == 0      ? "midnight"
			   : time < 1200  ? "morning"
			   : time == 1200 ? "noon"
			   : time < 1800  ? "afternoon"
			   : time <= 2200 ? "evening"
					  : "night";
	*ret = ad_value_string(name, strlen(name));
	return AD_DONE;
}

/* A text that can be read with a Z at its end is read so. */
static enum ad_outcome fn_format_date_time(struct ad_call *call, struct ad_value *ret)
{
	int64_t ms, utc_ms;
	const char *text = ad_arg_text(call, 0).text;
	if (call->arg[0].kind != AD_STRING || !ad_time_parse(text, &ms))
		return ad_fail(call, "is no time");
	const char *with_zone = ad_printf(call->x->arena, "%sZ", text);
	if (!ad_text_ends(text, "Z") && ad_time_parse(with_zone, &utc_ms))
		ms = utc_ms;
	return give_time(call, (double)ms, pattern_of(call, 1), ret);
}

static enum ad_outcome fn_format_epoch(struct ad_call *call, struct ad_value *ret)
{
	if (call->arg[0].kind != AD_NUMBER ||
		!(fabs(call->arg[0].number) <= AD_CALENDAR_MS_MAX / 1000.0))
		return ad_fail(call, "a number of seconds is wanted");
	return give_time(call, trunc(call->arg[0].number * 1000), pattern_of(call, 1), ret);
}

static enum ad_outcome fn_ticks(struct ad_call *call, struct ad_value *ret)
{
	int64_t ms = 0;
	enum ad_outcome o = ad_date_iso(call, 0, &ms);
	/* Years that 64 bits of ticks cannot hold. */
	if (o == AD_DONE && llabs(ms) > (INT64_MAX - TICKS_OF_1970) / TICKS_PER_MS)
		o = ad_fail(call, "is too far away for ticks");
	if (o == AD_DONE)
		*ret = (struct ad_value){ .kind = AD_TICKS,
			.ticks = TICKS_OF_1970 + ms * TICKS_PER_MS };
	return o;
}

static enum ad_outcome from_ticks(struct ad_call *call, double unit, struct ad_value *ret)
{
	const struct ad_value *ticks = &call->arg[0];
	if (ticks->kind == AD_TICKS)
		*ret = ad_value_number((double)ticks->ticks / unit);
	else if (ad_value_is_integer(ticks))
		*ret = ad_value_number(ticks->number / unit);
	else
		return ad_fail(call, "a whole number of ticks is wanted");
	return AD_DONE;
}

static enum ad_outcome fn_ticks_to_days(struct ad_call *call, struct ad_value *ret)
{
	return from_ticks(call, 864e9, ret);
}

static enum ad_outcome fn_ticks_to_hours(struct ad_call *call, struct ad_value *ret)
{
	return from_ticks(call, 36e9, ret);
}

static enum ad_outcome fn_ticks_to_minutes(struct ad_call *call, struct ad_value *ret)
{
	return from_ticks(call, 6e8, ret);
}

static enum ad_outcome fn_format_ticks(struct ad_call *call, struct ad_value *ret)
{
	const struct ad_value *arg = &call->arg[0];
	int64_t ticks = 0;
	char *end = NULL;
	if (arg->kind == AD_TICKS)
		ticks = arg->ticks;
	else if (ad_value_is_integer(arg) && fabs(arg->number) < 9e18)
		ticks = (int64_t)arg->number;
	else if (arg->kind == AD_STRING)
		ticks = strtoll(arg->string.text, &end, 10);
	else
		return ad_fail(call, "a whole number of ticks is wanted");
	if (end && (*end || end == arg->string.text))
		return ad_fail(call, "a whole number of ticks is wanted");
	return give_time(
		call, (double)((ticks - TICKS_OF_1970) / TICKS_PER_MS), pattern_of(call, 1), ret);
}

#define S AD_T_STRING
#define N AD_T_NUMBER
#define PART(name, fn)                                        \
	{                                                     \
		name, NULL, N, 1, 1, { S }, AD_IS_TEXT, 0, fn \
	}
#define ADD(name, fn)                                         \
	{                                                     \
		name, NULL, S, 2, 4, { S, N, S, S }, 0, 0, fn \
	}
#define SHAPE(name, fn)                                    \
	{                                                  \
		name, NULL, S, 1, 3, { S, S, S }, 0, 0, fn \
	}
#define TICKS(name, fn)                              \
	{                                            \
		name, NULL, N, 1, 1, { N }, 0, 0, fn \
	}

const struct ad_function ad_functions_date[] = {
	PART("dayOfMonth", fn_day_of_month),
	PART("dayOfWeek", fn_day_of_week),
	PART("dayOfYear", fn_day_of_year),
	PART("month", fn_month),
	PART("year", fn_year),
	{ "date", NULL, S, 1, 1, { S }, AD_IS_TEXT, 0, fn_date },
	ADD("addDays", fn_add_days),
	ADD("addHours", fn_add_hours),
	ADD("addMinutes", fn_add_minutes),
	ADD("addSeconds", fn_add_seconds),
	{ "addToTime", NULL, S, 3, 5, { S, N, S, S, S }, 0, 0, fn_add_to_time },
	{ "subtractFromTime", NULL, S, 3, 5, { S, N, S, S, S }, 0, 0, fn_subtract_from_time },
	{ "getFutureTime", NULL, S, 2, 4, { N, S, S, S }, 0, 0, fn_get_future_time },
	{ "getPastTime", NULL, S, 2, 4, { N, S, S, S }, 0, 0, fn_get_past_time },
	{ "utcNow", NULL, S, 0, 2, { S, S }, 0, 0, fn_utc_now },
	{ "dateTimeDiff", NULL, N, 2, 2, { S }, 0, 0, fn_date_time_diff },
	SHAPE("startOfDay", fn_start_of_day),
	SHAPE("startOfHour", fn_start_of_hour),
	SHAPE("startOfMonth", fn_start_of_month),
	{ "getTimeOfDay", NULL, S, 1, 1, { S }, AD_IS_TEXT, 0, fn_get_time_of_day },
	SHAPE("formatDateTime", fn_format_date_time),
	{ "formatEpoch", NULL, S, 1, 3, { N, S, S }, 0, 0, fn_format_epoch },
	{ "formatTicks", NULL, S, 1, 3, { N, S, S }, 0, 0, fn_format_ticks },
	{ "isDateTime", NULL, AD_T_BOOLEAN, 1, 1, { 0 }, 0, 0, fn_is_date_time },
	{ "ticks", NULL, N, 1, 1, { S }, 0, 0, fn_ticks },
	TICKS("ticksToDays", fn_ticks_to_days),
	TICKS("ticksToHours", fn_ticks_to_hours),
	TICKS("ticksToMinutes", fn_ticks_to_minutes),
	{ .name = NULL },
};
