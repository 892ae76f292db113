/* SPDX-License-Identifier: Apache-2.0 */
/* WinGet's order of package versions (packaging.md 2.6), and the version of a published index. Any
 * thread. */
#ifndef AD_WINGET_VERSION_H
#define AD_WINGET_VERSION_H

#include "ad/err.h"

#include <stdbool.h>
#include <stdint.h>

#define AD_WINGET_VERSION_MAX 128u /* characters of a PackageVersion */

/* Below 0, 0 or above 0 as a is older than, the same as, or newer than b: "1.0" is "1.0.0", "1.10"
 * is newer than "1.9", "1.0-rc" is older than "1.0". */
int ad_winget_version_compare(const char *a, const char *b);

/* "Unknown", in any case: never offered as the newest. */
bool ad_winget_version_is_unknown(const char *version);

/* The publish time that an index version carries ("2022.110.1704.949" is 2022-01-10 16:04 UTC), in
 * Unix seconds. AD_EINVAL for anything else than four numbers that make a date. */
AD_MUST int ad_winget_index_time(const char *version, int64_t *ret_unix_s);

/* Order of two index versions, each checked by ad_winget_index_time before. */
int ad_winget_index_compare(const char *a, const char *b);

#endif
