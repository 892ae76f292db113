/* SPDX-License-Identifier: Apache-2.0 */
/* Trust profiles: an incomplete one trusts nobody and is refused when it is loaded. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdbool.h>
#include <setjmp.h>
#include <cmocka.h>

#include "ad/winget/package.h"
#include "ad/file.h"

#include <openssl/pem.h>
#include <openssl/rsa.h>

static char folder[] = "/tmp/ad-profile-XXXXXX";

static int write_certificate(void **state)
{
	struct ad_arena *arena = ad_arena_new();
	EVP_PKEY *key = EVP_RSA_gen(2048);
	X509 *made = X509_new();
	BIO *out = BIO_new(BIO_s_mem());
	char *data = NULL;
	(void)state;
	assert_non_null(mkdtemp(folder));
	ASN1_TIME_set(X509_getm_notBefore(made), 0);
	ASN1_TIME_set(X509_getm_notAfter(made), 1);
	X509_set_pubkey(made, key);
	assert_int_not_equal(X509_sign(made, key, EVP_sha256()), 0);
	assert_int_equal(PEM_write_bio_X509(out, made), 1);
	long len = BIO_get_mem_data(out, &data);
	assert_int_equal(ad_file_write(ad_printf(arena, "%s/root.pem", folder), data, (size_t)len,
				 0600, NULL),
		0);
	BIO_free(out);
	X509_free(made);
	EVP_PKEY_free(key);
	ad_arena_free(arena);
	return 0;
}

static int remove_folder(void **state)
{
	(void)state;
	return ad_file_remove_tree(folder, NULL);
}

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

static int load(struct ad_arena *arena, const char *json, struct ad_winget_profile *profile)
{
	struct ad_err err = { 0 };
	char *path = ad_printf(arena, "%s/profile.json", folder);
	assert_int_equal(ad_file_write(path, json, strlen(json), 0600, NULL), 0);
	return ad_winget_profile_load(arena, path, profile, &err);
}

#define ROOTS "\"root_certificates\":[\"root.pem\"],\"timestamp_root_certificates\":[\"root.pem\"],"
#define REST                                                                                      \
	"\"signer_eku\":[\"1.2.3\",\"1.2.4\"],\"package_name\":\"P\",\"package_publisher\":\"CN=" \
	"P\"}"

static void a_whole_profile_is_loaded(void **state)
{
	struct ad_winget_profile profile = { 0 };
	assert_int_equal(load(*state, "{\"name\":\"n\"," ROOTS "\"signer_subject\":\"CN=S\"," REST,
				 &profile),
		0);
	assert_string_equal(profile.name, "n");
	assert_string_equal(profile.trust.signer_subject, "CN=S");
	assert_int_equal(profile.trust.root_count, 1);
	assert_int_equal(profile.trust.timestamp_root_count, 1);
	assert_int_equal(profile.trust.roots[0].data[0], 0x30);
	assert_int_equal(profile.trust.signer_eku_count, 2);
	assert_string_equal(profile.package_publisher, "CN=P");
}

/* The roots are pinned by what the world knows of them. */
static void without_a_file_the_source_is_microsofts(void **state)
{
	struct ad_winget_profile profile = { 0 };
	assert_int_equal(ad_winget_profile_load(*state, "", &profile, NULL), 0);
	assert_int_equal(profile.trust.root_count, 1);
	assert_int_equal(profile.trust.timestamp_root_count, 1);
	assert_string_equal(
		ad_sha256_hex(*state, profile.trust.roots[0].data, profile.trust.roots[0].len),
		"847df6a78497943f27fc72eb93f9a637320a02b561d0a91b09e87a7807ed7c61");
	assert_string_equal(ad_sha256_hex(*state, profile.trust.timestamp_roots[0].data,
				    profile.trust.timestamp_roots[0].len),
		"df545bf919a2439c36983b54cdfc903dfa4f37d3996d8d84b4c31eec6f3c163e");
	assert_string_equal(profile.package_name, "Microsoft.Winget.Source");
}

static void an_incomplete_profile_is_refused(void **state)
{
	static const char *const bad[] = {
		"",
		"[]",
		"{}",
		"{\"name\":\"n\"," ROOTS REST,
		"{\"name\":\"n\"," ROOTS "\"signer_subject\":\"\"," REST,
		"{\"name\":7," ROOTS "\"signer_subject\":\"CN=S\"," REST,
		"{\"name\":\"n\",\"root_certificates\":[],\"timestamp_root_certificates\":"
		"[\"root.pem\"],\"signer_subject\":\"CN=S\"," REST,
		"{\"name\":\"n\",\"root_certificates\":\"root.pem\",\"timestamp_root_"
		"certificates\":"
		"[\"root.pem\"],\"signer_subject\":\"CN=S\"," REST,
		"{\"name\":\"n\",\"root_certificates\":[\"profile.json\"],"
		"\"timestamp_root_certificates\":[\"root.pem\"],\"signer_subject\":\"CN=S\"," REST,
		"{\"name\":\"n\",\"surprise\":1," ROOTS "\"signer_subject\":\"CN=S\"," REST,
		"{\"name\":\"n\"," ROOTS "\"signer_subject\":\"CN=S\",\"signer_eku\":[],"
		"\"package_name\":\"P\",\"package_publisher\":\"CN=P\"}",
	};
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct ad_winget_profile profile;
		if (load(*state, bad[i], &profile) != AD_ECONFIG)
			fail_msg("accepted: %s", bad[i]);
	}
}

static void a_missing_certificate_is_named(void **state)
{
	struct ad_winget_profile profile;
	assert_int_equal(load(*state,
				 "{\"name\":\"n\",\"root_certificates\":[\"none.pem\"],"
				 "\"timestamp_root_certificates\":[\"root.pem\"],"
				 "\"signer_subject\":\"CN=S\"," REST,
				 &profile),
		AD_ENOTFOUND);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_whole_profile_is_loaded),
		TEST(without_a_file_the_source_is_microsofts),
		TEST(an_incomplete_profile_is_refused),
		TEST(a_missing_certificate_is_named),
	};
	return cmocka_run_group_tests(tests, write_certificate, remove_folder);
}
