/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The trail of a check: its steps in order, and what each of them saw. For people who want to know
 * why something was accepted, or at which step it was refused. A step that has begun and saw
 * nothing is the one that did not pass. Every function takes NULL and then does nothing: most
 * checks are not watched. One thread.
 */
#ifndef AD_TRAIL_H
#define AD_TRAIL_H

#include "ad/json.h"

#define AD_TRAIL_MAX 40 /* steps of one trail; more abort: they are written in the code */

struct ad_trail_step {
	const char *name; /* static */
	const char *saw;  /* NULL: it has begun and not passed */
};

struct ad_trail {
	struct ad_arena *arena; /* of what was seen; set by the caller, the rest is zero */
	struct ad_trail_step steps[AD_TRAIL_MAX];
	size_t count;
};

/* From here on until the next one everything belongs to this step. */
void ad_trail_begin(struct ad_trail *trail, const char *name);
/* The step has passed. */
void ad_trail_saw(struct ad_trail *trail, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* The step that did not pass, or NULL. */
const char *ad_trail_failed(const struct ad_trail *trail);
/* Why it did not: err's text, without the name of the step where it begins with that. "" when every
 * step passed. */
const char *ad_trail_why(const struct ad_trail *trail, const struct ad_err *err);

/* err may be NULL when every step passed.
 * [{"step":"time stamp","ok":true,"saw":"..."}, {"step":"digest AXPC","ok":false,"error":"..."}] */
struct ad_json *ad_trail_json(
	struct ad_arena *arena, const struct ad_trail *trail, const struct ad_err *err);

#endif
