/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Promises of ad_crypto_msix_signature_verify, about any bytes, when nobody is believed: they are
 * refused as not genuine, and the step is named. The content of a signature is read by itself as
 * well (ad_spc_parse), for no input has a good one.
 */
#include "fuzz.h"

#include "ad/crypto/msix_signature.h"
#include "spc.h"

#define NOW INT64_C(1790000000)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const struct ad_msix_trust nobody;
	struct ad_arena *arena = ad_arena_new();
	const struct ad_bytes bytes = { data, len };
	struct ad_msix_signature signature;
	struct ad_msix_digests digests;
	struct ad_err err = { 0 };
	const struct ad_msix_query query = { .p7x = bytes, .trust = &nobody, .now = NOW };
	int rc = ad_crypto_msix_signature_verify(arena, &query, &signature, &err);
	AD_ASSERT(rc < 0 && err.code == rc && err.text[0]);
	AD_ASSERT(rc == AD_EINTEGRITY || rc == AD_ETOOBIG);
	rc = ad_spc_parse(bytes, &digests, &err);
	AD_ASSERT(rc == 0 || rc == AD_EINTEGRITY);
	ad_arena_free(arena);
	return 0;
}
