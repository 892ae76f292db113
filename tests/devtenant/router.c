/* SPDX-License-Identifier: Apache-2.0 */
/* From a request to its handler: find the route, let an ordered fault strike, judge the token. */
#include "http.h"

#include "ad/clock.h"
#include "ad/text.h"
#include "calls.h"
#include "faults.h"
#include "parts.h"
#include "tokens.h"

#include <event2/buffer.h>

static const struct dt_routes *const tables[] = { &dt_entra_routes, &dt_keys_routes,
	&dt_connector_routes, &dt_delta_routes /* "users/delta" is no user */, &dt_directory_routes,
	&dt_device_routes, &dt_intune_routes, &dt_content_routes, &dt_blob_routes, &dt_cache_routes,
	&dt_installers_routes, &dt_vault_routes, &dt_imds_routes, &dt_app_service_routes,
	&dt_signin_page_routes, &dt_user_token_routes, &dt_signin_control_routes, &dt_act_routes,
	&dt_look_routes, &dt_change_routes, &dt_change_people_routes, &dt_change_device_routes,
	&dt_bridge_routes };

static const char *method_name(enum evhttp_cmd_type type)
{
	switch ((int)type) {
	case EVHTTP_REQ_GET:
		return "GET";
	case EVHTTP_REQ_HEAD:
		return "HEAD";
	case EVHTTP_REQ_POST:
		return "POST";
	case EVHTTP_REQ_PUT:
		return "PUT";
	case EVHTTP_REQ_PATCH:
		return "PATCH";
	case EVHTTP_REQ_DELETE:
		return "DELETE";
	default:
		return "OTHER";
	}
}

/* Matches segment by segment, so an encoded slash stays inside its argument. */
static bool match(struct dt_request *req, const char *pattern)
{
	const char *path = req->path;
	size_t args = 0;

	while (*pattern == '/' && *path == '/') {
		pattern++;
		path++;
		if (ad_text_eq(pattern, "**")) {
			req->args[args] = path;
			return args < DT_ARGS_MAX;
		}
		size_t pattern_len = strcspn(pattern, "/");
		size_t path_len = strcspn(path, "/");
		bool argument = pattern_len == 2 && !strncmp(pattern, "{}", 2);

		if (argument && path_len && args < DT_ARGS_MAX) {
			req->args[args] = dt_decode(req->arena, path, path_len, false);
			if (!req->args[args++])
				return false;
		} else if (argument || pattern_len != path_len ||
			   strncmp(pattern, path, path_len)) {
			return false;
		}
		pattern += pattern_len;
		path += path_len;
	}
	return !*pattern && !*path;
}

static bool same_method(const struct dt_request *req, const struct dt_route *route)
{
	return ad_text_eq(route->method, req->method) ||
	       (ad_text_eq(route->method, "GET") && ad_text_eq(req->method, "HEAD"));
}

/* The table whose route takes the request, or the one whose prefix it has (then without handler).
 */
static const struct dt_routes *find(struct dt_request *req)
{
	const struct dt_routes *near = NULL;

	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		if (!ad_text_starts(req->path, tables[i]->prefix))
			continue;
		near = tables[i];
		for (const struct dt_route *route = near->routes; route->method; route++)
			if (same_method(req, route) && match(req, route->pattern)) {
				req->handle = route->handle;
				return near;
			}
	}
	return near;
}

static void no_route(struct dt_request *req)
{
	if (req->surface != DT_SURFACE_CONTROL)
		dt_complain(req->tenant, "%s %s: the %s surface has no such call", req->method,
			req->path, dt_surface_name(req->surface));
	dt_reply_error(req, 404, req->surface == DT_SURFACE_GRAPH ? "BadRequest" : "NotFound",
		"Resource not found for %s %s", req->method, req->path);
}

static bool token_refused(struct dt_request *req)
{
	const char *audience = NULL;

	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		if (tables[i]->surface == req->surface && tables[i]->audience)
			audience = tables[i]->audience;
	if (!audience)
		return false;
	req->token = dt_token_judge(req, audience);
	if (ad_text_eq(req->token, "ok"))
		return false;
	if (req->surface == DT_SURFACE_VAULT)
		dt_set_header(req, "WWW-Authenticate",
			ad_printf(req->arena, "Bearer authorization=\"%s/%s\", resource=\"%s\"",
				req->tenant->base_url, req->tenant->options.tenant_id,
				DT_AUDIENCE_VAULT));
	dt_reply_error(req, 401, NULL, "Access token is missing, expired or for somebody else");
	return true;
}

static void carry_out(struct dt_request *req)
{
	const struct dt_fault_plan *fault = req->fault;

	if (fault && !fault->after) {
		if (fault->hang) {
			dt_calls_add(req->tenant->calls, req, 0);
			dt_faults_hang(req->tenant->faults, req);
			return;
		}
		if (fault->cut == DT_CUT_BEFORE) {
			dt_reply_cut(req);
			return;
		}
		if (fault->status) {
			dt_reply_error(req, fault->status, NULL, "fault on order");
			return;
		}
	}
	if (token_refused(req))
		return;
	if (req->handle)
		req->handle(req);
	else
		no_route(req);
}

static struct dt_request *request_new(struct evhttp_request *http, struct dt_tenant *tenant)
{
	struct ad_arena *arena = ad_arena_new();
	struct dt_request *req = ad_alloc(arena, sizeof(*req));
	struct evbuffer *input = evhttp_request_get_input_buffer(http);

	req->tenant = tenant;
	req->arena = arena;
	req->http = http;
	req->method = method_name(evhttp_request_get_command(http));
	req->target = ad_strdup(arena, evhttp_request_get_uri(http));
	size_t path_len = strcspn(req->target, "?");
	req->path = ad_strndup(arena, req->target, path_len);
	req->query = req->target[path_len] ? req->target + path_len + 1 : "";
	req->body_len = evbuffer_get_length(input);
	req->body = req->body_len ? (const char *)evbuffer_pullup(input, -1) : "";
	req->token = evhttp_find_header(evhttp_request_get_input_headers(http), "Authorization")
			     ? "bad"
			     : "none";
	req->started_ms = ad_clock_mono_ms();
	return req;
}

void dt_router_accept(struct evhttp_request *http, void *arg)
{
	struct dt_tenant *tenant = arg;
	struct dt_request *req = request_new(http, tenant);
	const struct dt_routes *table = find(req);

	/* The token endpoint's table has every prefix: what it has no row for is nobody's. */
	req->surface =
		req->handle || (table && table->prefix[1]) ? table->surface : DT_SURFACE_OTHER;
	req->fault = dt_faults_take(tenant->faults, req);
	if (req->fault && req->fault->delay_ms)
		dt_faults_delay(tenant->faults, req, req->fault->delay_ms, carry_out);
	else
		carry_out(req);
}
