/* SPDX-License-Identifier: Apache-2.0 */
/* A card made shorter. What a person can do with it stays: buttons, inputs and their choices. */
#include "ad/teams/activity.h"

#include "ad/text.h"

#define TEXT_KEPT 160 /* characters of a text */
#define FACTS_KEPT 3  /* of a list of facts; ours begin with what matters */
#define DEPTH_MAX 32

static bool is_picture(const struct ad_json *element)
{
	const char *type = ad_json_str(element, "type");
	return ad_text_eq(type, "Image") || ad_text_eq(type, "ImageSet") ||
	       ad_text_eq(type, "Media");
}

/* Texts that are only read. An input's value is the person's own and is not cut. */
static bool may_cut(const struct ad_json *object, const char *name)
{
	if (ad_text_eq(name, "text"))
		return true;
	return ad_text_eq(name, "value") && ad_json_str(object, "title") &&
	       !ad_json_str(object, "type");
}

static struct ad_json *shorten(
	struct ad_arena *arena, const struct ad_json *value, const char *name, int depth);

static struct ad_json *shorten_object(
	struct ad_arena *arena, const struct ad_json *object, const char *name, int depth)
{
	struct ad_json *copy = ad_json_new_object(arena);
	AD_JSON_EACH(member, object)
	{
		const char *key = ad_json_name(member);
		const char *text = ad_json_text(member);
		/* A choice has title and value, too, and its value is an answer. */
		bool cut = text && !ad_text_eq(name, "choices") && may_cut(object, key);
		ad_json_set(arena, copy, key,
			cut ? ad_json_new_string(arena, ad_utf8_cut(arena, text, TEXT_KEPT))
			    : shorten(arena, member, key, depth + 1));
	}
	return copy;
}

static struct ad_json *shorten_array(
	struct ad_arena *arena, const struct ad_json *array, const char *name, int depth)
{
	struct ad_json *copy = ad_json_new_array(arena);
	AD_JSON_EACH(item, array)
	{
		if (is_picture(item))
			continue;
		if (ad_text_eq(name, "facts") && ad_json_count(copy) == FACTS_KEPT)
			break;
		ad_json_append(arena, copy, shorten(arena, item, name, depth + 1));
	}
	return copy;
}

/* name: of the member that the value, or the array it stands in, is. What a button sends back
 * ("data") is copied as it is. */
static struct ad_json *shorten(
	struct ad_arena *arena, const struct ad_json *value, const char *name, int depth)
{
	enum ad_json_kind kind = ad_json_kind(value);
	if (depth > DEPTH_MAX || ad_text_eq(name, "data"))
		return ad_json_copy(arena, value);
	if (kind == AD_JSON_OBJECT)
		return shorten_object(arena, value, name, depth);
	return kind == AD_JSON_ARRAY ? shorten_array(arena, value, name, depth)
				     : ad_json_copy(arena, value);
}

struct ad_json *ad_activity_short(struct ad_arena *arena, const struct ad_json *activity)
{
	const struct ad_json *attachment = ad_json_first(ad_json_get(activity, "attachments"));
	const struct ad_json *card = ad_json_get(attachment, "content");
	if (ad_json_kind(card) != AD_JSON_OBJECT)
		return NULL;
	return ad_activity_card(
		arena, shorten(arena, card, "", 0), ad_json_str(activity, "summary"));
}
