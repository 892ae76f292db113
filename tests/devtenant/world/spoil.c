/* SPDX-License-Identifier: Apache-2.0 */
/* Making a built world bad in named ways; the door's documentation is in world.h. */
#include "world.h"

#include "ad/file.h"
#include "ad/text.h"
#include "publish.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DAY ((int64_t)86400)
#define ROLLBACK_AGE (2 * DAY)
#define STALE_AGE (60 * DAY)
#define UNKNOWN_SCHEMA 3

struct spoiler {
	struct ad_arena *arena;
	const struct dt_plan *plan;
	const struct dt_planned_package *package; /* NULL for the index kinds */
	struct ad_err *err;
};

static int overwrite(const struct spoiler *spoiler, const char *path, struct ad_bytes bytes)
{
	return dt_publish_file(spoiler->arena, spoiler->plan->out_dir, path, bytes, spoiler->err);
}

static int take_away(const struct spoiler *spoiler, const char *path)
{
	const char *full = ad_printf(spoiler->arena, "%s/%s", spoiler->plan->out_dir, path);

	if (unlink(full) && errno != ENOENT)
		return AD_FAIL(spoiler->err, AD_EIO, "cannot remove %s: %s", full, strerror(errno));
	return 0;
}

static struct ad_bytes with_bit_flipped(struct ad_arena *arena, struct ad_bytes bytes, size_t at)
{
	uint8_t *copy = ad_memdup(arena, bytes.data, bytes.len);

	copy[at] ^= 1;
	return (struct ad_bytes){ copy, bytes.len };
}

/* Still a good manifest, that names another installer hash: what an attacker on the way would do.
 */
static int change_manifest(const struct spoiler *spoiler)
{
	static const char key[] = "InstallerSha256: ";
	const struct dt_planned_version *version = &spoiler->package->versions[0];
	char *text = ad_strndup(
		spoiler->arena, (const char *)version->manifest.data, version->manifest.len);
	char *digit = strstr(text, key) + strlen(key);

	*digit = *digit == 'A' ? 'B' : 'A';
	return overwrite(spoiler, version->manifest_path,
		(struct ad_bytes){ (const uint8_t *)text, version->manifest.len });
}

static int unix_manifest(const struct spoiler *spoiler)
{
	const struct dt_planned_version *version = &spoiler->package->versions[0];
	uint8_t *text = ad_alloc(spoiler->arena, version->manifest.len);
	size_t len = 0;

	for (size_t i = 0; i < version->manifest.len; i++)
		if (version->manifest.data[i] != '\r')
			text[len++] = version->manifest.data[i];
	return overwrite(spoiler, version->manifest_path, (struct ad_bytes){ text, len });
}

static int lose_manifest(const struct spoiler *spoiler)
{
	return take_away(spoiler, spoiler->package->versions[0].manifest_path);
}

static int change_versions(const struct spoiler *spoiler)
{
	struct ad_bytes data = spoiler->package->version_data;

	return overwrite(spoiler, spoiler->package->version_data_path,
		with_bit_flipped(spoiler->arena, data, data.len - 1));
}

static int lose_versions(const struct spoiler *spoiler)
{
	return take_away(spoiler, spoiler->package->version_data_path);
}

/* One step for every installer of the newest version. */
static int each_installer(const struct spoiler *spoiler,
	int (*step)(const struct spoiler *, const struct dt_planned_installer *))
{
	const struct dt_planned_version *version = &spoiler->package->versions[0];
	int code = 0;

	for (size_t i = 0; !code && i < version->offer_count; i++)
		code = step(spoiler, &version->installers[i]);
	return code;
}

static int flip_one(const struct spoiler *spoiler, const struct dt_planned_installer *installer)
{
	return overwrite(spoiler, installer->path,
		with_bit_flipped(spoiler->arena, installer->bytes, installer->bytes.len / 2));
}

static int halve_one(const struct spoiler *spoiler, const struct dt_planned_installer *installer)
{
	return overwrite(spoiler, installer->path,
		(struct ad_bytes){ installer->bytes.data, installer->bytes.len / 2 });
}

static int lose_one(const struct spoiler *spoiler, const struct dt_planned_installer *installer)
{
	return take_away(spoiler, installer->path);
}

static int change_installer(const struct spoiler *spoiler)
{
	return each_installer(spoiler, flip_one);
}

static int truncate_installer(const struct spoiler *spoiler)
{
	return each_installer(spoiler, halve_one);
}

static int lose_installer(const struct spoiler *spoiler)
{
	return each_installer(spoiler, lose_one);
}

static int lose_index(const struct spoiler *spoiler)
{
	return take_away(spoiler, DT_INDEX_PATH);
}

static int null_hash(const struct spoiler *spoiler)
{
	struct dt_index_flaw flaw = { .null_hash_of = spoiler->package->package->id };

	return dt_publish_index(spoiler->arena, spoiler->plan, &flaw, spoiler->err);
}

/* A kind either has a step of its own or publishes an index with a flaw. */
static const struct kind {
	const char *name;
	int (*step)(const struct spoiler *);
	bool of_package;
	struct dt_index_flaw flaw;
} kinds[] = {
	{ "manifest-changed", change_manifest, true, { 0 } },
	{ "manifest-lf", unix_manifest, true, { 0 } },
	{ "manifest-missing", lose_manifest, true, { 0 } },
	{ "versions-changed", change_versions, true, { 0 } },
	{ "versions-missing", lose_versions, true, { 0 } },
	{ "installer-changed", change_installer, true, { 0 } },
	{ "installer-truncated", truncate_installer, true, { 0 } },
	{ "installer-missing", lose_installer, true, { 0 } },
	{ "index-missing", lose_index, false, { 0 } },
	{ "index-null-hash", null_hash, true, { 0 } },
	{ "index-unsigned", NULL, false, { .no_signature = true } },
	{ "index-changed", NULL, false, { .flip_bit = true } },
	{ "index-replaced", NULL, false, { .replaced = true } },
	{ "index-self-signed", NULL, false, { .leaf = DT_LEAF_SELF_SIGNED } },
	{ "index-wrong-signer", NULL, false, { .leaf = DT_LEAF_OTHER_SUBJECT } },
	{ "index-no-store-eku", NULL, false, { .leaf = DT_LEAF_NO_STORE } },
	{ "index-no-timestamp", NULL, false, { .no_timestamp = true } },
	{ "index-rollback", NULL, false, { .age_s = ROLLBACK_AGE } },
	{ "index-stale", NULL, false, { .age_s = STALE_AGE } },
	{ "index-schema", NULL, false, { .major_version = UNKNOWN_SCHEMA } },
};

static const struct kind *find_kind(const char *name)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (ad_text_eq(kinds[i].name, name))
			return &kinds[i];
	return NULL;
}

static int spoil(struct ad_arena *arena, const struct dt_world_options *options,
	const char *kind_name, const char *package_id, struct ad_err *err)
{
	const struct kind *kind = find_kind(kind_name);
	struct dt_plan plan;
	struct spoiler spoiler = { .arena = arena, .plan = &plan, .err = err };
	char out_dir[PATH_MAX];
	int code;

	if (!kind)
		return AD_FAIL(err, AD_EINVAL, "unknown kind %s", kind_name);
	if (!realpath(options->out_dir, out_dir) ||
		!ad_file_exists(ad_printf(arena, "%s/world.json", out_dir)))
		return AD_FAIL(err, AD_ENOTFOUND, "no world in %s", options->out_dir);
	code = dt_plan_make(arena, options, out_dir, &plan, err);
	if (code)
		return code;
	if (kind->of_package)
		spoiler.package = dt_plan_find(&plan, package_id);
	if (kind->of_package && !spoiler.package)
		return AD_FAIL(err, AD_ENOTFOUND, "%s needs a package of the catalogue, not '%s'",
			kind_name, package_id ? package_id : "");
	return kind->step ? kind->step(&spoiler) : dt_publish_index(arena, &plan, &kind->flaw, err);
}

int dt_world_spoil(const struct dt_world_options *options, const char *kind, const char *package_id,
	char *err, size_t errlen)
{
	struct ad_arena *arena = ad_arena_new();
	struct ad_err details = { 0 };
	int code = spoil(arena, options, kind, package_id, &details);

	if (errlen)
		snprintf(err, errlen, "%s", code ? details.text : "");
	ad_arena_free(arena);
	return code ? -1 : 0;
}
