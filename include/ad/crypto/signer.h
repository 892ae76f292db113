/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A certificate with its private key, by which we prove who we are: it signs client assertions.
 */
#ifndef AD_CRYPTO_SIGNER_H
#define AD_CRYPTO_SIGNER_H

#include "ad/arena.h"
#include "ad/crypto.h"
#include "ad/err.h"

#include <stddef.h>
#include <stdint.h>

struct ad_signer;

/* The first certificate of one PEM text (the others, its chain, are not looked at) and the RSA key
 * of another, which may be the same text. AD_ECONFIG when one of them is missing, cannot be read,
 * is locked by a passphrase, is shorter than AD_RSA_BITS_MIN, or does not belong to the other. The
 * caller frees. */
AD_MUST int ad_signer_new(struct ad_bytes certificate_pem, struct ad_bytes key_pem,
	struct ad_signer **ret, struct ad_err *err);
void ad_signer_free(struct ad_signer *signer); /* NULL is allowed */

/* SHA-256 of the certificate in DER form. */
const uint8_t *ad_signer_thumbprint(const struct ad_signer *signer);
/* From when to when the certificate is valid, Unix seconds. */
int64_t ad_signer_begins_s(const struct ad_signer *signer);
int64_t ad_signer_ends_s(const struct ad_signer *signer);

/* RSASSA-PSS with SHA-256, MGF1 with SHA-256 and a salt of 32 bytes (RFC 7518 PS256), in the arena.
 * Any thread, also several with one signer. */
struct ad_bytes ad_signer_ps256(
	const struct ad_signer *signer, struct ad_arena *arena, struct ad_bytes data);

#endif
