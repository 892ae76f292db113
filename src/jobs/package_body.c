/* SPDX-License-Identifier: Apache-2.0 */
/* The win32LobApp object of an app (packaging.md 5.2): the plan in Graph's words. */
#include "package.h"

#include "ad/text.h"

#define NAME_CHARS_MAX 200
#define DESCRIPTION_CHARS_MAX 5000

static const char *or_else(const char *text, const char *otherwise)
{
	return ad_text_empty(text) ? otherwise : text;
}

static struct ad_json *typed(struct ad_arena *arena, const char *type)
{
	struct ad_json *object = ad_json_new_object(arena);
	ad_json_set_str(
		arena, object, "@odata.type", ad_printf(arena, "#microsoft.graph.%s", type));
	return object;
}

/* ---- detection ---- */

static struct ad_json *product_code_rule(struct ad_arena *arena, const struct ad_pack_rule *rule)
{
	struct ad_json *json = typed(arena, "win32LobAppProductCodeRule");
	ad_json_set_str(arena, json, "ruleType", "detection");
	ad_json_set_str(arena, json, "productCode", rule->product_code);
	ad_json_set_str(arena, json, "productVersionOperator",
		rule->version ? "greaterThanOrEqual" : "notConfigured");
	ad_json_set_str(arena, json, "productVersion", rule->version);
	return json;
}

static struct ad_json *registry_rule(struct ad_arena *arena, const struct ad_pack_rule *rule)
{
	static const struct {
		const char *operation;
		const char *comparison;
	} words[] = {
		[AD_PACK_EXISTS] = { "exists", "notConfigured" },
		[AD_PACK_VERSION_AT_LEAST] = { "version", "greaterThanOrEqual" },
		[AD_PACK_TEXT_EQUAL] = { "string", "equal" },
	};
	struct ad_json *json = typed(arena, "win32LobAppRegistryRule");
	ad_json_set_str(arena, json, "ruleType", "detection");
	ad_json_set_bool(arena, json, "check32BitOn64System", rule->in_32bit_view);
	ad_json_set_str(arena, json, "keyPath", rule->key);
	ad_json_set_str(arena, json, "valueName", rule->value);
	ad_json_set_str(arena, json, "operationType", words[rule->compare].operation);
	ad_json_set_str(arena, json, "operator", words[rule->compare].comparison);
	ad_json_set_str(arena, json, "comparisonValue", rule->version);
	return json;
}

static struct ad_json *rules(struct ad_arena *arena, const struct ad_pack_plan *plan)
{
	struct ad_json *list = ad_json_new_array(arena);
	for (size_t i = 0; i < plan->rules_count; i++) {
		const struct ad_pack_rule *rule = &plan->rules[i];
		ad_json_append(arena, list,
			rule->product_code ? product_code_rule(arena, rule)
					   : registry_rule(arena, rule));
	}
	return list;
}

/* ---- the rest ---- */

static struct ad_json *return_codes(struct ad_arena *arena, const struct ad_pack_plan *plan)
{
	static const char *const words[] = {
		[AD_PACK_SUCCESS] = "success",
		[AD_PACK_SOFT_REBOOT] = "softReboot",
		[AD_PACK_HARD_REBOOT] = "hardReboot",
		[AD_PACK_RETRY] = "retry",
		[AD_PACK_FAILED] = "failed",
	};
	struct ad_json *list = ad_json_new_array(arena);
	for (size_t i = 0; i < plan->return_codes_count; i++) {
		struct ad_json *code = typed(arena, "win32LobAppReturnCode");
		ad_json_set_int(arena, code, "returnCode", plan->return_codes[i].code);
		ad_json_set_str(arena, code, "type", words[plan->return_codes[i].outcome]);
		ad_json_append(arena, list, code);
	}
	return list;
}

static struct ad_json *experience(struct ad_arena *arena, const struct ad_pack_plan *plan)
{
	struct ad_json *json = typed(arena, "win32LobAppInstallExperience");
	ad_json_set_str(arena, json, "runAsAccount", plan->user_scope ? "user" : "system");
	ad_json_set_str(arena, json, "deviceRestartBehavior", "basedOnReturnCode");
	return json;
}

static struct ad_json *msi_information(struct ad_arena *arena, const struct ad_msi *msi)
{
	static const char *const scopes[] = { [AD_MSI_PER_MACHINE] = "perMachine",
		[AD_MSI_PER_USER] = "perUser",
		[AD_MSI_DUAL] = "dualPurpose" };
	if (!msi)
		return ad_json_new_null(arena);
	struct ad_json *json = typed(arena, "win32LobAppMsiInformation");
	ad_json_set_str(arena, json, "productCode", msi->product_code);
	ad_json_set_str(arena, json, "productVersion", msi->product_version);
	ad_json_set_str(arena, json, "upgradeCode", *msi->upgrade_code ? msi->upgrade_code : NULL);
	ad_json_set_bool(arena, json, "requiresReboot", msi->requires_reboot);
	ad_json_set_str(arena, json, "packageType", scopes[msi->scope]);
	ad_json_set_str(arena, json, "productName", msi->product_name);
	ad_json_set_str(arena, json, "publisher", msi->manufacturer);
	return json;
}

static void describe(struct ad_arena *arena, const struct ad_winget_resolution *resolution,
	const struct ad_app *app, struct ad_json *body)
{
	const struct ad_winget_locale *words = &resolution->manifest.locale;
	const char *text = or_else(app->description,
		or_else(words->description, or_else(words->short_description, app->name)));
	ad_json_set_str(arena, body, "displayName", ad_utf8_cut(arena, app->name, NAME_CHARS_MAX));
	ad_json_set_str(arena, body, "description",
		ad_utf8_cut(arena, ad_utf8_clean(arena, text, true), DESCRIPTION_CHARS_MAX));
	const char *publisher = or_else(app->publisher, or_else(words->publisher, "unknown"));
	ad_json_set_str(arena, body, "publisher", ad_utf8_clean(arena, publisher, false));
	ad_json_set_str(arena, body, "informationUrl", words->package_url);
	ad_json_set_str(arena, body, "privacyInformationUrl", words->privacy_url);
}

struct ad_json *ad_package_body(struct ad_arena *arena,
	const struct ad_winget_resolution *resolution, const struct ad_app *app,
	const struct ad_pack_plan *plan, const char *marker)
{
	struct ad_json *body = typed(arena, "win32LobApp");
	describe(arena, resolution, app, body);
	ad_json_set_str(arena, body, "notes", ad_printf(arena, "%s Made by AppDesk.", marker));
	ad_json_set_str(arena, body, "fileName", AD_INTUNEWIN_NAME);
	ad_json_set_str(arena, body, "setupFilePath", plan->setup_file);
	ad_json_set_str(arena, body, "installCommandLine", plan->install_command);
	ad_json_set_str(arena, body, "uninstallCommandLine", plan->uninstall_command);
	ad_json_set(arena, body, "installExperience", experience(arena, plan));
	ad_json_set_str(arena, body, "applicableArchitectures", plan->architectures);
	ad_json_set_str(arena, body, "minimumSupportedWindowsRelease", plan->minimum_release);
	ad_json_set(arena, body, "returnCodes", return_codes(arena, plan));
	ad_json_set(arena, body, "rules", rules(arena, plan));
	ad_json_set(arena, body, "msiInformation", msi_information(arena, plan->msi));
	return body;
}
