/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The identity of the machine that AppDesk runs on: as the metadata service of a virtual machine
 * (IMDS) and as an App Service have it. There are two identities: the bot itself, which gets tokens
 * for everything, and another one, whose tokens are good for an exchange at the token endpoint.
 */
#include "ad/clock.h"
#include "ad/text.h"
#include "parts.h"
#include "tokens.h"

enum form { AS_TEXT, AS_NUMBER, AS_DATE }; /* the setting identity_expires_as */

static bool is_audience(const char *resource)
{
	return ad_text_eq(resource, DT_AUDIENCE_BOT) || ad_text_eq(resource, DT_AUDIENCE_GRAPH) ||
	       ad_text_eq(resource, DT_AUDIENCE_VAULT) ||
	       ad_text_eq(resource, DT_AUDIENCE_EXCHANGE);
}

static void add_end(struct dt_request *req, struct ad_json *answer, int64_t ends_s)
{
	switch ((enum form)dt_setting(req->tenant, "identity_expires_as")) {
	case AS_NUMBER:
		ad_json_set_int(req->arena, answer, "expires_on", ends_s);
		break;
	case AS_DATE:
		ad_json_set_str(req->arena, answer, "expires_on", ad_clock_iso(req->arena, ends_s));
		break;
	case AS_TEXT:
	default:
		ad_json_set_str(req->arena, answer, "expires_on",
			ad_printf(req->arena, "%lld", (long long)ends_s));
		break;
	}
}

static void reply_token(struct dt_request *req, const char *version)
{
	const char *resource = dt_query(req, "resource");
	const char *client = dt_query(req, "client_id");
	const char *bot = req->tenant->options.app_id;
	struct ad_json *answer = ad_json_new_object(req->arena);

	if (!client)
		client = bot; /* the system-assigned one */
	if (!ad_text_eq(dt_query(req, "api-version"), version) || !is_audience(resource)) {
		dt_reply_error(req, 400, NULL, "api-version or resource is wrong");
		return;
	}
	if (!ad_text_eq(client, bot) && !(ad_text_eq(client, DT_IDENTITY_ID) &&
						ad_text_eq(resource, DT_AUDIENCE_EXCHANGE))) {
		dt_reply_error(req, 400, NULL, "Identity not found");
		return;
	}
	ad_json_set_str(req->arena, answer, "access_token",
		dt_token_new(req->tenant, req->arena, resource));
	add_end(req, answer,
		ad_clock_unix_ms() / 1000 + dt_setting(req->tenant, "token_lifetime_s"));
	ad_json_set_str(req->arena, answer, "resource", resource);
	ad_json_set_str(req->arena, answer, "token_type", "Bearer");
	ad_json_set_str(req->arena, answer, "client_id", client);
	dt_reply_json(req, 200, answer);
}

/* What has come through a proxy is refused, as IMDS does. */
static void handle_imds(struct dt_request *req)
{
	if (!ad_text_eq(dt_header(req, "Metadata"), "true") || dt_header(req, "X-Forwarded-For"))
		dt_reply_error(req, 400, NULL, "Required metadata header not specified");
	else
		reply_token(req, "2018-02-01");
}

static void handle_app_service(struct dt_request *req)
{
	if (!ad_text_eq(dt_header(req, "X-IDENTITY-HEADER"), DT_IDENTITY_HEADER))
		dt_reply_error(req, 401, NULL, "X-IDENTITY-HEADER is missing or wrong");
	else
		reply_token(req, "2019-08-01");
}

static const struct dt_route imds_routes[] = {
	{ "GET", "/metadata/identity/oauth2/token", handle_imds },
	{ NULL, NULL, NULL },
};
const struct dt_routes dt_imds_routes = { DT_SURFACE_IDENTITY, "/metadata/", NULL, imds_routes };

static const struct dt_route app_service_routes[] = {
	{ "GET", "/msi/token", handle_app_service },
	{ NULL, NULL, NULL },
};
const struct dt_routes dt_app_service_routes = { DT_SURFACE_IDENTITY, "/msi/", NULL,
	app_service_routes };
