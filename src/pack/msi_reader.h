/* SPDX-License-Identifier: Apache-2.0 */
/* What libmsi finds in an MSI, unjudged. Private to pack. */
#ifndef AD_PACK_MSI_READER_H
#define AD_PACK_MSI_READER_H

#include "ad/pack.h"

#define PACK_MSI_TEXT_MAX 512u /* bytes of a text that is kept */

/* Reads it here, by libmsi, which no file should be trusted with. What it lacks is NULL. AD_EINVAL,
 * AD_EIO as ad_pack_msi_read. */
AD_MUST int pack_msi_parse(
	struct ad_arena *arena, const char *path, struct ad_msi *ret, struct ad_err *err);

#endif
