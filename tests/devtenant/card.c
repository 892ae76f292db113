/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A card is walked generically: every object whose type begins with "Input." or "Action." counts,
 * wherever it stands. What a client does not show (data, fallback, refresh) is not entered. A
 * button sends the inputs of its own card and of the cards around it, not those of other ShowCards.
 */
#include "card.h"

#include "ad/buf.h"
#include "ad/text.h"

#include <ctype.h>
#include <string.h>

#define WORDS_MAX ((size_t)1 << 20)

static const char *const unseen[] = { "data", "fallback", "refresh", "msteams", "authentication",
	"metadata", "fallbackText", "backgroundImage", NULL };
static const char *const readable[] = { "text", "title", "label", "value", "altText", NULL };

static bool among(const char *const *names, const char *name)
{
	while (name && *names)
		if (ad_text_eq(*names++, name))
			return true;
	return false;
}

struct ad_json *dt_card_of(const struct ad_json *activity)
{
	AD_JSON_EACH(attachment, ad_json_get(activity, "attachments"))
	if (ad_text_eq(ad_json_str(attachment, "contentType"),
		    "application/vnd.microsoft.card.adaptive"))
		return ad_json_get(attachment, "content");
	return NULL;
}

/* The part of "{{DATE(2026-11-22T17:54:32Z, SHORT)}}" that is shown; NULL when it is none. */
static const char *date_part(const char *text, size_t *ret_len, size_t *ret_skip)
{
	static const struct {
		const char *head;
		size_t from, len;
	} parts[] = { { "{{DATE(", 0, 10 }, { "{{TIME(", 11, 5 } };
	const char *end = strstr(text, ")}}");

	for (size_t i = 0; end && i < sizeof(parts) / sizeof(parts[0]); i++) {
		const char *time = text + strlen(parts[i].head);

		if (!ad_text_starts(text, parts[i].head) ||
			(size_t)(end - time) < parts[i].from + parts[i].len)
			continue;
		*ret_len = parts[i].len;
		*ret_skip = (size_t)(end - text) + strlen(")}}");
		return time + parts[i].from;
	}
	return NULL;
}

char *dt_card_plain(struct ad_arena *arena, const char *text)
{
	char *plain = ad_alloc(arena, strlen(text) + 1);
	size_t n = 0;

	while (*text) {
		size_t len = 0, skip = 0;
		const char *date = date_part(text, &len, &skip);

		if (date) {
			memcpy(plain + n, date, len);
			n += len;
			text += skip;
			continue;
		}
		text += text[0] == '\\' && text[1] && ispunct((unsigned char)text[1]);
		plain[n++] = *text++;
	}
	return plain;
}

static void add_words(
	struct ad_arena *arena, struct ad_buf *words, const struct ad_json *node, bool choice)
{
	AD_JSON_EACH(child, node)
	{
		const char *name = ad_json_name(child);

		if (among(unseen, name) || (choice && ad_text_eq(name, "value")))
			continue;
		if (ad_json_text(child) && among(readable, name))
			ad_buf_addf(words, "%s\n", dt_card_plain(arena, ad_json_text(child)));
		add_words(arena, words, child, choice || ad_text_eq(name, "choices"));
	}
}

char *dt_card_words(struct ad_arena *arena, const struct ad_json *card)
{
	struct ad_buf words;

	ad_buf_init(&words, WORDS_MAX);
	add_words(arena, &words, card, false);
	char *text = ad_strdup(arena, ad_buf_str(&words));
	ad_buf_release(&words);
	return text;
}

static struct ad_json *input_entry(struct ad_arena *arena, const struct ad_json *input)
{
	struct ad_json *entry = ad_json_new_object(arena);
	const char *type = ad_json_str(input, "type");
	const char *label = ad_json_str(input, "label");
	const struct ad_json *value = ad_json_get(input, "value");
	const struct ad_json *choices = ad_json_get(input, "choices");

	ad_json_set_str(arena, entry, "id", ad_json_str(input, "id"));
	ad_json_set_str(arena, entry, "type", type);
	ad_json_set_str(arena, entry, "label", label ? label : ad_json_str(input, "title"));
	ad_json_set_bool(arena, entry, "required", ad_json_bool(input, "isRequired", false));
	if (ad_json_kind(value) == AD_JSON_NUMBER)
		ad_json_set_str(arena, entry, "value", ad_json_print(arena, value));
	else if (ad_json_text(value))
		ad_json_set_str(arena, entry, "value", ad_json_text(value));
	else if (ad_text_eq(type, "Input.Toggle"))
		ad_json_set_str(arena, entry, "value",
			ad_json_str(input, "valueOff") ? ad_json_str(input, "valueOff") : "false");
	else
		ad_json_set_str(arena, entry, "value", NULL);
	if (choices)
		ad_json_set(arena, entry, "choices", ad_json_copy(arena, choices));
	if (ad_json_str(input, "style"))
		ad_json_set_str(arena, entry, "style", ad_json_str(input, "style"));
	if (ad_json_bool(input, "isMultiSelect", false))
		ad_json_set_bool(arena, entry, "multiple", true);
	if (ad_json_get(input, "choices.data"))
		ad_json_set_bool(arena, entry, "open", true);
	return entry;
}

/* The inputs below node; those of ShowCards only when deep. */
static void add_inputs(
	struct ad_arena *arena, const struct ad_json *node, bool deep, struct ad_json *list)
{
	const char *type = ad_json_str(node, "type");

	if (type && ad_text_starts(type, "Input.")) {
		if (ad_json_str(node, "id"))
			ad_json_append(arena, list, input_entry(arena, node));
		/* An inline action is entered for buttons, it holds no inputs. */
		return;
	}
	if (ad_text_eq(type, "Action.ShowCard") && !deep)
		return;
	AD_JSON_EACH(child, node)
	if (!among(unseen, ad_json_name(child)))
		add_inputs(arena, child, deep, list);
}

struct ad_json *dt_card_inputs(struct ad_arena *arena, const struct ad_json *card)
{
	struct ad_json *list = ad_json_new_array(arena);

	add_inputs(arena, card, true, list);
	return list;
}

static struct ad_json *button_entry(struct ad_arena *arena, const struct ad_json *action,
	const struct ad_json *inputs, int64_t number)
{
	struct ad_json *entry = ad_json_new_object(arena);
	static const char *const copied[] = { "title", "type", "verb", "id", "url", "tooltip" };
	struct ad_json *ids = ad_json_new_array(arena);

	ad_json_set_int(arena, entry, "n", number);
	for (size_t i = 0; i < sizeof(copied) / sizeof(copied[0]); i++)
		if (ad_json_str(action, copied[i]))
			ad_json_set_str(arena, entry, copied[i], ad_json_str(action, copied[i]));
	if (ad_json_get(action, "data"))
		ad_json_set(arena, entry, "data", ad_json_copy(arena, ad_json_get(action, "data")));
	ad_json_set_bool(arena, entry, "enabled", ad_json_bool(action, "isEnabled", true));
	if (!ad_text_eq_nocase(ad_json_str(action, "associatedInputs"), "none"))
		AD_JSON_EACH(input, inputs)
	ad_json_append(arena, ids, ad_json_new_string(arena, ad_json_str(input, "id")));
	ad_json_set(arena, entry, "inputs", ids);
	return entry;
}

static void add_buttons(struct ad_arena *arena, const struct ad_json *node,
	const struct ad_json *inputs, struct ad_json *list)
{
	const char *type = ad_json_str(node, "type");

	if (type && ad_text_starts(type, "Action.")) {
		ad_json_append(arena, list,
			button_entry(arena, node, inputs, (int64_t)ad_json_count(list) + 1));
		if (!ad_text_eq(type, "Action.ShowCard"))
			return;
		struct ad_json *wider = ad_json_copy(arena, inputs);
		add_inputs(arena, ad_json_get(node, "card"), false, wider);
		add_buttons(arena, ad_json_get(node, "card"), wider, list);
		return;
	}
	AD_JSON_EACH(child, node)
	if (!among(unseen, ad_json_name(child)))
		add_buttons(arena, child, inputs, list);
}

struct ad_json *dt_card_buttons(struct ad_arena *arena, const struct ad_json *card)
{
	struct ad_json *list = ad_json_new_array(arena);
	struct ad_json *inputs = ad_json_new_array(arena);

	add_inputs(arena, card, false, inputs);
	add_buttons(arena, card, inputs, list);
	return list;
}
