/* SPDX-License-Identifier: Apache-2.0 */
/* Control API: who comes, moves and goes; groups. */
#include "ad/text.h"
#include "delta.h"
#include "parts.h"
#include "people.h"

#include <string.h>

#define CROWD_MAX 5000

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

/* Members of a change that are set as they are. */
static bool is_plain(const char *name)
{
	static const char *const plain[] = { "installed", "blocked", "mail", "displayName",
		"department", "jobTitle" };

	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
		if (ad_text_eq(name, plain[i]))
			return true;
	return false;
}

/* One member of a change; false when there is no such member, or no such manager. */
static bool change_person(
	struct dt_request *req, struct ad_json *person, const struct ad_json *member)
{
	const char *name = ad_json_name(member);

	if (ad_text_eq(name, "manager")) {
		const char *id =
			ad_json_str(dt_person(req->tenant, req->arena, ad_json_text(member)), "id");

		if (!id && ad_json_kind(member) != AD_JSON_NULL)
			return false;
		dt_person_set_manager(req->tenant, req->arena, person, id);
		return true;
	}
	if (ad_text_eq(name, "enabled"))
		name = "accountEnabled";
	else if (!is_plain(name))
		return false;
	ad_json_set(req->arena, person, name, ad_json_copy(req->arena, member));
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
			req, 400, NULL, "'%s' cannot be changed to that", ad_json_name(member));
		return;
	}
	dt_person_save(req->tenant, person);
	dt_reply_json(req, 200, person);
}

static void handle_remove_person(struct dt_request *req)
{
	struct ad_json *person = dt_person(req->tenant, req->arena, req->args[0]);

	if (!person) {
		dt_reply_error(req, 404, NULL, "there is no person '%s'", req->args[0]);
		return;
	}
	dt_person_remove(req->tenant, req->arena, person);
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
	int64_t crowd = ad_json_int(order, "crowd", 0);

	if (!order)
		return;
	if (ad_text_empty(name) || dt_group(req->tenant, req->arena, name)) {
		dt_reply_error(req, name ? 409 : 400, NULL, "'name' is missing or taken");
		return;
	}
	if (crowd < 0 || crowd > CROWD_MAX) {
		dt_reply_error(req, 400, NULL, "'crowd' is 0 to %d", CROWD_MAX);
		return;
	}
	struct ad_json *group = dt_group_new(req->tenant, req->arena, name);
	if (!change_members(req, group, ad_json_get(order, "members"), true))
		return;
	dt_people_crowd(req->tenant, req->arena, group, (unsigned)crowd);
	dt_group_save(req->tenant, group);
	dt_reply_json(req, 201, group);
}

static void handle_remove_group(struct dt_request *req)
{
	struct ad_json *group = dt_group(req->tenant, req->arena, req->args[0]);

	if (!group) {
		dt_reply_error(req, 404, NULL, "there is no group '%s'", req->args[0]);
		return;
	}
	dt_group_drop(req->tenant, req->arena, ad_json_str(group, "id"));
	dt_reply_json(req, 200, group);
}

static void handle_expire_delta(struct dt_request *req)
{
	struct ad_json *answer = ad_json_new_object(req->arena);

	dt_delta_expire(req->tenant);
	ad_json_set_bool(req->arena, answer, "ok", true);
	dt_reply_json(req, 200, answer);
}

static const struct dt_route routes[] = {
	{ "POST", "/control/people", handle_add_person },
	{ "POST", "/control/people/{}", handle_change_person },
	{ "DELETE", "/control/people/{}", handle_remove_person },
	{ "POST", "/control/groups", handle_add_group },
	{ "DELETE", "/control/groups/{}", handle_remove_group },
	{ "POST", "/control/groups/{}/members", handle_members },
	{ "POST", "/control/delta/expire", handle_expire_delta },
	{ NULL, NULL, NULL },
};
const struct dt_routes dt_change_people_routes = { DT_SURFACE_CONTROL, "/control/", NULL, routes };
