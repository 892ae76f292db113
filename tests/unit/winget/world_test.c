/* SPDX-License-Identifier: Apache-2.0 */
/* The whole chain against the local tenant's world, and the cached index. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdbool.h>
#include <setjmp.h>
#include <cmocka.h>

#include "world_fixture.h"

#include <sys/wait.h>

static void a_package_is_resolved_and_downloaded_with_evidence(void **state)
{
	struct fixture *fixture = *state;
	struct ad_arena *arena = fixture->arena;
	struct ad_winget_resolution resolution;
	struct ad_winget_file file;
	struct ad_err err;
	char *data = NULL;
	size_t len = 0;
	must(resolve(fixture, "7ZIP.7zip", NULL, &resolution, &err), &err);
	assert_string_equal(resolution.row.id, PACKAGE);
	assert_string_equal(resolution.manifest.id, PACKAGE);
	must(ad_winget_download(arena, &fixture->options, &resolution, fixture->work_dir, &file,
		     &fixture->evidence, &err),
		&err);
	assert_int_equal(ad_file_read(arena, file.path, 64u << 20, &data, &len, NULL), 0);
	assert_int_equal(len, file.size);
	assert_string_equal(ad_sha256_hex(arena, data, len), resolution.choice.installer->sha256);
	assert_true(ad_text_starts(file.name, "setup-7zip.7zip-"));
	assert_true(ad_text_ends(file.name, "-x64.msi"));

	const struct ad_json *json = ad_winget_evidence_json(arena, &fixture->evidence);
	char version[DT_WORLD_VERSION_LEN];
	dt_world_version(NOW, version);
	assert_string_equal(ad_json_str(json, "index.version"), version);
	assert_string_equal(ad_json_str(json, "package"), PACKAGE);
	assert_string_equal(ad_json_str(json, "version"), resolution.version.version);
	assert_string_equal(
		ad_json_str(json, "installer.sha256"), resolution.choice.installer->sha256);
	assert_string_equal(ad_json_str(json, "manifest.sha256"), resolution.version.sha256);
	assert_string_equal(ad_json_str(json, "version_data.sha256"),
		ad_hex(arena, resolution.row.hash, AD_SHA256_LEN));
	assert_non_null(ad_json_str(json, "index.signature.signer"));
	assert_int_equal(ad_json_count(ad_json_path(json, "index.signature.chain")), 4);
}

static void a_requested_version_is_found_by_its_order_not_its_spelling(void **state)
{
	struct fixture *fixture = *state;
	struct ad_winget_resolution resolution;
	struct ad_err err;
	must(resolve(fixture, PACKAGE, "24.08", &resolution, &err), &err);
	assert_string_equal(resolution.manifest.version, "24.08");
	must(resolve(fixture, PACKAGE, "24.8.0", &resolution, &err), &err);
	assert_string_equal(resolution.manifest.version, "24.08");
	assert_int_equal(resolve(fixture, PACKAGE, "1.0", &resolution, &err), AD_ENOTFOUND);
	assert_non_null(strstr(err.text, PACKAGE));
	assert_int_equal(resolve(fixture, "No.Such", NULL, &resolution, &err), AD_ENOTFOUND);
}

static void every_package_of_the_world_has_a_verified_manifest(void **state)
{
	struct fixture *fixture = *state;
	const char *id = NULL;
	for (size_t i = 0; (id = dt_world_package_id(i)) != NULL; i++) {
		struct ad_winget_evidence evidence = { 0 };
		struct ad_winget_resolution resolution;
		struct ad_winget_wish wish = { .id = id,
			.rules = { .allow_user_scope = true, .allow_zip = true } };
		struct ad_err err = { 0 };
		must(ad_winget_resolve(fixture->arena, &fixture->options, &wish, &resolution,
			     &evidence, &err),
			&err);
		assert_non_null(evidence.manifest_sha256);
		assert_non_null(evidence.installer_url);
	}
}

static void the_index_is_asked_for_conditionally(void **state)
{
	struct fixture *fixture = *state;
	struct ad_winget_source *source = NULL;
	struct ad_err err = { 0 };
	must(ad_winget_source_open(fixture->arena, &fixture->options, false, &source, &err), &err);
	int bodies = server.index_bodies;
	int requests = server.index_requests;
	must(ad_winget_source_open(fixture->arena, &fixture->options, false, &source, &err), &err);
	assert_int_equal(server.index_requests, requests + 1);
	fixture->options.refresh_floor_s = AD_WINGET_REFRESH_FLOOR_S;
	must(ad_winget_source_open(fixture->arena, &fixture->options, false, &source, &err), &err);
	assert_int_equal(server.index_requests, requests + 1);
	must(ad_winget_source_open(fixture->arena, &fixture->options, true, &source, &err), &err);
	assert_int_equal(server.index_requests, requests + 2);
	fixture->options.now += AD_WINGET_REFRESH_FLOOR_S;
	must(ad_winget_source_open(fixture->arena, &fixture->options, false, &source, &err), &err);
	assert_int_equal(server.index_requests, requests + 3);
	assert_int_equal(server.index_bodies, bodies);
}

static void a_cached_index_that_was_tampered_with_is_fetched_anew(void **state)
{
	struct fixture *fixture = *state;
	struct ad_arena *arena = fixture->arena;
	struct ad_winget_source *source = NULL;
	struct ad_err err = { 0 };
	char *path = ad_printf(arena, "%s/source/source2.msix", fixture->work_dir);
	char *data = NULL;
	size_t len = 0;
	fixture->options.refresh_floor_s = AD_WINGET_REFRESH_FLOOR_S;
	must(ad_winget_source_open(arena, &fixture->options, false, &source, &err), &err);
	assert_int_equal(ad_file_read(arena, path, 64u << 20, &data, &len, NULL), 0);
	data[len / 2] ^= 1;
	assert_int_equal(ad_file_write(path, data, len, 0600, NULL), 0);
	int bodies = server.index_bodies;
	must(ad_winget_source_open(arena, &fixture->options, false, &source, &err), &err);
	assert_int_equal(server.index_bodies, bodies + 1);
}

/* Somebody puts an older file back, which is signed just as well: the note of the newer one must
 * not make the CDN answer "not modified". */
static void an_older_file_put_back_into_the_cache_does_not_stay(void **state)
{
	struct fixture *fixture = *state;
	struct ad_arena *arena = fixture->arena;
	struct ad_winget_source *source = NULL;
	struct dt_world_options newer = world;
	struct ad_err err = { 0 };
	char *path = ad_printf(arena, "%s/source/source2.msix", fixture->work_dir);
	char *old = NULL;
	size_t len = 0;
	char version[DT_WORLD_VERSION_LEN];
	char text[256] = "";
	must(ad_winget_source_open(arena, &fixture->options, false, &source, &err), &err);
	assert_int_equal(ad_file_read(arena, path, 64u << 20, &old, &len, NULL), 0);
	newer.publish_time = NOW + 30;
	assert_int_equal(dt_world_build(&newer, text, sizeof text), 0);
	must(ad_winget_source_open(arena, &fixture->options, false, &source, &err), &err);
	assert_int_equal(ad_file_write(path, old, len, 0600, NULL), 0);
	must(ad_winget_source_open(arena, &fixture->options, false, &source, &err), &err);
	dt_world_version(NOW + 30, version);
	assert_string_equal(ad_winget_source_package(source)->version, version);
	rebuild();
}

static void candidates_are_searched(void **state)
{
	struct fixture *fixture = *state;
	struct ad_winget_source *source = NULL;
	struct ad_winget_row *rows = NULL;
	size_t count = 0;
	struct ad_err err = { 0 };
	must(ad_winget_source_open(fixture->arena, &fixture->options, false, &source, &err), &err);
	must(ad_winget_source_search(fixture->arena, source, "7ZIP", 5, &rows, &count, &err), &err);
	assert_int_not_equal(count, 0);
	assert_string_equal(rows[0].id, PACKAGE);
	must(ad_winget_source_search(fixture->arena, source, "o", 5, &rows, &count, &err), &err);
	assert_int_equal(count, 5);
	must(ad_winget_source_search(fixture->arena, source, "' OR 1=1 --", 5, &rows, &count, &err),
		&err);
	assert_int_equal(count, 0);
}

static void an_index_older_than_the_mark_is_refused(void **state)
{
	struct fixture *fixture = *state;
	struct ad_winget_resolution resolution;
	struct ad_err err;
	char version[DT_WORLD_VERSION_LEN];
	dt_world_version(NOW, version);
	fixture->options.high_water_mark = version;
	must(resolve(fixture, PACKAGE, NULL, &resolution, &err), &err);
	dt_world_version(NOW + 3600, version);
	assert_int_equal(resolve(fixture, PACKAGE, NULL, &resolution, &err), AD_EINTEGRITY);
	assert_non_null(strstr(err.text, "rolled back"));
	assert_non_null(strstr(err.text, PACKAGE));
	assert_int_equal(err.class, AD_CLASS_PERMANENT);
}

static void a_stale_or_future_index_is_refused(void **state)
{
	struct fixture *fixture = *state;
	struct ad_winget_resolution resolution;
	struct ad_err err;
	const int64_t day = 86400;
	/* The version says minutes, not seconds. */
	fixture->options.now = NOW - 60 + 14 * day;
	must(resolve(fixture, PACKAGE, NULL, &resolution, &err), &err);
	fixture->options.now = NOW + 15 * day;
	assert_int_equal(resolve(fixture, PACKAGE, NULL, &resolution, &err), AD_EINTEGRITY);
	assert_non_null(strstr(err.text, "stale"));
	fixture->options.max_index_age_days = 30;
	must(resolve(fixture, PACKAGE, NULL, &resolution, &err), &err);
	fixture->options.max_index_age_days = -1;
	fixture->options.now = NOW + 3000 * day;
	must(resolve(fixture, PACKAGE, NULL, &resolution, &err), &err);
	fixture->options.now = NOW - 2 * day;
	assert_int_equal(resolve(fixture, PACKAGE, NULL, &resolution, &err), AD_EINTEGRITY);
	assert_non_null(strstr(err.text, "future"));
}

static void an_installer_above_the_limit_is_refused(void **state)
{
	struct fixture *fixture = *state;
	struct ad_err err;
	fixture->options.max_installer_bytes = 1000;
	assert_int_equal(fetch_all(fixture, PACKAGE, &err), AD_ETOOBIG);
}

static bool stop(void *context, uint64_t done, uint64_t total)
{
	(void)done;
	(void)total;
	++*(int *)context;
	return false;
}

static void a_download_can_be_stopped(void **state)
{
	struct fixture *fixture = *state;
	struct ad_err err;
	int calls = 0;
	fixture->options.keep_going = stop;
	fixture->options.keep_going_context = &calls;
	assert_int_equal(fetch_all(fixture, PACKAGE, &err), AD_EUNAVAIL);
	assert_int_equal(calls, 1);
	assert_int_equal(err.class, AD_CLASS_TRANSIENT);
}

/* Downloads 7-Zip's installer from another address. */
static int download_from(struct fixture *fixture, const char *url, struct ad_err *err)
{
	struct ad_winget_resolution resolution;
	struct ad_winget_file file;
	must(resolve(fixture, PACKAGE, NULL, &resolution, err), err);
	struct ad_winget_installer installer = *resolution.choice.installer;
	installer.url = url;
	resolution.choice.installer = &installer;
	fixture->evidence.installer_final_url = NULL;
	return ad_winget_download(fixture->arena, &fixture->options, &resolution, fixture->work_dir,
		&file, &fixture->evidence, err);
}

static void threat_02_redirects_are_followed_where_each_hop_is_allowed(void **state)
{
	struct fixture *fixture = *state;
	struct ad_arena *arena = fixture->arena;
	struct ad_winget_resolution resolution;
	struct ad_err err;
	must(resolve(fixture, PACKAGE, NULL, &resolution, &err), &err);
	const char *good = resolution.choice.installer->url;
	char *to_good = ad_printf(arena, "%s/to/%s?secret=1", base_url, good);
	must(download_from(fixture, to_good, &err), &err);
	assert_string_equal(fixture->evidence.installer_final_url, good);
	char *outside = ad_printf(arena, "%s/to/%s", base_url, "http://192.0.2.1/setup.msi");
	assert_int_not_equal(download_from(fixture, outside, &err), 0);
	char *file = ad_printf(arena, "%s/to/%s", base_url, "file:///etc/passwd");
	assert_int_not_equal(download_from(fixture, file, &err), 0);
	char *loop = ad_printf(arena, "%s/to//to/x", base_url);
	assert_int_not_equal(download_from(fixture, loop, &err), 0);
}

static void threat_02_installers_at_private_addresses_are_refused(void **state)
{
	static const char *const urls[] = { "https://127.0.0.1:1/a", "https://169.254.169.254/a",
		"https://10.0.0.1/a", "https://[::1]/a", "https://localhost/a",
		"http://127.0.0.1:1/a", "https://2130706433/a", "https://0177.0.0.1/a",
		"https://0x7f000001/a", "https://127.1/a", "https://0/a", "https://0.0.0.0/a",
		"https://[::ffff:127.0.0.1]/a", "https://[::]/a", "https://[fe80::1]/a",
		"https://[fd00::1]/a", "https://172.16.0.1/a", "https://192.168.0.1/a",
		"https://100.64.0.1/a", "https://224.0.0.1/a", "https://user@127.0.0.1/a",
		"file:///etc/passwd", "gopher://127.0.0.1/a" };
	struct fixture *fixture = *state;
	struct ad_winget_file file;
	struct ad_err err = { 0 };
	struct ad_winget_resolution resolution;
	must(resolve(fixture, PACKAGE, NULL, &resolution, &err), &err);
	struct ad_winget_installer installer = *resolution.choice.installer;
	resolution.choice.installer = &installer;
	fixture->options.allow_loopback_http = false;
	for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++) {
		installer.url = urls[i];
		int rc = ad_winget_download(fixture->arena, &fixture->options, &resolution,
			fixture->work_dir, &file, &fixture->evidence, &err);
		if (rc != AD_EDENIED && rc != AD_EINVAL)
			fail_msg("%s: %d %s", urls[i], rc, err.text);
		assert_int_not_equal(err.class, AD_CLASS_TRANSIENT);
	}
}

static void without_the_override_the_index_must_be_https(void **state)
{
	struct fixture *fixture = *state;
	struct ad_winget_resolution resolution;
	struct ad_err err;
	fixture->options.allow_loopback_http = false;
	assert_int_not_equal(resolve(fixture, PACKAGE, NULL, &resolution, &err), 0);
	assert_null(fixture->evidence.index);
}

struct sharer {
	const struct fixture *fixture;
	pthread_t thread;
	int rc;
	struct ad_err err;
};

static void *share(void *context)
{
	struct sharer *sharer = context;
	struct ad_arena *arena = ad_arena_new();
	struct ad_winget_options options = sharer->fixture->options;
	struct ad_winget_source *source = NULL;
	struct ad_winget_row row;
	options.client = ad_net_client_new();
	for (int i = 0; i < 3 && !sharer->rc; i++) {
		sharer->rc = ad_winget_source_open(arena, &options, true, &source, &sharer->err);
		if (!sharer->rc)
			sharer->rc =
				ad_winget_source_find(arena, source, PACKAGE, &row, &sharer->err);
		ad_arena_reset(arena);
	}
	ad_net_client_free(options.client);
	ad_arena_free(arena);
	return NULL;
}

static void threads_share_a_work_folder(void **state)
{
	struct sharer sharers[4];
	for (size_t i = 0; i < 4; i++) {
		sharers[i] = (struct sharer){ .fixture = *state };
		assert_int_equal(pthread_create(&sharers[i].thread, NULL, share, &sharers[i]), 0);
	}
	for (size_t i = 0; i < 4; i++) {
		(void)pthread_join(sharers[i].thread, NULL);
		must(sharers[i].rc, &sharers[i].err);
	}
}

/* ---- a source package that ends its reader ---- */

#define ENDS_ITS_READER "ends its reader"

/* As the reader of this test answers. */
static int answer_or_die(struct ad_arena *arena, void **state, const struct ad_json *question,
	struct ad_bytes bytes, struct ad_json **ret, struct ad_err *err)
{
	if (bytes.len == strlen(ENDS_ITS_READER))
		abort();
	return ad_winget_reader.answer(arena, state, question, bytes, ret, err);
}

static void an_index_that_ends_its_reader_is_refused_and_not_kept(void **state)
{
	struct fixture *fixture = *state;
	struct ad_winget_resolution resolution;
	struct ad_err err;
	char *served = ad_printf(fixture->arena, "%s/cache/source2.msix", out_dir);
	char *kept = ad_printf(fixture->arena, "%s/source/source2.msix", fixture->work_dir);
	assert_int_equal(
		ad_file_write(served, ENDS_ITS_READER, strlen(ENDS_ITS_READER), 0600, NULL), 0);
	assert_int_equal(resolve(fixture, PACKAGE, NULL, &resolution, &err), AD_EINVAL);
	assert_int_equal(err.class, AD_CLASS_PERMANENT);
	assert_non_null(strstr(err.text, "ends its reader by signal 6"));
	assert_false(ad_file_exists(kept));
	rebuild();
	must(resolve(fixture, PACKAGE, NULL, &resolution, &err), &err);
	/* The cached file is as good as none. */
	assert_int_equal(
		ad_file_write(kept, ENDS_ITS_READER, strlen(ENDS_ITS_READER), 0600, NULL), 0);
	must(resolve(fixture, PACKAGE, NULL, &resolution, &err), &err);
}

static void no_reader_outlives_its_chain(void **state)
{
	struct fixture *fixture = *state;
	struct ad_winget_resolution resolution;
	struct ad_winget_source *source = NULL;
	struct ad_err err = { 0 };
	must(resolve(fixture, PACKAGE, NULL, &resolution, &err), &err);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	must(ad_winget_source_open(fixture->arena, &fixture->options, true, &source, &err), &err);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), 0);
	ad_winget_source_close(source);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

int main(int argc, char **argv)
{
	struct ad_reader_kind mortal = ad_winget_reader;
	mortal.answer = answer_or_die;
	read_instead(argc, argv, &mortal);
	const struct CMUnitTest tests[] = {
		TEST(a_package_is_resolved_and_downloaded_with_evidence),
		TEST(an_index_that_ends_its_reader_is_refused_and_not_kept),
		TEST(no_reader_outlives_its_chain),
		TEST(a_requested_version_is_found_by_its_order_not_its_spelling),
		TEST(every_package_of_the_world_has_a_verified_manifest),
		TEST(the_index_is_asked_for_conditionally),
		TEST(a_cached_index_that_was_tampered_with_is_fetched_anew),
		TEST(an_older_file_put_back_into_the_cache_does_not_stay),
		TEST(candidates_are_searched),
		TEST(an_index_older_than_the_mark_is_refused),
		TEST(a_stale_or_future_index_is_refused),
		TEST(an_installer_above_the_limit_is_refused),
		TEST(a_download_can_be_stopped),
		TEST(threat_02_redirects_are_followed_where_each_hop_is_allowed),
		TEST(threat_02_installers_at_private_addresses_are_refused),
		TEST(without_the_override_the_index_must_be_https),
		TEST(threads_share_a_work_folder),
	};
	return cmocka_run_group_tests(tests, build_world, remove_world);
}
