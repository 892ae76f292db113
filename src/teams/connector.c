/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Requests to the Bot Connector. The service URL is used as it was received (a tenant's path may be
 * part of it); ids are whole path segments, so that "19:x;messageid=1" or "%2f" in an id cannot
 * change the path.
 */
#include "ad/teams/connector.h"

#include "ad/json.h"
#include "ad/text.h"

static const struct {
	const char *method;
	bool needs_conversation;
	bool needs_activity;
	bool needs_body;
	bool idempotent;
} ops[] = {
	[AD_CONNECTOR_SEND] = { "POST", true, false, true, false },
	[AD_CONNECTOR_REPLY] = { "POST", true, true, true, false },
	[AD_CONNECTOR_UPDATE] = { "PUT", true, true, true, true },
	[AD_CONNECTOR_DELETE] = { "DELETE", true, true, false, true },
	[AD_CONNECTOR_CREATE] = { "POST", false, false, true, true },
};

char *ad_connector_url(struct ad_arena *arena, const struct ad_connector_call *call)
{
	size_t base_len = strlen(call->service_url);
	while (base_len > 0 && call->service_url[base_len - 1] == '/')
		base_len--;
	char *url = ad_printf(arena, "%.*s/v3/conversations", (int)base_len, call->service_url);
	if (!ops[call->op].needs_conversation)
		return url;
	url = ad_printf(
		arena, "%s/%s/activities", url, ad_url_segment(arena, call->conversation_id));
	if (!ops[call->op].needs_activity)
		return url;
	return ad_printf(arena, "%s/%s", url, ad_url_segment(arena, call->activity_id));
}

static int check_call(const struct ad_connector_call *call, struct ad_err *err)
{
	if (ad_text_empty(call->service_url))
		return AD_FAIL(err, AD_EINVAL, "connector: no service URL");
	if (ad_text_empty(call->token))
		return AD_FAIL(err, AD_EINVAL, "connector: no token");
	if (ops[call->op].needs_conversation && ad_text_empty(call->conversation_id))
		return AD_FAIL(err, AD_EINVAL, "connector: no conversation id");
	if (ops[call->op].needs_activity && ad_text_empty(call->activity_id))
		return AD_FAIL(err, AD_EINVAL, "connector: no activity id");
	if (ops[call->op].needs_body && ad_text_empty(call->body))
		return AD_FAIL(err, AD_EINVAL, "connector: no body");
	return 0;
}

int ad_connector_request(struct ad_arena *arena, const struct ad_connector_call *call,
	struct ad_net_request *ret, struct ad_err *err)
{
	int rc = check_call(call, err);
	if (rc != 0)
		return rc;
	struct ad_net_header *headers = ad_alloc_array(arena, 2, sizeof *headers);
	headers[0].name = "Authorization";
	headers[0].value = ad_printf(arena, "Bearer %s", call->token);
	headers[1].name = "Accept";
	headers[1].value = "application/json";
	bool has_body = ops[call->op].needs_body;
	*ret = (struct ad_net_request){
		.method = ops[call->op].method,
		.url = ad_connector_url(arena, call),
		.headers = headers,
		.headers_count = 2,
		.content_type = has_body ? "application/json; charset=utf-8" : NULL,
		.body = has_body ? call->body : NULL,
		.body_len = has_body ? strlen(call->body) : 0,
		.response_max = AD_CONNECTOR_BODY_MAX,
		.total_ms = AD_CONNECTOR_TOTAL_MS,
		.allow_http_loopback = call->allow_http_loopback,
		.idempotent = ops[call->op].idempotent,
	};
	return 0;
}

char *ad_connector_create_body(
	struct ad_arena *arena, const char *bot_id, const char *user_id, const char *tenant_id)
{
	struct ad_json *body = ad_json_new_object(arena);
	struct ad_json *bot = ad_json_new_object(arena);
	ad_json_set_str(arena, bot, "id", bot_id);
	ad_json_set(arena, body, "bot", bot);
	struct ad_json *member = ad_json_new_object(arena);
	ad_json_set_str(arena, member, "id", user_id);
	struct ad_json *members = ad_json_new_array(arena); /* exactly one, and no isGroup (5.2) */
	ad_json_append(arena, members, member);
	ad_json_set(arena, body, "members", members);
	ad_json_set_str(arena, body, "tenantId", tenant_id);
	struct ad_json *tenant = ad_json_new_object(arena);
	ad_json_set_str(arena, tenant, "id", tenant_id);
	struct ad_json *channel_data = ad_json_new_object(arena);
	ad_json_set(arena, channel_data, "tenant", tenant);
	ad_json_set(arena, body, "channelData", channel_data);
	return ad_json_print(arena, body);
}
