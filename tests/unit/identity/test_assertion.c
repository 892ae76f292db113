/* SPDX-License-Identifier: Apache-2.0 */
/* Promises about client assertions: the form that the directory wants, never the same twice, and no
 * certificate that could not sign. */
#include "assertion.h"
#include "issuer.h"

#include "ad/json.h"

#include <openssl/ec.h>
#include <openssl/err.h>

#define CLIENT "11111111-2222-3333-4444-555555555555"
#define ENDPOINT "https://login.example.com/tenant/oauth2/v2.0/token"

static struct ad_arena *arena;
static EVP_PKEY *key;
static X509 *certificate;

static X509 *new_certificate(EVP_PKEY *owner)
{
	X509 *made = X509_new();
	time_t base = NOW;
	(void)X509_set_version(made, 2);
	(void)ASN1_INTEGER_set(X509_get_serialNumber(made), 7);
	(void)X509_time_adj(X509_getm_notBefore(made), -60, &base);
	(void)X509_time_adj(X509_getm_notAfter(made), 3600, &base);
	(void)X509_set_pubkey(made, owner);
	assert_true(X509_sign(made, owner, EVP_sha256()) > 0);
	return made;
}

static int set_up(void **state)
{
	(void)state;
	arena = ad_arena_new();
	key = make_key(2048);
	certificate = new_certificate(key);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	EVP_PKEY_free(key);
	X509_free(certificate);
	ad_arena_free(arena);
	return 0;
}

static struct ad_bytes taken(BIO *bio)
{
	char *data = NULL;
	size_t len = (size_t)BIO_get_mem_data(bio, &data);
	const struct ad_bytes bytes = { .data = ad_memdup(arena, data, len), .len = len };
	BIO_free(bio);
	return bytes;
}

static struct ad_bytes certificate_pem(X509 *which)
{
	BIO *bio = BIO_new(BIO_s_mem());
	assert_int_equal(PEM_write_bio_X509(bio, which), 1);
	return taken(bio);
}

/* passphrase: NULL for none. */
static struct ad_bytes key_pem(EVP_PKEY *which, const char *passphrase)
{
	BIO *bio = BIO_new(BIO_s_mem());
	const unsigned char *phrase = (const unsigned char *)passphrase;
	assert_int_equal(PEM_write_bio_PrivateKey(bio, which, passphrase ? EVP_aes_256_cbc() : NULL,
				 phrase, passphrase ? (int)strlen(passphrase) : 0, NULL, NULL),
		1);
	return taken(bio);
}

static struct ad_bytes joined(struct ad_bytes a, struct ad_bytes b)
{
	uint8_t *data = ad_alloc(arena, a.len + b.len);
	memcpy(data, a.data, a.len);
	memcpy(data + a.len, b.data, b.len);
	return (struct ad_bytes){ .data = data, .len = a.len + b.len };
}

static struct ad_signer *new_signer(void)
{
	struct ad_signer *signer = NULL;
	struct ad_err err = { 0 };
	if (ad_signer_new(certificate_pem(certificate), key_pem(key, NULL), &signer, &err) != 0)
		fail_msg("signer: %s", err.text);
	return signer;
}

static struct ad_json *part(const char *text, size_t len)
{
	uint8_t *bytes = NULL;
	size_t size = 0;
	struct ad_json *json = NULL;
	assert_int_equal(ad_base64url_decode(arena, text, len, &bytes, &size), 0);
	assert_int_equal(ad_json_parse(arena, (const char *)bytes, size, &json, NULL), 0);
	return json;
}

static bool signature_is_good(const char *input, size_t len, const char *signature)
{
	uint8_t *bytes = NULL;
	size_t size = 0;
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	EVP_PKEY_CTX *key_ctx = NULL;
	assert_int_equal(
		ad_base64url_decode(arena, signature, strlen(signature), &bytes, &size), 0);
	assert_int_equal(EVP_DigestVerifyInit(ctx, &key_ctx, EVP_sha256(), NULL, key), 1);
	assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(key_ctx, RSA_PKCS1_PSS_PADDING), 1);
	assert_int_equal(EVP_PKEY_CTX_set_rsa_pss_saltlen(key_ctx, 32), 1);
	bool good = EVP_DigestVerify(ctx, bytes, size, (const unsigned char *)input, len) == 1;
	EVP_MD_CTX_free(ctx);
	return good;
}

static void t05_assertion_has_the_form_of_the_directory(void **state)
{
	(void)state;
	struct ad_signer *signer = new_signer();
	uint8_t thumbprint[32];
	assert_int_equal(X509_digest(certificate, EVP_sha256(), thumbprint, NULL), 1);
	const char *jwt = ad_assertion_new(arena, signer, CLIENT, ENDPOINT, NOW);
	size_t head = strcspn(jwt, ".");
	size_t body = strcspn(jwt + head + 1, ".");
	const struct ad_json *header = part(jwt, head);
	const struct ad_json *claims = part(jwt + head + 1, body);
	assert_int_equal(ad_json_count(header), 3);
	assert_string_equal(ad_json_str(header, "alg"), "PS256");
	assert_string_equal(ad_json_str(header, "typ"), "JWT");
	assert_string_equal(ad_json_str(header, "x5t#S256"),
		ad_base64url(arena, thumbprint, sizeof thumbprint));
	assert_int_equal(ad_json_count(claims), 7);
	assert_string_equal(ad_json_str(claims, "aud"), ENDPOINT);
	assert_string_equal(ad_json_str(claims, "iss"), CLIENT);
	assert_string_equal(ad_json_str(claims, "sub"), CLIENT);
	assert_true(ad_text_is_guid(ad_json_str(claims, "jti")));
	assert_int_equal(ad_json_int(claims, "nbf", 0), NOW);
	assert_int_equal(ad_json_int(claims, "iat", 0), NOW);
	assert_int_equal(ad_json_int(claims, "exp", 0), NOW + 600);
	assert_true(signature_is_good(jwt, head + 1 + body, jwt + head + 1 + body + 1));
	ad_signer_free(signer);
}

static void t05_no_two_assertions_are_the_same(void **state)
{
	(void)state;
	struct ad_signer *signer = new_signer();
	const char *first = ad_assertion_new(arena, signer, CLIENT, ENDPOINT, NOW);
	const char *second = ad_assertion_new(arena, signer, CLIENT, ENDPOINT, NOW);
	size_t claims = strcspn(first, ".") + 1;
	size_t len = strcspn(first + claims, ".");
	assert_memory_not_equal(first + claims, second + claims, len);
	ad_signer_free(signer);
}

static void signer_tells_the_dates_and_takes_key_and_chain_from_one_file(void **state)
{
	(void)state;
	struct ad_bytes all = joined(key_pem(key, NULL), certificate_pem(certificate));
	struct ad_signer *signer = NULL;
	assert_int_equal(ad_signer_new(all, all, &signer, NULL), 0);
	assert_int_equal(ad_signer_begins_s(signer), NOW - 60);
	assert_int_equal(ad_signer_ends_s(signer), NOW + 3600);
	ad_signer_free(signer);
}

static void refused(struct ad_bytes certificate_text, struct ad_bytes key_text, const char *why)
{
	struct ad_signer *signer = NULL;
	struct ad_err err = { 0 };
	assert_int_equal(ad_signer_new(certificate_text, key_text, &signer, &err), AD_ECONFIG);
	assert_null(signer);
	if (!strstr(err.text, why))
		fail_msg("'%s' does not say '%s'", err.text, why);
	assert_int_equal(ERR_peek_error(), 0);
}

static void what_cannot_sign_is_refused_with_the_reason(void **state)
{
	(void)state;
	const struct ad_bytes none = { 0 };
	const struct ad_bytes junk = { .data = (const uint8_t *)"-----BEGIN", .len = 10 };
	struct ad_bytes good_certificate = certificate_pem(certificate);
	struct ad_bytes good_key = key_pem(key, NULL);
	EVP_PKEY *other = make_key(2048);
	EVP_PKEY *small = make_key(1024);
	EVP_PKEY *curve = EVP_EC_gen("P-256");
	X509 *of_small = new_certificate(small);
	X509 *of_curve = new_certificate(curve);
	refused(none, good_key, "no certificate");
	refused(junk, good_key, "no certificate");
	refused(good_key, good_key, "no certificate");
	refused(good_certificate, none, "no private key");
	refused(good_certificate, good_certificate, "no private key");
	refused(good_certificate, key_pem(key, "secret"), "passphrase");
	refused(good_certificate, key_pem(other, NULL), "not a pair");
	refused(certificate_pem(of_small), key_pem(small, NULL), "1024 bits");
	refused(certificate_pem(of_curve), key_pem(curve, NULL), "not an RSA key");
	X509_free(of_curve);
	X509_free(of_small);
	EVP_PKEY_free(curve);
	EVP_PKEY_free(small);
	EVP_PKEY_free(other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(t05_assertion_has_the_form_of_the_directory),
		cmocka_unit_test(t05_no_two_assertions_are_the_same),
		cmocka_unit_test(signer_tells_the_dates_and_takes_key_and_chain_from_one_file),
		cmocka_unit_test(what_cannot_sign_is_refused_with_the_reason),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
