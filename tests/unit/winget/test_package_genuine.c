/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Verification of packages against genuine, Microsoft-signed and deliberately broken files. They
 * are third-party files outside the project; without them these tests are skipped (the same
 * promises are kept with generated packages in world_test.c).
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "ad/winget.h"
#include "ad/winget/package.h"
#include "ad/text.h"

#include "shared_data.h"
#include "static_server.h"

#include <sqlite3.h>

#define NOW_2026 1795370400  /* 2026-11-22 */
#define PUBLISHED 1641830640 /* 2022-01-10 16:04 */
#define DAY_S 86400
#define GENUINE "source-v1/source.msix"
#define ROOT_2010_SHA256 "df545bf919a2439c36983b54cdfc903dfa4f37d3996d8d84b4c31eec6f3c163e"
#define ROOT_2011_SHA256 "847df6a78497943f27fc72eb93f9a637320a02b561d0a91b09e87a7807ed7c61"

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

/* The profile that is built in. */
static struct ad_winget_profile microsoft(struct ad_arena *arena)
{
	struct ad_winget_profile profile;
	assert_int_equal(ad_winget_profile_load(arena, "", &profile, NULL), 0);
	return profile;
}

static void expect_refused(struct ad_arena *arena, struct ad_bytes bytes,
	const struct ad_winget_profile *profile, const char *step)
{
	struct ad_winget_package package;
	struct ad_err err = { 0 };
	int rc = ad_winget_package_verify(arena, bytes, profile, NOW_2026, &package, &err);
	if (rc != AD_EINTEGRITY || !strstr(err.text, step))
		fail_msg("%d: \"%s\" where \"%s\" was expected", rc, err.text, step);
	assert_int_equal(err.class, AD_CLASS_PERMANENT);
}

static void a_genuine_source_package_is_accepted(void **state)
{
	struct ad_arena *arena = *state;
	struct ad_winget_package package;
	struct ad_err err = { 0 };
	struct ad_bytes bytes = shared_file(arena, GENUINE);
	struct ad_winget_profile profile = microsoft(arena);
	int rc = ad_winget_package_verify(arena, bytes, &profile, NOW_2026, &package, &err);
	if (rc)
		fail_msg("%s", err.text);
	assert_string_equal(package.version, "2022.110.1704.949");
	assert_int_equal(package.published_at, PUBLISHED);
	assert_string_equal(
		ad_hex(arena, package.signature.root_sha256, AD_SHA256_LEN), ROOT_2011_SHA256);
	assert_int_equal(package.signature.chain_count, 4);
	assert_int_equal(package.index.len, 6311936);
	const char *report = ad_json_print(arena, ad_winget_package_json(arena, &package));
	static const char *const told[] = { "\"signer\":\"CN=Microsoft Corporation,",
		"\"signed_at\":\"2022-01-10T", "\"chain\":[\"", ROOT_2011_SHA256, "\"AXPC\":\"",
		"\"AXCD\":\"", "\"AXCT\":\"", "\"AXBM\":\"", "\"name\":\"Microsoft.Winget.Source\"",
		"\"version\":\"2022.110.1704.949\"" };
	for (size_t i = 0; i < sizeof told / sizeof told[0]; i++) {
		if (!strstr(report, told[i]))
			fail_msg("%s is not in %s", told[i], report);
	}
}

/* The signature of an old file is as good as ever; that it is old is told by its age alone. */
static void the_genuine_package_is_stale_after_a_fortnight(void **state)
{
	struct ad_arena *arena = *state;
	char folder[] = "/tmp/ad-winget-genuine-XXXXXX";
	struct static_server server = { .root = folder };
	struct ad_winget_source *source = NULL;
	struct ad_bytes genuine = shared_file(arena, GENUINE);
	struct ad_winget_profile profile = microsoft(arena);
	struct ad_err err = { 0 };
	assert_non_null(mkdtemp(folder));
	assert_int_equal(ad_file_mkdirs(ad_printf(arena, "%s/cache", folder), NULL), 0);
	assert_int_equal(ad_file_write(ad_printf(arena, "%s/cache/source2.msix", folder),
				 genuine.data, genuine.len, 0600, NULL),
		0);
	assert_int_equal(ad_net_init(NULL), 0);
	server_bind(&server);
	server_start(&server);
	struct ad_winget_options options = { .client = ad_net_client_new(),
		.base_url = ad_printf(arena, "http://127.0.0.1:%d/cache", server.port),
		.work_dir = ad_printf(arena, "%s/work", folder),
		.profile = &profile,
		.now = NOW_2026,
		.allow_loopback_http = true };
	assert_int_equal(
		ad_winget_source_open(arena, &options, false, &source, &err), AD_EINTEGRITY);
	assert_non_null(strstr(err.text, "stale"));
	/* In its time it is not; what it holds is of the generation before. */
	options.now = PUBLISHED + 13 * DAY_S;
	assert_int_equal(
		ad_winget_source_open(arena, &options, false, &source, &err), AD_EINTEGRITY);
	assert_non_null(strstr(err.text, "unsupported schema version 1"));
	ad_net_client_free(options.client);
	server_stop(&server);
	ad_net_exit();
	assert_int_equal(ad_file_remove_tree(folder, NULL), 0);
}

/* The step that does not let a package through when somebody watches; NULL when all do. */
static const char *failing_step(struct ad_arena *arena, struct ad_bytes bytes,
	const struct ad_winget_profile *profile, struct ad_trail *trail)
{
	struct ad_winget_package package;
	const struct ad_winget_package_query query = {
		.bytes = bytes, .profile = profile, .now = NOW_2026, .trail = trail
	};
	*trail = (struct ad_trail){ .arena = arena };
	int rc = ad_winget_package_examine(arena, &query, &package, NULL);
	assert_int_equal(rc != 0, ad_trail_failed(trail) != NULL);
	return ad_trail_failed(trail);
}

static void expect_saw(const struct ad_trail *trail, const char *step, const char *saw)
{
	for (size_t i = 0; i < trail->count; i++) {
		if (ad_text_eq(trail->steps[i].name, step)) {
			if (!trail->steps[i].saw || !strstr(trail->steps[i].saw, saw))
				fail_msg("%s: \"%s\"", step, trail->steps[i].saw);
			return;
		}
	}
	fail_msg("no step %s", step);
}

static void each_step_says_what_it_saw(void **state)
{
	static const char *const saw[][2] = {
		{ "container", "the signature is the last" },
		{ "signature form", "one signer" },
		{ "time stamp", "2022-01-10T16:" },
		{ "time stamp chain", "CN=Microsoft Time-Stamp PCA 2010" },
		{ "time stamp chain", ROOT_2010_SHA256 },
		{ "time stamp signature", "" },
		{ "signer chain", "CN=Microsoft MarketPlace PCA 2011" },
		{ "signer chain", ROOT_2011_SHA256 },
		{ "signature", "" },
		{ "signer subject", "CN=Microsoft Corporation" },
		{ "signer usage", "1.3.6.1.4.1.311.76.3.1" },
		{ "signed digests", "AXPC" },
		{ "digest AXPC", "" },
		{ "digest AXCD", "" },
		{ "digest AXCT", "" },
		{ "digest AXBM", "" },
		{ "digest AXCI", "" },
		{ "block map", "blocks of" },
		{ "identity", "Microsoft.Winget.Source" },
		{ "version", "2022.110.1704.949" },
	};
	struct ad_arena *arena = *state;
	struct ad_trail trail;
	struct ad_winget_profile profile = microsoft(arena);
	assert_null(failing_step(arena, shared_file(arena, GENUINE), &profile, &trail));
	for (size_t i = 0; i < sizeof saw / sizeof saw[0]; i++)
		expect_saw(&trail, saw[i][0], saw[i][1]);
}

/* Nobody whom Microsoft's profile trusts has signed these; the third has the genuine subject. */
static void what_is_not_genuine_fails_at_its_own_step(void **state)
{
	static const char *const files[][2] = {
		{ "source-v1/source-unsigned.msix", "container" },
		{ "msix/Empty.appx", "container" },
		{ "msix/index.1.0.0.0.signed.msix", "time stamp" },
	};
	struct ad_arena *arena = *state;
	struct ad_winget_profile profile = microsoft(arena);
	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
		struct ad_trail trail;
		const char *step =
			failing_step(arena, shared_file(arena, files[i][0]), &profile, &trail);
		if (!ad_text_eq(step, files[i][1]))
			fail_msg("%s: %s", files[i][0], step ? step : "accepted");
	}
}

static void a_store_publisher_of_another_name_is_refused(void **state)
{
	struct ad_arena *arena = *state;
	struct ad_winget_profile profile = microsoft(arena);
	profile.trust.signer_subject = "CN=Contoso,C=US";
	expect_refused(arena, shared_file(arena, GENUINE), &profile, "signer is");
}

static void a_signer_without_the_demanded_usage_is_refused(void **state)
{
	static const char *const usages[] = { "1.3.6.1.4.1.311.76.3.99" };
	struct ad_arena *arena = *state;
	struct ad_winget_profile profile = microsoft(arena);
	profile.trust.signer_eku = usages;
	profile.trust.signer_eku_count = 1;
	expect_refused(arena, shared_file(arena, GENUINE), &profile, "lacks the usage");
}

static void another_root_is_refused(void **state)
{
	struct ad_arena *arena = *state;
	struct ad_winget_profile profile = microsoft(arena);
	profile.trust.roots = profile.trust.timestamp_roots;
	expect_refused(arena, shared_file(arena, GENUINE), &profile, "does not verify");
}

static void another_time_stamp_root_is_refused(void **state)
{
	struct ad_arena *arena = *state;
	struct ad_winget_profile profile = microsoft(arena);
	profile.trust.timestamp_roots = profile.trust.roots;
	expect_refused(arena, shared_file(arena, GENUINE), &profile, "time stamp");
}

static void another_package_name_is_refused(void **state)
{
	struct ad_arena *arena = *state;
	struct ad_winget_profile profile = microsoft(arena);
	profile.package_name = "Microsoft.Winget.Fonts";
	expect_refused(arena, shared_file(arena, GENUINE), &profile, "package name");
}

static void an_unsigned_package_is_refused(void **state)
{
	struct ad_arena *arena = *state;
	struct ad_winget_profile profile = microsoft(arena);
	expect_refused(arena, shared_file(arena, "source-v1/source-unsigned.msix"), &profile,
		"no signature");
}

/* Files that others made and spoiled: each fails at the first thing that is wrong with it. The two
 * with stamps are of 2013, when those were made with SHA-1. */
static void each_tampered_or_foreign_package_fails_at_its_own_step(void **state)
{
	static const struct {
		const char *name;
		const char *step;
	} rows[] = {
		{ "msix/index.1.0.0.0.signed.msix", "has no time stamp" },
		{ "msix/index.1.0.0.0.msix", "no signature" },
		{ "msix/Installer-Signed-Good.msix", "has no time stamp" },
		{ "msix/Installer-Good.msix", "no signature" },
		{ "msix/TestLinux.msix", "no signature" },
		{ "msix/SignedTamperedCD-TRUST_E_BAD_DIGEST.appx", "not made with SHA-256" },
		{ "msix/SignedTamperedBlockMap-TRUST_E_BAD_DIGEST.appx", "not made with SHA-256" },
		{ "msix/OPC_E_ZIP_CORRUPTED_ARCHIVE.appx", "directory does not end" },
		{ "msix/Empty.appx", "too short" },
		{ "msix/No_blockmap.appx", "no signature" },
		{ "msix/Bad_Namespace_Blockmap.appx", "no signature" },
	};
	struct ad_arena *arena = *state;
	struct ad_winget_profile profile = microsoft(arena);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		expect_refused(arena, shared_file(arena, rows[i].name), &profile, rows[i].step);
}

static bool accepted(struct ad_bytes bytes, const struct ad_winget_profile *profile, char *ret_sha)
{
	struct ad_arena *arena = ad_arena_new();
	struct ad_winget_package package;
	bool ok = ad_winget_package_verify(arena, bytes, profile, NOW_2026, &package, NULL) == 0;
	if (ok)
		memcpy(ret_sha, ad_sha256_hex(arena, package.index.data, package.index.len),
			AD_SHA256_HEX_LEN + 1);
	ad_arena_free(arena);
	return ok;
}

/* Where bytes are unsigned by design: the entry of the signature and its directory record, which is
 * the last. */
struct unsigned_ranges {
	size_t entry;
	size_t entry_end;
	size_t record;
	size_t record_end;
};

static struct unsigned_ranges find_unsigned(struct ad_arena *arena, struct ad_bytes bytes)
{
	static const struct ad_zip_limits limits = { 64, 1u << 30, 1u << 30 };
	const size_t ends_len = 56 + 20 + 22;
	struct ad_msix_layout layout;
	struct unsigned_ranges ranges;
	assert_int_equal(ad_msix_open(arena, bytes, &limits, &layout, NULL), 0);
	const struct ad_zip_entry *signature = ad_zip_find(layout.zip, AD_MSIX_SIGNATURE_NAME);
	ranges.entry = layout.content.len;
	ranges.entry_end = ranges.entry + ad_msix_local_header_len(layout.zip, signature) +
			   (size_t)signature->packed_size;
	ranges.record_end = bytes.len - ends_len;
	ranges.record = ranges.record_end - (bytes.len - ranges.entry_end - layout.directory.len);
	return ranges;
}

/* Where a flip is accepted, it is in those ranges and the payload is the same. */
static void a_flipped_byte_anywhere_is_refused_or_changes_nothing(void **state)
{
	struct ad_arena *arena = *state;
	struct ad_winget_profile profile = microsoft(arena);
	struct ad_bytes genuine = shared_file(arena, GENUINE);
	struct unsigned_ranges ranges = find_unsigned(arena, genuine);
	uint8_t *copy = ad_memdup(arena, genuine.data, genuine.len);
	struct ad_bytes changed = { .data = copy, .len = genuine.len };
	char whole[AD_SHA256_HEX_LEN + 1];
	char sha[AD_SHA256_HEX_LEN + 1];
	assert_true(accepted(genuine, &profile, whole));
	for (size_t at = 0; at < genuine.len;) {
		copy[at] ^= 0x20;
		if (accepted(changed, &profile, sha)) {
			if ((at < ranges.entry || at >= ranges.entry_end) &&
				(at < ranges.record || at >= ranges.record_end))
				fail_msg("byte %zu is not protected", at);
			assert_string_equal(sha, whole);
		}
		copy[at] ^= 0x20;
		if (at < ranges.entry)
			at += 997;
		else
			at += at < ranges.entry_end ? 97 : 3;
	}
}

static bool index_has_hash(struct ad_bytes index, const uint8_t hash[AD_SHA256_LEN])
{
	sqlite3 *db = NULL;
	sqlite3_stmt *statement = NULL;
	unsigned char *copy = sqlite3_malloc64(index.len);
	memcpy(copy, index.data, index.len);
	assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
	assert_int_equal(sqlite3_deserialize(db, "main", copy, (sqlite3_int64)index.len,
				 (sqlite3_int64)index.len, SQLITE_DESERIALIZE_FREEONCLOSE),
		SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, "SELECT 1 FROM manifest WHERE hash = ?1", -1,
				 &statement, NULL),
		SQLITE_OK);
	(void)sqlite3_bind_blob(statement, 1, hash, AD_SHA256_LEN, SQLITE_STATIC);
	bool found = sqlite3_step(statement) == SQLITE_ROW;
	(void)sqlite3_finalize(statement);
	(void)sqlite3_close(db);
	return found;
}

/* The older index has a hash for each manifest: genuine manifests are in it, as the CDN serves them
 * and not as git does. */
static void genuine_manifests_are_in_the_genuine_index(void **state)
{
	static const char *const names[] = {
		"source-v1/chain/manifests/p/Postman/Postman/9.1.1/9f4b-Postman.Postman.yaml",
		"source-v1/chain/manifests/z/ZelloInc/Zello/2.6.0.0/4c6e-ZelloInc.Zello.yaml",
		("source-v1/chain/manifests/z/ZeusSoftware/nGlide/2.10/"
		 "752e-ZeusSoftware.nGlide.yaml")
	};
	struct ad_arena *arena = *state;
	struct ad_winget_package package;
	struct ad_winget_profile profile = microsoft(arena);
	assert_int_equal(ad_winget_package_verify(arena, shared_file(arena, GENUINE), &profile,
				 NOW_2026, &package, NULL),
		0);
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		struct ad_bytes manifest = shared_file(arena, names[i]);
		uint8_t hash[AD_SHA256_LEN];
		ad_sha256(manifest.data, manifest.len, hash);
		assert_true(index_has_hash(package.index, hash));
		uint8_t *changed = ad_memdup(arena, manifest.data, manifest.len);
		changed[manifest.len - 1] ^= 1;
		ad_sha256(changed, manifest.len, hash);
		assert_false(index_has_hash(package.index, hash));
		uint8_t *unix_text = ad_alloc(arena, manifest.len);
		size_t len = 0;
		for (size_t j = 0; j < manifest.len; j++) {
			if (manifest.data[j] != '\r')
				unix_text[len++] = manifest.data[j];
		}
		ad_sha256(unix_text, len, hash);
		assert_false(index_has_hash(package.index, hash));
	}
}

static void a_truncated_package_is_refused(void **state)
{
	struct ad_arena *arena = *state;
	struct ad_winget_profile profile = microsoft(arena);
	struct ad_bytes genuine = shared_file(arena, GENUINE);
	char sha[AD_SHA256_HEX_LEN + 1];
	for (size_t cut = 1; cut < genuine.len; cut = cut * 3) {
		struct ad_bytes shorter = { .data = genuine.data, .len = genuine.len - cut };
		assert_false(accepted(shorter, &profile, sha));
	}
}

/* Also the reader of the sources that its tests open. */
int main(int argc, char **argv)
{
	if (argc > 1 && ad_text_eq(argv[1], "read"))
		return ad_reader_serve(&ad_winget_reader, NULL);
	ad_reader_program_set("/proc/self/exe");
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_genuine_source_package_is_accepted, setup, teardown),
		cmocka_unit_test_setup_teardown(each_step_says_what_it_saw, setup, teardown),
		cmocka_unit_test_setup_teardown(
			what_is_not_genuine_fails_at_its_own_step, setup, teardown),
		cmocka_unit_test_setup_teardown(
			the_genuine_package_is_stale_after_a_fortnight, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_store_publisher_of_another_name_is_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_signer_without_the_demanded_usage_is_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(another_root_is_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(
			another_time_stamp_root_is_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(another_package_name_is_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(an_unsigned_package_is_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(
			each_tampered_or_foreign_package_fails_at_its_own_step, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_flipped_byte_anywhere_is_refused_or_changes_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(a_truncated_package_is_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(
			genuine_manifests_are_in_the_genuine_index, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
