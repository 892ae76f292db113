/* SPDX-License-Identifier: Apache-2.0 */
/* Requests to Graph: token, repetition, errors. */
#include "call.h"

#include "ad/buf.h"
#include "ad/clock.h"
#include "ad/graph/content.h"
#include "ad/net.h"
#include "ad/text.h"

#include <errno.h>

#define TRIES_MAX 6
#define RETRY_BASE_MS 500
#define RETRY_MAX_MS 10000
#define MESSAGE_CHARS_MAX 240 /* of Graph's own words in an error */
#define PAGES_MAX 1000u
#define ANSWER_MAX ((int64_t)8 << 20)
#define POLL_FIRST_MS 500
#define POLL_MAX_MS 5000

const char *ad_graph_str(const struct ad_json *object, const char *path)
{
	const char *text = ad_json_str(object, path);
	return text ? text : "";
}

char *ad_graph_quote(struct ad_arena *arena, const char *text)
{
	char *quoted = ad_alloc(arena, 2 * strlen(text) + 1);
	char *out = quoted;
	for (const char *p = text; *p; p++) {
		if (*p == '\'')
			*out++ = '\'';
		*out++ = *p;
	}
	return quoted;
}

/* ---- waiting ---- */

static void plain_sleep(int64_t ms)
{
	struct timespec rest = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };
	while (clock_nanosleep(CLOCK_MONOTONIC, 0, &rest, &rest) == EINTR)
		;
}

int ad_graph_wait(const struct ad_graph *graph, int64_t ms, struct ad_err *err)
{
	if (!graph->pause) {
		plain_sleep(ms);
		return 0;
	}
	if (!graph->pause(graph->pause_ctx, ms))
		return AD_FAIL(err, AD_EBUSY, "graph: stopped");
	return 0;
}

int ad_graph_poll_wait(const struct ad_graph *graph, struct ad_graph_poll *poll, const char *what,
	struct ad_err *err)
{
	if (poll->waited_ms >= AD_GRAPH_POLL_MAX_MS)
		return AD_FAIL(err, AD_ETIMEOUT, "graph: %s: not ready after %d minutes", what,
			AD_GRAPH_POLL_MAX_MS / 60000);
	if (poll->delay_ms == 0)
		poll->delay_ms = POLL_FIRST_MS;
	int64_t delay = poll->delay_ms;
	poll->waited_ms += delay;
	poll->delay_ms = delay * 2 < POLL_MAX_MS ? delay * 2 : POLL_MAX_MS;
	return ad_graph_wait(graph, delay, err);
}

/* ---- one try ---- */

static const char *url_of(
	const struct ad_graph *graph, struct ad_arena *arena, const struct ad_graph_call *call)
{
	if (call->path[0] == '/')
		return ad_printf(arena, "%s%s", graph->base_url, call->path);
	return call->path;
}

static int send_once(const struct ad_graph *graph, struct ad_arena *arena,
	const struct ad_graph_call *call, struct ad_net_response *response, char **ret_token,
	struct ad_err *err)
{
	int r = graph->token.get(graph->token.ctx, arena, ret_token, err);
	if (r < 0)
		return r;
	const struct ad_net_header headers[] = {
		{ "Authorization", ad_printf(arena, "Bearer %s", *ret_token) },
		{ "Accept", "application/json" },
	};
	struct ad_net_request request = { .method = call->method,
		.url = url_of(graph, arena, call),
		.headers = headers,
		.headers_count = sizeof(headers) / sizeof(headers[0]),
		.response_max = ANSWER_MAX,
		.total_ms = call->total_ms ? call->total_ms : graph->total_ms,
		.allow_http_loopback = graph->allow_http_loopback,
		.idempotent = call->idempotent };
	if (call->body) {
		request.body = ad_json_print(arena, call->body);
		request.body_len = strlen(request.body);
		request.content_type = "application/json";
	}
	r = ad_net_send(graph->net, arena, &request, response, err);
	if (r < 0)
		ad_err_prefix(err, "graph: %s: ", call->what);
	return r;
}

static bool is_post(const struct ad_graph_call *call)
{
	return ad_text_eq(call->method, "POST");
}

/* The status as an error, with Graph's code and words. */
static int judge(struct ad_arena *arena, const struct ad_graph_call *call,
	const struct ad_net_response *response, struct ad_err *err)
{
	struct ad_err room;
	struct ad_err *e = err ? err : &room;
	int r = ad_net_check(response, ad_printf(arena, "graph: %s", call->what), e);
	if (r == 0)
		return 0;
	int status = e->status;
	int retry_after_s = e->retry_after_s;
	struct ad_json *json = NULL;
	(void)!ad_json_parse(arena, response->body, response->body_len, &json, NULL);
	const char *message =
		ad_utf8_cut(arena, ad_utf8_clean(arena, ad_graph_str(json, "error.message"), false),
			MESSAGE_CHARS_MAX);
	const char *code = ad_utf8_clean(arena, ad_graph_str(json, "error.code"), false);

	if (status == 412)
		r = AD_FAIL(e, AD_EUNAVAIL,
			"graph: %s: Intune waits for a second admin (multi-admin approval): "
			"approve it in the Intune admin center",
			call->what);
	else if (is_post(call) && !call->idempotent && status >= 500 && status != 503)
		r = AD_FAIL(e, AD_EAMBIGUOUS, "graph: %s: HTTP %d %.60s: %s", call->what, status,
			code, message);
	else
		r = AD_FAIL(
			e, r, "graph: %s: HTTP %d %.60s: %s", call->what, status, code, message);
	if (status == 401)
		e->class = AD_CLASS_TRANSIENT; /* Intune says so now and then to good tokens */
	e->status = status;
	e->retry_after_s = retry_after_s;
	return r;
}

static int try_once(const struct ad_graph *graph, struct ad_arena *arena,
	const struct ad_graph_call *call, struct ad_net_response *response, struct ad_err *err)
{
	char *token;
	int r = send_once(graph, arena, call, response, &token, err);
	if (r == 0 && response->status == 401) {
		graph->token.drop(graph->token.ctx, token);
		r = send_once(graph, arena, call, response, &token, err);
	}
	return r < 0 ? r : judge(arena, call, response, err);
}

int ad_graph_send(const struct ad_graph *graph, struct ad_arena *arena,
	const struct ad_graph_call *call, struct ad_json **ret, struct ad_err *err)
{
	const struct ad_net_retry policy = { .tries_max = TRIES_MAX,
		.base_ms = RETRY_BASE_MS,
		.max_ms = RETRY_MAX_MS,
		.idempotent = !is_post(call) || call->idempotent };
	struct ad_net_response response;
	struct ad_err room;
	struct ad_err *e = err ? err : &room;
	int64_t patience = graph->patience_ms;
	int r;

	for (int attempt = 1;; attempt++) {
		/* Whoever must not act any more learns it here, just before acting. */
		r = graph->pause ? ad_graph_wait(graph, 0, e) : 0;
		if (r < 0)
			return r;
		r = try_once(graph, arena, call, &response, e);
		if (r == 0)
			break;
		int64_t wait = ad_net_retry_ms(&policy, attempt, e);
		if (wait < 0 || wait > patience)
			return r;
		patience -= wait;
		int stopped = ad_graph_wait(graph, wait, e);
		if (stopped < 0)
			return stopped;
	}
	if (!ret)
		return 0;
	*ret = NULL;
	if (response.body_len == 0)
		return 0;
	r = ad_json_parse(arena, response.body, response.body_len, ret, e);
	if (r < 0) {
		ad_err_prefix(e, "graph: %s: ", call->what);
		e->class = AD_CLASS_TRANSIENT; /* a proxy's page, not Graph's answer */
	}
	return r;
}

/* ---- lists ---- */

int ad_graph_same_host(
	const struct ad_graph *graph, const char *url, const char *what, struct ad_err *err)
{
	size_t len = strlen(graph->base_url);
	if (strncmp(url, graph->base_url, len) != 0 || url[len] != '/')
		return AD_FAIL(err, AD_EINVAL, "graph: %s: the next page is on another host", what);
	return 0;
}

static int next_page(const struct ad_graph *graph, const struct ad_json *page, const char *what,
	const char **ret, struct ad_err *err)
{
	*ret = ad_json_text(ad_json_get(page, "@odata.nextLink"));
	return *ret ? ad_graph_same_host(graph, *ret, what, err) : 0;
}

int ad_graph_each(const struct ad_graph *graph, struct ad_arena *arena,
	const struct ad_graph_call *call, bool (*each)(void *ctx, const struct ad_json *item),
	void *ctx, struct ad_err *err)
{
	struct ad_graph_call page_call = *call;
	for (unsigned page = 0; page < PAGES_MAX; page++) {
		struct ad_json *answer;
		int r = ad_graph_send(graph, arena, &page_call, &answer, err);
		if (r < 0)
			return r;
		AD_JSON_EACH(item, ad_json_get(answer, "value"))
		if (!each(ctx, item))
			return 0;
		const char *next;
		r = next_page(graph, answer, call->what, &next, err);
		if (r < 0 || !next)
			return r;
		page_call.path = next;
	}
	return AD_FAIL(err, AD_ETOOBIG, "graph: %s: more than %u pages", call->what, PAGES_MAX);
}
