/* SPDX-License-Identifier: Apache-2.0 */
/* The channel's half of a turn. */
#include "deliver.h"

#include "ad/clock.h"
#include "ad/text.h"
#include "calls.h"
#include "keys.h"
#include "shown.h"
#include "signin.h"

#include <string.h>

static struct ad_json *account(
	struct ad_arena *arena, const char *id, const char *name, const char *object_id)
{
	struct ad_json *doc = ad_json_new_object(arena);

	ad_json_set_str(arena, doc, "id", id);
	ad_json_set_str(arena, doc, "name", name);
	if (object_id)
		ad_json_set_str(arena, doc, "aadObjectId", object_id);
	return doc;
}

static struct ad_json *with_id(struct ad_arena *arena, const char *id)
{
	struct ad_json *doc = ad_json_new_object(arena);

	ad_json_set_str(arena, doc, "id", id);
	return doc;
}

static struct ad_json *conversation_account(
	struct dt_tenant *tenant, struct ad_arena *arena, const char *id)
{
	struct ad_json *doc = ad_json_new_object(arena);
	const char *type = ad_json_str(dt_conversation(tenant, arena, id), "type");

	if (!type)
		type = "personal";
	if (!ad_text_eq(type, "personal"))
		ad_json_set_bool(arena, doc, "isGroup", true);
	ad_json_set_str(arena, doc, "conversationType", type);
	ad_json_set_str(arena, doc, "tenantId", tenant->options.tenant_id);
	ad_json_set_str(arena, doc, "id", id);
	return doc;
}

static struct ad_json *channel_data(
	struct dt_tenant *tenant, struct ad_arena *arena, const char *conversation_id)
{
	struct ad_json *doc = ad_json_new_object(arena);

	if (ad_text_starts(conversation_id, DT_CHANNEL)) {
		ad_json_set_str(arena, doc, "teamsChannelId", DT_CHANNEL);
		ad_json_set_str(arena, doc, "teamsTeamId", DT_TEAM);
		ad_json_set(arena, doc, "channel", with_id(arena, DT_CHANNEL));
		ad_json_set(arena, doc, "team", with_id(arena, DT_TEAM));
	}
	ad_json_set(arena, doc, "tenant", with_id(arena, tenant->options.tenant_id));
	return doc;
}

static struct ad_json *client_info(struct ad_arena *arena)
{
	struct ad_json *list = ad_json_new_array(arena);
	struct ad_json *info = ad_json_new_object(arena);

	ad_json_set_str(arena, info, "locale", "en-US");
	ad_json_set_str(arena, info, "country", "US");
	ad_json_set_str(arena, info, "platform", "Web");
	ad_json_set_str(arena, info, "timezone", "Europe/Berlin");
	ad_json_set_str(arena, info, "type", "clientInfo");
	ad_json_append(arena, list, info);
	return list;
}

struct ad_json *dt_activity(struct dt_tenant *tenant, struct ad_arena *arena, const char *type,
	const struct ad_json *person, const char *conversation_id)
{
	struct ad_json *doc = ad_json_new_object(arena);
	int64_t now_ms = ad_clock_unix_ms();
	const char *at = ad_clock_iso(arena, now_ms / 1000);

	ad_json_set_str(arena, doc, "type", type);
	ad_json_set_str(arena, doc, "id", dt_activity_id(tenant, arena));
	ad_json_set_str(
		arena, doc, "timestamp", ad_printf(arena, "%.19s.%03dZ", at, (int)(now_ms % 1000)));
	ad_json_set_str(arena, doc, "localTimezone", "Europe/Berlin");
	ad_json_set_str(arena, doc, "serviceUrl", tenant->service_url);
	ad_json_set_str(arena, doc, "channelId", "msteams");
	ad_json_set(arena, doc, "from",
		account(arena, ad_json_str(person, "mri"), ad_json_str(person, "displayName"),
			ad_json_str(person, "id")));
	ad_json_set(
		arena, doc, "conversation", conversation_account(tenant, arena, conversation_id));
	ad_json_set(arena, doc, "recipient", account(arena, tenant->bot_id, DT_BOT_NAME, NULL));
	ad_json_set(arena, doc, "entities", client_info(arena));
	ad_json_set(arena, doc, "channelData", channel_data(tenant, arena, conversation_id));
	ad_json_set_str(arena, doc, "locale", "en-US");
	return doc;
}

void dt_activity_fill(
	struct ad_arena *arena, struct ad_json *activity, const struct ad_json *defaults)
{
	AD_JSON_EACH(member, defaults)
	if (!ad_json_get(activity, ad_json_name(member)))
		ad_json_set(arena, activity, ad_json_name(member), ad_json_copy(arena, member));
}

void dt_deliver(struct dt_tenant *tenant, const struct ad_json *activity,
	void (*done)(void *arg, const struct dt_answer *answer), void *arg)
{
	struct ad_arena *arena = ad_arena_new();
	const char *body = ad_json_print(arena, activity);
	struct dt_call call = {
		.method = "POST",
		.url = tenant->options.bot_url,
		.content_type = "application/json; charset=utf-8",
		.body = body,
		.body_len = strlen(body),
		.timeout_ms = dt_setting(tenant, "bot_timeout_s") * 1000,
	};
	int rc = dt_channel_token(tenant, arena, "valid", tenant->service_url, &call.authorization);

	AD_ASSERT(!rc);
	dt_outside_call(tenant, &call, done, arg);
	ad_arena_free(arena);
}

static void on_quiet_answer(void *arg, const struct dt_answer *answer)
{
	struct dt_tenant *tenant = arg;

	if (answer->status >= 400)
		dt_complain(tenant, "the bot answered an event with %d", answer->status);
}

void dt_deliver_quietly(struct dt_tenant *tenant, const struct ad_json *activity)
{
	dt_deliver(tenant, activity, on_quiet_answer, tenant);
}

/* The list shows previews, and of these it knows two kinds of cards. */
static const char *fault_in_list(const struct ad_json *extension)
{
	if (ad_json_kind(ad_json_get(extension, "attachments")) != AD_JSON_ARRAY)
		return "a result without attachments";
	AD_JSON_EACH(attachment, ad_json_get(extension, "attachments"))
	{
		const char *preview = ad_json_str(attachment, "preview.contentType");

		if (!ad_json_str(attachment, "contentType") || !ad_json_get(attachment, "content"))
			return "an attachment without content";
		if (!preview || (!ad_text_ends(preview, ".card.thumbnail") &&
					!ad_text_ends(preview, ".card.hero")))
			return "an attachment without a thumbnail or hero to show";
	}
	return NULL;
}

static void judge_found(struct dt_tenant *tenant, const struct ad_json *body)
{
	const struct ad_json *extension = ad_json_get(body, "composeExtension");
	const char *type = ad_json_str(extension, "type");
	const char *fault = NULL;

	if (ad_text_eq(type, "result"))
		fault = fault_in_list(extension);
	else if (!ad_text_eq(type, "message"))
		fault = "neither a result nor a message";
	else if (ad_text_empty(ad_json_str(extension, "text")))
		fault = "a message without text";
	if (fault)
		dt_complain(tenant, "invoke composeExtension/query: %s", fault);
}

void dt_judge_invoke(struct dt_tenant *tenant, const char *name, const struct dt_answer *answer)
{
	struct ad_arena *arena = ad_arena_new();
	struct ad_json *body = dt_answer_body(arena, answer);
	const char *type = ad_json_str(body, "type");
	const char *value = ad_json_str(body, "value");

	if (ad_text_eq(name, "signin/tokenExchange") && answer->status == 412)
		; /* the client shows the sign-in page */
	else if (answer->status != 200)
		dt_complain(tenant,
			"invoke %s was answered with HTTP %d: Teams shows \"Unable to "
			"reach app\" and sends it again",
			name, answer->status);
	else if (ad_text_eq(name, "composeExtension/query"))
		judge_found(tenant, body);
	else if (!ad_text_eq(name, "adaptiveCard/action"))
		;
	else if (!ad_json_int(body, "statusCode", 0) || !type)
		dt_complain(tenant, "invoke %s: the body has no statusCode or type", name);
	else if (ad_text_eq(type, "application/vnd.microsoft.activity.message") &&
		 ad_text_empty(value))
		dt_complain(tenant, "invoke %s: a message without text", name);
	else if (ad_json_int(body, "statusCode", 0) == 401 && !ad_text_eq(type, DT_LOGIN_REQUEST))
		dt_complain(tenant, "invoke %s: Teams takes no %s with status 401", name, type);
	else if (ad_json_int(body, "statusCode", 0) == 200 &&
		 !ad_text_eq(type, "application/vnd.microsoft.activity.message") &&
		 !ad_text_eq(type, "application/vnd.microsoft.card.adaptive"))
		dt_complain(tenant, "invoke %s: Teams takes no %s with status 200", name, type);
	ad_arena_free(arena);
}
