/* SPDX-License-Identifier: Apache-2.0 */
/* Manifests: inheritance, defaults, and what is refused. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdbool.h>
#include <setjmp.h>
#include <cmocka.h>

#include "ad/winget/manifest.h"
#include "ad/text.h"

#include "shared_data.h"

#include <dirent.h>

#define HASH_A "AA112233445566778899AABBCCDDEEFF00112233445566778899aabbccddeeff"
#define HASH_B "bb112233445566778899AABBCCDDEEFF00112233445566778899aabbccddeeff"
#define HEAD                                                                              \
	"ManifestType: merged\nManifestVersion: 1.12.0\nPackageIdentifier: Contoso.App\n" \
	"PackageVersion: 1.10\n"
#define PLACE_A "  InstallerUrl: https://example.com/a\n  InstallerSha256: " HASH_A "\n"
#define PLACE_B "  InstallerUrl: https://example.com/b\n  InstallerSha256: " HASH_B "\n"

static int setup(void **state)
{
	*state = ad_arena_new();
	return 0;
}

static int teardown(void **state)
{
	ad_arena_free(*state);
	return 0;
}

static int try_parse(struct ad_arena *arena, const char *text, struct ad_winget_manifest *ret,
	struct ad_err *err)
{
	struct ad_bytes bytes = { .data = (const uint8_t *)text, .len = strlen(text) };
	return ad_winget_manifest_parse(arena, bytes, ret, err);
}

static struct ad_winget_manifest parse(struct ad_arena *arena, const char *text)
{
	struct ad_winget_manifest manifest = { 0 };
	struct ad_err err = { 0 };
	if (try_parse(arena, text, &manifest, &err) != 0)
		fail_msg("%s", err.text);
	return manifest;
}

static void installers_inherit_from_the_root(void **state)
{
	struct ad_winget_manifest manifest = parse(*state,
		HEAD "InstallerType: inno\nScope: user\nMinimumOSVersion: 10.0.0.0\n"
		     "Commands: [a, b]\nReleaseDate: 2026-08-01\n"
		     "Dependencies:\n  WindowsFeatures: [x]\n"
		     "Installers:\n"
		     "- Architecture: x64\n" PLACE_A
		     "- Architecture: ARM64\n  Scope: machine\n  Commands: [c]\n"
		     "  InstallerType: Wix\n"
		     "  Dependencies:\n    PackageDependencies:\n"
		     "    - PackageIdentifier: Contoso.Lib\n      MinimumVersion: 1.0\n" PLACE_B);
	const struct ad_winget_installer *first = &manifest.installers[0];
	const struct ad_winget_installer *second = &manifest.installers[1];
	assert_string_equal(manifest.version, "1.10");
	assert_int_equal(manifest.installer_count, 2);
	assert_int_equal(first->type, AD_WINGET_TYPE_INNO);
	assert_int_equal(first->scope, AD_WINGET_SCOPE_USER);
	assert_int_equal(first->arch, AD_WINGET_ARCH_X64);
	assert_int_equal(first->commands.count, 2);
	assert_int_equal(first->windows_features.count, 1);
	assert_string_equal(first->release_date, "2026-08-01");
	assert_string_equal(first->sha256, ad_text_lower(*state, HASH_A));
	assert_int_equal(second->type, AD_WINGET_TYPE_WIX);
	assert_int_equal(second->scope, AD_WINGET_SCOPE_MACHINE);
	assert_int_equal(second->arch, AD_WINGET_ARCH_ARM64);
	assert_int_equal(second->commands.count, 1);
	assert_string_equal(second->minimum_os_version, "10.0.0.0");
	/* Dependencies replace the root's as a whole. */
	assert_int_equal(second->windows_features.count, 0);
	assert_int_equal(second->dependency_count, 1);
	assert_string_equal(second->dependencies[0].minimum_version, "1.0");
}

static void some_root_fields_reach_some_types_only(void **state)
{
	struct ad_winget_manifest manifest = parse(*state,
		HEAD "ProductCode: Contoso App\nPackageFamilyName: Contoso_123\n"
		     "AppsAndFeaturesEntries:\n- DisplayName: Contoso\n  InstallerType: wix\n"
		     "NestedInstallerType: exe\n"
		     "NestedInstallerFiles:\n- RelativeFilePath: a\\b.exe\n"
		     "Installers:\n"
		     "- InstallerType: exe\n" PLACE_A "- InstallerType: msix\n" PLACE_A
		     "- InstallerType: zip\n" PLACE_A
		     "- InstallerType: msix\n  ProductCode: own\n" PLACE_A);
	const struct ad_winget_installer *exe = &manifest.installers[0];
	const struct ad_winget_installer *msix = &manifest.installers[1];
	const struct ad_winget_installer *zip = &manifest.installers[2];
	assert_string_equal(exe->product_code, "Contoso App");
	assert_null(exe->package_family_name);
	assert_int_equal(exe->arp_entry_count, 1);
	assert_int_equal(exe->arp_entries[0].type, AD_WINGET_TYPE_WIX);
	assert_int_equal(exe->nested_file_count, 0);
	assert_null(msix->product_code);
	assert_string_equal(msix->package_family_name, "Contoso_123");
	assert_int_equal(msix->arp_entry_count, 0);
	assert_int_equal(ad_winget_effective_type(zip), AD_WINGET_TYPE_EXE);
	assert_string_equal(zip->nested_files[0].path, "a/b.exe");
	assert_string_equal(zip->product_code, "Contoso App");
	assert_string_equal(manifest.installers[3].product_code, "own");
}

static void switches_are_merged_one_by_one(void **state)
{
	struct ad_winget_manifest manifest = parse(*state,
		HEAD "InstallerSwitches:\n  Custom: /root\n  Silent: /rootsilent\n"
		     "Installers:\n"
		     "- InstallerType: nullsoft\n  InstallerSwitches:\n    Silent: /own\n" PLACE_A
		     "- InstallerType: exe\n" PLACE_A "- InstallerType: msi\n  InstallerSwitches:\n"
		     "    Log: /own\n" PLACE_A);
	const struct ad_winget_switches *nullsoft = &manifest.installers[0].switches;
	const struct ad_winget_switches *exe = &manifest.installers[1].switches;
	const struct ad_winget_switches *msi = &manifest.installers[2].switches;
	assert_string_equal(nullsoft->silent, "/own");
	assert_string_equal(nullsoft->custom, "/root");
	assert_string_equal(nullsoft->silent_with_progress, "/S");
	assert_string_equal(nullsoft->install_location, "/D=<INSTALLPATH>");
	assert_null(nullsoft->log);
	assert_string_equal(exe->silent, "/rootsilent");
	assert_null(exe->silent_with_progress);
	assert_string_equal(msi->silent, "/rootsilent");
	assert_string_equal(msi->log, "/own");
}

static void defaults_come_from_the_effective_type(void **state)
{
	struct ad_winget_manifest manifest = parse(*state,
		HEAD "Installers:\n- InstallerType: wix\n" PLACE_A "- InstallerType: inno\n" PLACE_A
		     "- InstallerType: zip\n  NestedInstallerType: burn\n" PLACE_A);
	assert_string_equal(manifest.installers[0].switches.silent, "/quiet /norestart");
	assert_string_equal(manifest.installers[1].switches.silent,
		"/SP- /VERYSILENT /SUPPRESSMSGBOXES /NORESTART");
	assert_string_equal(manifest.installers[2].switches.silent, "/quiet /norestart");
}

static const char *response_of(const struct ad_winget_installer *installer, int32_t code)
{
	const char *found = NULL;
	for (size_t i = 0; i < installer->return_code_count; i++) {
		if (installer->return_codes[i].code != code)
			continue;
		assert_null(found);
		found = installer->return_codes[i].response;
	}
	return found;
}

static void return_codes_are_folded_and_the_manifest_wins(void **state)
{
	struct ad_winget_manifest manifest = parse(*state, HEAD
		"InstallerSuccessCodes: [-2147219416, 2147747880, abc, 7]\n"
		"ExpectedReturnCodes:\n"
		"- InstallerReturnCode: 2147944038\n  ReturnResponse: cancelledByUser\n"
		"- InstallerReturnCode: 3010\n  ReturnResponse: custom\n"
		"- InstallerReturnCode: 99999999999\n  ReturnResponse: custom\n"
		"Installers:\n- InstallerType: msi\n" PLACE_A "- InstallerType: inno\n" PLACE_A);
	const struct ad_winget_installer *msi = &manifest.installers[0];
	const struct ad_winget_installer *inno = &manifest.installers[1];
	assert_string_equal(response_of(msi, -2147023258), "cancelledByUser");
	assert_string_equal(response_of(msi, 3010), "custom");
	assert_string_equal(response_of(msi, 1641), "rebootInitiated");
	assert_null(response_of(msi, 8));
	assert_string_equal(response_of(inno, 8), "rebootRequiredForInstall");
	assert_null(response_of(inno, 1641));
	assert_int_equal(msi->success_code_count, 3);
	assert_int_equal(msi->success_codes[0], msi->success_codes[1]);
}

static void nested_paths_may_not_leave_their_archive(void **state)
{
	static const char *const paths[] = { "..\\a.exe", "a\\..\\..\\b", "\\a", "/a", "C:\\a.exe",
		"a//b", "a\\..", "" };
	struct ad_arena *arena = *state;
	for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
		struct ad_winget_manifest manifest;
		struct ad_err err = { 0 };
		char *text = ad_printf(arena,
			HEAD "Installers:\n- InstallerType: zip\n  NestedInstallerType: exe\n"
			     "  NestedInstallerFiles:\n  - RelativeFilePath: '%s'\n" PLACE_A,
			paths[i]);
		if (try_parse(arena, text, &manifest, &err) != AD_EINVAL)
			fail_msg("accepted: %s", paths[i]);
	}
}

static void incomplete_manifests_are_refused(void **state)
{
#define WITH(head) head "Installers:\n- InstallerType: exe\n" PLACE_A
	static const char *const bad[] = {
		HEAD,
		HEAD "Installers: []\n",
		HEAD "Installers: text\n",
		HEAD "Installers:\n- InstallerType: exe\n  InstallerUrl: https://example.com/a\n",
		HEAD "Installers:\n- InstallerSha256: " HASH_A "\n",
		HEAD "Installers:\n- InstallerUrl: ftp://example.com/a\n  InstallerSha256: " HASH_A
		     "\n",
		HEAD "Installers:\n- InstallerUrl: https://example.com/a\n  InstallerSha256: abc\n",
		HEAD "Installers:\n- text\n",
		"- a\n",
		WITH("ManifestType: merged\nManifestVersion: 2.0.0\nPackageIdentifier: A.B\n"
		     "PackageVersion: 1\n"),
		WITH("ManifestType: version\nManifestVersion: 1.0.0\nPackageIdentifier: A.B\n"
		     "PackageVersion: 1\n"),
		WITH("ManifestType: merged\nManifestVersion: 1.0.0\nPackageVersion: 1\n"),
		WITH("ManifestType: merged\nManifestVersion: 1.0.0\nPackageIdentifier: A.B\n"),
		WITH("ManifestType: merged\nManifestVersion: 1.0.0\nPackageIdentifier: A\n"
		     "PackageVersion: 1\n"),
		WITH("ManifestType: merged\nManifestVersion: 1.0.0\nPackageIdentifier: A..B\n"
		     "PackageVersion: 1\n"),
		WITH("ManifestType: merged\nManifestVersion: 1.0.0\nPackageIdentifier: A.B/C\n"
		     "PackageVersion: 1\n"),
		WITH("ManifestType: merged\nManifestVersion: 1.0.0\nPackageIdentifier: A.B\n"
		     "PackageVersion: a/b\n"),
		WITH("ManifestType: merged\nManifestVersion: 1.0.0\n"
		     "PackageIdentifier: A.123456789012345678901234567890123\nPackageVersion: 1\n"),
	};
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct ad_winget_manifest manifest;
		struct ad_err err = { 0 };
		if (try_parse(*state, bad[i], &manifest, &err) != AD_EINVAL)
			fail_msg("accepted: %s", bad[i]);
	}
	(void)parse(*state, WITH("ManifestType: singleton\nManifestVersion: 1.28.0\n"
				 "PackageIdentifier: A.B+\xc3\xa9\nPackageVersion: '1'\n"));
}

static void words_fall_back_to_the_default_locale(void **state)
{
	static const char *const wanted[] = { "fr", "de-AT", "en-US" };
	static const char *const none[] = { "ja-JP" };
	struct ad_winget_list languages = { .items = wanted, .count = 3 };
	struct ad_winget_list other = { .items = none, .count = 1 };
	struct ad_winget_manifest manifest = parse(*state,
		HEAD "PackageLocale: en-US\nPackageName: App\nPublisher: Contoso\nTags: [a]\n"
		     "Icons:\n- IconUrl: https://example.com/i.ico\n  IconFileType: ico\n"
		     "  IconSha256: " HASH_A "\n"
		     "Localization:\n- PackageLocale: de-DE\n  ShortDescription: Kurz\n"
		     "- PackageLocale: zh-CN\n  Tags: [b, c]\n"
		     "Installers:\n- InstallerType: exe\n" PLACE_A);
	const struct ad_winget_locale *german = ad_winget_manifest_locale(&manifest, &languages);
	assert_string_equal(german->locale, "de-DE");
	assert_string_equal(german->short_description, "Kurz");
	assert_string_equal(german->publisher, "Contoso");
	assert_int_equal(german->tags.count, 1);
	assert_int_equal(german->icon_count, 1);
	assert_string_equal(german->icons[0].sha256, ad_text_lower(*state, HASH_A));
	assert_ptr_equal(ad_winget_manifest_locale(&manifest, &other), &manifest.locale);
	assert_int_equal(manifest.localizations[1].tags.count, 2);
}

static void who_must_sign_in_to_download_is_known(void **state)
{
	struct ad_winget_manifest manifest = parse(*state, HEAD
		"Authentication:\n  AuthenticationType: microsoftEntraId\n"
		"Installers:\n- InstallerType: msi\n" PLACE_A
		"- InstallerType: msi\n  Authentication:\n    AuthenticationType: none\n" PLACE_B);
	assert_true(manifest.installers[0].needs_sign_in);
	assert_false(manifest.installers[1].needs_sign_in);
}

#define PART(type) \
	"ManifestType: " type "\nManifestVersion: 1.10.0\nPackageIdentifier: Contoso.App\n"
#define V "PackageVersion: 1.10\n"
#define P_VERSION PART("version") V "DefaultLocale: en-US\n"
#define P_INSTALLER \
	PART("installer") V "InstallerType: exe\nInstallers:\n- Architecture: x64\n" PLACE_A
#define P_DEFAULT \
	PART("defaultLocale") V "PackageLocale: en-US\nPackageName: Draw\nPublisher: Contoso\n"
#define P_GERMAN PART("locale") V "PackageLocale: de-DE\nPackageName: Zeichnen\n"

static int try_parts(struct ad_arena *arena, const char *const *texts, size_t count,
	struct ad_winget_manifest *ret, struct ad_err *err)
{
	struct ad_bytes parts[8];
	for (size_t i = 0; i < count; i++)
		parts[i] = (struct ad_bytes){ .data = (const uint8_t *)texts[i],
			.len = strlen(texts[i]) };
	return ad_winget_manifest_parse_parts(arena, parts, count, ret, err);
}

static void a_manifest_in_several_files_is_one(void **state)
{
	static const char *const files[] = { P_GERMAN, P_INSTALLER, P_VERSION, P_DEFAULT };
	static const char *const german[] = { "de" };
	struct ad_winget_manifest manifest;
	struct ad_err err = { 0 };
	if (try_parts(*state, files, 4, &manifest, &err) != 0)
		fail_msg("%s", err.text);
	assert_string_equal(manifest.id, "Contoso.App");
	assert_string_equal(manifest.version, "1.10");
	assert_string_equal(manifest.locale.package_name, "Draw");
	assert_int_equal(manifest.installer_count, 1);
	const struct ad_winget_locale *words =
		ad_winget_manifest_locale(&manifest, &(struct ad_winget_list){ german, 1 });
	assert_string_equal(words->package_name, "Zeichnen");
	assert_string_equal(words->publisher, "Contoso");
}

static void files_that_do_not_make_one_manifest_are_refused(void **state)
{
	static const struct {
		const char *files[4];
		const char *words;
	} rows[] = {
		{ { P_INSTALLER, P_DEFAULT }, "version file is missing" },
		{ { P_VERSION, P_DEFAULT }, "installer file is missing" },
		{ { P_VERSION, P_INSTALLER }, "default language is missing" },
		{ { P_VERSION, P_INSTALLER, P_DEFAULT, P_INSTALLER }, "installer is there twice" },
		{ { P_VERSION, P_INSTALLER, P_DEFAULT, PART("locale") "PackageVersion: 1.1\n" },
			"PackageVersion differs" },
		{ { P_VERSION, P_INSTALLER, P_DEFAULT, PART("shadow") V }, "shadow is a type" },
		{ { "[]" }, "not a mapping" },
		{ { "a: b" }, "no manifest type" },
		{ { NULL }, "version file is missing" },
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct ad_winget_manifest manifest;
		struct ad_err err = { 0 };
		size_t count = 0;
		while (count < 4 && rows[i].files[count])
			count++;
		int rc = try_parts(*state, rows[i].files, count, &manifest, &err);
		if (rc != AD_EINVAL || !strstr(err.text, rows[i].words))
			fail_msg("\"%s\" where \"%s\" was expected", err.text, rows[i].words);
	}
}

static void genuine_manifests_are_read(void **state)
{
	struct ad_arena *arena = *state;
	(void)shared_file(
		arena, "manifests-merged/Microsoft.EdgeWebView2Runtime.152.0.4191.53.yaml");
	DIR *folder = opendir(shared_path(arena, "manifests-merged"));
	assert_non_null(folder);
	size_t count = 0;
	for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
		struct ad_winget_manifest manifest = { 0 };
		struct ad_err err = { 0 };
		if (entry->d_name[0] == '.')
			continue;
		struct ad_bytes bytes =
			shared_file(arena, ad_printf(arena, "manifests-merged/%s", entry->d_name));
		if (ad_winget_manifest_parse(arena, bytes, &manifest, &err) != 0)
			fail_msg("%s: %s", entry->d_name, err.text);
		assert_int_not_equal(manifest.installer_count, 0);
		assert_non_null(manifest.locale.package_name);
		count++;
	}
	(void)closedir(folder);
	assert_int_not_equal(count, 0);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(installers_inherit_from_the_root),
		TEST(some_root_fields_reach_some_types_only),
		TEST(switches_are_merged_one_by_one),
		TEST(defaults_come_from_the_effective_type),
		TEST(return_codes_are_folded_and_the_manifest_wins),
		TEST(nested_paths_may_not_leave_their_archive),
		TEST(incomplete_manifests_are_refused),
		TEST(words_fall_back_to_the_default_locale),
		TEST(who_must_sign_in_to_download_is_known),
		TEST(a_manifest_in_several_files_is_one),
		TEST(files_that_do_not_make_one_manifest_are_refused),
		TEST(genuine_manifests_are_read),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
