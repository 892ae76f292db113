/* SPDX-License-Identifier: Apache-2.0 */
/* A body that becomes an activity keeps the promises of ad/teams/activity.h: no string is missing,
 * none passes its limit, ids are plain. What people meant is found out without harm. */
#include "fuzz.h"

#include "ad/json.h"
#include "ad/teams/activity.h"
#include "ad/teams/reference.h"
#include "ad/text.h"
#include "intent.h"

static void check_plain(const char *text, size_t max)
{
	AD_ASSERT(text && strlen(text) <= max && ad_utf8_valid(text, strlen(text)));
	for (; *text; text++)
		AD_ASSERT((unsigned char)*text >= 0x20 && *text != 0x7f);
}

static void check(const struct ad_activity *a)
{
	const char *const ids[] = { a->type_name, a->id, a->name, a->action, a->channel_id,
		a->conversation_id, a->conversation_base_id, a->conversation_type, a->tenant_id,
		a->from_id, a->from_oid, a->recipient_id, a->reply_to_id };
	for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++)
		check_plain(ids[i], AD_ACTIVITY_ID_MAX);
	check_plain(a->service_url, AD_ACTIVITY_URL_MAX);
	AD_ASSERT(a->type_name[0] && a->service_url[0]);
	AD_ASSERT(a->conversation_id[0] && a->from_id[0] && a->recipient_id[0]);
	AD_ASSERT(!strstr(a->conversation_base_id, ";messageid="));
	AD_ASSERT(!a->from_oid[strspn(a->from_oid, "0123456789abcdefghijklmnopqrstuvwxyz-")]);
	AD_ASSERT(a->text && ad_utf8_valid(a->text, strlen(a->text)));
	AD_ASSERT(a->from_name && ad_utf8_valid(a->from_name, strlen(a->from_name)));
	AD_ASSERT(a->locale && strlen(a->locale) <= 32);
}

static void use(struct ad_arena *arena, const struct ad_activity *a)
{
	struct ad_card_action action;
	struct ad_intent intent;
	struct ad_reference reference;
	struct ad_reference again;
	struct ad_err err = { 0 };
	if (ad_activity_card_action(arena, a, &action, &err) == 0) {
		AD_ASSERT(action.verb && strlen(action.verb) <= AD_ACTIVITY_VERB_MAX);
		AD_ASSERT(ad_json_kind(action.data) == AD_JSON_OBJECT);
	}
	if (ad_intent_of(arena, a, &intent, &err) == 0)
		AD_ASSERT(intent.kind <= AD_INTENT_UNKNOWN && intent.use <= AD_DESK_JOB_REPORT);
	if (ad_reference_from_activity(a, &reference)) {
		const char *text = ad_reference_print(arena, &reference);
		AD_ASSERT(ad_reference_parse(arena, text, &again, &err) == 0);
		AD_ASSERT(strcmp(again.conversation_id, reference.conversation_id) == 0);
		AD_ASSERT(strcmp(again.service_url, reference.service_url) == 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ad_arena *arena = ad_arena_new();
	struct ad_json *body = NULL;
	struct ad_activity activity;
	struct ad_err err = { 0 };
	if (ad_json_parse(arena, (const char *)data, size, &body, &err) == 0) {
		int rc = ad_activity_parse(arena, body, &activity, &err);
		AD_ASSERT(rc == 0 || rc == AD_EINVAL || rc == AD_ETOOBIG);
		if (rc == 0) {
			check(&activity);
			use(arena, &activity);
		} else {
			AD_ASSERT(strstr(err.text, "activity")); /* says which field is wrong */
		}
	}
	ad_arena_free(arena);
	return 0;
}
