/* SPDX-License-Identifier: Apache-2.0 */
/* The CDN. Files are made by the world library; here they get addresses, ETags and a version. */
#include "fair.h"

#include "ad/clock.h"
#include "ad/text.h"
#include "parts.h"
#include "world/world.h"

#include <string.h>
#include <sys/stat.h>

#define REASON_LEN 256
#define RELEASES_MAX 64
#define PUBLISHED "published"
#define DAY_S (24 * 3600)

struct plan {
	struct dt_world_release releases[RELEASES_MAX];
	struct dt_world_options options;
};

static void plan_make(
	struct dt_tenant *tenant, struct ad_arena *arena, int64_t time_s, struct plan *plan)
{
	size_t count = 0;

	DT_EACH(doc, tenant->store, DT_RELEASES)
	{
		const struct ad_json *release = dt_doc_json(arena, doc);

		if (count == RELEASES_MAX)
			break;
		plan->releases[count].package_id = ad_json_str(release, "package");
		plan->releases[count].host = ad_json_str(release, "host");
		plan->releases[count++].version = ad_json_str(release, "version");
	}
	plan->options = (struct dt_world_options){
		.base_url = tenant->base_url,
		.installers_dir = tenant->options.installers_dir,
		.out_dir = dt_state_path(tenant, arena, "world"),
		.publish_time = time_s,
		.filler_packages = tenant->options.filler,
		.releases = plan->releases,
		.release_count = count,
	};
}

/* What the CDN says is published: {"time": of the index, "offered": time that its version names}.
 */
static void remember(struct dt_tenant *tenant, struct ad_arena *arena, int64_t time_s,
	int64_t offered_s, bool plain)
{
	struct ad_json *doc = ad_json_new_object(arena);

	ad_json_set_int(arena, doc, "time", time_s);
	ad_json_set_int(arena, doc, "offered", offered_s);
	ad_json_set_bool(arena, doc, "plain", plain);
	dt_put(tenant->store, DT_WORLD, PUBLISHED, "", doc);
}

static int64_t published(struct dt_tenant *tenant, struct ad_arena *arena, const char *which)
{
	return ad_json_int(dt_get(tenant->store, arena, DT_WORLD, PUBLISHED), which, 0);
}

int dt_fair_build(struct dt_tenant *tenant, struct ad_err *err)
{
	struct ad_arena *arena = ad_arena_new();
	char reason[REASON_LEN] = "";
	struct plan plan;
	int64_t now_s = ad_clock_unix_ms() / 1000;
	int64_t last_s = published(tenant, arena, "time");
	int rc = 0;

	/* Two publications never share a version. */
	if (now_s <= last_s)
		now_s = last_s + 60;
	plan_make(tenant, arena, now_s, &plan);
	if (dt_world_build(&plan.options, reason, sizeof(reason)))
		rc = AD_FAIL(err, AD_EIO, "the world was not built: %s", reason);
	else
		remember(tenant, arena, now_s, now_s, plan.options.release_count == 0);
	ad_arena_free(arena);
	return rc;
}

int dt_fair_restore(struct dt_tenant *tenant, struct ad_err *err)
{
	struct ad_arena *arena = ad_arena_new();
	bool plain =
		ad_json_bool(dt_get(tenant->store, arena, DT_WORLD, PUBLISHED), "plain", false);

	ad_arena_free(arena);
	dt_drop_all(tenant->store, DT_RELEASES);
	return plain ? 0 : dt_fair_build(tenant, err);
}

int dt_fair_spoil(
	struct dt_tenant *tenant, const char *kind, const char *package, struct ad_err *err)
{
	struct ad_arena *arena = ad_arena_new();
	char reason[REASON_LEN] = "";
	struct plan plan;
	int64_t time_s = published(tenant, arena, "time");
	int64_t offered_s = time_s;
	int rc = 0;

	plan_make(tenant, arena, time_s, &plan);
	if (ad_text_eq(kind, "index-rollback"))
		offered_s -= 2 * DAY_S;
	if (ad_text_eq(kind, "index-stale"))
		offered_s -= 60 * DAY_S;
	if (dt_world_spoil(&plan.options, kind, package, reason, sizeof(reason)))
		rc = AD_FAIL(err, AD_EINVAL, "%s", reason);
	else
		remember(tenant, arena, time_s, offered_s, false);
	ad_arena_free(arena);
	return rc;
}

static const char *type_of(const char *path)
{
	static const struct {
		const char *end, *type;
	} types[] = {
		{ ".msix", "application/vnd.ms-appx" },
		{ ".msi", "application/x-msi" },
		{ ".exe", "application/vnd.microsoft.portable-executable" },
		{ ".zip", "application/zip" },
	};

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (ad_text_ends(path, types[i].end))
			return types[i].type;
	return "application/octet-stream";
}

/* Size and time of the last change: the files are replaced by renaming, so both change. */
static char *etag_of(struct ad_arena *arena, const struct stat *facts)
{
	return ad_printf(arena, "\"0x%llX%09llX%llX\"", (unsigned long long)facts->st_mtim.tv_sec,
		(unsigned long long)facts->st_mtim.tv_nsec, (unsigned long long)facts->st_size);
}

static void set_version(struct dt_request *req, const char *path)
{
	char version[DT_WORLD_VERSION_LEN];

	if (!ad_text_ends(path, "/source2.msix"))
		return;
	dt_world_version(published(req->tenant, req->arena, "offered"), version);
	dt_set_header(req, "x-ms-meta-sourceversion", version);
}

static void serve(struct dt_request *req, const char *folder)
{
	const char *rest = dt_decode(req->arena, req->args[0], strlen(req->args[0]), false);
	const char *known = dt_header(req, "If-None-Match");
	struct stat facts;

	if (!rest || !*rest || strstr(rest, "..") || strchr(rest, '\\')) {
		dt_reply_error(req, 404, NULL, "There is no such file");
		return;
	}
	const char *path = dt_state_path(
		req->tenant, req->arena, ad_printf(req->arena, "world/%s/%s", folder, rest));
	if (!stat(path, &facts)) {
		const char *etag = etag_of(req->arena, &facts);

		dt_set_header(req, "ETag", etag);
		set_version(req, path);
		if (known && strstr(known, etag)) {
			dt_reply_empty(req, 304);
			return;
		}
	}
	dt_reply_file(req, type_of(path), path);
}

static void handle_cache(struct dt_request *req)
{
	serve(req, "cache");
}

static void handle_installers(struct dt_request *req)
{
	serve(req, "installers");
}

static const struct dt_route cache_routes[] = {
	{ "GET", "/cache/**", handle_cache },
	{ NULL, NULL, NULL },
};
static const struct dt_route installer_routes[] = {
	{ "GET", "/installers/**", handle_installers },
	{ NULL, NULL, NULL },
};
const struct dt_routes dt_cache_routes = { DT_SURFACE_CDN, "/cache/", NULL, cache_routes };
const struct dt_routes dt_installers_routes = { DT_SURFACE_CDN, "/installers/", NULL,
	installer_routes };
