/* SPDX-License-Identifier: Apache-2.0 */
/* The plan: commands, detection, requirements, and scripts that hold foreign text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "ad/pack.h"
#include "ad/text.h"
#include "requirement.h"

static struct ad_arena *arena;

static int set_up(void **state)
{
	(void)state;
	arena = ad_arena_new();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	ad_arena_free(arena);
	return 0;
}

static const struct ad_msi example_msi = { .product_code = "{11111111-2222-3333-4444-555555555555}",
	.product_version = "24.09.00.0",
	.product_name = "Example",
	.manufacturer = "Example Ltd",
	.upgrade_code = "",
	.package_code = "",
	.arch = "x64",
	.scope = AD_MSI_PER_MACHINE };

static struct ad_pack_source example(enum ad_pack_type type)
{
	return (struct ad_pack_source){ .package_id = "Example.App",
		.version = "24.09",
		.name = "Example App",
		.setup_file = type == AD_PACK_MSI ? "setup.msi" : "setup.exe",
		.type = type,
		.arch = AD_PACK_X64,
		.msi = type == AD_PACK_MSI ? &example_msi : NULL };
}

static struct ad_pack_plan plan_of(const struct ad_pack_source *source)
{
	struct ad_pack_plan plan;
	struct ad_err err = { 0 };
	int r = ad_pack_plan_make(arena, source, &plan, &err);
	if (r < 0)
		fail_msg("%s", err.text);
	return plan;
}

static void an_msi_is_run_by_msiexec_and_found_by_its_product_code(void **state)
{
	(void)state;
	struct ad_pack_source source = example(AD_PACK_MSI);
	source.custom = "INSTALLDIR=\"C:\\A B\"";
	source.product_code = "{99999999-2222-3333-4444-555555555555}";
	struct ad_pack_plan plan = plan_of(&source);
	assert_string_equal(plan.install_command,
		"msiexec /i \"setup.msi\" /quiet /norestart INSTALLDIR=\"C:\\A B\"");
	assert_string_equal(plan.uninstall_command,
		"msiexec /x {11111111-2222-3333-4444-555555555555} /quiet /norestart");
	assert_int_equal(plan.rules_count, 1);
	assert_string_equal(plan.rules[0].product_code, example_msi.product_code);
	assert_int_equal(plan.rules[0].compare, AD_PACK_VERSION_AT_LEAST);
	assert_int_equal(plan.scripts_count, 0);
	/* The verified file is right, the manifest's other code is worth a remark. */
	assert_non_null(strstr(plan.remark, "{99999999"));
}

static void an_msi_for_one_user_is_installed_for_the_machine_by_the_system(void **state)
{
	(void)state;
	struct ad_msi msi = example_msi;
	msi.scope = AD_MSI_PER_USER;
	struct ad_pack_source source = example(AD_PACK_MSI);
	source.msi = &msi;
	assert_non_null(strstr(plan_of(&source).install_command, " ALLUSERS=1"));
	source.custom = "ALLUSERS=2 MSIINSTALLPERUSER=\"\"";
	assert_null(strstr(plan_of(&source).install_command, "ALLUSERS=1"));
	source.custom = NULL;
	source.user_scope = true;
	assert_null(strstr(plan_of(&source).install_command, "ALLUSERS=1"));
}

static void a_registered_program_is_found_by_its_uninstall_key(void **state)
{
	(void)state;
	struct ad_pack_source source = example(AD_PACK_INNO);
	source.product_code = "{ABC}_is1";
	source.display_version = "24.9.1";
	struct ad_pack_plan plan = plan_of(&source);
	assert_string_equal(plan.install_command,
		"\"setup.exe\" /SP- /VERYSILENT /SUPPRESSMSGBOXES /NORESTART");
	assert_string_equal(plan.rules[0].key,
		"HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Uninstall\\{ABC}"
		"_is1");
	assert_string_equal(plan.rules[0].version, "24.9.1");
	assert_false(plan.rules[0].in_32bit_view);
	assert_int_equal(plan.scripts_count, 1);
	assert_non_null(strstr(plan.uninstall_command, plan.scripts[0].name));

	source.arch = AD_PACK_X86;
	source.user_scope = true;
	plan = plan_of(&source);
	assert_true(plan.rules[0].in_32bit_view);
	assert_true(ad_text_starts(plan.rules[0].key, "HKEY_CURRENT_USER\\"));
	assert_string_equal(plan.architectures, "x86,x64");
}

static void a_nullsoft_folder_switch_comes_last(void **state)
{
	(void)state;
	struct ad_pack_source source = example(AD_PACK_NULLSOFT);
	source.product_code = "Example";
	source.custom = "/D=C:\\Program Files\\Example";
	assert_string_equal(
		plan_of(&source).install_command, "\"setup.exe\" /S /D=C:\\Program Files\\Example");
}

static void an_unregistered_program_leaves_a_mark(void **state)
{
	(void)state;
	struct ad_pack_source source = example(AD_PACK_EXE);
	source.silent = "/install /quiet";
	struct ad_pack_plan plan = plan_of(&source);
	assert_int_equal(plan.scripts_count, 2);
	assert_non_null(strstr(plan.install_command, "-File appdesk-install.ps1"));
	assert_string_equal(
		plan.rules[0].key, "HKEY_LOCAL_MACHINE\\SOFTWARE\\AppDesk\\Apps\\Example.App");
	assert_string_equal(plan.rules[0].value, "Version");
	assert_non_null(strstr(plan.scripts[0].data, "$arguments = '/install /quiet'\r\n"));
	assert_non_null(plan.remark);
}

static void an_exe_without_silent_switches_is_refused(void **state)
{
	(void)state;
	struct ad_pack_plan plan;
	struct ad_err err;
	struct ad_pack_source source = example(AD_PACK_EXE);
	assert_int_equal(ad_pack_plan_make(arena, &source, &plan, &err), AD_EINVAL);
	assert_non_null(strstr(err.text, "silent"));
}

static void foreign_text_never_leaves_its_quotes_in_a_script(void **state)
{
	(void)state;
	struct ad_pack_source source = example(AD_PACK_NULLSOFT);
	source.name = "It's \xe2\x80\x99; calc; \xe2\x80\x98 $(calc)";
	struct ad_pack_plan plan = plan_of(&source);
	const char *script = plan.scripts[1].data;
	assert_non_null(strstr(script, "$display = 'It''s \xe2\x80\x99\xe2\x80\x99; calc; "
				       "\xe2\x80\x98\xe2\x80\x98 $(calc)'\r\n"));

	struct ad_err err;
	source.name = "two\nlines";
	assert_int_equal(ad_pack_plan_make(arena, &source, &plan, &err), AD_EINVAL);
}

static void names_that_could_leave_the_package_are_refused(void **state)
{
	(void)state;
	static const char *const names[] = { "", "..\\x.exe", "a/b.exe", "a b.exe", "a\"b.exe",
		"-x.exe", ".exe", "a&b.exe" };
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct ad_pack_plan plan;
		struct ad_err err;
		struct ad_pack_source source = example(AD_PACK_INNO);
		source.setup_file = names[i];
		assert_int_equal(ad_pack_plan_make(arena, &source, &plan, &err), AD_EINVAL);
	}
}

static void a_product_code_is_one_registry_key(void **state)
{
	(void)state;
	struct ad_pack_plan plan;
	struct ad_err err;
	struct ad_pack_source source = example(AD_PACK_INNO);
	source.product_code = "..\\..\\Run";
	assert_int_equal(ad_pack_plan_make(arena, &source, &plan, &err), AD_EINVAL);
}

static enum ad_pack_outcome outcome(const struct ad_pack_plan *plan, int32_t code)
{
	size_t found = 0;
	enum ad_pack_outcome outcome = AD_PACK_FAILED;
	for (size_t i = 0; i < plan->return_codes_count; i++) {
		if (plan->return_codes[i].code != code)
			continue;
		outcome = plan->return_codes[i].outcome;
		found++;
	}
	assert_int_equal(found, 1); /* Graph refuses a code that is there twice */
	return outcome;
}

static void each_exit_code_has_one_meaning(void **state)
{
	(void)state;
	static const int32_t success[] = { 0, 7 };
	static const struct ad_pack_response responses[] = { { 3010, "rebootInitiated" },
		{ 3010, "rebootRequiredToFinish" }, { 1618, "installInProgress" },
		{ 8, "rebootRequiredForInstall" }, { 5, "cancelledByUser" }, { 0, "diskFull" },
		{ 1638, "alreadyInstalled" }, { -2147023258, "packageInUse" } };
	struct ad_pack_source source = example(AD_PACK_INNO);
	source.success_codes = success;
	source.success_codes_count = 2;
	source.responses = responses;
	source.responses_count = sizeof(responses) / sizeof(responses[0]);
	struct ad_pack_plan plan = plan_of(&source);
	assert_int_equal(outcome(&plan, 0), AD_PACK_SUCCESS);
	assert_int_equal(outcome(&plan, 7), AD_PACK_SUCCESS);
	assert_int_equal(outcome(&plan, 3010), AD_PACK_HARD_REBOOT);
	assert_int_equal(outcome(&plan, 8), AD_PACK_RETRY);
	assert_int_equal(outcome(&plan, 5), AD_PACK_FAILED);
	assert_int_equal(outcome(&plan, 1638), AD_PACK_SUCCESS);
	assert_int_equal(outcome(&plan, -2147023258), AD_PACK_RETRY);
	assert_int_equal(outcome(&plan, 1707), AD_PACK_SUCCESS);
}

static void a_windows_build_is_the_next_release_that_intune_knows(void **state)
{
	(void)state;
	static const struct {
		const char *version;
		const char *release; /* NULL: refused */
	} rows[] = { { NULL, "1607" }, { "10.0.0.0", "1607" }, { "6.1.7601.0", "1607" },
		{ "10.0.17763.0", "1809" }, { "10.0.17764.0", "1903" }, { "10.0.19042.1", "2H20" },
		{ "10.0.22000.0", "Windows11_21H2" }, { "10.0.22631.0", "Windows11_23H2" },
		{ "10.0.99999.0", NULL }, { "ten", NULL }, { "10.0.17763.0.1", NULL } };
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *release = NULL;
		struct ad_err err;
		int r = ad_pack_minimum_release(rows[i].version, &release, &err);
		assert_int_equal(r, rows[i].release ? 0 : AD_EINVAL);
		if (rows[i].release)
			assert_string_equal(release, rows[i].release);
	}
}

static void only_versions_of_two_to_four_numbers_are_compared_as_such(void **state)
{
	(void)state;
	assert_true(ad_pack_version_is_numeric("1.2"));
	assert_true(ad_pack_version_is_numeric("1.2.3.2147483647"));
	assert_false(ad_pack_version_is_numeric("7"));
	assert_false(ad_pack_version_is_numeric("1.2.3.4.5"));
	assert_false(ad_pack_version_is_numeric("1.2-rc1"));
	assert_false(ad_pack_version_is_numeric("1..2"));
	assert_false(ad_pack_version_is_numeric("1.2147483648"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_msi_is_run_by_msiexec_and_found_by_its_product_code),
		cmocka_unit_test(an_msi_for_one_user_is_installed_for_the_machine_by_the_system),
		cmocka_unit_test(a_registered_program_is_found_by_its_uninstall_key),
		cmocka_unit_test(a_nullsoft_folder_switch_comes_last),
		cmocka_unit_test(an_unregistered_program_leaves_a_mark),
		cmocka_unit_test(an_exe_without_silent_switches_is_refused),
		cmocka_unit_test(foreign_text_never_leaves_its_quotes_in_a_script),
		cmocka_unit_test(names_that_could_leave_the_package_are_refused),
		cmocka_unit_test(a_product_code_is_one_registry_key),
		cmocka_unit_test(each_exit_code_has_one_meaning),
		cmocka_unit_test(a_windows_build_is_the_next_release_that_intune_knows),
		cmocka_unit_test(only_versions_of_two_to_four_numbers_are_compared_as_such),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
