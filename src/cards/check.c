/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether the languages say the same: each has the keys of English, each text the values of its
 * English twin, and each count as many forms as the language has. Runs when cards are loaded.
 */
#include "plural.h"
#include "words.h"
#include "ad/text.h"

#include <ctype.h>

#define NAMES_MAX 60
#define OTHER "other"

/* What a text puts in: names of values, and how they are used. */
struct used {
	const char *name[NAMES_MAX];
	size_t count;
};

static bool has(const struct used *used, const char *name)
{
	for (size_t i = 0; i < used->count; i++)
		if (strcmp(used->name[i], name) == 0)
			return true;
	return false;
}

static void use(struct used *used, const char *name)
{
	if (used->count < NAMES_MAX && !has(used, name))
		used->name[used->count++] = name;
}

/* ---- bindings ---- */

static bool is_name(char c)
{
	return isalnum((unsigned char)c) || strchr("_$.[]", c);
}

static bool is_literal(const char *name)
{
	return isdigit((unsigned char)*name) || strcmp(name, "true") == 0 ||
	       strcmp(name, "false") == 0 || strcmp(name, "null") == 0;
}

/* The values in an expression: names that are neither quoted nor functions. Gives its end. */
static const char *read_expression(struct ad_arena *arena, const char *p, struct used *used)
{
	char quote = 0;
	while (*p && (quote || *p != '}')) {
		if (quote || *p == '\'' || *p == '"') {
			quote = !quote ? *p : quote == *p ? 0 : quote;
			p++;
			continue;
		}
		size_t len = 0;
		while (p[len] && is_name(p[len]))
			len++;
		const char *name = ad_strndup(arena, p, len);
		if (len > 0 && p[len] != '(' && !is_literal(name))
			use(used, name);
		p += len > 0 ? len : 1;
	}
	return p;
}

static void read_bindings(struct ad_arena *arena, const char *text, struct used *used)
{
	for (const char *p = strstr(text, "${"); p; p = strstr(p, "${"))
		p = read_expression(arena, p + 2, used);
	static const char *const macros[] = { "{{DATE(", "{{TIME(" };
	for (size_t i = 0; i < sizeof macros / sizeof macros[0]; i++)
		if (strstr(text, macros[i]))
			use(used, macros[i]);
}

/* ---- counts ---- */

/* What a block has, as a set of selectors that are categories. */
static int read_selectors(struct ad_arena *arena, const struct ad_plural *block,
	const char *categories[], size_t max, size_t *ret)
{
	struct ad_plural_form form;
	const char *at = block->forms;
	int more;
	*ret = 0;
	while ((more = ad_plural_next(block, &at, &form)) > 0) {
		if (*form.selector == '=')
			continue;
		if (*ret == max)
			return -1;
		categories[(*ret)++] = ad_strndup(arena, form.selector, form.selector_len);
	}
	return more;
}

static bool is_among(const char *const *list, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(list[i], name) == 0)
			return true;
	return false;
}

/* "other" alone is for texts that read the same whatever the number. *ret_full: it has the forms of
 * its language. */
static int check_block(struct ad_arena *arena, const struct ad_language *language,
	const struct ad_plural *block, bool *ret_full, struct ad_err *err)
{
	const char *here[AD_CATEGORIES_MAX];
	size_t count;
	const char *const *wanted = language->speech.category;
	const size_t needed = language->speech.categories;
	if (read_selectors(arena, block, here, AD_CATEGORIES_MAX, &count) != 0)
		return AD_FAIL(err, AD_ECONFIG, "cannot read \"%.40s\"", block->start);
	bool only_other = count == 1 && strcmp(here[0], OTHER) == 0;
	for (size_t i = 0; i < needed && !only_other; i++)
		if (!is_among(here, count, wanted[i]))
			return AD_FAIL(err, AD_ECONFIG, "\"%.40s\" lacks the form '%s'",
				block->start, wanted[i]);
	for (size_t i = 0; i < count; i++)
		if (!is_among(wanted, needed, here[i]) && strcmp(here[i], OTHER) != 0 &&
			strcmp(here[i], "many") != 0)
			return AD_FAIL(
				err, AD_ECONFIG, "there is no form '%s' in this language", here[i]);
	*ret_full = !only_other || needed == 1;
	return 0;
}

/* Counts have a name of their own: "count, plural". */
static int read_counts(struct ad_arena *arena, const struct ad_language *language, const char *text,
	struct used *used, struct ad_err *err)
{
	struct ad_plural block;
	while (ad_plural_find(text, &block)) {
		const char *name = ad_strndup(arena, block.argument, block.argument_len);
		bool full = false;
		int e = check_block(arena, language, &block, &full, err);
		if (e != 0)
			return e;
		use(used, name);
		if (full)
			use(used, ad_printf(arena, "%s, plural", name));
		text = block.forms; /* blocks may stand in forms */
	}
	return 0;
}

/* ---- one text, one language ---- */

static int read_used(struct ad_arena *arena, const struct ad_language *language, const char *text,
	struct used *used, struct ad_err *err)
{
	used->count = 0;
	read_bindings(arena, text, used);
	return read_counts(arena, language, text, used, err);
}

/* A language without forms need not write a count as one; one with more forms may do so where
 * English has only one. */
static int compare(const struct ad_language *language, const struct used *english,
	const struct used *used, struct ad_err *err)
{
	bool counts = language->speech.categories > 1;
	for (size_t i = 0; i < english->count; i++) {
		const char *name = english->name[i];
		bool is_count = ad_text_ends(name, ", plural");
		if (!has(used, name) && (counts || !is_count))
			return AD_FAIL(err, AD_ECONFIG, "lacks {%s}", name);
	}
	for (size_t i = 0; i < used->count; i++) {
		const char *name = used->name[i];
		if (!has(english, name) && !ad_text_ends(name, ", plural"))
			return AD_FAIL(err, AD_ECONFIG, "has {%s}, which English has not", name);
	}
	return 0;
}

static int check_text(struct ad_arena *arena, const struct ad_language *english,
	const struct ad_language *language, const char *key, struct ad_err *err)
{
	struct used theirs;
	struct used used;
	const char *text = ad_language_text(language, key);
	if (!text)
		return AD_FAIL(err, AD_ECONFIG, "is missing");
	int e = read_used(arena, english, ad_language_text(english, key), &theirs, err);
	if (e == 0)
		e = read_used(arena, language, text, &used, err);
	return e == 0 ? compare(language, &theirs, &used, err) : e;
}

int ad_language_check(
	const struct ad_language *english, const struct ad_language *language, struct ad_err *err)
{
	struct ad_arena *scratch = ad_arena_new();
	const char *key = "";
	int e = 0;
	for (size_t i = 0; e == 0 && i < english->source_count; i++) {
		key = english->source[i].key;
		e = check_text(scratch, english, language, key, err);
	}
	for (size_t i = 0; e == 0 && i < language->source_count; i++) {
		key = language->source[i].key;
		if (!ad_language_text(english, key))
			e = AD_FAIL(err, AD_ECONFIG, "is no key of English");
	}
	if (e != 0)
		ad_err_prefix(err, "%s.json: %s ", language->name, key);
	ad_arena_free(scratch);
	return e;
}

/* ---- commands ---- */

static int check_said(const struct ad_cards *cards, const struct ad_said *said, struct ad_err *err)
{
	for (size_t l = 0; l < cards->languages; l++) {
		const struct ad_language *other = &cards->language[l];
		for (size_t i = 0; i < other->said_count; i++)
			if (strcmp(other->said[i].key, said->key) != 0 &&
				ad_text_starts(other->said[i].key, AD_CARDS_COMMAND) &&
				ad_said_clash(&other->said[i], said))
				return AD_FAIL(err, AD_ECONFIG,
					"%s.json: %s is said as %s of another command", other->name,
					other->said[i].key, said->key);
	}
	return 0;
}

int ad_commands_check(const struct ad_cards *cards, struct ad_err *err)
{
	int e = 0;
	for (size_t l = 0; l < cards->languages; l++) {
		const struct ad_language *language = &cards->language[l];
		for (size_t i = 0; e == 0 && i < language->said_count; i++)
			if (ad_text_starts(language->said[i].key, AD_CARDS_COMMAND))
				e = check_said(cards, &language->said[i], err);
	}
	return e;
}
