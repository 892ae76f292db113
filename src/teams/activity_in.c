/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Activities in: the body of POST /api/messages to struct ad_activity. Strict about what AppDesk
 * reads, blind to the rest. Called by turn workers after the token was verified.
 */
#include "ad/teams/activity.h"

#include "ad/teams/extension.h"
#include "ad/text.h"
#include "message_text.h"

#define TIME_ZONE_MAX 64 /* bytes of its name */

/* Reads fields until the first fault, which stays in err. */
struct reader {
	struct ad_arena *arena;
	const struct ad_json *body;
	struct ad_err *err;
	int rc;
};

enum need { OPTIONAL, REQUIRED };

static const char *read_text(struct reader *r, const char *path, enum need need)
{
	const struct ad_json *value = ad_json_path(r->body, path);
	enum ad_json_kind kind = ad_json_kind(value);
	if (r->rc != 0)
		return "";
	if (kind != AD_JSON_NONE && kind != AD_JSON_NULL && kind != AD_JSON_STRING) {
		r->rc = AD_FAIL(r->err, AD_EINVAL, "activity: %s is not a string", path);
		return "";
	}
	const char *text = ad_json_text(value);
	if (need == REQUIRED && ad_text_empty(text))
		r->rc = AD_FAIL(r->err, AD_EINVAL, "activity: %s is missing", path);
	return text ? text : "";
}

static bool has_control(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			return true;
	return false;
}

static const char *read_short(struct reader *r, const char *path, enum need need, size_t max)
{
	const char *text = read_text(r, path, need);
	if (r->rc == 0 && strlen(text) > max)
		r->rc = AD_FAIL(
			r->err, AD_ETOOBIG, "activity: %s is longer than %zu bytes", path, max);
	else if (r->rc == 0 && has_control(text))
		r->rc = AD_FAIL(r->err, AD_EINVAL, "activity: %s has control characters", path);
	return r->rc == 0 ? text : "";
}

static const char *read_id(struct reader *r, const char *path, enum need need)
{
	return read_short(r, path, need, AD_ACTIVITY_ID_MAX);
}

/* Tenant and object ids are compared and stored in lower case; they hold digits, letters and
 * dashes. */
static const char *read_guid(struct reader *r, const char *path)
{
	const char *text = ad_text_lower(r->arena, read_id(r, path, OPTIONAL));
	if (r->rc == 0 && text[strspn(text, "0123456789abcdefghijklmnopqrstuvwxyz-")])
		r->rc = AD_FAIL(r->err, AD_EINVAL, "activity: %s is not an id", path);
	return text;
}

static enum ad_activity_type type_of(const char *name)
{
	static const struct {
		const char *name;
		enum ad_activity_type type;
	} types[] = {
		{ "message", AD_ACTIVITY_MESSAGE },
		{ "invoke", AD_ACTIVITY_INVOKE },
		{ "conversationUpdate", AD_ACTIVITY_CONVERSATION_UPDATE },
		{ "installationUpdate", AD_ACTIVITY_INSTALLATION_UPDATE },
	};
	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
		if (ad_text_eq(types[i].name, name))
			return types[i].type;
	return AD_ACTIVITY_OTHER;
}

static const char *read_tenant(struct reader *r)
{
	const char *of_channel = read_guid(r, "channelData.tenant.id");
	const char *of_conversation = read_guid(r, "conversation.tenantId");
	if (r->rc == 0 && *of_channel && *of_conversation &&
		!ad_text_eq(of_channel, of_conversation))
		r->rc = AD_FAIL(r->err, AD_EINVAL,
			"activity: channelData.tenant.id and conversation.tenantId differ");
	return *of_channel ? of_channel : of_conversation;
}

/* expectReplies would want our answers in the HTTP response; stream and ephemeral are not for us.
 */
static void check_delivery_mode(struct reader *r)
{
	const char *mode = read_text(r, "deliveryMode", OPTIONAL);
	if (r->rc == 0 && *mode && !ad_text_eq(mode, "normal") && !ad_text_eq(mode, "notification"))
		r->rc = AD_FAIL(
			r->err, AD_EINVAL, "activity: deliveryMode is not normal or notification");
}

static bool lists_member(const struct reader *r, const char *list, const char *id)
{
	size_t looked_at = 0;
	AD_JSON_EACH(member, ad_json_get(r->body, list))
	{
		if (looked_at++ == AD_ACTIVITY_LIST_MAX)
			return false;
		if (ad_text_eq(ad_json_str(member, "id"), id))
			return true;
	}
	return false;
}

static void read_conversation(struct reader *r, struct ad_activity *a)
{
	a->conversation_id = read_id(r, "conversation.id", REQUIRED);
	a->conversation_type = read_id(r, "conversation.conversationType", OPTIONAL);
	const char *thread = strstr(a->conversation_id, ";messageid=");
	a->conversation_base_id = thread ? ad_strndup(r->arena, a->conversation_id,
						   (size_t)(thread - a->conversation_id))
					 : a->conversation_id;
	/* From the chat of two people a message extension brings the type "personal", too. */
	bool is_group = ad_json_bool(r->body, "conversation.isGroup", false) ||
			ad_text_starts(a->conversation_id, "19:");
	a->is_personal = !is_group &&
			 (!*a->conversation_type || ad_text_eq(a->conversation_type, "personal"));
	a->tenant_id = read_tenant(r);
}

static void read_people(struct reader *r, struct ad_activity *a)
{
	a->from_id = read_id(r, "from.id", REQUIRED);
	a->from_oid = read_guid(r, "from.aadObjectId");
	a->from_name = ad_utf8_cut(r->arena,
		ad_utf8_clean(r->arena, read_text(r, "from.name", OPTIONAL), false),
		AD_ACTIVITY_NAME_MAX);
	a->recipient_id = read_id(r, "recipient.id", REQUIRED);
	a->bot_added = lists_member(r, "membersAdded", a->recipient_id);
	a->bot_removed = lists_member(r, "membersRemoved", a->recipient_id);
}

/* A name like "Europe/Berlin", or "": what a client says of its clock is no reason to refuse it. */
static const char *read_zone(struct reader *r)
{
	const char *zone = ad_json_str(r->body, "localTimezone");
	bool fits = zone && strlen(zone) <= TIME_ZONE_MAX &&
		    !zone[strspn(zone, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				       "0123456789_+-/")];
	return fits ? ad_strdup(r->arena, zone) : "";
}

static void read_mentions(struct reader *r, struct ad_activity *a, const struct ad_json *entities)
{
	struct ad_mention *list = ad_alloc_array(r->arena, AD_ACTIVITY_MENTIONS_MAX, sizeof *list);
	size_t looked_at = 0;
	size_t count = 0;
	AD_JSON_EACH(entity, entities)
	{
		if (looked_at++ == AD_ACTIVITY_LIST_MAX || count == AD_ACTIVITY_MENTIONS_MAX)
			break;
		const char *mark = ad_message_mention(entity);
		const char *name = ad_json_str(entity, "mentioned.name");
		const char *oid = ad_json_str(entity, "mentioned.aadObjectId");
		if (!mark || ad_text_eq(ad_json_str(entity, "mentioned.id"), a->recipient_id))
			continue;
		list[count++] = (struct ad_mention){
			.mark = ad_message_normalise(r->arena, mark),
			.name = ad_message_normalise(r->arena, name ? name : ""),
			.oid = oid && ad_text_is_guid(oid) ? ad_text_lower(r->arena, oid) : "",
		};
	}
	a->mentions = list;
	a->mention_count = count;
}

static bool has_card(const struct reader *r)
{
	size_t looked_at = 0;
	AD_JSON_EACH(attachment, ad_json_get(r->body, "attachments"))
	{
		if (looked_at++ == AD_ACTIVITY_LIST_MAX)
			return false;
		if (ad_text_eq(ad_json_str(attachment, "contentType"), AD_ACTIVITY_CARD_TYPE))
			return true;
	}
	return false;
}

static void read_content(struct reader *r, struct ad_activity *a)
{
	const char *text = read_text(r, "text", OPTIONAL);
	const struct ad_json *entities = ad_json_get(r->body, "entities");
	text = ad_message_without_mention(r->arena, text, entities, a->recipient_id);
	a->has_card = has_card(r);
	if (a->has_card)
		text = ad_message_without_card(r->arena, text);
	a->text = ad_message_normalise(r->arena, text);
	const struct ad_json *value = ad_json_get(r->body, "value");
	a->value = ad_json_kind(value) == AD_JSON_OBJECT ? value : NULL;
	a->reply_to_id = read_id(r, "replyToId", OPTIONAL);
	a->locale = read_short(r, "locale", OPTIONAL, 32);
	a->time_zone = read_zone(r);
	read_mentions(r, a, entities);
}

int ad_activity_parse(struct ad_arena *arena, const struct ad_json *body, struct ad_activity *ret,
	struct ad_err *err)
{
	if (ad_json_kind(body) != AD_JSON_OBJECT)
		return AD_FAIL(err, AD_EINVAL, "activity: the body is not an object");
	struct reader r = { .arena = arena, .body = body, .err = err };
	struct ad_activity a = { 0 };
	a.type_name = read_id(&r, "type", REQUIRED);
	a.type = type_of(a.type_name);
	bool is_acted_on = a.type == AD_ACTIVITY_MESSAGE || a.type == AD_ACTIVITY_INVOKE;
	a.id = read_id(&r, "id", is_acted_on ? REQUIRED : OPTIONAL);
	a.name = read_id(&r, "name", OPTIONAL);
	a.action = read_id(&r, "action", OPTIONAL);
	a.channel_id = read_id(&r, "channelId", OPTIONAL); /* judged with the token: 403 */
	a.service_url = read_short(&r, "serviceUrl", REQUIRED, AD_ACTIVITY_URL_MAX);
	check_delivery_mode(&r);
	read_conversation(&r, &a);
	read_people(&r, &a);
	read_content(&r, &a);
	if (r.rc != 0)
		return r.rc;
	*ret = a;
	return 0;
}

/* ---- A press on a card ---- */

static int press(struct ad_arena *arena, const struct ad_json *data, const char *verb,
	struct ad_card_action *ret, struct ad_err *err)
{
	enum ad_json_kind kind = ad_json_kind(data);
	if (kind != AD_JSON_OBJECT && kind != AD_JSON_NONE && kind != AD_JSON_NULL)
		return AD_FAIL(err, AD_EINVAL, "card action: data is not an object");
	if (ad_text_empty(verb))
		verb = ad_json_str(data, "verb");
	verb = verb ? verb : "";
	if (strlen(verb) > AD_ACTIVITY_VERB_MAX)
		return AD_FAIL(err, AD_ETOOBIG, "card action: verb is longer than %d bytes",
			AD_ACTIVITY_VERB_MAX);
	ret->verb = verb;
	ret->data = kind == AD_JSON_OBJECT ? data : ad_json_new_object(arena);
	return 0;
}

static int press_by_invoke(struct ad_arena *arena, const struct ad_json *value,
	struct ad_card_action *ret, struct ad_err *err)
{
	const struct ad_json *action = ad_json_get(value, "action");
	const char *type = ad_json_str(action, "type");
	/* Teams also sends Action.Submit through this invoke (6.2). */
	if (!ad_text_eq(type, "Action.Execute") && !ad_text_eq(type, "Action.Submit"))
		return AD_FAIL(err, AD_EINVAL,
			"card action: value.action.type is not Action.Execute or Action.Submit");
	struct ad_card_action found = { .is_invoke = true };
	found.automatic = ad_text_eq(ad_json_str(value, "trigger"), "automatic");
	int rc =
		press(arena, ad_json_get(action, "data"), ad_json_str(action, "verb"), &found, err);
	if (rc == 0)
		*ret = found;
	return rc;
}

int ad_activity_card_action(struct ad_arena *arena, const struct ad_activity *activity,
	struct ad_card_action *ret, struct ad_err *err)
{
	if (activity->type == AD_ACTIVITY_INVOKE &&
		ad_text_eq(activity->name, "adaptiveCard/action"))
		return press_by_invoke(arena, activity->value, ret, err);
	bool by_extension = ad_extension_is_press(activity);
	if (activity->value && (activity->type == AD_ACTIVITY_MESSAGE || by_extension)) {
		struct ad_card_action found = { .is_invoke = by_extension };
		int rc = press(arena, activity->value, NULL, &found, err);
		if (rc == 0)
			*ret = found;
		return rc;
	}
	return AD_FAIL(err, AD_ENOTFOUND, "not a press on a card");
}
