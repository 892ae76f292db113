/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The channel's user-token service, which keeps what a sign-in page has brought until its code is
 * shown. Errors name the call and its status, never an address: a code stands in it.
 */
#include "ad/teams/signin.h"

#include "ad/text.h"

/* ---- one call ---- */

static int call(const struct ad_user_tokens *service, struct ad_arena *arena, const char *method,
	const char *path, struct ad_net_response *ret, struct ad_err *err)
{
	const struct ad_net_header headers[] = {
		{ "Authorization", ad_printf(arena, "Bearer %s", service->token) },
		{ "Accept", "application/json" },
	};
	const struct ad_net_request request = {
		.method = method,
		.url = ad_printf(arena, "%s%s", service->base_url, path),
		.headers = headers,
		.headers_count = sizeof headers / sizeof headers[0],
		.total_ms = service->total_ms,
		.allow_http_loopback = service->allow_http_loopback,
	};
	return ad_net_send(service->net, arena, &request, ret, err);
}

static int get(const struct ad_user_tokens *service, struct ad_arena *arena, const char *what,
	const char *path, struct ad_json **ret, struct ad_err *err)
{
	struct ad_net_response response;
	int r = call(service, arena, "GET", path, &response, err);
	if (r == 0)
		r = ad_net_check(&response, what, err);
	return r == 0 ? ad_json_parse(arena, response.body, response.body_len, ret, err) : r;
}

/* ---- where to sign in ---- */

static void set_account(
	struct ad_arena *arena, struct ad_json *object, const char *name, const char *id)
{
	struct ad_json *account = ad_json_new_object(arena);
	ad_json_set_str(arena, account, "id", id);
	ad_json_set(arena, object, name, account);
}

/* For whom and in which conversation the page is made. */
static const char *state_of(const struct ad_user_tokens *service, struct ad_arena *arena,
	const struct ad_activity *activity)
{
	struct ad_json *state = ad_json_new_object(arena);
	struct ad_json *conversation = ad_json_new_object(arena);
	ad_json_set_str(arena, conversation, "activityId", activity->id);
	ad_json_set_str(arena, conversation, "channelId", activity->channel_id);
	ad_json_set_str(arena, conversation, "serviceUrl", activity->service_url);
	set_account(arena, conversation, "user", activity->from_id);
	set_account(arena, conversation, "bot", activity->recipient_id);
	set_account(arena, conversation, "conversation", activity->conversation_id);
	ad_json_set_str(arena, state, "connectionName", service->connection);
	ad_json_set(arena, state, "conversation", conversation);
	ad_json_set_str(arena, state, "msAppId", service->app_id);
	const char *text = ad_json_print(arena, state);
	return ad_base64(arena, text, strlen(text));
}

/* A page that a person may be sent to. */
static bool is_page(const struct ad_user_tokens *service, struct ad_arena *arena, const char *link)
{
	struct ad_net_url url;
	if (!link || ad_net_url_parse(arena, link, &url, NULL) != 0)
		return false;
	return ad_text_eq(url.scheme, "https") ||
	       (service->allow_http_loopback && ad_net_host_is_loopback(url.host));
}

static const char *or_nothing(const char *text)
{
	return text ? text : "";
}

int ad_user_token_resource(const struct ad_user_tokens *service, struct ad_arena *arena,
	const struct ad_activity *activity, struct ad_signin_resource *ret, struct ad_err *err)
{
	struct ad_json *answer = NULL;
	const char *path = ad_printf(arena, "/api/botsignin/GetSignInResource?state=%s",
		ad_url_segment(arena, state_of(service, arena, activity)));
	int r = get(service, arena, "user tokens: sign-in page", path, &answer, err);
	if (r != 0)
		return r;
	const char *link = ad_json_str(answer, "signInLink");
	if (!is_page(service, arena, link))
		return AD_FAIL(err, AD_EINVAL, "user tokens: no sign-in page in the answer");
	*ret = (struct ad_signin_resource){
		.link = link,
		.resource = or_nothing(ad_json_str(answer, "tokenExchangeResource.uri")),
		.provider = or_nothing(ad_json_str(answer, "tokenExchangeResource.providerId")),
	};
	return 0;
}

/* ---- what it has brought ---- */

static const char *place_of(const struct ad_user_tokens *service, struct ad_arena *arena,
	const struct ad_activity *activity)
{
	return ad_printf(arena, "userId=%s&connectionName=%s&channelId=%s",
		ad_url_segment(arena, activity->from_id),
		ad_url_segment(arena, service->connection),
		ad_url_segment(arena, activity->channel_id));
}

int ad_user_token_take(const struct ad_user_tokens *service, struct ad_arena *arena,
	const struct ad_activity *activity, const char *code, const char **ret_token,
	struct ad_err *err)
{
	struct ad_json *answer = NULL;
	struct ad_net_response ignored;
	const char *place = place_of(service, arena, activity);
	int r = get(service, arena, "user tokens: token of a code",
		ad_printf(arena, "/api/usertoken/GetToken?%s&code=%s", place,
			ad_url_segment(arena, code)),
		&answer, err);
	if (r != 0)
		return r;
	const char *token = ad_json_str(answer, "token");
	if (ad_text_empty(token))
		return AD_FAIL(err, AD_ENOTFOUND, "user tokens: no token of this code");
	(void)!call(service, arena, "DELETE", ad_printf(arena, "/api/usertoken/SignOut?%s", place),
		&ignored, NULL);
	*ret_token = token;
	return 0;
}
