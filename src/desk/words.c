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

int ad_words_people(const struct ad_desk *desk, const char *locale,
	const struct ad_stage_approver *people, size_t count, const char **ret, struct ad_err *err)
{
	static const char *const keys[] = { "people.none", "people.one", "people.two",
		"people.more" };
	struct ad_json *data = ad_json_new_object(desk->arena);
	if (count > 0)
		ad_json_set_str(desk->arena, data, "first", people[0].name);
	if (count > 1)
		ad_json_set_str(desk->arena, data, "second", people[1].name);
	if (count > 2)
		ad_json_set_int(desk->arena, data, "others", (int64_t)count - 2);
	return ad_words(desk, locale, keys[count > 3 ? 3 : count], data, ret, err);
}
