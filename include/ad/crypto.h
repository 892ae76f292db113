/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Digests, ciphers, random bytes and keys: the only module that includes OpenSSL. Functions without
 * an error return cannot fail but by lack of memory or of randomness, and then abort. Every
 * function may be called from any thread; an object belongs to one thread at a time. No function
 * leaves entries in OpenSSL's error queue.
 */
#ifndef AD_CRYPTO_H
#define AD_CRYPTO_H

#include "ad/arena.h"
#include "ad/bytes.h"
#include "ad/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define AD_SHA256_LEN 32u
#define AD_SHA256_HEX_LEN 64u
#define AD_AES256_KEY_LEN 32u
#define AD_AES_BLOCK_LEN 16u
#define AD_GCM_NONCE_LEN 12u
#define AD_GCM_TAG_LEN 16u

/* SHA-256, in one go or in pieces. After final only free is allowed. */
struct ad_sha256;
void ad_sha256(const void *data, size_t len, uint8_t ret_digest[AD_SHA256_LEN]);
/* Lower-case hex in the arena. */
char *ad_sha256_hex(struct ad_arena *arena, const void *data, size_t len);
struct ad_sha256 *ad_sha256_new(void);
void ad_sha256_update(struct ad_sha256 *sha, const void *data, size_t len);
void ad_sha256_final(struct ad_sha256 *sha, uint8_t ret_digest[AD_SHA256_LEN]);
void ad_sha256_free(struct ad_sha256 *sha); /* NULL is allowed */

/* HMAC-SHA256, in one go or in pieces. After final only free is allowed. */
struct ad_hmac;
void ad_hmac_sha256(
	struct ad_bytes key, const void *data, size_t len, uint8_t ret_mac[AD_SHA256_LEN]);
struct ad_hmac *ad_hmac_new(struct ad_bytes key);
void ad_hmac_update(struct ad_hmac *hmac, const void *data, size_t len);
void ad_hmac_final(struct ad_hmac *hmac, uint8_t ret_mac[AD_SHA256_LEN]);
void ad_hmac_free(struct ad_hmac *hmac); /* NULL is allowed */

/* Compares secrets and hashes in a time that depends on len alone. */
bool ad_crypto_equal(const void *a, const void *b, size_t len);

/* Random bytes fit for keys and tokens. */
void ad_crypto_random(void *ret, size_t len);

/* Overwrites a secret in a way that the compiler may not leave out. */
void ad_crypto_wipe(void *data, size_t len);

/*
 * AES-256-GCM for what rests in the database. The sealed form is nonce (12 bytes, random), the
 * ciphertext, tag (16). The context (may be empty) is authenticated and not stored: opening needs
 * the same one, so that a sealed value cannot be moved to another row. One key seals at most 2^32
 * values.
 */
struct ad_bytes ad_crypto_seal(struct ad_arena *arena, const uint8_t key[AD_AES256_KEY_LEN],
	struct ad_bytes plain, struct ad_bytes context);
/* AD_EINTEGRITY when key, context or bytes differ. The plain text is NUL-terminated behind its
 * length. */
AD_MUST int ad_crypto_open(struct ad_arena *arena, const uint8_t key[AD_AES256_KEY_LEN],
	struct ad_bytes sealed, struct ad_bytes context, struct ad_bytes *ret_plain,
	struct ad_err *err);

/*
 * AES-256-CBC with PKCS#7 padding in pieces, for packages (packaging.md 4.2). Output of update is
 * at most len + AD_AES_BLOCK_LEN bytes, of final exactly AD_AES_BLOCK_LEN. The whole is (plain
 * length / 16 + 1) * 16 bytes long.
 */
struct ad_cbc_encryptor;
struct ad_cbc_encryptor *ad_cbc_encryptor_new(
	const uint8_t key[AD_AES256_KEY_LEN], const uint8_t iv[AD_AES_BLOCK_LEN]);
/* Returns the bytes written to ret_cipher. */
size_t ad_cbc_encryptor_update(
	struct ad_cbc_encryptor *encryptor, const void *plain, size_t len, uint8_t *ret_cipher);
void ad_cbc_encryptor_final(
	struct ad_cbc_encryptor *encryptor, uint8_t ret_cipher[AD_AES_BLOCK_LEN]);
void ad_cbc_encryptor_free(struct ad_cbc_encryptor *encryptor); /* NULL is allowed */

/*
 * The other way. Output of update is at most len + AD_AES_BLOCK_LEN bytes, of final at most
 * AD_AES_BLOCK_LEN. AD_EINTEGRITY from final for a wrong padding or a length that is no multiple of
 * 16. Check the MAC over the whole first: padding alone authenticates nothing.
 */
struct ad_cbc_decryptor;
struct ad_cbc_decryptor *ad_cbc_decryptor_new(
	const uint8_t key[AD_AES256_KEY_LEN], const uint8_t iv[AD_AES_BLOCK_LEN]);
size_t ad_cbc_decryptor_update(
	struct ad_cbc_decryptor *decryptor, const void *cipher, size_t len, uint8_t *ret_plain);
AD_MUST int ad_cbc_decryptor_final(struct ad_cbc_decryptor *decryptor,
	uint8_t ret_plain[AD_AES_BLOCK_LEN], size_t *ret_len, struct ad_err *err);
void ad_cbc_decryptor_free(struct ad_cbc_decryptor *decryptor); /* NULL is allowed */

#define AD_RSA_BITS_MIN 2048u
#define AD_RSA_BITS_MAX 8192u /* above, one verification costs too much */
#define AD_RSA_EXPONENT_MIN 65537u

/*
 * Public key of a JWK (n and e decoded to big-endian bytes) as PEM SubjectPublicKeyInfo. Refuses
 * with AD_EINVAL a modulus under AD_RSA_BITS_MIN or over AD_RSA_BITS_MAX or even, and an exponent
 * under AD_RSA_EXPONENT_MIN, over 32 bits or even (reliability threat 3).
 */
AD_MUST int ad_crypto_rsa_public_pem_from_jwk(struct ad_arena *arena, struct ad_bytes n,
	struct ad_bytes e, char **ret_pem, unsigned *ret_bits, struct ad_err *err);

/* A public RSA key, read once: reading it from PEM costs fifteen times as much as one verification.
 */
struct ad_rsa_key;

/* NULL when the text is no RSA public key. The key lives as long as the arena. */
struct ad_rsa_key *ad_rsa_key_from_pem(struct ad_arena *arena, const char *pem);
/* Is this the RSASSA-PKCS1-v1_5 signature with SHA-256 (RFC 7518 RS256) of the data? Any thread,
 * also several with one key. */
bool ad_rsa_verify(const struct ad_rsa_key *key, struct ad_bytes data, struct ad_bytes signature);

/* Whether a DER certificate (first entry of x5c) is within its validity at unix_s. AD_EINVAL when
 * it cannot be read or bytes follow it, AD_EAUTH when it is not valid at that time. */
AD_MUST int ad_crypto_cert_valid_at(struct ad_bytes der, int64_t unix_s, struct ad_err *err);

/* The first certificate of a PEM text as DER, in the arena: for x5c and thumbprints. AD_EINVAL when
 * there is none. */
AD_MUST int ad_crypto_cert_der_from_pem(struct ad_arena *arena, const char *pem, size_t len,
	struct ad_bytes *ret_der, struct ad_err *err);

#endif
