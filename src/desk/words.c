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

int ad_words_list(const struct ad_desk *desk, const char *locale, const char *prefix,
	const struct ad_words_names *names, const char **ret, struct ad_err *err)
{
	static const char *const forms[] = { "none", "one", "two", "more" };
	const size_t count = names->count;
	struct ad_json *data = ad_json_new_object(desk->arena);
	if (count > 0)
		ad_json_set_str(desk->arena, data, "first", names->items[0]);
	if (count > 1)
		ad_json_set_str(desk->arena, data, "second", names->items[1]);
	if (count > 2)
		ad_json_set_int(desk->arena, data, "others", (int64_t)count - 2);
	const char *key = ad_printf(desk->arena, "%s.%s", prefix, forms[count > 3 ? 3 : count]);
	return ad_words(desk, locale, key, data, ret, err);
}

int ad_words_people(const struct ad_desk *desk, const char *locale,
	const struct ad_stage_approver *people, size_t count, const char **ret, struct ad_err *err)
{
	const char *names[AD_NAMES_MAX];
	for (size_t i = 0; i < count && i < AD_NAMES_MAX; i++)
		names[i] = people[i].name;
	return ad_words_list(desk, locale, "people",
		&(struct ad_words_names){ .items = names, .count = count }, ret, err);
}
