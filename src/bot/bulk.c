/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Several decisions in one turn: the confirmation is looked at, then each request has a transaction
 * of its own, so that none is held up or undone by another, and the turn's own transaction tells
 * what became of all. A node that dies in between has decided some and acknowledged nothing: the
 * next delivery of the press decides the others. Worker thread.
 */
#include "ad/desk/bulk.h"
#include "ad/log.h"
#include "ad/store/inbox.h"
#include "ad/store/users.h"
#include "ad/text.h"
#include "turn.h"

struct bulk {
	struct ad_turn *turn;
	bool over; /* nothing is to be decided */
	size_t index;
	struct ad_bulk_item item;
};

/* A second delivery is answered by the turn's own transaction. */
static int is_known(struct ad_db *db, struct ad_turn *turn, bool *ret, struct ad_err *err)
{
	const struct ad_inbox_key key = { turn->activity.conversation_id, turn->activity.id };
	*ret = false;
	if (ad_text_empty(key.activity_id))
		return 0;
	return ad_store_inbox_known(db, turn->worker->arena, &key, ret, err);
}

/* What each request says is said as the person reads. */
static int read_locale(struct ad_db *db, struct ad_turn *turn, struct ad_err *err)
{
	const struct ad_user user = ad_turn_speaker(turn);
	return ad_store_user_locale(db, turn->worker->arena, &user, &turn->who.locale, err);
}

static int begin(struct ad_db *db, void *ctx, struct ad_err *err)
{
	struct bulk *bulk = ctx;
	struct ad_turn *turn = bulk->turn;
	ad_desk_restart(&turn->desk);
	int r = is_known(db, turn, &bulk->over, err);
	bulk->over = bulk->over || ad_turn_obstacle(turn);
	if (r == 0 && !bulk->over)
		r = read_locale(db, turn, err);
	if (r != 0 || bulk->over)
		return r;
	return ad_desk_bulk_begin(&turn->desk, &turn->who, &turn->intent.press,
		turn->intent.decision, &turn->bulk_refusal, &bulk->over, err);
}

static int decide(struct ad_db *db, void *ctx, struct ad_err *err)
{
	struct bulk *bulk = ctx;
	struct ad_turn *turn = bulk->turn;
	(void)db;
	ad_desk_restart(&turn->desk);
	return ad_desk_bulk_decide(&turn->desk, &turn->who, &turn->intent.press,
		turn->intent.decision, bulk->index, &bulk->item, err);
}

int ad_turn_bulk(struct ad_turn *turn, struct ad_err *err)
{
	struct bulk bulk = { .turn = turn };
	size_t count = turn->intent.press.pick_count;
	bool unknown;
	int r = ad_turn_commit(turn, begin, &bulk, &unknown, err);
	if (r != 0 || bulk.over)
		return r;
	turn->has_facts = true;
	turn->jobs_due = true;
	struct ad_bulk_item *items = ad_alloc_array(turn->worker->arena, count, sizeof *items);
	for (; r == 0 && bulk.index < count; bulk.index++) {
		r = ad_turn_commit(turn, decide, &bulk, &unknown, err);
		items[bulk.index] = r == 0 ? bulk.item : (struct ad_bulk_item){ 0 };
	}
	/* What was decided is told even when the rest could not be. */
	if (r != 0 && bulk.index > 1) {
		ad_log_err(AD_LOG_WARN, "bot", "not all decisions could be made", err, NULL);
		r = 0;
	}
	turn->bulk = items;
	return r;
}
