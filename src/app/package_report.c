/* SPDX-License-Identifier: Apache-2.0 */
/* The decision and the plan of a package as one JSON object. */
#include "package_report.h"

static struct ad_json *installer_json(struct ad_arena *arena, const struct ad_winget_choice *choice)
{
	const struct ad_winget_installer *installer = choice->installer;
	struct ad_json *json = ad_json_new_object(arena);
	ad_json_set_str(arena, json, "type", ad_winget_type_name(installer->type));
	ad_json_set_str(arena, json, "architecture", ad_winget_arch_name(installer->arch));
	ad_json_set_str(arena, json, "scope", ad_winget_scope_name(installer->scope));
	if (installer->locale)
		ad_json_set_str(arena, json, "locale", installer->locale);
	ad_json_set_str(arena, json, "url", installer->url);
	ad_json_set_str(arena, json, "sha256", installer->sha256);
	if (choice->scope_unknown)
		ad_json_set_str(arena, json, "remark",
			"the manifest does not say for whom it installs; it runs as the system");
	return json;
}

struct ad_json *ad_package_report(struct ad_arena *arena,
	const struct ad_winget_resolution *resolution, const struct ad_pack_plan *plan)
{
	struct ad_json *json = ad_json_new_object(arena);
	if (resolution->manifest.id) {
		ad_json_set_str(arena, json, "package", resolution->manifest.id);
		ad_json_set_str(arena, json, "version", resolution->manifest.version);
	}
	if (resolution->choice.installer)
		ad_json_set(arena, json, "installer", installer_json(arena, &resolution->choice));
	if (plan)
		ad_json_set(arena, json, "plan", ad_pack_plan_json(arena, plan));
	return json;
}
