/* SPDX-License-Identifier: Apache-2.0 */
/*
 * "${text.key}" is replaced by the word of the language before a template is compiled: a word is
 * template text itself. Strings from data are made safe for the place in which they land
 * (reliability threat 13), and isolated where they would turn a sentence round.
 */
#include "words.h"
#include "ad/buf.h"
#include "ad/text.h"

#define MARK "${text."
#define TEXT_MAX ((size_t)256 << 10) /* bytes of one text with its words */
#define WORD_DEPTH_MAX 4             /* words that name words */

enum treatment { TREAT_NONE = 0, TREAT_PLAIN, TREAT_MARKDOWN, TREAT_ISOLATED = 4 };

/* Which of an object's strings a client renders as markdown. */
static bool is_markdown(const struct ad_json *object, const char *name)
{
	if (!name)
		return false;
	if (strcmp(name, "text") == 0)
		return ad_text_eq(ad_json_str(object, "type"), "TextBlock");
	/* A fact has a title, a value and no type. */
	return !ad_json_get(object, "type") && ad_json_get(object, "title") &&
	       ad_json_get(object, "value") &&
	       (strcmp(name, "title") == 0 || strcmp(name, "value") == 0);
}

/* Whether people read it: a word, or one of these members. Others are addresses and data. */
static bool is_read(const struct ad_json *object, const char *name)
{
	static const char *const names[] = { "text", "title", "label", "placeholder",
		"errorMessage", "fallbackText", "altText", "speak" };
	for (size_t i = 0; name && i < sizeof names / sizeof names[0]; i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return !object || is_markdown(object, name);
}

/* Latin names inside a sentence that is read from the right would turn what stands around them. */
static int choose(const void *ctx, const struct ad_template_place *place)
{
	const struct ad_language *language = ctx;
	bool trusted = ad_text_ends(place->expression, "_md");
	bool markdown = is_markdown(place->object, place->name) && !trusted;
	bool isolated = language->speech.is_rtl && is_read(place->object, place->name);
	return (markdown ? TREAT_MARKDOWN : TREAT_PLAIN) | (isolated ? TREAT_ISOLATED : 0);
}

static const char *apply(const void *ctx, struct ad_arena *arena, int treatment, const char *text)
{
	(void)ctx;
	const char *made = treatment & TREAT_MARKDOWN ? ad_markdown_escape(arena, text)
						      : ad_utf8_clean_words(arena, text, true);
	return treatment & TREAT_ISOLATED ? ad_speech_isolate(arena, made) : made;
}

static const char *category(const void *ctx, double number)
{
	const struct ad_language *language = ctx;
	return ad_speech_category(&language->speech, number);
}

/* ---- the file ---- */

static int by_key(const void *a, const void *b)
{
	return strcmp(((const struct ad_word *)a)->key, ((const struct ad_word *)b)->key);
}

static int read_words(struct ad_arena *arena, struct ad_language *language,
	const struct ad_json *file, const char *before, struct ad_err *err)
{
	int e = 0;
	AD_JSON_EACH(member, file)
	{
		const char *name = ad_printf(arena, "%s%s", before, ad_json_name(member));
		if (ad_json_kind(member) == AD_JSON_OBJECT)
			e = read_words(arena, language, member, ad_printf(arena, "%s.", name), err);
		else if (!ad_json_text(member))
			e = AD_FAIL(err, AD_ECONFIG, "%s is no text", name);
		else if (language->source_count == AD_CARDS_NAMES_MAX)
			e = AD_FAIL(err, AD_ETOOBIG, "too many words");
		else
			language->source[language->source_count++] =
				(struct ad_word){ name, ad_json_text(member) };
		if (e != 0)
			return e;
	}
	return 0;
}

int ad_language_read(struct ad_arena *arena, struct ad_language *language,
	const struct ad_json *file, struct ad_err *err)
{
	language->source = ad_alloc_array(arena, AD_CARDS_NAMES_MAX, sizeof *language->source);
	int e = read_words(arena, language, file, "", err);
	if (e == 0)
		qsort(language->source, language->source_count, sizeof *language->source, by_key);
	return e;
}

const char *ad_language_text(const struct ad_language *language, const char *key)
{
	const struct ad_word wanted = { key, NULL };
	const struct ad_word *found = bsearch(&wanted, language->source, language->source_count,
		sizeof *language->source, by_key);
	return found ? found->text : NULL;
}

/* ---- words in words and cards ---- */

/* Appends text with its words, and theirs. */
static int add_words(struct ad_arena *arena, const struct ad_language *language, const char *text,
	int depth, struct ad_buf *out, struct ad_err *err)
{
	const char *p;
	while ((p = strstr(text, MARK))) {
		const char *key = p + strlen(MARK);
		size_t len = strcspn(key, "}");
		if (!key[len])
			return AD_FAIL(err, AD_ECONFIG, "\"%.40s\" has no end", p);
		const char *name = ad_strndup(arena, key, len);
		const char *word = ad_language_text(language, name);
		if (!word)
			return AD_FAIL(err, AD_ECONFIG, "no word '%s' in language '%s'", name,
				language->name);
		if (depth == WORD_DEPTH_MAX)
			return AD_FAIL(err, AD_ECONFIG, "words name each other: %s", name);
		(void)ad_buf_add(out, text, (size_t)(p - text));
		int e = add_words(arena, language, word, depth + 1, out, err);
		if (e != 0)
			return e;
		text = key + len + 1;
	}
	(void)ad_buf_adds(out, text);
	return out->overflow ? AD_FAIL(err, AD_ETOOBIG, "a text is too long") : 0;
}

static int with_words(struct ad_arena *arena, const struct ad_language *language,
	const struct ad_json *source, struct ad_json **ret, struct ad_err *err);

static int text_with_words(struct ad_arena *arena, const struct ad_language *language,
	const char *text, struct ad_json **ret, struct ad_err *err)
{
	struct ad_buf out;
	ad_buf_init(&out, TEXT_MAX);
	int e = add_words(arena, language, text, 0, &out, err);
	if (e == 0)
		*ret = ad_json_new_string(arena, ad_buf_str(&out));
	ad_buf_release(&out);
	return e;
}

/* A copy of an array or object in which each text has its words. */
static int container_with_words(struct ad_arena *arena, const struct ad_language *language,
	const struct ad_json *source, struct ad_json **ret, struct ad_err *err)
{
	bool is_array = ad_json_kind(source) == AD_JSON_ARRAY;
	struct ad_json *made = is_array ? ad_json_new_array(arena) : ad_json_new_object(arena);
	AD_JSON_EACH(item, source)
	{
		struct ad_json *copy = NULL;
		int e = with_words(arena, language, item, &copy, err);
		if (e != 0)
			return e;
		if (is_array)
			ad_json_append(arena, made, copy);
		else
			ad_json_set(arena, made, ad_json_name(item), copy);
	}
	*ret = made;
	return 0;
}

static int with_words(struct ad_arena *arena, const struct ad_language *language,
	const struct ad_json *source, struct ad_json **ret, struct ad_err *err)
{
	enum ad_json_kind kind = ad_json_kind(source);
	if (kind == AD_JSON_STRING)
		return text_with_words(arena, language, ad_json_text(source), ret, err);
	if (kind == AD_JSON_ARRAY || kind == AD_JSON_OBJECT)
		return container_with_words(arena, language, source, ret, err);
	*ret = ad_json_copy(arena, source);
	return 0;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct ad_named_template *)a)->name,
		((const struct ad_named_template *)b)->name);
}

const struct ad_template *ad_named_template_find(
	const struct ad_named_template *list, size_t count, const char *name)
{
	struct ad_named_template key = { .name = name };
	const struct ad_named_template *found = bsearch(&key, list, count, sizeof *list, by_name);
	return found ? found->template : NULL;
}

static int compile(struct ad_arena *arena, const struct ad_language *language,
	const struct ad_json *source, struct ad_named_template *made, struct ad_err *err)
{
	const struct ad_template_filter filter = { language, choose, apply, category };
	struct ad_arena *scratch = ad_arena_new();
	struct ad_json *tree = NULL;
	int e = with_words(scratch, language, source, &tree, err);
	if (e == 0 && language->speech.is_rtl && ad_json_kind(tree) == AD_JSON_OBJECT)
		ad_json_set_bool(scratch, tree, "rtl", true);
	if (e == 0)
		e = ad_template_compile(arena, tree, &filter, &made->template, err);
	if (e != 0)
		e = AD_FAIL(err, AD_ECONFIG, "%s (%s): %s", made->name, language->name,
			ad_strdup(scratch, err->text));
	ad_arena_free(scratch);
	return e;
}

static int compile_words(struct ad_arena *arena, struct ad_language *language, struct ad_err *err)
{
	int e = 0;
	struct ad_arena *scratch = ad_arena_new();
	for (size_t i = 0; e == 0 && i < language->source_count; i++) {
		struct ad_named_template *made = &language->words[language->word_count++];
		made->name = language->source[i].key;
		e = compile(arena, language, ad_json_new_string(scratch, language->source[i].text),
			made, err);
	}
	ad_arena_free(scratch);
	return e;
}

/* ---- what people say ---- */

static bool is_said(const char *key)
{
	return ad_text_starts(key, AD_CARDS_COMMAND) || ad_text_starts(key, AD_CARDS_SAID);
}

static void read_said(struct ad_arena *arena, struct ad_language *language)
{
	for (size_t i = 0; i < language->source_count; i++)
		language->said_count += is_said(language->source[i].key);
	language->said = ad_alloc_array(arena, language->said_count, sizeof *language->said);
	struct ad_said *said = language->said; /* in the order of their keys, as the source is */
	for (size_t i = 0; i < language->source_count; i++) {
		if (!is_said(language->source[i].key))
			continue;
		said->key = language->source[i].key;
		ad_said_read(arena, language->source[i].text, said++);
	}
}

static int by_said(const void *a, const void *b)
{
	return strcmp(((const struct ad_said *)a)->key, ((const struct ad_said *)b)->key);
}

const struct ad_said *ad_language_said(const struct ad_language *language, const char *key)
{
	const struct ad_said wanted = { .key = key };
	return bsearch(
		&wanted, language->said, language->said_count, sizeof *language->said, by_said);
}

const char *ad_cards_said(
	const struct ad_cards *cards, const char *key, const char *locale, const char *text)
{
	const char *longest = NULL;
	bool by_all = ad_text_starts(key, AD_CARDS_COMMAND);
	const struct ad_language *own = ad_language_for(cards, locale);
	for (size_t i = 0; i < cards->languages; i++) {
		const struct ad_language *language = &cards->language[i];
		bool counts = by_all || i == cards->english || language == own;
		const struct ad_said *said = counts ? ad_language_said(language, key) : NULL;
		const char *rest = said ? ad_said_behind(said, text) : NULL;
		if (rest && (!longest || rest > longest))
			longest = rest;
	}
	return longest;
}

int ad_language_compile(struct ad_arena *arena, struct ad_language *language,
	const struct ad_json *cards, struct ad_err *err)
{
	language->words = ad_alloc_array(arena, language->source_count, sizeof *language->words);
	language->cards = ad_alloc_array(arena, ad_json_count(cards) + 1, sizeof *language->cards);
	AD_JSON_EACH(card, cards)
	{
		struct ad_named_template *made = &language->cards[language->card_count++];
		made->name = ad_json_name(card);
		int e = compile(arena, language, card, made, err);
		if (e != 0)
			return e;
	}
	int e = compile_words(arena, language, err); /* sorted, as the source is */
	read_said(arena, language);
	qsort(language->cards, language->card_count, sizeof *language->cards, by_name);
	return e;
}
