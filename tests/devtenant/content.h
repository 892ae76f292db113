/* SPDX-License-Identifier: Apache-2.0 */
/* Content of Intune apps: what was uploaded, and whether a device could use it. */
#ifndef DT_CONTENT_H
#define DT_CONTENT_H

#include "http.h"

/* What the guide says of GET /control/intune/APP/content. version NULL: the committed one, else the
 * newest. In the request's arena. */
struct ad_json *dt_content_report(
	struct dt_request *req, const struct ad_json *app, const char *version);

/* Whether the version has a file that was committed. */
bool dt_content_committed(
	struct dt_tenant *tenant, struct ad_arena *arena, const char *app_id, const char *version);

#endif
