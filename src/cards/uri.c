/* SPDX-License-Identifier: Apache-2.0 */
/* scheme:[//[user@]host[:port]][path][?query][#fragment] (url.spec.whatwg.org, 4.4). */
#include "uri.h"
#include "ad/buf.h"
#include "ad/text.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PORT_MAX 65535
#define PATH_ESCAPES " \"#<>?`{}"
#define QUERY_ESCAPES " \"#<>"
#define OPAQUE_ESCAPES                                                             \
	"" /* a path without a slash at its front keeps all but control characters \
	    */

/* Schemes that the standard knows, with their own ports. */
static const struct known {
	const char *scheme;
	double port;
} schemes[] = { { "http", 80 }, { "https", 443 }, { "ws", 80 }, { "wss", 443 }, { "ftp", 21 },
	{ "file", NAN } };

static const struct known *find_scheme(const char *scheme)
{
	for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++) {
		if (strcmp(schemes[i].scheme, scheme) == 0)
			return &schemes[i];
	}
	return NULL;
}

/* Without what stands around it, tabs and line ends. */
static const char *tidied(struct ad_arena *arena, const char *text)
{
	while (*text && (unsigned char)*text <= ' ')
		text++;
	char *copy = ad_strdup(arena, text), *to = copy;
	for (const char *p = copy; *p; p++) {
		if (!strchr("\t\n\r", *p))
			*to++ = *p;
	}
	while (to > copy && (unsigned char)to[-1] <= ' ')
		to--;
	*to = '\0';
	return copy;
}

/* "https:" at the front; false: there is none. */
static bool take_scheme(struct ad_arena *arena, const char **p, const char **ret)
{
	size_t len = 0;
	while (isalnum((unsigned char)(*p)[len]) || ((*p)[len] && strchr("+-.", (*p)[len])))
		len++;
	if (!isalpha((unsigned char)**p) || (*p)[len] != ':')
		return false;
	*ret = ad_text_lower(arena, ad_strndup(arena, *p, len));
	*p += len + 1;
	return true;
}

/* ":8080" in place; false: that is no port. */
static bool take_port(char *authority, struct ad_uri *uri)
{
	char *colon = strrchr(authority, ':');
	if (!colon || strchr(colon, ']'))
		return true;
	*colon++ = '\0';
	if (strspn(colon, "0123456789") != strlen(colon))
		return false;
	if (*colon)
		uri->port = strtod(colon, NULL);
	return !(uri->port > PORT_MAX);
}

static bool is_file(const struct known *known)
{
	return known && isnan(known->port);
}

static bool read_file_host(struct ad_arena *arena, const char *text, struct ad_uri *uri)
{
	if (*text && strcmp(text, "localhost") != 0)
		uri->host = ad_uri_host(arena, text);
	return uri->host != NULL;
}

/* [user@]host[:port] */
static bool read_authority(
	struct ad_arena *arena, char *text, const struct known *known, struct ad_uri *uri)
{
	char *at = strrchr(text, '@');
	char *authority = at ? at + 1 : text;
	bool has_more = at || *authority == ':';
	if (!take_port(authority, uri) || (!*authority && (known || has_more)))
		return false;
	if (known && !(uri->port < known->port) && !(uri->port > known->port))
		uri->port = NAN;
	uri->host = known ? ad_uri_host(arena, authority) : ad_uri_opaque_host(arena, authority);
	return uri->host != NULL;
}

/* What stands between the slashes and the path, if there is such a thing. */
static bool take_host(
	struct ad_arena *arena, const char **p, const struct known *known, struct ad_uri *uri)
{
	const char *slashes = known ? "/\\" : "/";
	size_t count = strspn(*p, slashes);
	bool has_slashes = known && !is_file(known); /* as many as there are, or none */
	if (!has_slashes && count < 2)
		return true;
	*p += has_slashes ? count : 2;
	size_t len = strcspn(*p, known ? "/\\?#" : "/?#");
	char *text = ad_strndup(arena, *p, len);
	*p += len;
	return is_file(known) ? read_file_host(arena, text, uri)
			      : read_authority(arena, text, known, uri);
}

/* "." or "..", each dot perhaps as %2e: how many dots; 0: something else. */
static size_t dots(const char *part, size_t len)
{
	size_t count = 0;
	for (size_t i = 0; i < len; count++) {
		bool is_escaped = len - i >= 3 && strncmp(part + i, "%2", 2) == 0 &&
				  (part[i + 2] | 0x20) == 'e';
		if (part[i] != '.' && !is_escaped)
			return 0;
		i += is_escaped ? 3 : 1;
	}
	return count <= 2 ? count : 0;
}

/* Takes "." and ".." out of a path of parts that each have a slash before them. */
static const char *resolved(struct ad_arena *arena, const char *path, bool takes_backslash)
{
	const char *ends = takes_backslash ? "/\\" : "/";
	char *out = ad_alloc(arena, strlen(path) + 3);
	size_t len = 0;
	while (*path) {
		path++; /* the slash */
		size_t part = strcspn(path, ends), count = dots(path, part);
		bool is_last = !path[part];
		if (count == 2) {
			while (len > 0 && out[--len] != '/')
				;
		}
		if (count == 0 || is_last) {
			out[len++] = '/';
			memcpy(out + len, path, count == 0 ? part : 0);
			len += count == 0 ? part : 0;
		}
		path += part;
	}
	out[len] = '\0';
	return ad_uri_escape(arena, out, PATH_ESCAPES);
}

static void read_path(
	struct ad_arena *arena, const char *text, const struct known *known, struct ad_uri *uri)
{
	bool has_slash = *text == '/' || (known && *text == '\\');
	if (known && !has_slash)
		text = ad_printf(arena, "/%s", text);
	uri->path = known || has_slash ? resolved(arena, text, known != NULL)
				       : ad_uri_escape(arena, text, OPAQUE_ESCAPES);
}

bool ad_uri_parse(struct ad_arena *arena, const char *text, struct ad_uri *ret)
{
	const char *p = tidied(arena, text);
	*ret = (struct ad_uri){ .host = "", .query = "", .port = NAN };
	if (!take_scheme(arena, &p, &ret->scheme))
		return false;
	const struct known *known = find_scheme(ret->scheme);
	if (!take_host(arena, &p, known, ret))
		return false;
	size_t path = strcspn(p, "?#");
	read_path(arena, ad_strndup(arena, p, path), known, ret);
	p += path;
	size_t query = *p == '?' ? strcspn(p, "#") : 0;
	if (query > 1)
		ret->query = ad_printf(arena, "?%s",
			ad_uri_escape(arena, ad_strndup(arena, p + 1, query - 1),
				known ? QUERY_ESCAPES "'" : QUERY_ESCAPES));
	return true;
}
