/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Conversation reference: all that is needed to speak to a person first (protocol.md 5.1). Kept as
 * JSON text, sealed by the store. Written only from verified activities whose service URL passed
 * the host list. Pure; any thread.
 */
#ifndef AD_TEAMS_REFERENCE_H
#define AD_TEAMS_REFERENCE_H

#include "ad/teams/activity.h"

/* Strings are never NULL. */
struct ad_reference {
	const char *tenant_id;
	const char *oid;     /* Entra object id of the person */
	const char *user_id; /* "29:..."; "" when the conversation was created by object id */
	const char *bot_id;  /* "28:<app id>" */
	const char *channel_id;
	const char *service_url;     /* byte for byte as received */
	const char *conversation_id; /* without ;messageid= */
	const char *locale;
};

/* The sender's reference; false when the activity gives none: not a personal conversation, a sender
 * without object id or tenant, no channel, or no id. Strings are shared with the activity. */
bool ad_reference_from_activity(const struct ad_activity *activity, struct ad_reference *ret);

/* Of the channel or group chat that a message was written in, to write there first; oid is what is
 * to be known as. False: it is a personal conversation, or lacks what is needed. */
bool ad_reference_of_channel(
	const struct ad_activity *activity, const char *oid, struct ad_reference *ret);

/* JSON text and back. AD_EINVAL when text is not a reference. */
char *ad_reference_print(struct ad_arena *arena, const struct ad_reference *reference);
AD_MUST int ad_reference_parse(
	struct ad_arena *arena, const char *text, struct ad_reference *ret, struct ad_err *err);

#endif
