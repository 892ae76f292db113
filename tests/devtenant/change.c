/* SPDX-License-Identifier: Apache-2.0 */
/* Control API: changing the world. */
#include "ad/file.h"
#include "ad/text.h"
#include "blob.h"
#include "calls.h"
#include "delta.h"
#include "fair.h"
#include "faults.h"
#include "keys.h"
#include "parts.h"
#include "people.h"
#include "settings.h"
#include "shown.h"
#include "tokens.h"
#include "vault.h"

#include <string.h>

#define WORLD_MAX ((size_t)16 << 20)

static void reply_done(struct dt_request *req)
{
	struct ad_json *answer = ad_json_new_object(req->arena);

	ad_json_set_bool(req->arena, answer, "ok", true);
	dt_reply_json(req, 200, answer);
}

static void handle_rotate(struct dt_request *req)
{
	struct ad_json *order = dt_body(req);
	struct ad_json *answer = ad_json_new_object(req->arena);

	if (!order)
		return;
	ad_json_set_str(req->arena, answer, "kid",
		dt_keys_rotate(req->tenant, ad_json_bool(order, "keep_old", false)));
	dt_reply_json(req, 200, answer);
}

static void handle_revoke(struct dt_request *req)
{
	dt_token_revoke_all(req->tenant);
	reply_done(req);
}

static void handle_expire(struct dt_request *req)
{
	dt_blob_expire_all(req->tenant);
	reply_done(req);
}

static void release(struct dt_request *req, const struct ad_json *wish)
{
	dt_put(req->tenant->store, DT_RELEASES,
		ad_printf(req->arena, "%s %s", ad_json_str(wish, "package"),
			ad_json_str(wish, "version")),
		"", wish);
}

static void handle_world(struct dt_request *req)
{
	struct ad_json *order = dt_body(req);
	const char *kind = ad_json_str(order, "tamper");
	const struct ad_json *wish = ad_json_get(order, "publish");
	struct ad_err err;
	int rc;

	if (!order)
		return;
	if (kind) {
		rc = dt_fair_spoil(req->tenant, kind, ad_json_str(order, "package"), &err);
	} else if (ad_json_str(wish, "package") && ad_json_str(wish, "version")) {
		release(req, wish);
		rc = dt_fair_build(req->tenant, &err);
	} else if (ad_json_bool(order, "restore", false)) {
		rc = dt_fair_build(req->tenant, &err);
	} else {
		dt_reply_error(req, 400, NULL, "'tamper', 'publish' or 'restore' is needed");
		return;
	}
	if (rc)
		dt_reply_error(req, 422, NULL, "%s", err.text);
	else
		reply_done(req);
}

static void handle_show_world(struct dt_request *req)
{
	const char *path = dt_state_path(req->tenant, req->arena, "world/world.json");

	dt_reply_file(req, "application/json", path);
}

static void handle_settings(struct dt_request *req)
{
	dt_reply_json(req, 200, dt_settings_list(req->tenant, req->arena));
}

static void handle_set(struct dt_request *req)
{
	struct ad_json *order = dt_body(req);
	struct ad_err err;

	if (!order)
		return;
	if (dt_settings_change(req->tenant, order, &err))
		dt_reply_error(req, 400, NULL, "%s", err.text);
	else
		handle_settings(req);
}

static void handle_secret(struct dt_request *req)
{
	struct ad_json *order = dt_body(req);
	const char *name = ad_json_str(order, "name");
	const char *certificate = ad_json_str(order, "certificate");
	const struct ad_json *federated = ad_json_get(order, "federated");
	struct ad_json *doc = ad_json_new_object(req->arena);

	if (!order)
		return;
	if (ad_text_empty(name) || (!certificate && !federated && !ad_json_str(order, "value"))) {
		dt_reply_error(req, 400, NULL,
			"'name' and 'value', 'certificate' or 'federated' are needed");
		return;
	}
	if (federated) {
		dt_put(req->tenant->store, DT_SECRETS, name, "federated",
			ad_json_copy(req->arena, federated));
		reply_done(req);
		return;
	}
	ad_json_set_str(
		req->arena, doc, "value", certificate ? certificate : ad_json_str(order, "value"));
	dt_put(req->tenant->store, DT_SECRETS, name, certificate ? "certificate" : "vault", doc);
	reply_done(req);
}

static void handle_add_faults(struct dt_request *req)
{
	struct ad_json *order = dt_body(req);
	struct ad_json *answer = ad_json_new_object(req->arena);
	bool many = ad_json_kind(order) == AD_JSON_ARRAY;
	struct ad_err err;

	if (!order)
		return;
	for (const struct ad_json *fault = many ? ad_json_first(order) : order; fault;
		fault = many ? ad_json_next(fault) : NULL)
		if (dt_faults_add(req->tenant->faults, fault, &err)) {
			dt_reply_error(req, 400, NULL, "%s", err.text);
			return;
		}
	ad_json_set(req->arena, answer, "faults", dt_faults_list(req->tenant->faults, req->arena));
	dt_reply_json(req, 200, answer);
}

static void handle_clear_faults(struct dt_request *req)
{
	dt_faults_clear(req->tenant->faults);
	reply_done(req);
}

static void handle_reset(struct dt_request *req)
{
	static const enum dt_kind forgotten[] = { DT_PEOPLE, DT_GROUPS, DT_CONVERSATIONS,
		DT_MESSAGES, DT_MAIL, DT_APPS, DT_FILES, DT_ASSIGNMENTS, DT_BLOBS, DT_SETTINGS,
		DT_GONE, DT_SIGNINS };
	struct dt_tenant *tenant = req->tenant;
	struct ad_err err;

	for (size_t i = 0; i < sizeof(forgotten) / sizeof(forgotten[0]); i++)
		dt_drop_all(tenant->store, forgotten[i]);
	dt_people_seed(tenant);
	dt_conversations_seed(tenant);
	dt_delta_expire(tenant);
	dt_vault_reset(tenant);
	dt_faults_clear(tenant->faults);
	dt_calls_clear(tenant->calls);
	if (ad_file_remove_tree(dt_state_path(tenant, req->arena, "blobs"), &err) ||
		ad_file_mkdirs(dt_state_path(tenant, req->arena, "blobs"), &err) ||
		dt_fair_restore(tenant, &err))
		dt_reply_error(req, 422, NULL, "%s", err.text);
	else
		reply_done(req);
}

static const struct dt_route routes[] = {
	{ "POST", "/control/keys/rotate", handle_rotate },
	{ "POST", "/control/tokens/revoke", handle_revoke },
	{ "POST", "/control/uploads/expire", handle_expire },
	{ "POST", "/control/world", handle_world },
	{ "GET", "/control/world", handle_show_world },
	{ "POST", "/control/secrets", handle_secret },
	{ "GET", "/control/settings", handle_settings },
	{ "POST", "/control/settings", handle_set },
	{ "POST", "/control/faults", handle_add_faults },
	{ "DELETE", "/control/faults", handle_clear_faults },
	{ "POST", "/control/reset", handle_reset },
	{ NULL, NULL, NULL },
};
const struct dt_routes dt_change_routes = { DT_SURFACE_CONTROL, "/control/", NULL, routes };
