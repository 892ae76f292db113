/* SPDX-License-Identifier: Apache-2.0 */
/* Win32 apps of Intune: find, make, publish, delete. */
#include "ad/graph/intune.h"

#include "ad/text.h"
#include "call.h"
#include "intune.h"

const char *ad_graph_app_path(struct ad_arena *arena, const char *id, const char *rest)
{
	return ad_printf(arena, AD_GRAPH_APPS "/%s%s", ad_url_segment(arena, id), rest);
}

static void read_app(const struct ad_json *json, struct ad_graph_app *ret)
{
	*ret = (struct ad_graph_app){
		.id = ad_graph_str(json, "id"),
		.name = ad_graph_str(json, "displayName"),
		.notes = ad_graph_str(json, "notes"),
		.publishing_state = ad_graph_str(json, "publishingState"),
		.committed_version = ad_graph_str(json, "committedContentVersion"),
	};
}

/* ---- find ---- */

struct search {
	const char *marker;
	struct ad_graph_app found; /* id NULL: none */
};

static bool look(void *ctx, const struct ad_json *item)
{
	struct search *search = ctx;
	struct ad_graph_app app;
	read_app(item, &app);
	if (!strstr(app.notes, search->marker))
		return true;
	bool published = ad_text_eq(app.publishing_state, "published");
	if (!search->found.id || published)
		search->found = app;
	return !published;
}

int ad_graph_app_find(const struct ad_graph *graph, struct ad_arena *arena, const char *marker,
	struct ad_graph_app *ret, struct ad_err *err)
{
	struct search search = { .marker = marker };
	const char *filter =
		ad_printf(arena, "isof('microsoft.graph.win32LobApp') and contains(notes,'%s')",
			ad_graph_quote(arena, marker));
	const struct ad_graph_call call = { .what = "find app",
		.path = ad_printf(
			arena, AD_GRAPH_APPS "?$filter=%s", ad_url_segment(arena, filter)),
		.total_ms = AD_GRAPH_INTUNE_MS };
	int r = ad_graph_each(graph, arena, &call, look, &search, err);
	if (r < 0)
		return r;
	if (!search.found.id)
		return AD_FAIL(err, AD_ENOTFOUND, "graph: no app with marker %s", marker);
	*ret = search.found;
	return 0;
}

int ad_graph_app_get(const struct ad_graph *graph, struct ad_arena *arena, const char *id,
	struct ad_graph_app *ret, struct ad_err *err)
{
	struct ad_json *json;
	const struct ad_graph_call call = { .what = "get app",
		.path = ad_graph_app_path(arena, id, ""),
		.total_ms = AD_GRAPH_INTUNE_MS };
	int r = ad_graph_send(graph, arena, &call, &json, err);
	if (r == 0)
		read_app(json, ret);
	return r;
}

/* ---- make and delete ---- */

static int create(const struct ad_graph *graph, struct ad_arena *arena, const struct ad_json *body,
	struct ad_graph_app *ret, struct ad_err *err)
{
	struct ad_json *json;
	const struct ad_graph_call call = { .what = "create app",
		.method = "POST",
		.path = AD_GRAPH_APPS,
		.body = body,
		.total_ms = AD_GRAPH_INTUNE_MS };
	int r = ad_graph_send(graph, arena, &call, &json, err);
	if (r < 0)
		return r;
	read_app(json, ret);
	if (*ret->id == '\0')
		return AD_FAIL(err, AD_EAMBIGUOUS, "graph: create app: the answer has no id");
	return 0;
}

int ad_graph_app_ensure(const struct ad_graph *graph, struct ad_arena *arena,
	const struct ad_json *body, const char *marker, struct ad_graph_app *ret,
	struct ad_err *err)
{
	AD_ASSERT(strstr(ad_graph_str(body, "notes"), marker));
	int r = ad_graph_app_find(graph, arena, marker, ret, err);
	if (r != AD_ENOTFOUND)
		return r;
	r = create(graph, arena, body, ret, err);
	if (r != AD_EAMBIGUOUS)
		return r;
	struct ad_err again;
	return ad_graph_app_find(graph, arena, marker, ret, &again) == 0 ? 0 : r;
}

int ad_graph_app_delete(
	const struct ad_graph *graph, struct ad_arena *arena, const char *id, struct ad_err *err)
{
	const struct ad_graph_call call = { .what = "delete app",
		.method = "DELETE",
		.path = ad_graph_app_path(arena, id, ""),
		.total_ms = AD_GRAPH_INTUNE_MS };
	int r = ad_graph_send(graph, arena, &call, NULL, err);
	return r == AD_ENOTFOUND ? 0 : r;
}

/* ---- publish ---- */

static int name_content(const struct ad_graph *graph, struct ad_arena *arena, const char *id,
	const char *content_version, struct ad_err *err)
{
	struct ad_json *body = ad_json_new_object(arena);
	ad_json_set_str(arena, body, "@odata.type", "#microsoft.graph.win32LobApp");
	ad_json_set_str(arena, body, "committedContentVersion", content_version);
	const struct ad_graph_call call = { .what = "publish app",
		.method = "PATCH",
		.path = ad_graph_app_path(arena, id, ""),
		.body = body,
		.idempotent = true,
		.total_ms = AD_GRAPH_INTUNE_MS };
	return ad_graph_send(graph, arena, &call, NULL, err);
}

int ad_graph_app_publish(const struct ad_graph *graph, struct ad_arena *arena, const char *id,
	const char *content_version, struct ad_err *err)
{
	struct ad_graph_app app;
	struct ad_graph_poll poll = { 0 };
	int r = ad_graph_app_get(graph, arena, id, &app, err);
	if (r == 0 && !ad_text_eq(app.committed_version, content_version))
		r = name_content(graph, arena, id, content_version, err);
	while (r == 0) {
		r = ad_graph_app_get(graph, arena, id, &app, err);
		if (r == 0 && ad_text_eq(app.publishing_state, "published"))
			return 0;
		if (r == 0)
			r = ad_graph_poll_wait(graph, &poll, "publish app", err);
	}
	return r;
}
