/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The lexer of the official grammar: longest match, and inside of backticks a mode of its own in
 * which "${...}" is one token. A quote behind a backslash may end a string or not; the reading that
 * lets the token end at all wins, the longer one first.
 */
#include "expr_lex.h"

#include "ad/arena.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define TANGLE_MAX 20000 /* positions tried for one "${...}" */
#define QUOTES_MAX 32    /* quotes behind a backslash in one string */
#define STRINGS_MAX 200  /* ambiguous strings in one "${...}" */

struct lexer {
	const char *at;
	const char *end;
	int tangle;  /* positions left to try */
	int strings; /* ambiguous strings that are being tried */
};

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Behind the name at p, or p when there is none. */
static const char *name_end(const char *p, const char *end)
{
	if (p == end || !(is_letter(*p) || strchr("_#@$%", *p)) || !*p)
		return p;
	p += p + 1 < end && p[0] == '@' && p[1] == '@' ? 2 : 1;
	while (p < end && (is_letter(*p) || is_digit(*p) || *p == '_'))
		p++;
	return p;
}

/* The places at which the string that begins at p may end, best first; how many. */
static size_t string_ends(const char *p, const char *end, const char *ret[QUOTES_MAX + 1])
{
	const char *escaped[QUOTES_MAX];
	size_t count = 0, found = 0;
	char quote = *p++;
	for (; p < end && *p != quote; p++) {
		if (*p != '\\' || p + 1 == end || (p[1] != quote && p[1] != '\\'))
			continue;
		p++;
		if (*p == quote && count < QUOTES_MAX)
			escaped[count++] = p + 1;
	}
	if (p < end)
		ret[found++] = p + 1;
	while (count > 0)
		ret[found++] = escaped[--count];
	return found;
}

static const char *template_rest(struct lexer *l, const char *p, int depth, bool needs);

/* Tries each end of the string at p; then a colon must follow if it is a key. */
static const char *template_string(struct lexer *l, const char *p, int depth, bool is_key)
{
	const char *ends[QUOTES_MAX + 1];
	size_t count = string_ends(p, l->end, ends);
	if (++l->strings > STRINGS_MAX)
		l->tangle = 0;
	const char *found = NULL;
	for (size_t i = 0; i < count && !found && l->tangle > 0; i++) {
		if (!is_key)
			found = template_rest(l, ends[i], depth, false);
		else if (ends[i] < l->end && *ends[i] == ':')
			found = template_rest(l, ends[i] + 1, depth + 1, true);
	}
	l->strings--;
	return found;
}

/* An object inside "${...}": braces, names or strings with a colon, then anything. */
static const char *template_object(struct lexer *l, const char *p, int depth)
{
	p++;
	if (p < l->end && *p == '}')
		return template_rest(l, p + 1, depth, false);
	if (p < l->end && (*p == '\'' || *p == '"'))
		return template_string(l, p, depth, true);
	const char *stop = name_end(p, l->end);
	if (stop == p || stop == l->end || *stop != ':')
		return NULL;
	return template_rest(l, stop + 1, depth + 1, true);
}

/* Behind the last "}", or NULL. needs: something must stand before the next "}". */
static const char *template_rest(struct lexer *l, const char *p, int depth, bool needs)
{
	for (; p < l->end; p++, needs = false) {
		if (--l->tangle <= 0)
			return NULL;
		const char *ends[QUOTES_MAX + 1];
		switch (*p) {
		case '\r':
		case '\n':
		case '`':
			return NULL;
		case '{':
			return template_object(l, p, depth);
		case '}':
			if (needs)
				return NULL;
			if (depth == 0)
				return p + 1;
			depth--;
			break;
		case '\'':
		case '"':
			if (string_ends(p, l->end, ends) != 1)
				return template_string(l, p, depth, false);
			p = ends[0] - 1;
			break;
		default:
			break;
		}
	}
	return NULL;
}

/* Inside of backticks. */
static struct ad_token next_in_text(struct lexer *l)
{
	struct ad_token t = { AD_TOKEN_TEXT, l->at, 0 };
	if (*l->at == '`')
		return (struct ad_token){ AD_TOKEN_TICK, l->at, 1 };
	const char *p = l->at;
	for (; p < l->end && *p != '`'; p++) {
		const char *stop = NULL;
		bool escape = *p == '\\' && p + 1 < l->end && (p[1] == '`' || p[1] == '$');
		if (*p == '$' && p + 1 < l->end && p[1] == '{') {
			stop = template_rest(l, p + 2, 0, true);
			if (l->tangle <= 0)
				break;
		}
		if (!escape && !stop)
			continue;
		if (p > l->at)
			break;
		if (escape)
			return (struct ad_token){ AD_TOKEN_ESCAPE, p, 2 };
		return (struct ad_token){ AD_TOKEN_TEMPLATE, p, (size_t)(stop - p) };
	}
	t.len = (size_t)(p - l->at);
	return t;
}

static struct ad_token next_sign(const struct lexer *l)
{
	static const char *const signs[] = { "==", "!=", "<>", "<=", ">=", "&&", "||", "=>", "??" };
	for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++) {
		if (l->end - l->at >= 2 && strncmp(l->at, signs[i], 2) == 0)
			return (struct ad_token){ AD_TOKEN_SIGN, l->at, 2 };
	}
	bool one = *l->at && strchr("+-!^*/%&<>().[]{},:?", *l->at);
	return (struct ad_token){ one ? AD_TOKEN_SIGN : AD_TOKEN_BAD, l->at, 1 };
}

static struct ad_token next_number(const struct lexer *l)
{
	const char *p = l->at;
	while (p < l->end && is_digit(*p))
		p++;
	if (l->end - p >= 2 && *p == '.' && is_digit(p[1])) {
		p++;
		while (p < l->end && is_digit(*p))
			p++;
	}
	return (struct ad_token){ AD_TOKEN_NUMBER, l->at, (size_t)(p - l->at) };
}

static struct ad_token next_token(const struct lexer *l)
{
	const char *p = l->at;
	const char *stop = name_end(p, l->end);
	if (stop - p > 1 || (stop > p && *p != '%'))
		return (struct ad_token){ AD_TOKEN_NAME, p, (size_t)(stop - p) };
	if (*p == '`')
		return (struct ad_token){ AD_TOKEN_TICK, p, 1 };
	if (*p == '\'' || *p == '"') {
		const char *ends[QUOTES_MAX + 1];
		if (string_ends(p, l->end, ends) > 0)
			return (struct ad_token){ AD_TOKEN_STRING, p, (size_t)(ends[0] - p) };
	}
	return is_digit(*p) ? next_number(l) : next_sign(l);
}

/* Blanks, line breaks, U+00A0 and U+FEFF mean nothing. */
static const char *skip_space(const char *p, const char *end)
{
	for (;;) {
		if (p < end && (*p == ' ' || *p == '\t' || *p == '\n'))
			p++;
		else if (end - p >= 2 && p[0] == '\r' && p[1] == '\n')
			p += 2;
		else if (end - p >= 2 && memcmp(p, "\xC2\xA0", 2) == 0)
			p += 2;
		else if (end - p >= 3 && memcmp(p, "\xEF\xBB\xBF", 3) == 0)
			p += 3;
		else
			return p;
	}
}

int ad_expr_lex(const char *text, size_t len, struct ad_token **ret, struct ad_err *err)
{
	struct lexer l = { .at = text, .end = text + len };
	struct ad_token *tokens = ad_xalloc((len + 1) * sizeof *tokens);
	size_t count = 0;
	bool in_text = false;
	for (;;) {
		if (!in_text)
			l.at = skip_space(l.at, l.end);
		if (l.at == l.end)
			break;
		l.tangle = TANGLE_MAX;
		struct ad_token token = in_text ? next_in_text(&l) : next_token(&l);
		if (l.tangle <= 0) {
			free(tokens);
			return AD_FAIL(err, AD_ETOOBIG, "an expression is too tangled");
		}
		in_text ^= token.kind == AD_TOKEN_TICK;
		tokens[count++] = token;
		l.at += token.len;
	}
	tokens[count] = (struct ad_token){ AD_TOKEN_END, l.end, 0 };
	*ret = tokens;
	return 0;
}
