/* SPDX-License-Identifier: Apache-2.0 */
/* Tables of what the body of an Intune call may hold. */
#include "intune_body.h"

#include "ad/text.h"
#include "dt.h"

#include <string.h>

#define CODES_MAX 100

static bool among(const char *const *names, const char *name)
{
	for (; name && *names; names++)
		if (ad_text_eq(*names, name))
			return true;
	return false;
}

static const char *const members_v1[] = { "@odata.type", "displayName", "description", "publisher",
	"largeIcon", "isFeatured", "privacyInformationUrl", "informationUrl", "owner", "developer",
	"notes", "committedContentVersion", "fileName", "installCommandLine",
	"uninstallCommandLine", "applicableArchitectures", "minimumFreeDiskSpaceInMB",
	"minimumMemoryInMB", "minimumNumberOfProcessors", "minimumCpuSpeedInMHz", "rules",
	"installExperience", "returnCodes", "msiInformation", "setupFilePath",
	"minimumSupportedWindowsRelease", NULL };
static const char *const members_beta[] = { "allowedArchitectures", "allowAvailableUninstall",
	"detectionRules", "requirementRules", "displayVersion", "roleScopeTagIds",
	"minimumSupportedOperatingSystem", "activeInstallScript", NULL };
static const char *const required[] = { "displayName", "description", "publisher", "fileName",
	"setupFilePath", "installCommandLine", "uninstallCommandLine",
	"minimumSupportedWindowsRelease", NULL };
static const char *const releases[] = { "1607", "1703", "1709", "1803", "1809", "1903", "1909",
	"2004", "2H20", "21H1", "Windows10_21H2", "Windows10_22H2", "Windows11_21H2",
	"Windows11_22H2", "Windows11_23H2", "Windows11_24H2", NULL };
static const char *const accounts[] = { "system", "user", NULL };
static const char *const restarts[] = { "basedOnReturnCode", "allow", "suppress", "force", NULL };
static const char *const architectures_v1[] = { "none", "x86", "x64", "arm", "neutral", NULL };
static const char *const architectures_beta[] = { "none", "x86", "x64", "arm", "neutral", "arm64",
	NULL };
static const char *const code_types[] = { "failed", "success", "softReboot", "hardReboot", "retry",
	NULL };
static const char *const operators[] = { "notConfigured", "equal", "notEqual", "greaterThan",
	"greaterThanOrEqual", "lessThan", "lessThanOrEqual", NULL };
static const char *const package_types[] = { "perMachine", "perUser", "dualPurpose", NULL };
static const char *const rule_kinds[] = { "detection", "requirement", NULL };
static const char *const registry_operations[] = { "notConfigured", "exists", "doesNotExist",
	"string", "integer", "version", NULL };
static const char *const file_operations[] = { "notConfigured", "exists", "modifiedDate",
	"createdDate", "version", "sizeInMB", "doesNotExist", "sizeInBytes", "appVersion", NULL };

#define RULE "#microsoft.graph.win32LobApp"
static const char *const product_members[] = { "@odata.type", "ruleType", "productCode",
	"productVersionOperator", "productVersion", NULL };
static const char *const registry_members[] = { "@odata.type", "ruleType", "check32BitOn64System",
	"keyPath", "valueName", "operationType", "operator", "comparisonValue", NULL };
static const char *const file_members[] = { "@odata.type", "ruleType", "check32BitOn64System",
	"path", "fileOrFolderName", "operationType", "operator", "comparisonValue", NULL };
static const char *const script_members[] = { "@odata.type", "ruleType", "displayName",
	"enforceSignatureCheck", "runAs32Bit", "runAsAccount", "scriptContent", "operationType",
	"operator", "comparisonValue", NULL };

static const struct rule_type {
	const char *type;
	const char *const *members;
	const char *first, *second; /* required texts */
	const char *const *operations;
} rule_types[] = {
	{ RULE "ProductCodeRule", product_members, "productCode", "productCode", NULL },
	{ RULE "RegistryRule", registry_members, "keyPath", "operationType", registry_operations },
	{ RULE "FileSystemRule", file_members, "path", "fileOrFolderName", file_operations },
	{ RULE "PowerShellScriptRule", script_members, "scriptContent", "scriptContent", NULL },
};

static int check_members(const struct ad_json *object, const char *const *known,
	const char *const *also, const char *what, struct ad_err *err)
{
	AD_JSON_EACH(member, object)
	if (!among(known, ad_json_name(member)) && !(also && among(also, ad_json_name(member))))
		return AD_FAIL(err, AD_EINVAL, "The property '%s' does not exist on type '%s'.",
			ad_json_name(member), what);
	return 0;
}

static int check_word(const struct ad_json *object, const char *name, const char *const *known,
	struct ad_err *err)
{
	const char *word = ad_json_str(object, name);

	if (!among(known, word))
		return AD_FAIL(err, AD_EINVAL, "'%s' is no value of '%s'.",
			word ? word : "(missing)", name);
	return 0;
}

static int check_architectures(const struct ad_json *body, bool beta, struct ad_err *err)
{
	const char *list = ad_json_str(body, "applicableArchitectures");

	if (!list)
		return AD_FAIL(err, AD_EINVAL, "'applicableArchitectures' is missing.");
	while (*list) {
		char word[16] = "";
		size_t len = strcspn(list, ",");

		if (len < sizeof(word))
			memcpy(word, list, len);
		if (!among(beta ? architectures_beta : architectures_v1, word))
			return AD_FAIL(err, AD_EINVAL,
				"'%s' is no value of 'applicableArchitectures'.", word);
		list += len;
		list += strspn(list, ", ");
	}
	return 0;
}

static int check_return_codes(const struct ad_json *codes, struct ad_err *err)
{
	if (!ad_json_count(codes) || ad_json_count(codes) > CODES_MAX)
		return AD_FAIL(err, AD_EINVAL, "'returnCodes' is empty or too long.");
	AD_JSON_EACH(code, codes)
	{
		const struct ad_json *number = ad_json_get(code, "returnCode");
		int same = 0;

		if (ad_json_kind(number) != AD_JSON_NUMBER)
			return AD_FAIL(err, AD_EINVAL, "'returnCode' must be a number.");
		int rc = check_word(code, "type", code_types, err);
		if (rc)
			return rc;
		AD_JSON_EACH(other, codes)
		same += ad_json_int(other, "returnCode", 0) == ad_json_int(code, "returnCode", 0);
		if (same > 1)
			return AD_FAIL(err, AD_EINVAL, "Return code %lld is there twice.",
				(long long)ad_json_int(code, "returnCode", 0));
	}
	return 0;
}

static const struct rule_type *rule_type_of(const struct ad_json *rule)
{
	const char *type = dt_member(rule, "@odata.type");

	for (size_t i = 0; i < sizeof(rule_types) / sizeof(rule_types[0]); i++)
		if (ad_text_eq(rule_types[i].type, type))
			return &rule_types[i];
	return NULL;
}

static int check_rule(const struct ad_json *rule, struct ad_err *err)
{
	const struct rule_type *type = rule_type_of(rule);
	int rc;

	if (!type)
		return AD_FAIL(err, AD_EINVAL, "A rule has an unknown or no '@odata.type'.");
	rc = check_members(rule, type->members, NULL, type->type, err);
	if (!rc)
		rc = check_word(rule, "ruleType", rule_kinds, err);
	if (rc)
		return rc;
	if (ad_text_empty(ad_json_str(rule, type->first)) ||
		ad_text_empty(ad_json_str(rule, type->second)))
		return AD_FAIL(err, AD_EINVAL, "A %s needs '%s' and '%s'.", type->type, type->first,
			type->second);
	if (type->operations)
		rc = check_word(rule, "operationType", type->operations, err);
	if (!rc && ad_json_get(rule, "operator"))
		rc = check_word(rule, "operator", operators, err);
	return rc;
}

static int check_rules(const struct ad_json *body, struct ad_err *err)
{
	const struct ad_json *rules = ad_json_get(body, "rules");
	size_t detections = 0, scripts = 0;

	if (ad_json_get(body, "detectionRules") || ad_json_get(body, "requirementRules"))
		return rules ? AD_FAIL(err, AD_EINVAL,
				       "'rules' and 'detectionRules' exclude each other.")
			     : 0;
	AD_JSON_EACH(rule, rules)
	{
		int rc = check_rule(rule, err);
		bool detection = ad_text_eq(ad_json_str(rule, "ruleType"), "detection");

		if (rc)
			return rc;
		detections += detection;
		scripts += detection &&
			   ad_text_eq(dt_member(rule, "@odata.type"), RULE "PowerShellScriptRule");
	}
	if (!detections)
		return AD_FAIL(err, AD_EINVAL, "At least one detection rule is needed.");
	if (scripts && detections > 1)
		return AD_FAIL(
			err, AD_EINVAL, "A script must be the only detection rule of the app.");
	return 0;
}

static int check_msi(const struct ad_json *body, struct ad_err *err)
{
	static const char *const known[] = { "@odata.type", "productCode", "productVersion",
		"upgradeCode", "requiresReboot", "packageType", "productName", "publisher", NULL };
	const struct ad_json *msi = ad_json_get(body, "msiInformation");

	if (ad_json_kind(msi) != AD_JSON_OBJECT)
		return 0;
	int rc = check_members(msi, known, NULL, "microsoft.graph.win32LobAppMsiInformation", err);
	if (!rc)
		rc = check_word(msi, "packageType", package_types, err);
	if (!rc && ad_text_empty(ad_json_str(msi, "productCode")))
		rc = AD_FAIL(err, AD_EINVAL, "'msiInformation.productCode' is missing.");
	return rc;
}

static int check_experience(const struct ad_json *body, bool beta, struct ad_err *err)
{
	static const char *const known[] = { "@odata.type", "runAsAccount", "deviceRestartBehavior",
		NULL };
	static const char *const known_beta[] = { "maxRunTimeInMinutes", NULL };
	const struct ad_json *experience = ad_json_get(body, "installExperience");
	int rc = check_members(experience, known, beta ? known_beta : NULL,
		"microsoft.graph.win32LobAppInstallExperience", err);

	if (!rc)
		rc = check_word(experience, "runAsAccount", accounts, err);
	if (!rc)
		rc = check_word(experience, "deviceRestartBehavior", restarts, err);
	return rc;
}

static int check_required(const struct ad_json *body, bool beta, struct ad_err *err)
{
	for (size_t i = 0; required[i]; i++)
		if (ad_text_empty(ad_json_str(body, required[i])))
			return AD_FAIL(err, AD_EINVAL, "'%s' is missing or empty.", required[i]);
	int rc = check_word(body, "minimumSupportedWindowsRelease", releases, err);
	if (!rc)
		rc = check_experience(body, beta, err);
	if (!rc)
		rc = check_architectures(body, beta, err);
	if (!rc)
		rc = check_return_codes(ad_json_get(body, "returnCodes"), err);
	if (!rc)
		rc = check_rules(body, err);
	return rc;
}

int dt_intune_check_app(const struct ad_json *body, bool beta, bool whole, struct ad_err *err)
{
	if (!ad_text_eq(dt_member(body, "@odata.type"), "#microsoft.graph.win32LobApp"))
		return AD_FAIL(
			err, AD_EINVAL, "'@odata.type' must be #microsoft.graph.win32LobApp.");
	int rc = check_members(
		body, members_v1, beta ? members_beta : NULL, "microsoft.graph.win32LobApp", err);
	if (!rc)
		rc = check_msi(body, err);
	if (!rc && whole)
		rc = check_required(body, beta, err);
	else if (!rc && ad_json_get(body, "rules"))
		rc = check_rules(body, err);
	if (!rc && !whole && ad_json_get(body, "returnCodes"))
		rc = check_return_codes(ad_json_get(body, "returnCodes"), err);
	return rc;
}

int dt_intune_check_assignment(const struct ad_json *assignment, struct ad_err *err)
{
	static const char *const intents[] = { "required", "available", "uninstall",
		"availableWithoutEnrollment", NULL };
	static const char *const targets[] = { "#microsoft.graph.groupAssignmentTarget",
		"#microsoft.graph.exclusionGroupAssignmentTarget",
		"#microsoft.graph.allDevicesAssignmentTarget",
		"#microsoft.graph.allLicensedUsersAssignmentTarget", NULL };
	static const char *const known[] = { "@odata.type", "id", "intent", "target", "settings",
		"source", "sourceId", NULL };
	const struct ad_json *settings = ad_json_get(assignment, "settings");
	int rc = check_members(assignment, known, NULL, "microsoft.graph.mobileAppAssignment", err);

	if (!rc)
		rc = check_word(assignment, "intent", intents, err);
	if (rc)
		return rc;
	const char *target = dt_member(ad_json_get(assignment, "target"), "@odata.type");
	if (!among(targets, target))
		return AD_FAIL(err, AD_EINVAL, "The assignment's target has no known type.");
	if (ad_json_kind(settings) == AD_JSON_OBJECT &&
		!ad_text_eq(dt_member(settings, "@odata.type"),
			"#microsoft.graph.win32LobAppAssignmentSettings"))
		return AD_FAIL(err, AD_EINVAL, "The assignment's settings are for another type.");
	return 0;
}
