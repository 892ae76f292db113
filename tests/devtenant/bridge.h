/* SPDX-License-Identifier: Apache-2.0 */
/* Microsoft 365 Agents Playgrounds as the eyes and hands of a person. */
#ifndef DT_BRIDGE_H
#define DT_BRIDGE_H

#include "http.h"

/* Whether what is sent into this conversation has to be passed to a Playground. */
bool dt_bridged(const struct ad_json *conversation);

/*
 * Passes a connector call on and answers the request with what comes back. method is POST or PUT;
 * message_id is the tenant's id of the message that is sent or changed, activity its content.
 * It is recorded when the Playground took it.
 */
void dt_bridge_pass(struct dt_request *req, const struct ad_json *conversation, const char *method,
	const char *message_id, const struct ad_json *activity);

#endif
