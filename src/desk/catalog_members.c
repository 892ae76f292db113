/* SPDX-License-Identifier: Apache-2.0 */
/* Each member of a catalogue entry: what it may be, and how it is kept. */
#include "catalog_members.h"
#include "ad/desk.h"
#include "ad/domain/policy.h"
#include "ad/text.h"

#include <stdlib.h>

#define FIELD_MAX 300        /* characters of a name, publisher, identifier, version, label */
#define DESCRIPTION_MAX 2000 /* characters */
#define CATEGORY_MAX 60      /* characters */
#define CATEGORIES_MAX 20
#define AUDIENCE_MAX 20

static const char *const states[] = { "published", "hidden", NULL };
static const char *const classifications[] = { "low", "medium", "high", AD_CLASSIFICATION_CRITICAL,
	NULL };

const struct ad_catalog_member ad_catalog_members[AD_CATALOG_MEMBERS] = {
	{ "winget_id", AD_CATALOG_TEXT, FIELD_MAX, true, NULL },
	{ "name", AD_CATALOG_TEXT, FIELD_MAX, true, NULL },
	{ "publisher", AD_CATALOG_TEXT, FIELD_MAX, false, NULL },
	{ "description", AD_CATALOG_TEXT, DESCRIPTION_MAX, false, NULL },
	{ "version", AD_CATALOG_TEXT, FIELD_MAX, false, NULL },
	{ "state", AD_CATALOG_WORD, 0, false, states },
	{ "classification", AD_CATALOG_WORD, 0, false, classifications },
	{ "owner", AD_CATALOG_ID, 0, false, NULL },
	{ "seats", AD_CATALOG_NUMBER, AD_SEATS_MAX, false, NULL },
	{ "group", AD_CATALOG_ID, 0, false, NULL },
	{ "categories", AD_CATALOG_TEXTS, CATEGORIES_MAX, false, NULL },
	{ "audience", AD_CATALOG_IDS, AUDIENCE_MAX, false, NULL },
	{ "aliases", AD_CATALOG_ALIASES, AD_ALIASES_MAX, false, NULL },
	{ "questions", AD_CATALOG_QUESTIONS, AD_QUESTIONS_MAX, false, NULL },
};

const struct ad_catalog_member *ad_catalog_member(const char *name)
{
	for (size_t i = 0; i < AD_CATALOG_MEMBERS; i++)
		if (ad_text_eq(ad_catalog_members[i].name, name))
			return &ad_catalog_members[i];
	return NULL;
}

struct ad_json *ad_catalog_usual(struct ad_arena *arena, const struct ad_catalog_member *member)
{
	switch (member->kind) {
	case AD_CATALOG_NUMBER:
		return ad_json_new_int(arena, 0);
	case AD_CATALOG_TEXTS:
	case AD_CATALOG_ALIASES:
	case AD_CATALOG_IDS:
	case AD_CATALOG_QUESTIONS:
		return ad_json_new_array(arena);
	case AD_CATALOG_WORD:
		return ad_json_new_string(arena, member->words[0]);
	case AD_CATALOG_TEXT:
	case AD_CATALOG_ID:
	default:
		return ad_json_new_string(arena, "");
	}
}

/* ---- one value ---- */

static bool is_blank(const struct ad_field *at)
{
	const char *text = ad_json_text(at->value);
	return text && ad_text_empty(ad_text_trim(at->arena, text));
}

static int read_word(const struct ad_field *at, const char *const *words, const char **ret)
{
	const char *all = words[0];
	for (size_t i = 0; words[i]; i++) {
		if (ad_text_eq_nocase(ad_json_text(at->value), words[i])) {
			*ret = words[i];
			return 0;
		}
		all = i == 0 ? all : ad_printf(at->arena, "%s, %s", all, words[i]);
	}
	return ad_field_fault(at, "must be one of %s", all);
}

static int read_text(
	const struct ad_field *at, const struct ad_catalog_member *member, const char **ret)
{
	*ret = "";
	if (member->kind == AD_CATALOG_WORD)
		return read_word(at, member->words, ret);
	if (is_blank(at))
		return member->required ? ad_field_fault(at, "is missing") : 0;
	return member->kind == AD_CATALOG_ID ? ad_field_guid(at, ret)
					     : ad_field_text(at, member->max, ret);
}

/* ---- lists ---- */

/* In CSV the semicolon stands between two of them. */
static int read_part(const struct ad_field *at, size_t max, const char **ret)
{
	int e = ad_field_text(at, max, ret);
	return e == 0 && strchr(*ret, ';') ? ad_field_fault(at, "may not have a ';' in it") : e;
}

static int read_category(const struct ad_field *at, void *ret)
{
	return read_part(at, CATEGORY_MAX, ret);
}

static int read_group(const struct ad_field *at, void *ret)
{
	return ad_field_guid(at, ret);
}

static int read_alias(const struct ad_field *at, void *ret)
{
	const char **alias = ret;
	int e = read_part(at, FIELD_MAX, alias);
	if (e == 0)
		*alias = ad_text_lower(at->arena, *alias);
	return e;
}

static int read_choice(const struct ad_field *at, void *ret)
{
	return ad_field_text(at, AD_ANSWER_MAX, ret);
}

static int by_bytes(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int read_texts(const struct ad_field *at, size_t max, ad_field_entry *entry, bool sorted,
	struct ad_json **ret)
{
	const void *read = NULL;
	size_t count = 0;
	int e = ad_field_list(at, max, sizeof(const char *), entry, &read, &count);
	if (e != 0)
		return e;
	const char **items = ad_memdup(at->arena, read, count * sizeof *items);
	if (sorted && count > 1)
		qsort(items, count, sizeof *items, by_bytes);
	*ret = ad_json_new_array(at->arena);
	for (size_t i = 0; i < count; i++)
		if (!sorted || i == 0 || !ad_text_eq(items[i], items[i - 1]))
			ad_json_append(at->arena, *ret, ad_json_new_string(at->arena, items[i]));
	return 0;
}

/* ---- questions ---- */

static int read_kind(const struct ad_field *at, enum ad_question_kind *ret)
{
	if (!ad_field_absent(at) && ad_question_kind_parse(ad_json_text(at->value), ret) != 0)
		return ad_field_fault(at, "must be one of text, long, choice, date");
	return 0;
}

static int read_question(const struct ad_field *at, void *ret)
{
	static const char *const known[] = { "label", "kind", "choices", "required", NULL };
	const char *label = "";
	enum ad_question_kind kind = AD_QUESTION_TEXT;
	bool required = true;
	struct ad_json *choices = ad_json_new_array(at->arena);
	const struct ad_field label_at = ad_field_member(at, "label");
	const struct ad_field kind_at = ad_field_member(at, "kind");
	const struct ad_field choices_at = ad_field_member(at, "choices");
	const struct ad_field required_at = ad_field_member(at, "required");
	int e = ad_field_object(at, known);
	if (e == 0)
		e = ad_field_text(&label_at, FIELD_MAX, &label);
	if (e == 0)
		e = read_kind(&kind_at, &kind);
	if (e == 0)
		e = read_texts(&choices_at, AD_CHOICES_MAX, read_choice, false, &choices);
	if (e == 0)
		e = ad_field_bool(&required_at, &required);
	if (e != 0)
		return e;
	if ((kind == AD_QUESTION_CHOICE) != (ad_json_count(choices) > 0))
		return ad_field_fault(
			&choices_at, "belong to questions of kind choice, which need them");
	struct ad_json *question = ad_json_new_object(at->arena);
	ad_json_set_str(at->arena, question, "label", label);
	ad_json_set_str(at->arena, question, "kind", ad_question_kind_name(kind));
	ad_json_set(at->arena, question, "choices", choices);
	ad_json_set_bool(at->arena, question, "required", required);
	*(struct ad_json **)ret = question;
	return 0;
}

static int read_questions(const struct ad_field *at, size_t max, struct ad_json **ret)
{
	const void *read = NULL;
	size_t count = 0;
	int e = ad_field_list(at, max, sizeof(struct ad_json *), read_question, &read, &count);
	if (e != 0)
		return e;
	struct ad_json *const *questions = read;
	*ret = ad_json_new_array(at->arena);
	for (size_t i = 0; i < count; i++)
		ad_json_append(at->arena, *ret, questions[i]);
	return 0;
}

int ad_catalog_value(
	const struct ad_field *at, const struct ad_catalog_member *member, struct ad_json **ret)
{
	const char *text;
	int number = 0;
	int e;
	switch (member->kind) {
	case AD_CATALOG_NUMBER:
		e = ad_field_int(at, 0, (int)member->max, &number);
		*ret = ad_json_new_int(at->arena, number);
		return e;
	case AD_CATALOG_TEXTS:
		return read_texts(at, member->max, read_category, false, ret);
	case AD_CATALOG_ALIASES:
		return read_texts(at, member->max, read_alias, true, ret);
	case AD_CATALOG_IDS:
		return read_texts(at, member->max, read_group, true, ret);
	case AD_CATALOG_QUESTIONS:
		return read_questions(at, member->max, ret);
	case AD_CATALOG_TEXT:
	case AD_CATALOG_WORD:
	case AD_CATALOG_ID:
	default:
		e = read_text(at, member, &text);
		*ret = ad_json_new_string(at->arena, text);
		return e;
	}
}
