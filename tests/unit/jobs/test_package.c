/* SPDX-License-Identifier: Apache-2.0 */
/* The Intune app that a package becomes, and the keys that rest in the database meanwhile. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "package.h"

#include "ad/text.h"

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

static const struct ad_app app = { .id = 7, .name = "7-Zip", .publisher = "", .description = "" };

static struct ad_winget_resolution example(void)
{
	return (struct ad_winget_resolution){
		.manifest = { .id = "7zip.7zip",
			.version = "24.09",
			.locale = { .publisher = "Igor Pavlov",
				.package_name = "7-Zip",
				.short_description = "Packs \xe2\x80\xae files" } }
	};
}

static struct ad_json *body_of(const struct ad_pack_source *source)
{
	struct ad_pack_plan plan;
	struct ad_err err = { 0 };
	struct ad_winget_resolution resolution = example();
	if (ad_pack_plan_make(arena, source, &plan, &err) < 0)
		fail_msg("%s", err.text);
	return ad_package_body(
		arena, &resolution, &app, &plan, ad_package_marker(arena, 5, "7zip.7zip", "24.09"));
}

/* Graph reads a type only when it comes first. */
static void check_types_first(const struct ad_json *value)
{
	size_t position = 0;
	AD_JSON_EACH(item, value)
	{
		if (ad_text_eq(ad_json_name(item), "@odata.type"))
			assert_int_equal(position, 0);
		if (ad_json_kind(item) == AD_JSON_OBJECT || ad_json_kind(item) == AD_JSON_ARRAY)
			check_types_first(item);
		position++;
	}
}

static void an_msi_becomes_a_complete_app(void **state)
{
	(void)state;
	const struct ad_msi msi = { .product_code = "{23170F69-40C1-2702-2409-000001000000}",
		.product_version = "24.09.00.0",
		.product_name = "7-Zip 24.09",
		.manufacturer = "Igor Pavlov",
		.upgrade_code = "",
		.package_code = "",
		.arch = "x64",
		.scope = AD_MSI_PER_MACHINE };
	const struct ad_pack_source source = { .package_id = "7zip.7zip",
		.version = "24.09",
		.name = "7-Zip",
		.setup_file = "setup.msi",
		.type = AD_PACK_MSI,
		.arch = AD_PACK_X64,
		.msi = &msi };
	struct ad_json *body = body_of(&source);
	static const char *const wanted[] = { "displayName", "description", "publisher", "fileName",
		"setupFilePath", "installCommandLine", "uninstallCommandLine",
		"applicableArchitectures", "minimumSupportedWindowsRelease" };
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		assert_false(ad_text_empty(ad_json_str(body, wanted[i])));
	check_types_first(body);
	assert_string_equal(ad_json_text(ad_json_first(body)), "#microsoft.graph.win32LobApp");
	assert_non_null(strstr(ad_json_str(body, "notes"), "[AppDesk|5|7zip.7zip|24.09]"));
	assert_string_equal(ad_json_str(body, "publisher"), "Igor Pavlov");
	/* What a manifest says is shown to people: it cannot turn their text around. */
	assert_null(strstr(ad_json_str(body, "description"), "\xe2\x80\xae"));
	assert_string_equal(ad_json_str(body, "installExperience.runAsAccount"), "system");
	assert_string_equal(ad_json_str(body, "msiInformation.packageType"), "perMachine");
	const struct ad_json *rule = ad_json_first(ad_json_get(body, "rules"));
	assert_string_equal(ad_json_str(rule, "ruleType"), "detection");
	assert_string_equal(ad_json_str(rule, "productCode"), msi.product_code);
	assert_string_equal(ad_json_str(rule, "productVersionOperator"), "greaterThanOrEqual");
}

static void a_program_is_detected_in_the_registry(void **state)
{
	(void)state;
	const struct ad_pack_source source = { .package_id = "Some.App",
		.version = "1.0 beta",
		.name = "Some App",
		.setup_file = "setup.exe",
		.type = AD_PACK_NULLSOFT,
		.arch = AD_PACK_X86,
		.product_code = "SomeApp" };
	struct ad_json *body = body_of(&source);
	check_types_first(body);
	const struct ad_json *rule = ad_json_first(ad_json_get(body, "rules"));
	assert_string_equal(ad_json_str(rule, "operationType"), "string");
	assert_string_equal(ad_json_str(rule, "operator"), "equal");
	assert_string_equal(ad_json_str(rule, "comparisonValue"), "1.0 beta");
	assert_true(ad_json_bool(rule, "check32BitOn64System", false));
	assert_int_equal(ad_json_kind(ad_json_get(body, "msiInformation")), AD_JSON_NULL);
}

static void sealed_keys_open_for_their_job_alone(void **state)
{
	(void)state;
	struct ad_jobs_options options = { .seal_key = { .id = "k1", .key = { 1, 2, 3 } } };
	struct ad_job_run run = { .options = &options, .arena = arena, .job = { .id = 5 } };
	struct ad_intunewin_info info;
	struct ad_intunewin_info back;
	struct ad_err err;
	memset(&info, 0x5a, sizeof(info));
	info.setup_file = NULL;
	info.name = NULL;
	const char *sealed = ad_package_seal(&run, &info);
	assert_null(strstr(sealed, "Wlpa")); /* base64 of the bytes as they are */
	assert_int_equal(ad_package_unseal(&run, sealed, &back, &err), 0);
	assert_memory_equal(back.encryption_key, info.encryption_key, sizeof(info.encryption_key));
	assert_memory_equal(back.mac_key, info.mac_key, sizeof(info.mac_key));
	assert_memory_equal(back.digest, info.digest, sizeof(info.digest));

	run.job.id = 6;
	assert_int_equal(ad_package_unseal(&run, sealed, &back, &err), AD_EINTEGRITY);
	run.job.id = 5;
	options.seal_key.key[0] = 9;
	assert_int_equal(ad_package_unseal(&run, sealed, &back, &err), AD_EINTEGRITY);
	assert_int_equal(ad_package_unseal(&run, NULL, &back, &err), AD_EINTEGRITY);
	assert_int_equal(ad_package_unseal(&run, "not base64!", &back, &err), AD_EINTEGRITY);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_msi_becomes_a_complete_app),
		cmocka_unit_test(a_program_is_detected_in_the_registry),
		cmocka_unit_test(sealed_keys_open_for_their_job_alone),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
