/* SPDX-License-Identifier: Apache-2.0 */
/* Writer of merged manifests (manifest version 1.12.0); see manifest.h. */
#include "manifest.h"

#include "ad/buf.h"
#include "ad/err.h"

#include <stdio.h>
#include <string.h>

#define MANIFEST_MAX (256u << 10)
#define FOLD_COLUMN 80
#define NEW_LINE "\r\n"

static bool is_ascii(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < 0x20 || (unsigned char)*text > 0x7e)
			return false;
	return true;
}

/* Would a YAML reader take this for something else than the same text? */
static bool needs_quotes(const char *text)
{
	size_t len = strlen(text);

	return len == 0 || strchr("[]{}>|*&!%#`@,?:-\"' ", text[0]) || text[len - 1] == ' ' ||
	       text[len - 1] == ':' || strstr(text, ": ") || strstr(text, " #");
}

/* What is outside ASCII as an escaped number, as on the CDN. The catalogue is valid UTF-8. */
static void put_escaped(struct ad_buf *out, const char *text)
{
	const unsigned char *at = (const unsigned char *)text;

	ad_buf_addc(out, '"');
	while (*at) {
		unsigned lead = *at++;
		unsigned point = lead < 0x80 ? lead : lead < 0xe0 ? lead & 0x1f : lead & 0x0f;

		while ((*at & 0xc0) == 0x80)
			point = point << 6 | (*at++ & 0x3f);
		if (point == '"' || point == '\\')
			ad_buf_addf(out, "\\%c", (int)point);
		else if (point < 0x80)
			ad_buf_addc(out, (char)point);
		else
			ad_buf_addf(out, point < 0x100 ? "\\x%02X" : "\\u%04X", point);
	}
	ad_buf_addc(out, '"');
}

static void put_quoted(struct ad_buf *out, const char *text)
{
	ad_buf_addc(out, '\'');
	for (; *text; text++)
		ad_buf_adds(out, *text == '\'' ? "''" : (char[]){ *text, 0 });
	ad_buf_addc(out, '\'');
}

/* Breaks at the first blank behind the column; the reader folds the line break to a blank again. */
static void put_folded(struct ad_buf *out, const char *text, size_t column, int indent)
{
	for (; *text; text++, column++) {
		if (*text == ' ' && column > FOLD_COLUMN) {
			ad_buf_addf(out, NEW_LINE "%*s", indent, "");
			column = (size_t)indent;
		} else {
			ad_buf_addc(out, *text);
		}
	}
}

/* lead is the indentation, with "- " in its end for the first key of a list's item. */
static void put(struct ad_buf *out, const char *lead, const char *key, const char *value)
{
	if (!value)
		return;
	ad_buf_addf(out, "%s%s: ", lead, key);
	if (!is_ascii(value))
		put_escaped(out, value);
	else if (needs_quotes(value))
		put_quoted(out, value);
	else
		put_folded(out, value, strlen(lead) + strlen(key) + 2, (int)strlen(lead) + 2);
	ad_buf_adds(out, NEW_LINE);
}

static void put_list(
	struct ad_buf *out, const char *lead, const char *key, const char *const *values)
{
	if (!values[0])
		return;
	ad_buf_addf(out, "%s%s:" NEW_LINE, lead, key);
	for (; *values; values++)
		ad_buf_addf(out, "%s- %s" NEW_LINE, lead, *values);
}

static void put_switches(struct ad_buf *out, const struct dt_package *package)
{
	if (!package->custom && !package->silent)
		return;
	ad_buf_adds(out, "InstallerSwitches:" NEW_LINE);
	put(out, "  ", "Custom", package->custom);
	put(out, "  ", "Silent", package->silent);
	put(out, "  ", "SilentWithProgress", package->silent_with_progress);
}

static void put_offer(
	struct ad_buf *out, const struct dt_package *package, const struct dt_offer *offer)
{
	const struct dt_installer *installer = offer->installer;

	ad_buf_adds(out, "- AppsAndFeaturesEntries:" NEW_LINE);
	put(out, "  - ", "DisplayName",
		package->display_name ? package->display_name : package->name);
	put(out, "    ", "DisplayVersion", installer->display_version);
	put(out, "    ", "ProductCode", installer->product_code);
	put(out, "    ", "Publisher", package->publisher);
	put(out, "    ", "UpgradeCode", installer->upgrade_code);
	put(out, "  ", "Architecture", installer->architecture);
	put(out, "  ", "InstallerSha256", offer->sha256);
	put(out, "  ", "InstallerUrl", offer->url);
	put(out, "  ", "ProductCode", installer->product_code);
	put(out, "  ", "Scope", installer->scope);
}

static void put_icon(struct ad_buf *out, const struct dt_manifest *manifest)
{
	ad_buf_adds(out, "Icons:" NEW_LINE);
	put(out, "- ", "IconFileType", "ico");
	put(out, "  ", "IconResolution", "64x64");
	put(out, "  ", "IconSha256", manifest->icon_sha256);
	put(out, "  ", "IconTheme", "default");
	put(out, "  ", "IconUrl", manifest->icon_url);
}

static void put_localization(struct ad_buf *out, const struct dt_package *package)
{
	const struct dt_localization *other = &package->localization;

	if (!other->locale)
		return;
	ad_buf_adds(out, "Localization:" NEW_LINE);
	put(out, "- ", "PackageLocale", other->locale);
	put(out, "  ", "PackageName", other->name);
	put(out, "  ", "Publisher", package->publisher);
	put(out, "  ", "ShortDescription", other->short_description);
	put_list(out, "  ", "Tags", other->tags);
}

static void put_installation(struct ad_buf *out, const struct dt_manifest *manifest)
{
	static const char *const modes[] = { "interactive", "silent", "silentWithProgress", NULL };
	const struct dt_package *package = manifest->package;

	put_list(out, "", "Commands", package->commands);
	put(out, "", "Description", package->description);
	put_icon(out, manifest);
	put_list(out, "", "InstallModes", modes);
	put_switches(out, package);
	put(out, "", "InstallerType", package->installer_type);
	ad_buf_adds(out, "Installers:" NEW_LINE);
	for (size_t i = 0; i < manifest->offer_count; i++)
		put_offer(out, package, &manifest->offers[i]);
}

static void put_identity(struct ad_buf *out, const struct dt_manifest *manifest)
{
	const struct dt_package *package = manifest->package;

	put(out, "", "License", package->license);
	put_localization(out, package);
	put(out, "", "ManifestType", "merged");
	put(out, "", "ManifestVersion", "1.12.0");
	put(out, "", "MinimumOSVersion", "10.0.0.0");
	put(out, "", "Moniker", package->moniker);
	if (package->nested_file) {
		ad_buf_adds(out, "NestedInstallerFiles:" NEW_LINE);
		put(out, "- ", "RelativeFilePath", package->nested_file);
		put(out, "", "NestedInstallerType", package->nested_type);
	}
	put(out, "", "PackageIdentifier", package->id);
	put(out, "", "PackageLocale", "en-US");
	put(out, "", "PackageName", package->name);
	put(out, "", "PackageUrl", package->homepage);
	put(out, "", "PackageVersion", manifest->version);
	put(out, "", "Publisher", package->publisher);
	put(out, "", "PublisherUrl", package->homepage);
	put(out, "", "ReleaseDate", manifest->release_date);
	put(out, "", "ShortDescription", package->short_description);
	put_list(out, "", "Tags", package->tags);
	put(out, "", "UpgradeBehavior", "install");
}

struct ad_bytes dt_manifest_write(struct ad_arena *arena, const struct dt_manifest *manifest)
{
	struct ad_buf out;
	struct ad_bytes bytes;

	ad_buf_init(&out, MANIFEST_MAX);
	put_installation(&out, manifest);
	put_identity(&out, manifest);
	AD_ASSERT(!out.overflow);
	bytes = (struct ad_bytes){ ad_memdup(arena, out.data, out.len), out.len };
	ad_buf_release(&out);
	return bytes;
}
