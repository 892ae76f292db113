/* SPDX-License-Identifier: Apache-2.0 */
/* The bot's Teams app on a person's side. */
#include "ad/graph.h"

#include "ad/text.h"
#include "call.h"

/* The conversation needs no look-up of its own: the sender makes it, and gets the same one each
 * time. */
int ad_graph_install_app(const struct ad_graph *graph, struct ad_arena *arena, const char *oid,
	const char *app_id, struct ad_err *err)
{
	struct ad_json *body = ad_json_new_object(arena);
	ad_json_set_str(arena, body, "teamsApp@odata.bind",
		ad_printf(arena, "%s/v1.0/appCatalogs/teamsApps/%s", graph->base_url, app_id));
	const struct ad_graph_call call = { .what = "install Teams app",
		.method = "POST",
		.path = ad_printf(
			arena, "/v1.0/users/%s/teamwork/installedApps", ad_url_segment(arena, oid)),
		.body = body,
		.idempotent = true };
	int r = ad_graph_send(graph, arena, &call, NULL, err);
	return r == AD_ECONFLICT ? 0 : r;
}
