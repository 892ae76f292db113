/* SPDX-License-Identifier: Apache-2.0 */
/* Texts in a person's language. Nothing is built by joining words: a sentence is one key. */
#include "parts.h"
#include "ad/text.h"

int ad_words(const struct ad_desk *desk, const char *locale, const char *key,
	const struct ad_json *data, const char **ret, struct ad_err *err)
{
	return ad_cards_text(desk->cards, desk->arena, key, locale, data, ret, err);
}

int ad_words_into(const struct ad_desk *desk, const char *locale, const char *key,
	struct ad_json *into, const char *name, struct ad_err *err)
{
	const char *text;
	int e = ad_words(desk, locale, key, into, &text, err);
	if (e == 0)
		ad_json_set_str(desk->arena, into, name, text);
	return e;
}

const char *ad_words_cut(const struct ad_desk *desk, const char *text, size_t max_chars)
{
	return ad_utf8_cut(desk->arena, text ? text : "", max_chars);
}

/* The names, and "3 more" in the place of those beyond AD_NAMES_MAX, as one list. */
static int join(const struct ad_desk *desk, const char *locale, const struct ad_words_names *names,
	struct ad_json *data, struct ad_err *err)
{
	const char *items[AD_NAMES_MAX + 1];
	size_t shown = names->count < AD_NAMES_MAX ? names->count : AD_NAMES_MAX;
	const char *list;
	int e = 0;
	for (size_t i = 0; i < shown; i++)
		items[i] = names->items[i] ? names->items[i] : "";
	if (names->count > shown) {
		ad_json_set_int(desk->arena, data, "others", (int64_t)(names->count - shown));
		e = ad_words(desk, locale, "list.others", data, &items[shown++], err);
	}
	if (e == 0)
		e = ad_cards_list(desk->cards, desk->arena, locale,
			&(struct ad_cards_items){ items, shown, names->any }, &list, err);
	if (e == 0)
		ad_json_set_str(desk->arena, data, "people", list);
	return e;
}

int ad_words_list(const struct ad_desk *desk, const char *locale, const char *key,
	const struct ad_words_names *names, const char **ret, struct ad_err *err)
{
	struct ad_json *data = ad_json_new_object(desk->arena);
	ad_json_set_int(desk->arena, data, "count", (int64_t)names->count);
	int e = join(desk, locale, names, data, err);
	return e == 0 ? ad_words(desk, locale, key, data, ret, err) : e;
}

int ad_words_people(const struct ad_desk *desk, const char *locale,
	const struct ad_stage_approver *people, size_t count, const char **ret, struct ad_err *err)
{
	const char *names[AD_NAMES_MAX];
	for (size_t i = 0; i < count && i < AD_NAMES_MAX; i++)
		names[i] = people[i].name;
	return ad_words_list(desk, locale, "people",
		&(struct ad_words_names){ .items = names, .count = count, .any = true }, ret, err);
}

const char *ad_words_time(const struct ad_desk *desk, const char *locale, const char *iso)
{
	return ad_cards_time(desk->cards, desk->arena, locale, iso, AD_CARDS_MINUTE);
}
