/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Graph: Intune apps and assignments. An app's document is its Graph object and two members that
 * are never shown: "polls" (until it is published) and "versions" (content versions made so far).
 */
#include "ad/file.h"
#include "ad/text.h"
#include "blob.h"
#include "content.h"
#include "graph.h"
#include "intune_body.h"
#include "parts.h"

#include <string.h>

#define PAGE 100

static void app_save(struct dt_tenant *tenant, const struct ad_json *app)
{
	dt_put(tenant->store, DT_APPS, ad_json_str(app, "id"), "", app);
}

/* The app of the second argument, or NULL after a 404. */
static struct ad_json *app_of(struct dt_request *req)
{
	struct ad_json *app = dt_get(req->tenant->store, req->arena, DT_APPS, req->args[1]);

	if (!app)
		dt_reply_error(
			req, 404, "ResourceNotFound", "Resource '%s' was not found", req->args[1]);
	return app;
}

/* As Graph shows it; each look brings a pending state nearer. */
static struct ad_json *app_shown(struct dt_request *req, struct ad_json *app)
{
	int64_t polls = ad_json_int(app, "polls", 0);

	if (ad_text_eq(ad_json_str(app, "publishingState"), "processing")) {
		if (polls > 0)
			ad_json_set_int(req->arena, app, "polls", polls - 1);
		else
			ad_json_set_str(req->arena, app, "publishingState", "published");
		app_save(req->tenant, app);
	}
	struct ad_json *shown = ad_json_copy(req->arena, app);
	ad_json_remove(shown, "polls");
	ad_json_remove(shown, "versions");
	return shown;
}

static void handle_create(struct dt_request *req)
{
	struct ad_json *body = dt_graph_body(req);
	struct ad_err err;

	if (!body)
		return;
	if (dt_intune_check_app(body, dt_graph_is_beta(req), true, &err)) {
		dt_graph_bad(req, "%s", err.text);
		return;
	}
	if (ad_json_text(ad_json_get(body, "committedContentVersion"))) {
		dt_graph_bad(req, "A new app has no content yet.");
		return;
	}
	struct ad_json *app = ad_json_copy(req->arena, body);
	ad_json_set_str(req->arena, app, "id", dt_guid(req->arena));
	ad_json_set_str(req->arena, app, "createdDateTime", dt_now(req->arena));
	ad_json_set_str(req->arena, app, "lastModifiedDateTime", dt_now(req->arena));
	ad_json_set_str(req->arena, app, "publishingState", "notPublished");
	ad_json_set_str(req->arena, app, "committedContentVersion", NULL);
	ad_json_set_int(req->arena, app, "size", 0);
	app_save(req->tenant, app);
	dt_graph_reply(req, 201, app_shown(req, app), NULL);
}

static void handle_list(struct dt_request *req)
{
	struct ad_json *all = ad_json_new_array(req->arena);

	DT_EACH(doc, req->tenant->store, DT_APPS)
	{
		struct ad_json *app = dt_doc_json(req->arena, doc);

		ad_json_remove(app, "polls");
		ad_json_remove(app, "versions");
		ad_json_append(req->arena, all, app);
	}
	dt_graph_reply_list(req, all, NULL, PAGE);
}

static void handle_get(struct dt_request *req)
{
	struct ad_json *app = app_of(req);

	if (app)
		dt_graph_reply(req, 200, app_shown(req, app), NULL);
}

/* A committed version makes the app publish itself. Answers 400 when it is none. */
static bool refuse_version(struct dt_request *req, struct ad_json *app, const char *version)
{
	if (!dt_content_committed(req->tenant, req->arena, ad_json_str(app, "id"), version)) {
		dt_graph_bad(req, "Content version '%s' of the app is not committed.", version);
		return true;
	}
	ad_json_set_str(req->arena, app, "publishingState", "processing");
	ad_json_set_int(req->arena, app, "polls", dt_setting(req->tenant, "pending_polls"));
	return false;
}

static void handle_change(struct dt_request *req)
{
	struct ad_json *app = app_of(req);
	struct ad_json *body = app ? dt_graph_body(req) : NULL;
	const char *version = ad_json_str(body, "committedContentVersion");
	struct ad_err err;

	if (!body)
		return;
	if (dt_intune_check_app(body, dt_graph_is_beta(req), false, &err)) {
		dt_graph_bad(req, "%s", err.text);
		return;
	}
	if (version && refuse_version(req, app, version))
		return;
	AD_JSON_EACH(member, body)
	ad_json_set(req->arena, app, ad_json_name(member), ad_json_copy(req->arena, member));
	ad_json_set_str(req->arena, app, "lastModifiedDateTime", dt_now(req->arena));
	app_save(req->tenant, app);
	dt_reply_empty(req, 204);
}

static void drop_tagged(struct dt_request *req, enum dt_kind kind, const char *tag)
{
	const struct dt_doc *doc = dt_first(req->tenant->store, kind);

	while (doc) {
		const struct dt_doc *next = doc->next;

		if (ad_text_eq(doc->tag, tag))
			dt_drop(req->tenant->store, kind, doc->id);
		doc = next;
	}
}

static void drop_blobs(struct dt_request *req, const char *app_id)
{
	struct ad_err err;

	DT_EACH(doc, req->tenant->store, DT_FILES)
	{
		const char *path = dt_blob_path(req->tenant, req->arena, doc->id);
		static const char *const kinds[] = { "", ".blocks", ".zip" };

		if (!ad_text_eq(doc->tag, app_id))
			continue;
		dt_drop(req->tenant->store, DT_BLOBS, doc->id);
		for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
			if (ad_file_remove_tree(
				    ad_printf(req->arena, "%s%s", path, kinds[i]), &err))
				fprintf(stderr, "appdesk-devtenant: %s\n", err.text);
	}
}

static void handle_delete(struct dt_request *req)
{
	struct ad_json *app = app_of(req);

	if (!app)
		return;
	const char *id = ad_json_str(app, "id");
	drop_blobs(req, id);
	drop_tagged(req, DT_FILES, id);
	drop_tagged(req, DT_ASSIGNMENTS, id);
	dt_drop(req->tenant->store, DT_APPS, id);
	dt_reply_empty(req, 204);
}

/* Answers 400 unless the app can be assigned. */
static bool unpublished(struct dt_request *req, const struct ad_json *app)
{
	if (ad_text_eq(ad_json_str(app, "publishingState"), "published"))
		return false;
	dt_graph_bad(req,
		"The MobileApp app's PublishingState is not 'Published' and cannot be assigned.");
	return true;
}

static bool same_target(const struct ad_json *a, const struct ad_json *b)
{
	const struct ad_json *target_a = ad_json_get(a, "target");
	const struct ad_json *target_b = ad_json_get(b, "target");

	return ad_text_eq(dt_member(target_a, "@odata.type"), dt_member(target_b, "@odata.type")) &&
	       ad_text_eq(ad_json_str(target_a, "groupId"), ad_json_str(target_b, "groupId"));
}

/* Shape, the group, and that nobody gets the app twice. others: what is assigned beside it. */
static int check_assignment(struct dt_request *req, const struct ad_json *assignment,
	const struct ad_json *others, struct ad_err *err)
{
	const struct ad_json *target = ad_json_get(assignment, "target");
	const char *type = dt_member(target, "@odata.type");
	const char *group = ad_json_str(target, "groupId");
	int rc = dt_intune_check_assignment(assignment, err);

	if (rc)
		return rc;
	if ((strstr(type, "roupAssignmentTarget")) &&
		!dt_find(req->tenant->store, DT_GROUPS, group))
		return AD_FAIL(err, AD_EINVAL, "There is no group '%s'.", group ? group : "");
	AD_JSON_EACH(other, others)
	if (other != assignment && same_target(other, assignment))
		return AD_FAIL(
			err, AD_EINVAL, "The MobileApp Assignment already exists for this target.");
	return 0;
}

static struct ad_json *assignment_save(
	struct dt_request *req, const char *app_id, const struct ad_json *assignment)
{
	struct ad_json *doc = ad_json_copy(req->arena, assignment);
	const char *group = ad_json_str(assignment, "target.groupId");
	const char *id = ad_printf(req->arena, "%s_0_0", group ? group : dt_guid(req->arena));

	ad_json_set_str(req->arena, doc, "id", id);
	dt_put(req->tenant->store, DT_ASSIGNMENTS, ad_printf(req->arena, "%s/%s", app_id, id),
		app_id, doc);
	return doc;
}

static void handle_assign(struct dt_request *req)
{
	struct ad_json *app = app_of(req);
	struct ad_json *body = app ? dt_graph_body(req) : NULL;
	const struct ad_json *list = ad_json_get(body, "mobileAppAssignments");
	struct ad_err err;

	if (!body || unpublished(req, app))
		return;
	if (ad_json_kind(list) != AD_JSON_ARRAY) {
		dt_graph_bad(req, "The parameter 'mobileAppAssignments' is missing.");
		return;
	}
	AD_JSON_EACH(assignment, list)
	if (check_assignment(req, assignment, list, &err)) {
		dt_graph_bad(req, "%s", err.text);
		return;
	}
	const char *id = ad_json_str(app, "id");
	drop_tagged(req, DT_ASSIGNMENTS, id);
	AD_JSON_EACH(assignment, list)
	assignment_save(req, id, assignment);
	dt_reply_empty(req, 204);
}

static void handle_add_assignment(struct dt_request *req)
{
	struct ad_json *app = app_of(req);
	struct ad_json *body = app ? dt_graph_body(req) : NULL;
	struct ad_err err;

	if (!body || unpublished(req, app))
		return;
	const char *id = ad_json_str(app, "id");
	if (check_assignment(
		    req, body, dt_list(req->tenant->store, req->arena, DT_ASSIGNMENTS, id), &err))
		dt_graph_bad(req, "%s", err.text);
	else
		dt_reply_json(req, 201, assignment_save(req, id, body));
}

static void handle_assignments(struct dt_request *req)
{
	struct ad_json *app = app_of(req);

	if (app)
		dt_graph_reply_list(req,
			dt_list(req->tenant->store, req->arena, DT_ASSIGNMENTS,
				ad_json_str(app, "id")),
			NULL, PAGE);
}

static void handle_remove_assignment(struct dt_request *req)
{
	const char *id = ad_printf(req->arena, "%s/%s", req->args[1], req->args[2]);

	if (!app_of(req))
		return;
	if (!dt_find(req->tenant->store, DT_ASSIGNMENTS, id)) {
		dt_reply_error(req, 404, "ResourceNotFound", "There is no such assignment");
		return;
	}
	dt_drop(req->tenant->store, DT_ASSIGNMENTS, id);
	dt_reply_empty(req, 204);
}

/* Supersedence and dependencies: beta only, and the whole set at once. */
static void handle_relationships(struct dt_request *req)
{
	struct ad_json *app = app_of(req);
	struct ad_json *body = app ? dt_graph_body(req) : NULL;
	const struct ad_json *list = ad_json_get(body, "relationships");

	if (!body)
		return;
	if (!dt_graph_is_beta(req) || ad_json_kind(list) != AD_JSON_ARRAY) {
		dt_graph_bad(req, "Resource not found for the segment 'updateRelationships'.");
		return;
	}
	AD_JSON_EACH(relation, list)
	if (!dt_find(req->tenant->store, DT_APPS, ad_json_str(relation, "targetId"))) {
		dt_graph_bad(req, "A relationship's target is no app.");
		return;
	}
	ad_json_set(req->arena, app, "relationships", ad_json_copy(req->arena, list));
	app_save(req->tenant, app);
	dt_reply_empty(req, 204);
}

#define APPS "/graph/{}/deviceAppManagement/mobileApps"
#define APP APPS "/{}"
#define CAST "/microsoft.graph.win32LobApp"

static const struct dt_route routes[] = {
	{ "POST", APPS, handle_create },
	{ "GET", APPS, handle_list },
	{ "GET", APP, handle_get },
	{ "GET", APP CAST, handle_get },
	{ "PATCH", APP, handle_change },
	{ "PATCH", APP CAST, handle_change },
	{ "DELETE", APP, handle_delete },
	{ "POST", APP "/assign", handle_assign },
	{ "GET", APP "/assignments", handle_assignments },
	{ "POST", APP "/assignments", handle_add_assignment },
	{ "DELETE", APP "/assignments/{}", handle_remove_assignment },
	{ "POST", APP "/updateRelationships", handle_relationships },
	{ NULL, NULL, NULL },
};
const struct dt_routes dt_intune_routes = { DT_SURFACE_GRAPH, "/graph/", DT_AUDIENCE_GRAPH,
	routes };
