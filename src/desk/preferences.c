/* SPDX-License-Identifier: Apache-2.0 */
/* What a person wishes to be told: shown and changed by words or buttons. */
#include "parts.h"
#include "ad/store/preferences.h"
#include "ad/text.h"

#include <ctype.h>

#define TIME_LEN 5 /* 20:00 */

/* ---- wishes ---- */

static void mute(struct ad_preferences *p)
{
	p->muted = true;
}

static void unmute(struct ad_preferences *p)
{
	p->muted = false;
}

static void daily(struct ad_preferences *p)
{
	p->daily = true;
}

static void at_once(struct ad_preferences *p)
{
	p->daily = false;
}

static void never_quiet(struct ad_preferences *p)
{
	p->quiet_from = p->quiet_until = "";
}

/* What is said or pressed, what it changes, and the words that confirm it. */
static const struct wish {
	const char *name;
	void (*apply)(struct ad_preferences *p);
	const char *key;
} wishes[] = {
	{ "mute", mute, "prefer.muted" },
	{ "unmute", unmute, "prefer.unmuted" },
	{ "digest daily", daily, "prefer.daily" },
	{ "digest off", at_once, "prefer.at_once" },
	{ "quiet off", never_quiet, "prefer.never_quiet" },
};

static const struct wish *find_wish(const char *name)
{
	for (size_t i = 0; i < sizeof wishes / sizeof wishes[0]; i++)
		if (ad_text_eq(wishes[i].name, name))
			return &wishes[i];
	return NULL;
}

/* ---- quiet hours ---- */

/* "7:00", "07:00" or "20.30" at *at, as "07:00"; NULL when it is no time of a day. */
static const char *take_time(struct ad_arena *arena, const char **at)
{
	int64_t hours;
	int64_t minutes;
	size_t digits = strspn(*at, "0123456789");
	char separator = (*at)[digits];
	if (digits == 0 || digits > 2 || (separator != ':' && separator != '.'))
		return NULL;
	const char *second = *at + digits + 1;
	if (strspn(second, "0123456789") != 2 ||
		ad_text_i64(ad_strndup(arena, *at, digits), 0, 23, &hours) != 0 ||
		ad_text_i64(ad_strndup(arena, second, 2), 0, 59, &minutes) != 0)
		return NULL;
	*at = second + 2;
	return ad_printf(arena, "%02d:%02d", (int)hours, (int)minutes);
}

/* "20:00-07:00" or "20:00 - 07:00", and what follows; false when it is something else. */
static bool take_hours(
	struct ad_arena *arena, const char *text, struct ad_preferences *p, const char **ret_zone)
{
	const char *from = take_time(arena, &text);
	text += strspn(text, " ");
	if (!from || *text != '-')
		return false;
	text += 1 + strspn(text + 1, " ");
	const char *until = take_time(arena, &text);
	if (!until || (*text && *text != ' ') || ad_text_eq(from, until))
		return false;
	p->quiet_from = from;
	p->quiet_until = until;
	*ret_zone = ad_text_trim(arena, text);
	return true;
}

/* *ret_key is the word that confirms it, or says what is wrong. */
static int set_quiet(struct ad_desk *desk, const char *hours, struct ad_preferences *p,
	bool *ret_valid, const char **ret_key, struct ad_err *err)
{
	const char *zone = "";
	*ret_valid = take_hours(desk->arena, hours, p, &zone);
	*ret_key = *ret_valid ? "prefer.quiet" : "prefer.bad_hours";
	if (!*ret_valid || ad_text_empty(zone))
		return 0;
	int e = ad_store_preferences_zone(desk->db, desk->arena, zone, &p->time_zone, err);
	if (e != AD_ENOTFOUND)
		return e;
	*ret_valid = false;
	*ret_key = "prefer.bad_zone";
	return 0;
}

/* ---- the language ---- */

static const char *set_language(struct ad_desk *desk, const struct ad_person *who, const char *text,
	struct ad_preferences *p, bool *ret_valid)
{
	const char *rest = ad_cards_said(desk->cards, "said.automatic", who->locale, text);
	bool automatic = rest && !*rest;
	const char *named = ad_cards_language_named(desk->cards, desk->arena, text);
	*ret_valid = automatic || named;
	if (!*ret_valid)
		return "prefer.bad_language";
	p->language = automatic ? "" : named;
	return automatic ? "prefer.language_automatic" : "prefer.language";
}

/* ---- the card ---- */

static int show(struct ad_desk *desk, const struct ad_person *who, const struct ad_preferences *p,
	const char *note_key, struct ad_desk_reply *ret, struct ad_err *err)
{
	struct ad_arena *arena = desk->arena;
	struct ad_json *data = ad_json_new_object(arena);
	bool quiet = !ad_text_empty(p->quiet_from);
	const char *news = p->muted ? "news.never" : p->daily ? "news.daily" : "news.at_once";
	ad_json_set_str(arena, data, "from", p->quiet_from);
	ad_json_set_str(arena, data, "until", p->quiet_until);
	ad_json_set_str(arena, data, "zone", p->time_zone);
	ad_json_set_bool(arena, data, "muted", p->muted);
	ad_json_set_bool(arena, data, "daily", p->daily);
	ad_json_set_bool(arena, data, "has_note", note_key != NULL);
	ad_json_set_str(arena, data, "note", "");
	ad_json_set_str(
		arena, data, "language", ad_cards_language_title(desk->cards, arena, who->locale));
	int e = ad_text_empty(p->language) ? ad_words_into(desk, who->locale, "language.automatic",
						     data, "language", err)
					   : 0;
	if (e == 0)
		e = ad_words_into(desk, who->locale, news, data, "news", err);
	if (e == 0)
		e = ad_words_into(desk, who->locale, quiet ? "quiet.hours" : "quiet.none", data,
			"quiet", err);
	if (e == 0 && note_key)
		e = ad_words_into(desk, who->locale, note_key, data, "note", err);
	if (e == 0)
		e = ad_reply_card(desk, who, "preferences",
			note_key ? note_key : "preferences.short", data, "preferences", ret, err);
	return e;
}

int ad_desk_preferences(struct ad_desk *desk, const struct ad_person *who,
	struct ad_desk_reply *ret, struct ad_err *err)
{
	struct ad_preferences wish;
	int e = ad_store_preferences_get(
		desk->db, desk->arena, desk->tenant_id, who->oid, &wish, err);
	return e == 0 ? show(desk, who, &wish, NULL, ret, err) : e;
}

static int trail_wish(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_preferences *p, struct ad_err *err)
{
	struct ad_json *details = ad_json_new_object(desk->arena);
	ad_json_set_bool(desk->arena, details, "muted", p->muted);
	ad_json_set_str(desk->arena, details, "digest", p->daily ? "daily" : "off");
	ad_json_set_str(desk->arena, details, "quiet_from", p->quiet_from);
	ad_json_set_str(desk->arena, details, "quiet_until", p->quiet_until);
	ad_json_set_str(desk->arena, details, "time_zone", p->time_zone);
	ad_json_set_str(desk->arena, details, "language", p->language);
	return ad_trail(desk,
		&(struct ad_event){ .who = who,
			.action = "preferences.changed",
			.entity_type = "person",
			.entity_name = who->oid,
			.details = details },
		err);
}

/* Takes the wish into *p. *ret_key is the word that confirms it, or says what is wrong. */
static int take_wish(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_wish *wanted, struct ad_preferences *p, bool *ret_valid,
	const char **ret_key, struct ad_err *err)
{
	const struct wish *wish = find_wish(wanted->name);
	*ret_valid = wish != NULL;
	*ret_key = wish ? wish->key : "prefer.bad_hours";
	if (wish)
		wish->apply(p);
	else if (wanted->what && ad_text_eq(wanted->name, "language"))
		*ret_key = set_language(desk, who, wanted->what, p, ret_valid);
	else if (wanted->what)
		return set_quiet(desk, wanted->what, p, ret_valid, ret_key, err);
	return 0;
}

static int refuse(struct ad_desk *desk, const struct ad_person *who, const char *key,
	struct ad_desk_reply *ret, struct ad_err *err)
{
	struct ad_json *data = ad_json_new_object(desk->arena);
	const char *languages;
	int e = ad_cards_languages(desk->cards, desk->arena, who->locale, &languages, err);
	if (e != 0)
		return e;
	ad_json_set_str(desk->arena, data, "languages", languages);
	return ad_reply_words(desk, who, key, data, "bad_wish", ret, err);
}

int ad_desk_prefer(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_wish *wanted, struct ad_desk_reply *ret, struct ad_err *err)
{
	AD_ASSERT(ad_db_in_transaction(desk->db));
	struct ad_preferences p;
	struct ad_person reader = *who;
	const char *key = NULL;
	bool valid = false;
	int e = ad_store_preferences_get(desk->db, desk->arena, desk->tenant_id, who->oid, &p, err);
	if (e == 0)
		e = take_wish(desk, who, wanted, &p, &valid, &key, err);
	if (e == 0 && !valid)
		return refuse(desk, who, key, ret, err);
	if (e == 0)
		e = ad_store_preferences_put(desk->db, desk->arena, &p, err);
	if (e == 0)
		e = ad_notice_locale(desk, who->oid, &reader.locale, err);
	if (e == 0)
		e = show(desk, &reader, &p, key, ret, err);
	if (e != 0)
		return e;
	ret->in_place = wanted->pressed;
	ret->outcome = "preferred";
	return trail_wish(desk, who, &p, err);
}
