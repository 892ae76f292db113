/* SPDX-License-Identifier: Apache-2.0 */
/* Escaping of what people wrote for the markdown that a TextBlock renders (reliability threat 13).
 */
#include "expand.h"
#include "ad/text.h"

#include <ctype.h>

/* A list begins here: "- ", "+ ", or digits with a dot behind them. Gives the position of the mark,
 * or NULL. */
static const char *list_mark(const char *line)
{
	if (*line == '-' || *line == '+')
		return line;
	const char *p = line;
	while (isdigit((unsigned char)*p))
		p++;
	return p > line && (*p == '.' || *p == ')') ? p : NULL;
}

const char *ad_markdown_escape(struct ad_arena *arena, const char *text)
{
	const char *clean = ad_utf8_clean(arena, text, true);
	char *escaped = ad_alloc(arena, 2 * strlen(clean) + 1);
	char *out = escaped;
	bool line_start = true;
	const char *mark = NULL;
	for (const char *p = clean; *p; p++) {
		if (line_start)
			mark = list_mark(p);
		line_start = *p == '\n' || (line_start && *p == ' ');
		if (strchr("\\`*_[]<>~|#!", *p) || p == mark)
			*out++ = '\\';
		*out++ = *p;
	}
	*out = '\0';
	return escaped;
}
