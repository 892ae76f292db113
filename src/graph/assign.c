/* SPDX-License-Identifier: Apache-2.0 */
/* Assignments of an app, one by one: the action that replaces the whole set is never used. */
#include "ad/graph/intune.h"

#include "ad/text.h"
#include "call.h"
#include "intune.h"

struct search {
	const char *group_id;
	const char *id; /* of the assignment; NULL: none */
	const char *intent;
};

static bool look(void *ctx, const struct ad_json *item)
{
	struct search *search = ctx;
	const struct ad_json *target = ad_json_get(item, "target");
	const char *type = ad_json_text(ad_json_get(target, "@odata.type"));
	if (!ad_text_eq(type, "#microsoft.graph.groupAssignmentTarget") ||
		!ad_text_eq_nocase(ad_json_str(target, "groupId"), search->group_id))
		return true;
	search->id = ad_graph_str(item, "id");
	search->intent = ad_graph_str(item, "intent");
	return false;
}

static int find(const struct ad_graph *graph, struct ad_arena *arena, const char *id,
	struct search *search, struct ad_err *err)
{
	const struct ad_graph_call call = { .what = "list assignments",
		.path = ad_graph_app_path(arena, id, "/assignments"),
		.total_ms = AD_GRAPH_INTUNE_MS };
	return ad_graph_each(graph, arena, &call, look, search, err);
}

static const char *intent_name(enum ad_graph_intent intent)
{
	return intent == AD_GRAPH_AVAILABLE ? "available" : "required";
}

static struct ad_json *assignment(
	struct ad_arena *arena, const char *group_id, enum ad_graph_intent intent)
{
	struct ad_json *target = ad_json_new_object(arena);
	ad_json_set_str(arena, target, "@odata.type", "#microsoft.graph.groupAssignmentTarget");
	ad_json_set_str(arena, target, "groupId", group_id);
	struct ad_json *settings = ad_json_new_object(arena);
	ad_json_set_str(
		arena, settings, "@odata.type", "#microsoft.graph.win32LobAppAssignmentSettings");
	ad_json_set_str(arena, settings, "notifications", "showAll");
	ad_json_set(arena, settings, "restartSettings", ad_json_new_null(arena));
	ad_json_set(arena, settings, "installTimeSettings", ad_json_new_null(arena));
	ad_json_set_str(arena, settings, "deliveryOptimizationPriority", "notConfigured");
	struct ad_json *body = ad_json_new_object(arena);
	ad_json_set_str(arena, body, "@odata.type", "#microsoft.graph.mobileAppAssignment");
	ad_json_set_str(arena, body, "intent", intent_name(intent));
	ad_json_set(arena, body, "target", target);
	ad_json_set(arena, body, "settings", settings);
	return body;
}

int ad_graph_app_assign(const struct ad_graph *graph, struct ad_arena *arena, const char *id,
	const char *group_id, enum ad_graph_intent intent, struct ad_err *err)
{
	struct ad_err room;
	struct ad_err *e = err ? err : &room;
	struct search search = { .group_id = group_id };
	int r = find(graph, arena, id, &search, e);
	if (r < 0)
		return r;
	if (search.id && !ad_text_eq(search.intent, intent_name(intent)))
		return AD_FAIL(e, AD_ECONFLICT,
			"graph: the group is assigned to the app with intent %s already",
			search.intent);
	if (search.id)
		return 0;
	const struct ad_graph_call call = { .what = "assign app",
		.method = "POST",
		.path = ad_graph_app_path(arena, id, "/assignments"),
		.body = assignment(arena, group_id, intent),
		.total_ms = AD_GRAPH_INTUNE_MS };
	r = ad_graph_send(graph, arena, &call, NULL, e);
	if (r == AD_ENOTFOUND)
		e->class = AD_CLASS_TRANSIENT; /* the group is too new to be seen */
	if (r != AD_EAMBIGUOUS && r != AD_ECONFLICT)
		return r;
	struct ad_err again;
	return find(graph, arena, id, &search, &again) == 0 && search.id ? 0 : r;
}

int ad_graph_app_unassign(const struct ad_graph *graph, struct ad_arena *arena, const char *id,
	const char *group_id, struct ad_err *err)
{
	struct search search = { .group_id = group_id };
	int r = find(graph, arena, id, &search, err);
	if (r == AD_ENOTFOUND || (r == 0 && !search.id))
		return 0;
	if (r < 0)
		return r;
	const struct ad_graph_call call = { .what = "remove assignment",
		.method = "DELETE",
		.path = ad_graph_app_path(arena, id,
			ad_printf(arena, "/assignments/%s", ad_url_segment(arena, search.id))),
		.total_ms = AD_GRAPH_INTUNE_MS };
	r = ad_graph_send(graph, arena, &call, NULL, err);
	return r == AD_ENOTFOUND ? 0 : r;
}
