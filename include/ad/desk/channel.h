/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The approvers' channel (product E17): a channel or group chat that shows what waits for a group's
 * decision. Whoever is in it reads along, so a card there has number, app and risk alone; its
 * button answers whoever presses it in their own chat, where everything is checked as ever. Inside
 * the caller's transaction; worker threads.
 */
#ifndef AD_DESK_CHANNEL_H
#define AD_DESK_CHANNEL_H

#include "ad/desk.h"

/* From now on it is this conversation, without ;messageid=; "": it is a personal one, which is
 * refused. Admins alone. *ret_set: the caller keeps how to write there, under AD_CONV_CHANNEL and
 * the id. Audit row settings.changed. */
AD_MUST int ad_desk_channel_here(struct ad_desk *desk, const struct ad_person *who,
	const char *conversation_id, bool *ret_set, struct ad_desk_reply *ret, struct ad_err *err);

/* No channel any more. Cards that are there stay true. */
AD_MUST int ad_desk_channel_off(struct ad_desk *desk, const struct ad_person *who,
	struct ad_desk_reply *ret, struct ad_err *err);

#endif
