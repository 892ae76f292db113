/* SPDX-License-Identifier: Apache-2.0 */
/* The words of a manifest: one language, over the default one. */
#include "manifest_parts.h"

#include "ad/text.h"

static const char *text_or(const struct ad_yaml *mapping, const char *key, const char *otherwise)
{
	const char *text = ad_yaml_str(mapping, key);
	return text ? text : otherwise;
}

static void read_icons(
	struct ad_arena *arena, const struct ad_yaml *list, struct ad_winget_locale *locale)
{
	size_t max = 0;
	struct ad_winget_icon *icons = ad_winget_read_room(arena, list, sizeof *icons, &max);
	if (max == 0)
		return;
	locale->icon_count = 0;
	AD_YAML_EACH(item, list)
	{
		const char *url = ad_yaml_str(item, "IconUrl");
		if (!url || locale->icon_count == max)
			continue;
		const char *sha256 = ad_yaml_str(item, "IconSha256");
		icons[locale->icon_count++] = (struct ad_winget_icon){ .url = url,
			.file_type = ad_yaml_str(item, "IconFileType"),
			.sha256 = sha256 ? ad_text_lower(arena, sha256) : NULL };
	}
	locale->icons = icons;
}

static void read_agreements(
	struct ad_arena *arena, const struct ad_yaml *list, struct ad_winget_locale *locale)
{
	size_t max = 0;
	struct ad_winget_agreement *agreements =
		ad_winget_read_room(arena, list, sizeof *agreements, &max);
	if (max == 0)
		return;
	locale->agreement_count = 0;
	AD_YAML_EACH(item, list)
	{
		if (locale->agreement_count == max)
			break;
		agreements[locale->agreement_count++] =
			(struct ad_winget_agreement){ .label = ad_yaml_str(item, "AgreementLabel"),
				.text = ad_yaml_str(item, "Agreement"),
				.url = ad_yaml_str(item, "AgreementUrl") };
	}
	locale->agreements = agreements;
}

void ad_winget_read_locale(struct ad_arena *arena, const struct ad_yaml *mapping,
	const struct ad_winget_locale *otherwise, struct ad_winget_locale *ret)
{
	static const struct ad_winget_locale nothing;
	const struct ad_winget_locale *base = otherwise ? otherwise : &nothing;
	const struct ad_yaml *tags = ad_yaml_get(mapping, "Tags");
	*ret = *base;
	ret->locale = ad_yaml_str(mapping, "PackageLocale");
	ret->publisher = text_or(mapping, "Publisher", base->publisher);
	ret->publisher_url = text_or(mapping, "PublisherUrl", base->publisher_url);
	ret->support_url = text_or(mapping, "PublisherSupportUrl", base->support_url);
	ret->privacy_url = text_or(mapping, "PrivacyUrl", base->privacy_url);
	ret->author = text_or(mapping, "Author", base->author);
	ret->package_name = text_or(mapping, "PackageName", base->package_name);
	ret->package_url = text_or(mapping, "PackageUrl", base->package_url);
	ret->license = text_or(mapping, "License", base->license);
	ret->license_url = text_or(mapping, "LicenseUrl", base->license_url);
	ret->copyright = text_or(mapping, "Copyright", base->copyright);
	ret->short_description = text_or(mapping, "ShortDescription", base->short_description);
	ret->description = text_or(mapping, "Description", base->description);
	ret->moniker = text_or(mapping, "Moniker", base->moniker);
	ret->release_notes = text_or(mapping, "ReleaseNotes", base->release_notes);
	ret->release_notes_url = text_or(mapping, "ReleaseNotesUrl", base->release_notes_url);
	ret->installation_notes = text_or(mapping, "InstallationNotes", base->installation_notes);
	if (tags)
		ret->tags = ad_winget_read_list(arena, tags);
	read_icons(arena, ad_yaml_get(mapping, "Icons"), ret);
	read_agreements(arena, ad_yaml_get(mapping, "Agreements"), ret);
}
