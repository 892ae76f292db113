/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The raw layout of a signed MSIX file: where the signature lies, and what the central directory
 * was before the signature was added (packaging.md 3.2). Computes no digest: the caller hashes the
 * ranges.
 */
#ifndef AD_ARCHIVE_MSIX_H
#define AD_ARCHIVE_MSIX_H

#include "ad/archive/zip.h"

#define AD_MSIX_SIGNATURE_NAME "AppxSignature.p7x"

struct ad_msix_layout {
	struct ad_zip *zip;        /* the opened archive */
	struct ad_bytes signature; /* AppxSignature.p7x, inflated, in the arena */
	struct ad_bytes content;   /* range of AXPC: the file up to the signature's local header */
	struct ad_bytes directory; /* input of AXCD: the rebuilt tail, in the arena */
};

/*
 * Opens an MSIX from bytes that outlive the arena. Besides the checks of ad_zip_open: entries lie
 * without gaps from offset 0, and the signature is the last of them and ends where the directory
 * begins. AD_EINTEGRITY when there is no signature; AD_EINVAL, AD_ETOOBIG as ad_zip_open.
 */
AD_MUST int ad_msix_open(struct ad_arena *arena, struct ad_bytes bytes,
	const struct ad_zip_limits *limits, struct ad_msix_layout *ret, struct ad_err *err);

/* Length of one entry's local header (30 + name + extra): the LfhSize of the block map. */
uint64_t ad_msix_local_header_len(const struct ad_zip *zip, const struct ad_zip_entry *entry);

#endif
