/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses of Intune apps. */
#ifndef AD_GRAPH_INTUNE_PRIVATE_H
#define AD_GRAPH_INTUNE_PRIVATE_H

#include "ad/arena.h"

#define AD_GRAPH_APPS "/v1.0/deviceAppManagement/mobileApps"

/* AD_GRAPH_APPS "/<id>" and what follows. */
const char *ad_graph_app_path(struct ad_arena *arena, const char *id, const char *rest);

#endif
