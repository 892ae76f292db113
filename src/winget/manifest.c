/* SPDX-License-Identifier: Apache-2.0 */
/* The root of a manifest: identity, versions, and the lists of installers and languages. */
#include "manifest_parts.h"

#include "ad/text.h"

#include <strings.h>

#define ID_MAX 128u
#define ID_PARTS_MIN 2
#define ID_PARTS_MAX 8
#define ID_PART_MAX 32u
#define VERSION_MAX 128u
#define FORBIDDEN "\\/:*?\"<>|"

static int refuse(struct ad_err *err, const char *why)
{
	return AD_FAIL(err, AD_EINVAL, "manifest: %s", why);
}

static bool has_forbidden(const char *text)
{
	for (const char *c = text; *c; c++) {
		if ((unsigned char)*c < 0x20 || *c == 0x7f || strchr(FORBIDDEN, *c))
			return true;
	}
	return false;
}

/* Two to eight parts with dots between, each of 1 to 32 characters. */
static bool id_proper(const char *id)
{
	int parts = 1;
	size_t characters = 0;
	if (strlen(id) > 4 * ID_MAX || has_forbidden(id) || strchr(id, ' ') ||
		ad_utf16_units(id) > ID_MAX)
		return false;
	for (const char *c = id; *c; c++) {
		if (*c == '.') {
			if (characters == 0)
				return false;
			parts++;
			characters = 0;
		} else if (((unsigned char)*c & 0xc0) != 0x80 && ++characters > ID_PART_MAX) {
			return false;
		}
	}
	return characters > 0 && parts >= ID_PARTS_MIN && parts <= ID_PARTS_MAX;
}

static int read_identity(
	const struct ad_yaml *root, struct ad_winget_manifest *manifest, struct ad_err *err)
{
	const char *type = ad_yaml_str(root, "ManifestType");
	manifest->id = ad_yaml_str(root, "PackageIdentifier");
	manifest->version = ad_yaml_str(root, "PackageVersion");
	manifest->manifest_version = ad_yaml_str(root, "ManifestVersion");
	manifest->release_date = ad_yaml_str(root, "ReleaseDate");
	if (!manifest->manifest_version || !ad_text_starts(manifest->manifest_version, "1."))
		return AD_FAIL(err, AD_EINVAL, "manifest: its version is %.20s, expected 1.x",
			manifest->manifest_version ? manifest->manifest_version : "absent");
	if (!ad_text_eq_nocase(type, "merged") && !ad_text_eq_nocase(type, "singleton"))
		return AD_FAIL(err, AD_EINVAL,
			"manifest: neither merged nor singleton, but %.40s: it is one of several "
			"files or none",
			type ? type : "without a type");
	if (!manifest->id || !id_proper(manifest->id))
		return refuse(err, "package identifier is missing or malformed");
	if (!manifest->version || strlen(manifest->version) > VERSION_MAX ||
		has_forbidden(manifest->version))
		return refuse(err, "package version is missing or malformed");
	return 0;
}

static int read_installers(struct ad_arena *arena, const struct ad_yaml *root,
	struct ad_winget_manifest *manifest, struct ad_err *err)
{
	const struct ad_yaml *list = ad_yaml_get(root, "Installers");
	if (!list || list->kind != AD_YAML_SEQUENCE || list->count == 0)
		return refuse(err, "no installers");
	if (list->count > AD_WINGET_INSTALLERS_MAX)
		return AD_FAIL(
			err, AD_ETOOBIG, "manifest: %zu installers are too many", list->count);
	struct ad_winget_installer *installers =
		ad_alloc_array(arena, list->count, sizeof *installers);
	AD_YAML_EACH(item, list)
	{
		int rc = ad_winget_read_installer(
			arena, root, item, &installers[manifest->installer_count++], err);
		if (rc)
			return rc;
	}
	manifest->installers = installers;
	return 0;
}

static void read_locales(
	struct ad_arena *arena, const struct ad_yaml *root, struct ad_winget_manifest *manifest)
{
	const struct ad_yaml *list = ad_yaml_get(root, "Localization");
	size_t max = 0;
	ad_winget_read_locale(arena, root, NULL, &manifest->locale);
	struct ad_winget_locale *locales = ad_winget_read_room(arena, list, sizeof *locales, &max);
	AD_YAML_EACH(item, list)
	{
		if (manifest->localization_count == max)
			break;
		ad_winget_read_locale(
			arena, item, &manifest->locale, &locales[manifest->localization_count++]);
	}
	manifest->localizations = locales;
}

int ad_winget_read_tree(
	struct ad_arena *arena, struct ad_bytes yaml, struct ad_yaml **ret, struct ad_err *err)
{
	if (yaml.len > AD_WINGET_MANIFEST_MAX)
		return AD_FAIL(err, AD_ETOOBIG, "manifest is larger than %u bytes",
			AD_WINGET_MANIFEST_MAX);
	int rc = ad_yaml_parse(arena, yaml, ret, err);
	if (!rc && (*ret)->kind != AD_YAML_MAPPING)
		rc = refuse(err, "not a mapping");
	return rc;
}

int ad_winget_read_manifest(struct ad_arena *arena, const struct ad_yaml *root,
	struct ad_winget_manifest *ret, struct ad_err *err)
{
	struct ad_winget_manifest manifest = { 0 };
	int rc = root->kind == AD_YAML_MAPPING ? 0 : refuse(err, "not a mapping");
	if (!rc)
		rc = read_identity(root, &manifest, err);
	if (!rc)
		rc = read_installers(arena, root, &manifest, err);
	if (rc)
		return rc;
	read_locales(arena, root, &manifest);
	*ret = manifest;
	return 0;
}

int ad_winget_manifest_parse(struct ad_arena *arena, struct ad_bytes yaml,
	struct ad_winget_manifest *ret, struct ad_err *err)
{
	struct ad_yaml *root = NULL;
	int rc = ad_winget_read_tree(arena, yaml, &root, err);
	return rc ? rc : ad_winget_read_manifest(arena, root, ret, err);
}

struct ad_winget_list ad_winget_read_list(struct ad_arena *arena, const struct ad_yaml *sequence)
{
	size_t max = 0;
	struct ad_winget_list list = { 0 };
	const char **items = ad_winget_read_room(arena, sequence, sizeof *items, &max);
	AD_YAML_EACH(item, sequence)
	{
		if (list.count < max && ad_yaml_text(item))
			items[list.count++] = ad_yaml_text(item);
	}
	list.items = items;
	return list;
}

void *ad_winget_read_room(
	struct ad_arena *arena, const struct ad_yaml *sequence, size_t item_size, size_t *ret_max)
{
	*ret_max = 0;
	if (!sequence || sequence->kind != AD_YAML_SEQUENCE || sequence->count == 0)
		return NULL;
	*ret_max = sequence->count < AD_WINGET_LIST_MAX ? sequence->count : AD_WINGET_LIST_MAX;
	return ad_alloc_array(arena, *ret_max, item_size);
}

/* "de-DE" and "de" share their language. */
static bool same_language(const char *a, const char *b)
{
	size_t len = strcspn(a, "-");
	return len == strcspn(b, "-") && strncasecmp(a, b, len) == 0;
}

static const struct ad_winget_locale *find_locale(
	const struct ad_winget_manifest *manifest, const char *tag, bool whole)
{
	for (size_t i = 0; i <= manifest->localization_count; i++) {
		const struct ad_winget_locale *locale =
			i == 0 ? &manifest->locale : &manifest->localizations[i - 1];
		if (locale->locale && (whole ? ad_text_eq_nocase(locale->locale, tag)
					     : same_language(locale->locale, tag)))
			return locale;
	}
	return NULL;
}

const struct ad_winget_locale *ad_winget_manifest_locale(
	const struct ad_winget_manifest *manifest, const struct ad_winget_list *languages)
{
	for (size_t i = 0; i < languages->count; i++) {
		const struct ad_winget_locale *found =
			find_locale(manifest, languages->items[i], true);
		if (!found)
			found = find_locale(manifest, languages->items[i], false);
		if (found)
			return found;
	}
	return &manifest->locale;
}
