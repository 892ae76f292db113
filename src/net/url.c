/* SPDX-License-Identifier: Apache-2.0 */
/* URLs by one strict parser, and the list of hosts that may be trusted. Pure. */
#include "ad/net.h"

#include "ad/text.h"

#include "address.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <strings.h>

#define HTTPS_PORT 443
#define HOST_CHARACTERS "abcdefghijklmnopqrstuvwxyz0123456789.-_:"

/* Before any parser: printable ASCII, a scheme that we speak, and an authority right behind it.
 * libcurl would repair "https:/host", decode "%2e" in a host and guess missing parts. */
static int check_form(const char *text, struct ad_err *err)
{
	size_t len = text ? strlen(text) : 0;
	if (len > AD_NET_URL_MAX)
		return AD_FAIL(err, AD_ETOOBIG, "URL of %zu bytes", len);
	for (size_t i = 0; i < len; i++) {
		if (text[i] <= ' ' || text[i] > '~' || text[i] == '\\')
			return AD_FAIL(err, AD_EINVAL, "URL with a character that may not occur");
	}
	size_t scheme = 0;
	if (len > 0 && strncasecmp(text, "https://", 8) == 0)
		scheme = 8;
	else if (len > 0 && strncasecmp(text, "http://", 7) == 0)
		scheme = 7;
	else
		return AD_FAIL(err, AD_EINVAL, "not an absolute http or https URL");
	size_t authority = strcspn(text + scheme, "/?#");
	if (authority == 0 || memchr(text + scheme, '%', authority))
		return AD_FAIL(err, AD_EINVAL, "URL without a plain host");
	return 0;
}

/* One part as lower-case copy or as it is; NULL when absent. */
static char *part(struct ad_arena *arena, CURLU *url, CURLUPart which, unsigned flags, bool lower)
{
	char *text = NULL;
	if (curl_url_get(url, which, &text, flags) != CURLUE_OK)
		return NULL;
	char *copy = lower ? ad_text_lower(arena, text) : ad_strdup(arena, text);
	curl_free(text);
	return copy;
}

static int read_parts(
	struct ad_arena *arena, CURLU *url, struct ad_net_url *ret, struct ad_err *err)
{
	struct ad_net_url parts = { 0 };
	parts.scheme = part(arena, url, CURLUPART_SCHEME, 0, true);
	parts.host = part(arena, url, CURLUPART_HOST, 0, true);
	parts.path = part(arena, url, CURLUPART_PATH, 0, false);
	parts.query = part(arena, url, CURLUPART_QUERY, 0, false);
	parts.has_userinfo = part(arena, url, CURLUPART_USER, 0, false) ||
			     part(arena, url, CURLUPART_PASSWORD, 0, false);
	parts.has_fragment = part(arena, url, CURLUPART_FRAGMENT, 0, false) != NULL;
	const char *port = part(arena, url, CURLUPART_PORT, CURLU_DEFAULT_PORT, false);
	int64_t number = 0;
	if (!parts.scheme || !parts.host || !parts.path)
		return AD_FAIL(err, AD_EINVAL, "URL without scheme, host or path");
	if (!port || ad_text_i64(port, 1, 65535, &number) != 0)
		return AD_FAIL(err, AD_EINVAL, "URL with a wrong port");
	parts.port = (int)number;
	size_t len = strlen(parts.host);
	if (parts.host[0] == '[') {
		parts.host = ad_strndup(arena, parts.host + 1, len - 2);
		len -= 2;
	}
	if (len == 0 || strspn(parts.host, HOST_CHARACTERS) != len)
		return AD_FAIL(err, AD_EINVAL, "URL with a wrong host");
	*ret = parts;
	return 0;
}

int ad_net_url_parse(
	struct ad_arena *arena, const char *text, struct ad_net_url *ret, struct ad_err *err)
{
	int rc = check_form(text, err);
	if (rc != 0)
		return rc;
	CURLU *url = curl_url();
	AD_ASSERT(url != NULL);
	CURLUcode code = curl_url_set(url, CURLUPART_URL, text, CURLU_PATH_AS_IS);
	rc = code == CURLUE_OK ? read_parts(arena, url, ret, err)
			       : AD_FAIL(err, AD_EINVAL, "URL: %s", curl_url_strerror(code));
	curl_url_cleanup(url);
	return rc;
}

bool ad_net_host_is_loopback(const char *host)
{
	if (!host)
		return false;
	if (strcmp(host, "localhost") == 0 || strcmp(host, "::1") == 0)
		return true;
	/* The parser has turned every spelling of an IPv4 address into four decimal numbers. */
	size_t digits = strspn(host, "0123456789.");
	return strncmp(host, "127.", 4) == 0 && host[digits] == '\0';
}

bool ad_net_host_is_link_local(const char *host)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };
	if (!host)
		return false;
	if (inet_pton(AF_INET, host, &v4.sin_addr) == 1)
		return ad_net_address_is_link_local((const struct sockaddr *)(const void *)&v4);
	return inet_pton(AF_INET6, host, &v6.sin6_addr) == 1 &&
	       ad_net_address_is_link_local((const struct sockaddr *)(const void *)&v6);
}

/* entry is "host" (the https port) or "host:port"; an IPv6 address is written in brackets. */
static bool entry_fits(const char *entry, const struct ad_net_url *url)
{
	bool brackets = entry[0] == '[';
	const char *host = brackets ? entry + 1 : entry;
	size_t host_len = strcspn(host, brackets ? "]" : ":");
	const char *rest = host + host_len;
	if (brackets && *rest == ']')
		rest++;
	int64_t port = HTTPS_PORT;
	if (*rest == ':' && ad_text_i64(rest + 1, 1, 65535, &port) != 0)
		return false;
	if (*rest != ':' && *rest != '\0')
		return false;
	return port == url->port && strlen(url->host) == host_len &&
	       strncasecmp(host, url->host, host_len) == 0;
}

static bool suffix_fits(const char *suffix, const struct ad_net_url *url)
{
	size_t len = strlen(suffix);
	size_t host_len = strlen(url->host);
	return suffix[0] == '.' && url->port == HTTPS_PORT && host_len > len &&
	       url->host[0] != '.' && strcasecmp(url->host + host_len - len, suffix) == 0;
}

static bool is_listed(const struct ad_net_hosts *hosts, const struct ad_net_url *url)
{
	for (size_t i = 0; i < hosts->exact_count; i++) {
		if (entry_fits(hosts->exact[i], url))
			return true;
	}
	for (size_t i = 0; i < hosts->suffixes_count; i++) {
		if (suffix_fits(hosts->suffixes[i], url))
			return true;
	}
	return false;
}

bool ad_net_hosts_allow_url(
	const struct ad_net_hosts *hosts, const char *url, bool allow_http_loopback)
{
	struct ad_arena *arena = ad_arena_new();
	struct ad_net_url parts;
	bool allowed = false;
	if (ad_net_url_parse(arena, url, &parts, NULL) == 0 && !parts.has_userinfo &&
		!parts.has_fragment) {
		bool safe = strcmp(parts.scheme, "https") == 0 ||
			    (allow_http_loopback && ad_net_host_is_loopback(parts.host));
		allowed = safe && is_listed(hosts, &parts);
	}
	ad_arena_free(arena);
	return allowed;
}
