/* SPDX-License-Identifier: Apache-2.0 */
/* Values at rest open only whole, in their place and with their key; CBC is what others read. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "ad/crypto.h"
#include "ad/text.h"

static const uint8_t key[AD_AES256_KEY_LEN] = { 1, 2, 3 };
static const uint8_t other_key[AD_AES256_KEY_LEN] = { 1, 2, 4 };

static struct ad_bytes bytes(const char *text)
{
	return (struct ad_bytes){ .data = (const uint8_t *)text, .len = strlen(text) };
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

static void a_sealed_value_opens_again(void **state)
{
	struct ad_arena *arena = *state;
	struct ad_bytes plain;
	struct ad_bytes sealed = ad_crypto_seal(arena, key, bytes("secret"), bytes("row 7"));
	assert_int_equal(sealed.len, 6 + AD_GCM_NONCE_LEN + AD_GCM_TAG_LEN);
	assert_int_equal(ad_crypto_open(arena, key, sealed, bytes("row 7"), &plain, NULL), 0);
	assert_string_equal((const char *)plain.data, "secret");
	sealed = ad_crypto_seal(arena, key, bytes(""), bytes(""));
	assert_int_equal(ad_crypto_open(arena, key, sealed, bytes(""), &plain, NULL), 0);
	assert_int_equal(plain.len, 0);
}

static void the_same_value_is_sealed_differently_each_time(void **state)
{
	struct ad_arena *arena = *state;
	struct ad_bytes a = ad_crypto_seal(arena, key, bytes("secret"), bytes(""));
	struct ad_bytes b = ad_crypto_seal(arena, key, bytes("secret"), bytes(""));
	assert_memory_not_equal(a.data, b.data, a.len);
}

static void a_value_does_not_open_elsewhere_or_with_another_key(void **state)
{
	struct ad_arena *arena = *state;
	struct ad_bytes plain;
	struct ad_err err = { 0 };
	struct ad_bytes sealed = ad_crypto_seal(arena, key, bytes("secret"), bytes("row 7"));
	assert_int_equal(
		ad_crypto_open(arena, key, sealed, bytes("row 8"), &plain, &err), AD_EINTEGRITY);
	assert_null(strstr(err.text, "secret"));
	assert_int_equal(ad_crypto_open(arena, other_key, sealed, bytes("row 7"), &plain, &err),
		AD_EINTEGRITY);
}

static void a_changed_value_does_not_open(void **state)
{
	struct ad_arena *arena = *state;
	struct ad_bytes plain;
	struct ad_bytes sealed = ad_crypto_seal(arena, key, bytes("secret"), bytes(""));
	uint8_t *copy = ad_memdup(arena, sealed.data, sealed.len);
	struct ad_bytes changed = { .data = copy, .len = sealed.len };
	for (size_t i = 0; i < sealed.len; i++) {
		copy[i] ^= 1;
		assert_int_equal(ad_crypto_open(arena, key, changed, bytes(""), &plain, NULL),
			AD_EINTEGRITY);
		copy[i] ^= 1;
	}
	for (changed.len = 0; changed.len < sealed.len; changed.len++)
		assert_int_equal(ad_crypto_open(arena, key, changed, bytes(""), &plain, NULL),
			AD_EINTEGRITY);
}

/* SP 800-38A, F.2.5: the first block does not depend on the padding. */
static void cbc_of_a_published_vector(void **state)
{
	uint8_t vector_key[AD_AES256_KEY_LEN];
	uint8_t iv[AD_AES_BLOCK_LEN];
	uint8_t plain[AD_AES_BLOCK_LEN];
	uint8_t cipher[2 * AD_AES_BLOCK_LEN];
	(void)state;
	assert_int_equal(
		ad_hex_decode("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4",
			vector_key, sizeof vector_key),
		0);
	assert_int_equal(ad_hex_decode("000102030405060708090a0b0c0d0e0f", iv, sizeof iv), 0);
	assert_int_equal(ad_hex_decode("6bc1bee22e409f96e93d7e117393172a", plain, sizeof plain), 0);
	struct ad_cbc_encryptor *encryptor = ad_cbc_encryptor_new(vector_key, iv);
	size_t len = ad_cbc_encryptor_update(encryptor, plain, sizeof plain, cipher);
	assert_int_equal(len, AD_AES_BLOCK_LEN);
	ad_cbc_encryptor_final(encryptor, cipher + len);
	ad_cbc_encryptor_free(encryptor);
	char hex[2 * AD_AES_BLOCK_LEN + 1];
	ad_hex_encode(cipher, AD_AES_BLOCK_LEN, hex);
	assert_string_equal(hex, "f58c4c04d6e5f1ba779eabfb5f7bfbd6");
}

#define LEN_MAX 100u

/* Encrypts len bytes in pieces of step; returns the length of the whole. */
static size_t encrypt(const uint8_t *plain, size_t len, size_t step, uint8_t *cipher)
{
	static const uint8_t iv[AD_AES_BLOCK_LEN] = { 9 };
	size_t written = 0;
	struct ad_cbc_encryptor *encryptor = ad_cbc_encryptor_new(key, iv);
	for (size_t at = 0; at < len; at += step) {
		size_t part = len - at < step ? len - at : step;
		written += ad_cbc_encryptor_update(encryptor, plain + at, part, cipher + written);
	}
	ad_cbc_encryptor_final(encryptor, cipher + written);
	ad_cbc_encryptor_free(encryptor);
	return written + AD_AES_BLOCK_LEN;
}

static void cbc_has_the_promised_length_and_comes_back(void **state)
{
	static const uint8_t iv[AD_AES_BLOCK_LEN] = { 9 };
	uint8_t plain[LEN_MAX];
	uint8_t cipher[LEN_MAX + 2 * AD_AES_BLOCK_LEN];
	uint8_t again[LEN_MAX + 2 * AD_AES_BLOCK_LEN];
	(void)state;
	for (size_t i = 0; i < sizeof plain; i++)
		plain[i] = (uint8_t)i;
	for (size_t len = 0; len <= LEN_MAX; len++) {
		size_t whole = encrypt(plain, len, 1 + len % 23, cipher);
		size_t last = 0;
		assert_int_equal(whole, (len / 16 + 1) * 16);
		struct ad_cbc_decryptor *decryptor = ad_cbc_decryptor_new(key, iv);
		size_t first = ad_cbc_decryptor_update(decryptor, cipher, whole, again);
		assert_int_equal(ad_cbc_decryptor_final(decryptor, again + first, &last, NULL), 0);
		ad_cbc_decryptor_free(decryptor);
		assert_int_equal(first + last, len);
		assert_memory_equal(again, plain, len);
	}
}

static void cbc_of_a_wrong_length_is_refused(void **state)
{
	static const uint8_t iv[AD_AES_BLOCK_LEN] = { 9 };
	uint8_t cipher[64] = { 0 };
	uint8_t plain[64 + AD_AES_BLOCK_LEN];
	size_t len = encrypt((const uint8_t *)"hello", 5, 5, cipher);
	size_t last = 0;
	(void)state;
	struct ad_cbc_decryptor *decryptor = ad_cbc_decryptor_new(key, iv);
	(void)ad_cbc_decryptor_update(decryptor, cipher, len - 1, plain);
	assert_int_equal(ad_cbc_decryptor_final(decryptor, plain, &last, NULL), AD_EINTEGRITY);
	ad_cbc_decryptor_free(decryptor);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_sealed_value_opens_again, setup, teardown),
		cmocka_unit_test_setup_teardown(
			the_same_value_is_sealed_differently_each_time, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_value_does_not_open_elsewhere_or_with_another_key, setup, teardown),
		cmocka_unit_test_setup_teardown(a_changed_value_does_not_open, setup, teardown),
		cmocka_unit_test(cbc_of_a_published_vector),
		cmocka_unit_test(cbc_has_the_promised_length_and_comes_back),
		cmocka_unit_test(cbc_of_a_wrong_length_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
