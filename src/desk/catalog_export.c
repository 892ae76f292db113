/* SPDX-License-Identifier: Apache-2.0 */
/* A catalogue entry as a line of CSV, so that reading it gives the same entry. */
#include "ad/desk/catalog.h"
#include "ad/text.h"
#include "catalog_members.h"

static const char *joined(struct ad_arena *arena, const struct ad_json *list)
{
	const char *ret = NULL;
	AD_JSON_EACH(item, list)
	{
		const char *text = ad_json_text(item);
		ret = ret ? ad_printf(arena, "%s; %s", ret, text) : text;
	}
	return ret ? ret : "";
}

static const char *cell_text(
	struct ad_arena *arena, const struct ad_catalog_member *member, const struct ad_json *value)
{
	switch (member->kind) {
	case AD_CATALOG_TEXTS:
	case AD_CATALOG_ALIASES:
	case AD_CATALOG_IDS:
		return joined(arena, value);
	case AD_CATALOG_NUMBER:
	case AD_CATALOG_QUESTIONS: {
		const char *text = ad_json_print(arena, value);
		return ad_text_eq(text, "[]") || ad_text_eq(text, "0") ? "" : text;
	}
	case AD_CATALOG_TEXT:
	case AD_CATALOG_WORD:
	case AD_CATALOG_ID:
	default:
		return ad_json_text(value);
	}
}

/* Quoted where it has to be. */
static const char *cell(struct ad_arena *arena, const char *text)
{
	if (!text[strcspn(text, ",;\t\"\r\n")])
		return text;
	size_t len = 0;
	char *quoted = ad_alloc(arena, 2 * strlen(text) + 3);
	quoted[len++] = '"';
	for (const char *p = text; *p; p++) {
		if (*p == '"')
			quoted[len++] = '"';
		quoted[len++] = *p;
	}
	quoted[len] = '"';
	return quoted;
}

const char *ad_catalog_csv(struct ad_arena *arena, const struct ad_json *app)
{
	const char *line = "";
	for (size_t i = 0; i < AD_CATALOG_MEMBERS; i++) {
		const struct ad_catalog_member *member = &ad_catalog_members[i];
		const char *text = member->name;
		if (app)
			text = cell(
				arena, cell_text(arena, member, ad_json_get(app, member->name)));
		line = i == 0 ? text : ad_printf(arena, "%s,%s", line, text);
	}
	return line;
}
