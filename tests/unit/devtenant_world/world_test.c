/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Worlds of the local tenant, built into a temporary folder and read by check_world.py, which
 * shares nothing with their writer. It names what it finds wrong, one word a line.
 */
#include "world.h"

#include "ad/file.h"
#include "ad/json.h"
#include "ad/text.h"

#include <errno.h>
#include <setjmp.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdint.h>
#include <sys/wait.h>
#include <cmocka.h>

#define OUTPUT_MAX 4096
#define NOW INT64_C(1795374073) /* 2026-11-22 19:01:13 */

extern char **environ;

static char folder[] = "/tmp/dt-world-XXXXXX";

static struct dt_world_options options = {
	.base_url = "http://127.0.0.1:8700",
	.installers_dir = DT_TEST_INSTALLERS,
	.out_dir = folder,
	.publish_time = NOW,
};

static void read_all(int fd, char output[OUTPUT_MAX])
{
	size_t used = 0;
	ssize_t got;

	while (used < OUTPUT_MAX - 1) {
		got = read(fd, output + used, OUTPUT_MAX - 1 - used);
		if (got < 0 && errno == EINTR)
			continue;
		assert_true(got >= 0);
		if (got == 0)
			break;
		used += (size_t)got;
	}
	output[used] = '\0';
}

/* What check_world.py finds in the folder at that time. */
static void findings(int64_t time, char output[OUTPUT_MAX])
{
	char script[] = DT_TEST_CHECKER, python[] = "python3", when[32];
	char *arguments[] = { python, script, folder, when, NULL };
	posix_spawn_file_actions_t actions;
	int pipe_ends[2], status;
	pid_t child;

	snprintf(when, sizeof(when), "%lld", (long long)time);
	assert_int_equal(pipe(pipe_ends), 0);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, pipe_ends[1], STDOUT_FILENO);
	posix_spawn_file_actions_addclose(&actions, pipe_ends[0]);
	assert_int_equal(posix_spawnp(&child, python, &actions, NULL, arguments, environ), 0);
	posix_spawn_file_actions_destroy(&actions);
	close(pipe_ends[1]);
	read_all(pipe_ends[0], output);
	close(pipe_ends[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void assert_findings(int64_t time, const char *expected)
{
	char output[OUTPUT_MAX];

	findings(time, output);
	assert_string_equal(output, expected);
}

static void build(void)
{
	char err[AD_ERR_TEXT_MAX];

	if (dt_world_build(&options, err, sizeof(err)))
		fail_msg("%s", err);
}

static void spoil(const char *kind, const char *package_id)
{
	char err[AD_ERR_TEXT_MAX];

	if (dt_world_spoil(&options, kind, package_id, err, sizeof(err)))
		fail_msg("%s: %s", kind, err);
}

static void file_text(struct ad_arena *arena, const char *name, char **ret_text)
{
	struct ad_err err = { 0 };
	size_t len;

	if (ad_file_read(
		    arena, ad_printf(arena, "%s/%s", folder, name), 1u << 20, ret_text, &len, &err))
		fail_msg("%s", err.text);
}

static void a_built_world_stands_up_to_independent_readers(void **state)
{
	(void)state;
	build();
	assert_findings(NOW, "");
}

static void an_index_gets_stale(void **state)
{
	(void)state;
	build();
	assert_findings(NOW + 15 * 86400, "stale\n");
}

static void spoiled_packages_are_found_where_they_were_spoiled(void **state)
{
	(void)state;
	build();
	spoil("manifest-changed", "7zip.7zip");
	spoil("manifest-lf", "contoso.reader");
	spoil("manifest-missing", "Contoso.Notes");
	spoil("versions-changed", "VideoLAN.VLC");
	spoil("versions-missing", "Contoso.Tool");
	spoil("installer-changed", "Contoso.Viewer");
	spoil("installer-truncated", "Notepad++.Notepad++");
	assert_findings(NOW, "installer:Contoso.Viewer\n"
			     "installer:Notepad++.Notepad++\n"
			     "manifest:7zip.7zip\n"
			     "manifest:Contoso.Notes\n"
			     "manifest:Contoso.Reader\n"
			     "versions:Contoso.Tool\n"
			     "versions:VideoLAN.VLC\n");
	build();
	spoil("installer-missing", "7zip.7zip");
	assert_findings(NOW, "installer:7zip.7zip\n");
}

static void spoiled_indexes_fail_in_the_one_way_they_are_named_for(void **state)
{
	static const char *const expected[][2] = {
		{ "index-missing", "no-index\n" },
		{ "index-unsigned", "no-signature\n" },
		{ "index-changed", "axpc\ndamaged:Public/index.db\n" },
		{ "index-replaced", "axcd\naxpc\nblock-map\n" },
		{ "index-self-signed", "chain\n" },
		{ "index-wrong-signer", "subject\n" },
		{ "index-no-store-eku", "eku\n" },
		{ "index-no-timestamp", "timestamp\n" },
		{ "index-rollback", "older\n" },
		{ "index-stale", "older\nstale\n" },
		{ "index-schema", "schema\n" },
		{ "index-null-hash", "hash:7zip.7zip\n" },
	};

	(void)state;
	build();
	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
		char output[OUTPUT_MAX];

		spoil(expected[i][0], "7zip.7zip");
		findings(NOW, output);
		if (strcmp(output, expected[i][1]) != 0)
			fail_msg("%s gave:\n%s", expected[i][0], output);
	}
	build();
	assert_findings(NOW, "");
}

static void a_second_start_keeps_the_trust_roots(void **state)
{
	static const char *const names[] = { "trust/root.pem", "trust/timestamp-root.pem" };
	struct ad_arena *arena = ad_arena_new();
	char *before, *after;

	(void)state;
	build();
	for (size_t i = 0; i < 2; i++) {
		file_text(arena, names[i], &before);
		build();
		file_text(arena, names[i], &after);
		assert_string_equal(before, after);
	}
	ad_arena_free(arena);
}

static void a_release_is_on_top_and_old_paths_stay(void **state)
{
	static const struct dt_world_release releases[] = { { "7zip.7zip", "25.01", NULL },
		{ "Contoso.Tool", "2.2.0", NULL }, { "Contoso.Tool", "2.3.0", NULL },
		{ "Contoso.Tool", "2.1.0", NULL } };
	struct dt_world_options plain = options;
	struct ad_arena *arena = ad_arena_new();
	struct ad_json *world, *package;
	char *before, *text;

	(void)state;
	build();
	file_text(arena, "world.json", &before);
	options.releases = releases;
	options.release_count = sizeof(releases) / sizeof(releases[0]);
	options.publish_time = NOW + 3600;
	build();
	assert_findings(NOW + 3600, "");
	file_text(arena, "world.json", &text);
	assert_int_equal(ad_json_parse(arena, text, strlen(text), &world, NULL), 0);
	package = ad_json_first(ad_json_get(world, "packages"));
	assert_string_equal(ad_json_str(package, "id"), "7zip.7zip");
	package = ad_json_first(ad_json_get(package, "versions"));
	assert_string_equal(ad_json_str(package, "version"), "25.01");
	package = ad_json_first(ad_json_get(package, "installers"));
	assert_string_equal(ad_json_str(package, "file"), "installers/7z2501-x64.msi");
	package = ad_json_get(ad_json_at(ad_json_get(world, "packages"), 3), "versions");
	assert_int_equal(ad_json_count(package), 3);
	assert_string_equal(ad_json_str(ad_json_first(package), "version"), "2.3.0");

	assert_int_equal(ad_json_parse(arena, before, strlen(before), &world, NULL), 0);
	package = ad_json_first(ad_json_get(world, "packages"));
	file_text(arena, ad_json_str(package, "version_data"), &text);
	options = plain;
	ad_arena_free(arena);
}

static void the_version_tells_the_time_and_always_grows(void **state)
{
	char version[DT_WORLD_VERSION_LEN];

	(void)state;
	dt_world_version(NOW, version);
	assert_string_equal(version, "2026.1122.2001.208");
	dt_world_version(NOW + 1, version);
	assert_string_equal(version, "2026.1122.2001.224");
	dt_world_version(INT64_C(1641830640), version); /* 2022-01-10 16:04 */
	assert_string_equal(version, "2022.110.1704.0");
}

static void what_cannot_be_is_said(void **state)
{
	struct dt_world_options wrong = options;
	struct dt_world_release release = { "Nobody.Nothing", "1", NULL };
	char err[AD_ERR_TEXT_MAX];

	(void)state;
	wrong.publish_time = 0;
	assert_int_equal(dt_world_build(&wrong, err, sizeof(err)), -1);
	assert_non_null(strstr(err, "publish_time"));
	wrong = options;
	wrong.base_url = "http://127.0.0.1:8700/";
	assert_int_equal(dt_world_build(&wrong, err, sizeof(err)), -1);
	assert_non_null(strstr(err, "slash"));
	wrong = options;
	wrong.installers_dir = "/nonexistent";
	assert_int_equal(dt_world_build(&wrong, err, sizeof(err)), -1);
	assert_non_null(strstr(err, "/nonexistent"));
	wrong = options;
	wrong.releases = &release;
	wrong.release_count = 1;
	assert_int_equal(dt_world_build(&wrong, err, sizeof(err)), -1);
	assert_non_null(strstr(err, "Nobody.Nothing"));
	assert_int_equal(dt_world_build(&wrong, NULL, 0), -1);

	build();
	assert_int_equal(dt_world_spoil(&options, "nonsense", NULL, err, sizeof(err)), -1);
	assert_non_null(strstr(err, "nonsense"));
	assert_int_equal(dt_world_spoil(&options, "manifest-lf", NULL, err, sizeof(err)), -1);
	assert_int_equal(dt_world_spoil(&options, "manifest-lf", "No.One", err, sizeof(err)), -1);
	wrong = options;
	wrong.out_dir = "/nonexistent";
	assert_int_equal(dt_world_spoil(&wrong, "index-stale", NULL, err, sizeof(err)), -1);
}

static int make_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
	(void)state;
	return ad_file_remove_tree(folder, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_built_world_stands_up_to_independent_readers),
		cmocka_unit_test(an_index_gets_stale),
		cmocka_unit_test(spoiled_packages_are_found_where_they_were_spoiled),
		cmocka_unit_test(spoiled_indexes_fail_in_the_one_way_they_are_named_for),
		cmocka_unit_test(a_second_start_keeps_the_trust_roots),
		cmocka_unit_test(a_release_is_on_top_and_old_paths_stay),
		cmocka_unit_test(the_version_tells_the_time_and_always_grows),
		cmocka_unit_test(what_cannot_be_is_said),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
