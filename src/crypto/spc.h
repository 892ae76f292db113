/* SPDX-License-Identifier: Apache-2.0 */
/* SpcIndirectDataContent: what an Authenticode signature says (packaging.md 3.1), in PKCS#7. */
#ifndef AD_SRC_CRYPTO_SPC_H
#define AD_SRC_CRYPTO_SPC_H

#include "ad/crypto/msix_signature.h"

#include <openssl/pkcs7.h>

/* The one signer of well-formed signed data over such content, which is what the signature covers;
 * both are of p7. The signature is not verified yet. AD_EINTEGRITY. */
AD_MUST int ad_spc_form(const PKCS7 *p7, PKCS7_SIGNER_INFO **ret_signer,
	struct ad_bytes *ret_content, struct ad_err *err);

/* The certificate that the signer names, of p7. AD_EINTEGRITY. */
AD_MUST int ad_spc_leaf(PKCS7 *p7, X509 **ret, struct ad_err *err);

/* The signature over content. store NULL: whatever the certificate is worth. AD_EINTEGRITY. */
AD_MUST int ad_spc_verify(
	PKCS7 *p7, X509_STORE *store, struct ad_bytes content, struct ad_err *err);

/* Reads the content octets of a package's signature. AD_EINTEGRITY for anything unexpected: another
 * kind of package, another hash, an unknown, missing or repeated digest. */
AD_MUST int ad_spc_parse(struct ad_bytes content, struct ad_msix_digests *ret, struct ad_err *err);

#endif
