/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Drift (product G19): who is in an app's group without a grant, put before the admins, and what
 * they do about it. By the rules of ad/desk.h: inside the caller's transaction, a worker thread.
 */
#ifndef AD_DESK_DRIFT_H
#define AD_DESK_DRIFT_H

#include "ad/desk.h"

struct ad_drift_group;

#define AD_DRIFT_IGNORE_DAYS 30

enum ad_desk_drift_act { AD_DESK_DRIFT_ADOPT = 0, AD_DESK_DRIFT_REMOVE, AD_DESK_DRIFT_IGNORE };

/* ---- admins ---- */

/* Apps with open findings; with one app alone its card. */
AD_MUST int ad_desk_drift(struct ad_desk *desk, const struct ad_person *who,
	struct ad_desk_reply *ret, struct ad_err *err);
/* All that the card showed, or all of an app (press->number, typed). Adopt: they get a grant for
 * good. Remove: the membership goes, by the job. Ignore: nothing is said for AD_DRIFT_IGNORE_DAYS.
 * Audit rows drift.adopted, drift.removed, drift.ignored. */
AD_MUST int ad_desk_drift_act(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_press *press, enum ad_desk_drift_act act, struct ad_desk_reply *ret,
	struct ad_err *err);

/* ---- what the job found ---- */

/* The group's members as they are, and restored: people with a grant who were put back (audit row
 * grant.drift). New findings: one card to each admin. Wants settings, and facts. */
AD_MUST int ad_desk_drift_note(struct ad_desk *desk, const struct ad_drift_group *group,
	const char *const *restored, size_t restored_count, struct ad_err *err);

#endif
