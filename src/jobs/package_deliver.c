/* SPDX-License-Identifier: Apache-2.0 */
/*
 * assign and deliver: the app's group is assigned to the Intune app, and who waits joins the group.
 * Somebody whose request is approved while this happens is served in a further round: the job's row
 * is held when the last count is made, and a new request touches that row.
 */
#include "kit.h"
#include "package.h"

#include "ad/graph/intune.h"
#include "ad/store/evidence.h"
#include "ad/text.h"

#include <inttypes.h>

/* ---- assign ---- */

/* The group of the app, made and remembered on first use. */
static int need_group(struct ad_job_run *run, const char **ret, struct ad_err *err)
{
	struct ad_package *package = ad_package_of(run);
	const struct ad_app *app = &package->app;
	if (!ad_text_empty(app->group_id)) {
		*ret = app->group_id;
		return 0;
	}
	const struct ad_graph_group_wish wish = {
		.name = ad_utf8_cut(run->arena, ad_printf(run->arena, "AppDesk - %s", app->name),
			AD_GRAPH_GROUP_NAME_MAX),
		.marker = ad_printf(run->arena, "[AppDesk|app|%" PRId64 "]", app->id),
	};
	char *made;
	int r = ad_graph_group_ensure(&package->graph, run->arena, &wish, &made, err);
	return r < 0 ? r : ad_store_app_claim_group(run->db, run->arena, app->id, made, ret, err);
}

static const char *intune_app(const struct ad_job_run *run)
{
	const char *standing = ad_json_str(ad_job_result(run, "resolve"), "intune_app_id");
	return standing ? standing : ad_json_str(ad_job_result(run, "create"), "app_id");
}

/* Two versions required for one group would fight on its devices: each undoes the other. */
static int retire_others(struct ad_job_run *run, const char *group_id, struct ad_err *err)
{
	const struct ad_package *package = ad_package_of(run);
	struct ad_app_version *others;
	size_t count;
	int r = ad_store_app_versions_other(run->db, run->arena, package->app.id,
		ad_json_str(ad_job_result(run, "resolve"), "version"), &others, &count, err);
	for (size_t i = 0; r == 0 && i < count; i++)
		if (!ad_text_eq(others[i].intune_app_id, intune_app(run)))
			r = ad_graph_app_unassign(&package->graph, run->arena,
				others[i].intune_app_id, group_id, err);
	return r;
}

int ad_package_assign(struct ad_job_run *run, struct ad_json *result, struct ad_err *err)
{
	const char *group_id;
	int r = need_group(run, &group_id, err);
	if (r == 0)
		r = ad_graph_app_assign(&ad_package_of(run)->graph, run->arena, intune_app(run),
			group_id, AD_GRAPH_REQUIRED, err);
	if (r == 0)
		r = retire_others(run, group_id, err);
	if (r < 0)
		return r;
	ad_json_set_str(run->arena, result, "intune_app_id", intune_app(run));
	ad_json_set_str(run->arena, result, "group_id", group_id);
	return 0;
}

/* ---- deliver ---- */

/* Everybody who can be added is added; one who cannot must not keep the others waiting. */
static int add_people(
	struct ad_job_run *run, const char *const *people, size_t count, struct ad_err *err)
{
	struct ad_package *package = ad_package_of(run);
	const char *group_id = ad_json_str(ad_job_result(run, "assign"), "group_id");
	struct ad_err first = { 0 };
	package->people = ad_alloc_array(run->arena, count, sizeof(*package->people));
	package->people_count = 0;
	for (size_t i = 0; i < count; i++) {
		struct ad_err one;
		int r = ad_graph_group_add_member(
			&package->graph, run->arena, group_id, people[i], &one);
		if (r == 0)
			package->people[package->people_count++] = people[i];
		else if (r == AD_EBUSY)
			return AD_FAIL(err, r, "stopped");
		else if (first.code == 0)
			first = one;
	}
	if (count == 0 || package->people_count > 0)
		return 0;
	if (err)
		*err = first;
	return first.code;
}

int ad_package_deliver(struct ad_job_run *run, struct ad_json *result, struct ad_err *err)
{
	const char *const *people;
	size_t count;
	struct ad_desk *desk = &ad_package_of(run)->desk;
	int r = ad_package_load_settings(run, err);
	if (r == 0)
		r = ad_desk_waiting_people(desk, ad_package_of(run)->app.id, &people, &count, err);
	if (r == 0)
		r = add_people(run, people, count, err);
	if (r == 0)
		ad_json_set_int(
			run->arena, result, "people", (int64_t)ad_package_of(run)->people_count);
	return r;
}

/* One that not every package has. */
static void keep_fact(struct ad_arena *arena, struct ad_json *chain, const struct ad_json *fetched,
	const char *name)
{
	const struct ad_json *fact = ad_json_get(fetched, name);
	if (fact)
		ad_json_set(arena, chain, name, ad_json_copy(arena, fact));
}

/* The whole chain of a package that this job has made, from index to assignment. */
static const char *chain_of(struct ad_job_run *run)
{
	const struct ad_json *wrapped = ad_job_result(run, "wrap");
	struct ad_arena *arena = run->arena;
	struct ad_json *package = ad_json_new_object(arena);
	ad_json_set_str(arena, package, "plain_zip_sha256", ad_json_str(wrapped, "digest"));
	ad_json_set_str(arena, package, "mac", ad_json_str(wrapped, "mac"));
	ad_json_set_int(arena, package, "size", ad_json_int(wrapped, "size", 0));
	ad_json_set_int(
		arena, package, "size_encrypted", ad_json_int(wrapped, "size_encrypted", 0));
	ad_json_set(arena, package, "plan", ad_json_copy(arena, ad_json_get(wrapped, "plan")));
	struct ad_json *intune = ad_json_copy(arena, ad_job_result(run, "create"));
	ad_json_set_str(
		arena, intune, "group_id", ad_json_str(ad_job_result(run, "assign"), "group_id"));
	struct ad_json *chain = ad_json_new_object(arena);
	ad_json_set(arena, chain, "winget",
		ad_json_copy(arena, ad_json_get(ad_job_result(run, "fetch"), "chain")));
	keep_fact(arena, chain, ad_job_result(run, "fetch"), "nested");
	keep_fact(arena, chain, ad_job_result(run, "fetch"), "trust");
	ad_json_set(arena, chain, "package", package);
	ad_json_set(arena, chain, "intune", intune);
	return ad_json_print(arena, chain);
}

static int keep_evidence(struct ad_job_run *run, struct ad_err *err)
{
	if (ad_package_stands(run))
		return 0; /* the job that made it has kept it */
	const struct ad_evidence evidence = {
		.job_id = run->job.id, .app_id = ad_package_of(run)->app.id, .chain = chain_of(run)
	};
	return ad_store_evidence_add(run->db, run->arena, &evidence, err);
}

int ad_package_delivered(struct ad_job_run *run, struct ad_json *result, struct ad_err *err)
{
	struct ad_package *package = ad_package_of(run);
	struct ad_desk_job_report report = { .job_id = run->job.id,
		.app_id = package->app.id,
		.step = "deliver",
		.state = AD_JOB_RUNNING,
		.app_version = ad_json_str(ad_job_result(run, "resolve"), "version"),
		.intune_app_id = intune_app(run),
		.people = package->people,
		.people_count = package->people_count };
	const struct ad_trust found =
		ad_trust_of_json(run->arena, ad_json_get(ad_job_result(run, "fetch"), "trust"));
	size_t left = 0;
	(void)result;
	report.trust = ad_package_stands(run) ? NULL : &found;
	ad_desk_restart(&package->desk); /* a repeated transaction begins anew */
	int r = keep_evidence(run, err);
	if (r == 0)
		r = ad_desk_job_delivered(&package->desk, &report, &left, err);
	ad_job_hand_over(run, &package->desk);
	return r == 0 && left > 0 ? AD_JOB_AGAIN : r;
}
