/* SPDX-License-Identifier: Apache-2.0 */
/* Key Vault (reading a secret) and the managed identity of the machine. */
#include "ad/clock.h"
#include "ad/text.h"
#include "parts.h"
#include "tokens.h"
#include "vault.h"

#define VERSION "00000000000000000000000000000001"
#define BOT_SECRET "bot-secret"

/* The value that was put there, or NULL. */
static const char *stored(const struct dt_request *req, const char *name)
{
	const struct dt_doc *doc = dt_find(req->tenant->store, DT_SECRETS, name);

	return doc && ad_text_eq(doc->tag, "vault")
		       ? ad_json_str(dt_doc_json(req->arena, doc), "value")
		       : NULL;
}

const char *dt_vault_bot_secret(const struct dt_request *req)
{
	const char *value = stored(req, BOT_SECRET);

	return value ? value : req->tenant->options.secret;
}

void dt_vault_reset(struct dt_tenant *tenant)
{
	dt_drop(tenant->store, DT_SECRETS, BOT_SECRET);
}

static void reply_secret(struct dt_request *req, const char *name)
{
	struct ad_json *answer = ad_json_new_object(req->arena);
	struct ad_json *attributes = ad_json_new_object(req->arena);
	const char *value =
		ad_text_eq(name, BOT_SECRET) ? dt_vault_bot_secret(req) : stored(req, name);

	if (!dt_query(req, "api-version")) {
		dt_reply_error(req, 400, "BadParameter", "api-version must be specified");
		return;
	}
	if (!value) {
		dt_reply_error(req, 404, "SecretNotFound",
			"A secret with (name/id) %s was not found in this key vault.", name);
		return;
	}
	ad_json_set_bool(req->arena, attributes, "enabled", true);
	ad_json_set_str(req->arena, answer, "value", value);
	ad_json_set_str(req->arena, answer, "id",
		ad_printf(req->arena, "%s/vault/secrets/%s/%s", req->tenant->base_url, name,
			VERSION));
	ad_json_set(req->arena, answer, "attributes", attributes);
	dt_reply_json(req, 200, answer);
}

static void handle_secret(struct dt_request *req)
{
	reply_secret(req, req->args[0]);
}

static void handle_secret_version(struct dt_request *req)
{
	if (ad_text_eq(req->args[1], VERSION))
		reply_secret(req, req->args[0]);
	else
		dt_reply_error(req, 404, "SecretNotFound", "There is no such version");
}

static const struct dt_route vault_routes[] = {
	{ "GET", "/vault/secrets/{}", handle_secret },
	{ "GET", "/vault/secrets/{}/{}", handle_secret_version },
	{ NULL, NULL, NULL },
};
const struct dt_routes dt_vault_routes = { DT_SURFACE_VAULT, "/vault/", DT_AUDIENCE_VAULT,
	vault_routes };

static bool is_audience(const char *resource)
{
	return ad_text_eq(resource, DT_AUDIENCE_BOT) || ad_text_eq(resource, DT_AUDIENCE_GRAPH) ||
	       ad_text_eq(resource, DT_AUDIENCE_VAULT) ||
	       ad_text_eq(resource, DT_AUDIENCE_EXCHANGE);
}

/* As IMDS, and as the identity endpoint of an app service (another header). */
static void handle_identity(struct dt_request *req)
{
	const char *metadata = dt_header(req, "Metadata");
	const char *resource = dt_query(req, "resource");
	const char *client = dt_query(req, "client_id");
	struct ad_json *answer = ad_json_new_object(req->arena);

	if (!ad_text_eq(metadata, "true") && !dt_header(req, "X-IDENTITY-HEADER")) {
		dt_reply_error(req, 400, NULL, "Required metadata header not specified");
		return;
	}
	if (!dt_query(req, "api-version") || !is_audience(resource) ||
		(client && !ad_text_eq(client, req->tenant->options.app_id))) {
		dt_reply_error(req, 400, NULL, "api-version, resource or client_id is wrong");
		return;
	}
	int64_t ends_s = ad_clock_unix_ms() / 1000 + dt_setting(req->tenant, "token_lifetime_s");
	ad_json_set_str(req->arena, answer, "access_token",
		dt_token_new(req->tenant, req->arena, resource));
	ad_json_set_str(
		req->arena, answer, "expires_on", ad_printf(req->arena, "%lld", (long long)ends_s));
	ad_json_set_str(req->arena, answer, "resource", resource);
	ad_json_set_str(req->arena, answer, "token_type", "Bearer");
	ad_json_set_str(req->arena, answer, "client_id", req->tenant->options.app_id);
	dt_reply_json(req, 200, answer);
}

static const struct dt_route identity_routes[] = {
	{ "GET", "/metadata/identity/oauth2/token", handle_identity },
	{ NULL, NULL, NULL },
};
const struct dt_routes dt_identity_routes = { DT_SURFACE_IDENTITY, "/metadata/", NULL,
	identity_routes };
