/* SPDX-License-Identifier: Apache-2.0 */
/* A step of the resolution that is tested by itself. */
#ifndef AD_SRC_WINGET_RESOLVE_H
#define AD_SRC_WINGET_RESOLVE_H

#include "ad/winget.h"

/* The manifest must speak about the package and the version that the index led to; the id in any
 * case. AD_EINTEGRITY. */
AD_MUST int ad_winget_manifest_check(const struct ad_winget_manifest *manifest, const char *id,
	const char *version, struct ad_err *err);

#endif
