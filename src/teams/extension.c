/* SPDX-License-Identifier: Apache-2.0 */
/* Queries of the message extension and the answers to them. */
#include "ad/teams/extension.h"
#include "ad/text.h"
#include "message_text.h"

#define OPENED "initialRun" /* "true": nothing is written yet */
#define PARAMETERS_MAX 5    /* that are looked at; the manifest has one */
#define THUMBNAIL_TYPE "application/vnd.microsoft.card.thumbnail"

/* Of the manifest's one parameter, by whatever name: a client that has not read the manifest, such
 * as the Agents Playground, has one of its own for it. */
static const char *text_of(struct ad_arena *arena, const struct ad_json *value)
{
	int looked_at = 0;
	AD_JSON_EACH(parameter, ad_json_get(value, "parameters"))
	{
		const char *text = ad_json_str(parameter, "value");
		if (looked_at++ == PARAMETERS_MAX)
			break;
		if (text && !ad_text_eq(ad_json_str(parameter, "name"), OPENED))
			return ad_message_normalise(arena, text);
	}
	return "";
}

static int between(int64_t number, int least, int most)
{
	return (int)(number < least ? least : number > most ? most : number);
}

bool ad_extension_query_of(
	struct ad_arena *arena, const struct ad_activity *activity, struct ad_extension_query *ret)
{
	const struct ad_json *value = activity->value;
	if (activity->type != AD_ACTIVITY_INVOKE ||
		!ad_text_eq(activity->name, "composeExtension/query"))
		return false;
	int64_t skip = ad_json_int(value, "queryOptions.skip", 0);
	int64_t count = ad_json_int(value, "queryOptions.count", AD_EXTENSION_PAGE);
	*ret = (struct ad_extension_query){
		.text = text_of(arena, value),
		.skip = between(skip, 0, INT32_MAX),
		.count = between(count, 1, AD_EXTENSION_PAGE),
	};
	return true;
}

bool ad_extension_is_press(const struct ad_activity *activity)
{
	return activity->type == AD_ACTIVITY_INVOKE &&
	       ad_text_eq(activity->name, "composeExtension/onCardButtonClicked");
}

static struct ad_json *answer(struct ad_arena *arena, const char *type)
{
	struct ad_json *whole = ad_json_new_object(arena);
	struct ad_json *extension = ad_json_new_object(arena);
	ad_json_set_str(arena, extension, "type", type);
	ad_json_set(arena, whole, "composeExtension", extension);
	return whole;
}

/* Some clients read HTML in a thumbnail's texts, others show it: in ours nothing begins a tag. */
static const char *without_tags(struct ad_arena *arena, const char *text)
{
	static const char open[] = "\xe2\x80\xb9";  /* U+2039 */
	static const char close[] = "\xe2\x80\xba"; /* U+203A */
	char *out = ad_alloc(arena, strlen(text) * (sizeof open - 1) + 1);
	size_t len = 0;
	for (; *text; text++) {
		bool is_angle = *text == '<' || *text == '>';
		if (is_angle)
			memcpy(out + len, *text == '<' ? open : close, sizeof open - 1);
		else
			out[len] = *text;
		len += is_angle ? sizeof open - 1 : 1;
	}
	out[len] = '\0';
	return ad_utf8_clean(arena, out, false);
}

static struct ad_json *attachment(struct ad_arena *arena, const char *type, struct ad_json *content)
{
	struct ad_json *made = ad_json_new_object(arena);
	ad_json_set_str(arena, made, "contentType", type);
	ad_json_set(arena, made, "content", content);
	return made;
}

struct ad_json *ad_extension_list(
	struct ad_arena *arena, const struct ad_extension_result *results, size_t count)
{
	struct ad_json *list = ad_json_new_array(arena);
	for (size_t i = 0; i < count; i++) {
		struct ad_json *preview = ad_json_new_object(arena);
		ad_json_set_str(arena, preview, "title", without_tags(arena, results[i].title));
		ad_json_set_str(arena, preview, "text", without_tags(arena, results[i].text));
		struct ad_json *result = attachment(
			arena, AD_ACTIVITY_CARD_TYPE, ad_json_copy(arena, results[i].card));
		ad_json_set(arena, result, "preview", attachment(arena, THUMBNAIL_TYPE, preview));
		ad_json_append(arena, list, result);
	}
	struct ad_json *whole = answer(arena, "result");
	struct ad_json *extension = ad_json_get(whole, "composeExtension");
	ad_json_set_str(arena, extension, "attachmentLayout", "list");
	ad_json_set(arena, extension, "attachments", list);
	return whole;
}

struct ad_json *ad_extension_message(struct ad_arena *arena, const char *text)
{
	AD_ASSERT(!ad_text_empty(text));
	struct ad_json *whole = answer(arena, "message");
	ad_json_set_str(arena, ad_json_get(whole, "composeExtension"), "text", text);
	return whole;
}
