/* SPDX-License-Identifier: Apache-2.0 */
/* The choice of an installer, as a table of what is offered and what is taken. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdbool.h>
#include <setjmp.h>
#include <cmocka.h>

#include "ad/winget/manifest.h"

#include <string.h>

#define OFFERS_MAX 6

#define URL "https://example.com/a"
#define MACHINE AD_WINGET_SCOPE_MACHINE
#define USER AD_WINGET_SCOPE_USER
#define UNKNOWN AD_WINGET_SCOPE_UNKNOWN
#define X86 AD_WINGET_ARCH_X86
#define X64 AD_WINGET_ARCH_X64
#define ARM AD_WINGET_ARCH_ARM
#define ARM64 AD_WINGET_ARCH_ARM64
#define NEUTRAL AD_WINGET_ARCH_NEUTRAL

struct offer {
	enum ad_winget_type type;
	enum ad_winget_arch arch;
	enum ad_winget_scope scope;
	const char *locale;
};

static const struct row {
	const char *why;
	struct offer offers[OFFERS_MAX];
	struct ad_winget_rules rules;
	int taken; /* -1: none */
} rows[] = {
	{ "machine before user, whatever the type",
		{ { AD_WINGET_TYPE_MSI, X64, USER, NULL },
			{ AD_WINGET_TYPE_EXE, X64, MACHINE, NULL } },
		{ .allow_user_scope = true }, 1 },
	{ "machine before unknown",
		{ { AD_WINGET_TYPE_MSI, X64, UNKNOWN, NULL },
			{ AD_WINGET_TYPE_EXE, X64, MACHINE, NULL } },
		{ .host = X64 }, 1 },
	{ "machine scope of an older architecture before unknown scope",
		{ { AD_WINGET_TYPE_MSI, X64, UNKNOWN, NULL },
			{ AD_WINGET_TYPE_MSI, X86, MACHINE, NULL } },
		{ .host = X64 }, 1 },
	{ "unknown before user",
		{ { AD_WINGET_TYPE_MSI, X64, USER, NULL },
			{ AD_WINGET_TYPE_MSI, X64, UNKNOWN, NULL } },
		{ .allow_user_scope = true }, 1 },
	{ "user only if allowed", { { AD_WINGET_TYPE_MSI, X64, USER, NULL } }, { .host = X64 },
		-1 },
	{ "user if allowed", { { AD_WINGET_TYPE_MSI, X64, USER, NULL } },
		{ .allow_user_scope = true }, 0 },
	{ "the scope that is asked for, though another is better",
		{ { AD_WINGET_TYPE_MSI, X64, MACHINE, NULL },
			{ AD_WINGET_TYPE_EXE, X64, USER, NULL } },
		{ .scope = USER }, 1 },
	{ "an asked scope that the manifest does not say",
		{ { AD_WINGET_TYPE_MSI, X64, UNKNOWN, NULL } }, { .scope = MACHINE }, -1 },
	{ "x64 before x86 and neutral",
		{ { AD_WINGET_TYPE_MSI, NEUTRAL, MACHINE, NULL },
			{ AD_WINGET_TYPE_MSI, X86, MACHINE, NULL },
			{ AD_WINGET_TYPE_EXE, X64, MACHINE, NULL } },
		{ .host = X64 }, 2 },
	{ "x86 before neutral",
		{ { AD_WINGET_TYPE_MSI, NEUTRAL, MACHINE, NULL },
			{ AD_WINGET_TYPE_MSI, X86, MACHINE, NULL } },
		{ .host = X64 }, 1 },
	{ "arm64 does not run on x64", { { AD_WINGET_TYPE_MSI, ARM64, MACHINE, NULL } },
		{ .host = X64 }, -1 },
	{ "arm does not run on x64", { { AD_WINGET_TYPE_MSI, ARM, MACHINE, NULL } },
		{ .host = X64 }, -1 },
	{ "arm64 before x64 on arm64",
		{ { AD_WINGET_TYPE_MSI, X64, MACHINE, NULL },
			{ AD_WINGET_TYPE_MSI, ARM64, MACHINE, NULL } },
		{ .host = ARM64 }, 1 },
	{ "x64 does not run on x86", { { AD_WINGET_TYPE_MSI, X64, MACHINE, NULL } },
		{ .host = X86 }, -1 },
	{ "the order of types",
		{ { AD_WINGET_TYPE_EXE, X64, MACHINE, NULL },
			{ AD_WINGET_TYPE_NULLSOFT, X64, MACHINE, NULL },
			{ AD_WINGET_TYPE_INNO, X64, MACHINE, NULL },
			{ AD_WINGET_TYPE_BURN, X64, MACHINE, NULL },
			{ AD_WINGET_TYPE_WIX, X64, MACHINE, NULL },
			{ AD_WINGET_TYPE_MSI, X64, MACHINE, NULL } },
		{ .host = X64 }, 5 },
	{ "the first of equals",
		{ { AD_WINGET_TYPE_MSI, X64, MACHINE, NULL },
			{ AD_WINGET_TYPE_MSI, X64, MACHINE, NULL } },
		{ .host = X64 }, 0 },
	{ "the wanted language",
		{ { AD_WINGET_TYPE_MSI, X64, MACHINE, "en-US" },
			{ AD_WINGET_TYPE_EXE, X64, MACHINE, "de-DE" } },
		{ .locale = "DE-de" }, 1 },
	{ "no language rather than a foreign one",
		{ { AD_WINGET_TYPE_MSI, X64, MACHINE, "ja-JP" },
			{ AD_WINGET_TYPE_EXE, X64, MACHINE, NULL } },
		{ .locale = "de-DE" }, 1 },
	{ "English unless something is wanted",
		{ { AD_WINGET_TYPE_MSI, X64, MACHINE, "ja-JP" },
			{ AD_WINGET_TYPE_EXE, X64, MACHINE, "en-GB" } },
		{ .host = X64 }, 1 },
	{ "msix is not supported", { { AD_WINGET_TYPE_MSIX, X64, MACHINE, NULL } }, { .host = X64 },
		-1 },
	{ "portable is not supported", { { AD_WINGET_TYPE_PORTABLE, X64, MACHINE, NULL } },
		{ .host = X64 }, -1 },
	{ "an unknown type is not supported", { { AD_WINGET_TYPE_UNKNOWN, X64, MACHINE, NULL } },
		{ .host = X64 }, -1 },
	{ "what is supported beside what is not",
		{ { AD_WINGET_TYPE_MSIX, X64, MACHINE, NULL },
			{ AD_WINGET_TYPE_EXE, X86, UNKNOWN, NULL } },
		{ .host = X64 }, 1 },
};

static size_t make_installers(const struct row *row, struct ad_winget_installer *installers)
{
	size_t count = 0;
	for (size_t i = 0; i < OFFERS_MAX && row->offers[i].arch; i++) {
		installers[count++] = (struct ad_winget_installer){ .type = row->offers[i].type,
			.arch = row->offers[i].arch,
			.scope = row->offers[i].scope,
			.locale = row->offers[i].locale,
			.url = URL,
			.switches = { .silent = "/S" } };
	}
	return count;
}

static void the_best_installer_is_taken(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct ad_winget_installer installers[OFFERS_MAX];
		struct ad_winget_manifest manifest = { .id = "Contoso.App",
			.installers = installers,
			.installer_count = make_installers(&rows[i], installers) };
		struct ad_winget_choice choice = { 0 };
		struct ad_err err = { 0 };
		int rc = ad_winget_choose(&manifest, &rows[i].rules, &choice, &err);
		int taken = rc ? -1 : (int)(choice.installer - installers);
		if (taken != rows[i].taken)
			fail_msg("%s: %d was taken, %s", rows[i].why, taken, err.text);
		if (rc)
			assert_int_equal(err.class, AD_CLASS_PERMANENT);
	}
}

static int choose_one(
	struct ad_winget_installer installer, struct ad_winget_rules rules, struct ad_err *err)
{
	struct ad_winget_manifest manifest = {
		.id = "Contoso.App", .installers = &installer, .installer_count = 1
	};
	struct ad_winget_choice choice;
	*err = (struct ad_err){ 0 };
	return ad_winget_choose(&manifest, &rules, &choice, err);
}

static void the_reason_of_a_refusal_is_told(void **state)
{
	struct ad_winget_installer good = { .type = AD_WINGET_TYPE_EXE,
		.arch = X64,
		.scope = MACHINE,
		.url = URL,
		.switches = { .silent = "/S" } };
	struct ad_winget_rules strict = { .host = X64 };
	struct ad_winget_installer bad = good;
	struct ad_err err;
	(void)state;
	assert_int_equal(choose_one(good, strict, &err), 0);
	bad.switches.silent = NULL;
	assert_int_equal(choose_one(bad, strict, &err), AD_EINVAL);
	assert_string_equal(err.text,
		"package Contoso.App has no installer to deploy: exe x64 machine: no switches for "
		"a silent installation");
	bad = good;
	bad.url = "http://example.com/a";
	assert_int_equal(choose_one(bad, strict, &err), AD_EINVAL);
	assert_non_null(strstr(err.text, "not https"));
	assert_int_equal(choose_one(bad, (struct ad_winget_rules){ .allow_http = true }, &err), 0);
	static const char *const not_on[] = { "arm64", "X64" };
	bad = good;
	bad.unsupported_os_architectures = (struct ad_winget_list){ not_on, 2 };
	assert_int_equal(choose_one(bad, strict, &err), AD_EINVAL);
	assert_non_null(strstr(err.text, "Windows architecture"));
	bad = good;
	bad.needs_sign_in = true;
	assert_int_equal(choose_one(bad, strict, &err), AD_EINVAL);
	assert_non_null(strstr(err.text, "needs a sign-in"));
	bad = good;
	bad.install_location_required = true;
	assert_int_equal(choose_one(bad, strict, &err), AD_EINVAL);
	assert_non_null(strstr(err.text, "told where to install"));
}

static void a_zip_needs_permission_and_one_installer(void **state)
{
	static const struct ad_winget_nested_file files[] = { { "a.exe", NULL },
		{ "b.exe", NULL } };
	struct ad_winget_installer zip = { .type = AD_WINGET_TYPE_ZIP,
		.nested_type = AD_WINGET_TYPE_NULLSOFT,
		.arch = X64,
		.scope = MACHINE,
		.url = URL,
		.nested_files = files,
		.nested_file_count = 1,
		.switches = { .silent = "/S" } };
	struct ad_winget_rules allowed = { .allow_zip = true };
	struct ad_err err;
	(void)state;
	assert_int_equal(choose_one(zip, (struct ad_winget_rules){ .host = X64 }, &err), AD_EINVAL);
	assert_int_equal(choose_one(zip, allowed, &err), 0);
	zip.nested_file_count = 2;
	assert_int_equal(choose_one(zip, allowed, &err), AD_EINVAL);
	zip.nested_file_count = 1;
	zip.nested_type = AD_WINGET_TYPE_PORTABLE;
	assert_int_equal(choose_one(zip, allowed, &err), AD_EINVAL);
}

static void an_unknown_scope_is_flagged(void **state)
{
	struct ad_winget_installer installer = { .type = AD_WINGET_TYPE_MSI,
		.arch = X64,
		.scope = UNKNOWN,
		.url = URL,
		.switches = { .silent = "/quiet" } };
	struct ad_winget_manifest manifest = {
		.id = "Contoso.App", .installers = &installer, .installer_count = 1
	};
	struct ad_winget_rules rules = { .allow_user_scope = true };
	struct ad_winget_choice choice;
	(void)state;
	assert_int_equal(ad_winget_choose(&manifest, &rules, &choice, NULL), 0);
	assert_true(choice.scope_unknown && !choice.scope_user);
	installer.scope = USER;
	assert_int_equal(ad_winget_choose(&manifest, &rules, &choice, NULL), 0);
	assert_true(!choice.scope_unknown && choice.scope_user);
	installer.scope = MACHINE;
	assert_int_equal(ad_winget_choose(&manifest, &rules, &choice, NULL), 0);
	assert_true(!choice.scope_unknown && !choice.scope_user);
}

/* Many refused installers do not overflow the message. */
static void a_long_list_of_reasons_is_cut(void **state)
{
	static struct ad_winget_installer installers[100];
	struct ad_winget_manifest manifest = {
		.id = "Contoso.App", .installers = installers, .installer_count = 100
	};
	struct ad_winget_rules rules = { .host = X64 };
	struct ad_winget_choice choice;
	struct ad_err err = { 0 };
	(void)state;
	for (size_t i = 0; i < 100; i++)
		installers[i] = (struct ad_winget_installer){
			.type = AD_WINGET_TYPE_MSIX, .arch = X64, .url = URL
		};
	assert_int_equal(ad_winget_choose(&manifest, &rules, &choice, &err), AD_EINVAL);
	assert_true(strlen(err.text) < AD_ERR_TEXT_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_best_installer_is_taken),
		cmocka_unit_test(the_reason_of_a_refusal_is_told),
		cmocka_unit_test(a_zip_needs_permission_and_one_installer),
		cmocka_unit_test(an_unknown_scope_is_flagged),
		cmocka_unit_test(a_long_list_of_reasons_is_cut),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
