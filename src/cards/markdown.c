/* SPDX-License-Identifier: Apache-2.0 */
/* Escaping of what people wrote for the markdown that a TextBlock renders (reliability threat 13),
 * and for the client's own "{{DATE(...)}}" in it. */
#include "words.h"
#include "ad/text.h"

#include <ctype.h>

/* A list begins here: "- ", "+ ", or digits with a dot behind them; or a row of "=" makes the line
 * above a heading. Gives the position of the mark, or NULL. */
static const char *line_mark(const char *line)
{
	if (*line == '-' || *line == '+' || *line == '=')
		return line;
	const char *p = line;
	while (isdigit((unsigned char)*p))
		p++;
	return p > line && (*p == '.' || *p == ')') ? p : NULL;
}

const char *ad_markdown_escape(struct ad_arena *arena, const char *text)
{
	const char *clean = ad_utf8_clean_words(arena, text, true);
	char *escaped = ad_alloc(arena, 2 * strlen(clean) + 1);
	char *out = escaped;
	bool line_start = true;
	const char *mark = NULL;
	for (const char *p = clean; *p; p++) {
		if (line_start)
			mark = line_mark(p);
		line_start = *p == '\n' || (line_start && *p == ' ');
		bool macro = *p == '{' && p > clean && p[-1] == '{';
		if (strchr("\\`*_[]<>~|#!", *p) || p == mark || macro)
			*out++ = '\\';
		*out++ = *p;
	}
	*out = '\0';
	return escaped;
}
