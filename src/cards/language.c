/* SPDX-License-Identifier: Apache-2.0 */
/* What ICU knows of a language: how it counts, which way it is read, how it joins and dates. */
#include "language.h"
#include "ad/cards.h"
#include "ad/text.h"
#include "words.h"

#include <ctype.h>
#include <unicode/uchar.h>
#include <unicode/udat.h>
#include <unicode/ulistformatter.h>
#include <unicode/uloc.h>
#include <unicode/upluralrules.h>
#include <unicode/ustring.h>

#define COUNTED_MAX 1000
#define CATEGORY_MAX 16
#define LIST_MAX 20
#define UNITS_MAX 2048 /* UTF-16 units of a list or a date */
#define ISOLATE "\xE2\x81\xA8"
#define ISOLATE_END "\xE2\x81\xA9"
#define ZONE_KEYWORD "timezone"
#define ISO_SECONDS 19 /* "2026-11-22T17:54:32" */

static void find_categories(struct ad_speech *speech)
{
	for (int i = 0; i < COUNTED_MAX; i++) {
		const char *name = ad_speech_category(speech, i);
		size_t at = 0;
		while (at < speech->categories && speech->category[at] != name)
			at++;
		if (at == speech->categories && at < AD_CATEGORIES_MAX)
			speech->category[speech->categories++] = name;
	}
}

int ad_speech_init(
	struct ad_arena *arena, const char *name, struct ad_speech *ret, struct ad_err *err)
{
	char id[AD_LOCALE_MAX];
	UErrorCode status = U_ZERO_ERROR;
	ad_locale_canonical(name, id);
	/* English as more than one nation writes it: "Kim, Lee or 3 more", "29 Nov 2026, 17:54". */
	const char *locale = strcmp(id, "en") == 0 ? "en_GB" : id;
	UPluralRules *rules = uplrules_open(locale, &status);
	if (U_FAILURE(status))
		return AD_FAIL(err, AD_ECONFIG, "no language '%s': %s", name, u_errorName(status));
	*ret = (struct ad_speech){ .locale = ad_strdup(arena, locale),
		.rules = rules,
		.is_rtl = uloc_isRightToLeft(locale) };
	find_categories(ret);
	return 0;
}

void ad_speech_clear(struct ad_speech *speech)
{
	if (speech->rules)
		uplrules_close(speech->rules);
	speech->rules = NULL;
}

const char *ad_speech_category(const struct ad_speech *speech, double number)
{
	static const char *const names[] = { "zero", "one", "two", "few", "many", "other" };
	UErrorCode status = U_ZERO_ERROR;
	UChar units[CATEGORY_MAX];
	char name[CATEGORY_MAX];
	int32_t len = uplrules_select(speech->rules, number, units, CATEGORY_MAX - 1, &status);
	u_UCharsToChars(units, name, U_SUCCESS(status) ? len : 0);
	name[U_SUCCESS(status) ? len : 0] = '\0';
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (strcmp(names[i], name) == 0)
			return names[i];
	return names[5];
}

/* ---- direction ---- */

static bool is_instant(const char *text)
{
	static const char form[] = "dddd-dd-ddT";
	for (size_t i = 0; form[i]; i++)
		if (form[i] == 'd' ? !isdigit((unsigned char)text[i]) : text[i] != form[i])
			return false;
	return true;
}

/* The direction of the first letter that has one. */
static UCharDirection first_direction(const char *text)
{
	size_t len = strlen(text);
	uint32_t c;
	for (size_t i = 0, n; i < len && (n = ad_utf8_next(text + i, len - i, &c)) > 0; i += n) {
		UCharDirection direction = u_charDirection((UChar32)c);
		if (direction == U_LEFT_TO_RIGHT || direction == U_RIGHT_TO_LEFT ||
			direction == U_RIGHT_TO_LEFT_ARABIC)
			return direction;
	}
	return U_OTHER_NEUTRAL;
}

const char *ad_speech_isolate(struct ad_arena *arena, const char *text)
{
	if (is_instant(text) || first_direction(text) != U_LEFT_TO_RIGHT)
		return text;
	return ad_printf(arena, ISOLATE "%s" ISOLATE_END, text);
}

/* ---- locales ---- */

void ad_locale_canonical(const char *locale, char ret[AD_LOCALE_MAX])
{
	char tag[AD_LOCALE_MAX];
	UErrorCode status = U_ZERO_ERROR;
	(void)snprintf(tag, sizeof tag, "%.*s", (int)strcspn(locale, "@"), locale);
	int32_t len = uloc_canonicalize(tag, ret, AD_LOCALE_MAX, &status);
	if (U_FAILURE(status) || len >= AD_LOCALE_MAX)
		ret[0] = '\0';
}

/* "de_AT" -> "de". False when nothing is left. */
static bool to_parent(char locale[AD_LOCALE_MAX])
{
	char parent[AD_LOCALE_MAX];
	UErrorCode status = U_ZERO_ERROR;
	int32_t len = uloc_getParent(locale, parent, sizeof parent, &status);
	if (U_FAILURE(status) || len <= 0 || len >= AD_LOCALE_MAX)
		return false;
	memcpy(locale, parent, (size_t)len + 1);
	return true;
}

static const struct ad_language *find_language(const struct ad_cards *cards, const char *id)
{
	for (size_t i = 0; i < cards->languages; i++)
		if (strcmp(cards->language[i].id, id) == 0)
			return &cards->language[i];
	return NULL;
}

const struct ad_language *ad_language_for(const struct ad_cards *cards, const char *locale)
{
	char id[AD_LOCALE_MAX];
	const struct ad_language *found = NULL;
	if (!ad_text_empty(locale)) {
		ad_locale_canonical(locale, id);
		do
			found = find_language(cards, id);
		while (!found && to_parent(id));
	}
	return found ? found : &cards->language[cards->english];
}

const char *ad_cards_language(const struct ad_cards *cards, const char *locale)
{
	return ad_language_for(cards, locale)->name;
}

bool ad_cards_is_rtl(const struct ad_cards *cards, const char *locale)
{
	return ad_language_for(cards, locale)->speech.is_rtl;
}

const char *ad_cards_accept(
	const struct ad_cards *cards, struct ad_arena *arena, const char *accept_language)
{
	const char **ids = ad_alloc_array(arena, cards->languages, sizeof *ids);
	char id[AD_LOCALE_MAX];
	UAcceptResult result = ULOC_ACCEPT_FAILED;
	UErrorCode status = U_ZERO_ERROR;
	for (size_t i = 0; i < cards->languages; i++)
		ids[i] = cards->language[i].id;
	UEnumeration *available =
		uenum_openCharStringsEnumeration(ids, (int32_t)cards->languages, &status);
	int32_t len = uloc_acceptLanguageFromHTTP(
		id, sizeof id, &result, accept_language, available, &status);
	uenum_close(available);
	bool found =
		U_SUCCESS(status) && len > 0 && len < AD_LOCALE_MAX && result != ULOC_ACCEPT_FAILED;
	return found ? ad_language_for(cards, id)->name : "";
}

/* ---- names of languages ---- */

static const char *utf8_of(struct ad_arena *arena, const UChar *units, int32_t len)
{
	char *text = ad_alloc(arena, 3 * (size_t)len + 1);
	int32_t used = 0;
	UErrorCode status = U_ZERO_ERROR;
	(void)u_strToUTF8(text, 3 * len + 1, &used, units, len, &status);
	return U_SUCCESS(status) ? text : "";
}

static const char *title(struct ad_arena *arena, const char *id, const char *in)
{
	UChar units[UNITS_MAX];
	UErrorCode status = U_ZERO_ERROR;
	int32_t len = uloc_getDisplayName(id, in, units, UNITS_MAX, &status);
	return U_SUCCESS(status) ? utf8_of(arena, units, len) : id;
}

const char *ad_cards_language_title(
	const struct ad_cards *cards, struct ad_arena *arena, const char *locale)
{
	const struct ad_language *language = ad_language_for(cards, locale);
	return title(arena, language->id, language->id);
}

static bool is_called(struct ad_arena *arena, const char *text, const char *name)
{
	struct ad_said said;
	ad_said_read(arena, name, &said);
	const char *rest = ad_said_behind(&said, text);
	return rest && !*rest;
}

const char *ad_cards_language_named(
	const struct ad_cards *cards, struct ad_arena *arena, const char *text)
{
	char id[AD_LOCALE_MAX];
	ad_locale_canonical(text, id);
	do {
		const struct ad_language *by_tag = find_language(cards, id);
		if (by_tag)
			return by_tag->name;
	} while (to_parent(id));
	for (size_t i = 0; i < cards->languages * cards->languages; i++) {
		const struct ad_language *language = &cards->language[i / cards->languages];
		const struct ad_language *in = &cards->language[i % cards->languages];
		if (is_called(arena, text, title(arena, language->id, in->id)))
			return language->name;
	}
	return NULL;
}

bool ad_cards_is_language(const struct ad_cards *cards, const char *text)
{
	struct ad_arena *scratch = ad_arena_new();
	bool found = ad_cards_language_named(cards, scratch, text) != NULL;
	ad_arena_free(scratch);
	return found;
}

/* ---- lists ---- */

int ad_cards_list(const struct ad_cards *cards, struct ad_arena *arena, const char *locale,
	const struct ad_cards_items *items, const char **ret, struct ad_err *err)
{
	const struct ad_language *language = ad_language_for(cards, locale);
	const UChar *units[LIST_MAX];
	int32_t lens[LIST_MAX];
	UErrorCode status = U_ZERO_ERROR;
	AD_ASSERT(items->count <= LIST_MAX);
	for (size_t i = 0; i < items->count && U_SUCCESS(status); i++) {
		const char *text = ad_utf8_clean_words(arena, items->items[i], false);
		text = language->speech.is_rtl ? ad_speech_isolate(arena, text) : text;
		size_t len = strlen(text);
		UChar *made = ad_alloc(arena, (len + 1) * sizeof *made);
		u_strFromUTF8(made, (int32_t)len + 1, &lens[i], text, (int32_t)len, &status);
		units[i] = made;
	}
	UChar out[UNITS_MAX];
	UListFormatter *formatter = ulistfmt_openForType(language->speech.locale,
		items->any ? ULISTFMT_TYPE_OR : ULISTFMT_TYPE_AND, ULISTFMT_WIDTH_WIDE, &status);
	int32_t len = ulistfmt_format(
		formatter, units, lens, (int32_t)items->count, out, UNITS_MAX, &status);
	ulistfmt_close(formatter);
	if (U_FAILURE(status))
		return AD_FAIL(
			err, AD_EBUG, "a list of %zu names: %s", items->count, u_errorName(status));
	*ret = utf8_of(arena, out, len);
	return 0;
}

int ad_cards_languages(const struct ad_cards *cards, struct ad_arena *arena, const char *locale,
	const char **ret, struct ad_err *err)
{
	const char *names[LIST_MAX];
	size_t count = cards->languages < LIST_MAX ? cards->languages : LIST_MAX;
	for (size_t i = 0; i < count; i++)
		names[i] = title(arena, cards->language[i].id, cards->language[i].id);
	return ad_cards_list(
		cards, arena, locale, &(struct ad_cards_items){ names, count, false }, ret, err);
}

/* ---- dates ---- */

/* The zone in a locale's keyword; UTC when there is none. */
static void read_zone(const char *locale, UChar *ret, int32_t max)
{
	char zone[AD_LOCALE_MAX];
	UErrorCode status = U_ZERO_ERROR;
	int32_t len = uloc_getKeywordValue(locale, ZONE_KEYWORD, zone, sizeof zone, &status);
	bool known = U_SUCCESS(status) && len > 0 && len < AD_LOCALE_MAX && len < max;
	u_uastrcpy(ret, known ? zone : "UTC");
}

static bool read_instant(const char *iso, UDate *ret)
{
	struct tm tm = { 0 };
	if (!iso || strlen(iso) < ISO_SECONDS)
		return false;
	const char *end = strptime(iso, "%Y-%m-%dT%H:%M:%S", &tm);
	*ret = end ? (double)timegm(&tm) * 1000 : 0;
	return end != NULL;
}

/* A moment as it is written in a language; NULL when ICU cannot. */
static const char *write_instant(struct ad_arena *arena, const char *locale, const UChar *zone,
	UDateFormatStyle time, UDateFormatStyle date, UDate when)
{
	UChar out[UNITS_MAX];
	UErrorCode status = U_ZERO_ERROR;
	UDateFormat *format = udat_open(time, date, locale, zone, -1, NULL, -1, &status);
	int32_t len = udat_format(format, when, out, UNITS_MAX, NULL, &status);
	udat_close(format);
	return U_SUCCESS(status) ? utf8_of(arena, out, len) : NULL;
}

/* Marks of direction, which no text of ours may have (ad/text.h). */
static bool has_marks(const char *text)
{
	uint32_t c;
	size_t left = strlen(text);
	for (size_t n; left > 0 && (n = ad_utf8_next(text, left, &c)) > 0; text += n, left -= n)
		if (ad_utf8_is_hidden(c))
			return true;
	return false;
}

const char *ad_cards_time(const struct ad_cards *cards, struct ad_arena *arena, const char *locale,
	const char *iso, enum ad_cards_precision precision)
{
	const char *language = ad_language_for(cards, locale)->speech.locale;
	UDateFormatStyle time = precision == AD_CARDS_DAY ? UDAT_NONE : UDAT_SHORT;
	UDate when;
	UChar zone[AD_LOCALE_MAX];
	if (!read_instant(iso, &when))
		return "";
	read_zone(locale ? locale : "", zone, AD_LOCALE_MAX);
	const char *text = write_instant(arena, language, zone, time, UDAT_MEDIUM, when);
	/* A date of numbers alone needs marks in Arabic; one with the month's name does not. */
	if (text && has_marks(text))
		text = write_instant(arena, language, zone, time, UDAT_LONG, when);
	if (!text)
		return iso;
	bool is_utc = u_strcmp(zone, u"UTC") == 0 && precision != AD_CARDS_DAY;
	return is_utc ? ad_printf(arena, "%s UTC", text) : text;
}
