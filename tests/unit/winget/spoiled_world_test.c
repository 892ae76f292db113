/* SPDX-License-Identifier: Apache-2.0 */
/* Worlds in which one link is spoiled: it is refused at its own step, with its own words. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdbool.h>
#include <setjmp.h>
#include <cmocka.h>

#include "world_fixture.h"

/* Kinds of spoiling, and what must be said about them. */
static const struct spoiling {
	const char *kind;
	const char *package; /* NULL: the index is spoiled */
	int code;
	const char *words;
} spoilings[] = {
	{ "index-missing", NULL, AD_EUPSTREAM, "no index" },
	{ "index-unsigned", NULL, AD_EINTEGRITY, "no signature" },
	{ "index-changed", NULL, AD_EINTEGRITY, "digest AXPC: expected " },
	{ "index-replaced", NULL, AD_EINTEGRITY, "digest AXPC: expected " },
	{ "index-self-signed", NULL, AD_EINTEGRITY, "does not verify" },
	{ "index-wrong-signer", NULL, AD_EINTEGRITY, "signer is" },
	{ "index-no-store-eku", NULL, AD_EINTEGRITY, "lacks the usage 1.3.6.1.4.1.311.76.3.1" },
	{ "index-no-timestamp", NULL, AD_EINTEGRITY, "no time stamp" },
	{ "index-stale", NULL, AD_EINTEGRITY, "stale" },
	{ "index-schema", NULL, AD_EINTEGRITY, "unsupported schema version 3" },
	{ "index-null-hash", NULL, AD_EINTEGRITY, "the row has no SHA-256" },
	{ "manifest-changed", "7zip.7zip", AD_EINTEGRITY,
		"Manifest integrity check failed: package 7zip.7zip, manifest: expected " },
	{ "manifest-lf", "Contoso.Reader", AD_EINTEGRITY,
		"Manifest integrity check failed: package Contoso.Reader, manifest: expected " },
	{ "manifest-missing", "Contoso.Tool", AD_EUPSTREAM, "no manifest" },
	{ "versions-changed", "Notepad++.Notepad++", AD_EINTEGRITY,
		"Manifest integrity check failed: package Notepad++.Notepad++, version data: "
		"expected " },
	{ "versions-missing", "VideoLAN.VLC", AD_EUPSTREAM, "no version data" },
};

static void expect_spoiled(struct fixture *fixture, const struct spoiling *spoiling)
{
	struct ad_err err;
	const char *package = spoiling->package ? spoiling->package : PACKAGE;
	spoil(spoiling->kind, package);
	int rc = fetch_all(fixture, package, &err);
	if (rc != spoiling->code || !strstr(err.text, spoiling->words))
		fail_msg("%s: %d \"%s\"", spoiling->kind, rc, err.text);
	assert_int_equal(err.class, rc == AD_EUPSTREAM ? AD_CLASS_UPSTREAM : AD_CLASS_PERMANENT);
	if (rc == AD_EINTEGRITY)
		assert_non_null(strstr(err.text, package));
}

static void threat_10_every_spoiled_link_is_refused_at_its_own_step(void **state)
{
	struct fixture *fixture = *state;
	bool rebuilt = false;
	for (size_t i = 0; i < sizeof spoilings / sizeof spoilings[0]; i++) {
		if (spoilings[i].package && !rebuilt) {
			rebuild();
			rebuilt = true;
		}
		expect_spoiled(fixture, &spoilings[i]);
		assert_int_equal(ad_file_remove_tree(fixture->work_dir, NULL), 0);
		assert_int_equal(ad_file_mkdirs(fixture->work_dir, NULL), 0);
	}
	rebuild();
}

static void threat_10_no_part_of_a_changed_installer_stays(void **state)
{
	static const char *const kinds[] = { "installer-changed", "installer-truncated" };
	struct fixture *fixture = *state;
	for (size_t i = 0; i < 2; i++) {
		struct ad_err err;
		spoil(kinds[i], PACKAGE);
		assert_int_equal(fetch_all(fixture, PACKAGE, &err), AD_EUPSTREAM);
		assert_non_null(
			strstr(err.text, "Installer hash mismatch: package 7zip.7zip, expected "));
		assert_int_equal(err.class, AD_CLASS_UPSTREAM);
		assert_null(fixture->evidence.installer_sha256);
		/* Only the cached index is there. */
		assert_int_equal(
			ad_file_remove_tree(
				ad_printf(fixture->arena, "%s/source", fixture->work_dir), NULL),
			0);
		assert_int_equal(rmdir(fixture->work_dir), 0);
		assert_int_equal(ad_file_mkdirs(fixture->work_dir, NULL), 0);
		rebuild();
	}
	struct ad_err err;
	spoil("installer-missing", PACKAGE);
	assert_int_equal(fetch_all(fixture, PACKAGE, &err), AD_EUPSTREAM);
	assert_int_equal(err.status, 404);
	rebuild();
}

static void the_good_index_stays_until_a_newer_one_is_verified(void **state)
{
	static const char *const kinds[] = { "index-changed", "index-rollback", "index-schema",
		"index-missing" };
	struct fixture *fixture = *state;
	struct ad_arena *arena = fixture->arena;
	struct ad_winget_source *source = NULL;
	char *path = ad_printf(arena, "%s/source/source2.msix", fixture->work_dir);
	char *before = NULL;
	size_t len = 0;
	struct ad_err err = { 0 };
	must(ad_winget_source_open(arena, &fixture->options, false, &source, &err), &err);
	assert_int_equal(ad_file_read(arena, path, 64u << 20, &before, &len, NULL), 0);
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		char *after = NULL;
		size_t after_len = 0;
		spoil(kinds[i], PACKAGE);
		assert_int_not_equal(
			ad_winget_source_open(arena, &fixture->options, false, &source, &err), 0);
		assert_int_equal(ad_file_read(arena, path, 64u << 20, &after, &after_len, NULL), 0);
		assert_int_equal(after_len, len);
		assert_memory_equal(after, before, len);
	}
	rebuild();
	must(ad_winget_source_open(arena, &fixture->options, false, &source, &err), &err);
}

/* A CDN may drop version data as soon as a newer index is out: the cached one is refreshed then. */
static void a_cached_index_is_refreshed_when_its_version_data_is_gone(void **state)
{
	struct fixture *fixture = *state;
	struct ad_arena *arena = fixture->arena;
	struct ad_winget_resolution resolution;
	struct ad_err err;
	const struct dt_world_release release = { PACKAGE, "99.1", NULL };
	struct dt_world_options newer = world;
	fixture->options.refresh_floor_s = AD_WINGET_REFRESH_FLOOR_S;
	must(resolve(fixture, PACKAGE, NULL, &resolution, &err), &err);
	assert_string_not_equal(resolution.version.version, "99.1");
	assert_int_equal(
		ad_file_remove_tree(ad_printf(arena, "%s/cache/packages/" PACKAGE, out_dir), NULL),
		0);
	newer.publish_time = NOW + 30;
	newer.releases = &release;
	newer.release_count = 1;
	char text[256] = "";
	if (dt_world_build(&newer, text, sizeof text) != 0)
		fail_msg("%s", text);
	must(resolve(fixture, PACKAGE, NULL, &resolution, &err), &err);
	assert_string_equal(resolution.version.version, "99.1");
	rebuild();
}

int main(int argc, char **argv)
{
	read_instead(argc, argv, &ad_winget_reader);
	const struct CMUnitTest tests[] = {
		TEST(threat_10_every_spoiled_link_is_refused_at_its_own_step),
		TEST(threat_10_no_part_of_a_changed_installer_stays),
		TEST(the_good_index_stays_until_a_newer_one_is_verified),
		TEST(a_cached_index_is_refreshed_when_its_version_data_is_gone),
	};
	return cmocka_run_group_tests(tests, build_world, remove_world);
}
