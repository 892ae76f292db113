/* SPDX-License-Identifier: Apache-2.0 */
/* A manifest in several files becomes the one that the source would publish: what the installer
 * file says, then the default language, and a list of the other languages. */
#include "manifest_parts.h"

#include "ad/text.h"

struct merge {
	struct ad_arena *arena;
	struct ad_yaml *version;
	struct ad_yaml *installer;
	struct ad_yaml *default_locale;
	struct ad_yaml *locales; /* a sequence */
	struct ad_err *err;
};

static int refuse(struct merge *merge, const char *what, const char *why)
{
	return AD_FAIL(merge->err, AD_EINVAL, "manifest: %.60s %s", what, why);
}

/* An item and all that follow it. */
static void append(struct ad_yaml *container, struct ad_yaml *items)
{
	struct ad_yaml **end = &container->first;
	while (*end)
		end = &(*end)->next;
	*end = items;
	for (; items; items = items->next)
		container->count++;
}

static int sort_part(struct merge *merge, struct ad_yaml *part)
{
	const char *type = ad_yaml_str(part, "ManifestType");
	struct ad_yaml **place = NULL;
	if (!type)
		return refuse(merge, "a file", "has no manifest type");
	if (ad_text_eq_nocase(type, "locale")) {
		append(merge->locales, part);
		return 0;
	}
	if (ad_text_eq_nocase(type, "version"))
		place = &merge->version;
	else if (ad_text_eq_nocase(type, "installer"))
		place = &merge->installer;
	else if (ad_text_eq_nocase(type, "defaultLocale"))
		place = &merge->default_locale;
	if (!place)
		return refuse(merge, type, "is a type of file that is no part of it");
	if (*place)
		return refuse(merge, type, "is there twice");
	*place = part;
	return 0;
}

/* All files speak of one thing. */
static int check_part(struct merge *merge, const struct ad_yaml *part)
{
	static const char *const keys[] = { "PackageIdentifier", "PackageVersion" };
	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
		const char *expected = ad_yaml_str(merge->version, keys[i]);
		const char *found = ad_yaml_str(part, keys[i]);
		if (!expected || !ad_text_eq(expected, found))
			return AD_FAIL(merge->err, AD_EINVAL,
				"manifest: %s differs between its files: %.100s and %.100s",
				keys[i], expected ? expected : "none", found ? found : "none");
	}
	return 0;
}

static int check_whole(struct merge *merge)
{
	if (!merge->version)
		return refuse(merge, "the version file", "is missing");
	if (!merge->installer)
		return refuse(merge, "the installer file", "is missing");
	if (!merge->default_locale)
		return refuse(merge, "the file of the default language", "is missing");
	int rc = check_part(merge, merge->installer);
	if (!rc)
		rc = check_part(merge, merge->default_locale);
	AD_YAML_EACH(locale, rc ? NULL : merge->locales)
	{
		rc = check_part(merge, locale);
		if (rc)
			break;
	}
	return rc;
}

static struct ad_yaml *text_node(struct ad_arena *arena, const char *key, const char *text)
{
	struct ad_yaml *node = ad_alloc(arena, sizeof *node);
	*node = (struct ad_yaml){ .kind = AD_YAML_SCALAR, .key = key, .text = text };
	return node;
}

/* What a key says first counts (ad_yaml_get), so the type comes first and the installer's own words
 * before those of the language. */
static struct ad_yaml *join(struct merge *merge)
{
	struct ad_yaml *root = ad_alloc(merge->arena, sizeof *root);
	root->kind = AD_YAML_MAPPING;
	append(root, text_node(merge->arena, "ManifestType", "merged"));
	append(root, merge->installer->first);
	append(root, merge->default_locale->first);
	merge->locales->key = "Localization";
	append(root, merge->locales);
	return root;
}

int ad_winget_manifest_parse_parts(struct ad_arena *arena, const struct ad_bytes *parts,
	size_t count, struct ad_winget_manifest *ret, struct ad_err *err)
{
	struct merge merge = { .arena = arena, .err = err };
	int rc = 0;
	if (count > AD_WINGET_PARTS_MAX)
		return AD_FAIL(
			err, AD_ETOOBIG, "manifest: more than %u files", AD_WINGET_PARTS_MAX);
	merge.locales = ad_alloc(arena, sizeof *merge.locales);
	merge.locales->kind = AD_YAML_SEQUENCE;
	for (size_t i = 0; rc == 0 && i < count; i++) {
		struct ad_yaml *part = NULL;
		rc = ad_winget_read_tree(arena, parts[i], &part, err);
		if (!rc)
			rc = sort_part(&merge, part);
	}
	if (!rc)
		rc = check_whole(&merge);
	return rc ? rc : ad_winget_read_manifest(arena, join(&merge), ret, err);
}
