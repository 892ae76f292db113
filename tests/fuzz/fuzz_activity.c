/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Promises of ad/teams/activity.h, ad/teams/reference.h and the bot's intent about any body that
 * is JSON: every string is there, within its limit, and means what the rest of the bot takes for
 * granted.
 */
#include "fuzz.h"

#include "ad/cards.h"
#include "ad/teams/reference.h"
#include "ad/text.h"
#include "intent.h"

static size_t count_characters(const char *text)
{
	size_t count = 0;
	for (; *text; text++)
		count += ((unsigned char)*text & 0xC0) != 0x80;
	return count;
}

static bool has_control(const char *text)
{
	for (; *text; text++) {
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			return true;
	}
	return false;
}

static bool has_any(const char *text, const char *const *needles, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (strstr(text, needles[i]))
			return true;
	}
	return false;
}

/* ---- Activity ---- */

static void check_ids(const struct ad_activity *a)
{
	const char *const ids[] = { a->type_name, a->id, a->name, a->action, a->channel_id,
		a->conversation_id, a->conversation_base_id, a->conversation_type, a->tenant_id,
		a->from_id, a->from_oid, a->recipient_id, a->reply_to_id, a->locale };
	for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++) {
		AD_ASSERT(ids[i] != NULL);
		AD_ASSERT(strlen(ids[i]) <= AD_ACTIVITY_ID_MAX);
		AD_ASSERT(!has_control(ids[i]) && ad_utf8_valid(ids[i], strlen(ids[i])));
	}
	AD_ASSERT(strlen(a->locale) <= 32);
	AD_ASSERT(*a->type_name && *a->conversation_id);
	AD_ASSERT(*a->from_id && *a->recipient_id);
	if (a->type == AD_ACTIVITY_MESSAGE || a->type == AD_ACTIVITY_INVOKE)
		AD_ASSERT(*a->id);
	AD_ASSERT(ad_text_starts(a->conversation_id, a->conversation_base_id));
	AD_ASSERT(!strstr(a->conversation_base_id, ";messageid="));
	AD_ASSERT(!a->is_personal || !ad_text_eq(a->conversation_type, "channel"));
}

static void check_guid(const char *text)
{
	AD_ASSERT(!text[strspn(text, "0123456789abcdefghijklmnopqrstuvwxyz-")]);
}

static void check_url(const char *url)
{
	AD_ASSERT(url && *url && strlen(url) <= AD_ACTIVITY_URL_MAX && !has_control(url));
}

/* Nothing that a person wrote can disguise itself as something else. */
static void check_shown(const char *text, size_t max)
{
	static const char *const disguises[] = { "\xe2\x80\xaa", "\xe2\x80\xae", "\xe2\x81\xa6",
		"\xe2\x81\xa9", "\xe2\x80\x8e", "\xe2\x80\x8f", "\xe2\x80\xa8", "\xef\xbb\xbf" };
	AD_ASSERT(text && count_characters(text) <= max);
	AD_ASSERT(ad_utf8_valid(text, strlen(text)));
	AD_ASSERT(!has_control(text));
	AD_ASSERT(!has_any(text, disguises, sizeof disguises / sizeof disguises[0]));
}

static void check_text(const char *text)
{
	static const char *const blanks[] = { "  ", "\xc2\xa0", "\xe2\x80\x8b", "\xe2\x80\x8c",
		"\xe2\x80\x8d", "\xe2\x81\xa0", "\xe3\x80\x80" };
	check_shown(text, AD_ACTIVITY_TEXT_MAX);
	AD_ASSERT(!has_any(text, blanks, sizeof blanks / sizeof blanks[0]));
	AD_ASSERT(text[0] != ' ' && !ad_text_ends(text, " "));
}

static void check_activity(const struct ad_activity *a)
{
	check_ids(a);
	check_guid(a->tenant_id);
	check_guid(a->from_oid);
	check_url(a->service_url);
	check_shown(a->from_name, AD_ACTIVITY_NAME_MAX);
	check_text(a->text);
	AD_ASSERT(!a->value || ad_json_kind(a->value) == AD_JSON_OBJECT);
}

/* ---- What is made of it ---- */

static void check_action(struct ad_arena *arena, const struct ad_activity *a)
{
	struct ad_card_action action = { 0 };
	struct ad_err err = { 0 };
	int rc = ad_activity_card_action(arena, a, &action, &err);
	AD_ASSERT(rc == 0 || rc == AD_EINVAL || rc == AD_ETOOBIG || rc == AD_ENOTFOUND);
	if (rc != 0) {
		AD_ASSERT(err.code == rc && err.text[0]);
		return;
	}
	AD_ASSERT(a->value && action.verb && strlen(action.verb) <= AD_ACTIVITY_VERB_MAX);
	AD_ASSERT(ad_json_kind(action.data) == AD_JSON_OBJECT);
	AD_ASSERT(action.is_invoke == (a->type == AD_ACTIVITY_INVOKE));
	AD_ASSERT(!action.automatic || action.is_invoke);
}

/* Words bring at most a number and a reason; only a press brings a token and inputs. */
static void check_words(const struct ad_activity *a, const struct ad_intent *intent)
{
	AD_ASSERT(!intent->press.token && !intent->press.inputs && !intent->is_invoke);
	AD_ASSERT(intent->press.number >= 0 && intent->press.number <= INT32_MAX);
	AD_ASSERT(!intent->press.reason || *intent->press.reason);
	if (intent->use == AD_DESK_SEARCH)
		AD_ASSERT(intent->text && *intent->text);
	if (intent->use == AD_DESK_DECIDE)
		AD_ASSERT(a->type == AD_ACTIVITY_MESSAGE && intent->press.number > 0);
	AD_ASSERT(intent->use != AD_DESK_SUBMIT && intent->use != AD_DESK_FORM);
}

static void check_query(const struct ad_extension_query *query)
{
	check_text(query->text);
	AD_ASSERT(query->skip >= 0 && query->count >= 1 && query->count <= AD_EXTENSION_PAGE);
}

/* Loaded once; they live as long as the program. */
static const struct ad_cards *the_cards(void)
{
	static struct ad_cards *cards;
	struct ad_err err = { 0 };
	if (!cards && ad_cards_load(AD_CARDS_FOLDER, NULL, &cards, &err) != 0)
		abort();
	return cards;
}

static void check_intent(struct ad_arena *arena, const struct ad_activity *a)
{
	struct ad_intent intent;
	int rc = ad_intent_of(arena, the_cards(), a, &intent, NULL);
	AD_ASSERT(intent.is_invoke == (a->type == AD_ACTIVITY_INVOKE));
	if (rc != 0)
		return;
	AD_ASSERT(intent.use < AD_DESK_JOB_REPORT);
	if (a->type == AD_ACTIVITY_OTHER)
		AD_ASSERT(intent.kind == AD_INTENT_NONE);
	if (intent.kind == AD_INTENT_REFRESH || intent.kind == AD_INTENT_UNKNOWN ||
		intent.kind == AD_INTENT_BROWSE)
		AD_ASSERT(intent.is_invoke);
	if (intent.kind == AD_INTENT_BROWSE)
		check_query(&intent.query);
	if (intent.kind == AD_INTENT_USE && intent.pressed)
		AD_ASSERT(ad_json_kind(intent.press.inputs) == AD_JSON_OBJECT);
	else if (intent.kind == AD_INTENT_USE)
		check_words(a, &intent);
}

static void check_reference(struct ad_arena *arena, const struct ad_activity *a)
{
	struct ad_reference reference;
	struct ad_reference again;
	if (!ad_reference_from_activity(a, &reference))
		return;
	AD_ASSERT(a->is_personal && *reference.tenant_id && *reference.oid);
	AD_ASSERT(!strstr(reference.conversation_id, ";messageid="));
	char *text = ad_reference_print(arena, &reference);
	AD_ASSERT(ad_reference_parse(arena, text, &again, NULL) == 0);
	AD_ASSERT(ad_text_eq(again.service_url, reference.service_url));
	AD_ASSERT(ad_text_eq(again.user_id, reference.user_id));
	AD_ASSERT(ad_text_eq(ad_reference_print(arena, &again), text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct ad_arena *arena = ad_arena_new();
	struct ad_json *body = NULL;
	struct ad_activity activity;
	struct ad_err err = { 0 };
	if (ad_json_parse(arena, (const char *)data, len, &body, NULL) == 0) {
		int rc = ad_activity_parse(arena, body, &activity, &err);
		AD_ASSERT(rc == 0 || rc == AD_EINVAL || rc == AD_ETOOBIG);
		if (rc == 0) {
			check_activity(&activity);
			check_action(arena, &activity);
			check_intent(arena, &activity);
			check_reference(arena, &activity);
		} else {
			AD_ASSERT(err.code == rc && ad_text_starts(err.text, "activity: "));
		}
	}
	ad_arena_free(arena);
	return 0;
}
