/* SPDX-License-Identifier: Apache-2.0 */
/* Control API: changing the world. */
#include "ad/file.h"
#include "ad/text.h"
#include "blob.h"
#include "calls.h"
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

static void handle_add_person(struct dt_request *req)
{
	struct ad_json *order = dt_body(req);
	struct ad_json *person = NULL;
	struct ad_err err;

	if (!order)
		return;
	int rc = dt_person_add(req->tenant, req->arena, order, &person, &err);
	if (rc)
		dt_reply_error(req, rc == AD_ECONFLICT ? 409 : 400, NULL, "%s", err.text);
	else
		dt_reply_json(req, 201, person);
}

/* One member of a change; false when there is no such member. */
static bool change_person(
	struct dt_request *req, struct ad_json *person, const struct ad_json *member)
{
	const char *name = ad_json_name(member);
	struct ad_json *value = ad_json_copy(req->arena, member);

	if (ad_text_eq(name, "enabled"))
		name = "accountEnabled";
	else if (ad_text_eq(name, "manager"))
		value = ad_json_new_string(req->arena,
			ad_json_str(
				dt_person(req->tenant, req->arena, ad_json_text(member)), "id"));
	else if (!ad_text_eq(name, "installed") && !ad_text_eq(name, "blocked") &&
		 !ad_text_eq(name, "mail") && !ad_text_eq(name, "displayName"))
		return false;
	ad_json_set(req->arena, person, name, value);
	return true;
}

static void handle_change_person(struct dt_request *req)
{
	struct ad_json *order = dt_body(req);
	struct ad_json *person = dt_person(req->tenant, req->arena, req->args[0]);

	if (!order)
		return;
	if (!person) {
		dt_reply_error(req, 404, NULL, "there is no person '%s'", req->args[0]);
		return;
	}
	AD_JSON_EACH(member, order)
	if (!change_person(req, person, member)) {
		dt_reply_error(
			req, 400, NULL, "a person has no '%s' to change", ad_json_name(member));
		return;
	}
	dt_person_save(req->tenant, person);
	dt_reply_json(req, 200, person);
}

/* The object id of a person or group, or NULL. */
static const char *object_id(struct dt_request *req, const char *name)
{
	const char *id = ad_json_str(dt_person(req->tenant, req->arena, name), "id");

	return id ? id : ad_json_str(dt_group(req->tenant, req->arena, name), "id");
}

/* Adds or removes all of a list. False after a 404. */
static bool change_members(
	struct dt_request *req, struct ad_json *group, const struct ad_json *list, bool add)
{
	AD_JSON_EACH(item, list)
	{
		const char *id = object_id(req, ad_json_text(item));

		if (!id) {
			dt_reply_error(
				req, 404, NULL, "there is nobody called '%s'", ad_json_text(item));
			return false;
		}
		if (add)
			dt_group_add(req->arena, group, id);
		else
			dt_group_remove(req->arena, group, id);
	}
	return true;
}

static void handle_members(struct dt_request *req)
{
	struct ad_json *order = dt_body(req);
	struct ad_json *group = dt_group(req->tenant, req->arena, req->args[0]);

	if (!order)
		return;
	if (!group) {
		dt_reply_error(req, 404, NULL, "there is no group '%s'", req->args[0]);
		return;
	}
	if (!change_members(req, group, ad_json_get(order, "add"), true) ||
		!change_members(req, group, ad_json_get(order, "remove"), false))
		return;
	dt_group_save(req->tenant, group);
	dt_reply_json(req, 200, group);
}

static void handle_add_group(struct dt_request *req)
{
	struct ad_json *order = dt_body(req);
	const char *name = ad_json_str(order, "name");

	if (!order)
		return;
	if (ad_text_empty(name) || dt_group(req->tenant, req->arena, name)) {
		dt_reply_error(req, name ? 409 : 400, NULL, "'name' is missing or taken");
		return;
	}
	struct ad_json *group = dt_group_new(req->tenant, req->arena, name);
	if (!change_members(req, group, ad_json_get(order, "members"), true))
		return;
	dt_group_save(req->tenant, group);
	dt_reply_json(req, 201, group);
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
		DT_MESSAGES, DT_MAIL, DT_APPS, DT_FILES, DT_ASSIGNMENTS, DT_BLOBS, DT_SETTINGS };
	struct dt_tenant *tenant = req->tenant;
	struct ad_err err;

	for (size_t i = 0; i < sizeof(forgotten) / sizeof(forgotten[0]); i++)
		dt_drop_all(tenant->store, forgotten[i]);
	dt_people_seed(tenant);
	dt_conversations_seed(tenant);
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
	{ "POST", "/control/people", handle_add_person },
	{ "POST", "/control/people/{}", handle_change_person },
	{ "POST", "/control/groups", handle_add_group },
	{ "POST", "/control/groups/{}/members", handle_members },
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
