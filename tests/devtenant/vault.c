/* SPDX-License-Identifier: Apache-2.0 */
/* Key Vault: reading a secret. */
#include "ad/text.h"
#include "parts.h"
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
