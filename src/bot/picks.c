/* SPDX-License-Identifier: Apache-2.0 */
/* Several requests in one line or on one card. Pure. */
#include "ad/cards.h"
#include "ad/desk/bulk.h"
#include "ad/text.h"
#include "intent.h"

#define PICKS_MAX (AD_BULK_MAX + 1) /* one more than may be: the desk says so */
#define AND "said.and"

/* Behind what stands between two numbers; *ret_more: it is more than blanks. */
static const char *skip(const struct ad_listener *listener, const char *text, bool *ret_more)
{
	const char *comma;
	*ret_more = false;
	text += strspn(text, " ");
	while ((comma = ad_cards_comma(text))) {
		*ret_more = true;
		text = comma + strspn(comma, " ");
	}
	const char *rest = ad_cards_said(listener->cards, AND, listener->locale, text);
	*ret_more |= rest != NULL;
	return rest ? rest : text;
}

static bool ends(const struct ad_listener *listener, const char *text)
{
	bool more;
	return *text == '\0' || skip(listener, text, &more) > text;
}

/* "12", "#12", "12:3"; NULL when there is none, else what follows it. */
static const char *take(
	const struct ad_listener *listener, const char *text, struct ad_desk_pick *ret)
{
	const char *after;
	int64_t seen = 0;
	ret->number = ad_cards_number(text + (*text == '#'), &after);
	if (*after == ':')
		seen = ad_cards_number(after + 1, &after);
	if (ret->number < 1 || ret->number > INT32_MAX || seen < 0 || seen > INT32_MAX)
		return NULL;
	ret->seen = (int)seen;
	return ends(listener, after) ? after : NULL;
}

static bool has(const struct ad_desk_pick *items, size_t count, int64_t number)
{
	for (size_t i = 0; i < count; i++)
		if (items[i].number == number)
			return true;
	return false;
}

struct ad_picks ad_picks_read(
	const struct ad_listener *listener, const char *text, bool separated, const char **ret_rest)
{
	struct ad_desk_pick *items = ad_alloc_array(listener->arena, PICKS_MAX, sizeof *items);
	size_t count = 0;
	size_t certain = 0; /* of them, those that were not told apart by blanks alone */
	const char *certain_rest = text;
	const char *at = text;
	bool more = true;
	struct ad_desk_pick pick;
	const char *after;
	while (count < PICKS_MAX && (after = take(listener, at, &pick))) {
		bool sure = more && certain == count;
		if (!has(items, count, pick.number))
			items[count++] = pick;
		at = skip(listener, after, &more);
		if (sure) {
			certain = count;
			certain_rest = after + strspn(after, " ");
		}
	}
	bool all = !separated || *at == '\0';
	*ret_rest = all ? at : certain_rest;
	return (struct ad_picks){ .items = items, .count = all ? count : certain };
}

struct ad_picks ad_picks_of(const struct ad_listener *listener, const struct ad_json *inputs)
{
	const char *rest;
	const char *list = ad_json_str(inputs, AD_DESK_INPUT_PICKS);
	if (list)
		return ad_picks_read(listener, list, false, &rest);
	list = "";
	AD_JSON_EACH(input, inputs)
	{
		const char *text = ad_json_text(input);
		if (ad_text_starts(ad_json_name(input), AD_DESK_INPUT_PICK) &&
			!ad_text_empty(text) && !ad_text_eq(text, "false"))
			list = ad_printf(listener->arena, "%s %s", list, text);
	}
	return ad_picks_read(listener, list + strspn(list, " "), false, &rest);
}
