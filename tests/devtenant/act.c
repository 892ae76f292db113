/* SPDX-License-Identifier: Apache-2.0 */
/* Control API: acting as a person. */
#include "ad/text.h"
#include "act.h"
#include "calls.h"
#include "deliver.h"
#include "keys.h"
#include "parts.h"
#include "people.h"
#include "press.h"
#include "shown.h"
#include "signin.h"

#include <string.h>

/* What a control request remembers while the bot thinks. Lives in the request's arena. */
struct act {
	struct dt_request *req;
	const struct ad_json *activity;
	const struct ad_json *person;
	const char *pressed; /* the message whose card is to be shown again, or NULL */
	int64_t seq;         /* before the post */
};

static struct act *act_new(
	struct dt_request *req, const struct ad_json *activity, const struct ad_json *person)
{
	struct act *act = ad_alloc(req->arena, sizeof(*act));

	act->req = req;
	act->activity = activity;
	act->person = person;
	act->seq = dt_store_seq(req->tenant->store);
	return act;
}

/* A returned card or message, as Teams would show it. */
static void show_invoke_answer(struct act *act, const struct ad_json *body, struct ad_json *answer)
{
	struct ad_arena *arena = act->req->arena;
	struct dt_tenant *tenant = act->req->tenant;
	const char *type = ad_json_str(body, "type");
	const struct ad_json *value = ad_json_get(body, "value");
	const char *message = ad_json_text(value);

	if (!message && type && ad_text_starts(type, "application/vnd.microsoft.error"))
		message = ad_json_str(value, "message");
	ad_json_set_str(arena, answer, "message", message);
	if (ad_text_eq(type, DT_LOGIN_REQUEST)) {
		ad_json_set(arena, answer, "signin", ad_json_copy(arena, value));
		dt_signin_asked(tenant, act->person, value, act->activity, act->pressed);
	}
	if (ad_text_eq(type, "application/vnd.microsoft.card.adaptive") &&
		ad_json_kind(value) == AD_JSON_OBJECT)
		dt_message_set_view(tenant, act->pressed, act->person, value);
	const struct dt_doc *doc = dt_find(tenant->store, DT_MESSAGES, act->pressed);
	if (doc)
		ad_json_set(arena, answer, "entry", dt_entry(arena, doc, act->person));
}

static void on_answer(void *arg, const struct dt_answer *from_bot)
{
	struct act *act = arg;
	struct dt_request *req = act->req;
	struct ad_json *answer = ad_json_new_object(req->arena);
	struct ad_json *body = dt_answer_body(req->arena, from_bot);
	const char *name = ad_json_str(act->activity, "name");

	if (!from_bot->status) {
		dt_reply_error(req, 502, NULL, "the bot gave no answer: %s", from_bot->error);
		return;
	}
	ad_json_set_int(req->arena, answer, "status", from_bot->status);
	ad_json_set(req->arena, answer, "body", body);
	ad_json_set_int(req->arena, answer, "seq", act->seq);
	ad_json_set(req->arena, answer, "activity", ad_json_copy(req->arena, act->activity));
	if (ad_text_eq(ad_json_str(act->activity, "type"), "invoke"))
		dt_judge_invoke(req->tenant, name, from_bot);
	if (act->pressed)
		show_invoke_answer(act, body, answer);
	dt_reply_json(req, 200, answer);
}

/* The person of "as", or NULL after a 404. */
static struct ad_json *actor(struct dt_request *req, const struct ad_json *order)
{
	const char *name = ad_json_str(order, "as");
	struct ad_json *person = dt_person(req->tenant, req->arena, name);

	if (!person)
		dt_reply_error(req, 404, NULL, "there is no person '%s'", name ? name : "");
	return person;
}

/* The conversation's id, or NULL after a 404. */
static const char *place(
	struct dt_request *req, const struct ad_json *order, const struct ad_json *person)
{
	const char *name = ad_json_str(order, "conversation");

	if (!name)
		return dt_personal_chat(req->arena, person);
	const struct ad_json *conversation = dt_conversation(req->tenant, req->arena, name);
	if (!conversation || !dt_conversation_has(conversation, person)) {
		dt_reply_error(req, 404, NULL, "%s is in no conversation '%s'",
			ad_json_str(person, "key"), name);
		return NULL;
	}
	return strchr(name, ';') ? name : ad_json_str(conversation, "id");
}

/* In group chats and channels a bot hears only what mentions it. */
static const char *mention(struct dt_tenant *tenant, struct ad_arena *arena,
	struct ad_json *activity, const char *text)
{
	struct ad_json *entity = ad_json_new_object(arena);
	struct ad_json *who = ad_json_new_object(arena);

	ad_json_set_str(arena, who, "id", tenant->bot_id);
	ad_json_set_str(arena, who, "name", DT_BOT_NAME);
	ad_json_set_str(arena, entity, "type", "mention");
	ad_json_set(arena, entity, "mentioned", who);
	ad_json_set_str(arena, entity, "text", "<at>" DT_BOT_NAME "</at>");
	ad_json_append(arena, ad_json_get(activity, "entities"), entity);
	return ad_printf(arena, "<at>" DT_BOT_NAME "</at> %s", text);
}

static void handle_say(struct dt_request *req)
{
	struct ad_arena *arena = req->arena;
	struct ad_json *order = dt_body(req);
	struct ad_json *person = order ? actor(req, order) : NULL;
	const char *where = person ? place(req, order, person) : NULL;
	const char *text = ad_json_str(order, "text");

	if (!where)
		return;
	if (!text) {
		dt_reply_error(req, 400, NULL, "'text' is missing");
		return;
	}
	struct ad_json *activity = dt_activity(req->tenant, arena, "message", person, where);
	if (!ad_text_starts(where, "a:"))
		text = mention(req->tenant, arena, activity, text);
	ad_json_set_str(arena, activity, "textFormat", "plain");
	ad_json_set_str(arena, activity, "text", text);
	if (ad_json_str(order, "locale"))
		ad_json_set_str(arena, activity, "locale", ad_json_str(order, "locale"));
	dt_message_add(req->tenant, ad_json_str(dt_conversation(req->tenant, arena, where), "id"),
		ad_json_str(activity, "id"), ad_json_str(person, "key"), activity);
	dt_deliver(req->tenant, activity, on_answer, act_new(req, activity, person));
}

void dt_act_deliver(struct dt_request *req, const struct ad_json *activity,
	const struct ad_json *person, const char *pressed)
{
	struct act *act = act_new(req, activity, person);

	act->pressed = pressed;
	dt_deliver(req->tenant, activity, on_answer, act);
}

static void handle_press(struct dt_request *req)
{
	struct ad_json *order = dt_body(req);
	struct ad_json *person = order ? actor(req, order) : NULL;
	struct dt_press press = { .status = 0 };
	struct ad_err err;

	if (!person)
		return;
	if (dt_press_make(req->tenant, req->arena, person, order, &press, &err))
		dt_reply_error(req, press.status, NULL, "%s", err.text);
	else
		dt_act_deliver(req, press.activity, person, press.message_id);
}

/* What a client sends when the message extension is opened ("initialRun") or typed into. */
static struct ad_json *query_value(struct ad_arena *arena, const struct ad_json *order)
{
	struct ad_json *value = ad_json_new_object(arena);
	struct ad_json *parameters = ad_json_new_array(arena);
	struct ad_json *parameter = ad_json_new_object(arena);
	struct ad_json *options = ad_json_new_object(arena);
	const char *text = ad_json_str(order, "text");
	bool opened = ad_text_empty(text);

	ad_json_set_str(arena, parameter, "name", opened ? "initialRun" : "query");
	ad_json_set_str(arena, parameter, "value", opened ? "true" : text);
	ad_json_append(arena, parameters, parameter);
	ad_json_set_int(arena, options, "skip", ad_json_int(order, "skip", 0));
	ad_json_set_int(arena, options, "count", ad_json_int(order, "count", 25));
	ad_json_set_str(arena, value, "commandId", "search");
	ad_json_set(arena, value, "parameters", parameters);
	ad_json_set(arena, value, "queryOptions", options);
	return value;
}

static void handle_find(struct dt_request *req)
{
	struct ad_json *order = dt_body(req);
	struct ad_json *person = order ? actor(req, order) : NULL;
	const char *where = person ? place(req, order, person) : NULL;

	if (!where)
		return;
	struct ad_json *activity = dt_activity(req->tenant, req->arena, "invoke", person, where);
	ad_json_set_str(req->arena, activity, "name", "composeExtension/query");
	ad_json_set(req->arena, activity, "value", query_value(req->arena, order));
	dt_deliver(req->tenant, activity, on_answer, act_new(req, activity, person));
}

#define CARD_MARK                                                                   \
	"<span class=\"inline-compose-card\" itemid=\"0\" "                         \
	"itemtype=\"http://schema.skype.com/InputExtension\"> <span content=\"0\" " \
	"itemprop=\"cardId\"></span> </span>"

/* What was found goes into a message of the person. The bot is told of it in its own chat alone:
 * elsewhere it hears what mentions it. */
static void handle_share(struct dt_request *req)
{
	struct ad_arena *arena = req->arena;
	struct ad_json *order = dt_body(req);
	struct ad_json *person = order ? actor(req, order) : NULL;
	const char *where = person ? place(req, order, person) : NULL;
	const struct ad_json *found = ad_json_get(order, "attachment");

	if (!where)
		return;
	if (!ad_json_str(found, "contentType")) {
		dt_reply_error(req, 400, NULL, "'attachment' is missing");
		return;
	}
	struct ad_json *activity = dt_activity(req->tenant, arena, "message", person, where);
	struct ad_json *list = ad_json_new_array(arena);
	struct ad_json *attachment = ad_json_copy(arena, found);
	ad_json_remove(attachment, "preview");
	ad_json_append(arena, list, attachment);
	ad_json_set(arena, activity, "attachments", list);
	ad_json_set_str(arena, activity, "text", CARD_MARK);
	const char *id = ad_json_str(activity, "id");
	dt_message_add(req->tenant, ad_json_str(dt_conversation(req->tenant, arena, where), "id"),
		id, ad_json_str(person, "key"), activity);
	struct act *act = act_new(req, activity, person);
	act->pressed = id;
	if (ad_text_starts(where, "a:")) {
		dt_deliver(req->tenant, activity, on_answer, act);
		return;
	}
	struct ad_json *answer = ad_json_new_object(arena);
	show_invoke_answer(act, NULL, answer);
	dt_reply_json(req, 200, answer);
}

static struct ad_json *members_event(struct dt_tenant *tenant, struct ad_arena *arena,
	const struct ad_json *person, const char *where, bool added)
{
	struct ad_json *event = dt_activity(tenant, arena, "conversationUpdate", person, where);
	struct ad_json *list = ad_json_new_array(arena);

	ad_json_append(arena, list, ad_json_copy(arena, ad_json_get(event, "recipient")));
	if (added)
		ad_json_append(arena, list, ad_json_copy(arena, ad_json_get(event, "from")));
	ad_json_set(arena, event, added ? "membersAdded" : "membersRemoved", list);
	return event;
}

static void install(struct dt_request *req, bool add)
{
	struct ad_arena *arena = req->arena;
	struct ad_json *order = dt_body(req);
	struct ad_json *person = order ? actor(req, order) : NULL;
	const char *where = person ? place(req, order, person) : NULL;

	if (!where)
		return;
	if (ad_text_starts(where, "a:")) {
		ad_json_set_bool(arena, person, "installed", add);
		dt_person_save(req->tenant, person);
	}
	struct ad_json *event =
		dt_activity(req->tenant, arena, "installationUpdate", person, where);
	ad_json_set_str(arena, event, "action", add ? "add" : "remove");
	/* Removal from a personal chat gives no conversationUpdate. */
	if (add || !ad_text_starts(where, "a:"))
		dt_deliver_quietly(
			req->tenant, members_event(req->tenant, arena, person, where, add));
	dt_deliver(req->tenant, event, on_answer, act_new(req, event, person));
}

void dt_install(struct dt_tenant *tenant, struct ad_arena *arena, struct ad_json *person)
{
	const char *where = dt_personal_chat(arena, person);

	ad_json_set_bool(arena, person, "installed", true);
	dt_person_save(tenant, person);
	struct ad_json *event = dt_activity(tenant, arena, "installationUpdate", person, where);
	ad_json_set_str(arena, event, "action", "add");
	dt_deliver_quietly(tenant, members_event(tenant, arena, person, where, true));
	dt_deliver_quietly(tenant, event);
}

static void handle_install(struct dt_request *req)
{
	install(req, true);
}

static void handle_uninstall(struct dt_request *req)
{
	install(req, false);
}

static void on_raw_answer(void *arg, const struct dt_answer *from_bot)
{
	struct act *act = arg;
	struct dt_request *req = act->req;
	struct ad_json *answer = ad_json_new_object(req->arena);
	struct ad_json *headers = ad_json_new_object(req->arena);
	static const char *const told[] = { "retry-after", "www-authenticate", "content-type",
		"allow", "connection" };

	if (!from_bot->status) {
		dt_reply_error(req, 502, NULL, "the bot gave no answer: %s", from_bot->error);
		return;
	}
	for (size_t i = 0; i < sizeof(told) / sizeof(told[0]); i++) {
		const char *value = dt_answer_header(req->arena, from_bot, told[i]);

		if (value)
			ad_json_set_str(req->arena, headers, told[i], value);
	}
	ad_json_set_int(req->arena, answer, "status", from_bot->status);
	ad_json_set(req->arena, answer, "headers", headers);
	ad_json_set(req->arena, answer, "body", dt_answer_body(req->arena, from_bot));
	if (act->activity)
		ad_json_set(
			req->arena, answer, "activity", ad_json_copy(req->arena, act->activity));
	dt_reply_json(req, 200, answer);
}

/* The activity to post, filled unless that is not wanted; an empty object when there is none. */
static struct ad_json *raw_activity(struct dt_request *req, const struct ad_json *order)
{
	struct ad_arena *arena = req->arena;
	const struct ad_json *given = ad_json_get(order, "activity");
	struct ad_json *activity = given ? ad_json_copy(arena, given) : ad_json_new_object(arena);
	const char *name = ad_json_str(order, "as");
	const struct ad_json *person = dt_person(req->tenant, arena, name ? name : "alex");
	const char *type = ad_json_str(activity, "type");

	if (person && ad_json_bool(order, "fill", true))
		dt_activity_fill(arena, activity,
			dt_activity(req->tenant, arena, type ? type : "message", person,
				dt_personal_chat(arena, person)));
	return activity;
}

static void handle_activity(struct dt_request *req)
{
	struct ad_json *order = dt_body(req);
	const char *kind = ad_json_str(order, "token");
	const char *method = ad_json_str(order, "method");
	const char *raw = ad_json_str(order, "body");
	const char *header;

	if (!order)
		return;
	struct ad_json *activity = raw_activity(req, order);
	const char *claim = ad_json_str(activity, "serviceUrl");
	if (dt_channel_token(req->tenant, req->arena, kind ? kind : "valid",
		    claim ? claim : req->tenant->service_url, &header)) {
		dt_reply_error(req, 400, NULL, "there is no kind of token '%s'", kind);
		return;
	}
	const char *body = raw ? raw : ad_json_print(req->arena, activity);
	struct dt_call call = {
		.method = method ? method : "POST",
		.url = req->tenant->options.bot_url,
		.authorization = header,
		.content_type = ad_json_str(order, "content_type"),
		.headers = ad_json_get(order, "headers"),
		.body = body,
		.body_len = strlen(body),
		.timeout_ms = dt_setting(req->tenant, "bot_timeout_s") * 1000,
	};
	dt_outside_call(
		req->tenant, &call, on_raw_answer, act_new(req, raw ? NULL : activity, NULL));
}

static void handle_token(struct dt_request *req)
{
	struct ad_json *answer = ad_json_new_object(req->arena);
	const char *kind = dt_query(req, "kind");
	const char *header;

	if (dt_channel_token(req->tenant, req->arena, kind ? kind : "valid",
		    req->tenant->service_url, &header) ||
		!header) {
		dt_reply_error(req, 400, NULL, "there is no kind of token '%s'", kind);
		return;
	}
	ad_json_set_str(req->arena, answer, "token",
		ad_text_starts(header, "Bearer ") ? header + strlen("Bearer ") : header);
	dt_reply_json(req, 200, answer);
}

static const struct dt_route routes[] = {
	{ "POST", "/control/say", handle_say },
	{ "POST", "/control/press", handle_press },
	{ "POST", "/control/find", handle_find },
	{ "POST", "/control/share", handle_share },
	{ "POST", "/control/install", handle_install },
	{ "POST", "/control/uninstall", handle_uninstall },
	{ "POST", "/control/activity", handle_activity },
	{ "GET", "/control/token", handle_token },
	{ NULL, NULL, NULL },
};
const struct dt_routes dt_act_routes = { DT_SURFACE_CONTROL, "/control/", NULL, routes };
