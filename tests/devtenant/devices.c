/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Devices that Intune manages: as Graph tells of them, and as the control API changes them. A
 * person's document has them as `devices`: [{"name","compliance","system","lastSync"}]; without it
 * everybody but guests has one that is compliant.
 */
#include "ad/text.h"
#include "graph.h"
#include "parts.h"
#include "people.h"

#define DEVICES_MAX 99 /* of one person */
#define SYSTEM "Windows"

/* Named after its person, and all else as usual. */
static struct ad_json *one_device(struct dt_request *req, const struct ad_json *person)
{
	struct ad_json *device = ad_json_new_object(req->arena);

	ad_json_set_str(req->arena, device, "name",
		ad_printf(req->arena, "PC-%s", ad_json_str(person, "key")));
	return device;
}

/* What the person has. */
static struct ad_json *devices_of(struct dt_request *req, const struct ad_json *person)
{
	struct ad_json *list = ad_json_get(person, "devices");

	if (list)
		return list;
	list = ad_json_new_array(req->arena);
	if (!ad_text_eq(ad_json_str(person, "userType"), "Guest"))
		ad_json_append(req->arena, list, one_device(req, person));
	return list;
}

static const char *or_else(const struct ad_json *device, const char *name, const char *otherwise)
{
	const char *text = ad_json_str(device, name);
	return text ? text : otherwise;
}

/* A device is the same one as long as it has its name. */
static const char *id_of(struct ad_arena *arena, const struct ad_json *person, const char *name)
{
	uint32_t hash = 2166136261u; /* FNV-1a */

	for (const char *at = name; *at; at++)
		hash = (hash ^ (unsigned char)*at) * 16777619u;
	return ad_printf(arena, "%08x%s", hash, ad_json_str(person, "id") + 8);
}

static struct ad_json *device_doc(
	struct dt_request *req, const struct ad_json *person, const struct ad_json *device)
{
	struct ad_arena *arena = req->arena;
	struct ad_json *doc = ad_json_new_object(arena);
	const char *name = ad_json_str(device, "name");

	ad_json_set_str(arena, doc, "id", id_of(arena, person, name));
	ad_json_set_str(arena, doc, "userId", ad_json_str(person, "id"));
	ad_json_set_str(arena, doc, "deviceName", name);
	ad_json_set_str(arena, doc, "operatingSystem", or_else(device, "system", SYSTEM));
	ad_json_set_str(arena, doc, "osVersion", "10.0.22631.3447");
	ad_json_set_str(arena, doc, "complianceState", or_else(device, "compliance", "compliant"));
	ad_json_set_str(arena, doc, "lastSyncDateTime", or_else(device, "lastSync", dt_now(arena)));
	ad_json_set_str(arena, doc, "userPrincipalName", ad_json_str(person, "userPrincipalName"));
	return doc;
}

static void add_devices(struct dt_request *req, const struct ad_json *person, struct ad_json *list)
{
	AD_JSON_EACH(device, devices_of(req, person))
	ad_json_append(req->arena, list, device_doc(req, person, device));
}

/* ---- Graph ---- */

static void handle_of_user(struct dt_request *req)
{
	struct ad_json *person = dt_graph_user(req);
	struct ad_json *list = ad_json_new_array(req->arena);

	if (!person)
		return;
	add_devices(req, person, list);
	dt_graph_reply_list(req, list, NULL, dt_setting(req->tenant, "member_page"));
}

static void handle_all(struct dt_request *req)
{
	struct ad_json *list = ad_json_new_array(req->arena);

	DT_EACH(doc, req->tenant->store, DT_PEOPLE)
	add_devices(req, dt_doc_json(req->arena, doc), list);
	dt_graph_reply_list(req, list, NULL, dt_setting(req->tenant, "member_page"));
}

static void handle_sync(struct dt_request *req)
{
	dt_reply_empty(req, 204);
}

/* ---- control ---- */

/* A sentence about what is wrong with one of an order; NULL: nothing. */
static const char *refuse(const struct ad_json *device)
{
	static const char *const states[] = { "compliant", "noncompliant", "inGracePeriod",
		"unknown", "conflict", "error", "configManager" };
	const char *compliance = or_else(device, "compliance", states[0]);

	if (ad_text_empty(ad_json_str(device, "name")))
		return "each device has a 'name'";
	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++)
		if (ad_text_eq(compliance, states[i]))
			return NULL;
	return "'compliance' is a complianceState of Graph, such as noncompliant";
}

/* All of somebody's devices at once. */
static void handle_change(struct dt_request *req)
{
	struct ad_json *order = dt_body(req);
	struct ad_json *person = dt_person(req->tenant, req->arena, req->args[0]);
	const struct ad_json *devices = ad_json_get(order, "devices");

	if (!order)
		return;
	if (!person) {
		dt_reply_error(req, 404, NULL, "there is no person '%s'", req->args[0]);
		return;
	}
	if (ad_json_kind(devices) != AD_JSON_ARRAY || ad_json_count(devices) > DEVICES_MAX) {
		dt_reply_error(req, 400, NULL, "'devices' is a list of at most %d", DEVICES_MAX);
		return;
	}
	AD_JSON_EACH(device, devices)
	{
		const char *reason = refuse(device);

		if (reason) {
			dt_reply_error(req, 400, NULL, "%s", reason);
			return;
		}
	}
	ad_json_set(req->arena, person, "devices", ad_json_copy(req->arena, devices));
	dt_person_save(req->tenant, person);
	dt_reply_json(req, 200, order);
}

#define MANAGED "/graph/{}/deviceManagement/managedDevices"

static const struct dt_route graph_routes[] = {
	{ "GET", "/graph/{}/users/{}/managedDevices", handle_of_user },
	{ "GET", MANAGED, handle_all },
	{ "POST", MANAGED "/{}/syncDevice", handle_sync },
	{ NULL, NULL, NULL },
};
const struct dt_routes dt_device_routes = { DT_SURFACE_GRAPH, "/graph/", DT_AUDIENCE_GRAPH,
	graph_routes };

static const struct dt_route control_routes[] = {
	{ "POST", "/control/people/{}/devices", handle_change },
	{ NULL, NULL, NULL },
};
const struct dt_routes dt_change_device_routes = { DT_SURFACE_CONTROL, "/control/", NULL,
	control_routes };
