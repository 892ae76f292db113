/* SPDX-License-Identifier: Apache-2.0 */
/* SignedData of PKCS #7 and CMS with one RSA signer and SHA-256, in two steps: sign, then encode.
 */
#ifndef DT_WORLD_SIGNED_DATA_H
#define DT_WORLD_SIGNED_DATA_H

#include "ad/err.h"
#include "der.h"

#include <openssl/evp.h>
#include <openssl/x509.h>

#define DT_SHA256_LEN 32

struct dt_signed_data {
	unsigned version;                  /* 1: PKCS #7; 3: CMS over other content than "data" */
	const char *content_type;          /* dotted */
	struct ad_bytes content;           /* DER that stands inside the explicit [0] */
	struct ad_bytes digested;          /* the octets that the message digest is taken of */
	struct ad_bytes certificates;      /* members of the certificate set, one after the other */
	const struct ad_bytes *attributes; /* signed ones besides content type and message digest */
	size_t attribute_count;
	X509 *signer; /* borrowed */
	EVP_PKEY *key;

	/* Made by dt_signed_data_sign. */
	struct ad_bytes signed_attributes;
	struct ad_bytes signature;

	/* May be set between the two steps: one DER attribute, e.g. a time stamp of the signature.
	 */
	struct ad_bytes unsigned_attribute;
};

/* Fills signed_attributes and signature. AD_EBUG when OpenSSL refuses. */
AD_MUST int dt_signed_data_sign(
	struct ad_arena *arena, struct dt_signed_data *data, struct ad_err *err);

/* The whole ContentInfo. */
struct ad_bytes dt_signed_data_encode(struct ad_arena *arena, const struct dt_signed_data *data);

/* SHA-256 into arena memory of DT_SHA256_LEN bytes. */
struct ad_bytes dt_sha256(struct ad_arena *arena, struct ad_bytes data);

/* DER of what OpenSSL holds. */
struct ad_bytes dt_der_of_certificate(struct ad_arena *arena, X509 *certificate);
struct ad_bytes dt_der_of_name(struct ad_arena *arena, X509_NAME *name);

#endif
