/* SPDX-License-Identifier: Apache-2.0 */
/* Conversation references: from an activity, to JSON text and back. */
#include "ad/teams/reference.h"

#include "ad/text.h"

#include <stddef.h>

/* One row per field, so that writing and reading cannot differ. */
static const struct {
	const char *name;
	size_t offset;
	bool required;
} fields[] = {
	{ "tenantId", offsetof(struct ad_reference, tenant_id), true },
	{ "oid", offsetof(struct ad_reference, oid), true },
	{ "userId", offsetof(struct ad_reference, user_id), false },
	{ "botId", offsetof(struct ad_reference, bot_id), true },
	{ "channelId", offsetof(struct ad_reference, channel_id), true },
	{ "serviceUrl", offsetof(struct ad_reference, service_url), true },
	{ "conversationId", offsetof(struct ad_reference, conversation_id), true },
	{ "locale", offsetof(struct ad_reference, locale), false },
};
#define FIELDS (sizeof fields / sizeof fields[0])

static const char **field_of(struct ad_reference *reference, size_t i)
{
	return (const char **)(void *)((char *)reference + fields[i].offset);
}

bool ad_reference_from_activity(const struct ad_activity *activity, struct ad_reference *ret)
{
	if (!activity->is_personal || ad_text_empty(activity->conversation_base_id) ||
		ad_text_empty(activity->from_oid) || ad_text_empty(activity->tenant_id) ||
		ad_text_empty(activity->channel_id))
		return false;
	/* In a conversationUpdate of the channel itself the sender may be the conversation. */
	if (ad_text_eq(activity->from_id, activity->conversation_id))
		return false;
	*ret = (struct ad_reference){
		.tenant_id = activity->tenant_id,
		.oid = activity->from_oid,
		.user_id = activity->from_id,
		.bot_id = activity->recipient_id,
		.channel_id = activity->channel_id,
		.service_url = activity->service_url,
		.conversation_id = activity->conversation_base_id,
		.locale = activity->locale,
	};
	return true;
}

bool ad_reference_of_channel(
	const struct ad_activity *activity, const char *oid, struct ad_reference *ret)
{
	if (activity->is_personal || ad_text_empty(activity->conversation_base_id) ||
		ad_text_empty(activity->tenant_id) || ad_text_empty(activity->channel_id))
		return false;
	*ret = (struct ad_reference){
		.tenant_id = activity->tenant_id,
		.oid = oid,
		.user_id = "",
		.bot_id = activity->recipient_id,
		.channel_id = activity->channel_id,
		.service_url = activity->service_url,
		.conversation_id = activity->conversation_base_id,
		.locale = "",
	};
	return true;
}

char *ad_reference_print(struct ad_arena *arena, const struct ad_reference *reference)
{
	struct ad_reference copy = *reference;
	struct ad_json *object = ad_json_new_object(arena);
	for (size_t i = 0; i < FIELDS; i++)
		ad_json_set_str(arena, object, fields[i].name, *field_of(&copy, i));
	return ad_json_print(arena, object);
}

int ad_reference_parse(
	struct ad_arena *arena, const char *text, struct ad_reference *ret, struct ad_err *err)
{
	struct ad_json *object = NULL;
	int rc = ad_json_parse(arena, text, strlen(text), &object, err);
	if (rc != 0)
		return rc;
	struct ad_reference found;
	for (size_t i = 0; i < FIELDS; i++) {
		const char *value = ad_json_str(object, fields[i].name);
		if (fields[i].required && ad_text_empty(value))
			return AD_FAIL(err, AD_EINVAL, "reference: %s is missing", fields[i].name);
		*field_of(&found, i) = value ? value : "";
	}
	*ret = found;
	return 0;
}
