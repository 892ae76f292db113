/* SPDX-License-Identifier: Apache-2.0 */
/* Steps and facts as aligned lines. What comes from outside holds no control character here. */
#include "report.h"
#include "ad/text.h"

#define PATH_WIDTH_MAX 36 /* longer paths push their value to the right */

static int wider(int width, const char *text)
{
	int len = (int)strlen(text);
	return len > width ? len : width;
}

/* A terminal obeys what it is shown. */
static const char *shown(struct ad_arena *arena, const char *text)
{
	return ad_utf8_clean(arena, text, false);
}

void ad_app_print_trail(const struct ad_trail *trail, const struct ad_err *err)
{
	int width = 0;
	for (size_t i = 0; i < trail->count; i++)
		width = wider(width, trail->steps[i].name);
	for (size_t i = 0; i < trail->count; i++) {
		const struct ad_trail_step *step = &trail->steps[i];
		const char *text = step->saw ? step->saw : ad_trail_why(trail, err);
		(void)printf("%-6s  %-*s  %s\n", step->saw ? "ok" : "FAILED", width, step->name,
			shown(trail->arena, text));
	}
}

struct lines {
	struct ad_arena *arena;
	int width;
	bool print; /* else only measured */
};

static void add_line(struct lines *lines, const char *path, const char *value)
{
	if (lines->print)
		(void)printf("%-*s  %s\n", lines->width, path, shown(lines->arena, value));
	else if (strlen(path) <= PATH_WIDTH_MAX)
		lines->width = wider(lines->width, path);
}

static void add_value(struct lines *lines, const char *path, const struct ad_json *value)
{
	enum ad_json_kind kind = ad_json_kind(value);
	size_t i = 0;
	if (kind == AD_JSON_STRING) {
		add_line(lines, path, ad_json_text(value));
	} else if (kind != AD_JSON_OBJECT && kind != AD_JSON_ARRAY) {
		add_line(lines, path, ad_json_print(lines->arena, value));
	} else {
		AD_JSON_EACH(item, value)
		{
			const char *name = ad_json_name(item);
			const char *below = kind == AD_JSON_ARRAY
						    ? ad_printf(lines->arena, "%s[%zu]", path, i++)
						    : ad_printf(lines->arena, "%s%s%s", path,
							      *path ? "." : "", name);
			add_value(lines, below, item);
		}
	}
}

void ad_app_print_facts(struct ad_arena *arena, const struct ad_json *facts)
{
	struct lines lines = { .arena = arena };
	add_value(&lines, "", facts);
	lines.print = true;
	add_value(&lines, "", facts);
}
