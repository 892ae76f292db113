/* SPDX-License-Identifier: Apache-2.0 */
/* Which handler a head leads to, and what is refused before its body is read. */
#include "internal.h"

#include "ad/text.h"

#include <strings.h>

static bool path_fits(const struct ad_http_route *route, const char *path)
{
	return route->prefix ? ad_text_starts(path, route->path) : strcmp(path, route->path) == 0;
}

/* "application/json; charset=utf-8" has the media type "application/json". */
static bool media_type_is(const char *content_type, const char *wanted)
{
	if (!content_type)
		return false;
	size_t len = strcspn(content_type, "; \t");
	return len == strlen(wanted) && strncasecmp(content_type, wanted, len) == 0;
}

static void add_allowed(struct ad_http_verdict *verdict, const char *method)
{
	size_t used = strlen(verdict->allow);
	(void)snprintf(verdict->allow + used, sizeof verdict->allow - used, "%s%s",
		used ? ", " : "", method);
}

static void refuse(struct ad_http_verdict *verdict, int status, enum ad_refusal why)
{
	verdict->status = status;
	verdict->why = why;
}

/* "Bearer" and one thing more; whether that is a token is for others to say. */
static bool is_bearer(const char *authorization)
{
	static const char scheme[] = "Bearer ";
	size_t len = sizeof scheme - 1;
	return strncasecmp(authorization, scheme, len) == 0 && authorization[len] &&
	       !strchr(authorization + len, ' ');
}

static void judge(const struct ad_http_route *route, const struct ad_http_head *head,
	struct ad_http_verdict *ret)
{
	size_t max = route->body_max ? route->body_max : AD_HTTP_BODY_MAX;
	if (route->authorization && (!head->authorization || !is_bearer(head->authorization))) {
		refuse(ret, 401, head->authorization ? AD_REFUSED_TOKEN_FORM : AD_REFUSED_NO_TOKEN);
		ret->header = (struct ad_http_header){ "WWW-Authenticate", "Bearer" };
	} else if (strcmp(head->method, "POST") != 0 && head->body_len != 0) {
		refuse(ret, 400, AD_REFUSED_FRAMING);
	} else if (route->content_type && !media_type_is(head->content_type, route->content_type)) {
		refuse(ret, 415, AD_REFUSED_MEDIA_TYPE);
	} else if (head->body_len > (int64_t)max) {
		refuse(ret, 413, AD_REFUSED_BODY_SIZE);
	} else {
		ret->route = route;
	}
}

void ad_http_route_find(const struct ad_http_route *routes, size_t count,
	const struct ad_http_head *head, struct ad_http_verdict *ret)
{
	*ret = (struct ad_http_verdict){ 0 };
	for (size_t i = 0; i < count; i++) {
		if (!path_fits(&routes[i], head->path))
			continue;
		if (strcmp(routes[i].method, head->method) == 0) {
			judge(&routes[i], head, ret);
			return;
		}
		add_allowed(ret, routes[i].method);
	}
	if (ret->allow[0]) {
		refuse(ret, 405, AD_REFUSED_METHOD);
		ret->header = (struct ad_http_header){ "Allow", ret->allow };
	} else {
		refuse(ret, 404, AD_REFUSED_PATH);
	}
}
