/* SPDX-License-Identifier: Apache-2.0 */
/* A request in the approvers' channel. Private to desk. */
#ifndef AD_DESK_CHANNEL_PRIVATE_H
#define AD_DESK_CHANNEL_PRIVATE_H

#include "ad/desk/channel.h"
#include "parts.h"

#define AD_CHANNEL_ROLE "channel" /* of its copies */

/* Shows the request there, once, when a group is asked and everybody may see the app. */
AD_MUST int ad_channel_tell(
	struct ad_desk *desk, const struct ad_request *request, struct ad_err *err);
/* Its card there as the request is now. */
AD_MUST int ad_channel_show(struct ad_desk *desk, const struct ad_request *request,
	struct ad_desk_reply *ret, struct ad_err *err);

#endif
