/* SPDX-License-Identifier: Apache-2.0 */
/* From options and catalogue to the bytes of manifests and version data; see plan.h. */
#include "plan.h"

#include "ad/buf.h"
#include "ad/file.h"
#include "ad/text.h"
#include "image.h"
#include "mszip.h"
#include "signed_data.h"

#include <ctype.h>
#include <string.h>

#define INSTALLER_MAX (64u << 20)
#define VERSION_DATA_MAX (16u << 20)
#define PATH_DIGITS 4
#define FOLDER_DIGITS 8

struct planner {
	struct ad_arena *arena;
	const struct dt_world_options *options;
	struct ad_err *err;
};

static const char *sha256_hex(struct ad_arena *arena, struct ad_bytes bytes)
{
	struct ad_bytes digest = dt_sha256(arena, bytes);

	return ad_hex(arena, digest.data, digest.len);
}

/* "manifests/c/Contoso/Reader/4.2.0/1f3a": the last part is opaque and belongs to nothing. */
static const char *relative_path(struct ad_arena *arena, const char *id, const char *version)
{
	const char *key = ad_printf(arena, "%s %s", id, version);
	char *folders = ad_strdup(arena, id);

	for (char *c = folders; *c; c++)
		if (*c == '.')
			*c = '/';
	return ad_printf(arena, "manifests/%c/%s/%s/%.*s", tolower((unsigned char)id[0]), folders,
		version, PATH_DIGITS, sha256_hex(arena, dt_bytes_of_text(key)));
}

/* The same server under another name. */
static const char *base_at(const struct planner *planner, const char *host)
{
	const char *base = planner->options->base_url;
	const char *rest = strstr(base, "://");

	if (!host || !rest)
		return base;
	rest += strlen("://");
	return ad_printf(planner->arena, "%.*s%s%s", (int)(rest - base), base, host,
		rest + strcspn(rest, ":/"));
}

static int plan_installer(const struct planner *planner, const char *host,
	const struct dt_installer *installer, struct dt_planned_installer *ret_installer,
	struct dt_offer *ret_offer)
{
	struct ad_arena *arena = planner->arena;
	const char *path =
		ad_printf(arena, "%s/%s", planner->options->installers_dir, installer->file);
	const char *served = installer->served_as ? installer->served_as : installer->file;
	char *data;
	size_t len;
	int code = ad_file_read(arena, path, INSTALLER_MAX, &data, &len, planner->err);

	if (code)
		return code;
	ret_installer->path = ad_printf(arena, "installers/%s", served);
	ret_installer->bytes = (struct ad_bytes){ (const uint8_t *)data, len };
	ret_offer->installer = installer;
	ret_offer->url = ad_printf(
		arena, "%s/installers/%s", base_at(planner, host), ad_url_segment(arena, served));
	ret_offer->sha256 = sha256_hex(arena, ret_installer->bytes);
	for (char *c = (char *)(uintptr_t)ret_offer->sha256; *c; c++)
		*c = (char)toupper((unsigned char)*c); /* as most manifests have it */
	return 0;
}

static int plan_version(const struct planner *planner, const struct dt_planned_package *package,
	const struct dt_world_release *release, const struct dt_version *source,
	struct dt_planned_version *ret)
{
	const char *version = release->version;
	struct ad_arena *arena = planner->arena;
	const char *icon_sha256 = sha256_hex(arena, package->icon);
	struct dt_manifest manifest = {
		.package = package->package,
		.version = version,
		.release_date = source->release_date,
		.icon_url = ad_printf(
			arena, "%s/icons/%s.ico", planner->options->base_url, icon_sha256),
		.icon_sha256 = icon_sha256,
	};
	int code;

	*ret = (struct dt_planned_version){
		.version = version,
		.release_date = source->release_date,
		.offers = ad_alloc_array(arena, DT_INSTALLERS_MAX, sizeof(*ret->offers)),
		.installers = ad_alloc_array(arena, DT_INSTALLERS_MAX, sizeof(*ret->installers)),
		.relative_path = relative_path(arena, package->package->id, version),
	};
	for (size_t i = 0; source->installers[i].file; i++) {
		code = plan_installer(planner, release->host, &source->installers[i],
			&ret->installers[i], &ret->offers[i]);
		if (code)
			return code;
		ret->offer_count++;
	}
	manifest.offers = ret->offers;
	manifest.offer_count = ret->offer_count;
	ret->manifest = dt_manifest_write(arena, &manifest);
	ret->manifest_path = ad_printf(arena, "cache/%s", ret->relative_path);
	ret->manifest_sha256 = sha256_hex(arena, ret->manifest);
	return 0;
}

static const struct dt_version *find_version(const struct dt_package *package, const char *version)
{
	for (const struct dt_version *at = package->versions; at->version; at++)
		if (ad_text_eq(at->version, version))
			return at;
	return NULL;
}

static const struct dt_version *newest_public(const struct dt_package *package)
{
	const struct dt_version *at = package->versions;

	while (at->held)
		at++;
	return at;
}

static bool is_planned(const struct dt_planned_package *package, const char *version)
{
	for (size_t i = 0; i < package->version_count; i++)
		if (ad_text_eq(package->versions[i].version, version))
			return true;
	return false;
}

/* Releases on top, the latest one first; then what is public from the start. */
static int plan_versions(const struct planner *planner, struct dt_planned_package *package)
{
	const struct dt_world_options *options = planner->options;
	const struct dt_package *source = package->package;
	int code = 0;

	package->versions = ad_alloc_array(planner->arena, DT_VERSIONS_MAX + options->release_count,
		sizeof(*package->versions));
	for (size_t i = options->release_count; !code && i-- > 0;) {
		const struct dt_world_release *release = &options->releases[i];
		const struct dt_version *own = find_version(source, release->version);

		if (!ad_text_eq_nocase(release->package_id, source->id) || (own && !own->held) ||
			is_planned(package, release->version))
			continue;
		code = plan_version(planner, package, release, own ? own : newest_public(source),
			&package->versions[package->version_count++]);
	}
	for (const struct dt_version *at = source->versions; !code && at->version; at++)
		if (!at->held)
			code = plan_version(planner, package,
				&(struct dt_world_release){ .version = at->version }, at,
				&package->versions[package->version_count++]);
	return code;
}

static void put_version(struct ad_buf *yaml, const struct dt_planned_version *version)
{
	const char *shown = version->offers[0].installer->display_version;

	ad_buf_addf(yaml, "- v: %s\n", version->version);
	if (!ad_text_eq(shown, version->version))
		ad_buf_addf(yaml, "  aMiV: %s\n  aMaV: %s\n", shown, shown);
	ad_buf_addf(
		yaml, "  rP: %s\n  s256H: %s\n", version->relative_path, version->manifest_sha256);
}

/* Old versions are known by name and hash alone: asking for their manifests is a 404, as it
 * happens. */
static void put_history(
	struct ad_arena *arena, struct ad_buf *yaml, const struct dt_package *package)
{
	for (unsigned i = package->history; i > 0; i--) {
		const char *version = ad_printf(arena, "0.%u.%u", i / 10, i % 10);
		const char *path = relative_path(arena, package->id, version);

		ad_buf_addf(yaml, "- v: %s\n  rP: %s\n  s256H: %s\n", version, path,
			sha256_hex(arena, dt_bytes_of_text(path)));
	}
}

static int plan_version_data(const struct planner *planner, struct dt_planned_package *package)
{
	struct ad_arena *arena = planner->arena;
	struct ad_buf yaml;
	int code;

	ad_buf_init(&yaml, VERSION_DATA_MAX);
	ad_buf_adds(&yaml, "sV: 1.0\nvD:\n");
	for (size_t i = 0; i < package->version_count; i++)
		put_version(&yaml, &package->versions[i]);
	put_history(arena, &yaml, package->package);
	AD_ASSERT(!yaml.overflow);
	code = dt_mszip(arena, (struct ad_bytes){ (const uint8_t *)yaml.data, yaml.len },
		&package->version_data, planner->err);
	ad_buf_release(&yaml);
	if (code)
		return code;
	package->version_data_hash = dt_sha256(arena, package->version_data);
	package->version_data_path = ad_printf(arena, "cache/packages/%s/%.*s/versionData.mszyml",
		package->package->id, FOLDER_DIGITS,
		ad_hex(arena, package->version_data_hash.data, package->version_data_hash.len));
	return 0;
}

static int plan_package(const struct planner *planner, const struct dt_package *source,
	struct dt_planned_package *ret_package)
{
	struct ad_arena *arena = planner->arena;
	int code;

	ret_package->package = source;
	ret_package->icon = dt_image_ico(arena, source->color);
	ret_package->icon_path =
		ad_printf(arena, "icons/%s.ico", sha256_hex(arena, ret_package->icon));
	code = plan_versions(planner, ret_package);
	return code ? code : plan_version_data(planner, ret_package);
}

static int check_releases(const struct dt_world_options *options, struct ad_err *err)
{
	for (size_t i = 0; i < options->release_count; i++)
		if (!dt_catalog_find(options->releases[i].package_id))
			return AD_FAIL(err, AD_ENOTFOUND, "no package %s to release",
				options->releases[i].package_id);
	return 0;
}

int dt_plan_make(struct ad_arena *arena, const struct dt_world_options *options,
	const char *out_dir, struct dt_plan *ret_plan, struct ad_err *err)
{
	struct planner planner = { arena, options, err };
	struct dt_plan plan = { .options = options, .out_dir = out_dir };
	int code = check_releases(options, err);
	size_t count = 0;

	while (dt_catalog_at(count))
		count++;
	plan.packages = ad_alloc_array(arena, count, sizeof(*plan.packages));
	for (; !code && plan.package_count < count; plan.package_count++)
		code = plan_package(&planner, dt_catalog_at(plan.package_count),
			&plan.packages[plan.package_count]);
	if (!code)
		*ret_plan = plan;
	return code;
}

const struct dt_planned_package *dt_plan_find(const struct dt_plan *plan, const char *package_id)
{
	for (size_t i = 0; i < plan->package_count; i++)
		if (ad_text_eq_nocase(plan->packages[i].package->id, package_id))
			return &plan->packages[i];
	return NULL;
}

struct dt_index_row *dt_plan_rows(struct ad_arena *arena, const struct dt_plan *plan)
{
	struct dt_index_row *rows = ad_alloc_array(arena, plan->package_count, sizeof(*rows));

	for (size_t i = 0; i < plan->package_count; i++) {
		const struct dt_planned_package *package = &plan->packages[i];
		const struct dt_planned_version *newest = &package->versions[0];
		const struct dt_planned_version *oldest = newest + package->version_count - 1;

		rows[i] = (struct dt_index_row){
			.package = package->package,
			.latest_version = newest->version,
			.arp_min_version = oldest->offers[0].installer->display_version,
			.arp_max_version = newest->offers[0].installer->display_version,
			.offers = newest->offers,
			.offer_count = newest->offer_count,
			.hash = package->version_data_hash,
		};
	}
	return rows;
}
