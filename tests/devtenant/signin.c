/* SPDX-License-Identifier: Apache-2.0 */
/*
 * People who sign in again: Entra's keys and tokens for them, the bot's user-token service, and the
 * client that was asked to. A person signs in when a control request says so; how old that sign-in
 * is said to be, and whose, is the tester's to choose.
 */
#include "signin.h"

#include "ad/clock.h"
#include "ad/text.h"
#include "act.h"
#include "calls.h"
#include "crypt.h"
#include "deliver.h"
#include "keys.h"
#include "parts.h"
#include "people.h"
#include "shown.h"

#include <string.h>

#define OAUTH_CARD "application/vnd.microsoft.card.oauth"
#define TOKEN_LIFE_S 3600
#define ASKED "asked" /* tags of DT_SIGNINS: a person's key ... */
#define CODE "code"   /* ... and a code */

/* ---- Entra ---- */

static const char *issuer(struct dt_tenant *tenant, struct ad_arena *arena)
{
	return ad_printf(arena, "%s/%s/v2.0", tenant->base_url, tenant->options.tenant_id);
}

void dt_signin_metadata(struct dt_request *req)
{
	struct ad_json *doc = ad_json_new_object(req->arena);

	ad_json_set_str(req->arena, doc, "issuer", issuer(req->tenant, req->arena));
	ad_json_set_str(req->arena, doc, "jwks_uri",
		ad_printf(req->arena, "%s/%s/discovery/v2.0/keys", req->tenant->base_url,
			req->tenant->options.tenant_id));
	dt_reply_json(req, 200, doc);
}

void dt_signin_keys(struct dt_request *req)
{
	dt_reply_json(req, 200, dt_keys_list(req->tenant, req->arena));
}

/* What the order says differently:
 * {"person","age_s","acrs","audience","tenant","expired","forged"}.
 */
static const char *person_token(
	struct dt_request *req, const struct ad_json *order, const struct ad_json *person)
{
	struct dt_tenant *tenant = req->tenant;
	struct ad_arena *arena = req->arena;
	struct ad_json *claims = ad_json_new_object(arena);
	const struct ad_json *acrs = ad_json_get(order, "acrs");
	const char *audience = ad_json_str(order, "audience");
	const char *tid = ad_json_str(order, "tenant");
	int64_t now_s = ad_clock_unix_ms() / 1000;
	bool expired = ad_json_bool(order, "expired", false);

	ad_json_set_str(arena, claims, "aud", audience ? audience : tenant->options.app_id);
	ad_json_set_str(arena, claims, "iss", issuer(tenant, arena));
	ad_json_set_str(arena, claims, "tid", tid ? tid : tenant->options.tenant_id);
	ad_json_set_str(arena, claims, "oid", ad_json_str(person, "id"));
	ad_json_set_str(
		arena, claims, "preferred_username", ad_json_str(person, "userPrincipalName"));
	ad_json_set_str(arena, claims, "scp", "access_as_user");
	ad_json_set_str(arena, claims, "ver", "2.0");
	ad_json_set_int(arena, claims, "iat", now_s - TOKEN_LIFE_S);
	ad_json_set_int(arena, claims, "nbf", now_s - TOKEN_LIFE_S);
	ad_json_set_int(
		arena, claims, "exp", expired ? now_s - TOKEN_LIFE_S / 2 : now_s + TOKEN_LIFE_S);
	if (ad_json_int(order, "age_s", 0) >= 0)
		ad_json_set_int(arena, claims, "auth_time", now_s - ad_json_int(order, "age_s", 0));
	if (acrs)
		ad_json_set(arena, claims, "acrs", ad_json_copy(arena, acrs));
	return dt_keys_sign(tenant, arena, claims, ad_json_bool(order, "forged", false));
}

/* ---- the user-token service ---- */

static void handle_resource(struct dt_request *req)
{
	struct ad_arena *arena = req->arena;
	const char *text = dt_query(req, "state");
	struct ad_json *state = NULL;
	uint8_t *data = NULL;
	size_t len = 0;

	if (!text || ad_base64_decode(arena, text, strlen(text), &data, &len) != 0 ||
		ad_json_parse(arena, (const char *)data, len, &state, NULL) != 0 ||
		!ad_text_eq(ad_json_str(state, "msAppId"), req->tenant->options.app_id) ||
		!ad_json_str(state, "connectionName") ||
		!ad_json_str(state, "conversation.user.id")) {
		dt_reply_error(req, 400, "BadRequest", "state cannot be read");
		return;
	}
	struct ad_json *answer = ad_json_new_object(arena);
	struct ad_json *exchange = ad_json_new_object(arena);
	ad_json_set_str(arena, answer, "signInLink",
		ad_printf(arena, "%s/signin/%s", req->tenant->base_url, dt_guid(arena)));
	ad_json_set_str(arena, exchange, "id", dt_guid(arena));
	ad_json_set_str(arena, exchange, "uri",
		ad_printf(arena, "api://botid-%s", req->tenant->options.app_id));
	ad_json_set(arena, answer, "tokenExchangeResource", exchange);
	dt_reply_json(req, 200, answer);
}

/* A code is good once, for the person and the connection that it was made for. */
static void handle_get(struct dt_request *req)
{
	const char *code = dt_query(req, "code");
	const struct dt_doc *doc = code ? dt_find(req->tenant->store, DT_SIGNINS, code) : NULL;
	struct ad_json *known =
		doc && ad_text_eq(doc->tag, CODE) ? dt_doc_json(req->arena, doc) : NULL;
	struct ad_json *answer = ad_json_new_object(req->arena);

	if (!known || !ad_text_eq(ad_json_str(known, "user"), dt_query(req, "userId")) ||
		!ad_text_eq(ad_json_str(known, "connection"), dt_query(req, "connectionName"))) {
		dt_reply_error(req, 404, "NotFound", "no token");
		return;
	}
	ad_json_set_str(req->arena, answer, "channelId", "msteams");
	ad_json_set_str(req->arena, answer, "connectionName", ad_json_str(known, "connection"));
	ad_json_set_str(req->arena, answer, "token", ad_json_str(known, "token"));
	dt_drop(req->tenant->store, DT_SIGNINS, code);
	dt_reply_json(req, 200, answer);
}

static void handle_sign_out(struct dt_request *req)
{
	dt_reply_json(req, 200, ad_json_new_object(req->arena));
}

static void handle_page(struct dt_request *req)
{
	static const char words[] = "Nobody has a password here. To sign in:\n\n"
				    "    appdesk-devtenant signin --as NAME\n";

	dt_reply_bytes(req, 200, "text/plain", words, sizeof(words) - 1);
}

/* ---- the client ---- */

struct ad_json *dt_signin_card_of(const struct ad_json *activity)
{
	AD_JSON_EACH(attachment, ad_json_get(activity, "attachments"))
	if (ad_text_eq(ad_json_str(attachment, "contentType"), OAUTH_CARD))
		return ad_json_get(attachment, "content");
	return NULL;
}

void dt_signin_asked(struct dt_tenant *tenant, const struct ad_json *person,
	const struct ad_json *card, const struct ad_json *activity, const char *pressed)
{
	struct ad_arena *arena = ad_arena_new();
	struct ad_json *doc = ad_json_new_object(arena);

	if (!ad_json_str(card, "connectionName") ||
		!ad_text_eq(
			ad_json_str(ad_json_first(ad_json_get(card, "buttons")), "type"), "signin"))
		dt_complain(tenant, "a sign-in card without connection or button");
	ad_json_set(arena, doc, "card", ad_json_copy(arena, card));
	if (activity)
		ad_json_set(arena, doc, "activity", ad_json_copy(arena, activity));
	ad_json_set_str(arena, doc, "pressed", pressed);
	dt_put(tenant->store, DT_SIGNINS, ad_json_str(person, "key"), ASKED, doc);
	ad_arena_free(arena);
}

/* The press again, or what stands for it where a message has asked. */
static struct ad_json *follow_up(struct dt_request *req, const struct ad_json *person,
	const struct ad_json *asked, const char *name)
{
	const struct ad_json *press = ad_json_get(asked, "activity");
	struct ad_json *activity = press ? ad_json_copy(req->arena, press)
					 : dt_activity(req->tenant, req->arena, "invoke", person,
						   dt_personal_chat(req->arena, person));

	if (press) {
		ad_json_set_str(
			req->arena, activity, "id", dt_activity_id(req->tenant, req->arena));
		return activity;
	}
	ad_json_set_str(req->arena, activity, "name", name);
	ad_json_set(req->arena, activity, "value", ad_json_new_object(req->arena));
	return activity;
}

/* The client has a token itself. */
static struct ad_json *by_exchange(struct dt_request *req, const struct ad_json *person,
	const struct ad_json *asked, const char *token)
{
	struct ad_arena *arena = req->arena;
	const struct ad_json *card = ad_json_get(asked, "card");
	struct ad_json *activity = follow_up(req, person, asked, "signin/tokenExchange");
	struct ad_json *value = ad_json_get(activity, "value");

	if (ad_json_get(asked, "activity")) {
		ad_json_set(arena, value, "authentication", ad_json_new_object(arena));
		value = ad_json_get(value, "authentication");
	}
	ad_json_set_str(arena, value, "id", ad_json_str(card, "tokenExchangeResource.id"));
	ad_json_set_str(arena, value, "connectionName", ad_json_str(card, "connectionName"));
	ad_json_set_str(arena, value, "token", token);
	return activity;
}

/* The person has gone through the page, which gives a code. */
static struct ad_json *by_code(struct dt_request *req, const struct ad_json *person,
	const struct ad_json *asked, const char *token)
{
	struct ad_arena *arena = req->arena;
	struct ad_json *doc = ad_json_new_object(arena);
	struct ad_json *activity = follow_up(req, person, asked, "signin/verifyState");
	uint32_t random;

	dt_random(&random, sizeof(random));
	const char *code = ad_printf(arena, "%06u", random % 1000000);
	ad_json_set_str(arena, doc, "token", token);
	ad_json_set_str(arena, doc, "user", ad_json_str(person, "mri"));
	ad_json_set_str(arena, doc, "connection", ad_json_str(asked, "card.connectionName"));
	dt_put(req->tenant->store, DT_SIGNINS, code, CODE, doc);
	ad_json_set_str(arena, ad_json_get(activity, "value"), "state", code);
	return activity;
}

static void handle_signin(struct dt_request *req)
{
	struct ad_json *order = dt_body(req);
	const char *name = ad_json_str(order, "as");
	const char *other = ad_json_str(order, "person");
	struct ad_json *person = order ? dt_person(req->tenant, req->arena, name) : NULL;
	struct ad_json *signed_in = other ? dt_person(req->tenant, req->arena, other) : person;
	struct ad_json *asked = NULL;

	if (!order)
		return;
	if (person)
		asked = dt_get(
			req->tenant->store, req->arena, DT_SIGNINS, ad_json_str(person, "key"));
	if (!signed_in || !asked) {
		dt_reply_error(req, 404, NULL, "'%s' was not asked to sign in", name ? name : "");
		return;
	}
	if (ad_json_bool(order, "alone", false))
		ad_json_remove(asked, "activity");
	const char *token = person_token(req, order, signed_in);
	bool silent = ad_json_bool(order, "silent", false);
	dt_act_deliver(req,
		silent ? by_exchange(req, person, asked, token)
		       : by_code(req, person, asked, token),
		person, ad_json_str(asked, "pressed"));
}

static const struct dt_route control[] = {
	{ "POST", "/control/signin", handle_signin },
	{ NULL, NULL, NULL },
};
const struct dt_routes dt_signin_control_routes = { DT_SURFACE_CONTROL, "/control/", NULL,
	control };

static const struct dt_route service[] = {
	{ "GET", "/api/botsignin/GetSignInResource", handle_resource },
	{ "GET", "/api/usertoken/GetToken", handle_get },
	{ "DELETE", "/api/usertoken/SignOut", handle_sign_out },
	{ NULL, NULL, NULL },
};
const struct dt_routes dt_user_token_routes = { DT_SURFACE_USER_TOKEN, "/api/", DT_AUDIENCE_BOT,
	service };

static const struct dt_route pages[] = {
	{ "GET", "/signin/{}", handle_page },
	{ NULL, NULL, NULL },
};
const struct dt_routes dt_signin_page_routes = { DT_SURFACE_TOKEN, "/signin/", NULL, pages };
