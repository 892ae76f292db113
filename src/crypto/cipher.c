/* SPDX-License-Identifier: Apache-2.0 */
/* AES-256: GCM for values at rest, CBC for packages. */
#include "ad/crypto.h"

#include <limits.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#define SEALED_OVERHEAD (AD_GCM_NONCE_LEN + AD_GCM_TAG_LEN)

struct ad_cbc_encryptor {
	EVP_CIPHER_CTX *context;
};

struct ad_cbc_decryptor {
	EVP_CIPHER_CTX *context;
};

static EVP_CIPHER_CTX *context_new(void)
{
	EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
	AD_ASSERT(context);
	return context;
}

struct ad_bytes ad_crypto_seal(struct ad_arena *arena, const uint8_t key[AD_AES256_KEY_LEN],
	struct ad_bytes plain, struct ad_bytes context)
{
	AD_ASSERT(plain.len <= INT_MAX - SEALED_OVERHEAD && context.len <= INT_MAX);
	size_t sealed_len = plain.len + SEALED_OVERHEAD;
	uint8_t *nonce = ad_alloc(arena, sealed_len);
	uint8_t *cipher = nonce + AD_GCM_NONCE_LEN;
	uint8_t *tag = cipher + plain.len;
	int written = 0;

	ad_crypto_random(nonce, AD_GCM_NONCE_LEN);
	EVP_CIPHER_CTX *gcm = context_new();
	AD_ASSERT(EVP_EncryptInit_ex(gcm, EVP_aes_256_gcm(), NULL, key, nonce) == 1);
	if (context.len > 0)
		AD_ASSERT(EVP_EncryptUpdate(gcm, NULL, &written, context.data, (int)context.len) ==
			  1);
	if (plain.len > 0)
		AD_ASSERT(
			EVP_EncryptUpdate(gcm, cipher, &written, plain.data, (int)plain.len) == 1);
	AD_ASSERT(EVP_EncryptFinal_ex(gcm, tag, &written) == 1 && written == 0);
	AD_ASSERT(EVP_CIPHER_CTX_ctrl(gcm, EVP_CTRL_GCM_GET_TAG, AD_GCM_TAG_LEN, tag) == 1);
	EVP_CIPHER_CTX_free(gcm);
	return (struct ad_bytes){ .data = nonce, .len = sealed_len };
}

/* The tag is only compared by the last call, so what was written before must not be used until
 * this returns true. */
static bool gcm_decrypt(const uint8_t key[AD_AES256_KEY_LEN], struct ad_bytes sealed,
	struct ad_bytes context, uint8_t *ret_plain)
{
	const uint8_t *cipher = sealed.data + AD_GCM_NONCE_LEN;
	size_t len = sealed.len - SEALED_OVERHEAD;
	uint8_t tag[AD_GCM_TAG_LEN];
	uint8_t nothing[AD_AES_BLOCK_LEN];
	int written = 0;

	memcpy(tag, cipher + len, sizeof tag);
	EVP_CIPHER_CTX *gcm = context_new();
	bool ok = EVP_DecryptInit_ex(gcm, EVP_aes_256_gcm(), NULL, key, sealed.data) == 1;
	if (ok && context.len > 0)
		ok = EVP_DecryptUpdate(gcm, NULL, &written, context.data, (int)context.len) == 1;
	if (ok && len > 0)
		ok = EVP_DecryptUpdate(gcm, ret_plain, &written, cipher, (int)len) == 1;
	ok = ok && EVP_CIPHER_CTX_ctrl(gcm, EVP_CTRL_GCM_SET_TAG, AD_GCM_TAG_LEN, tag) == 1 &&
	     EVP_DecryptFinal_ex(gcm, nothing, &written) == 1;
	EVP_CIPHER_CTX_free(gcm);
	ERR_clear_error();
	return ok;
}

int ad_crypto_open(struct ad_arena *arena, const uint8_t key[AD_AES256_KEY_LEN],
	struct ad_bytes sealed, struct ad_bytes context, struct ad_bytes *ret_plain,
	struct ad_err *err)
{
	if (sealed.len < SEALED_OVERHEAD || sealed.len > INT_MAX || context.len > INT_MAX)
		return AD_FAIL(err, AD_EINTEGRITY, "sealed value has an impossible length");
	size_t len = sealed.len - SEALED_OVERHEAD;
	uint8_t *plain = ad_alloc(arena, len + 1);
	if (!gcm_decrypt(key, sealed, context, plain)) {
		ad_crypto_wipe(plain, len);
		return AD_FAIL(err, AD_EINTEGRITY,
			"sealed value does not open: other key, other place or changed");
	}
	*ret_plain = (struct ad_bytes){ .data = plain, .len = len };
	return 0;
}

struct ad_cbc_encryptor *ad_cbc_encryptor_new(
	const uint8_t key[AD_AES256_KEY_LEN], const uint8_t iv[AD_AES_BLOCK_LEN])
{
	struct ad_cbc_encryptor *encryptor = ad_xalloc(sizeof *encryptor);
	encryptor->context = context_new();
	AD_ASSERT(EVP_EncryptInit_ex(encryptor->context, EVP_aes_256_cbc(), NULL, key, iv) == 1);
	return encryptor;
}

size_t ad_cbc_encryptor_update(
	struct ad_cbc_encryptor *encryptor, const void *plain, size_t len, uint8_t *ret_cipher)
{
	int written = 0;
	AD_ASSERT(len <= INT_MAX - AD_AES_BLOCK_LEN);
	AD_ASSERT(
		EVP_EncryptUpdate(encryptor->context, ret_cipher, &written, plain, (int)len) == 1);
	return (size_t)written;
}

void ad_cbc_encryptor_final(
	struct ad_cbc_encryptor *encryptor, uint8_t ret_cipher[AD_AES_BLOCK_LEN])
{
	int written = 0;
	AD_ASSERT(EVP_EncryptFinal_ex(encryptor->context, ret_cipher, &written) == 1);
	AD_ASSERT(written == (int)AD_AES_BLOCK_LEN);
}

void ad_cbc_encryptor_free(struct ad_cbc_encryptor *encryptor)
{
	if (!encryptor)
		return;
	EVP_CIPHER_CTX_free(encryptor->context);
	free(encryptor);
}

struct ad_cbc_decryptor *ad_cbc_decryptor_new(
	const uint8_t key[AD_AES256_KEY_LEN], const uint8_t iv[AD_AES_BLOCK_LEN])
{
	struct ad_cbc_decryptor *decryptor = ad_xalloc(sizeof *decryptor);
	decryptor->context = context_new();
	AD_ASSERT(EVP_DecryptInit_ex(decryptor->context, EVP_aes_256_cbc(), NULL, key, iv) == 1);
	return decryptor;
}

size_t ad_cbc_decryptor_update(
	struct ad_cbc_decryptor *decryptor, const void *cipher, size_t len, uint8_t *ret_plain)
{
	int written = 0;
	AD_ASSERT(len <= INT_MAX - AD_AES_BLOCK_LEN);
	AD_ASSERT(
		EVP_DecryptUpdate(decryptor->context, ret_plain, &written, cipher, (int)len) == 1);
	return (size_t)written;
}

int ad_cbc_decryptor_final(struct ad_cbc_decryptor *decryptor, uint8_t ret_plain[AD_AES_BLOCK_LEN],
	size_t *ret_len, struct ad_err *err)
{
	int written = 0;
	bool ok = EVP_DecryptFinal_ex(decryptor->context, ret_plain, &written) == 1;
	ERR_clear_error();
	if (!ok)
		return AD_FAIL(err, AD_EINTEGRITY, "encrypted data has a wrong length or padding");
	*ret_len = (size_t)written;
	return 0;
}

void ad_cbc_decryptor_free(struct ad_cbc_decryptor *decryptor)
{
	if (!decryptor)
		return;
	EVP_CIPHER_CTX_free(decryptor->context);
	free(decryptor);
}
