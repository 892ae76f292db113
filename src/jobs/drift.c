/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kind `drift`: once an hour the members of each app's group are held against the grants. Who
 * has a grant and is no member is put back at once; who is a member without a grant is the admins'
 * business. Memberships that an admin wants gone go first.
 */
#include "kit.h"

#include "ad/desk/drift.h"
#include "ad/log.h"
#include "ad/store/drifts.h"
#include "ad/text.h"

extern const struct ad_job_kind ad_job_kind_drift;

struct look {
	struct ad_drift_group group;
	const char *const *restored;
	size_t restored_count;
	int64_t *removed;
	size_t removed_count;
	bool frozen;
};

static int remove_some(
	struct ad_job_run *run, const struct ad_graph *graph, struct look *look, struct ad_err *err)
{
	struct ad_drift_list list;
	int r = ad_store_drift_removals(run->db, run->arena, run->job.tenant_id, &list, err);
	if (r < 0)
		return r;
	look->removed = ad_alloc_array(run->arena, list.count + 1, sizeof(*look->removed));
	for (size_t i = 0; r == 0 && i < list.count; i++) {
		r = ad_graph_group_remove_member(
			graph, run->arena, list.items[i].group_id, list.items[i].oid, err);
		if (r == 0)
			look->removed[look->removed_count++] = list.items[i].id;
	}
	return look->removed_count > 0 ? 0 : r;
}

/* The group's people; a group that is gone has none, but then nothing is put back into it. */
static int read_group(struct ad_job_run *run, const struct ad_graph *graph, struct look *look,
	bool *ret_whole, struct ad_err *err)
{
	struct ad_graph_user *users = NULL;
	size_t count = 0;
	int r = ad_graph_group_members(
		graph, run->arena, look->group.group_id, AD_GRAPH_MEMBERS_MAX, &users, &count, err);
	*ret_whole = r == 0;
	if (r == AD_ETOOBIG || r == AD_ENOTFOUND) {
		ad_log(AD_LOG_WARN, "jobs", "the members of an app's group cannot be compared",
			"group", look->group.group_id, "why", ad_err_code_name(r), NULL);
		count = 0;
		r = 0;
	}
	const char **oids = ad_alloc_array(run->arena, count + 1, sizeof(*oids));
	const char **names = ad_alloc_array(run->arena, count + 1, sizeof(*names));
	for (size_t i = 0; r == 0 && i < count; i++) {
		oids[i] = ad_text_lower(run->arena, users[i].oid);
		names[i] = users[i].name;
	}
	look->group.oids = oids;
	look->group.names = names;
	look->group.count = count;
	return r;
}

static int restore(
	struct ad_job_run *run, const struct ad_graph *graph, struct look *look, struct ad_err *err)
{
	const char *const *missing;
	size_t count;
	int r = ad_store_drift_missing(run->db, run->arena, &look->group, &missing, &count, err);
	for (size_t i = 0; r == 0 && i < count; i++)
		r = ad_graph_group_add_member(
			graph, run->arena, look->group.group_id, missing[i], err);
	look->restored = missing;
	look->restored_count = count;
	return r;
}

static int compare(struct ad_job_run *run, struct ad_json *result, struct ad_err *err)
{
	const struct ad_graph graph = ad_job_graph(run);
	struct ad_desk_settings settings;
	struct look *look = run->state = ad_alloc(run->arena, sizeof(*look));
	bool whole = false;
	(void)result;
	look->group.tenant_id = run->job.tenant_id;
	int r = ad_desk_settings_load(run->db, run->arena, run->job.tenant_id, &settings, err);
	look->frozen = r == 0 && settings.frozen;
	if (r < 0 || look->frozen)
		return r;
	r = remove_some(run, &graph, look, err);
	if (r == 0)
		r = ad_store_drift_next(run->db, run->arena, run->job.tenant_id,
			run->options->drift_every_s, &look->group.app_id, &look->group.group_id,
			err);
	if (r < 0 || look->group.app_id == 0)
		return r;
	r = read_group(run, &graph, look, &whole, err);
	return r == 0 && whole ? restore(run, &graph, look, err) : r;
}

static int note(struct ad_job_run *run, struct ad_json *result, struct ad_err *err)
{
	const struct look *look = run->state;
	struct ad_desk desk = ad_job_desk(run);
	int r = 0;
	(void)result;
	if (look->removed_count > 0)
		r = ad_store_drift_removed(
			run->db, run->arena, look->removed, look->removed_count, err);
	if (r == 0 && look->group.app_id != 0)
		r = ad_desk_settings_load(
			run->db, run->arena, run->job.tenant_id, &desk.settings, err);
	if (r == 0 && look->group.app_id != 0)
		r = ad_desk_drift_note(
			&desk, &look->group, look->restored, look->restored_count, err);
	ad_job_hand_over(run, &desk);
	if (r < 0)
		return r;
	/* One app in each claim: its members do not stay in memory. */
	bool more = look->group.app_id != 0 || look->removed_count > 0;
	run->later_ms = more ? 0 : (int64_t)run->options->drift_every_s * 1000;
	return AD_JOB_LATER;
}

static const struct ad_job_step_spec steps[] = {
	{ "compare", compare, note, NULL },
};

const struct ad_job_kind ad_job_kind_drift = {
	.name = AD_JOB_DRIFT,
	.is_short = true,
	.is_standing = true,
	.steps = steps,
	.steps_count = sizeof(steps) / sizeof(steps[0]),
	AD_JOB_UPKEEP,
};
