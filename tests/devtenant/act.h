/* SPDX-License-Identifier: Apache-2.0 */
/* Acting as a person, for more than one file of the control API. */
#ifndef DT_ACT_H
#define DT_ACT_H

#include "http.h"

/* Posts the activity and answers the request with what came of it, as /control/press does. pressed:
 * the message whose card is shown again, or NULL. All of it lives as long as the request. */
void dt_act_deliver(struct dt_request *req, const struct ad_json *activity,
	const struct ad_json *person, const char *pressed);

#endif
