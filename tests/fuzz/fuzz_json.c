/* SPDX-License-Identifier: Apache-2.0 */
/* Promises of ad/json.h about any bytes: what is accepted has one meaning, and keeps it. */
#include "fuzz.h"

#include "ad/json.h"
#include "ad/text.h"

/* Brackets outside of strings, counted without any parser. */
static size_t depth_of(const char *text, size_t len)
{
	size_t depth = 0;
	size_t deepest = 0;
	bool in_string = false;
	for (size_t i = 0; i < len; i++) {
		char c = text[i];
		if (in_string && c == '\\')
			i++;
		else if (c == '"')
			in_string = !in_string;
		else if (!in_string && (c == '[' || c == '{'))
			depth++;
		else if (!in_string && (c == ']' || c == '}'))
			depth--;
		deepest = depth > deepest ? depth : deepest;
	}
	AD_ASSERT(depth == 0 && !in_string);
	return deepest;
}

/* A getter gives the first of a name: when that is always the member itself, no name is there
 * twice. */
static void check_members(const struct ad_json *object)
{
	AD_JSON_EACH(member, object)
	{
		AD_ASSERT(ad_json_name(member) != NULL);
		AD_ASSERT(ad_json_get(object, ad_json_name(member)) == member);
	}
}

static void check_value(const struct ad_json *value)
{
	enum ad_json_kind kind = ad_json_kind(value);
	const char *text = ad_json_text(value);
	AD_ASSERT(kind != AD_JSON_NONE);
	AD_ASSERT((text != NULL) == (kind == AD_JSON_STRING));
	if (text)
		AD_ASSERT(ad_utf8_valid(text, strlen(text)));
	if (kind == AD_JSON_OBJECT)
		check_members(value);
	if (kind == AD_JSON_OBJECT || kind == AD_JSON_ARRAY) {
		AD_JSON_EACH(item, value)
		check_value(item);
	}
}

static void check_print(struct ad_arena *arena, const struct ad_json *value)
{
	struct ad_json *again = NULL;
	char *text = ad_json_print(arena, value);
	AD_ASSERT(ad_json_parse(arena, text, strlen(text), &again, NULL) == 0);
	AD_ASSERT(strcmp(ad_json_print(arena, again), text) == 0);
	AD_ASSERT(strcmp(ad_json_print(arena, ad_json_copy(arena, value)), text) == 0);
}

/* The same text with something behind it. */
static int parse_with(struct ad_arena *arena, const char *text, size_t len, char last)
{
	struct ad_json *value = NULL;
	char *longer = ad_alloc(arena, len + 1);
	memcpy(longer, text, len);
	longer[len] = last;
	return ad_json_parse(arena, longer, len + 1, &value, NULL);
}

static void check_accepted(
	struct ad_arena *arena, const char *text, size_t len, const struct ad_json *value)
{
	AD_ASSERT(ad_utf8_valid(text, len));
	AD_ASSERT(!memchr(text, '\0', len));
	AD_ASSERT(depth_of(text, len) <= AD_JSON_DEPTH_MAX);
	check_value(value);
	check_print(arena, value);
	AD_ASSERT(parse_with(arena, text, len, ' ') == 0);
	AD_ASSERT(parse_with(arena, text, len, ']') == AD_EINVAL);
	AD_ASSERT(parse_with(arena, text, len, '\0') == AD_EINVAL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct ad_arena *arena = ad_arena_new();
	struct ad_json *value = NULL;
	struct ad_err err = { 0 };
	const char *text = (const char *)data;
	int rc = ad_json_parse(arena, text, len, &value, &err);
	if (rc == 0)
		check_accepted(arena, text, len, value);
	else
		AD_ASSERT((rc == AD_EINVAL || rc == AD_ETOOBIG) && err.text[0] && !value);
	ad_arena_free(arena);
	return 0;
}
