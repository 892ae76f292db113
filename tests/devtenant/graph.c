/* SPDX-License-Identifier: Apache-2.0 */
/* OData as far as AppDesk can meet it. What is not understood is refused, never ignored. */
#include "graph.h"

#include "ad/text.h"

#include <stdarg.h>
#include <string.h>

#define PAGE_MAX 999

bool dt_graph_is_beta(const struct dt_request *req)
{
	return ad_text_starts(req->path, "/graph/beta/");
}

void dt_graph_bad(struct dt_request *req, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	const char *message = ad_vprintf(req->arena, fmt, args);
	va_end(args);
	dt_reply_error(req, 400, "BadRequest", "%s", message);
}

void dt_graph_not_found(struct dt_request *req, const char *id)
{
	dt_reply_error(req, 404, "Request_ResourceNotFound",
		"Resource '%s' does not exist or one of its queried reference-property objects "
		"are not present.",
		id);
}

/* The first typed object whose type is not its first member. */
static bool type_misplaced(const struct ad_json *node)
{
	if (ad_json_get(node, "@odata.type") &&
		!ad_text_eq(ad_json_name(ad_json_first(node)), "@odata.type"))
		return true;
	AD_JSON_EACH(child, node)
	if (type_misplaced(child))
		return true;
	return false;
}

struct ad_json *dt_graph_body(struct dt_request *req)
{
	const char *type = dt_header(req, "Content-Type");

	if (req->body_len && (!type || !ad_text_starts(type, "application/json"))) {
		dt_graph_bad(req, "The content type must be application/json");
		return NULL;
	}
	struct ad_json *body = dt_body(req);
	if (body && type_misplaced(body)) {
		dt_graph_bad(req,
			"The annotation 'odata.type' was found after other members: it must be "
			"first");
		return NULL;
	}
	return body;
}

static bool selected(const char *list, const char *name)
{
	size_t name_len = strlen(name);

	while (*list) {
		size_t len = strcspn(list, ",");

		if (len == name_len && !strncasecmp(list, name, len))
			return true;
		list += len + (list[len] == ',');
	}
	return false;
}

struct ad_json *dt_graph_select(
	struct dt_request *req, const struct ad_json *object, const char *otherwise)
{
	struct ad_json *chosen = ad_json_new_object(req->arena);
	const char *list = dt_query(req, "$select");

	if (!list)
		list = otherwise;
	AD_JSON_EACH(member, object)
	{
		const char *name = ad_json_name(member);

		if (!list || ad_text_starts(name, "@odata") || selected(list, name))
			ad_json_set(req->arena, chosen, name, ad_json_copy(req->arena, member));
	}
	return chosen;
}

/* 'It''s' at *at to It's; NULL when there is no literal. */
static char *literal(struct ad_arena *arena, const char **at)
{
	const char *text = *at;
	size_t n = 0;

	if (*text++ != '\'')
		return NULL;
	char *value = ad_alloc(arena, strlen(text) + 1);
	while (*text && (text[0] != '\'' || text[1] == '\'')) {
		text += text[0] == '\'';
		value[n++] = *text++;
	}
	if (*text != '\'')
		return NULL;
	*at = text + 1;
	return value;
}

/* The value of a member as a filter compares it. */
static const char *comparable(
	struct ad_arena *arena, const struct ad_json *object, const char *name)
{
	const struct ad_json *value = ad_json_get(object, name);

	if (!value || ad_json_kind(value) == AD_JSON_NULL)
		return NULL;
	return ad_json_text(value) ? ad_json_text(value) : ad_json_print(arena, value);
}

/* contains(a,'b') or startsWith(a,'b') behind its "(". */
static int in_function(struct ad_arena *arena, const char **at, const struct ad_json *object,
	bool anywhere, bool *ret)
{
	size_t len = strcspn(*at, ",");
	const char *field = ad_text_trim(arena, ad_strndup(arena, *at, len));

	*at += len;
	if (**at != ',')
		return AD_EINVAL;
	*at += 1 + strspn(*at + 1, " ");
	const char *wanted = literal(arena, at);
	if (!wanted || **at != ')')
		return AD_EINVAL;
	(*at)++;
	const char *value = comparable(arena, object, field);
	*ret = value && (anywhere ? strcasestr(value, wanted) != NULL
				  : !strncasecmp(value, wanted, strlen(wanted)));
	return 0;
}

/* a eq 'b', a eq true, a eq null */
static int comparison(
	struct ad_arena *arena, const char **at, const struct ad_json *object, bool *ret)
{
	size_t len = strcspn(*at, " ");
	const char *field = ad_strndup(arena, *at, len);

	*at += len;
	if (!ad_text_starts(*at, " eq "))
		return AD_EINVAL;
	*at += strlen(" eq ");
	const char *value = comparable(arena, object, field);
	if (**at == '\'') {
		const char *wanted = literal(arena, at);

		*ret = wanted && ad_text_eq_nocase(value, wanted);
		return wanted ? 0 : AD_EINVAL;
	}
	len = strcspn(*at, " )");
	const char *word = ad_strndup(arena, *at, len);
	*at += len;
	*ret = ad_text_eq(word, "null") ? !value : ad_text_eq(value, word);
	return 0;
}

static int of_type(struct ad_arena *arena, const char **at, const struct ad_json *object, bool *ret)
{
	const char *wanted = literal(arena, at);

	if (!wanted || **at != ')')
		return AD_EINVAL;
	(*at)++;
	const char *type = dt_member(object, "@odata.type");
	*ret = type && ad_text_eq(type + (*type == '#'), wanted);
	return 0;
}

static bool skip_word(const char **at, const char *word)
{
	if (strncasecmp(*at, word, strlen(word)))
		return false;
	*at += strlen(word);
	return true;
}

static int clause(struct ad_arena *arena, const char **at, const struct ad_json *object, bool *ret)
{
	int rc;

	if (skip_word(at, "(")) {
		rc = clause(arena, at, object, ret);
		return !rc && !skip_word(at, ")") ? AD_EINVAL : rc;
	}
	if (skip_word(at, "contains("))
		return in_function(arena, at, object, true, ret);
	if (skip_word(at, "startswith("))
		return in_function(arena, at, object, false, ret);
	if (skip_word(at, "isof("))
		return of_type(arena, at, object, ret);
	return comparison(arena, at, object, ret);
}

int dt_graph_filter(
	struct dt_request *req, const struct ad_json *object, bool *ret_passes, struct ad_err *err)
{
	const char *filter = dt_query(req, "$filter");
	const char *at = filter;

	*ret_passes = true;
	while (at && *at) {
		bool passes = false;

		if (clause(req->arena, &at, object, &passes))
			return AD_FAIL(err, AD_EINVAL, "Invalid filter clause: %s", filter);
		*ret_passes = *ret_passes && passes;
		if (*at && !skip_word(&at, " and "))
			return AD_FAIL(err, AD_EINVAL, "Invalid filter clause: %s", filter);
	}
	return 0;
}

/* The same address with another $skiptoken. */
static const char *next_link(struct dt_request *req, int64_t from)
{
	struct ad_arena *arena = req->arena;
	const char *link = ad_printf(arena, "%s%s?", req->tenant->base_url, req->path);

	for (const char *at = req->query; *at;) {
		size_t len = strcspn(at, "&");

		if (!ad_text_starts(at, "$skiptoken=") && !ad_text_starts(at, "%24skiptoken="))
			link = ad_printf(arena, "%s%.*s&", link, (int)len, at);
		at += len + (at[len] == '&');
	}
	return ad_printf(arena, "%s$skiptoken=%lld", link, (long long)from);
}

void dt_graph_reply_list(struct dt_request *req, const struct ad_json *all,
	const char *otherwise_select, int64_t page_size)
{
	struct ad_json *answer = ad_json_new_object(req->arena);
	struct ad_json *page = ad_json_new_array(req->arena);
	int64_t top = dt_query_int(req, "$top", page_size);
	int64_t from = dt_query_int(req, "$skiptoken", 0);
	int64_t at = 0;
	struct ad_err err;

	if (top < 1 || top > PAGE_MAX) {
		dt_graph_bad(req, "Invalid page size specified: '%lld'", (long long)top);
		return;
	}
	AD_JSON_EACH(object, all)
	{
		bool passes;

		if (dt_graph_filter(req, object, &passes, &err)) {
			dt_graph_bad(req, "%s", err.text);
			return;
		}
		if (!passes)
			continue;
		if (at >= from && at < from + top)
			ad_json_append(
				req->arena, page, dt_graph_select(req, object, otherwise_select));
		at++;
	}
	ad_json_set_str(req->arena, answer, "@odata.context",
		ad_printf(req->arena, "%s/graph/v1.0/$metadata", req->tenant->base_url));
	if (from + top < at)
		ad_json_set_str(req->arena, answer, "@odata.nextLink", next_link(req, from + top));
	ad_json_set(req->arena, answer, "value", page);
	dt_reply_json(req, 200, answer);
}

void dt_graph_reply(struct dt_request *req, int status, const struct ad_json *object,
	const char *otherwise_select)
{
	dt_reply_json(req, status, dt_graph_select(req, object, otherwise_select));
}
