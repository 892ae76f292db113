/* SPDX-License-Identifier: Apache-2.0 */
/* What `appdesk package` prints. Private to app. */
#ifndef AD_APP_PACKAGE_REPORT_H
#define AD_APP_PACKAGE_REPORT_H

#include "ad/pack.h"
#include "ad/winget.h"

/* {"package": id, "version": v, "installer": the chosen one, "plan": ...}; plan may be NULL, and
 * what resolution does not have is left out. */
struct ad_json *ad_package_report(struct ad_arena *arena,
	const struct ad_winget_resolution *resolution, const struct ad_pack_plan *plan);

#endif
