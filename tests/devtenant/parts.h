/* SPDX-License-Identifier: Apache-2.0 */
/* The route tables of the tenant's parts, each defined in the file that handles it. */
#ifndef DT_PARTS_H
#define DT_PARTS_H

#include "http.h"

extern const struct dt_routes dt_entra_routes;
extern const struct dt_routes dt_keys_routes;
extern const struct dt_routes dt_connector_routes;
extern const struct dt_routes dt_delta_routes;
extern const struct dt_routes dt_directory_routes;
extern const struct dt_routes dt_device_routes;
extern const struct dt_routes dt_intune_routes;
extern const struct dt_routes dt_content_routes;
extern const struct dt_routes dt_blob_routes;
extern const struct dt_routes dt_cache_routes;
extern const struct dt_routes dt_installers_routes;
extern const struct dt_routes dt_vault_routes;
extern const struct dt_routes dt_imds_routes;
extern const struct dt_routes dt_app_service_routes;
extern const struct dt_routes dt_signin_page_routes;
extern const struct dt_routes dt_user_token_routes;
extern const struct dt_routes dt_signin_control_routes;
extern const struct dt_routes dt_act_routes;
extern const struct dt_routes dt_look_routes;
extern const struct dt_routes dt_change_routes;
extern const struct dt_routes dt_change_people_routes;
extern const struct dt_routes dt_change_device_routes;
extern const struct dt_routes dt_bridge_routes;

#endif
