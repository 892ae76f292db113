/* SPDX-License-Identifier: Apache-2.0 */
/* Version data: which versions a package has, and where their manifests are (packaging.md 1.5). */
#include "versions.h"

#include "yaml_tree.h"

#include "ad/archive/mszip.h"
#include "ad/text.h"

#define PATH_MAX_BYTES 1024u
#define PATH_PREFIX "manifests/"

static int refuse(struct ad_err *err, int code, const struct ad_yaml *row, const char *why)
{
	return AD_FAIL(err, code, "version data: line %zu: %s", row->line, why);
}

/* Below manifests/, nowhere up, and nothing that a URL reads as something else than a path. */
static bool path_proper(const char *path)
{
	if (strlen(path) > PATH_MAX_BYTES || !ad_text_starts(path, PATH_PREFIX))
		return false;
	for (const char *c = path; *c; c++) {
		if ((unsigned char)*c <= 0x20 || *c == 0x7f || strchr("\\?#%:", *c))
			return false;
	}
	for (const char *part = path; part;) {
		size_t len = strcspn(part, "/");
		if (len == 0 || (len == 1 && part[0] == '.') ||
			(len == 2 && memcmp(part, "..", 2) == 0))
			return false;
		part = part[len] == '/' ? part + len + 1 : NULL;
	}
	return true;
}

int ad_winget_version_row_check(const struct ad_winget_version_row *row, struct ad_err *err)
{
	uint8_t digest[AD_SHA256_LEN];
	if (!row->version || strlen(row->version) > AD_WINGET_VERSION_MAX)
		return AD_FAIL(err, AD_EINVAL, "version is missing or too long");
	if (!row->path || !path_proper(row->path))
		return AD_FAIL(err, AD_EINVAL, "path of the manifest is missing or unsafe");
	if (!row->sha256 || ad_hex_decode(row->sha256, digest, sizeof digest) != 0)
		return AD_FAIL(err, AD_EINTEGRITY, "hash of the manifest is missing");
	return 0;
}

static int read_row(struct ad_arena *arena, const struct ad_yaml *item,
	struct ad_winget_version_row *row, struct ad_err *err)
{
	const char *sha256 = ad_yaml_str(item, "s256H");
	row->version = ad_yaml_str(item, "v");
	row->path = ad_yaml_str(item, "rP");
	row->sha256 = sha256 ? ad_text_lower(arena, sha256) : NULL;
	int rc = ad_winget_version_row_check(row, err);
	if (rc)
		ad_err_prefix(err, "version data: line %zu: ", item->line);
	return rc;
}

int ad_winget_versions_parse(struct ad_arena *arena, struct ad_bytes yaml,
	struct ad_winget_versions *ret, struct ad_err *err)
{
	struct ad_yaml *root = NULL;
	struct ad_winget_versions versions = { 0 };
	int rc = ad_yaml_parse(arena, yaml, &root, err);
	if (rc)
		return rc;
	const char *schema = ad_yaml_str(root, "sV");
	const struct ad_yaml *list = ad_yaml_get(root, "vD");
	if (!schema || (strcmp(schema, "1") != 0 && !ad_text_starts(schema, "1.")))
		return refuse(err, AD_EINVAL, root, "unsupported schema version");
	if (!list || list->kind != AD_YAML_SEQUENCE || list->count == 0)
		return refuse(err, AD_EINVAL, root, "no versions");
	if (list->count > AD_WINGET_VERSIONS_MAX)
		return refuse(err, AD_ETOOBIG, root, "too many versions");
	struct ad_winget_version_row *rows = ad_alloc_array(arena, list->count, sizeof *rows);
	AD_YAML_EACH(item, list)
	{
		rc = read_row(arena, item, &rows[versions.count++], err);
		if (rc)
			return rc;
	}
	versions.rows = rows;
	*ret = versions;
	return 0;
}

static const struct ad_winget_version_row *find_equal(
	const struct ad_winget_versions *versions, const char *version)
{
	for (size_t i = 0; i < versions->count; i++) {
		if (strcmp(versions->rows[i].version, version) == 0)
			return &versions->rows[i];
	}
	for (size_t i = 0; i < versions->count; i++) {
		if (ad_winget_version_compare(versions->rows[i].version, version) == 0)
			return &versions->rows[i];
	}
	return NULL;
}

static const struct ad_winget_version_row *find_newest(const struct ad_winget_versions *versions)
{
	const struct ad_winget_version_row *newest = NULL;
	for (size_t i = 0; i < versions->count; i++) {
		const struct ad_winget_version_row *row = &versions->rows[i];
		if (ad_winget_version_is_unknown(row->version))
			continue;
		if (!newest || ad_winget_version_compare(row->version, newest->version) > 0)
			newest = row;
	}
	return newest;
}

int ad_winget_versions_choose(const struct ad_winget_versions *versions, const char *version,
	const struct ad_winget_version_row **ret, struct ad_err *err)
{
	const struct ad_winget_version_row *row =
		version ? find_equal(versions, version) : find_newest(versions);
	if (!row)
		return AD_FAIL(err, AD_ENOTFOUND, "version %.128s is not published",
			version ? version : "(any)");
	*ret = row;
	return 0;
}

char *ad_winget_version_data_url(
	struct ad_arena *arena, const char *base_url, const struct ad_winget_row *row)
{
	char first[9];
	ad_hex_encode(row->hash, 4, first);
	return ad_printf(arena, "%s/packages/%s/%s/versionData.mszyml", base_url,
		ad_url_segment(arena, row->id), first);
}

int ad_winget_versions_unpack(struct ad_arena *arena, struct ad_bytes packed,
	struct ad_winget_versions *ret, struct ad_err *err)
{
	struct ad_bytes yaml;
	int rc = ad_mszip_decode(arena, packed, AD_WINGET_VERSIONS_TEXT_MAX, &yaml, err);
	return rc ? rc : ad_winget_versions_parse(arena, yaml, ret, err);
}
