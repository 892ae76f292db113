/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Microsoft Graph, the Intune part: Win32 apps and their assignments (packaging.md 5.1, 5.5). Graph
 * has no idempotency keys, so each app carries our marker in its notes and is looked for before it
 * is made.
 */
#ifndef AD_GRAPH_INTUNE_H
#define AD_GRAPH_INTUNE_H

#include "ad/graph.h"

struct ad_graph_app {
	const char *id;
	const char *name;
	const char *notes;
	const char *publishing_state;  /* "notPublished", "processing", "published" */
	const char *committed_version; /* of its content, or "" */
	const char *created_at;        /* as Graph writes it */
};

/* With one marker; more than one is a race that is being cleared up. */
#define AD_GRAPH_APPS_MAX 32

/* The Win32 apps whose notes hold marker (a part of one will do): the published one first, then by
 * age, oldest first; at most AD_GRAPH_APPS_MAX. */
AD_MUST int ad_graph_apps_find(const struct ad_graph *graph, struct ad_arena *arena,
	const char *marker, const struct ad_graph_app **ret, size_t *ret_count, struct ad_err *err);

/* AD_ENOTFOUND. */
AD_MUST int ad_graph_app_get(const struct ad_graph *graph, struct ad_arena *arena, const char *id,
	struct ad_graph_app *ret, struct ad_err *err);

/*
 * Makes an app from a win32LobApp object, whose first member is "@odata.type" and whose notes hold
 * marker; or finds the one that an earlier try has made. Two that do this at once end with one app:
 * each looks again afterwards, all keep the first of ad_graph_apps_find, and the others go.
 */
AD_MUST int ad_graph_app_ensure(const struct ad_graph *graph, struct ad_arena *arena,
	const struct ad_json *body, const char *marker, struct ad_graph_app *ret,
	struct ad_err *err);

/* A missing app is success. */
AD_MUST int ad_graph_app_delete(
	const struct ad_graph *graph, struct ad_arena *arena, const char *id, struct ad_err *err);

/* Names the committed content and waits until the app is published. */
AD_MUST int ad_graph_app_publish(const struct ad_graph *graph, struct ad_arena *arena,
	const char *id, const char *content_version, struct ad_err *err);

enum ad_graph_intent { AD_GRAPH_REQUIRED = 0, AD_GRAPH_AVAILABLE };

/* Assigns the app to a group; other assignments stay as they are. Being assigned already is
 * success. */
AD_MUST int ad_graph_app_assign(const struct ad_graph *graph, struct ad_arena *arena,
	const char *id, const char *group_id, enum ad_graph_intent intent, struct ad_err *err);

/* Takes one group's assignment away. A missing app or assignment is success. */
AD_MUST int ad_graph_app_unassign(const struct ad_graph *graph, struct ad_arena *arena,
	const char *id, const char *group_id, struct ad_err *err);

#endif
