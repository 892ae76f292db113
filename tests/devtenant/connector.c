/* SPDX-License-Identifier: Apache-2.0 */
/* The Bot Connector: what the bot calls at an activity's serviceUrl. */
#include "ad/text.h"
#include "bridge.h"
#include "calls.h"
#include "card.h"
#include "parts.h"
#include "people.h"
#include "shown.h"
#include "signin.h"

#include <string.h>

/* Teams counts about 100 KB of UTF-16. */
#define MESSAGE_UNITS_MAX ((size_t)50 * 1024)
#define REFRESH_IDS_MAX 60
#define PAGE_DEFAULT 200
#define PAGE_MIN 50
#define PAGE_MAX 500

static bool tenant_unknown(struct dt_request *req)
{
	if (ad_text_eq(req->args[0], req->tenant->options.tenant_id))
		return false;
	dt_reply_error(req, 404, "ServiceError", "There is no tenant '%s'", req->args[0]);
	return true;
}

/* The conversation of the second argument, or NULL after a 404. */
static struct ad_json *conversation_of(struct dt_request *req)
{
	if (tenant_unknown(req))
		return NULL;
	struct ad_json *conversation = dt_conversation(req->tenant, req->arena, req->args[1]);
	if (!conversation)
		dt_reply_error(req, 404, "ConversationNotFound", "Conversation not found.");
	return conversation;
}

/* Answers 403 when the bot may not write to this conversation. */
static bool shut_out(struct dt_request *req, const struct ad_json *conversation)
{
	const char *name = ad_json_str(conversation, "person");
	const struct ad_json *person = dt_person(req->tenant, req->arena, name);
	const char *blocked = ad_json_str(person, "blocked");

	if (!person && name) { /* deleted */
		dt_reply_error(req, 404, "ConversationNotFound", "Conversation not found.");
		return true;
	}
	if (!person)
		return false;
	if (blocked) {
		dt_reply_error(req, 403, blocked, "The bot cannot write to this conversation.");
		return true;
	}
	if (!ad_json_bool(person, "installed", true)) {
		dt_reply_error(req, 403, "BotNotInConversationRoster",
			"The bot is not part of the conversation roster.");
		return true;
	}
	return false;
}

static void judge_card(struct dt_tenant *tenant, const struct ad_json *card)
{
	if (!card)
		return;
	if (!ad_text_eq(ad_json_str(card, "type"), "AdaptiveCard"))
		dt_complain(tenant, "a card whose type is not AdaptiveCard");
	const char *version = ad_json_str(card, "version");
	if (!version || strcmp(version, "1.5") > 0)
		dt_complain(tenant, "a card of version %s; Teams reads up to 1.5",
			version ? version : "(none)");
	if (ad_json_count(ad_json_path(card, "refresh.userIds")) > REFRESH_IDS_MAX)
		dt_complain(tenant, "a card refreshes for more than %d people", REFRESH_IDS_MAX);
}

static void judge_activity(struct dt_tenant *tenant, const struct ad_json *activity)
{
	const char *from = ad_json_str(activity, "from.id");
	const struct ad_json *attachments = ad_json_get(activity, "attachments");

	if (from && !ad_text_eq(from, tenant->bot_id))
		dt_complain(tenant, "an activity from '%s' instead of the bot", from);
	if (!ad_text_empty(ad_json_str(activity, "text")) && ad_json_count(attachments))
		dt_complain(tenant, "text beside a card: Teams splits it, its id is useless");
	judge_card(tenant, dt_card_of(activity));
}

/* The activity of the body when it can be shown, or NULL after an error. */
static struct ad_json *sent_activity(struct dt_request *req)
{
	struct ad_json *activity = dt_body(req);
	const char *type = ad_json_str(activity, "type");

	if (!activity)
		return NULL;
	if (ad_utf16_units(ad_json_print(req->arena, activity)) > MESSAGE_UNITS_MAX) {
		dt_reply_error(
			req, 413, "MessageSizeTooBig", "Message size too large. Max about 100 KB.");
		return NULL;
	}
	bool empty = ad_text_empty(ad_json_str(activity, "text")) &&
		     !ad_json_count(ad_json_get(activity, "attachments"));
	if (!type || (ad_text_eq(type, "message") && empty)) {
		dt_reply_error(req, 400, "BadSyntax",
			type ? "A message needs text or attachments" : "Activity type missing");
		return NULL;
	}
	judge_activity(req->tenant, activity);
	return activity;
}

static void reply_id(struct dt_request *req, int status, const char *id)
{
	struct ad_json *answer = ad_json_new_object(req->arena);

	ad_json_set_str(req->arena, answer, "id", id);
	dt_reply_json(req, status, answer);
}

/* A message that asks the conversation's person to sign in. */
static void note_signin(
	struct dt_request *req, const struct ad_json *conversation, const struct ad_json *activity)
{
	const struct ad_json *card = dt_signin_card_of(activity);
	const struct ad_json *person =
		dt_person(req->tenant, req->arena, ad_json_str(conversation, "person"));

	if (card && person)
		dt_signin_asked(req->tenant, person, card, NULL, NULL);
}

static void handle_send(struct dt_request *req)
{
	struct ad_json *conversation = conversation_of(req);

	if (!conversation || shut_out(req, conversation))
		return;
	struct ad_json *activity = sent_activity(req);
	if (!activity)
		return;
	if (!ad_text_eq(ad_json_str(activity, "type"), "message")) {
		dt_reply_json(req, 202, ad_json_new_object(req->arena));
		return;
	}
	const char *id = dt_activity_id(req->tenant, req->arena);
	note_signin(req, conversation, activity);
	if (dt_bridged(conversation)) {
		dt_bridge_pass(req, conversation, "POST", id, activity);
		return;
	}
	dt_message_add(req->tenant, ad_json_str(conversation, "id"), id, "bot", activity);
	reply_id(req, 201, id);
}

/* The bot's own, living message of the third argument, or false after an error. */
static bool message_missing(struct dt_request *req, const struct ad_json *conversation)
{
	const struct dt_doc *doc = dt_find(req->tenant->store, DT_MESSAGES, req->args[2]);

	if (doc && ad_text_eq(doc->tag, ad_json_str(conversation, "id"))) {
		const struct ad_json *message = dt_doc_json(req->arena, doc);

		if (!ad_text_eq(ad_json_str(message, "from"), "bot")) {
			dt_reply_error(req, 403, "NotEnoughPermissions",
				"The message belongs to somebody else.");
			return true;
		}
		if (!ad_json_bool(message, "deleted", false))
			return false;
	}
	dt_reply_error(req, 404, "ActivityNotFoundInConversation", "Activity not found.");
	return true;
}

static void handle_update(struct dt_request *req)
{
	struct ad_json *conversation = conversation_of(req);

	if (!conversation || shut_out(req, conversation) || message_missing(req, conversation))
		return;
	struct ad_json *activity = sent_activity(req);
	if (!activity)
		return;
	if (dt_bridged(conversation)) {
		dt_bridge_pass(req, conversation, "PUT", req->args[2], activity);
		return;
	}
	dt_message_update(req->tenant, req->args[2], activity);
	reply_id(req, 200, req->args[2]);
}

static void handle_delete(struct dt_request *req)
{
	struct ad_json *conversation = conversation_of(req);

	if (!conversation || shut_out(req, conversation) || message_missing(req, conversation))
		return;
	dt_message_delete(req->tenant, req->args[2]);
	if (dt_bridged(conversation)) {
		/* A Playground cannot delete: it shows that it was done. */
		struct ad_json *gone = ad_json_new_object(req->arena);

		ad_json_set_str(req->arena, gone, "type", "message");
		ad_json_set_str(req->arena, gone, "text", "This message was deleted");
		dt_bridge_pass(req, conversation, "PUT", req->args[2], gone);
		return;
	}
	dt_reply_empty(req, 200);
}

static struct ad_json *member(struct dt_request *req, const struct ad_json *person)
{
	struct ad_arena *arena = req->arena;
	struct ad_json *doc = ad_json_new_object(arena);

	ad_json_set_str(arena, doc, "id", ad_json_str(person, "mri"));
	ad_json_set_str(arena, doc, "name", ad_json_str(person, "displayName"));
	ad_json_set_str(arena, doc, "objectId", ad_json_str(person, "id"));
	ad_json_set_str(arena, doc, "givenName", ad_json_str(person, "givenName"));
	ad_json_set_str(arena, doc, "surname", ad_json_str(person, "surname"));
	ad_json_set_str(arena, doc, "email", ad_json_str(person, "mail"));
	ad_json_set_str(arena, doc, "userPrincipalName", ad_json_str(person, "userPrincipalName"));
	ad_json_set_str(arena, doc, "tenantId", req->tenant->options.tenant_id);
	ad_json_set_str(arena, doc, "userRole",
		ad_text_eq(ad_json_str(person, "userType"), "Guest") ? "guest" : "user");
	return doc;
}

static struct ad_json *members(struct dt_request *req, const struct ad_json *conversation)
{
	struct ad_json *list = ad_json_new_array(req->arena);

	DT_EACH(doc, req->tenant->store, DT_PEOPLE)
	{
		const struct ad_json *person = dt_doc_json(req->arena, doc);

		if (dt_conversation_has(conversation, person))
			ad_json_append(req->arena, list, member(req, person));
	}
	return list;
}

static void handle_members(struct dt_request *req)
{
	struct ad_json *conversation = conversation_of(req);

	if (conversation && !shut_out(req, conversation))
		dt_reply_json(req, 200, members(req, conversation));
}

static void handle_member(struct dt_request *req)
{
	struct ad_json *conversation = conversation_of(req);

	if (!conversation || shut_out(req, conversation))
		return;
	const char *name = req->args[2];
	const struct ad_json *person = strpbrk(name, ":@-") /* no keys here */
					       ? dt_person(req->tenant, req->arena, name)
					       : NULL;
	if (person && dt_conversation_has(conversation, person))
		dt_reply_json(req, 200, member(req, person));
	else
		dt_reply_error(req, 404, "MemberNotFoundInConversation", "Member not found.");
}

static void handle_paged_members(struct dt_request *req)
{
	struct ad_json *conversation = conversation_of(req);

	if (!conversation || shut_out(req, conversation))
		return;
	struct ad_json *all = members(req, conversation);
	struct ad_json *page = ad_json_new_array(req->arena);
	struct ad_json *answer = ad_json_new_object(req->arena);
	int64_t size = dt_query_int(req, "pageSize", PAGE_DEFAULT);
	int64_t from = dt_query_int(req, "continuationToken", 0);
	int64_t at = 0;
	if (size < PAGE_MIN || size > PAGE_MAX)
		size = PAGE_DEFAULT;
	AD_JSON_EACH(one, all)
	{
		if (at >= from && at < from + size)
			ad_json_append(req->arena, page, ad_json_copy(req->arena, one));
		at++;
	}
	ad_json_set(req->arena, answer, "members", page);
	if (from + size < at)
		ad_json_set_str(req->arena, answer, "continuationToken",
			ad_printf(req->arena, "%lld", (long long)(from + size)));
	dt_reply_json(req, 200, answer);
}

/* A post into a channel starts a thread of its own. */
static void create_thread(struct dt_request *req, const struct ad_json *order)
{
	const char *channel = ad_json_str(order, "channelData.channel.id");
	const struct ad_json *activity = ad_json_get(order, "activity");
	struct ad_json *answer = ad_json_new_object(req->arena);

	if (!ad_text_eq(channel, DT_CHANNEL) || !activity) {
		dt_reply_error(req, 400, "BadSyntax",
			"Incorrect conversation creation parameters: isGroup needs a known "
			"channelData.channel.id and an activity");
		return;
	}
	const char *id = dt_activity_id(req->tenant, req->arena);
	judge_activity(req->tenant, activity);
	dt_message_add(req->tenant, DT_CHANNEL, id, "bot", activity);
	ad_json_set_str(
		req->arena, answer, "id", ad_printf(req->arena, "%s;messageid=%s", DT_CHANNEL, id));
	ad_json_set_str(req->arena, answer, "activityId", id);
	dt_reply_json(req, 201, answer);
}

/* The one person that a personal chat is asked with, or NULL after an error. */
static struct ad_json *created_with(struct dt_request *req, const struct ad_json *order)
{
	const struct ad_json *list = ad_json_get(order, "members");
	const char *name = ad_json_str(ad_json_first(list), "id");
	const char *tenant = ad_json_str(order, "tenantId");
	const char *bot = ad_json_str(order, "bot.id");

	if (!tenant)
		tenant = ad_json_str(order, "channelData.tenant.id");
	if (ad_json_count(list) != 1 || !name || strchr(name, '@'))
		dt_reply_error(req, 400, "BadArgument",
			"Exactly one member is needed, by channel id or object id");
	else if (!ad_text_eq(tenant, req->tenant->options.tenant_id))
		dt_reply_error(req, 400, "BadArgument", "Unknown or missing tenant id");
	else if (bot && !ad_text_eq(bot, req->tenant->bot_id))
		dt_reply_error(req, 403, "NotEnoughPermissions", "The bot is another one");
	else {
		struct ad_json *person = dt_person(req->tenant, req->arena, name);

		if (person)
			return person;
		dt_reply_error(req, 404, "MemberNotFoundInConversation", "Unknown member");
	}
	return NULL;
}

static void handle_create(struct dt_request *req)
{
	struct ad_json *order = tenant_unknown(req) ? NULL : dt_body(req);

	if (!order)
		return;
	if (ad_json_bool(order, "isGroup", false)) {
		create_thread(req, order);
		return;
	}
	struct ad_json *person = created_with(req, order);
	if (!person)
		return;
	const char *blocked = ad_json_str(person, "blocked");
	if (blocked || !ad_json_bool(person, "installed", true)) {
		dt_reply_error(req, 403, blocked ? blocked : "ForbiddenOperationException",
			"The app is not installed in the personal scope of this user.");
		return;
	}
	struct ad_json *answer = ad_json_new_object(req->arena);
	const struct ad_json *activity = ad_json_get(order, "activity");
	const char *id = dt_personal_chat(req->arena, person);
	ad_json_set_str(req->arena, answer, "id", id);
	if (activity) {
		const char *message_id = dt_activity_id(req->tenant, req->arena);

		judge_activity(req->tenant, activity);
		dt_message_add(req->tenant, id, message_id, "bot", activity);
		ad_json_set_str(req->arena, answer, "activityId", message_id);
	}
	ad_json_set_str(req->arena, answer, "serviceUrl", req->tenant->service_url);
	dt_reply_json(req, 201, answer);
}

static void handle_team(struct dt_request *req)
{
	struct ad_json *doc = ad_json_new_object(req->arena);

	if (!ad_text_eq(req->args[1], DT_TEAM)) {
		dt_reply_error(req, 404, "NotFound", "There is no such team");
		return;
	}
	ad_json_set_str(req->arena, doc, "id", DT_TEAM);
	ad_json_set_str(req->arena, doc, "name", "My Team");
	ad_json_set_str(req->arena, doc, "aadGroupId", "00000000-0000-4000-8000-000000000031");
	dt_reply_json(req, 200, doc);
}

#define CONVERSATIONS "/teams/{}/v3/conversations"

static const struct dt_route routes[] = {
	{ "POST", CONVERSATIONS, handle_create },
	{ "POST", CONVERSATIONS "/{}/activities", handle_send },
	{ "POST", CONVERSATIONS "/{}/activities/{}", handle_send },
	{ "PUT", CONVERSATIONS "/{}/activities/{}", handle_update },
	{ "DELETE", CONVERSATIONS "/{}/activities/{}", handle_delete },
	{ "GET", CONVERSATIONS "/{}/activities/{}/members", handle_members },
	{ "GET", CONVERSATIONS "/{}/members", handle_members },
	{ "GET", CONVERSATIONS "/{}/members/{}", handle_member },
	{ "GET", CONVERSATIONS "/{}/pagedmembers", handle_paged_members },
	{ "GET", "/teams/{}/v3/teams/{}", handle_team },
	{ NULL, NULL, NULL },
};
const struct dt_routes dt_connector_routes = { DT_SURFACE_CONNECTOR, "/teams/", DT_AUDIENCE_BOT,
	routes };
