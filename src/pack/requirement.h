/* SPDX-License-Identifier: Apache-2.0 */
/* What Intune must know beside the commands: Windows release, architectures, exit codes. */
#ifndef AD_PACK_REQUIREMENT_H
#define AD_PACK_REQUIREMENT_H

#include "ad/pack.h"

/* The oldest release of Windows that Intune knows with at least this build. NULL: the oldest of
 * all. AD_EINVAL when Intune knows none so new. */
AD_MUST int ad_pack_minimum_release(const char *os_version, const char **ret, struct ad_err *err);

/* AD_EINVAL for an architecture that Graph v1.0 cannot express. */
AD_MUST int ad_pack_architectures(enum ad_pack_arch arch, const char **ret, struct ad_err *err);

/* Intune's usual codes, the source's success codes and responses; each code once. */
void ad_pack_return_codes(const struct ad_pack_source *source, struct ad_pack_plan *plan);

/* Two to four numbers with dots, each below 2^31: what Intune compares as a version. */
bool ad_pack_version_is_numeric(const char *version);

#endif
