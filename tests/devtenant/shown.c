/* SPDX-License-Identifier: Apache-2.0 */
/* What is shown to whom. Only the channel's own state: nothing here asks AppDesk. */
#include "shown.h"

#include "ad/clock.h"
#include "ad/text.h"
#include "card.h"
#include "people.h"
#include "signin.h"
#include "waiters.h"

#include <string.h>

static void add_conversation(struct dt_tenant *tenant, struct ad_arena *arena, const char *id,
	const char *type, const char *person_id)
{
	struct ad_json *doc = ad_json_new_object(arena);

	ad_json_set_str(arena, doc, "id", id);
	ad_json_set_str(arena, doc, "type", type);
	ad_json_set_str(arena, doc, "person", person_id);
	dt_put(tenant->store, DT_CONVERSATIONS, id, type, doc);
}

void dt_conversations_seed(struct dt_tenant *tenant)
{
	struct ad_arena *arena = ad_arena_new();

	if (!dt_find(tenant->store, DT_CONVERSATIONS, DT_GROUP_CHAT)) {
		add_conversation(tenant, arena, DT_GROUP_CHAT, "groupChat", NULL);
		add_conversation(tenant, arena, DT_CHANNEL, "channel", NULL);
	}
	ad_arena_free(arena);
}

char *dt_personal_chat(struct ad_arena *arena, const struct ad_json *person)
{
	return ad_printf(arena, "a:personal-chat-%s", ad_json_str(person, "key"));
}

void dt_conversation_add_personal(
	struct dt_tenant *tenant, struct ad_arena *arena, const struct ad_json *person)
{
	add_conversation(tenant, arena, dt_personal_chat(arena, person), "personal",
		ad_json_str(person, "id"));
}

struct ad_json *dt_conversation(struct dt_tenant *tenant, struct ad_arena *arena, const char *name)
{
	if (!name)
		return NULL;
	if (ad_text_eq(name, "group"))
		name = DT_GROUP_CHAT;
	if (ad_text_eq(name, "channel"))
		name = DT_CHANNEL;
	const char *thread = strstr(name, ";messageid=");
	if (thread)
		name = ad_strndup(arena, name, (size_t)(thread - name));
	return dt_get(tenant->store, arena, DT_CONVERSATIONS, name);
}

bool dt_conversation_has(const struct ad_json *conversation, const struct ad_json *person)
{
	const char *owner = ad_json_str(conversation, "person");

	if (owner)
		return ad_text_eq(owner, ad_json_str(person, "id"));
	return !ad_text_eq(ad_json_str(person, "userType"), "Guest");
}

char *dt_activity_id(struct dt_tenant *tenant, struct ad_arena *arena)
{
	int64_t now_ms = ad_clock_unix_ms();

	tenant->last_activity_id =
		now_ms > tenant->last_activity_id ? now_ms : tenant->last_activity_id + 1;
	return ad_printf(arena, "%lld", (long long)tenant->last_activity_id);
}

static void save(struct dt_tenant *tenant, const char *id, const struct ad_json *message)
{
	dt_put(tenant->store, DT_MESSAGES, id, ad_json_str(message, "conversation"), message);
	dt_waiters_wake(tenant, dt_find(tenant->store, DT_MESSAGES, id));
}

void dt_message_add(struct dt_tenant *tenant, const char *conversation, const char *id,
	const char *from, const struct ad_json *activity)
{
	struct ad_arena *arena = ad_arena_new();
	struct ad_json *message = ad_json_new_object(arena);

	ad_json_set_str(arena, message, "conversation", conversation);
	ad_json_set_str(arena, message, "from", from);
	ad_json_set_str(arena, message, "at", dt_now(arena));
	ad_json_set(arena, message, "activity", ad_json_copy(arena, activity));
	ad_json_set(arena, message, "versions", ad_json_new_array(arena));
	ad_json_set_bool(arena, message, "deleted", false);
	ad_json_set(arena, message, "views", ad_json_new_object(arena));
	save(tenant, id, message);
	ad_arena_free(arena);
}

void dt_message_update(struct dt_tenant *tenant, const char *id, const struct ad_json *activity)
{
	struct ad_arena *arena = ad_arena_new();
	struct ad_json *message = dt_get(tenant->store, arena, DT_MESSAGES, id);

	ad_json_append(arena, ad_json_get(message, "versions"),
		ad_json_copy(arena, ad_json_get(message, "activity")));
	ad_json_set(arena, message, "activity", ad_json_copy(arena, activity));
	ad_json_set(arena, message, "views", ad_json_new_object(arena));
	save(tenant, id, message);
	ad_arena_free(arena);
}

void dt_message_delete(struct dt_tenant *tenant, const char *id)
{
	struct ad_arena *arena = ad_arena_new();
	struct ad_json *message = dt_get(tenant->store, arena, DT_MESSAGES, id);

	ad_json_set_bool(arena, message, "deleted", true);
	save(tenant, id, message);
	ad_arena_free(arena);
}

void dt_message_set_view(struct dt_tenant *tenant, const char *id, const struct ad_json *person,
	const struct ad_json *card)
{
	struct ad_arena *arena = ad_arena_new();
	struct ad_json *message = dt_get(tenant->store, arena, DT_MESSAGES, id);

	ad_json_set(arena, ad_json_get(message, "views"), ad_json_str(person, "key"),
		ad_json_copy(arena, card));
	save(tenant, id, message);
	ad_arena_free(arena);
}

void dt_message_set_peer(struct dt_tenant *tenant, const char *id, const char *peer)
{
	struct ad_arena *arena = ad_arena_new();
	struct ad_json *message = dt_get(tenant->store, arena, DT_MESSAGES, id);

	ad_json_set_str(arena, message, "peer", peer);
	save(tenant, id, message);
	ad_arena_free(arena);
}

bool dt_sees(struct dt_tenant *tenant, struct ad_arena *arena, const struct dt_doc *message,
	const struct ad_json *person)
{
	struct ad_json *conversation = dt_conversation(tenant, arena, message->tag);

	return conversation && dt_conversation_has(conversation, person);
}

const struct dt_doc *dt_seen(struct dt_tenant *tenant, struct ad_arena *arena, const char *id,
	const struct ad_json *person)
{
	const struct dt_doc *message = dt_find(tenant->store, DT_MESSAGES, id);

	return message && dt_sees(tenant, arena, message, person) ? message : NULL;
}

static void add_card(struct ad_arena *arena, struct ad_json *entry, const struct ad_json *card)
{
	ad_json_set_str(arena, entry, "text", dt_card_words(arena, card));
	ad_json_set(arena, entry, "card", ad_json_copy(arena, card));
	ad_json_set(arena, entry, "buttons", dt_card_buttons(arena, card));
	ad_json_set(arena, entry, "inputs", dt_card_inputs(arena, card));
}

struct ad_json *dt_entry(
	struct ad_arena *arena, const struct dt_doc *doc, const struct ad_json *person)
{
	struct ad_json *message = dt_doc_json(arena, doc);
	struct ad_json *activity = ad_json_get(message, "activity");
	struct ad_json *entry = ad_json_new_object(arena);
	struct ad_json *view =
		ad_json_get(ad_json_get(message, "views"), ad_json_str(person, "key"));
	bool deleted = ad_json_bool(message, "deleted", false);
	size_t updates = ad_json_count(ad_json_get(message, "versions"));
	const struct ad_json *card = view ? view : dt_card_of(activity);

	ad_json_set_int(arena, entry, "seq", doc->seq);
	ad_json_set_str(arena, entry, "id", doc->id);
	ad_json_set_str(arena, entry, "conversation", doc->tag);
	ad_json_set_str(arena, entry, "from", ad_json_str(message, "from"));
	ad_json_set_str(arena, entry, "type", ad_json_str(activity, "type"));
	ad_json_set_str(arena, entry, "text", deleted ? "" : ad_json_str(activity, "text"));
	if (card && !deleted)
		add_card(arena, entry, card);
	const struct ad_json *signin = dt_signin_card_of(activity);
	if (signin && !deleted) {
		ad_json_set_str(arena, entry, "text", ad_json_str(signin, "text"));
		ad_json_set(arena, entry, "signin", ad_json_copy(arena, signin));
	}
	ad_json_set_bool(arena, entry, "updated", updates > 0);
	ad_json_set_int(arena, entry, "updates", (int64_t)updates);
	ad_json_set_bool(arena, entry, "deleted", deleted);
	ad_json_set_bool(arena, entry, "mine", view != NULL);
	ad_json_set_bool(arena, entry, "alert",
		ad_json_bool(activity, "channelData.notification.alert", false));
	ad_json_set_str(arena, entry, "at", ad_json_str(message, "at"));
	return entry;
}
