/* SPDX-License-Identifier: Apache-2.0 */
/* The catalogue from any chat: what the bot's own search finds for this person, as a list whose
 * entries can be shared. A shared card is read by others, so it tells of the app alone. */
#include "matches.h"
#include "ad/desk/browse.h"
#include "ad/text.h"

#define LINE_MAX 120 /* characters of a description in the list */

static int say(struct ad_desk *desk, const struct ad_person *who, const char *key,
	const struct ad_json *data, struct ad_desk_offers *ret, struct ad_err *err)
{
	*ret = (struct ad_desk_offers){ 0 };
	return ad_words(desk, who->locale, key, data, &ret->text, err);
}

static int offer(struct ad_desk *desk, const struct ad_person *who, const struct ad_app *app,
	struct ad_desk_offer *ret, struct ad_err *err)
{
	struct ad_json *data = ad_json_new_object(desk->arena);
	struct ad_json *card;
	ad_matches_app(desk, app, data);
	ad_json_set_str(desk->arena, data, "line", ad_words_cut(desk, app->description, LINE_MAX));
	ret->title = app->name;
	int e = ad_words(desk, who->locale, "offer.line", data, &ret->text, err);
	if (e == 0)
		e = ad_cards_render(
			desk->cards, desk->arena, "offer", who->locale, data, &card, err);
	if (e == 0)
		ret->card = card;
	return e;
}

static int show(struct ad_desk *desk, const struct ad_person *who, const struct ad_app_list *apps,
	struct ad_desk_offers *ret, struct ad_err *err)
{
	struct ad_desk_offer *offers = ad_alloc_array(desk->arena, apps->count, sizeof *offers);
	int e = 0;
	for (size_t i = 0; e == 0 && i < apps->count; i++)
		e = offer(desk, who, &apps->items[i], &offers[i], err);
	*ret = (struct ad_desk_offers){ .items = offers, .count = apps->count };
	return e;
}

/* One or two letters find little that was meant. */
static bool is_begun(const char *words)
{
	return ad_utf16_units(words) < 3;
}

/* All that is there for the person, up to AD_DESK_OFFERS_MAX: pages are cut from the same list. */
static int find(struct ad_desk *desk, const struct ad_person *who, struct ad_app_search *search,
	struct ad_app_list *ret, struct ad_err *err)
{
	int e = 0;
	*ret = (struct ad_app_list){ 0 };
	search->limit = AD_DESK_OFFERS_MAX;
	if (*search->words)
		e = ad_store_apps_search(desk->db, desk->arena, desk->tenant_id, search, ret, err);
	if (e == 0 && ret->count == 0 && is_begun(search->words)) {
		search->words = "";
		e = ad_store_apps_popular(
			desk->db, desk->arena, desk->tenant_id, AD_DESK_OFFERS_MAX, ret, err);
	}
	return e == 0 ? ad_apps_keep_open(desk, who, ret, AD_DESK_OFFERS_MAX, err) : e;
}

static struct ad_app_list page(const struct ad_app_list *all, const struct ad_desk_look *look)
{
	size_t skip = (size_t)look->skip < all->count ? (size_t)look->skip : all->count;
	size_t count = all->count - skip;
	if (count > (size_t)look->count)
		count = (size_t)look->count;
	return (struct ad_app_list){ .items = all->items + skip, .count = count };
}

int ad_desk_browse(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_look *look, struct ad_desk_offers *ret, struct ad_err *err)
{
	struct ad_app_search search;
	struct ad_app_list all;
	*ret = (struct ad_desk_offers){ 0 };
	if (!who->is_user)
		return say(desk, who, "user.denied", NULL, ret, err);
	int e = ad_search_read(desk, who->locale, look->text, &search, err);
	if (e == 0)
		e = find(desk, who, &search, &all, err);
	if (e != 0)
		return e;
	struct ad_app_list shown = page(&all, look);
	if (all.count > 0)
		return show(desk, who, &shown, ret, err);
	struct ad_json *data = ad_json_new_object(desk->arena);
	ad_json_set_str(desk->arena, data, "asked", search.words);
	return say(desk, who, *search.words ? "offer.none" : "offer.empty", data, ret, err);
}
