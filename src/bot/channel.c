/* SPDX-License-Identifier: Apache-2.0 */
/* A channel where AppDesk may write first: how to is kept as it is of people. */
#include "ad/desk/channel.h"
#include "ad/store/convs.h"
#include "ad/teams/reference.h"
#include "turn.h"

int ad_turn_channel_here(struct ad_turn *turn, struct ad_desk_reply *ret, struct ad_err *err)
{
	struct ad_bot_worker *w = turn->worker;
	const struct ad_activity *a = &turn->activity;
	const char *oid = ad_printf(w->arena, AD_CONV_CHANNEL "%s", a->conversation_base_id);
	struct ad_reference reference;
	bool is_set = false;
	bool found = ad_reference_of_channel(a, oid, &reference);
	int r = ad_desk_channel_here(
		&turn->desk, &turn->who, found ? a->conversation_base_id : "", &is_set, ret, err);
	if (r != 0 || !is_set)
		return r;
	return ad_store_conv_put(w->db, w->arena, &w->bot->options.key,
		&(struct ad_store_conv){ .tenant_id = turn->desk.tenant_id,
			.oid = oid,
			.app_id = w->bot->options.app_id,
			.conversation_id = reference.conversation_id,
			.reference = ad_reference_print(w->arena, &reference) },
		err);
}

int ad_turn_channel_off(struct ad_turn *turn, struct ad_desk_reply *ret, struct ad_err *err)
{
	return ad_desk_channel_off(&turn->desk, &turn->who, ret, err);
}
