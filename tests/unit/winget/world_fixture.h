/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A built world of the local tenant behind a web server, and what one test needs to read it: a
 * fresh work folder, a client, strict options. The world's maker shares no code with these readers.
 */
#ifndef AD_TESTS_WORLD_FIXTURE_H
#define AD_TESTS_WORLD_FIXTURE_H

#include "ad/winget.h"

#include "../../devtenant/world/world.h"
#include "static_server.h"

#define NOW INT64_C(1795374073) /* 2026-11-22 19:01:13 */
#define PACKAGE "7zip.7zip"

static char out_dir[] = "/tmp/ad-winget-world-XXXXXX";
static struct static_server server = { .root = out_dir };
static struct dt_world_options world = {
	.installers_dir = DT_TEST_INSTALLERS, .out_dir = out_dir, .publish_time = NOW
};
static char base_url[64];
static char cache_url[80];

/* What one test works with: a fresh work folder, a client, strict options. */
struct fixture {
	struct ad_arena *arena;
	struct ad_winget_profile profile;
	struct ad_winget_options options;
	struct ad_winget_evidence evidence;
	char work_dir[64];
};

static inline int build_world(void **state)
{
	char err[256] = "";
	(void)state;
	tzset(); /* once, before there are threads: the C library does it lazily */
	assert_int_equal(ad_net_init(NULL), 0);
	assert_non_null(mkdtemp(out_dir));
	server_bind(&server);
	server_start(&server);
	(void)snprintf(base_url, sizeof base_url, "http://127.0.0.1:%d", server.port);
	(void)snprintf(cache_url, sizeof cache_url, "%s/cache", base_url);
	world.base_url = base_url;
	ad_reader_program_set("/proc/self/exe"); /* see read_instead */
	if (dt_world_build(&world, err, sizeof err) != 0)
		fail_msg("%s", err);
	return 0;
}

static inline int remove_world(void **state)
{
	(void)state;
	server_stop(&server);
	ad_net_exit();
	return ad_file_remove_tree(out_dir, NULL);
}

static inline int setup(void **state)
{
	static struct fixture fixture;
	struct ad_err err = { 0 };
	struct ad_arena *arena = ad_arena_new();
	fixture = (struct fixture){ .arena = arena };
	(void)snprintf(fixture.work_dir, sizeof fixture.work_dir, "/tmp/ad-winget-work-XXXXXX");
	assert_non_null(mkdtemp(fixture.work_dir));
	if (ad_winget_profile_load(arena, ad_printf(arena, "%s/trust/profile.json", out_dir),
		    &fixture.profile, &err) != 0)
		fail_msg("%s", err.text);
	fixture.options = (struct ad_winget_options){ .client = ad_net_client_new(),
		.base_url = cache_url,
		.work_dir = fixture.work_dir,
		.profile = &fixture.profile,
		.now = NOW + 60,
		.allow_loopback_http = true };
	*state = &fixture;
	return 0;
}

static inline int teardown(void **state)
{
	struct fixture *fixture = *state;
	ad_net_client_free(fixture->options.client);
	ad_arena_free(fixture->arena);
	return ad_file_remove_tree(fixture->work_dir, NULL);
}

static inline void rebuild(void)
{
	char err[256] = "";
	if (dt_world_build(&world, err, sizeof err) != 0)
		fail_msg("%s", err);
}

static inline void spoil(const char *kind, const char *package)
{
	char err[256] = "";
	if (dt_world_spoil(&world, kind, package, err, sizeof err) != 0)
		fail_msg("%s", err);
}

static inline int resolve(struct fixture *fixture, const char *id, const char *version,
	struct ad_winget_resolution *resolution, struct ad_err *err)
{
	struct ad_winget_wish wish = { .id = id, .version = version };
	*err = (struct ad_err){ 0 };
	return ad_winget_resolve(
		fixture->arena, &fixture->options, &wish, resolution, &fixture->evidence, err);
}

/* Resolves and downloads; the error of whichever failed. */
static inline int fetch_all(struct fixture *fixture, const char *id, struct ad_err *err)
{
	struct ad_winget_resolution resolution;
	struct ad_winget_file file;
	int rc = resolve(fixture, id, NULL, &resolution, err);
	if (!rc)
		rc = ad_winget_download(fixture->arena, &fixture->options, &resolution,
			fixture->work_dir, &file, &fixture->evidence, err);
	return rc;
}

static inline void must(int rc, const struct ad_err *err)
{
	if (rc)
		fail_msg("%s", err->text);
}

/* In the process that is started as the source's reader: reads, and does not come back. */
static inline void read_instead(int argc, char **argv, const struct ad_reader_kind *kind)
{
	if (argc == 3 && strcmp(argv[1], "read") == 0)
		exit(ad_reader_serve(kind, NULL));
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

#endif
