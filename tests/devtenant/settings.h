/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers that change how the tenant behaves. dt_setting (dt.h) reads one. */
#ifndef DT_SETTINGS_H
#define DT_SETTINGS_H

#include "dt.h"

struct ad_json *dt_settings_list(struct dt_tenant *tenant, struct ad_arena *arena);
/* {"name": number, ...}; AD_EINVAL for an unknown name or no number. */
AD_MUST int dt_settings_change(
	struct dt_tenant *tenant, const struct ad_json *order, struct ad_err *err);

#endif
