/* SPDX-License-Identifier: Apache-2.0 */
/* Free text to apps. What people write around the name ("could I please have ...") is taken away
 * by a list of words of their language; the database does the rest. */
#include "bundle.h"
#include "matches.h"
#include "others.h"
#include "suggestion.h"
#include "ad/text.h"

#define WORDS_MAX 20      /* words of a sentence that are looked at */
#define CANDIDATES_MAX 25 /* some may not be there for the person */

static bool is_listed(const char *word, const char *list)
{
	size_t len = strlen(word);
	for (const char *p = strstr(list, word); p; p = strstr(p + 1, word)) {
		bool starts = p == list || p[-1] == ' ';
		if (starts && (p[len] == ' ' || p[len] == '\0'))
			return true;
	}
	return false;
}

/* Punctuation around a word goes; inside and behind it may belong to a name: "7-zip", "c++",
 * "notepad++", "node.js", "c#". */
static char *strip(char *word)
{
	while (*word && strchr("\"'()[]{}<>,.;:!?*_`~|/\\", *word))
		word++;
	size_t len = strlen(word);
	while (len > 0 && strchr("\"'()[]{}<>,.;:!?*_`~|/\\", word[len - 1]))
		word[--len] = '\0';
	return word;
}

/* Emoji and what joins them name no app. */
static bool says_something(const char *word)
{
	static const char *const parts[] = { "\xF0\x9F", "\xE2\x98", "\xE2\x99", "\xE2\x9A",
		"\xE2\x9B", "\xE2\x9C", "\xE2\x9D", "\xE2\x9E", "\xEF\xB8\x8F", "\xE2\x80\x8D" };
	while (*word) {
		size_t i = 0;
		while (i < sizeof parts / sizeof parts[0] && !ad_text_starts(word, parts[i]))
			i++;
		if (i == sizeof parts / sizeof parts[0])
			return true;
		for (word++; (*word & 0xC0) == 0x80; word++)
			continue;
	}
	return false;
}

/* The text in lower case, without punctuation around words and without filler. "" when it is filler
 * alone. */
static const char *essence(struct ad_arena *arena, const char *text, const char *filler)
{
	char *rest = ad_text_lower(arena, ad_utf8_clean(arena, text, false));
	char *kept = ad_alloc(arena, strlen(rest) + 2);
	size_t len = 0;
	char *word;
	for (int i = 0; i < WORDS_MAX && (word = strsep(&rest, " \t\r\n")); i++) {
		word = strip(word);
		if (!says_something(word) || is_listed(word, filler))
			continue;
		if (len > 0)
			kept[len++] = ' ';
		memcpy(kept + len, word, strlen(word));
		len += strlen(word);
	}
	kept[len] = '\0';
	return kept;
}

int ad_search_read(struct ad_desk *desk, const char *locale, const char *text,
	struct ad_app_search *ret, struct ad_err *err)
{
	const char *filler;
	const char *cut = ad_utf8_cut(desk->arena, text ? text : "", AD_SEARCH_MAX);
	int e = ad_words(desk, locale, "search.filler", NULL, &filler, err);
	if (e != 0)
		return e;
	*ret = (struct ad_app_search){
		.words = essence(desk->arena, cut, filler),
		.text = ad_utf8_clean(desk->arena, cut, false),
		.locale = locale ? locale : "",
	};
	return 0;
}

int ad_apps_named(struct ad_desk *desk, const char *locale, const char *name, int limit,
	struct ad_app_list *ret, struct ad_err *err)
{
	struct ad_app_search search;
	int e = ad_search_read(desk, locale, name, &search, err);
	if (e != 0)
		return e;
	search.limit = limit;
	search.words = *search.words ? search.words : search.text;
	return ad_store_apps_search(desk->db, desk->arena, desk->tenant_id, &search, ret, err);
}

/* begin: of the words' keys. asked: a search, or the name of an app. */
static int show_apps(struct ad_desk *desk, const struct ad_person *who, const char *begin,
	const char *asked, const struct ad_app_list *apps, struct ad_desk_reply *ret,
	struct ad_err *err)
{
	static const char *const parts[] = { "title", "asked", "hint" };
	struct ad_json *data = ad_json_new_object(desk->arena);
	int e = 0;
	ad_json_set_str(desk->arena, data, "asked", ad_words_cut(desk, asked, AD_SEARCH_MAX));
	ad_json_set_str(desk->arena, data, "first", apps->items[0].name);
	for (size_t i = 0; e == 0 && i < sizeof parts / sizeof parts[0]; i++)
		e = ad_words_into(desk, who->locale,
			ad_printf(desk->arena, "%s.%s", begin, parts[i]), data,
			ad_printf(desk->arena, "%s_line", parts[i]), err);
	if (e != 0)
		return e;
	ad_json_set_bool(desk->arena, data, "is_search", ad_text_eq(begin, "matches"));
	ad_json_set_int(desk->arena, data, "count", (int64_t)apps->count);
	struct ad_json *rows;
	e = ad_matches_rows(desk, who, apps, &rows, err);
	if (e != 0)
		return e;
	ad_json_set_bool(desk->arena, data, "for_other", who->asks_for != NULL);
	ad_json_set_str(desk->arena, data, "person", ad_holder(who)->name);
	ad_json_set(desk->arena, data, "matches", rows);
	return ad_reply_card(desk, who, "matches", "matches.short", data, begin, ret, err);
}

int ad_desk_search(struct ad_desk *desk, const struct ad_person *who, const char *text,
	struct ad_desk_reply *ret, struct ad_err *err)
{
	struct ad_app_search search;
	struct ad_app_list apps;
	int e = ad_search_read(desk, who->locale, text, &search, err);
	if (e != 0)
		return e;
	if (!*search.words)
		return ad_desk_unclear(desk, who, ret, err);
	if (!who->is_user)
		return ad_reply_words(desk, who, "user.denied", NULL, "no_access", ret, err);
	bool done;
	e = ad_cart_find(desk, who, text, ret, &done, err);
	if (e != 0 || done)
		return e;
	search.limit = CANDIDATES_MAX;
	e = ad_store_apps_search(desk->db, desk->arena, desk->tenant_id, &search, &apps, err);
	if (e == 0)
		e = ad_apps_keep_open(desk, ad_holder(who), &apps, AD_DESK_MATCHES_MAX, err);
	if (e != 0)
		return e;
	return apps.count > 0 ? show_apps(desk, who, "matches", search.words, &apps, ret, err)
			      : ad_candidates_look(desk, who, search.words, ret, err);
}

int ad_desk_winget(struct ad_desk *desk, const struct ad_person *who, const char *text,
	struct ad_desk_reply *ret, struct ad_err *err)
{
	AD_ASSERT(ad_db_in_transaction(desk->db));
	struct ad_app_search search;
	if (!who->is_user)
		return ad_reply_words(desk, who, "user.denied", NULL, "no_access", ret, err);
	int e = ad_search_read(desk, who->locale, text, &search, err);
	if (e != 0)
		return e;
	return *search.words ? ad_candidates_look(desk, who, search.words, ret, err)
			     : ad_desk_unclear(desk, who, ret, err);
}

int ad_desk_alternatives(struct ad_desk *desk, const struct ad_person *who, int64_t number,
	struct ad_desk_reply *ret, struct ad_err *err)
{
	AD_ASSERT(ad_db_in_transaction(desk->db));
	struct ad_request request;
	struct ad_app_list apps;
	if (!who->is_user)
		return ad_reply_words(desk, who, "user.denied", NULL, "no_access", ret, err);
	int e = ad_request_find_visible(desk, who, number, &request, err);
	if (e == AD_ENOTFOUND)
		return ad_request_unknown(desk, who, number, ret, err);
	if (e == 0)
		e = ad_store_apps_alike(desk->db, desk->arena, desk->tenant_id, request.app_id,
			CANDIDATES_MAX, &apps, err);
	if (e == 0)
		e = ad_apps_keep_open(desk, who, &apps, AD_DESK_MATCHES_MAX, err);
	if (e != 0 || apps.count > 0)
		return e != 0 ? e
			      : show_apps(desk, who, "alternatives", request.app_name, &apps, ret,
					err);
	struct ad_json *data = ad_json_new_object(desk->arena);
	ad_json_set_str(desk->arena, data, "app", request.app_name);
	return ad_reply_words(desk, who, "alternatives.none", data, "no_alternatives", ret, err);
}
