/* SPDX-License-Identifier: Apache-2.0 */
/* Conversations, the messages in them, and what each person sees of them. */
#ifndef DT_SHOWN_H
#define DT_SHOWN_H

#include "dt.h"

#define DT_GROUP_CHAT "19:group-chat@thread.v2"
#define DT_CHANNEL "19:announcements@thread.tacv2"
#define DT_TEAM "19:team@thread.tacv2"

/* A conversation's document: {"id","type":"personal|groupChat|channel","person":object id or null,
 * "playground":key or null,"peer":the Playground's conversation id}. */
void dt_conversations_seed(struct dt_tenant *tenant);
void dt_conversation_add_personal(
	struct dt_tenant *tenant, struct ad_arena *arena, const struct ad_json *person);
/* By id (a ";messageid=" is cut off), "group", "channel"; NULL when there is none. */
struct ad_json *dt_conversation(struct dt_tenant *tenant, struct ad_arena *arena, const char *name);
char *dt_personal_chat(struct ad_arena *arena, const struct ad_json *person);
/* Whether this person takes part in it. */
bool dt_conversation_has(const struct ad_json *conversation, const struct ad_json *person);

/* A message's document: {"conversation","from","activity","versions":[earlier activities],
 * "deleted","views":{key: card},"peer": the Playground's id of it}. */

/* A number that no other activity has. */
char *dt_activity_id(struct dt_tenant *tenant, struct ad_arena *arena);
/* Records and wakes who waits for it. from is "bot" or a key. id: see dt_activity_id. */
void dt_message_add(struct dt_tenant *tenant, const char *conversation, const char *id,
	const char *from, const struct ad_json *activity);
/* The same message with other content: everybody sees that again. */
void dt_message_update(struct dt_tenant *tenant, const char *id, const struct ad_json *activity);
void dt_message_delete(struct dt_tenant *tenant, const char *id);
/* This person alone sees card from now on. */
void dt_message_set_view(struct dt_tenant *tenant, const char *id, const struct ad_json *person,
	const struct ad_json *card);
/* The Playground's own id of a message. */
void dt_message_set_peer(struct dt_tenant *tenant, const char *id, const char *peer);

/* What the person sees of the message, as the guide describes an entry. */
struct ad_json *dt_entry(
	struct ad_arena *arena, const struct dt_doc *message, const struct ad_json *person);
/* The message, when this person sees it; else NULL. */
const struct dt_doc *dt_seen(struct dt_tenant *tenant, struct ad_arena *arena, const char *id,
	const struct ad_json *person);
/* Whether the message is in a conversation of the person. */
bool dt_sees(struct dt_tenant *tenant, struct ad_arena *arena, const struct dt_doc *message,
	const struct ad_json *person);

#endif
