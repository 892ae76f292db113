/* SPDX-License-Identifier: Apache-2.0 */
/* Activities out and answers to invokes: built as JSON trees, addressed last. */
#include "ad/teams/activity.h"

#include "ad/text.h"

#define MESSAGE_TYPE "application/vnd.microsoft.activity.message"
#define ERROR_TYPE "application/vnd.microsoft.error"
#define LOGIN_TYPE "application/vnd.microsoft.activity.loginRequest"
#define PRECONDITION_TYPE "application/vnd.microsoft.error.preconditionFailed"
#define SIGNIN_CARD_TYPE "application/vnd.microsoft.card.oauth"

static struct ad_json *invoke_answer(
	struct ad_arena *arena, int status, const char *type, struct ad_json *value)
{
	struct ad_json *answer = ad_json_new_object(arena);
	ad_json_set_int(arena, answer, "statusCode", status);
	ad_json_set_str(arena, answer, "type", type);
	ad_json_set(arena, answer, "value", value);
	return answer;
}

struct ad_json *ad_invoke_card(struct ad_arena *arena, const struct ad_json *card)
{
	return invoke_answer(arena, 200, AD_ACTIVITY_CARD_TYPE, ad_json_copy(arena, card));
}

struct ad_json *ad_invoke_message(struct ad_arena *arena, const char *text)
{
	/* An empty one shows "Unable to reach app" and makes the client send the press again. */
	AD_ASSERT(!ad_text_empty(text));
	return invoke_answer(arena, 200, MESSAGE_TYPE, ad_json_new_string(arena, text));
}

static struct ad_json *fault(
	struct ad_arena *arena, int status, const char *type, const char *code, const char *message)
{
	struct ad_json *value = ad_json_new_object(arena);
	ad_json_set_str(arena, value, "code", code);
	ad_json_set_str(arena, value, "message", message);
	return invoke_answer(arena, status, type, value);
}

struct ad_json *ad_invoke_error(
	struct ad_arena *arena, int status, const char *code, const char *message)
{
	return fault(arena, status, ERROR_TYPE, code, message);
}

struct ad_json *ad_invoke_login(struct ad_arena *arena, const struct ad_json *signin)
{
	return invoke_answer(arena, 401, LOGIN_TYPE, ad_json_copy(arena, signin));
}

struct ad_json *ad_invoke_login_again(struct ad_arena *arena, const char *text)
{
	return fault(arena, 412, PRECONDITION_TYPE, "412", text);
}

static struct ad_json *new_message(struct ad_arena *arena)
{
	struct ad_json *activity = ad_json_new_object(arena);
	ad_json_set_str(arena, activity, "type", "message");
	return activity;
}

struct ad_json *ad_activity_text(struct ad_arena *arena, const char *text)
{
	struct ad_json *activity = new_message(arena);
	ad_json_set_str(arena, activity, "textFormat", "plain");
	ad_json_set_str(arena, activity, "text", text);
	return activity;
}

static struct ad_json *attach(struct ad_arena *arena, const char *type,
	const struct ad_json *content, const char *summary)
{
	struct ad_json *activity = new_message(arena);
	struct ad_json *attachment = ad_json_new_object(arena);
	ad_json_set_str(arena, attachment, "contentType", type);
	ad_json_set(arena, attachment, "content", ad_json_copy(arena, content));
	struct ad_json *attachments = ad_json_new_array(arena);
	ad_json_append(arena, attachments, attachment);
	ad_json_set(arena, activity, "attachments", attachments);
	if (!ad_text_empty(summary))
		ad_json_set_str(arena, activity, "summary", summary);
	return activity;
}

struct ad_json *ad_activity_card(
	struct ad_arena *arena, const struct ad_json *card, const char *summary)
{
	return attach(arena, AD_ACTIVITY_CARD_TYPE, card, summary);
}

struct ad_json *ad_activity_signin(
	struct ad_arena *arena, const struct ad_json *signin, const char *summary)
{
	return attach(arena, SIGNIN_CARD_TYPE, signin, summary);
}

int ad_activity_print(struct ad_arena *arena, const struct ad_json *activity, const char **ret,
	struct ad_err *err)
{
	const char *text = ad_json_print(arena, activity);
	size_t units = ad_utf16_units(text);
	if (units > AD_ACTIVITY_UNITS_MAX)
		return AD_FAIL(err, AD_ETOOBIG, "activity of %zu UTF-16 units, at most %d", units,
			AD_ACTIVITY_UNITS_MAX);
	*ret = text;
	return 0;
}

struct ad_json *ad_activity_reduced(struct ad_arena *arena, const struct ad_json *activity)
{
	const struct ad_json *attachment = ad_json_first(ad_json_get(activity, "attachments"));
	const char *text = ad_json_str(attachment, "content.fallbackText");
	if (ad_text_empty(text))
		text = ad_json_str(activity, "summary");
	return ad_text_empty(text) ? NULL : ad_activity_text(arena, text);
}

static void set_account(
	struct ad_arena *arena, struct ad_json *activity, const char *name, const char *id)
{
	if (ad_text_empty(id))
		return;
	struct ad_json *account = ad_json_new_object(arena);
	ad_json_set_str(arena, account, "id", id);
	ad_json_set(arena, activity, name, account);
}

void ad_activity_address(
	struct ad_arena *arena, struct ad_json *activity, const struct ad_activity_address *address)
{
	set_account(arena, activity, "from", address->bot_id);
	set_account(arena, activity, "conversation", address->conversation_id);
	set_account(arena, activity, "recipient", address->recipient_id);
	if (!ad_text_empty(address->reply_to_id))
		ad_json_set_str(arena, activity, "replyToId", address->reply_to_id);
}
