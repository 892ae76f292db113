/* SPDX-License-Identifier: Apache-2.0 */
/* Deadlines in working hours, reminders that get rarer, and nights. */
#include "ad/domain/hours.h"

#define DAY_MIN INT64_C(1440)
#define WEEK 7
#define EVERY_DAY 0x7fu

/* ---- days ---- */

/* 1970-01-01 was a Thursday; bit 0 of a mask of days is Monday. */
#define EPOCH_WEEKDAY 3

/* Towards the past, for times before 1970 as well. */
static int64_t day_of(int64_t at)
{
	return at >= 0 ? at / DAY_MIN : -((DAY_MIN - 1 - at) / DAY_MIN);
}

static bool is_working_day(const struct ad_hours *hours, int64_t day)
{
	int64_t weekday = ((day + EPOCH_WEEKDAY) % WEEK + WEEK) % WEEK;
	return (hours->days >> weekday & 1u) != 0;
}

/* Hours without a day, or that end before they begin, never pass: they do not count as hours, so
 * that nothing waits for ever. */
static bool are_usable(const struct ad_hours *hours)
{
	return hours->on && (hours->days & EVERY_DAY) != 0 && hours->from_min < hours->until_min;
}

int64_t ad_hours_after(const struct ad_hours *hours, int64_t at, int minutes)
{
	if (!are_usable(hours))
		return at + minutes;
	int64_t left = minutes;
	for (int64_t day = day_of(at); left > 0; day++) {
		int64_t from = day * DAY_MIN + hours->from_min;
		int64_t until = day * DAY_MIN + hours->until_min;
		if (!is_working_day(hours, day) || at >= until)
			continue;
		if (at < from)
			at = from;
		int64_t spent = left < until - at ? left : until - at;
		at += spent;
		left -= spent;
	}
	return at;
}

/* ---- reminders ---- */

int64_t ad_reminder_after(int sent)
{
	if (sent < 0 || sent >= AD_REMINDERS_MAX)
		return -1;
	return (int64_t)AD_REMIND_FIRST_MIN << sent;
}

int64_t ad_not_at_night(int64_t at)
{
	int64_t midnight = day_of(at) * DAY_MIN;
	int64_t minute = at - midnight;
	if (minute < AD_NIGHT_UNTIL_MIN)
		return midnight + AD_NIGHT_UNTIL_MIN;
	if (minute >= AD_NIGHT_FROM_MIN)
		return midnight + DAY_MIN + AD_NIGHT_UNTIL_MIN;
	return at;
}
