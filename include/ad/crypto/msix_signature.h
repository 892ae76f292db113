/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The signature of an MSIX package (AppxSignature.p7x): PKCS#7 over the package's digests, with an
 * RFC 3161 time stamp (packaging.md 3.1, 3.4 to 3.6). Says who signed which digests and when; the
 * caller recomputes the digests. The trust stores of the operating system are never used.
 */
#ifndef AD_CRYPTO_MSIX_SIGNATURE_H
#define AD_CRYPTO_MSIX_SIGNATURE_H

#include "ad/crypto.h"
#include "ad/trail.h"

#define AD_MSIX_SIGNATURE_MAX (1u << 20) /* bytes of a p7x; genuine ones have 10 to 20 KiB */
#define AD_MSIX_CHAIN_MAX 8u             /* certificates from leaf to root */

/* Whom to believe. Everything is borrowed. An empty list or a NULL subject refuses everything. */
struct ad_msix_trust {
	const struct ad_bytes *roots; /* DER; a chain must end in one of them */
	size_t root_count;
	const struct ad_bytes *timestamp_roots; /* DER; the same for the time stamp's chain */
	size_t timestamp_root_count;
	const char *signer_subject; /* RFC 2253: "CN=...,O=...,L=...,ST=...,C=US"; compared whole */
	const char *const *signer_eku; /* dotted; the leaf must carry all of them */
	size_t signer_eku_count;
};

/* What the signer vouches for; each is a SHA-256. */
struct ad_msix_digests {
	uint8_t axpc[AD_SHA256_LEN]; /* file up to the signature's local header */
	uint8_t axcd[AD_SHA256_LEN]; /* central directory as it was before the signature */
	uint8_t axct[AD_SHA256_LEN]; /* [Content_Types].xml, inflated */
	uint8_t axbm[AD_SHA256_LEN]; /* AppxBlockMap.xml, inflated */
	uint8_t axci[AD_SHA256_LEN]; /* AppxMetadata/CodeIntegrity.cat, inflated; only with has_axci
				      */
	bool has_axci;
};

/* A verified signature; strings live in the arena. */
struct ad_msix_signature {
	struct ad_msix_digests digests;
	const char *signer_subject;
	const char *signer_serial; /* lower-case hex */
	int64_t signed_at;         /* Unix seconds: time of the verified time stamp */
	const char *timestamp_subject;
	const char *chain[AD_MSIX_CHAIN_MAX]; /* subjects, leaf first, root last */
	size_t chain_count;
	uint8_t root_sha256[AD_SHA256_LEN]; /* of the root's DER */
};

struct ad_msix_query {
	struct ad_bytes p7x; /* "PKCX" and DER */
	const struct ad_msix_trust *trust;
	int64_t now; /* Unix seconds; only bounds the time stamp: both chains are judged at its time
		      */
	struct ad_trail *trail; /* or NULL */
};

/* Verifies a signature. AD_EINTEGRITY with the step that failed in the text, AD_ETOOBIG above
 * AD_MSIX_SIGNATURE_MAX, AD_ECONFIG for trust without a root. */
AD_MUST int ad_crypto_msix_signature_verify(struct ad_arena *arena,
	const struct ad_msix_query *query, struct ad_msix_signature *ret, struct ad_err *err);

#endif
