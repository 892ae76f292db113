/* SPDX-License-Identifier: Apache-2.0 */
/* The kind `package`: its table of steps, what each claim sets up, and how failures are told. */
#include "kit.h"
#include "package.h"

#include "ad/net.h"
#include "ad/text.h"

#include <inttypes.h>

extern const struct ad_job_kind ad_job_kind_package;

bool ad_package_stands(const struct ad_job_run *run)
{
	return ad_json_str(ad_job_result(run, "resolve"), "intune_app_id") != NULL;
}

const char *ad_package_path(const struct ad_job_run *run, const char *name)
{
	return ad_printf(run->arena, "%s/%s", run->dir, name);
}

const char *ad_package_marker(
	struct ad_arena *arena, int64_t job_id, const char *package_id, const char *version)
{
	return ad_printf(arena, "[AppDesk|%" PRId64 "|%s|%s]", job_id, package_id, version);
}

/* ---- each claim ---- */

static int open_package(struct ad_job_run *run, struct ad_err *err)
{
	struct ad_package *package = ad_alloc(run->arena, sizeof(*package));
	int64_t app_id = ad_json_int(run->payload, "app_id", 0);
	run->state = package;
	package->graph = ad_job_graph(run);
	package->desk = ad_job_desk(run);
	/* Known before it is read, so that a failure to read it can be told. */
	package->app.id = app_id;
	return ad_store_app_get(
		run->db, run->arena, run->job.tenant_id, app_id, &package->app, err);
}

int ad_package_load_settings(struct ad_job_run *run, struct ad_err *err)
{
	return ad_desk_settings_load(
		run->db, run->arena, run->job.tenant_id, &ad_package_of(run)->desk.settings, err);
}

/* ---- failure ---- */

static int prepare_failure(struct ad_job_run *run, const struct ad_job_end *end, struct ad_err *err)
{
	struct ad_package *package = ad_package_of(run);
	int r = ad_job_look_up_admins(run, &package->graph, &package->desk, err);
	if (r == 0 && end->state == AD_JOB_FAILED)
		ad_package_abandon(run);
	return r;
}

static int tell_failure(struct ad_job_run *run, const struct ad_job_end *end, struct ad_err *err)
{
	struct ad_package *package = ad_package_of(run);
	const struct ad_desk_job_report report = { .job_id = run->job.id,
		.app_id = package->app.id,
		.step = end->step,
		.state = end->state,
		.attempts = run->job.attempts,
		.error_text = end->err->text,
		.error_name = ad_err_code_name(end->err->code),
		.trust = end->err->code == AD_ETRUST ? &package->found : NULL };
	ad_desk_restart(&package->desk); /* a repeated transaction begins anew */
	int r = ad_desk_job_failed(&package->desk, &report, err);
	ad_job_hand_over(run, &package->desk);
	return r;
}

/* ---- progress ---- */

/* Admins who hold a card about an earlier failure see that it goes on. */
static int show_progress(struct ad_job_run *run, const char *step, struct ad_err *err)
{
	struct ad_package *package = ad_package_of(run);
	if (ad_text_empty(run->job.last_error))
		return 0;
	const struct ad_desk_job_report report = { .job_id = run->job.id,
		.app_id = package->app.id,
		.step = step,
		.state = AD_JOB_RUNNING };
	ad_desk_restart(&package->desk);
	int r = ad_desk_job_progress(&package->desk, &report, err);
	ad_job_hand_over(run, &package->desk);
	return r;
}

#define PROGRESS(name)                                                              \
	static int progress_##name(                                                 \
		struct ad_job_run *run, struct ad_json *result, struct ad_err *err) \
	{                                                                           \
		(void)result;                                                       \
		return show_progress(run, #name, err);                              \
	}
PROGRESS(wrap)
PROGRESS(upload)
PROGRESS(assign)

/* ---- the table ---- */

static const struct ad_job_step_spec steps[] = {
	{ "resolve", ad_package_resolve, ad_package_resolved, NULL },
	{ "verify", ad_package_verify, NULL, NULL },
	{ "fetch", ad_package_fetch, NULL, ad_package_is_fetched },
	{ "wrap", ad_package_wrap, progress_wrap, ad_package_is_wrapped },
	{ "create", ad_package_create, NULL, ad_package_is_created },
	{ "upload", ad_package_upload, progress_upload, NULL },
	{ "commit", ad_package_commit, NULL, NULL },
	{ "assign", ad_package_assign, progress_assign, NULL },
	{ "deliver", ad_package_deliver, ad_package_delivered, NULL },
};

const struct ad_job_kind ad_job_kind_package = {
	.name = AD_JOB_PACKAGE,
	.steps = steps,
	.steps_count = sizeof(steps) / sizeof(steps[0]),
	.open = open_package,
	.failing = prepare_failure,
	.failed = tell_failure,
};
