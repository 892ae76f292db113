/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kind `package`: an app of the catalogue becomes an app in Intune, and who waits for it gets
 * it. What its steps share.
 *
 * Results of steps (job_steps.result), which later steps and evidence read:
 *   resolve  package_id, version; intune_app_id when this version stands in Intune already: then
 *            the steps up to commit have nothing to do
 *   verify   chain (everything that was compared)
 *   fetch    file, size, chain, trust (from where, and by whom), nested (of a zip: what came out,
 *            as ad_packaging_nested_json says it)
 *   wrap     size, size_encrypted, mac, sealed (the keys), body (JSON text of the Intune app), plan
 *   create   app_id, content_version, file_id, size
 *   upload   -
 *   commit   -
 *   assign   intune_app_id, group_id
 *   deliver  people (count)
 */
#ifndef AD_JOBS_PACKAGE_H
#define AD_JOBS_PACKAGE_H

#include "ad/db.h"
#include "ad/desk.h"
#include "ad/graph.h"
#include "ad/jobs/kind.h"
#include "ad/pack.h"
#include "ad/store/trust.h"
#include "ad/winget.h"

#define AD_PACKAGE_ENCRYPTED "package.bin" /* in the job's folder */
#define AD_PACKAGE_PROGRESS "upload.progress"

struct ad_package {
	struct ad_app app;
	struct ad_graph graph;
	struct ad_desk desk;
	struct ad_winget_options winget;
	struct ad_winget_resolution *resolution; /* NULL until this claim needed it */
	struct ad_winget_evidence evidence;
	struct ad_trust found; /* of the installer, when it is not within the app's rule */
	bool disk_full;        /* the download was stopped for lack of space */
	const char **people;   /* deliver: who is in the group now */
	size_t people_count;
};

static inline struct ad_package *ad_package_of(const struct ad_job_run *run)
{
	return run->state;
}

/* The steps. */
int ad_package_resolve(struct ad_job_run *run, struct ad_json *result, struct ad_err *err);
int ad_package_resolved(struct ad_job_run *run, struct ad_json *result, struct ad_err *err);
int ad_package_verify(struct ad_job_run *run, struct ad_json *result, struct ad_err *err);
int ad_package_fetch(struct ad_job_run *run, struct ad_json *result, struct ad_err *err);
bool ad_package_is_fetched(const struct ad_job_run *run);
int ad_package_wrap(struct ad_job_run *run, struct ad_json *result, struct ad_err *err);
bool ad_package_is_wrapped(const struct ad_job_run *run);
int ad_package_create(struct ad_job_run *run, struct ad_json *result, struct ad_err *err);
bool ad_package_is_created(const struct ad_job_run *run);
int ad_package_upload(struct ad_job_run *run, struct ad_json *result, struct ad_err *err);
int ad_package_commit(struct ad_job_run *run, struct ad_json *result, struct ad_err *err);
int ad_package_assign(struct ad_job_run *run, struct ad_json *result, struct ad_err *err);
int ad_package_deliver(struct ad_job_run *run, struct ad_json *result, struct ad_err *err);
int ad_package_delivered(struct ad_job_run *run, struct ad_json *result, struct ad_err *err);

/* The job comes to rest without success: its unfinished app in Intune goes, as its files do. */
void ad_package_abandon(struct ad_job_run *run);

/* This version stands in Intune already. */
bool ad_package_stands(const struct ad_job_run *run);

/* Index, version data, manifest and installer, verified in this claim. */
AD_MUST int ad_package_need_resolution(struct ad_job_run *run, struct ad_err *err);

/* Holds the installer's addresses and signature against the rule of its app. AD_ETRUST when an
 * admin has to decide; package->found is what it is about. Member trust of result. */
AD_MUST int ad_package_check_trust(
	struct ad_job_run *run, const char *path, struct ad_json *result, struct ad_err *err);

/* A file of the job's folder. */
const char *ad_package_path(const struct ad_job_run *run, const char *name);

/* Settings for a use case of the desk, read before its transaction. */
AD_MUST int ad_package_load_settings(struct ad_job_run *run, struct ad_err *err);

/* "[AppDesk|7|7zip.7zip|24.09]": tells our Intune app from all others. */
const char *ad_package_marker(
	struct ad_arena *arena, int64_t job_id, const char *package_id, const char *version);

/* The keys of an encrypted file as sealed text, and back; bound to the job. */
const char *ad_package_seal(const struct ad_job_run *run, const struct ad_intunewin_info *info);
AD_MUST int ad_package_unseal(const struct ad_job_run *run, const char *sealed,
	struct ad_intunewin_info *ret, struct ad_err *err);

/* The win32LobApp object, "@odata.type" first, with marker in its notes. */
struct ad_json *ad_package_body(struct ad_arena *arena,
	const struct ad_winget_resolution *resolution, const struct ad_app *app,
	const struct ad_pack_plan *plan, const char *marker);

#endif
