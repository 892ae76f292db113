/* SPDX-License-Identifier: Apache-2.0 */
/* Version data on its way from the CDN to its rows. */
#ifndef AD_SRC_WINGET_VERSIONS_H
#define AD_SRC_WINGET_VERSIONS_H

#include "ad/winget.h"

char *ad_winget_version_data_url(
	struct ad_arena *arena, const char *base_url, const struct ad_winget_row *row);

/* Compares the packed bytes with the row's hash, then inflates and reads them. */
AD_MUST int ad_winget_versions_read(struct ad_arena *arena, const struct ad_winget_row *row,
	struct ad_bytes packed, struct ad_winget_versions *ret, struct ad_err *err);

#endif
