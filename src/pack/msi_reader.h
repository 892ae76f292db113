/* SPDX-License-Identifier: Apache-2.0 */
/* Facts of an MSI, from this process or another one. Private to pack. */
#ifndef AD_PACK_MSI_READER_H
#define AD_PACK_MSI_READER_H

#include "ad/pack.h"

/* Reads it here, by libmsi, which no file should be trusted with. As ad_pack_msi_read. */
AD_MUST int pack_msi_parse(
	struct ad_arena *arena, const char *path, struct ad_msi *ret, struct ad_err *err);

#endif
