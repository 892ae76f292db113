/* SPDX-License-Identifier: Apache-2.0 */
/* Groups that AppDesk makes and fills. */
#include "ad/graph.h"

#include "ad/text.h"
#include "call.h"

#define NICKNAME_MAX 64

/* ---- find or make ---- */

struct search {
	const char *marker;
	const char *id;
	const char *created;
};

/* The oldest one with our marker; times in one format sort as text. */
static bool look(void *ctx, const struct ad_json *item)
{
	struct search *search = ctx;
	const char *created = ad_graph_str(item, "createdDateTime");
	if (!strstr(ad_graph_str(item, "description"), search->marker))
		return true;
	if (search->id && strcmp(created, search->created) >= 0)
		return true;
	search->id = ad_graph_str(item, "id");
	search->created = created;
	return true;
}

static int find(const struct ad_graph *graph, struct ad_arena *arena,
	const struct ad_graph_group_wish *wish, const char **ret_id, struct ad_err *err)
{
	struct search search = { .marker = wish->marker };
	const char *filter =
		ad_printf(arena, "displayName eq '%s'", ad_graph_quote(arena, wish->name));
	const struct ad_graph_call call = { .what = "find group",
		.path = ad_printf(arena,
			"/v1.0/"
			"groups?$filter=%s&$select=id,displayName,description,createdDateTime",
			ad_url_segment(arena, filter)) };
	int r = ad_graph_each(graph, arena, &call, look, &search, err);
	*ret_id = search.id;
	return r;
}

/* Letters, digits, '-' and '_' of the name. */
static const char *nickname(struct ad_arena *arena, const char *name)
{
	char *nick = ad_alloc(arena, NICKNAME_MAX + 1);
	size_t len = 0;
	for (const char *p = name; *p && len < NICKNAME_MAX; p++)
		if ((*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') ||
			(*p >= '0' && *p <= '9') || *p == '-' || *p == '_')
			nick[len++] = *p;
	return len > 0 ? nick : "appdesk";
}

static int make(const struct ad_graph *graph, struct ad_arena *arena,
	const struct ad_graph_group_wish *wish, const char **ret_id, struct ad_err *err)
{
	struct ad_json *body = ad_json_new_object(arena);
	ad_json_set_str(arena, body, "displayName", wish->name);
	ad_json_set_str(arena, body, "description",
		ad_printf(arena, "Members get the app through AppDesk. %s", wish->marker));
	ad_json_set_bool(arena, body, "mailEnabled", false);
	ad_json_set_str(arena, body, "mailNickname", nickname(arena, wish->name));
	ad_json_set_bool(arena, body, "securityEnabled", true);
	const struct ad_graph_call call = {
		.what = "create group", .method = "POST", .path = "/v1.0/groups", .body = body
	};
	struct ad_json *answer;
	int r = ad_graph_send(graph, arena, &call, &answer, err);
	if (r < 0)
		return r;
	*ret_id = ad_json_str(answer, "id");
	if (!*ret_id)
		return AD_FAIL(err, AD_EAMBIGUOUS, "graph: create group: the answer has no id");
	return 0;
}

int ad_graph_group_ensure(const struct ad_graph *graph, struct ad_arena *arena,
	const struct ad_graph_group_wish *wish, char **ret_id, struct ad_err *err)
{
	const char *id = NULL;
	int r = find(graph, arena, wish, &id, err);
	if (r == 0 && !id) {
		r = make(graph, arena, wish, &id, err);
		if (r == AD_EAMBIGUOUS) {
			struct ad_err again;
			if (find(graph, arena, wish, &id, &again) == 0 && id)
				r = 0;
		}
	}
	if (r == 0)
		*ret_id = ad_strdup(arena, id);
	return r;
}

/* ---- members ---- */

static int add_member(const struct ad_graph *graph, struct ad_arena *arena, const char *group_id,
	const char *oid, struct ad_err *err)
{
	struct ad_json *body = ad_json_new_object(arena);
	ad_json_set_str(arena, body, "@odata.id",
		ad_printf(arena, "%s/v1.0/directoryObjects/%s", graph->base_url, oid));
	const struct ad_graph_call call = { .what = "add group member",
		.method = "POST",
		.path = ad_printf(
			arena, "/v1.0/groups/%s/members/$ref", ad_url_segment(arena, group_id)),
		.body = body,
		.idempotent = true };
	int r = ad_graph_send(graph, arena, &call, NULL, err);
	if (r == AD_EINVAL && strstr(err->text, "already exist"))
		return 0;
	return r;
}

int ad_graph_group_add_member(const struct ad_graph *graph, struct ad_arena *arena,
	const char *group_id, const char *oid, struct ad_err *err)
{
	struct ad_err room;
	struct ad_err *e = err ? err : &room;
	struct ad_graph_poll poll = { 0 };
	for (;;) {
		int r = add_member(graph, arena, group_id, oid, e);
		if (r != AD_ENOTFOUND)
			return r;
		e->class = AD_CLASS_TRANSIENT;
		if (poll.waited_ms >= graph->patience_ms)
			return r;
		int stopped = ad_graph_poll_wait(graph, &poll, "add group member", e);
		if (stopped < 0)
			return stopped;
	}
}

int ad_graph_group_remove_member(const struct ad_graph *graph, struct ad_arena *arena,
	const char *group_id, const char *oid, struct ad_err *err)
{
	const struct ad_graph_call call = { .what = "remove group member",
		.method = "DELETE",
		.path = ad_printf(arena, "/v1.0/groups/%s/members/%s/$ref",
			ad_url_segment(arena, group_id), ad_url_segment(arena, oid)) };
	int r = ad_graph_send(graph, arena, &call, NULL, err);
	return r == AD_ENOTFOUND ? 0 : r;
}
