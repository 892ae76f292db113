/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Message text: takes the bot's own mention away and evens out white space, so that "approve 12"
 * reads the same from every client. Clients put NBSP after a mention and zero-width characters into
 * pasted text. The text is valid UTF-8: the JSON parser refuses anything else.
 */
#include "message_text.h"

#include "ad/buf.h"
#include "ad/teams/activity.h"
#include "ad/text.h"

const char *ad_message_mention(const struct ad_json *entity)
{
	if (!ad_text_eq(ad_json_str(entity, "type"), "mention"))
		return NULL;
	const char *text = ad_json_str(entity, "text");
	return ad_text_empty(text) ? NULL : text;
}

/* All occurrences: a client repeats the same mark for each mention. */
static const char *without(struct ad_arena *arena, const char *text, const char *mark)
{
	const char *found = strstr(text, mark);
	if (!found)
		return text;
	size_t mark_len = strlen(mark);
	char *out = ad_alloc(arena, strlen(text) + 1);
	size_t len = 0;
	for (; found; found = strstr(text, mark)) {
		memcpy(out + len, text, (size_t)(found - text));
		len += (size_t)(found - text);
		text = found + mark_len;
	}
	memcpy(out + len, text, strlen(text) + 1);
	return out;
}

static bool starts_with_mention_of_another(const char *text, const struct ad_json *entities)
{
	size_t looked_at = 0;
	AD_JSON_EACH(entity, entities)
	{
		if (looked_at++ == AD_ACTIVITY_LIST_MAX)
			return true;
		const char *mark = ad_message_mention(entity);
		if (mark && ad_text_starts(text, mark))
			return true;
	}
	return false;
}

static const char *without_leading_mark(const char *text, const struct ad_json *entities)
{
	while (*text == ' ')
		text++;
	if (!ad_text_starts(text, "<at>") && !ad_text_starts(text, "<at "))
		return text;
	if (starts_with_mention_of_another(text, entities))
		return text;
	const char *end = strstr(text, "</at>");
	return end ? end + strlen("</at>") : text;
}

const char *ad_message_without_mention(struct ad_arena *arena, const char *text,
	const struct ad_json *entities, const char *bot_id)
{
	const char *rest = text;
	size_t looked_at = 0;
	AD_JSON_EACH(entity, entities)
	{
		if (looked_at++ == AD_ACTIVITY_LIST_MAX)
			break;
		const char *mark = ad_message_mention(entity);
		if (mark && ad_text_eq(ad_json_str(entity, "mentioned.id"), bot_id))
			rest = without(arena, rest, mark);
	}
	return rest != text ? rest : without_leading_mark(text, entities);
}

/* One element within another: <span class="inline-compose-card" ...> <span ...></span> </span> */
const char *ad_message_without_card(struct ad_arena *arena, const char *text)
{
	static const char begin[] = "<span class=\"inline-compose-card\"";
	static const char end[] = "</span>";
	const char *from = strstr(text, begin);
	const char *inner = from ? strstr(from, end) : NULL;
	const char *outer = inner ? strstr(inner + 1, end) : NULL;
	if (!outer)
		return text;
	return ad_printf(arena, "%.*s %s", (int)(from - text), text, outer + sizeof end - 1);
}

struct mark {
	const char *bytes;
	char meaning; /* ' ' or 0 for nothing */
};

static const struct mark marks[] = {
	{ "&nbsp;", ' ' }, { "\xc2\xa0", ' ' }, /* U+00A0 no-break space */
	{ "\xe2\x80\x8b", 0 },                  /* U+200B zero width space */
	{ "\xe2\x80\x8c", 0 },                  /* U+200C zero width non-joiner */
	{ "\xe2\x80\x8d", 0 },                  /* U+200D zero width joiner */
	{ "\xe2\x80\xa8", ' ' },                /* U+2028 line separator */
	{ "\xe2\x80\xa9", ' ' },                /* U+2029 paragraph separator */
	{ "\xe2\x80\xaf", ' ' },                /* U+202F narrow no-break space */
	{ "\xe2\x81\xa0", 0 },                  /* U+2060 word joiner */
	{ "\xe2\x80\x8e", 0 },                  /* U+200E left-to-right mark */
	{ "\xe2\x80\x8f", 0 },                  /* U+200F right-to-left mark */
	{ "\xd8\x9c", 0 },                      /* U+061C Arabic letter mark */
	{ "\xe2\x81\xa8", 0 },                  /* U+2068 first strong isolate, of our own cards */
	{ "\xe2\x81\xa9", 0 },                  /* U+2069 its end */
	{ "\xe3\x80\x80", ' ' },                /* U+3000 ideographic space */
	{ "\xef\xbb\xbf", 0 },                  /* U+FEFF byte order mark */
};

/* Bytes at text that stand for white space or nothing, 0 for a plain character. */
static size_t blank_len(const char *text, bool *ret_is_space)
{
	*ret_is_space = true;
	if (strchr(" \t\r\n\v\f", *text))
		return 1;
	for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
		if (ad_text_starts(text, marks[i].bytes)) {
			*ret_is_space = marks[i].meaning == ' ';
			return strlen(marks[i].bytes);
		}
	}
	return 0;
}

const char *ad_message_normalise(struct ad_arena *arena, const char *text)
{
	char *out = ad_alloc(arena, strlen(text) + 1);
	size_t len = 0;
	bool space_waits = false;
	while (*text) {
		bool is_space = false;
		size_t blank = blank_len(text, &is_space);
		if (blank > 0) {
			space_waits = space_waits || is_space;
			text += blank;
			continue;
		}
		if (space_waits && len > 0)
			out[len++] = ' ';
		space_waits = false;
		out[len++] = *text++;
	}
	out[len] = 0;
	return ad_utf8_cut(arena, ad_utf8_clean(arena, out, false), AD_ACTIVITY_TEXT_MAX);
}
