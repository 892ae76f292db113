/* SPDX-License-Identifier: Apache-2.0 */
/* Parts of addresses: scheme://[user@]host[:port][/path][?query][#fragment], as the URL standard
 * reads the usual ones. */
#include "ad/text.h"
#include "expr.h"

#include <ctype.h>
#include <math.h>

struct uri {
	const char *scheme, *host, *path, *query; /* query with its "?", or "" */
	double port;                              /* NAN: none, or the scheme's own */
};

/* Schemes whose addresses have a host, and the port that they mean when none is given. */
static const struct {
	const char *scheme;
	double port;
} special[] = { { "http", 80 }, { "https", 443 }, { "ws", 80 }, { "wss", 443 }, { "ftp", 21 } };

static bool is_special(const char *scheme)
{
	for (size_t i = 0; i < sizeof special / sizeof special[0]; i++) {
		if (strcmp(special[i].scheme, scheme) == 0)
			return true;
	}
	return false;
}

static bool is_default(const char *scheme, double port)
{
	for (size_t i = 0; i < sizeof special / sizeof special[0]; i++) {
		if (strcmp(special[i].scheme, scheme) == 0)
			return !(port < special[i].port) && !(port > special[i].port);
	}
	return false;
}

/* "user@Host:8080" -> host and port. */
static bool split_authority(struct ad_arena *arena, const char *text, size_t len, struct uri *uri)
{
	char *authority = ad_strndup(arena, text, len);
	char *at = strrchr(authority, '@');
	authority = at ? at + 1 : authority;
	char *colon = strrchr(authority, ':');
	uri->port = NAN;
	if (colon && !strchr(colon, ']')) {
		*colon++ = '\0';
		if (strspn(colon, "0123456789") != strlen(colon))
			return false;
		if (*colon)
			uri->port = strtod(colon, NULL);
		if (uri->port > 65535)
			return false;
	}
	uri->host = ad_text_lower(arena, authority);
	return *authority && !strpbrk(authority, " <>^|%\\");
}

static bool parse(struct ad_arena *arena, const char *text, struct uri *uri)
{
	text = ad_text_trim(arena, text);
	size_t len = strcspn(text, ":");
	if (!isalpha((unsigned char)*text) || text[len] != ':')
		return false;
	for (size_t i = 0; i < len; i++) {
		if (!isalnum((unsigned char)text[i]) && !strchr("+-.", text[i]))
			return false;
	}
	uri->scheme = ad_text_lower(arena, ad_strndup(arena, text, len));
	text += len + 1;
	if (strncmp(text, "//", 2) == 0) {
		text += 2;
		size_t authority = strcspn(text, "/?#");
		if (!split_authority(arena, text, authority, uri))
			return false;
		text += authority;
	} else if (is_special(uri->scheme)) {
		return false;
	} else {
		*uri = (struct uri){ .scheme = uri->scheme, .host = "", .port = NAN };
	}
	if (is_default(uri->scheme, uri->port))
		uri->port = NAN;
	size_t path = strcspn(text, "?#");
	uri->path = path || !is_special(uri->scheme) ? ad_strndup(arena, text, path) : "/";
	text += path;
	size_t query = *text == '?' ? strcspn(text, "#") : 0;
	uri->query = query > 1 ? ad_strndup(arena, text, query) : "";
	return true;
}

static enum ad_outcome parse_argument(struct ad_call *call, struct uri *uri)
{
	if (call->arg[0].kind != AD_STRING || !parse(call->x->arena, call->arg[0].string.text, uri))
		return ad_fail(call, "is no address");
	return ad_spend(call->x, 1, 4 * call->arg[0].string.len);
}

static enum ad_outcome give(enum ad_outcome o, const char *text, struct ad_value *ret)
{
	if (o == AD_DONE)
		*ret = ad_value_string(text, strlen(text));
	return o;
}

static enum ad_outcome fn_host(struct ad_call *call, struct ad_value *ret)
{
	struct uri uri = { 0 };
	enum ad_outcome o = parse_argument(call, &uri);
	return give(o, uri.host, ret);
}

static enum ad_outcome fn_path(struct ad_call *call, struct ad_value *ret)
{
	struct uri uri = { 0 };
	enum ad_outcome o = parse_argument(call, &uri);
	return give(o, uri.path, ret);
}

static enum ad_outcome fn_query(struct ad_call *call, struct ad_value *ret)
{
	struct uri uri = { 0 };
	enum ad_outcome o = parse_argument(call, &uri);
	return give(o, uri.query, ret);
}

static enum ad_outcome fn_path_and_query(struct ad_call *call, struct ad_value *ret)
{
	struct uri uri = { 0 };
	enum ad_outcome o = parse_argument(call, &uri);
	return give(o, o == AD_DONE ? ad_printf(call->x->arena, "%s%s", uri.path, uri.query) : NULL,
		ret);
}

static enum ad_outcome fn_scheme(struct ad_call *call, struct ad_value *ret)
{
	struct uri uri = { 0 };
	enum ad_outcome o = parse_argument(call, &uri);
	return give(o, uri.scheme, ret);
}

static enum ad_outcome fn_port(struct ad_call *call, struct ad_value *ret)
{
	struct uri uri = { 0 };
	enum ad_outcome o = parse_argument(call, &uri);
	*ret = ad_value_number(uri.port);
	return o;
}

#define PART(name, returns, fn)                            \
	{                                                  \
		name, NULL, returns, 1, 1, { 0 }, 0, 0, fn \
	}

const struct ad_function ad_functions_uri[] = {
	PART("uriHost", AD_T_STRING, fn_host),
	PART("uriPath", AD_T_STRING, fn_path),
	PART("uriPathAndQuery", AD_T_STRING, fn_path_and_query),
	PART("uriPort", AD_T_NUMBER, fn_port),
	PART("uriQuery", AD_T_STRING, fn_query),
	PART("uriScheme", AD_T_STRING, fn_scheme),
	{ .name = NULL },
};
