/* SPDX-License-Identifier: Apache-2.0 */
/* The published WinGet world: building it, spoiling it, and serving it as a CDN. */
#ifndef DT_FAIR_H
#define DT_FAIR_H

#include "dt.h"

/* Publishes the world as of now, with the releases that were asked for. Blocks about a second. */
AD_MUST int dt_fair_build(struct dt_tenant *tenant, struct ad_err *err);
/* Back to the built-in world; does nothing when it is that already. */
AD_MUST int dt_fair_restore(struct dt_tenant *tenant, struct ad_err *err);
AD_MUST int dt_fair_spoil(
	struct dt_tenant *tenant, const char *kind, const char *package, struct ad_err *err);

#endif
