/* SPDX-License-Identifier: Apache-2.0 */
/* Pressing a button as a client does. */
#ifndef DT_PRESS_H
#define DT_PRESS_H

#include "dt.h"

struct dt_press {
	int status; /* HTTP status of the refusal */
	const char *message_id;
	struct ad_json *activity;
};

/*
 * Finds the button that order describes (see the guide) among what the person is shown, and makes
 * the activity that a click on it sends. On refusal ret->status and err are set.
 */
AD_MUST int dt_press_make(struct dt_tenant *tenant, struct ad_arena *arena,
	const struct ad_json *person, const struct ad_json *order, struct dt_press *ret,
	struct ad_err *err);

#endif
