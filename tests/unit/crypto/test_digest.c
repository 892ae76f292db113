/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-256, HMAC and random bytes, against published vectors. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "ad/crypto.h"
#include "ad/text.h"

static void sha256_of_published_vectors(void **state)
{
	struct ad_arena *arena = ad_arena_new();
	(void)state;
	assert_string_equal(ad_sha256_hex(arena, "abc", 3),
		"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	assert_string_equal(ad_sha256_hex(arena, NULL, 0),
		"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	ad_arena_free(arena);
}

static void sha256_in_pieces_is_sha256_of_the_whole(void **state)
{
	uint8_t data[1000];
	uint8_t whole[AD_SHA256_LEN];
	uint8_t pieces[AD_SHA256_LEN];
	(void)state;
	for (size_t i = 0; i < sizeof data; i++)
		data[i] = (uint8_t)(i * 7);
	ad_sha256(data, sizeof data, whole);
	struct ad_sha256 *sha = ad_sha256_new();
	for (size_t at = 0, step = 1; at < sizeof data; at += step, step = step * 2 + 1) {
		size_t left = sizeof data - at;
		ad_sha256_update(sha, data + at, step < left ? step : left);
	}
	ad_sha256_final(sha, pieces);
	ad_sha256_free(sha);
	assert_memory_equal(whole, pieces, sizeof whole);
}

/* RFC 4231, cases 1 and 2. */
static void hmac_of_published_vectors(void **state)
{
	uint8_t key[20];
	uint8_t mac[AD_SHA256_LEN];
	char hex[AD_SHA256_HEX_LEN + 1];
	(void)state;
	memset(key, 0x0b, sizeof key);
	ad_hmac_sha256((struct ad_bytes){ .data = key, .len = sizeof key }, "Hi There", 8, mac);
	ad_hex_encode(mac, sizeof mac, hex);
	assert_string_equal(
		hex, "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
	struct ad_hmac *hmac =
		ad_hmac_new((struct ad_bytes){ .data = (const uint8_t *)"Jefe", .len = 4 });
	ad_hmac_update(hmac, "what do ya want ", 16);
	ad_hmac_update(hmac, "for nothing?", 12);
	ad_hmac_final(hmac, mac);
	ad_hmac_free(hmac);
	ad_hex_encode(mac, sizeof mac, hex);
	assert_string_equal(
		hex, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

static void hmac_takes_an_empty_key(void **state)
{
	uint8_t mac[AD_SHA256_LEN];
	char hex[AD_SHA256_HEX_LEN + 1];
	(void)state;
	ad_hmac_sha256((struct ad_bytes){ 0 }, "", 0, mac);
	ad_hex_encode(mac, sizeof mac, hex);
	assert_string_equal(
		hex, "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

static void random_bytes_are_not_repeated(void **state)
{
	uint8_t a[32] = { 0 };
	uint8_t b[32] = { 0 };
	(void)state;
	ad_crypto_random(a, sizeof a);
	ad_crypto_random(b, sizeof b);
	assert_false(ad_crypto_equal(a, b, sizeof a));
	assert_true(ad_crypto_equal(a, a, sizeof a));
	ad_crypto_wipe(a, sizeof a);
	for (size_t i = 0; i < sizeof a; i++)
		assert_int_equal(a[i], 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sha256_of_published_vectors),
		cmocka_unit_test(sha256_in_pieces_is_sha256_of_the_whole),
		cmocka_unit_test(hmac_of_published_vectors),
		cmocka_unit_test(hmac_takes_an_empty_key),
		cmocka_unit_test(random_bytes_are_not_repeated),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
