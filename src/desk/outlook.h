/* SPDX-License-Identifier: Apache-2.0 */
/* What lies ahead of a request, in words: by which policy, whom each stage asks, by when, and what
 * follows when nobody decides. For forms, why and simulate; changes nothing. Private to desk. */
#ifndef AD_DESK_OUTLOOK_H
#define AD_DESK_OUTLOOK_H

#include "stages.h"

/* A stage for a card: members title ("Stage 1 of 2: the manager"), label, asked ("your manager
 * (Kim)"), needs, has_needs, within, has_within, after, has_after. people: those who are asked. */
struct ad_outlook_stage {
	const struct ad_stage_rule *rule;
	int step;
	int steps;
	int level; /* that is asked */
	const struct ad_asked_people *people;
};
AD_MUST int ad_outlook_stage(struct ad_desk *desk, const char *locale,
	const struct ad_outlook_stage *stage, struct ad_json **ret, struct ad_err *err);

/* All stages of a policy with the people who would be asked now, through ad_slate_for: an array. */
AD_MUST int ad_outlook_stages(struct ad_desk *desk, const char *locale,
	const struct ad_policy *policy, const struct ad_slate_query *about, struct ad_json **ret,
	struct ad_err *err);

/* Members policy (a sentence with name and version) and matches (why it counts, sentences). */
AD_MUST int ad_outlook_policy(struct ad_desk *desk, const char *locale,
	const struct ad_policy *policy, struct ad_json *into, struct ad_err *err);

#endif
