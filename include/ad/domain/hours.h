/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Deadlines and reminders, reckoned in a person's own wall-clock time: minutes since
 * 1970-01-01 00:00 of that clock, a Thursday. The database turns instants into that and back, so
 * daylight saving is its business. Pure. Any thread.
 */
#ifndef AD_DOMAIN_HOURS_H
#define AD_DOMAIN_HOURS_H

#include "ad/domain/policy.h"

#include <stdint.h>

/* When `minutes` of working time have passed after `at` (product E23); plain minutes when hours are
 * off. An end that falls on closing time stays there. */
int64_t ad_hours_after(const struct ad_hours *hours, int64_t at, int minutes);

/* Reminders: the first after a day, then after 2, 4, 8 ... days of waiting, at most
 * AD_REMINDERS_MAX, never after the deadline. sent: so far. Minutes after opening; -1: no more. */
#define AD_REMINDERS_MAX 5
#define AD_REMIND_FIRST_MIN (24 * 60)
int64_t ad_reminder_after(int sent);

/* Nobody is reminded at night: at, or the next morning when it lies between AD_NIGHT_FROM_MIN and
 * AD_NIGHT_UNTIL_MIN (product F9). */
#define AD_NIGHT_FROM_MIN (20 * 60)
#define AD_NIGHT_UNTIL_MIN (7 * 60)
int64_t ad_not_at_night(int64_t at);

#endif
