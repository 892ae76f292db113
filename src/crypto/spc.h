/* SPDX-License-Identifier: Apache-2.0 */
/* SpcIndirectDataContent: what an Authenticode signature of an MSIX package says (packaging.md
 * 3.1). */
#ifndef AD_SRC_CRYPTO_SPC_H
#define AD_SRC_CRYPTO_SPC_H

#include "ad/crypto/msix_signature.h"

/* Reads the content octets of the outer SEQUENCE. AD_EINTEGRITY for anything unexpected: another
 * kind of package, another hash, an unknown, missing or repeated digest. */
AD_MUST int ad_spc_parse(struct ad_bytes content, struct ad_msix_digests *ret, struct ad_err *err);

#endif
