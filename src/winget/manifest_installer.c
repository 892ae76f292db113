/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One installer of a manifest. Every field is looked up in the installer first and then in the
 * root, with the exceptions of packaging.md 2.2; switches are merged one by one.
 */
#include "manifest_parts.h"
#include "type_table.h"

#include "ad/text.h"

#define SHA256_HEX_LEN 64u

/* Where fields come from. */
struct source {
	struct ad_arena *arena;
	const struct ad_yaml *root;
	const struct ad_yaml *own;
};

static const struct ad_yaml *field(const struct source *source, const char *key)
{
	const struct ad_yaml *node = ad_yaml_get(source->own, key);
	bool absent = !node || (node->kind == AD_YAML_SCALAR && !ad_yaml_text(node));
	return absent ? ad_yaml_get(source->root, key) : node;
}

static const char *text(const struct source *source, const char *key)
{
	return ad_yaml_text(field(source, key));
}

static struct ad_winget_list list(const struct source *source, const char *key)
{
	return ad_winget_read_list(source->arena, field(source, key));
}

static bool truth(const struct source *source, const char *key)
{
	return ad_text_eq_nocase(text(source, key), "true");
}

/* Fields that the root must not give to installers of every type. */
static struct source restricted(const struct source *source, bool inherits)
{
	struct source copy = *source;
	if (!inherits)
		copy.root = NULL;
	return copy;
}

static const char *switch_text(const struct source *source, const char *key, const char *otherwise)
{
	const char *own = ad_yaml_str(ad_yaml_get(source->own, "InstallerSwitches"), key);
	const char *root = ad_yaml_str(ad_yaml_get(source->root, "InstallerSwitches"), key);
	if (own)
		return own;
	return root ? root : otherwise;
}

static void read_switches(
	const struct source *source, enum ad_winget_type type, struct ad_winget_switches *ret)
{
	const struct ad_winget_switches *defaults = ad_winget_default_switches(type);
	ret->silent = switch_text(source, "Silent", defaults->silent);
	ret->silent_with_progress =
		switch_text(source, "SilentWithProgress", defaults->silent_with_progress);
	ret->interactive = switch_text(source, "Interactive", defaults->interactive);
	ret->install_location = switch_text(source, "InstallLocation", defaults->install_location);
	ret->log = switch_text(source, "Log", defaults->log);
	ret->upgrade = switch_text(source, "Upgrade", defaults->upgrade);
	ret->custom = switch_text(source, "Custom", defaults->custom);
	ret->repair = switch_text(source, "Repair", defaults->repair);
}

/* Codes are written as they are shown, negative or not; both mean the same 32 bits. */
static bool read_code(const char *word, int32_t *ret)
{
	int64_t number = 0;
	if (!word || ad_text_i64(word, INT32_MIN, UINT32_MAX, &number) != 0)
		return false;
	*ret = (int32_t)(number > INT32_MAX ? number - ((int64_t)1 << 32) : number);
	return true;
}

static void read_success_codes(const struct source *source, struct ad_winget_installer *ret)
{
	struct ad_winget_list words = list(source, "InstallerSuccessCodes");
	int32_t *codes = ad_alloc_array(source->arena, words.count, sizeof *codes);
	for (size_t i = 0; i < words.count; i++) {
		if (read_code(words.items[i], &codes[ret->success_code_count]))
			ret->success_code_count++;
	}
	ret->success_codes = codes;
}

static bool has_code(const struct ad_winget_return_code *codes, size_t count, int32_t code)
{
	for (size_t i = 0; i < count; i++) {
		if (codes[i].code == code)
			return true;
	}
	return false;
}

static void read_return_codes(
	const struct source *source, enum ad_winget_type type, struct ad_winget_installer *ret)
{
	const struct ad_yaml *sequence = field(source, "ExpectedReturnCodes");
	size_t default_count = 0;
	size_t max = 0;
	const struct ad_winget_return_code *defaults =
		ad_winget_default_codes(type, &default_count);
	(void)ad_winget_read_room(source->arena, sequence, 1, &max);
	struct ad_winget_return_code *codes =
		ad_alloc_array(source->arena, max + default_count, sizeof *codes);
	size_t count = 0;
	AD_YAML_EACH(item, max > 0 ? sequence : NULL)
	{
		const char *response = ad_yaml_str(item, "ReturnResponse");
		if (count < max && response &&
			read_code(ad_yaml_str(item, "InstallerReturnCode"), &codes[count].code))
			codes[count++].response = response;
	}
	for (size_t i = 0; i < default_count; i++) {
		if (!has_code(codes, count, defaults[i].code))
			codes[count++] = defaults[i];
	}
	ret->return_codes = codes;
	ret->return_code_count = count;
}

static void read_dependencies(const struct source *source, struct ad_winget_installer *ret)
{
	const struct ad_yaml *all = field(source, "Dependencies");
	const struct ad_yaml *packages = ad_yaml_get(all, "PackageDependencies");
	size_t max = 0;
	struct ad_winget_dependency *dependencies =
		ad_winget_read_room(source->arena, packages, sizeof *dependencies, &max);
	AD_YAML_EACH(item, max > 0 ? packages : NULL)
	{
		const char *id = ad_yaml_str(item, "PackageIdentifier");
		if (!id || ret->dependency_count == max)
			continue;
		dependencies[ret->dependency_count++] = (struct ad_winget_dependency){ .id = id,
			.minimum_version = ad_yaml_str(item, "MinimumVersion") };
	}
	ret->dependencies = dependencies;
	ret->windows_features =
		ad_winget_read_list(source->arena, ad_yaml_get(all, "WindowsFeatures"));
	ret->windows_libraries =
		ad_winget_read_list(source->arena, ad_yaml_get(all, "WindowsLibraries"));
	ret->external_dependencies =
		ad_winget_read_list(source->arena, ad_yaml_get(all, "ExternalDependencies"));
}

static void read_arp_entries(const struct source *source, struct ad_winget_installer *ret)
{
	const struct ad_yaml *sequence = field(source, "AppsAndFeaturesEntries");
	size_t max = 0;
	struct ad_winget_arp_entry *entries =
		ad_winget_read_room(source->arena, sequence, sizeof *entries, &max);
	AD_YAML_EACH(item, max > 0 ? sequence : NULL)
	{
		if (ret->arp_entry_count == max)
			break;
		entries[ret->arp_entry_count++] = (struct ad_winget_arp_entry){
			.display_name = ad_yaml_str(item, "DisplayName"),
			.publisher = ad_yaml_str(item, "Publisher"),
			.display_version = ad_yaml_str(item, "DisplayVersion"),
			.product_code = ad_yaml_str(item, "ProductCode"),
			.upgrade_code = ad_yaml_str(item, "UpgradeCode"),
			.type = ad_winget_type_of(ad_yaml_str(item, "InstallerType")),
		};
	}
	ret->arp_entries = entries;
}

/* Relative, and nowhere up. Manifests write backslashes. */
static char *nested_path(struct ad_arena *arena, const char *path)
{
	char *copy = ad_strdup(arena, path);
	for (char *c = copy; *c; c++) {
		if (*c == '\\')
			*c = '/';
		if (*c == ':' || (unsigned char)*c < 0x20)
			return NULL;
	}
	for (const char *part = copy; part; part = strchr(part, '/')) {
		if (part != copy)
			part++;
		size_t len = strcspn(part, "/");
		if (len == 0 || (len == 2 && memcmp(part, "..", 2) == 0))
			return NULL;
	}
	return copy;
}

static int read_nested_files(
	const struct source *source, struct ad_winget_installer *ret, struct ad_err *err)
{
	const struct ad_yaml *sequence = field(source, "NestedInstallerFiles");
	size_t max = 0;
	struct ad_winget_nested_file *files =
		ad_winget_read_room(source->arena, sequence, sizeof *files, &max);
	AD_YAML_EACH(item, max > 0 ? sequence : NULL)
	{
		const char *path = ad_yaml_str(item, "RelativeFilePath");
		char *inside = path ? nested_path(source->arena, path) : NULL;
		if (!inside)
			return AD_FAIL(err, AD_EINVAL,
				"manifest: line %zu: nested installer leaves its archive",
				item->line);
		if (ret->nested_file_count < max)
			files[ret->nested_file_count++] =
				(struct ad_winget_nested_file){ .path = inside,
					.alias = ad_yaml_str(item, "PortableCommandAlias") };
	}
	ret->nested_files = files;
	return 0;
}

static int read_location(
	const struct source *source, struct ad_winget_installer *ret, struct ad_err *err)
{
	uint8_t digest[SHA256_HEX_LEN / 2];
	const char *sha256 = text(source, "InstallerSha256");
	ret->url = text(source, "InstallerUrl");
	if (!ret->url || strlen(ret->url) > AD_WINGET_URL_MAX ||
		(!ad_text_starts(ret->url, "https://") && !ad_text_starts(ret->url, "http://")))
		return AD_FAIL(err, AD_EINVAL,
			"manifest: line %zu: installer address is missing or malformed",
			source->own->line);
	if (!sha256 || ad_hex_decode(sha256, digest, sizeof digest) != 0)
		return AD_FAIL(err, AD_EINVAL,
			"manifest: line %zu: installer hash is missing or malformed",
			source->own->line);
	ret->sha256 = ad_text_lower(source->arena, sha256);
	return 0;
}

static void read_facts(const struct source *source, struct ad_winget_installer *ret)
{
	ret->arch = ad_winget_arch_of(text(source, "Architecture"));
	ret->scope = ad_winget_scope_of(text(source, "Scope"));
	ret->locale = text(source, "InstallerLocale");
	ret->minimum_os_version = text(source, "MinimumOSVersion");
	ret->elevation = text(source, "ElevationRequirement");
	ret->upgrade_behavior = text(source, "UpgradeBehavior");
	ret->release_date = text(source, "ReleaseDate");
	ret->unsupported_arguments = list(source, "UnsupportedArguments");
	ret->unsupported_os_architectures = list(source, "UnsupportedOSArchitectures");
	ret->commands = list(source, "Commands");
	ret->install_location_required = truth(source, "InstallLocationRequired");
	ret->aborts_terminal = truth(source, "InstallerAbortsTerminal");
	ret->download_prohibited = truth(source, "DownloadCommandProhibited");
	const char *sign_in = ad_yaml_str(field(source, "Authentication"), "AuthenticationType");
	ret->needs_sign_in = sign_in && !ad_text_eq_nocase(sign_in, "none");
}

enum ad_winget_type ad_winget_effective_type(const struct ad_winget_installer *installer)
{
	return installer->type == AD_WINGET_TYPE_ZIP ? installer->nested_type : installer->type;
}

int ad_winget_read_installer(struct ad_arena *arena, const struct ad_yaml *root,
	const struct ad_yaml *own, struct ad_winget_installer *ret, struct ad_err *err)
{
	struct source source = { .arena = arena, .root = root, .own = own };
	*ret = (struct ad_winget_installer){ 0 };
	int rc = read_location(&source, ret, err);
	if (rc)
		return rc;
	ret->type = ad_winget_type_of(text(&source, "InstallerType"));
	if (ret->type == AD_WINGET_TYPE_ZIP) {
		ret->nested_type = ad_winget_type_of(text(&source, "NestedInstallerType"));
		rc = read_nested_files(&source, ret, err);
		if (rc)
			return rc;
	}
	enum ad_winget_type type = ad_winget_effective_type(ret);
	struct source arp = restricted(&source, ad_winget_type_has_arp_entry(type));
	struct source family = restricted(&source, ad_winget_type_has_family_name(type));
	read_facts(&source, ret);
	ret->product_code = text(&arp, "ProductCode");
	ret->package_family_name = text(&family, "PackageFamilyName");
	read_switches(&source, type, &ret->switches);
	read_success_codes(&source, ret);
	read_return_codes(&source, type, ret);
	read_dependencies(&source, ret);
	read_arp_entries(&arp, ret);
	return 0;
}
