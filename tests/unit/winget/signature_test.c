/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Packages with one thing wrong that only a signer can get wrong: their signatures are made here,
 * with the pieces of the local tenant's world.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdbool.h>
#include <setjmp.h>
#include <cmocka.h>

#include "ad/winget/package.h"
#include "ad/file.h"

#include "../../devtenant/world/msix.h"
#include "../../devtenant/world/p7x.h"
#include "../../devtenant/world/signed_data.h"
#include "../../devtenant/world/timestamp.h"

#define NOW INT64_C(1795374073)
#define DAY INT64_C(86400)
#define OID_SPC_INDIRECT_DATA "1.3.6.1.4.1.311.2.1.4"
#define OID_TOKEN "1.3.6.1.4.1.311.3.3.1"

static char folder[] = "/tmp/ad-winget-signer-XXXXXX";

/* One package, and its signature before it is put in. */
struct fixture {
	struct ad_arena *arena;
	struct dt_trust trust;
	struct ad_winget_profile profile;
	struct dt_msix_file good;
	struct dt_p7x p7x; /* what signs good */
};

static int make_folder(void **state)
{
	(void)state;
	assert_non_null(mkdtemp(folder));
	return 0;
}

static int remove_folder(void **state)
{
	(void)state;
	return ad_file_remove_tree(folder, NULL);
}

static struct dt_msix_file build(struct fixture *fixture, const struct dt_msix *msix)
{
	struct dt_msix_file file = { 0 };
	struct ad_err err = { 0 };
	if (dt_msix_build(fixture->arena, msix, &file, &err) != 0)
		fail_msg("%s", err.text);
	return file;
}

static struct dt_msix plain(const struct fixture *fixture)
{
	static const uint8_t index[] = "not a database, but an index of some bytes";
	return (struct dt_msix){
		.index = { index, sizeof index }, .publish_time = NOW, .trust = &fixture->trust
	};
}

static struct ad_bytes digest_of(struct fixture *fixture, struct ad_bytes data)
{
	uint8_t *digest = ad_alloc(fixture->arena, AD_SHA256_LEN);
	ad_sha256(data.data, data.len, digest);
	return (struct ad_bytes){ .data = digest, .len = AD_SHA256_LEN };
}

static struct ad_bytes digest_of_entry(
	struct fixture *fixture, const struct ad_msix_layout *layout, const char *name)
{
	struct ad_bytes content;
	assert_int_equal(ad_zip_read(fixture->arena, layout->zip, ad_zip_find(layout->zip, name),
				 1u << 20, &content, NULL),
		0);
	return digest_of(fixture, content);
}

static int setup(void **state)
{
	static struct fixture fixture;
	static const struct ad_zip_limits limits = { 64, 1u << 20, 1u << 22 };
	struct ad_err err = { 0 };
	struct ad_msix_layout layout;
	struct ad_arena *arena = ad_arena_new();
	fixture = (struct fixture){ .arena = arena };
	if (dt_trust_open(arena, folder, NOW, DT_LEAF_GOOD, &fixture.trust, &err) != 0 ||
		dt_trust_write(arena, folder, &fixture.trust, &err) != 0 ||
		ad_winget_profile_load(arena, ad_printf(arena, "%s/trust/profile.json", folder),
			&fixture.profile, &err) != 0)
		fail_msg("%s", err.text);
	struct dt_msix msix = plain(&fixture);
	fixture.good = build(&fixture, &msix);
	assert_int_equal(ad_msix_open(arena, fixture.good.bytes, &limits, &layout, NULL), 0);
	fixture.p7x = (struct dt_p7x){ .entries = digest_of(&fixture, layout.content),
		.tail = digest_of(&fixture, layout.directory),
		.content_types = digest_of_entry(&fixture, &layout, "[Content_Types].xml"),
		.block_map = digest_of_entry(&fixture, &layout, "AppxBlockMap.xml"),
		.trust = &fixture.trust,
		.time = NOW };
	*state = &fixture;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;
	ad_arena_free(fixture->arena);
	return 0;
}

/* The good package with another signature. */
static struct ad_bytes with_signature(struct fixture *fixture, struct ad_bytes signature)
{
	struct dt_msix msix = plain(fixture);
	msix.borrowed_signature = signature;
	msix.borrowed_block_map = fixture->good.block_map;
	return build(fixture, &msix).bytes;
}

static struct ad_bytes sign(struct fixture *fixture, const struct dt_p7x *p7x)
{
	struct ad_bytes signature = { 0 };
	assert_int_equal(dt_p7x_sign(fixture->arena, p7x, &signature, NULL), 0);
	return signature;
}

static void expect_at(
	struct fixture *fixture, struct ad_bytes bytes, int64_t now, const char *words)
{
	struct ad_winget_package package;
	struct ad_err err = { 0 };
	int rc = ad_winget_package_verify(
		fixture->arena, bytes, &fixture->profile, now, &package, &err);
	if (!words && rc != 0)
		fail_msg("%s", err.text);
	if (words && (rc != AD_EINTEGRITY || !strstr(err.text, words)))
		fail_msg("%d: \"%s\" where \"%s\" was expected", rc, err.text, words);
}

static void expect(struct fixture *fixture, struct ad_bytes bytes, const char *words)
{
	expect_at(fixture, bytes, NOW, words);
}

static void the_same_signature_made_anew_is_accepted(void **state)
{
	struct fixture *fixture = *state;
	expect(fixture, fixture->good.bytes, NULL);
	expect(fixture, with_signature(fixture, sign(fixture, &fixture->p7x)), NULL);
}

static void each_digest_is_compared(void **state)
{
	static const char *const words[] = { "digest AXPC", "digest AXCD", "digest AXCT",
		"digest AXBM" };
	struct fixture *fixture = *state;
	for (size_t i = 0; i < 4; i++) {
		struct dt_p7x p7x = fixture->p7x;
		struct ad_bytes *digests[] = { &p7x.entries, &p7x.tail, &p7x.content_types,
			&p7x.block_map };
		*digests[i] = digest_of(fixture, (struct ad_bytes){ 0 });
		expect(fixture, with_signature(fixture, sign(fixture, &p7x)), words[i]);
	}
}

static void another_publisher_is_refused(void **state)
{
	struct fixture *fixture = *state;
	fixture->profile.package_publisher = "CN=Somebody else";
	expect(fixture, fixture->good.bytes, "publisher is");
}

/* The stamp counts, not the day on which somebody looks. */
static void a_signature_counts_long_after_its_certificate_ended(void **state)
{
	struct fixture *fixture = *state;
	expect_at(fixture, fixture->good.bytes, NOW + 300 * DAY, NULL);
}

static void a_stamp_outside_of_the_certificate_or_in_the_future_is_refused(void **state)
{
	struct fixture *fixture = *state;
	struct dt_p7x p7x = fixture->p7x;
	p7x.time = NOW + 10 * DAY;
	struct ad_bytes bytes = with_signature(fixture, sign(fixture, &p7x));
	expect_at(fixture, bytes, NOW + 11 * DAY, "does not verify");
	p7x.time = NOW + 2 * DAY;
	expect(fixture, with_signature(fixture, sign(fixture, &p7x)), "lies in the future");
}

static void a_version_that_does_not_fit_the_stamp_is_refused(void **state)
{
	struct fixture *fixture = *state;
	struct dt_p7x p7x = fixture->p7x;
	struct dt_trust later;
	assert_int_equal(
		dt_trust_open(fixture->arena, folder, NOW + 5 * DAY, DT_LEAF_GOOD, &later, NULL),
		0);
	p7x.trust = &later;
	p7x.time = NOW + 5 * DAY;
	struct ad_bytes bytes = with_signature(fixture, sign(fixture, &p7x));
	expect_at(fixture, bytes, NOW + 5 * DAY, "does not fit the signing time");
}

/* A signature of nothing in particular, to which a token can be attached. */
static struct dt_signed_data signed_data(struct fixture *fixture)
{
	struct dt_trust *trust = &fixture->trust;
	struct ad_bytes covered =
		dt_der_join(fixture->arena, DT_DER_SEQUENCE, &fixture->p7x.entries, 1);
	return (struct dt_signed_data){ .version = 1,
		.content_type = OID_SPC_INDIRECT_DATA,
		.content = dt_der(fixture->arena, DT_DER_SEQUENCE, covered),
		.digested = covered,
		.certificates = dt_bytes_cat(fixture->arena,
			DT_BYTES_LIST(
				dt_der_of_certificate(fixture->arena, trust->certificate[DT_LEAF]),
				dt_der_of_certificate(fixture->arena, trust->certificate[DT_PCA]),
				dt_der_of_certificate(fixture->arena, trust->certificate[DT_CA]))),
		.signer = trust->certificate[DT_LEAF],
		.key = trust->key[DT_LEAF] };
}

static struct ad_bytes finish(
	struct fixture *fixture, struct dt_signed_data *data, struct ad_bytes token)
{
	data->unsigned_attribute = dt_der_attribute(fixture->arena, OID_TOKEN, token);
	return dt_bytes_cat(fixture->arena, DT_BYTES_LIST(dt_bytes_of_text("PKCX"),
						    dt_signed_data_encode(fixture->arena, data)));
}

static void a_stamp_of_another_signature_is_refused(void **state)
{
	struct fixture *fixture = *state;
	struct dt_signed_data data = signed_data(fixture);
	struct ad_bytes token = { 0 };
	assert_int_equal(dt_signed_data_sign(fixture->arena, &data, NULL), 0);
	assert_int_equal(dt_timestamp(fixture->arena, &fixture->trust, dt_bytes_of_text("other"),
				 NOW, &token, NULL),
		0);
	expect(fixture, with_signature(fixture, finish(fixture, &data, token)),
		"belongs to another signature");
}

static void a_stamp_by_somebody_who_is_no_time_stamp_authority_is_refused(void **state)
{
	struct fixture *fixture = *state;
	struct ad_arena *arena = fixture->arena;
	struct dt_signed_data data = signed_data(fixture);
	struct dt_trust forger = fixture->trust;
	struct ad_bytes token = { 0 };
	const struct ad_bytes trusted[] = { dt_der_of_certificate(
						    arena, fixture->trust.certificate[DT_ROOT]),
		dt_der_of_certificate(arena, fixture->trust.certificate[DT_PCA]),
		dt_der_of_certificate(arena, fixture->trust.certificate[DT_CA]) };
	forger.key[DT_TSA] = forger.key[DT_LEAF];
	forger.certificate[DT_TSA] = forger.certificate[DT_LEAF];
	fixture->profile.trust.timestamp_roots = trusted;
	fixture->profile.trust.timestamp_root_count = 3;
	assert_int_equal(dt_signed_data_sign(arena, &data, NULL), 0);
	assert_int_equal(dt_timestamp(arena, &forger, data.signature, NOW, &token, NULL), 0);
	expect(fixture, with_signature(fixture, finish(fixture, &data, token)),
		"not by a time stamp authority");
}

static void signed_attributes_of_other_content_are_refused(void **state)
{
	struct fixture *fixture = *state;
	struct dt_signed_data data = signed_data(fixture);
	struct ad_bytes token = { 0 };
	data.content_type = "1.2.840.113549.1.7.1";
	assert_int_equal(dt_signed_data_sign(fixture->arena, &data, NULL), 0);
	data.content_type = OID_SPC_INDIRECT_DATA;
	assert_int_equal(
		dt_timestamp(fixture->arena, &fixture->trust, data.signature, NOW, &token, NULL),
		0);
	expect(fixture, with_signature(fixture, finish(fixture, &data, token)),
		"signed attributes");
}

/* Signed by the right party and stamped, but it says nothing about a package. */
static void a_signature_of_something_else_is_refused(void **state)
{
	struct fixture *fixture = *state;
	struct dt_signed_data data = signed_data(fixture);
	struct ad_bytes token = { 0 };
	assert_int_equal(dt_signed_data_sign(fixture->arena, &data, NULL), 0);
	assert_int_equal(
		dt_timestamp(fixture->arena, &fixture->trust, data.signature, NOW, &token, NULL),
		0);
	expect(fixture, with_signature(fixture, finish(fixture, &data, token)),
		"not the signature of a package");
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_same_signature_made_anew_is_accepted),
		TEST(each_digest_is_compared),
		TEST(another_publisher_is_refused),
		TEST(a_signature_counts_long_after_its_certificate_ended),
		TEST(a_stamp_outside_of_the_certificate_or_in_the_future_is_refused),
		TEST(a_version_that_does_not_fit_the_stamp_is_refused),
		TEST(a_stamp_of_another_signature_is_refused),
		TEST(a_stamp_by_somebody_who_is_no_time_stamp_authority_is_refused),
		TEST(signed_attributes_of_other_content_are_refused),
		TEST(a_signature_of_something_else_is_refused),
	};
	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
