/* SPDX-License-Identifier: Apache-2.0 */
/* Keys and certificates from outside: weak ones are refused before anything trusts them. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "ad/crypto.h"
#include "ad/text.h"

#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#define MODULUS_MAX 1100u

static const uint8_t usual_exponent[] = { 1, 0, 1 };
static const struct ad_bytes usual = { usual_exponent, sizeof usual_exponent };

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

/* An odd number of len bytes with this first byte. */
static struct ad_bytes modulus(struct ad_arena *arena, size_t len, uint8_t first)
{
	uint8_t *data = ad_alloc(arena, MODULUS_MAX);
	for (size_t i = 0; i < len; i++)
		data[i] = (uint8_t)(i * 37 + 11);
	data[0] = first;
	data[len - 1] |= 1;
	return (struct ad_bytes){ .data = data, .len = len };
}

static int convert(struct ad_arena *arena, struct ad_bytes n, struct ad_bytes e)
{
	char *pem = NULL;
	unsigned bits = 0;
	struct ad_err err = { 0 };
	return ad_crypto_rsa_public_pem_from_jwk(arena, n, e, &pem, &bits, &err);
}

static void a_key_of_2048_bits_becomes_pem(void **state)
{
	struct ad_arena *arena = *state;
	struct ad_bytes n = modulus(arena, 256, 0xc1);
	char *pem = NULL;
	unsigned bits = 0;
	assert_int_equal(ad_crypto_rsa_public_pem_from_jwk(arena, n, usual, &pem, &bits, NULL), 0);
	assert_int_equal(bits, 2048);
	assert_true(ad_text_starts(pem, "-----BEGIN PUBLIC KEY-----\n"));
	BIO *in = BIO_new_mem_buf(pem, -1);
	EVP_PKEY *key = PEM_read_bio_PUBKEY(in, NULL, NULL, NULL);
	BIGNUM *back = NULL;
	uint8_t again[256];
	assert_int_equal(EVP_PKEY_get_bn_param(key, "n", &back), 1);
	assert_int_equal(BN_bn2binpad(back, again, sizeof again), sizeof again);
	assert_memory_equal(again, n.data, n.len);
	BN_free(back);
	EVP_PKEY_free(key);
	BIO_free(in);
}

static void leading_zeros_do_not_make_a_key_longer(void **state)
{
	struct ad_arena *arena = *state;
	struct ad_bytes n = modulus(arena, 257, 0);
	uint8_t *data = ad_memdup(arena, n.data, n.len);
	data[1] = 0x7f;
	n.data = data;
	assert_int_equal(convert(arena, n, usual), AD_EINVAL);
	data[1] = 0x80;
	assert_int_equal(convert(arena, n, usual), 0);
}

static void weak_keys_are_refused(void **state)
{
	struct ad_arena *arena = *state;
	struct ad_bytes good = modulus(arena, 256, 0xc1);
	assert_int_equal(convert(arena, (struct ad_bytes){ 0 }, usual), AD_EINVAL);
	assert_int_equal(convert(arena, modulus(arena, 255, 0xff), usual), AD_EINVAL);
	assert_int_equal(convert(arena, modulus(arena, 256, 0x7f), usual), AD_EINVAL);
	assert_int_equal(convert(arena, modulus(arena, 1025, 0xff), usual), AD_EINVAL);
	uint8_t *even = ad_memdup(arena, good.data, good.len);
	even[good.len - 1] &= 0xfe;
	assert_int_equal(convert(arena, (struct ad_bytes){ .data = even, .len = good.len }, usual),
		AD_EINVAL);
}

static void weak_exponents_are_refused(void **state)
{
	static const struct {
		uint8_t data[5];
		size_t len;
	} bad[] = { { { 0 }, 0 }, { { 1 }, 1 }, { { 3 }, 1 }, { { 0xff, 0xff }, 2 },
		{ { 1, 0, 0 }, 3 }, { { 1, 0, 2 }, 3 }, { { 1, 0, 0, 0, 1 }, 5 } };
	struct ad_arena *arena = *state;
	struct ad_bytes good = modulus(arena, 256, 0xc1);
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct ad_bytes e = { .data = bad[i].data, .len = bad[i].len };
		assert_int_equal(convert(arena, good, e), AD_EINVAL);
	}
}

/* A self-made certificate that is valid in [from, until], as PEM. */
static char *certificate(struct ad_arena *arena, time_t from, time_t until)
{
	EVP_PKEY *key = EVP_RSA_gen(2048);
	X509 *made = X509_new();
	ASN1_TIME_set(X509_getm_notBefore(made), from);
	ASN1_TIME_set(X509_getm_notAfter(made), until);
	X509_set_pubkey(made, key);
	assert_int_not_equal(X509_sign(made, key, EVP_sha256()), 0);
	BIO *out = BIO_new(BIO_s_mem());
	char *data = NULL;
	assert_int_equal(PEM_write_bio_X509(out, made), 1);
	long len = BIO_get_mem_data(out, &data);
	char *pem = ad_strndup(arena, data, (size_t)len);
	BIO_free(out);
	X509_free(made);
	EVP_PKEY_free(key);
	return pem;
}

static void a_certificate_counts_within_its_dates_only(void **state)
{
	struct ad_arena *arena = *state;
	struct ad_bytes der;
	char *pem = certificate(arena, 1000000000, 1100000000);
	assert_int_equal(ad_crypto_cert_der_from_pem(arena, pem, strlen(pem), &der, NULL), 0);
	assert_int_equal(ad_crypto_cert_valid_at(der, 1050000000, NULL), 0);
	assert_int_equal(ad_crypto_cert_valid_at(der, 999999999, NULL), AD_EAUTH);
	assert_int_equal(ad_crypto_cert_valid_at(der, 1100000001, NULL), AD_EAUTH);
}

static void an_unreadable_certificate_is_refused(void **state)
{
	struct ad_arena *arena = *state;
	struct ad_bytes der;
	char *pem = certificate(arena, 1000000000, 1100000000);
	assert_int_equal(ad_crypto_cert_der_from_pem(arena, pem, strlen(pem), &der, NULL), 0);
	uint8_t *longer = ad_alloc(arena, der.len + 1);
	memcpy(longer, der.data, der.len);
	struct ad_bytes trailing = { .data = longer, .len = der.len + 1 };
	assert_int_equal(ad_crypto_cert_valid_at(trailing, 1050000000, NULL), AD_EINVAL);
	der.len--;
	assert_int_equal(ad_crypto_cert_valid_at(der, 1050000000, NULL), AD_EINVAL);
	assert_int_equal(
		ad_crypto_cert_valid_at((struct ad_bytes){ 0 }, 1050000000, NULL), AD_EINVAL);
	assert_int_equal(ad_crypto_cert_der_from_pem(arena, "no", 2, &der, NULL), AD_EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_key_of_2048_bits_becomes_pem, setup, teardown),
		cmocka_unit_test_setup_teardown(
			leading_zeros_do_not_make_a_key_longer, setup, teardown),
		cmocka_unit_test_setup_teardown(weak_keys_are_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(weak_exponents_are_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_certificate_counts_within_its_dates_only, setup, teardown),
		cmocka_unit_test_setup_teardown(
			an_unreadable_certificate_is_refused, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
