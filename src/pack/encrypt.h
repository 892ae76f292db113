/* SPDX-License-Identifier: Apache-2.0 */
/* An encryption into any place of an open file; the sizes first, then the bytes. */
#ifndef AD_PACK_ENCRYPT_H
#define AD_PACK_ENCRYPT_H

#include "ad/archive/zip_store.h"
#include "ad/crypto.h"
#include "ad/pack/intunewin.h"

struct ad_pack_encryption {
	const struct ad_intunewin_wish *wish; /* the caller's */
	struct ad_intunewin_info info;        /* sizes and keys; MAC and digest after the run */
	struct ad_zip_store *store;
};

/* Sizes and fresh keys. Wipe info in the end. AD_EINVAL for bad names, AD_ETOOBIG, AD_EIO. */
AD_MUST int ad_pack_encryption_plan(struct ad_arena *arena, const struct ad_intunewin_wish *wish,
	struct ad_pack_encryption *ret, struct ad_err *err);

/* Writes MAC, IV and ciphertext from where fd stands, once; fd stands behind them then. Gives the
 * CRC-32 of all of them. Nothing is synced. */
AD_MUST int ad_pack_encryption_run(
	struct ad_pack_encryption *encryption, int fd, uint32_t *ret_crc, struct ad_err *err);

#endif
