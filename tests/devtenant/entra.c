/* SPDX-License-Identifier: Apache-2.0 */
/* The token endpoint: client credentials with a secret or an assertion (assertion.h). */
#include "ad/text.h"
#include "assertion.h"
#include "parts.h"
#include "signin.h"
#include "tokens.h"
#include "vault.h"

#include <string.h>

#define ASSERTION_TYPE "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

struct form {
	const char *grant, *client, *scope, *secret, *assertion, *assertion_type;
};

/* The body is a query string; reading it is the same. */
static const char *field(const struct dt_request *req, const char *name)
{
	struct dt_request as_query = *req;

	as_query.query = ad_strndup(req->arena, req->body, req->body_len);
	return dt_query(&as_query, name);
}

static const char *audience_of(const char *scope)
{
	if (ad_text_eq(scope, DT_AUDIENCE_BOT "/.default"))
		return DT_AUDIENCE_BOT;
	if (ad_text_eq(scope, DT_AUDIENCE_GRAPH "/.default"))
		return DT_AUDIENCE_GRAPH;
	if (ad_text_eq(scope, DT_AUDIENCE_VAULT "/.default"))
		return DT_AUDIENCE_VAULT;
	return NULL;
}

static const char *refuse_assertion(const struct dt_request *req, const struct form *form)
{
	if (!ad_text_eq(form->assertion_type, ASSERTION_TYPE))
		return "AADSTS90014: The client_assertion_type is missing or wrong.";
	return dt_assertion_refuse(req, form->assertion, form->client);
}

/* Answers 400 or 401 and returns true when the request is not to be granted. */
static bool refused(struct dt_request *req, const struct form *form)
{
	const struct dt_options *options = &req->tenant->options;
	const char *sentence = NULL;

	if (!ad_text_eq(req->args[0], options->tenant_id))
		dt_reply_error(req, 400, "invalid_request", "AADSTS90002: Tenant '%s' not found.",
			req->args[0]);
	else if (!ad_text_eq(form->grant, "client_credentials"))
		dt_reply_error(req, 400, "unsupported_grant_type",
			"AADSTS70003: The app requested an unsupported grant type.");
	else if (!ad_text_eq(form->client, options->app_id))
		dt_reply_error(req, 400, "unauthorized_client",
			"AADSTS700016: Application with identifier '%s' was not found in the "
			"directory.",
			form->client ? form->client : "");
	else if (!audience_of(form->scope))
		dt_reply_error(req, 400, "invalid_scope",
			"AADSTS70011: The provided value for the input parameter 'scope' is not "
			"valid.");
	else if (form->assertion && (sentence = refuse_assertion(req, form)))
		dt_reply_error(req, 401, "invalid_client", "%s", sentence);
	else if (!form->assertion && !ad_text_eq(form->secret, dt_vault_bot_secret(req)))
		dt_reply_error(req, 401, "invalid_client",
			"AADSTS7000215: Invalid client secret provided.");
	else
		return false;
	return true;
}

static void handle_token(struct dt_request *req)
{
	const char *type = dt_header(req, "Content-Type");
	const struct form form = {
		.grant = field(req, "grant_type"),
		.client = field(req, "client_id"),
		.scope = field(req, "scope"),
		.secret = field(req, "client_secret"),
		.assertion = field(req, "client_assertion"),
		.assertion_type = field(req, "client_assertion_type"),
	};

	if (!type || !ad_text_starts(type, "application/x-www-form-urlencoded")) {
		dt_reply_error(req, 400, "invalid_request",
			"AADSTS900144: The request body must be form-urlencoded.");
		return;
	}
	if (refused(req, &form))
		return;
	struct ad_json *answer = ad_json_new_object(req->arena);
	int64_t life_s = dt_setting(req->tenant, "token_lifetime_s");
	ad_json_set_str(req->arena, answer, "token_type", "Bearer");
	ad_json_set_int(req->arena, answer, "expires_in", life_s);
	ad_json_set_int(req->arena, answer, "ext_expires_in", life_s);
	ad_json_set_str(req->arena, answer, "access_token",
		dt_token_new(req->tenant, req->arena, audience_of(form.scope)));
	dt_reply_json(req, 200, answer);
}

static const struct dt_route routes[] = {
	{ "POST", "/{}/oauth2/v2.0/token", handle_token },
	{ "GET", "/{}/v2.0/.well-known/openid-configuration", dt_signin_metadata },
	{ "GET", "/{}/discovery/v2.0/keys", dt_signin_keys },
	{ NULL, NULL, NULL },
};
/* First in the router's order: its prefix takes whatever nobody else takes. */
const struct dt_routes dt_entra_routes = { DT_SURFACE_TOKEN, "/", NULL, routes };
