/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The bridge. A Playground has ids of its own for the bot, its user, its conversations and
 * messages; AppDesk only ever sees the tenant's. What a Playground called them is kept in the
 * conversation's document ("connector", "peer", "peer_bot", "peer_user", "peer_tenant") and in each
 * message ("peer").
 */
#include "bridge.h"

#include "ad/text.h"
#include "deliver.h"
#include "parts.h"
#include "people.h"
#include "shown.h"
#include "signin.h"

#include <string.h>

#define NAMES_MAX 6
#define TIMEOUT_MS 15000

struct renaming {
	const char *from, *to;
};

/* A copy in which every text that is one of the names is replaced. Ends with a NULL name. */
static struct ad_json *renamed(
	struct ad_arena *arena, const struct ad_json *node, const struct renaming *names)
{
	enum ad_json_kind kind = ad_json_kind(node);
	struct ad_json *copy;

	if (kind == AD_JSON_OBJECT) {
		copy = ad_json_new_object(arena);
		AD_JSON_EACH(member, node)
		ad_json_set(arena, copy, ad_json_name(member), renamed(arena, member, names));
		return copy;
	}
	if (kind == AD_JSON_ARRAY) {
		copy = ad_json_new_array(arena);
		AD_JSON_EACH(item, node)
		ad_json_append(arena, copy, renamed(arena, item, names));
		return copy;
	}
	for (; kind == AD_JSON_STRING && names->to; names++)
		if (ad_text_eq(ad_json_text(node), names->from))
			return ad_json_new_string(arena, names->to);
	return ad_json_copy(arena, node);
}

bool dt_bridged(const struct ad_json *conversation)
{
	return ad_json_str(conversation, "connector") != NULL;
}

/* "19:x@thread.v2;messageid=7" without, and from, the semicolon. */
static const char *base_of(struct ad_arena *arena, const char *id)
{
	return ad_strndup(arena, id, strcspn(id, ";"));
}

static const char *thread_of(const char *id)
{
	return id + strcspn(id, ";");
}

/* ---- from the Playground to AppDesk ---- */

/* Where the Playground listens for the bot's calls; NULL unless it was declared or is on loopback.
 */
static const char *connector_of(struct dt_request *req, const char *key, const char *service_url)
{
	const struct dt_options *options = &req->tenant->options;

	for (size_t i = 0; i < options->playground_count; i++)
		if (ad_text_eq(options->playgrounds[i].person, key))
			return ad_printf(req->arena, "%s/_connector", options->playgrounds[i].url);
	if (service_url && (ad_text_starts(service_url, "http://localhost:") ||
				   ad_text_starts(service_url, "http://127.0.0.1:")))
		return service_url;
	return NULL;
}

/* The tenant's name for a conversation of this person's Playground. */
static const char *own_name(struct ad_arena *arena, const struct ad_json *person,
	const struct ad_json *activity, const char *peer)
{
	const char *type = ad_json_str(activity, "conversation.conversationType");
	size_t head = strcspn(peer, "@");

	if (!type || ad_text_eq(type, "personal"))
		return dt_personal_chat(arena, person);
	return ad_printf(
		arena, "%.*s-%s%s", (int)head, peer, ad_json_str(person, "key"), peer + head);
}

/* Notes what the Playground calls everything. Its name in the tenant is returned. */
static const char *enter(struct dt_request *req, const struct ad_json *person,
	const struct ad_json *activity, const char *connector)
{
	struct ad_arena *arena = req->arena;
	const char *peer = base_of(arena, ad_json_str(activity, "conversation.id"));
	const char *id = own_name(arena, person, activity, peer);
	const char *type = ad_json_str(activity, "conversation.conversationType");
	struct ad_json *doc = dt_get(req->tenant->store, arena, DT_CONVERSATIONS, id);

	if (!doc) {
		doc = ad_json_new_object(arena);
		ad_json_set_str(arena, doc, "id", id);
		ad_json_set_str(arena, doc, "type", type);
		ad_json_set_str(arena, doc, "person", ad_json_str(person, "id"));
	}
	ad_json_set_str(arena, doc, "connector", connector);
	ad_json_set_str(arena, doc, "peer", peer);
	ad_json_set_str(arena, doc, "peer_bot", ad_json_str(activity, "recipient.id"));
	ad_json_set_str(arena, doc, "peer_user", ad_json_str(activity, "from.id"));
	dt_put(req->tenant->store, DT_CONVERSATIONS, id, ad_json_str(doc, "type"), doc);
	return id;
}

/* The tenant's id of a message that the Playground names, or the name itself. */
static const char *own_message(
	struct dt_request *req, const char *conversation_id, const char *peer)
{
	const struct dt_doc *doc = peer ? dt_last(req->tenant->store, DT_MESSAGES) : NULL;

	for (; doc; doc = doc->prev)
		if (ad_text_eq(doc->tag, conversation_id) &&
			ad_text_eq(ad_json_str(dt_doc_json(req->arena, doc), "peer"), peer))
			return doc->id;
	return peer;
}

static struct ad_json *signed_activity(struct dt_request *req, const struct ad_json *person,
	const struct ad_json *given, const char *conversation_id)
{
	struct ad_arena *arena = req->arena;
	const char *peer = ad_json_str(given, "conversation.id");
	const char *place = ad_printf(arena, "%s%s", conversation_id, thread_of(peer));
	const struct renaming names[NAMES_MAX] = {
		{ peer, place },
		{ ad_json_str(given, "recipient.id"), req->tenant->bot_id },
		{ ad_json_str(given, "from.id"), ad_json_str(person, "mri") },
		{ ad_json_str(given, "conversation.tenantId"), req->tenant->options.tenant_id },
		{ ad_json_str(given, "channelData.tenant.id"), req->tenant->options.tenant_id },
		{ NULL, NULL },
	};
	struct ad_json *activity = renamed(arena, given, names);
	struct ad_json *usual = dt_activity(
		req->tenant, arena, ad_json_str(given, "type"), person, conversation_id);
	static const char *const ours[] = { "id", "serviceUrl", "channelId", "from" };

	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		ad_json_set(
			arena, activity, ours[i], ad_json_copy(arena, ad_json_get(usual, ours[i])));
	ad_json_set_str(arena, ad_json_get(activity, "conversation"), "tenantId",
		req->tenant->options.tenant_id);
	dt_activity_fill(arena, activity, usual);
	if (ad_json_str(given, "replyToId"))
		ad_json_set_str(arena, activity, "replyToId",
			own_message(req, conversation_id, ad_json_str(given, "replyToId")));
	return activity;
}

struct turn {
	struct dt_request *req;
	const struct ad_json *person;
	const struct ad_json *activity;
};

/* The answer goes back as it came; a returned card is noted as this person's view. */
static void on_bot_answer(void *arg, const struct dt_answer *answer)
{
	struct turn *turn = arg;
	struct dt_request *req = turn->req;
	const struct ad_json *body = dt_answer_body(req->arena, answer);
	const char *pressed = ad_json_str(turn->activity, "replyToId");

	if (!answer->status) {
		dt_reply_error(req, 502, NULL, "the bot gave no answer: %s", answer->error);
		return;
	}
	if (ad_text_eq(ad_json_str(turn->activity, "type"), "invoke")) {
		dt_judge_invoke(req->tenant, ad_json_str(turn->activity, "name"), answer);
		if (ad_text_eq(ad_json_str(body, "type"), DT_LOGIN_REQUEST))
			dt_signin_asked(req->tenant, turn->person, ad_json_get(body, "value"),
				turn->activity, NULL);
		if (ad_text_eq(
			    ad_json_str(body, "type"), "application/vnd.microsoft.card.adaptive") &&
			dt_find(req->tenant->store, DT_MESSAGES, pressed))
			dt_message_set_view(
				req->tenant, pressed, turn->person, ad_json_get(body, "value"));
	}
	dt_reply_bytes(req, answer->status,
		answer->body_len ? "application/json; charset=utf-8" : NULL, answer->body,
		answer->body_len);
}

static void handle_activity(struct dt_request *req)
{
	const struct ad_json *person = dt_person(req->tenant, req->arena, req->args[0]);
	struct ad_json *given = dt_body(req);
	struct turn *turn = ad_alloc(req->arena, sizeof(*turn));

	if (!given)
		return;
	const char *connector = connector_of(req, req->args[0], ad_json_str(given, "serviceUrl"));
	if (!person || !connector) {
		dt_reply_error(req, 404, NULL, "there is no Playground of '%s'", req->args[0]);
		return;
	}
	if (!ad_json_str(given, "type") || !ad_json_str(given, "conversation.id")) {
		dt_reply_error(req, 400, NULL, "an activity needs a type and a conversation");
		return;
	}
	const char *where = enter(req, person, given, connector);
	struct ad_json *activity = signed_activity(req, person, given, where);
	if (ad_text_eq(ad_json_str(activity, "type"), "message")) {
		const char *id = ad_json_str(activity, "id");

		dt_message_add(req->tenant, where, id, ad_json_str(person, "key"), activity);
		dt_message_set_peer(req->tenant, id, ad_json_str(given, "id"));
	}
	*turn = (struct turn){ req, person, activity };
	dt_deliver(req->tenant, activity, on_bot_answer, turn);
}

/* A Playground asks with HEAD whether its bot is there, and waits long when it is not. */
static void handle_probe(struct dt_request *req)
{
	dt_reply_json(req, 200, ad_json_new_object(req->arena));
}

static const struct dt_route routes[] = {
	{ "GET", "/bridge/{}/api/messages", handle_probe },
	{ "POST", "/bridge/{}/api/messages", handle_activity },
	{ NULL, NULL, NULL },
};
const struct dt_routes dt_bridge_routes = { DT_SURFACE_BRIDGE, "/bridge/", NULL, routes };

/* ---- from AppDesk to the Playground ---- */

struct passing {
	struct dt_request *req;
	const char *conversation_id, *method, *message_id;
	const struct ad_json *activity;
};

static void record(const struct passing *passing, const char *peer)
{
	struct dt_tenant *tenant = passing->req->tenant;

	if (ad_text_eq(passing->method, "PUT")) {
		dt_message_update(tenant, passing->message_id, passing->activity);
		return;
	}
	dt_message_add(
		tenant, passing->conversation_id, passing->message_id, "bot", passing->activity);
	if (peer)
		dt_message_set_peer(tenant, passing->message_id, peer);
}

static void on_playground_answer(void *arg, const struct dt_answer *answer)
{
	struct passing *passing = arg;
	struct dt_request *req = passing->req;
	const struct ad_json *body = dt_answer_body(req->arena, answer);
	struct ad_json *reply = ad_json_new_object(req->arena);

	if (answer->status >= 400) {
		const char *code = ad_json_str(body, "error.code");

		dt_reply_error(req, answer->status, code, "The Playground refused it");
		return;
	}
	/* A Playground that was closed is a client that is offline: the message is kept all the
	 * same. */
	record(passing, ad_json_str(body, "id"));
	ad_json_set_str(req->arena, reply, "id", passing->message_id);
	dt_reply_json(req, ad_text_eq(passing->method, "POST") ? 201 : 200, reply);
}

/* The Playground's name of a message of ours. */
static const char *peer_message(struct dt_request *req, const char *id)
{
	const char *peer =
		ad_json_str(dt_get(req->tenant->store, req->arena, DT_MESSAGES, id), "peer");

	return peer ? peer : id;
}

static struct ad_json *peer_activity(struct dt_request *req, const struct ad_json *conversation,
	const struct ad_json *activity, const char *place)
{
	const struct ad_json *person =
		dt_person(req->tenant, req->arena, ad_json_str(conversation, "person"));
	const struct renaming names[NAMES_MAX] = {
		{ req->args[1], place },
		{ ad_json_str(conversation, "id"), place },
		{ req->tenant->bot_id, ad_json_str(conversation, "peer_bot") },
		{ ad_json_str(person, "mri"), ad_json_str(conversation, "peer_user") },
		{ NULL, NULL },
	};
	struct ad_json *peer = renamed(req->arena, activity, names);
	const char *replied = ad_json_str(activity, "replyToId");

	ad_json_set_str(req->arena, peer, "serviceUrl", ad_json_str(conversation, "connector"));
	if (replied)
		ad_json_set_str(req->arena, peer, "replyToId", peer_message(req, replied));
	return peer;
}

void dt_bridge_pass(struct dt_request *req, const struct ad_json *conversation, const char *method,
	const char *message_id, const struct ad_json *activity)
{
	struct ad_arena *arena = req->arena;
	struct passing *passing = ad_alloc(arena, sizeof(*passing));
	const char *place = ad_printf(
		arena, "%s%s", ad_json_str(conversation, "peer"), thread_of(req->args[1]));
	const char *body = ad_json_print(arena, peer_activity(req, conversation, activity, place));
	const char *url = ad_printf(arena, "%s/v3/conversations/%s/activities",
		ad_json_str(conversation, "connector"), ad_url_segment(arena, place));

	if (ad_text_eq(method, "PUT"))
		url = ad_printf(
			arena, "%s/%s", url, ad_url_segment(arena, peer_message(req, message_id)));
	const struct dt_call call = {
		.method = method,
		.url = url,
		.body = body,
		.body_len = strlen(body),
		.timeout_ms = TIMEOUT_MS,
	};
	*passing = (struct passing){ req, ad_json_str(conversation, "id"), method, message_id,
		activity };
	dt_outside_call(req->tenant, &call, on_playground_answer, passing);
}
