/* SPDX-License-Identifier: Apache-2.0 */
/* The set of templates and languages: loaded and checked once at start, then only read, by any
 * thread. */
#include "ad/cards.h"
#include "ad/file.h"
#include "ad/text.h"
#include "expand.h"

#include <dirent.h>

#define FILE_MAX ((size_t)256 << 10) /* bytes of one template or language file */
#define FILES_MAX 200                /* templates, and languages */
#define DEFAULT_LANGUAGE "en"
#define NEWEST_VERSION "1.5" /* newest card schema that Teams renders everywhere (protocol 6.1) */

struct ad_cards {
	struct ad_arena *arena;
	struct ad_json *templates; /* name -> template */
	struct ad_json *languages; /* "en" -> words */
};

/* Reads every *.json of folder into *ret: file name without .json -> tree. */
static int load_folder(
	struct ad_cards *cards, const char *folder, struct ad_json *into, struct ad_err *err)
{
	DIR *dir = opendir(folder);
	if (!dir)
		return AD_FAIL(err, AD_ECONFIG, "cannot open the folder of cards %s", folder);
	int e = 0;
	struct dirent *entry;
	while (e == 0 && (entry = readdir(dir))) {
		if (!ad_text_ends(entry->d_name, ".json"))
			continue;
		const char *path = ad_printf(cards->arena, "%s/%s", folder, entry->d_name);
		char *text;
		size_t len;
		struct ad_json *tree = NULL;
		e = ad_file_read(cards->arena, path, FILE_MAX, &text, &len, err);
		if (e == 0)
			e = ad_json_parse(cards->arena, text, len, &tree, err);
		if (e == 0 && ad_json_count(into) == FILES_MAX)
			e = AD_FAIL(err, AD_ETOOBIG, "more than %d files", FILES_MAX);
		if (e != 0) {
			ad_err_prefix(err, "%s: ", path);
			break;
		}
		size_t stem = strlen(entry->d_name) - strlen(".json");
		ad_json_set(
			cards->arena, into, ad_strndup(cards->arena, entry->d_name, stem), tree);
	}
	(void)closedir(dir);
	return e;
}

static bool has_word(const struct ad_json *words, const char *key)
{
	return ad_json_text(ad_json_get(words, key)) || ad_json_str(words, key);
}

/* Every "${text.key}" in the string has a word in every language. */
static int check_string(
	struct ad_cards *cards, const char *where, const char *text, struct ad_err *err)
{
	static const char mark[] = "${text.";
	for (const char *p = strstr(text, mark); p; p = strstr(p + 1, mark)) {
		const char *end = ad_expr_end(p + 2);
		const char *from = p + strlen(mark);
		if (!end)
			return AD_FAIL(err, AD_ECONFIG, "%s: \"%.40s\" has no end", where, p);
		const char *key = ad_strndup(cards->arena, from, (size_t)(end - from));
		AD_JSON_EACH(words, cards->languages)
		{
			if (!has_word(words, key))
				return AD_FAIL(err, AD_ECONFIG, "%s: no word '%s' in language '%s'",
					where, key, ad_json_name(words));
		}
	}
	return 0;
}

static int check_words(
	struct ad_cards *cards, const char *where, const struct ad_json *value, struct ad_err *err)
{
	if (ad_json_kind(value) == AD_JSON_STRING)
		return check_string(cards, where, ad_json_text(value), err);
	AD_JSON_EACH(item, value)
	{
		int e = check_words(cards, where, item, err);
		if (e != 0)
			return e;
	}
	return 0;
}

static int check_template(
	struct ad_cards *cards, const struct ad_json *template, struct ad_err *err)
{
	const char *name = ad_json_name(template);
	const char *version = ad_json_str(template, "version");
	if (!ad_text_eq(ad_json_str(template, "type"), "AdaptiveCard"))
		return AD_FAIL(err, AD_ECONFIG, "%s: type is not AdaptiveCard", name);
	if (!version || strcmp(version, NEWEST_VERSION) > 0)
		return AD_FAIL(
			err, AD_ECONFIG, "%s: version must be at most %s", name, NEWEST_VERSION);
	if (!ad_json_str(template, "fallbackText"))
		return AD_FAIL(err, AD_ECONFIG, "%s: fallbackText is missing", name);
	return check_words(cards, name, template, err);
}

static int check_all(struct ad_cards *cards, struct ad_err *err)
{
	if (!ad_json_get(cards->languages, DEFAULT_LANGUAGE))
		return AD_FAIL(err, AD_ECONFIG, "no words for language '%s'", DEFAULT_LANGUAGE);
	AD_JSON_EACH(template, cards->templates)
	{
		int e = check_template(cards, template, err);
		if (e != 0)
			return e;
	}
	AD_JSON_EACH(words, cards->languages)
	{
		int e = check_words(cards, ad_json_name(words), words, err);
		if (e != 0)
			return e;
	}
	return 0;
}

int ad_cards_load(const char *folder, struct ad_cards **ret, struct ad_err *err)
{
	struct ad_cards *cards = ad_xalloc(sizeof *cards);
	cards->arena = ad_arena_new();
	cards->templates = ad_json_new_object(cards->arena);
	cards->languages = ad_json_new_object(cards->arena);
	const char *words = ad_printf(cards->arena, "%s/text", folder);
	int e = load_folder(cards, folder, cards->templates, err);
	if (e == 0)
		e = load_folder(cards, words, cards->languages, err);
	if (e == 0)
		e = check_all(cards, err);
	if (e != 0)
		ad_cards_free(cards);
	else
		*ret = cards;
	return e;
}

void ad_cards_free(struct ad_cards *cards)
{
	if (!cards)
		return;
	ad_arena_free(cards->arena);
	free(cards);
}

/* "pt-BR" -> the words of "pt-br", else of "pt", else English. */
static const struct ad_json *words_for(
	const struct ad_cards *cards, struct ad_arena *arena, const char *locale)
{
	const char *language = ad_text_lower(arena, locale ? locale : DEFAULT_LANGUAGE);
	const struct ad_json *words = ad_json_get(cards->languages, language);
	if (!words) {
		size_t len = strcspn(language, "-_");
		words = ad_json_get(cards->languages, ad_strndup(arena, language, len));
	}
	return words ? words : ad_json_get(cards->languages, DEFAULT_LANGUAGE);
}

static struct ad_expansion start(const struct ad_cards *cards, struct ad_arena *arena,
	const char *locale, const struct ad_json *data)
{
	return (struct ad_expansion){
		.arena = arena,
		.scope = { .root = data,
			.data = data,
			.words = words_for(cards, arena, locale),
			.index = -1 },
		.escape = true,
	};
}

static int finish(const struct ad_expansion *x, const char *name, struct ad_err *err)
{
	return x->missing ? AD_FAIL(err, AD_EBUG, "%s: no value for \"%s\"", name, x->missing) : 0;
}

int ad_cards_render(const struct ad_cards *cards, struct ad_arena *arena, const char *name,
	const char *locale, const struct ad_json *data, struct ad_json **ret_card,
	struct ad_err *err)
{
	const struct ad_json *template = ad_json_get(cards->templates, name);
	if (!template)
		return AD_FAIL(err, AD_ENOTFOUND, "no card '%s'", name);
	struct ad_expansion x = start(cards, arena, locale, data);
	struct ad_json *card = NULL;
	int e = ad_expand_value(&x, template, &card, err);
	if (e == 0)
		e = finish(&x, name, err);
	if (e != 0)
		return e;
	size_t units = ad_utf16_units(ad_json_print(arena, card));
	if (units > AD_CARDS_UNITS_MAX)
		return AD_FAIL(err, AD_ETOOBIG, "card '%s' has %zu UTF-16 units, at most %d", name,
			units, AD_CARDS_UNITS_MAX);
	*ret_card = card;
	return 0;
}

int ad_cards_text(const struct ad_cards *cards, struct ad_arena *arena, const char *key,
	const char *locale, const struct ad_json *data, const char **ret, struct ad_err *err)
{
	struct ad_expansion x = start(cards, arena, locale, data);
	const char *word = ad_json_text(ad_json_get(x.scope.words, key));
	word = word ? word : ad_json_str(x.scope.words, key);
	if (!word)
		return AD_FAIL(err, AD_EBUG, "no word '%s'", key);
	struct ad_json *value = NULL;
	int e = ad_expand_string(&x, word, false, &value, err);
	if (e == 0)
		e = finish(&x, key, err);
	if (e == 0)
		*ret = ad_expr_text(arena, value);
	return e;
}

int ad_cards_expand(struct ad_arena *arena, const struct ad_json *template,
	const struct ad_json *data, const struct ad_json *host, struct ad_json **ret,
	struct ad_err *err)
{
	struct ad_expansion x = {
		.arena = arena,
		.scope = { .root = data, .data = data, .host = host, .index = -1 },
	};
	return ad_expand_value(&x, template, ret, err);
}
