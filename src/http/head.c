/* SPDX-License-Identifier: Apache-2.0 */
/* Request line and headers, read strictly; see head.h. */
#include "head.h"

#include "ad/text.h"

#include <stdint.h>
#include <strings.h>

#define METHOD_MAX 16
#define PORT_DIGITS_MAX 5
#define LENGTH_DIGITS_MAX 15 /* of Content-Length: far above every limit, far below overflow */

ssize_t ad_http_head_find(const char *data, size_t len, size_t *scanned)
{
	for (size_t i = *scanned; i < len; i++) {
		if (data[i] == '\0')
			return AD_HTTP_HEAD_BROKEN;
		if (data[i] != '\n')
			continue;
		if (i == 0 || data[i - 1] != '\r')
			return AD_HTTP_HEAD_BROKEN;
		if (i >= 3 && data[i - 2] == '\n')
			return (ssize_t)(i + 1);
	}
	*scanned = len;
	return 0;
}

static bool is_alnum(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static bool is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F') || (c >= 'a' && c <= 'f');
}

bool ad_http_is_token(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (!is_alnum(text[i]) && (!text[i] || !strchr("!#$%&'*+-.^_`|~", text[i])))
			return false;
	}
	return len > 0;
}

/* Characters of RFC 3986 path and query; '%' only before two hex digits. */
static bool is_target(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		char c = text[i];
		if (c == '%') {
			if (len - i < 3 || !is_hex(text[i + 1]) || !is_hex(text[i + 2]))
				return false;
		} else if (!is_alnum(c) && (!c || !strchr("-._~!$&'()*+,;=:@/?", c))) {
			return false;
		}
	}
	return true;
}

/* "http://host/path" (RFC 9112 section 3.2.2): sets authority and returns what is behind it. */
static const char *skip_authority(
	struct ad_arena *arena, const char *target, size_t len, struct ad_http_head *ret)
{
	static const char *const schemes[] = { "http://", "https://" };
	for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++) {
		size_t scheme_len = strlen(schemes[i]);
		if (len <= scheme_len || strncasecmp(target, schemes[i], scheme_len) != 0)
			continue;
		const char *authority = target + scheme_len;
		const char *end = authority;
		while (end < target + len && *end != '/' && *end != '?')
			end++;
		ret->authority = ad_strndup(arena, authority, (size_t)(end - authority));
		return end;
	}
	return target;
}

/* Path and query of the target. */
static int parse_target(
	struct ad_arena *arena, const char *target, size_t len, struct ad_http_head *ret)
{
	const char *path = skip_authority(arena, target, len, ret);
	len -= (size_t)(path - target);
	bool bare = ret->authority && (len == 0 || path[0] == '?');
	if ((!bare && (len == 0 || path[0] != '/')) || !is_target(path, len))
		return 400;
	const char *question = memchr(path, '?', len);
	size_t path_len = question ? (size_t)(question - path) : len;
	ret->path = bare ? "/" : ad_strndup(arena, path, path_len);
	if (question)
		ret->query = ad_strndup(arena, question + 1, len - path_len - 1);
	return 0;
}

static int parse_request_line(
	struct ad_arena *arena, const char *line, size_t len, struct ad_http_head *ret)
{
	const char *space = memchr(line, ' ', len);
	if (!space || !ad_http_is_token(line, (size_t)(space - line)) || space - line > METHOD_MAX)
		return 400;
	const char *target = space + 1;
	size_t rest = len - (size_t)(target - line);
	const char *end = memchr(target, ' ', rest);
	if (!end)
		return 400;
	size_t target_len = (size_t)(end - target);
	if (target_len > AD_HTTP_PATH_MAX)
		return 414;
	const char *version = end + 1;
	size_t version_len = rest - target_len - 1;
	if (version_len != 8 || memcmp(version, "HTTP/", 5) != 0)
		return 400;
	if (memcmp(version, "HTTP/1.", 7) != 0)
		return 505;
	if (version[7] != '0' && version[7] != '1')
		return 400;
	ret->method = ad_strndup(arena, line, (size_t)(space - line));
	ret->minor = version[7] - '0';
	return parse_target(arena, target, target_len, ret);
}

/* Visible characters, spaces, tabs and bytes above ASCII. */
static bool is_value(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];
		if ((c < 0x20 && c != '\t') || c == 0x7f)
			return false;
	}
	return true;
}

/* The place of a header that may occur only once, or NULL for the others. */
static const char **singular(struct ad_http_head *head, const char *name)
{
	const struct {
		const char *name;
		const char **place;
	} places[] = {
		{ "host", &head->host },
		{ "authorization", &head->authorization },
		{ "content-type", &head->content_type },
		{ "content-length", &head->content_length },
		{ "transfer-encoding", &head->transfer_encoding },
		{ "expect", &head->expect },
	};
	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
		if (strcasecmp(name, places[i].name) == 0)
			return places[i].place;
	}
	return NULL;
}

static int parse_header(
	struct ad_arena *arena, const char *line, size_t len, struct ad_http_head *head)
{
	/* A folded line begins with a space and a spaced colon ends the name with one: no token. */
	const char *colon = memchr(line, ':', len);
	if (!colon || !ad_http_is_token(line, (size_t)(colon - line)))
		return 400;
	if (head->headers_count == AD_HTTP_HEADERS_MAX)
		return 431;
	const char *value = colon + 1;
	size_t value_len = len - (size_t)(value - line);
	while (value_len > 0 && (value[0] == ' ' || value[0] == '\t')) {
		value++;
		value_len--;
	}
	while (value_len > 0 && (value[value_len - 1] == ' ' || value[value_len - 1] == '\t'))
		value_len--;
	if (!is_value(value, value_len))
		return 400;
	struct ad_http_header *header = &head->headers[head->headers_count++];
	header->name = ad_strndup(arena, line, (size_t)(colon - line));
	header->value = ad_strndup(arena, value, value_len);
	const char **place = singular(head, header->name);
	if (place && *place) {
		head->framing = place == &head->content_length || place == &head->transfer_encoding;
		return 400;
	}
	if (place)
		*place = header->value;
	return 0;
}

/* "host" or "[address]", and perhaps ":port" (RFC 9112 section 3.2): what every reader takes for
 * the same host. */
static bool is_host(const char *text)
{
	static const char name[] = "-._~!$&'()*+;=%";
	size_t len = 0;
	if (text[0] == '[') {
		len = 1 + strspn(text + 1, "0123456789abcdefABCDEF:.");
		if (len == 1 || text[len++] != ']')
			return false;
	} else {
		while (is_alnum(text[len]) || (text[len] && strchr(name, text[len])))
			len++;
	}
	if (len == 0 || text[len] == '\0')
		return len > 0;
	size_t digits = strspn(text + len + 1, "0123456789");
	return text[len] == ':' && digits > 0 && digits <= PORT_DIGITS_MAX &&
	       text[len + 1 + digits] == '\0';
}

/* The next line of this header behind *at, which begins at 0; NULL: no more. A header that is a
 * list may stand in several lines. */
static const char *next_line(const struct ad_http_head *head, const char *name, size_t *at)
{
	while (*at < head->headers_count) {
		const struct ad_http_header *header = &head->headers[(*at)++];
		if (strcasecmp(header->name, name) == 0)
			return header->value;
	}
	return NULL;
}

static bool has_foreign_encoding(const struct ad_http_head *head)
{
	size_t at = 0;
	const char *encoding;
	while ((encoding = next_line(head, "content-encoding", &at))) {
		if (strcasecmp(encoding, "identity") != 0)
			return true;
	}
	return false;
}

static bool wants_close(const struct ad_http_head *head)
{
	size_t at = 0;
	const char *connection;
	while ((connection = next_line(head, "connection", &at))) {
		if (strcasestr(connection, "close"))
			return true;
	}
	return false;
}

/* How long the body is: the one thing on which both ends must agree. */
static int judge_framing(struct ad_http_head *head)
{
	head->framing = true;
	head->body_len = 0;
	if (head->transfer_encoding) {
		if (head->content_length || head->minor == 0)
			return 400;
		if (strcasecmp(head->transfer_encoding, "chunked") != 0)
			return 501;
		head->body_len = -1;
	} else if (head->content_length) {
		size_t digits = strspn(head->content_length, "0123456789");
		if (digits == 0 || head->content_length[digits] != '\0')
			return 400;
		if (digits > LENGTH_DIGITS_MAX)
			return 413;
		if (ad_text_i64(head->content_length, 0, INT64_MAX, &head->body_len) != 0)
			return 400;
	} else if (strcmp(head->method, "POST") == 0) {
		return 400; /* a body without a length */
	}
	head->framing = false;
	return 0;
}

static int judge_headers(struct ad_http_head *head)
{
	if (head->host ? !is_host(head->host) : head->minor > 0)
		return 400;
	if (head->authority && !ad_text_eq_nocase(head->authority, head->host))
		return 400; /* two hosts: who stands in front may have judged by the other one */
	if (has_foreign_encoding(head))
		return 415;
	if (head->expect && strcasecmp(head->expect, "100-continue") != 0)
		return 417;
	head->keep_alive = head->minor > 0 && !wants_close(head);
	return judge_framing(head);
}

int ad_http_head_parse(
	struct ad_arena *arena, const char *data, size_t len, struct ad_http_head *ret)
{
	AD_ASSERT(len >= 4 && memcmp(data + len - 4, "\r\n\r\n", 4) == 0);
	*ret = (struct ad_http_head){ 0 };
	ret->headers = ad_alloc_array(arena, AD_HTTP_HEADERS_MAX, sizeof *ret->headers);
	const char *line = data;
	const char *end = data + len - 2; /* behind the last header's line end */
	for (bool first = true; line < end; first = false) {
		const char *stop = memmem(line, (size_t)(end - line), "\r\n", 2);
		AD_ASSERT(stop != NULL);
		size_t line_len = (size_t)(stop - line);
		int status = first ? parse_request_line(arena, line, line_len, ret)
				   : parse_header(arena, line, line_len, ret);
		if (status != 0)
			return status;
		line = stop + 2;
	}
	return judge_headers(ret);
}
