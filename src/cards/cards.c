/* SPDX-License-Identifier: Apache-2.0 */
/* The set of templates and languages: loaded and checked once at start, then only read, by any
 * thread. */
#include "ad/cards.h"
#include "ad/cards/template.h"
#include "ad/file.h"
#include "ad/text.h"
#include "words.h"

#include <dirent.h>

#define FILE_MAX ((size_t)256 << 10) /* bytes of one template or language file */
#define FILES_MAX 200                /* templates, and languages */
#define DEFAULT_LANGUAGE "en"
#define NEWEST_VERSION "1.5" /* newest card schema that Teams renders everywhere (protocol 6.1) */

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

static int check_template(const struct ad_json *template, struct ad_err *err)
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
	return 0;
}

/* One language: its words, what ICU knows of it, and templates of its own. */
static int add_language(struct ad_cards *cards, const struct ad_json *file, struct ad_err *err)
{
	char id[AD_LOCALE_MAX];
	struct ad_language *language = &cards->language[cards->languages];
	language->name = ad_json_name(file);
	ad_locale_canonical(language->name, id);
	language->id = ad_strdup(cards->arena, id);
	if (strcmp(language->name, DEFAULT_LANGUAGE) == 0)
		cards->english = cards->languages;
	int e = ad_speech_init(cards->arena, language->name, &language->speech, err);
	if (e != 0)
		return e;
	cards->languages++;
	e = ad_language_read(cards->arena, language, file, err);
	if (e != 0)
		ad_err_prefix(err, "%s.json: ", language->name);
	return e;
}

static int compile(struct ad_cards *cards, const struct ad_json *templates,
	const struct ad_json *languages, struct ad_err *err)
{
	if (!ad_json_get(languages, DEFAULT_LANGUAGE))
		return AD_FAIL(err, AD_ECONFIG, "no words for language '%s'", DEFAULT_LANGUAGE);
	int e = 0;
	AD_JSON_EACH(template, templates)
	{
		e = check_template(template, err);
		if (e != 0)
			return e;
	}
	cards->language =
		ad_alloc_array(cards->arena, ad_json_count(languages), sizeof *cards->language);
	AD_JSON_EACH(file, languages)
	{
		e = add_language(cards, file, err);
		if (e != 0)
			return e;
	}
	for (size_t i = 0; e == 0 && i < cards->languages; i++)
		e = ad_language_check(&cards->language[cards->english], &cards->language[i], err);
	for (size_t i = 0; e == 0 && i < cards->languages; i++)
		e = ad_language_compile(cards->arena, &cards->language[i], templates, err);
	return e == 0 ? ad_commands_check(cards, err) : e;
}

/* What an organisation says in the place of our words. */
static int override(
	struct ad_cards *cards, const char *folder, struct ad_json *languages, struct ad_err *err)
{
	struct ad_json *own = ad_json_new_object(cards->arena);
	if (ad_text_empty(folder))
		return 0;
	int e = load_folder(cards, folder, own, err);
	AD_JSON_EACH(file, own)
	{
		const char *name = ad_json_name(file);
		struct ad_json *ours = ad_json_get(languages, name);
		if (!ours) {
			ad_json_set(
				cards->arena, languages, name, ad_json_copy(cards->arena, file));
			continue;
		}
		AD_JSON_EACH(word, file)
		{
			ad_json_set(cards->arena, ours, ad_json_name(word),
				ad_json_copy(cards->arena, word));
		}
	}
	return e;
}

int ad_cards_load(const char *folder, const char *own, struct ad_cards **ret, struct ad_err *err)
{
	struct ad_cards *cards = ad_xalloc(sizeof *cards);
	*cards = (struct ad_cards){ .arena = ad_arena_new() };
	struct ad_json *templates = ad_json_new_object(cards->arena);
	struct ad_json *languages = ad_json_new_object(cards->arena);
	const char *words = ad_printf(cards->arena, "%s/text", folder);
	int e = load_folder(cards, folder, templates, err);
	if (e == 0)
		e = load_folder(cards, words, languages, err);
	if (e == 0)
		e = override(cards, own, languages, err);
	if (e == 0)
		e = compile(cards, templates, languages, err);
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
	for (size_t i = 0; i < cards->languages; i++)
		ad_speech_clear(&cards->language[i].speech);
	ad_arena_free(cards->arena);
	free(cards);
}

/* Expands with data; a value that is missing is a bug of ours. */
static int expand(const struct ad_template *template, struct ad_arena *arena, const char *name,
	const struct ad_json *data, struct ad_buf *out, struct ad_err *err)
{
	struct ad_template_context context = { .root = data };
	const char *missing = NULL;
	int e = ad_template_expand(template, &context, arena, out, &missing, err);
	if (e != 0)
		ad_err_prefix(err, "%s: ", name);
	else if (missing)
		e = AD_FAIL(err, AD_EBUG, "%s: no value for \"%s\"", name, missing);
	return e;
}

static int render(const struct ad_template *template, struct ad_arena *arena, const char *name,
	const struct ad_json *data, struct ad_buf *out, struct ad_err *err)
{
	int e = expand(template, arena, name, data, out, err);
	size_t units = e == 0 ? ad_utf16_units(ad_buf_str(out)) : 0;
	if (units > AD_CARDS_UNITS_MAX)
		e = AD_FAIL(err, AD_ETOOBIG, "card '%s' has %zu UTF-16 units, at most %d", name,
			units, AD_CARDS_UNITS_MAX);
	return e;
}

int ad_cards_render(const struct ad_cards *cards, struct ad_arena *arena, const char *name,
	const char *locale, const struct ad_json *data, struct ad_json **ret_card,
	struct ad_err *err)
{
	const struct ad_language *language = ad_language_for(cards, locale);
	const struct ad_template *template =
		ad_named_template_find(language->cards, language->card_count, name);
	if (!template)
		return AD_FAIL(err, AD_ENOTFOUND, "no card '%s'", name);
	struct ad_buf out;
	ad_buf_init(&out, AD_TEMPLATE_OUTPUT_MAX);
	int e = render(template, arena, name, data, &out, err);
	if (e == 0)
		e = ad_json_parse(arena, ad_buf_str(&out), out.len, ret_card, err);
	ad_buf_release(&out);
	return e;
}

int ad_cards_text(const struct ad_cards *cards, struct ad_arena *arena, const char *key,
	const char *locale, const struct ad_json *data, const char **ret, struct ad_err *err)
{
	const struct ad_language *language = ad_language_for(cards, locale);
	const struct ad_template *template =
		ad_named_template_find(language->words, language->word_count, key);
	if (!template)
		return AD_FAIL(err, AD_EBUG, "no word '%s'", key);
	struct ad_buf out;
	struct ad_json *value = NULL;
	ad_buf_init(&out, AD_TEMPLATE_OUTPUT_MAX);
	int e = expand(template, arena, key, data, &out, err);
	if (e == 0 && out.data[0] == '"')
		e = ad_json_parse(arena, out.data, out.len, &value, err);
	if (e == 0)
		*ret = value ? ad_json_text(value) : ad_strdup(arena, out.data);
	ad_buf_release(&out);
	return e;
}
