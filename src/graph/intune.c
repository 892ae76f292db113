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
		.created_at = ad_graph_str(json, "createdDateTime"),
	};
}

/* ---- find ---- */

struct search {
	const char *marker;
	struct ad_graph_app *apps; /* AD_GRAPH_APPS_MAX */
	size_t count;
};

static bool look(void *ctx, const struct ad_json *item)
{
	struct search *search = ctx;
	struct ad_graph_app *app = &search->apps[search->count];
	read_app(item, app);
	if (strstr(app->notes, search->marker))
		search->count++;
	return search->count < AD_GRAPH_APPS_MAX;
}

static bool is_published(const struct ad_graph_app *app)
{
	return ad_text_eq(app->publishing_state, "published");
}

/* The same order for everybody who looks. */
static int by_preference(const void *a, const void *b)
{
	const struct ad_graph_app *x = a;
	const struct ad_graph_app *y = b;
	if (is_published(x) != is_published(y))
		return is_published(x) ? -1 : 1;
	int order = strcmp(x->created_at, y->created_at);
	return order ? order : strcmp(x->id, y->id);
}

int ad_graph_apps_find(const struct ad_graph *graph, struct ad_arena *arena, const char *marker,
	const struct ad_graph_app **ret, size_t *ret_count, struct ad_err *err)
{
	struct search search = { .marker = marker,
		.apps = ad_alloc_array(arena, AD_GRAPH_APPS_MAX, sizeof(*search.apps)) };
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
	qsort(search.apps, search.count, sizeof(*search.apps), by_preference);
	*ret = search.apps;
	*ret_count = search.count;
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

/* The app to keep among all with the marker; the others are deleted. AD_ENOTFOUND. */
static int keep_one(const struct ad_graph *graph, struct ad_arena *arena, const char *marker,
	struct ad_graph_app *ret, struct ad_err *err)
{
	const struct ad_graph_app *apps;
	size_t count;
	int r = ad_graph_apps_find(graph, arena, marker, &apps, &count, err);
	if (r < 0)
		return r;
	if (count == 0)
		return AD_FAIL(err, AD_ENOTFOUND, "graph: no app with marker %s", marker);
	for (size_t i = 1; i < count; i++) {
		r = ad_graph_app_delete(graph, arena, apps[i].id, err);
		if (r < 0)
			return r;
	}
	*ret = apps[0];
	return 0;
}

int ad_graph_app_ensure(const struct ad_graph *graph, struct ad_arena *arena,
	const struct ad_json *body, const char *marker, struct ad_graph_app *ret,
	struct ad_err *err)
{
	AD_ASSERT(strstr(ad_graph_str(body, "notes"), marker));
	int r = keep_one(graph, arena, marker, ret, err);
	if (r != AD_ENOTFOUND)
		return r;
	struct ad_err again;
	struct ad_graph_app kept;
	r = create(graph, arena, body, ret, err);
	if (r < 0 && r != AD_EAMBIGUOUS)
		return r;
	/* A list that does not show the new app yet leaves what create has said. */
	if (keep_one(graph, arena, marker, &kept, &again) == 0) {
		*ret = kept;
		r = 0;
	}
	return r;
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
