/* SPDX-License-Identifier: Apache-2.0 */
/* People of the directory. */
#include "ad/graph.h"

#include "ad/text.h"
#include "call.h"

#define USER_FIELDS \
	"id,displayName,mail,userPrincipalName,accountEnabled,userType,department,jobTitle"

static void read_user(const struct ad_json *json, struct ad_graph_user *ret)
{
	*ret = (struct ad_graph_user){
		.oid = ad_graph_str(json, "id"),
		.name = ad_graph_str(json, "displayName"),
		.mail = ad_graph_str(json, "mail"),
		.upn = ad_graph_str(json, "userPrincipalName"),
		.department = ad_graph_str(json, "department"),
		.job_title = ad_graph_str(json, "jobTitle"),
		.enabled = ad_json_bool(json, "accountEnabled", true),
		.guest = ad_text_eq_nocase(ad_json_str(json, "userType"), "Guest"),
	};
}

static int get_user(const struct ad_graph *graph, struct ad_arena *arena, const char *what,
	const char *path, struct ad_graph_user *ret, struct ad_err *err)
{
	struct ad_json *json;
	int r = ad_graph_send(
		graph, arena, &(struct ad_graph_call){ .what = what, .path = path }, &json, err);
	if (r < 0)
		return r;
	read_user(json, ret);
	if (!ad_text_is_guid(ret->oid))
		return AD_FAIL(err, AD_EINVAL, "graph: %s: the answer has no id", what);
	return 0;
}

int ad_graph_user_get(const struct ad_graph *graph, struct ad_arena *arena, const char *oid,
	struct ad_graph_user *ret, struct ad_err *err)
{
	return get_user(graph, arena, "get person",
		ad_printf(arena, "/v1.0/users/%s?$select=" USER_FIELDS, ad_url_segment(arena, oid)),
		ret, err);
}

int ad_graph_manager_get(const struct ad_graph *graph, struct ad_arena *arena, const char *oid,
	struct ad_graph_user *ret, struct ad_err *err)
{
	return get_user(graph, arena, "get manager",
		ad_printf(arena, "/v1.0/users/%s/manager?$select=" USER_FIELDS,
			ad_url_segment(arena, oid)),
		ret, err);
}

int ad_graph_is_member(const struct ad_graph *graph, struct ad_arena *arena, const char *oid,
	const char *group_id, bool *ret, struct ad_err *err)
{
	struct ad_json *ids = ad_json_new_array(arena);
	ad_json_append(arena, ids, ad_json_new_string(arena, group_id));
	struct ad_json *body = ad_json_new_object(arena);
	ad_json_set(arena, body, "groupIds", ids);
	const struct ad_graph_call call = { .what = "check membership",
		.method = "POST",
		.path = ad_printf(
			arena, "/v1.0/users/%s/checkMemberGroups", ad_url_segment(arena, oid)),
		.body = body,
		.idempotent = true };
	struct ad_json *answer;
	int r = ad_graph_send(graph, arena, &call, &answer, err);
	if (r < 0)
		return r;
	bool member = false;
	AD_JSON_EACH(item, ad_json_get(answer, "value"))
	member |= ad_text_eq_nocase(ad_json_text(item), group_id);
	*ret = member;
	return 0;
}

/* ---- members ---- */

struct members {
	struct ad_graph_user *users;
	size_t count;
	size_t max;
	bool more;
};

static bool add_user(void *ctx, const struct ad_json *item)
{
	struct members *members = ctx;
	const char *type = ad_json_text(ad_json_get(item, "@odata.type"));
	if (type && !ad_text_eq(type, "#microsoft.graph.user"))
		return true; /* a device, a group inside the group */
	if (members->count == members->max) {
		members->more = true;
		return false;
	}
	read_user(item, &members->users[members->count++]);
	return true;
}

int ad_graph_group_members(const struct ad_graph *graph, struct ad_arena *arena,
	const char *group_id, size_t max, struct ad_graph_user **ret, size_t *ret_count,
	struct ad_err *err)
{
	AD_ASSERT(max <= AD_GRAPH_MEMBERS_MAX);
	struct members members = { .users = ad_alloc_array(arena, max, sizeof(*members.users)),
		.max = max };
	const struct ad_graph_call call = { .what = "list group members",
		.path = ad_printf(arena,
			"/v1.0/groups/%s/transitiveMembers?$select=" USER_FIELDS "&$top=999",
			ad_url_segment(arena, group_id)) };
	int r = ad_graph_each(graph, arena, &call, add_user, &members, err);
	if (r < 0)
		return r;
	*ret = members.users;
	*ret_count = members.count;
	return members.more
		       ? AD_FAIL(err, AD_ETOOBIG, "graph: group has more than %zu members", max)
		       : 0;
}
