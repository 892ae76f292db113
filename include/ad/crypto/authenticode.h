/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Authenticode signatures of installers: PKCS#7 signed data over the digest of a file (packaging.md
 * 3.1 has the same form for packages). What is verified: the signature over the digest by the
 * certificate that it names, and each link of the chain that the signature itself brings along.
 * What is not: that this chain ends in a root of Windows, dates, revocation, time stamps. So
 * subject and end of the chain say whether two files are of the same signer, not whether he is
 * honest. Any thread.
 */
#ifndef AD_CRYPTO_AUTHENTICODE_H
#define AD_CRYPTO_AUTHENTICODE_H

#include "ad/bytes.h"
#include "ad/crypto.h"

#define AD_AUTHENTICODE_MAX (1u << 20) /* bytes of the PKCS#7; genuine ones have 5 to 30 KiB */
#define AD_HASH_MAX 64u                /* bytes of the longest digest */

struct ad_authenticode {
	const char *algorithm; /* of the file's digest, for ad_hash_new: "sha256" */
	uint8_t digest[AD_HASH_MAX];
	size_t digest_len;
	const char *subject;       /* of the signer, RFC 2253 */
	const char *issuer_sha256; /* of the chain's last certificate: lower-case hex of its DER */
	const char *chain;         /* for people */
};

/* What a signature says, once it has been verified; bytes behind its DER are padding. The caller
 * compares the digest. AD_EINTEGRITY with the reason, AD_ETOOBIG. */
AD_MUST int ad_crypto_authenticode_verify(struct ad_arena *arena, struct ad_bytes pkcs7,
	struct ad_authenticode *ret, struct ad_err *err);

/* A digest by the name of its algorithm: "sha1", "sha256", "sha384", "sha512". */
struct ad_hash;
struct ad_hash *ad_hash_new(const char *algorithm);
void ad_hash_update(struct ad_hash *hash, const void *data, size_t len);
size_t ad_hash_final(struct ad_hash *hash, uint8_t ret[AD_HASH_MAX]);
void ad_hash_free(struct ad_hash *hash); /* NULL is allowed */

#endif
