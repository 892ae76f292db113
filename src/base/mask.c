/* SPDX-License-Identifier: Apache-2.0 */
/* Secrets in what others have said: an error of a peer may quote the request that it refused. */
#include "ad/text.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#define MASK "***"
#define MASK_LEN (sizeof MASK - 1)
#define ENDS_VALUE " \t\r\n\"'&;,<>(){}[]"
#define JWT_START "eyJ" /* of {" in base64url: a JOSE header (RFC 7519 3.1) */
#define LONG_MIN 16     /* characters of a token; a shorter run is a word */

/* Names of secrets, and what has to stand between such a name and its value. */
static const struct marker {
	const char *name;
	enum {
		KEY,   /* ':' or '=' */
		WORD,  /* '=', or ':' with quotes: without them it is a sentence about one */
		SCHEME /* a space, and the value is long (RFC 9110 11.4) */
	} kind;
} markers[] = {
	{ "bearer", SCHEME },
	{ "basic", SCHEME },
	{ "sig", KEY }, /* of a SAS URL */
	{ "access_token", KEY },
	{ "refresh_token", KEY },
	{ "id_token", KEY },
	{ "client_assertion", KEY },
	{ "client_secret", KEY },
	{ "password", KEY },
	{ "pwd", KEY },
	{ "accountkey", KEY },
	{ "api_key", KEY },
	{ "apikey", KEY },
	{ "x-identity-header", KEY },
	{ "token", WORD },
	{ "secret", WORD },
	{ "signature", WORD },
};

static bool is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '-';
}

/* The value behind a marker that stands at text; NULL: none does. */
static const char *value_behind(const char *text, const struct marker *marker)
{
	size_t len = strlen(marker->name);
	if (strncasecmp(text, marker->name, len) != 0 || is_word(text[len]))
		return NULL;
	const char *p = text + len;
	if (marker->kind == SCHEME) {
		p += strspn(p, " ");
		return p > text + len && strcspn(p, ENDS_VALUE) >= LONG_MIN ? p : NULL;
	}
	p += strspn(p, "\"' ");
	if (*p != '=' && *p != ':')
		return NULL;
	const char *value = p + 1 + strspn(p + 1, "\"' ");
	bool is_quoted = value[-1] == '"' || value[-1] == '\'';
	return marker->kind == KEY || *p == '=' || is_quoted ? value : NULL;
}

/* Where the secret at text begins, and how long it is; 0: there is none. Before it stands what
 * tells what it was. */
static size_t secret_at(const char *text, bool at_word, const char **ret)
{
	*ret = text;
	for (size_t i = 0; at_word && i < sizeof markers / sizeof markers[0]; i++) {
		const char *value = value_behind(text, &markers[i]);
		if (!value)
			continue;
		*ret = value;
		return strcspn(value, ENDS_VALUE);
	}
	if (strncmp(text, "://", 3) == 0) { /* user:password@ (RFC 3986 3.2.1) */
		*ret = text + 3;
		size_t len = strcspn(*ret, "@/?# \t\r\n\"");
		return (*ret)[len] == '@' ? len : 0;
	}
	if (at_word && strncmp(text, JWT_START, sizeof JWT_START - 1) == 0) {
		size_t len = strcspn(text, ENDS_VALUE);
		return len >= LONG_MIN ? len : 0;
	}
	return 0;
}

void ad_text_mask(char *text)
{
	char *to = text;
	const char *from = text;
	char before = ' ';
	while (*from) {
		const char *secret;
		size_t len = secret_at(from, !is_word(before), &secret);
		size_t kept = len > 0 ? (size_t)(secret - from) : 1;
		memmove(to, from, kept);
		to += kept;
		before = from[kept - (kept > 0)];
		from += kept;
		if (len == 0)
			continue;
		size_t stars = len < MASK_LEN ? len : MASK_LEN;
		memcpy(to, MASK, stars);
		to += stars;
		from = secret + len;
		before = '*';
	}
	*to = '\0';
}
