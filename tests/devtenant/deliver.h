/* SPDX-License-Identifier: Apache-2.0 */
/* From the channel to the bot: making activities and posting them, signed. */
#ifndef DT_DELIVER_H
#define DT_DELIVER_H

#include "outside.h"

/* An activity of this type as Teams would send it: ids, people, conversation, channel data. */
struct ad_json *dt_activity(struct dt_tenant *tenant, struct ad_arena *arena, const char *type,
	const struct ad_json *person, const char *conversation_id);

/* Sets what the activity lacks, from dt_activity. */
void dt_activity_fill(
	struct ad_arena *arena, struct ad_json *activity, const struct ad_json *defaults);

/* Posts it with a valid token. done as in dt_outside_call. */
void dt_deliver(struct dt_tenant *tenant, const struct ad_json *activity,
	void (*done)(void *arg, const struct dt_answer *answer), void *arg);

/* Posts it and looks at the answer only for rules that were broken. */
void dt_deliver_quietly(struct dt_tenant *tenant, const struct ad_json *activity);

/* The app comes to a person's personal chat, and the bot is told. */
void dt_install(struct dt_tenant *tenant, struct ad_arena *arena, struct ad_json *person);

/* Complains about an answer to an invoke that the real client cannot read. */
void dt_judge_invoke(struct dt_tenant *tenant, const char *name, const struct dt_answer *answer);

#endif
