/* SPDX-License-Identifier: Apache-2.0 */
/* Chains of package signatures: pinned roots, the stamped time, and what OpenSSL was told to
 * overlook. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "chain.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#define FROM 1600000000
#define INSIDE 1600000500
#define UNTIL 1600001000

/* Critical extensions for leaves, by OpenSSL's configuration words. */
#define APPLICATION_POLICIES "critical,DER:300c300a06082b06010505070303"

static EVP_PKEY *root_key;
static EVP_PKEY *leaf_key;
static X509 *root;

static void add_extension(X509 *certificate, const char *name, const char *value)
{
	X509V3_CTX context;
	X509V3_set_ctx_nodb(&context);
	X509V3_set_ctx(&context, certificate, certificate, NULL, NULL, 0);
	X509_EXTENSION *extension = X509V3_EXT_nconf(NULL, &context, name, value);
	assert_non_null(extension);
	assert_int_equal(X509_add_ext(certificate, extension, -1), 1);
	X509_EXTENSION_free(extension);
}

/* What a leaf is made of; NULL: the good value. */
struct leaf {
	EVP_PKEY *key;
	const char *constraints;
	const char *usage;
	const char *extra_name;
	const char *extra_value;
};

static X509 *start(const char *name, EVP_PKEY *key)
{
	X509 *made = X509_new();
	X509_NAME *subject = X509_get_subject_name(made);
	assert_int_equal(X509_set_version(made, X509_VERSION_3), 1);
	assert_int_equal(ASN1_INTEGER_set(X509_get_serialNumber(made), 0x1234abcd), 1);
	(void)X509_NAME_add_entry_by_txt(
		subject, "C", MBSTRING_UTF8, (const unsigned char *)"US", -1, -1, 0);
	(void)X509_NAME_add_entry_by_txt(
		subject, "CN", MBSTRING_UTF8, (const unsigned char *)name, -1, -1, 0);
	(void)ASN1_TIME_set(X509_getm_notBefore(made), FROM);
	(void)ASN1_TIME_set(X509_getm_notAfter(made), UNTIL);
	assert_int_equal(X509_set_pubkey(made, key), 1);
	return made;
}

static X509 *make_leaf(struct leaf leaf)
{
	X509 *made = start("Leaf", leaf.key ? leaf.key : leaf_key);
	assert_int_equal(X509_set_issuer_name(made, X509_get_subject_name(root)), 1);
	add_extension(made, "basicConstraints",
		leaf.constraints ? leaf.constraints : "critical,CA:FALSE");
	add_extension(made, "keyUsage", leaf.usage ? leaf.usage : "critical,digitalSignature");
	add_extension(made, "extendedKeyUsage", "critical,codeSigning,1.3.6.1.4.1.311.76.3.1");
	if (leaf.extra_name)
		add_extension(made, leaf.extra_name, leaf.extra_value);
	assert_int_not_equal(X509_sign(made, root_key, EVP_sha256()), 0);
	return made;
}

static int make_root(void **state)
{
	(void)state;
	root_key = EVP_RSA_gen(2048);
	leaf_key = EVP_RSA_gen(2048);
	root = start("Root", root_key);
	assert_int_equal(X509_set_issuer_name(root, X509_get_subject_name(root)), 1);
	add_extension(root, "basicConstraints", "critical,CA:TRUE");
	add_extension(root, "keyUsage", "critical,keyCertSign");
	assert_int_not_equal(X509_sign(root, root_key, EVP_sha256()), 0);
	return 0;
}

static int free_root(void **state)
{
	(void)state;
	X509_free(root);
	EVP_PKEY_free(root_key);
	EVP_PKEY_free(leaf_key);
	return 0;
}

/* Judges the leaf, which is freed, at a time. */
static int judge(X509 *leaf, int64_t when, struct ad_err *err)
{
	unsigned char *der = NULL;
	int len = i2d_X509(root, &der);
	struct ad_bytes trusted = { .data = der, .len = (size_t)len };
	X509_STORE *store = NULL;
	STACK_OF(X509) *chain = NULL;
	*err = (struct ad_err){ 0 };
	assert_int_equal(ad_chain_store(&trusted, 1, when, &store, err), 0);
	int rc = ad_chain_verify(store, leaf, NULL, "signer", &chain, err);
	if (!rc)
		assert_int_equal(sk_X509_num(chain), 2);
	sk_X509_pop_free(chain, X509_free);
	X509_STORE_free(store);
	OPENSSL_free(der);
	X509_free(leaf);
	ERR_clear_error();
	return rc;
}

static void a_proper_leaf_is_accepted_within_its_dates_only(void **state)
{
	struct ad_err err;
	(void)state;
	if (judge(make_leaf((struct leaf){ 0 }), INSIDE, &err) != 0)
		fail_msg("%s", err.text);
	assert_int_equal(judge(make_leaf((struct leaf){ 0 }), FROM - 1, &err), AD_EINTEGRITY);
	assert_int_equal(judge(make_leaf((struct leaf){ 0 }), UNTIL + 1, &err), AD_EINTEGRITY);
}

static void application_policies_may_be_critical_other_extensions_not(void **state)
{
	struct ad_err err;
	struct leaf known = { .extra_name = "1.3.6.1.4.1.311.21.10",
		.extra_value = APPLICATION_POLICIES };
	struct leaf unknown = { .extra_name = "1.3.6.1.4.1.311.21.99",
		.extra_value = APPLICATION_POLICIES };
	(void)state;
	assert_int_equal(judge(make_leaf(known), INSIDE, &err), 0);
	assert_int_equal(judge(make_leaf(unknown), INSIDE, &err), AD_EINTEGRITY);
	assert_non_null(strstr(err.text, "critical extension"));
}

static void an_authority_or_a_leaf_without_signatures_is_refused(void **state)
{
	struct ad_err err;
	(void)state;
	assert_int_equal(judge(make_leaf((struct leaf){ .constraints = "critical,CA:TRUE",
				       .usage = "critical,digitalSignature,keyCertSign" }),
				 INSIDE, &err),
		AD_EINTEGRITY);
	assert_non_null(strstr(err.text, "authority"));
	assert_int_equal(judge(make_leaf((struct leaf){ .usage = "critical,keyEncipherment" }),
				 INSIDE, &err),
		AD_EINTEGRITY);
	assert_non_null(strstr(err.text, "not for signatures"));
}

static void keys_that_are_short_or_not_rsa_are_refused(void **state)
{
	struct ad_err err;
	EVP_PKEY *curve = EVP_EC_gen("P-256");
	EVP_PKEY *small = EVP_RSA_gen(1024);
	(void)state;
	assert_int_equal(
		judge(make_leaf((struct leaf){ .key = curve }), INSIDE, &err), AD_EINTEGRITY);
	assert_non_null(strstr(err.text, "not RSA"));
	assert_int_equal(
		judge(make_leaf((struct leaf){ .key = small }), INSIDE, &err), AD_EINTEGRITY);
	EVP_PKEY_free(curve);
	EVP_PKEY_free(small);
}

static void a_chain_to_nowhere_is_refused(void **state)
{
	struct ad_err err;
	X509_STORE *store = NULL;
	struct ad_bytes nonsense = { .data = (const uint8_t *)"0", .len = 1 };
	X509 *alone = start("Alone", leaf_key);
	(void)state;
	assert_int_equal(X509_set_issuer_name(alone, X509_get_subject_name(alone)), 1);
	assert_int_not_equal(X509_sign(alone, leaf_key, EVP_sha256()), 0);
	assert_int_equal(judge(alone, INSIDE, &err), AD_EINTEGRITY);
	assert_int_equal(ad_chain_store(NULL, 0, INSIDE, &store, &err), AD_ECONFIG);
	assert_int_equal(ad_chain_store(&nonsense, 1, INSIDE, &store, &err), AD_ECONFIG);
	ERR_clear_error();
}

static void subject_serial_and_usage_are_read(void **state)
{
	struct ad_arena *arena = ad_arena_new();
	X509 *leaf = make_leaf((struct leaf){ 0 });
	(void)state;
	assert_string_equal(ad_chain_subject(arena, leaf), "CN=Leaf,C=US");
	assert_string_equal(ad_chain_serial(arena, leaf), "1234abcd");
	assert_true(ad_chain_has_eku(leaf, "1.3.6.1.4.1.311.76.3.1"));
	assert_true(ad_chain_has_eku(leaf, "1.3.6.1.5.5.7.3.3"));
	assert_false(ad_chain_has_eku(leaf, "1.3.6.1.5.5.7.3.8"));
	assert_false(ad_chain_has_eku(root, "1.3.6.1.5.5.7.3.3"));
	X509_free(leaf);
	ad_arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_proper_leaf_is_accepted_within_its_dates_only),
		cmocka_unit_test(application_policies_may_be_critical_other_extensions_not),
		cmocka_unit_test(an_authority_or_a_leaf_without_signatures_is_refused),
		cmocka_unit_test(keys_that_are_short_or_not_rsa_are_refused),
		cmocka_unit_test(a_chain_to_nowhere_is_refused),
		cmocka_unit_test(subject_serial_and_usage_are_read),
	};
	return cmocka_run_group_tests(tests, make_root, free_root);
}
