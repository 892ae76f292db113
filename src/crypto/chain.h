/* SPDX-License-Identifier: Apache-2.0 */
/* Certificate chains of package signatures: built from pinned roots only, judged at a given time.
 */
#ifndef AD_SRC_CRYPTO_CHAIN_H
#define AD_SRC_CRYPTO_CHAIN_H

#include "ad/crypto/msix_signature.h"

#include <openssl/x509.h>

/* A store that trusts these DER roots alone and judges at unix_s. AD_ECONFIG for an empty list or a
 * root that cannot be read. Free with X509_STORE_free. */
AD_MUST int ad_chain_store(const struct ad_bytes *roots, size_t count, int64_t unix_s,
	X509_STORE **ret, struct ad_err *err);

/*
 * Builds the chain of leaf and checks what OpenSSL was told to overlook: critical extensions must
 * be known, and keys RSA of proper length. what names the chain in err ("signer"). AD_EINTEGRITY.
 * Free the chain with sk_X509_pop_free.
 */
AD_MUST int ad_chain_verify(X509_STORE *store, X509 *leaf, STACK_OF(X509) * untrusted,
	const char *what, STACK_OF(X509) * *ret_chain, struct ad_err *err);

/* The leaf lists this extended key usage (dotted). */
bool ad_chain_has_eku(X509 *leaf, const char *dotted);

/* The object is this dotted OID. */
bool ad_chain_oid_is(const ASN1_OBJECT *object, const char *dotted);

/* The whole chain for people: "CN=Leaf < CN=Authority < CN=Root (SHA-256 847d...)". */
char *ad_chain_text(struct ad_arena *arena, STACK_OF(X509) * chain);

/* SHA-256 of a certificate's DER. */
void ad_chain_digest(X509 *certificate, uint8_t ret[AD_SHA256_LEN]);

/* Subject as RFC 2253. */
char *ad_chain_subject(struct ad_arena *arena, X509 *certificate);

/* Serial number in lower-case hex. */
char *ad_chain_serial(struct ad_arena *arena, X509 *certificate);

#endif
