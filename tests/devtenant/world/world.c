/* SPDX-License-Identifier: Apache-2.0 */
/* Building a world: plan, write, sign; the door's documentation is in world.h. */
#include "world.h"

#include "ad/file.h"
#include "ad/json.h"
#include "ad/text.h"
#include "publish.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define PUBLISH_TIME_MAX \
	INT64_C(4102444800) /* 2100-01-01: two digits fewer and ZIP times end too */

void dt_world_version(int64_t publish_time, char ret_version[DT_WORLD_VERSION_LEN])
{
	time_t seconds = (time_t)publish_time;
	struct tm parts;

	gmtime_r(&seconds, &parts);
	/*
	 * Year, month and day, hour (from 1) and minute, milliseconds. The form has no seconds;
	 * putting them into the last field, in sixteenths of it, keeps two publications of a minute
	 * apart.
	 */
	snprintf(ret_version, DT_WORLD_VERSION_LEN, "%d.%d.%d.%d", parts.tm_year + 1900,
		(parts.tm_mon + 1) * 100 + parts.tm_mday, (parts.tm_hour + 1) * 100 + parts.tm_min,
		parts.tm_sec * 16);
}

static int check_options(const struct dt_world_options *options, struct ad_err *err)
{
	if (!options->base_url || !options->installers_dir || !options->out_dir)
		return AD_FAIL(err, AD_EINVAL, "base_url, installers_dir and out_dir are needed");
	if (ad_text_ends(options->base_url, "/"))
		return AD_FAIL(err, AD_EINVAL, "base_url ends in a slash: %s", options->base_url);
	if (options->publish_time <= 0 || options->publish_time > PUBLISH_TIME_MAX)
		return AD_FAIL(err, AD_EINVAL, "publish_time is not a time between 1970 and 2100");
	return 0;
}

/* The trust profile holds absolute paths, so out_dir is made absolute first. */
static int open_out_dir(struct ad_arena *arena, const struct dt_world_options *options,
	const char **ret_out_dir, struct ad_err *err)
{
	char absolute[PATH_MAX];
	int code = ad_file_mkdirs(options->out_dir, err);

	if (code)
		return code;
	if (!realpath(options->out_dir, absolute))
		return AD_FAIL(err, AD_EIO, "no folder %s", options->out_dir);
	*ret_out_dir = ad_strdup(arena, absolute);
	return 0;
}

static struct ad_json *describe_version(
	struct ad_arena *arena, const struct dt_planned_version *version)
{
	struct ad_json *entry = ad_json_new_object(arena), *offers = ad_json_new_array(arena);

	ad_json_set_str(arena, entry, "version", version->version);
	ad_json_set_str(arena, entry, "manifest", version->manifest_path);
	ad_json_set_str(arena, entry, "manifest_sha256", version->manifest_sha256);
	for (size_t i = 0; i < version->offer_count; i++) {
		struct ad_json *offer = ad_json_new_object(arena);

		ad_json_set_str(arena, offer, "file", version->installers[i].path);
		ad_json_set_str(arena, offer, "url", version->offers[i].url);
		ad_json_set_str(arena, offer, "sha256", version->offers[i].sha256);
		ad_json_append(arena, offers, offer);
	}
	ad_json_set(arena, entry, "installers", offers);
	return entry;
}

static struct ad_json *describe_package(
	struct ad_arena *arena, const struct dt_planned_package *package)
{
	struct ad_json *entry = ad_json_new_object(arena), *versions = ad_json_new_array(arena);

	ad_json_set_str(arena, entry, "id", package->package->id);
	ad_json_set_str(arena, entry, "name", package->package->name);
	ad_json_set_str(arena, entry, "version_data", package->version_data_path);
	for (size_t i = 0; i < package->version_count; i++)
		ad_json_append(arena, versions, describe_version(arena, &package->versions[i]));
	ad_json_set(arena, entry, "versions", versions);
	return entry;
}

static int write_summary(struct ad_arena *arena, const struct dt_plan *plan, struct ad_err *err)
{
	struct ad_json *summary = ad_json_new_object(arena), *packages = ad_json_new_array(arena);
	char version[DT_WORLD_VERSION_LEN];

	dt_world_version(plan->options->publish_time, version);
	ad_json_set_str(arena, summary, "base_url", plan->options->base_url);
	ad_json_set_int(arena, summary, "publish_time", plan->options->publish_time);
	ad_json_set_str(arena, summary, "index_version", version);
	for (size_t i = 0; i < plan->package_count; i++)
		ad_json_append(arena, packages, describe_package(arena, &plan->packages[i]));
	ad_json_set(arena, summary, "packages", packages);
	return dt_publish_file(arena, plan->out_dir, "world.json",
		dt_bytes_of_text(ad_json_print(arena, summary)), err);
}

static int write_package(struct ad_arena *arena, const char *out_dir,
	const struct dt_planned_package *package, struct ad_err *err)
{
	int code = dt_publish_file(arena, out_dir, package->icon_path, package->icon, err);

	for (size_t v = 0; !code && v < package->version_count; v++) {
		const struct dt_planned_version *version = &package->versions[v];

		for (size_t i = 0; !code && i < version->offer_count; i++)
			code = dt_publish_file(arena, out_dir, version->installers[i].path,
				version->installers[i].bytes, err);
		if (!code)
			code = dt_publish_file(
				arena, out_dir, version->manifest_path, version->manifest, err);
	}
	if (!code)
		code = dt_publish_file(
			arena, out_dir, package->version_data_path, package->version_data, err);
	return code;
}

/* The index comes last: whoever reads it finds everything that it names. */
static int build(struct ad_arena *arena, const struct dt_world_options *options, struct ad_err *err)
{
	const struct dt_index_flaw none = { 0 };
	struct dt_plan plan;
	const char *out_dir;
	int code = check_options(options, err);

	if (!code)
		code = open_out_dir(arena, options, &out_dir, err);
	if (!code)
		code = dt_plan_make(arena, options, out_dir, &plan, err);
	for (size_t i = 0; !code && i < plan.package_count; i++)
		code = write_package(arena, out_dir, &plan.packages[i], err);
	if (!code)
		code = write_summary(arena, &plan, err);
	return code ? code : dt_publish_index(arena, &plan, &none, err);
}

int dt_world_build(const struct dt_world_options *options, char *err, size_t errlen)
{
	struct ad_arena *arena = ad_arena_new();
	struct ad_err details = { 0 };
	int code = build(arena, options, &details);

	if (errlen)
		snprintf(err, errlen, "%s", code ? details.text : "");
	ad_arena_free(arena);
	return code ? -1 : 0;
}
