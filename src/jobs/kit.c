/* SPDX-License-Identifier: Apache-2.0 */
/* Graph and the desk as a job uses them. */
#include "kit.h"

#include "ad/text.h"

#include <inttypes.h>

#define PATIENCE_MS 20000 /* of Graph calls, before the job itself waits */

static bool graph_pause(void *ctx, int64_t ms)
{
	return ad_job_pause(ctx, ms);
}

struct ad_graph ad_job_graph(struct ad_job_run *run)
{
	const struct ad_jobs_options *options = run->options;
	return (struct ad_graph){ .base_url = options->graph_base_url,
		.token = options->graph_token,
		.net = run->net,
		.allow_http_loopback = options->allow_loopback_http,
		.patience_ms = PATIENCE_MS,
		.pause = graph_pause,
		.pause_ctx = run };
}

struct ad_desk ad_job_desk(struct ad_job_run *run)
{
	const struct ad_jobs_options *options = run->options;
	return (struct ad_desk){ .db = run->db,
		.arena = run->arena,
		.cards = options->cards,
		.tenant_id = run->job.tenant_id,
		.node_id = options->node,
		.bot_app_id = options->bot_app_id,
		.mail = options->mail,
		.facts = &run->facts,
		.source = "system",
		.correlation_id = ad_printf(run->arena, "job-%" PRId64, run->job.id),
		.ip_address = "" };
}

int ad_job_gather(struct ad_job_run *run, struct ad_err *err)
{
	struct ad_desk desk = ad_job_desk(run);
	const struct ad_graph graph = ad_job_graph(run);
	return ad_desk_gather(&desk, &graph, err);
}

static int load_admins(struct ad_job_run *run, const struct ad_graph *graph, struct ad_desk *desk,
	struct ad_err *err)
{
	struct ad_graph_user *users;
	size_t count;
	if (ad_text_empty(desk->settings.admin_group_id))
		return 0; /* nobody is admin */
	int r = ad_graph_group_members(graph, run->arena, desk->settings.admin_group_id,
		AD_GRAPH_MEMBERS_MAX, &users, &count, err);
	if (r < 0)
		return r;
	struct ad_person *people = ad_alloc_array(run->arena, count, sizeof(*people));
	for (size_t i = 0; i < count; i++)
		people[i] = (struct ad_person){ .oid = users[i].oid,
			.name = users[i].name,
			.mail = users[i].mail,
			.locale = "",
			.is_admin = true };
	desk->admins = (struct ad_people){ .items = people, .count = count };
	return 0;
}

int ad_job_look_up_admins(struct ad_job_run *run, const struct ad_graph *graph,
	struct ad_desk *desk, struct ad_err *err)
{
	struct ad_err room;
	struct ad_err *e = err ? err : &room;
	int r = ad_desk_settings_load(run->db, run->arena, run->job.tenant_id, &desk->settings, e);
	if (r == 0)
		r = load_admins(run, graph, desk, e);
	return r < 0 && e->class == AD_CLASS_TRANSIENT ? r : 0;
}

void ad_job_hand_over(struct ad_job_run *run, const struct ad_desk *desk)
{
	run->notice_ids = desk->notice_ids;
	run->notices = desk->notices;
}
