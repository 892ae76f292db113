/* SPDX-License-Identifier: Apache-2.0 */
/* Version data on its way from the CDN to its rows. */
#ifndef AD_SRC_WINGET_VERSIONS_H
#define AD_SRC_WINGET_VERSIONS_H

#include "ad/winget.h"

char *ad_winget_version_data_url(
	struct ad_arena *arena, const char *base_url, const struct ad_winget_row *row);

/* Inflates and reads what is packed. As ad_winget_versions_parse. */
AD_MUST int ad_winget_versions_unpack(struct ad_arena *arena, struct ad_bytes packed,
	struct ad_winget_versions *ret, struct ad_err *err);

/* Version, path and hash are there and proper. AD_EINVAL; AD_EINTEGRITY for the hash. */
AD_MUST int ad_winget_version_row_check(
	const struct ad_winget_version_row *row, struct ad_err *err);

#endif
