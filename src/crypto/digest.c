/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-256, HMAC-SHA256, comparison in constant time, random bytes. */
#include "ad/crypto.h"

#include "ad/text.h"

#include <limits.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

struct ad_sha256 {
	EVP_MD_CTX *context;
};

struct ad_hmac {
	EVP_MAC_CTX *context;
};

struct ad_sha256 *ad_sha256_new(void)
{
	struct ad_sha256 *sha = ad_xalloc(sizeof *sha);
	sha->context = EVP_MD_CTX_new();
	AD_ASSERT(sha->context);
	AD_ASSERT(EVP_DigestInit_ex(sha->context, EVP_sha256(), NULL) == 1);
	return sha;
}

void ad_sha256_update(struct ad_sha256 *sha, const void *data, size_t len)
{
	AD_ASSERT(EVP_DigestUpdate(sha->context, data, len) == 1);
}

void ad_sha256_final(struct ad_sha256 *sha, uint8_t ret_digest[AD_SHA256_LEN])
{
	AD_ASSERT(EVP_DigestFinal_ex(sha->context, ret_digest, NULL) == 1);
}

void ad_sha256_free(struct ad_sha256 *sha)
{
	if (!sha)
		return;
	EVP_MD_CTX_free(sha->context);
	free(sha);
}

void ad_sha256(const void *data, size_t len, uint8_t ret_digest[AD_SHA256_LEN])
{
	AD_ASSERT(EVP_Digest(data, len, ret_digest, NULL, EVP_sha256(), NULL) == 1);
}

char *ad_sha256_hex(struct ad_arena *arena, const void *data, size_t len)
{
	uint8_t digest[AD_SHA256_LEN];
	ad_sha256(data, len, digest);
	return ad_hex(arena, digest, sizeof digest);
}

struct ad_hmac *ad_hmac_new(struct ad_bytes key)
{
	/* OpenSSL reads a NULL key as "the one from before", so an empty key still needs an
	 * address. */
	static const uint8_t empty[1];
	char digest_name[] = "SHA256";
	OSSL_PARAM parameters[] = {
		OSSL_PARAM_construct_utf8_string("digest", digest_name, 0),
		OSSL_PARAM_construct_end(),
	};
	struct ad_hmac *hmac = ad_xalloc(sizeof *hmac);
	EVP_MAC *method = EVP_MAC_fetch(NULL, "HMAC", NULL);
	AD_ASSERT(method);
	hmac->context = EVP_MAC_CTX_new(method);
	EVP_MAC_free(method);
	AD_ASSERT(hmac->context);
	AD_ASSERT(
		EVP_MAC_init(hmac->context, key.len ? key.data : empty, key.len, parameters) == 1);
	return hmac;
}

void ad_hmac_update(struct ad_hmac *hmac, const void *data, size_t len)
{
	AD_ASSERT(EVP_MAC_update(hmac->context, data, len) == 1);
}

void ad_hmac_final(struct ad_hmac *hmac, uint8_t ret_mac[AD_SHA256_LEN])
{
	size_t len = 0;
	AD_ASSERT(EVP_MAC_final(hmac->context, ret_mac, &len, AD_SHA256_LEN) == 1);
	AD_ASSERT(len == AD_SHA256_LEN);
}

void ad_hmac_free(struct ad_hmac *hmac)
{
	if (!hmac)
		return;
	EVP_MAC_CTX_free(hmac->context);
	free(hmac);
}

void ad_hmac_sha256(
	struct ad_bytes key, const void *data, size_t len, uint8_t ret_mac[AD_SHA256_LEN])
{
	struct ad_hmac *hmac = ad_hmac_new(key);
	ad_hmac_update(hmac, data, len);
	ad_hmac_final(hmac, ret_mac);
	ad_hmac_free(hmac);
}

bool ad_crypto_equal(const void *a, const void *b, size_t len)
{
	return CRYPTO_memcmp(a, b, len) == 0;
}

void ad_crypto_random(void *ret, size_t len)
{
	AD_ASSERT(len <= INT_MAX);
	AD_ASSERT(RAND_bytes(ret, (int)len) == 1);
}

void ad_crypto_wipe(void *data, size_t len)
{
	OPENSSL_cleanse(data, len);
}
