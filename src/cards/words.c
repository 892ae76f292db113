/* SPDX-License-Identifier: Apache-2.0 */
/*
 * "${text.key}" is replaced by the word of the language before a template is compiled: a word is
 * template text itself. Strings from data are made safe for the place in which they land
 * (reliability threat 13).
 */
#include "words.h"
#include "ad/buf.h"
#include "ad/text.h"

#define MARK "${text."
#define TEXT_MAX ((size_t)256 << 10) /* bytes of one text with its words */
#define WORD_DEPTH_MAX 4             /* words that name words */

enum treatment { TREAT_NONE = 0, TREAT_PLAIN, TREAT_MARKDOWN };

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

static int choose(const struct ad_json *object, const char *name, const char *expression)
{
	bool trusted = ad_text_ends(expression, "_md");
	return is_markdown(object, name) && !trusted ? TREAT_MARKDOWN : TREAT_PLAIN;
}

static const char *apply(struct ad_arena *arena, int treatment, const char *text)
{
	return treatment == TREAT_MARKDOWN ? ad_markdown_escape(arena, text)
					   : ad_utf8_clean(arena, text, true);
}

static const struct ad_template_filter filter = { choose, apply };

static const char *find_word(const struct ad_language *language, const char *key)
{
	const char *word = ad_json_text(ad_json_get(language->source, key));
	return word ? word : ad_json_str(language->source, key);
}

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
		const char *word = find_word(language, name);
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
	struct ad_arena *scratch = ad_arena_new();
	struct ad_json *tree = NULL;
	int e = with_words(scratch, language, source, &tree, err);
	if (e == 0)
		e = ad_template_compile(arena, tree, &filter, &made->template, err);
	if (e != 0)
		e = AD_FAIL(err, AD_ECONFIG, "%s (%s): %s", made->name, language->name,
			ad_strdup(scratch, err->text));
	ad_arena_free(scratch);
	return e;
}

/* Texts may stand in objects: their keys are then joined by dots. */
static int compile_words(struct ad_arena *arena, struct ad_language *language,
	const struct ad_json *source, const char *before, struct ad_err *err)
{
	AD_JSON_EACH(word, source)
	{
		const char *name = ad_printf(arena, "%s%s", before, ad_json_name(word));
		int e = 0;
		if (ad_json_kind(word) == AD_JSON_OBJECT) {
			e = compile_words(
				arena, language, word, ad_printf(arena, "%s.", name), err);
		} else if (ad_json_text(word)) {
			if (language->word_count == AD_CARDS_NAMES_MAX)
				return AD_FAIL(err, AD_ETOOBIG, "too many words");
			struct ad_named_template *made = &language->words[language->word_count++];
			made->name = name;
			e = compile(arena, language, word, made, err);
		}
		if (e != 0)
			return e;
	}
	return 0;
}

int ad_language_compile(struct ad_arena *arena, struct ad_language *language,
	const struct ad_json *cards, struct ad_err *err)
{
	language->words = ad_alloc_array(arena, AD_CARDS_NAMES_MAX, sizeof *language->words);
	language->cards = ad_alloc_array(arena, ad_json_count(cards) + 1, sizeof *language->cards);
	AD_JSON_EACH(card, cards)
	{
		struct ad_named_template *made = &language->cards[language->card_count++];
		made->name = ad_json_name(card);
		int e = compile(arena, language, card, made, err);
		if (e != 0)
			return e;
	}
	int e = compile_words(arena, language, language->source, "", err);
	qsort(language->words, language->word_count, sizeof *language->words, by_name);
	qsort(language->cards, language->card_count, sizeof *language->cards, by_name);
	return e;
}
