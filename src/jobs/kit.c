/* SPDX-License-Identifier: Apache-2.0 */
/* Graph and the desk as a job uses them. */
#include "kit.h"

#include "ad/store/groups.h"
#include "ad/store/users.h"
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

/* AD_EUNAVAIL when nobody is known either. */
static int recall_admins(struct ad_job_run *run, struct ad_desk *desk, struct ad_err *err)
{
	struct ad_user *users;
	size_t count;
	int r = ad_store_members_known(run->db, run->arena, run->job.tenant_id,
		desk->settings.admin_group_id, AD_GRAPH_MEMBERS_MAX, &users, &count, err);
	if (r < 0)
		return r;
	if (count == 0)
		return AD_FAIL(err, AD_EUNAVAIL, "the directory does not say who is an admin");
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
	if (r < 0)
		return r;
	r = load_admins(run, graph, desk, e);
	if (r == 0 || r == AD_ENOTFOUND)
		return 0;
	bool passes = e->class == AD_CLASS_TRANSIENT;
	r = recall_admins(run, desk, e);
	return passes ? r : 0;
}

void ad_job_hand_over(struct ad_job_run *run, const struct ad_desk *desk)
{
	size_t count = run->notices + desk->notices;
	int64_t *ids = ad_alloc_array(run->arena, count, sizeof(*ids));
	for (size_t i = 0; i < count; i++)
		ids[i] = i < run->notices ? run->notice_ids[i] : desk->notice_ids[i - run->notices];
	run->notice_ids = ids;
	run->notices = count;
}

struct ad_desk_job_report ad_job_report(const struct ad_job_run *run, const struct ad_job_end *end)
{
	return (struct ad_desk_job_report){ .job_id = run->job.id,
		.step = end->step,
		.state = end->state,
		.attempts = run->job.attempts,
		.error_text = end->err->text,
		.error_name = ad_err_code_name(end->err->code) };
}
