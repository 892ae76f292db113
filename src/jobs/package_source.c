/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the catalogue to a verified installer: resolve decides the version, verify walks the chain
 * down to the manifest, fetch gets the installer. Each claim walks the chain anew before it builds
 * on it: recorded results are facts for evidence, never a reason to skip a check.
 */
#include "kit.h"
#include "package.h"

#include "ad/file.h"
#include "ad/graph/intune.h"
#include "ad/jobs/packaging.h"
#include "ad/text.h"

#define DISK_MARGIN_BYTES ((int64_t)64 << 20)

/* ---- the source ---- */

/* Also watches the disk: the package of what has come will lie beside it for a while. How much
 * will come is what a stranger's server says of it. */
static bool keep_downloading(void *context, uint64_t done, uint64_t total)
{
	const struct ad_job_run *run = context;
	int64_t free_bytes;
	struct ad_err err;
	(void)total;
	if (ad_file_free_bytes(run->dir, &free_bytes, &err) < 0)
		return ad_job_keep_going(run);
	if (free_bytes < (int64_t)done + DISK_MARGIN_BYTES)
		ad_package_of(run)->disk_full = true;
	return !ad_package_of(run)->disk_full && ad_job_keep_going(run);
}

static int need_source(struct ad_job_run *run, struct ad_err *err)
{
	return ad_job_winget(run, &ad_package_of(run)->winget, err);
}

/* ---- resolve ---- */

/* The version of this package that the catalogue asks for. */
static int choose_version(struct ad_job_run *run, struct ad_json *result, struct ad_err *err)
{
	const struct ad_package *package = ad_package_of(run);
	const struct ad_winget_wish wish = { .id = package->app.winget_id,
		.version = ad_text_empty(package->app.winget_version)
				   ? NULL
				   : package->app.winget_version };
	struct ad_winget_version_row version;
	struct ad_winget_evidence found = { 0 };
	int r = ad_winget_resolve_version(
		run->arena, &package->winget, &wish, &version, &found, err);
	if (r < 0)
		return r;
	ad_json_set_str(run->arena, result, "package_id", found.id);
	ad_json_set_str(run->arena, result, "version", version.version);
	ad_json_set_str(run->arena, result, "index_version", found.index->version);
	return 0;
}

/* Whether that version was delivered before and still is in Intune. */
static int look_for_delivered(struct ad_job_run *run, struct ad_json *result, struct ad_err *err)
{
	struct ad_package *package = ad_package_of(run);
	struct ad_app_version delivered;
	struct ad_graph_app app;
	int r = ad_store_app_version_get(run->db, run->arena, package->app.id,
		ad_json_str(result, "version"), &delivered, err);
	if (r == 0)
		r = ad_graph_app_get(
			&package->graph, run->arena, delivered.intune_app_id, &app, err);
	if (r == AD_ENOTFOUND)
		return 0;
	if (r == 0 && ad_text_eq(app.publishing_state, "published"))
		ad_json_set_str(run->arena, result, "intune_app_id", delivered.intune_app_id);
	return r;
}

int ad_package_resolve(struct ad_job_run *run, struct ad_json *result, struct ad_err *err)
{
	int r = need_source(run, err);
	if (r == 0)
		r = choose_version(run, result, err);
	return r == 0 ? look_for_delivered(run, result, err) : r;
}

int ad_package_resolved(struct ad_job_run *run, struct ad_json *result, struct ad_err *err)
{
	return ad_job_winget_accepted(run, ad_json_str(result, "index_version"), err);
}

/* ---- verify ---- */

int ad_package_need_resolution(struct ad_job_run *run, struct ad_err *err)
{
	struct ad_package *package = ad_package_of(run);
	const struct ad_json *resolved = ad_job_result(run, "resolve");
	if (package->resolution)
		return 0;
	int r = need_source(run, err);
	if (r < 0)
		return r;
	const struct ad_winget_wish wish = { .id = ad_json_str(resolved, "package_id"),
		.version = ad_json_str(resolved, "version"),
		.rules = { .allow_zip = true } };
	struct ad_winget_resolution *resolution = ad_alloc(run->arena, sizeof(*resolution));
	r = ad_winget_resolve(
		run->arena, &package->winget, &wish, resolution, &package->evidence, err);
	if (r == 0)
		package->resolution = resolution;
	return r;
}

/* When the publisher has repaired it, another version may be the newest one. */
static int choose_again(struct ad_job_run *run, int r)
{
	if (r == AD_EUPSTREAM)
		run->rewind = "resolve";
	return r;
}

int ad_package_verify(struct ad_job_run *run, struct ad_json *result, struct ad_err *err)
{
	if (ad_package_stands(run))
		return 0;
	int r = ad_package_need_resolution(run, err);
	if (r == 0)
		ad_json_set(run->arena, result, "chain",
			ad_winget_evidence_json(run->arena, &ad_package_of(run)->evidence));
	return choose_again(run, r);
}

/* ---- fetch ---- */

/* What the installer of a zip finds beside it. */
static bool is_beside_there(const struct ad_job_run *run, const struct ad_json *fetched)
{
	struct ad_pack_nested nested;
	int64_t size;
	struct ad_err err;
	if (ad_packaging_nested_read(run->arena, ad_json_get(fetched, "nested"), &nested, &err) < 0)
		return false;
	return nested.beside_count == 0 ||
	       (ad_file_size(ad_package_path(run, AD_PACKAGING_BESIDE), &size, &err) == 0 &&
		       (uint64_t)size == ad_pack_beside_size(&nested));
}

bool ad_package_is_fetched(const struct ad_job_run *run)
{
	const struct ad_json *fetched = ad_job_result(run, "fetch");
	const char *file = ad_json_str(fetched, "file");
	int64_t size;
	struct ad_err err;
	if (ad_package_stands(run) || ad_job_result(run, "upload") || ad_package_is_wrapped(run))
		return true;
	return file && ad_file_size(ad_package_path(run, file), &size, &err) == 0 &&
	       size == ad_json_int(fetched, "size", -1) && is_beside_there(run, fetched);
}

/* Before the first byte: at least the margin is free. */
static int check_space(struct ad_job_run *run, struct ad_err *err)
{
	int64_t free_bytes;
	int r = ad_file_mkdirs(run->dir, err);
	if (r == 0)
		r = ad_file_free_bytes(run->dir, &free_bytes, err);
	if (r == 0 && free_bytes < DISK_MARGIN_BYTES)
		r = AD_FAIL(err, AD_EIO, "the work folder has only %lld MiB left",
			(long long)(free_bytes >> 20));
	return r;
}

/* Of a zip the installer inside it is what all else is about. */
static int unpack(struct ad_job_run *run, struct ad_winget_file *file, struct ad_json *result,
	struct ad_err *err)
{
	const struct ad_winget_resolution *resolution = ad_package_of(run)->resolution;
	struct ad_pack_nested nested;
	int r = ad_packaging_unpack(run->arena, resolution, run->dir, file, &nested, err);
	if (r == 0 && nested.size > 0)
		ad_json_set(run->arena, result, "nested",
			ad_packaging_nested_json(run->arena, resolution, &nested));
	return r;
}

int ad_package_fetch(struct ad_job_run *run, struct ad_json *result, struct ad_err *err)
{
	struct ad_package *package = ad_package_of(run);
	struct ad_winget_file file;
	if (ad_package_stands(run))
		return 0;
	int r = ad_package_need_resolution(run, err);
	if (r == 0)
		r = check_space(run, err);
	if (r < 0)
		return choose_again(run, r);
	package->disk_full = false;
	package->winget.keep_going = keep_downloading;
	r = ad_winget_download(run->arena, &package->winget, package->resolution, run->dir, &file,
		&package->evidence, err);
	if (r < 0 && package->disk_full)
		return AD_FAIL(err, AD_EIO,
			"the work folder has too little space for the installer and its package");
	if (r < 0)
		return choose_again(run, r);
	r = unpack(run, &file, result, err);
	if (r < 0)
		return r;
	ad_json_set_str(run->arena, result, "file", file.name);
	ad_json_set_int(run->arena, result, "size", (int64_t)file.size);
	ad_json_set(run->arena, result, "chain",
		ad_winget_evidence_json(run->arena, &package->evidence));
	return ad_package_check_trust(run, file.path, result, err);
}
