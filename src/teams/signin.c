/* SPDX-License-Identifier: Apache-2.0 */
/* Sign-in requests and what answers them, as JSON. */
#include "ad/teams/signin.h"

#include "ad/text.h"

/* ---- what the client brings ---- */

static const char *text_of(const struct ad_json *object, const char *path, size_t max)
{
	const char *text = ad_json_str(object, path);
	return text && strlen(text) <= max ? text : "";
}

/* The page's code, as far as it has the letters of one. */
static const char *code_of(const struct ad_json *value)
{
	const char *code = text_of(value, "state", AD_SIGNIN_CODE_MAX);
	size_t len =
		strspn(code, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_");
	return code[len] ? "" : code;
}

static bool read_answer(const struct ad_json *value, const struct ad_json *exchange,
	enum ad_signin_way way, struct ad_signin_answer *ret)
{
	*ret = (struct ad_signin_answer){
		.way = way,
		.exchange_id = text_of(exchange, "id", AD_ACTIVITY_ID_MAX),
		.connection = text_of(exchange, "connectionName", AD_ACTIVITY_ID_MAX),
		.token = text_of(exchange, "token", SIZE_MAX),
		.code = code_of(value),
	};
	return *ret->token || *ret->code;
}

bool ad_signin_answer_of(const struct ad_activity *activity, struct ad_signin_answer *ret)
{
	const struct ad_json *value = activity->value;
	if (activity->type != AD_ACTIVITY_INVOKE || !value)
		return false;
	if (ad_text_eq(activity->name, "signin/tokenExchange"))
		return read_answer(NULL, value, AD_SIGNIN_BY_EXCHANGE, ret);
	if (ad_text_eq(activity->name, "signin/verifyState"))
		return read_answer(value, NULL, AD_SIGNIN_BY_CODE, ret);
	return ad_text_eq(activity->name, "adaptiveCard/action") &&
	       !ad_text_eq(ad_json_str(value, "trigger"), "automatic") &&
	       read_answer(value, ad_json_get(value, "authentication"), AD_SIGNIN_BY_PRESS, ret);
}

/* ---- asking ---- */

static struct ad_json *new_button(struct ad_arena *arena, const struct ad_signin_request *request)
{
	struct ad_json *button = ad_json_new_object(arena);
	ad_json_set_str(arena, button, "type", "signin");
	ad_json_set_str(arena, button, "title", request->button);
	ad_json_set_str(arena, button, "text", request->button);
	ad_json_set_str(arena, button, "value", request->link);
	return button;
}

struct ad_json *ad_signin_card(struct ad_arena *arena, const struct ad_signin_request *request)
{
	struct ad_json *card = ad_json_new_object(arena);
	struct ad_json *buttons = ad_json_new_array(arena);
	ad_json_set_str(arena, card, "text", request->text);
	ad_json_set_str(arena, card, "connectionName", request->connection);
	if (!ad_text_empty(request->resource)) {
		struct ad_json *exchange = ad_json_new_object(arena);
		ad_json_set_str(arena, exchange, "id", request->exchange_id);
		ad_json_set_str(arena, exchange, "uri", request->resource);
		if (!ad_text_empty(request->provider))
			ad_json_set_str(arena, exchange, "providerId", request->provider);
		ad_json_set(arena, card, "tokenExchangeResource", exchange);
	}
	ad_json_append(arena, buttons, new_button(arena, request));
	ad_json_set(arena, card, "buttons", buttons);
	return card;
}

struct ad_json *ad_signin_exchange_body(
	struct ad_arena *arena, const struct ad_signin_answer *answer, const char *fault)
{
	struct ad_json *body = ad_json_new_object(arena);
	ad_json_set_str(arena, body, "id", answer->exchange_id);
	ad_json_set_str(arena, body, "connectionName", answer->connection);
	if (fault)
		ad_json_set_str(arena, body, "failureDetail", fault);
	return body;
}
