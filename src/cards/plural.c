/* SPDX-License-Identifier: Apache-2.0 */
/* Reading of counts in texts. */
#include "plural.h"
#include "ad/text.h"

#include <ctype.h>

#define KEYWORD "plural"

static const char *behind_space(const char *p)
{
	return p + strspn(p, " \n\t");
}

static bool is_name(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '.' || c == '[' || c == ']';
}

/* Behind the brace that closes the one at open; NULL: nothing closes it. */
static const char *behind_brace(const char *open)
{
	size_t depth = 0;
	for (const char *p = open; *p; p++) {
		depth += *p == '{';
		depth -= *p == '}';
		if (depth == 0)
			return p + 1;
	}
	return NULL;
}

/* Whether a block begins at the brace. */
static bool begins(const char *brace, struct ad_plural *ret)
{
	const char *name = behind_space(brace + 1);
	const char *p = name;
	while (is_name(*p))
		p++;
	size_t len = (size_t)(p - name);
	p = behind_space(p);
	if (len == 0 || *p != ',')
		return false;
	p = behind_space(p + 1);
	if (!ad_text_starts(p, KEYWORD))
		return false;
	p = behind_space(p + strlen(KEYWORD));
	if (*p != ',')
		return false;
	*ret = (struct ad_plural){ .start = brace,
		.argument = name,
		.argument_len = len,
		.forms = p + 1,
		.end = behind_brace(brace) };
	return true;
}

bool ad_plural_find(const char *text, struct ad_plural *ret)
{
	for (const char *p = strchr(text, '{'); p; p = strchr(p + 1, '{')) {
		bool binding = p > text && p[-1] == '$';
		if (!binding && begins(p, ret))
			return true;
	}
	return false;
}

int ad_plural_next(const struct ad_plural *block, const char **at, struct ad_plural_form *ret)
{
	const char *selector = behind_space(*at);
	if (!block->end)
		return -1;
	if (selector + 1 == block->end)
		return 0;
	size_t len = strcspn(selector, " \n\t{}");
	const char *open = behind_space(selector + len);
	const char *end = len > 0 && *open == '{' ? behind_brace(open) : NULL;
	if (!end || end >= block->end)
		return -1;
	*ret = (struct ad_plural_form){ selector, len, open + 1, (size_t)(end - open) - 2 };
	*at = end;
	return 1;
}
