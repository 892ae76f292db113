/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sender's side of the outbox table: takes rows into lanes, writes results, keeps leases. Each
 * statement stands alone and may be repeated, so a lost connection costs nothing but time: what is
 * not written stays in our hands, and what we drop is found again when its lease is over.
 */
#include "sender.h"

#include "ad/clock.h"
#include "ad/log.h"
#include "ad/text.h"

#define CLAIM_PART 4       /* one part of so many of the room has to be free */
#define LOCKED_PAUSE_MS 20 /* before results that met a deciding transaction are written again */

bool ledger_went_well(struct ad_outbox *outbox, int rc, const struct ad_err *err)
{
	if (rc == 0) {
		if (outbox->is_database_down)
			ad_log(AD_LOG_INFO, "outbox", "the database is back", NULL);
		outbox->is_database_down = false;
		return true;
	}
	COUNT(outbox, database_errors);
	if (!outbox->is_database_down)
		ad_log_err(AD_LOG_ERROR, "outbox", "the database failed; trying again", err, NULL);
	outbox->is_database_down = true;
	outbox->database_pause_until_ms = outbox->now_ms + DATABASE_PAUSE_MS;
	return false;
}

/* ---- rows into lanes ---- */

static int compare_ids(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a;
	int64_t y = *(const int64_t *)b;
	return (x > y) - (x < y);
}

static bool contains(const struct ad_outbox_row *rows, size_t count, int64_t id)
{
	size_t low = 0;
	while (count > 0) {
		size_t half = count / 2;
		if (rows[low + half].id == id)
			return true;
		if (rows[low + half].id < id) {
			low += half + 1;
			count -= half + 1;
		} else {
			count = half;
		}
	}
	return false;
}

static void note_give_back(struct ad_outbox *outbox, int64_t id)
{
	if (outbox->give_back_count == HELD_MAX)
		ledger_give_back(outbox);
	outbox->give_back[outbox->give_back_count++] = id;
}

bool ledger_load(struct ad_outbox *outbox, const int64_t *ids, size_t count)
{
	struct ad_outbox_row *rows = NULL;
	size_t rows_count = 0;
	struct ad_err err = { 0 };
	if (outbox->held + count <= HELD_MAX) {
		int rc = ad_store_outbox_load(outbox->db, outbox->arena, &outbox->node, ids, count,
			&rows, &rows_count, &err);
		if (!ledger_went_well(outbox, rc, &err))
			return false;
	}
	for (size_t i = 0; i < rows_count; i++)
		if (lane_has_no_room(outbox, &rows[i]))
			note_give_back(outbox, rows[i].id);
		else
			(void)lane_take(outbox, &rows[i], false);
	for (size_t i = 0; i < count; i++)
		if (!contains(rows, rows_count, ids[i]))
			note_give_back(outbox, ids[i]);
	/* What was given back may stand behind an older row and be waited for. */
	if (rows_count < count)
		outbox->next_poll_ms = outbox->now_ms;
	return true;
}

void ledger_claim(struct ad_outbox *outbox)
{
	struct ad_outbox_row *rows = NULL;
	size_t count = 0;
	struct ad_err err = { 0 };
	int64_t news = CLAIM_AHEAD * (int64_t)outbox->config.in_flight_max -
		       (int64_t)(outbox->held - outbox->mailbox.held);
	/* Looking through a long queue is dear: not for a handful. */
	if (news < outbox->config.in_flight_max / CLAIM_PART)
		news = 0;
	struct ad_outbox_room room = { news > 0 ? (int)news : 0, URGENT_ROOM,
		lane_mail_room(outbox) };
	outbox->next_poll_ms = outbox->now_ms + outbox->config.poll_ms;
	int64_t began_ms = ad_clock_mono_ms();
	int rc = ad_store_outbox_claim(
		outbox->db, outbox->arena, &outbox->node, room, &rows, &count, &err);
	/* Behind few people with very many rows each it takes long to find the oldest ones. */
	int64_t ended_ms = ad_clock_mono_ms();
	outbox->claim_after_ms = ended_ms + CLAIM_REST * (ended_ms - began_ms);
	if (!ledger_went_well(outbox, rc, &err))
		return;
	for (size_t i = 0; i < count; i++)
		(void)lane_take(outbox, &rows[i], true);
}

void ledger_give_back(struct ad_outbox *outbox)
{
	struct ad_err err = { 0 };
	size_t count = outbox->give_back_count;
	if (count == 0)
		return;
	outbox->give_back_count = 0;
	int rc = ad_store_outbox_give_back(
		outbox->db, outbox->arena, outbox->node.node_id, outbox->give_back, count, &err);
	(void)ledger_went_well(outbox, rc, &err); /* otherwise their leases run out */
}

/* ---- leases ---- */

void ledger_renew(struct ad_outbox *outbox)
{
	struct ad_err err = { 0 };
	int64_t *kept = NULL;
	size_t kept_count = 0;
	size_t count = 0;
	outbox->next_renew_ms = outbox->now_ms + AD_OUTBOX_LEASE_S * 1000 / 3;
	int64_t *ids = ad_alloc_array(outbox->arena, outbox->held + 1, sizeof *ids);
	for (struct lane *lane = outbox->first; lane; lane = lane->next)
		for (struct item *item = lane->head; item; item = item->next)
			ids[count++] = item->row.id;
	if (count == 0)
		return;
	int rc = ad_store_outbox_renew(outbox->db, outbox->arena, outbox->node.node_id, ids, count,
		&kept, &kept_count, &err);
	if (!ledger_went_well(outbox, rc, &err))
		return;
	struct lane *next_lane;
	for (struct lane *lane = outbox->first; lane; lane = next_lane) {
		next_lane = lane->next;
		struct item *next;
		for (struct item *item = lane->head; item; item = next) {
			next = item->next;
			bool is_ours = bsearch(&item->row.id, kept, kept_count, sizeof *kept,
					       compare_ids) != NULL;
			/* What is on its way is found out when its result is written. */
			if (!is_ours && !(lane->is_busy && item == lane->head))
				lane_drop(outbox, item);
		}
	}
}

void ledger_release_all(struct ad_outbox *outbox)
{
	struct ad_err err = { 0 };
	int rc = ad_store_outbox_release_all(outbox->db, outbox->arena, outbox->node.node_id, &err);
	(void)ledger_went_well(outbox, rc, &err);
}

/* ---- results into rows ---- */

static void tell(const struct item *item, enum ad_outbox_state state)
{
	static const struct {
		enum ad_log_level level;
		const char *text;
	} words[] = {
		[AD_OUTBOX_PENDING] = { AD_LOG_WARN, "not delivered yet" },
		[AD_OUTBOX_SENT] = { AD_LOG_INFO, "delivered" },
		[AD_OUTBOX_AMBIGUOUS] = { AD_LOG_ERROR, "perhaps delivered" },
		[AD_OUTBOX_DEAD] = { AD_LOG_ERROR, "not delivered" },
	};
	const char *error = item->result.error;
	ad_log(words[state].level, "outbox", words[state].text, "outbox", AD_NUM(item->row.id),
		"fact", item->row.fact, "tenant", item->row.tenant_id, "person",
		item->row.recipient_oid, "attempt", AD_NUM(item->row.attempts + 1), "status",
		AD_NUM(item->status), "error", *error ? error : NULL, "correlation",
		*item->correlation_id ? item->correlation_id : NULL, NULL);
}

static void count_outcome(
	struct ad_outbox *outbox, const struct item *item, enum ad_outbox_state state)
{
	if (state == AD_OUTBOX_PENDING)
		COUNT(outbox, retried);
	else if (state == AD_OUTBOX_AMBIGUOUS)
		COUNT(outbox, ambiguous);
	else if (state == AD_OUTBOX_DEAD)
		COUNT(outbox, dead);
	else if (item->row.channel == AD_OUTBOX_MAIL)
		COUNT(outbox, mailed);
	else if (item->row.kind == AD_OUTBOX_UPDATE)
		COUNT(outbox, updated);
	else
		COUNT(outbox, sent);
}

/* Changes of this card that wait behind it were read when it had no activity id yet. */
static void tell_changes(const struct item *card)
{
	for (struct item *item = card->next; item; item = item->next) {
		if (item->row.kind != AD_OUTBOX_UPDATE || item->row.copy != card->row.copy)
			continue;
		item->row.copy_activity_id = ad_strdup(item->arena, card->result.activity_id);
		item->row.service_url = ad_strdup(item->arena, card->result.service_url);
		item->row.conversation_id = ad_strdup(item->arena, card->result.conversation_id);
	}
}

/* The row is written: lets go of it, and of those behind it when it has to be sent again. */
static void close_item(struct ad_outbox *outbox, struct item *item, enum ad_outbox_state state)
{
	struct lane *lane = item->lane;
	bool was_replaced = state == AD_OUTBOX_PENDING && item->result.state != AD_OUTBOX_PENDING;
	if (!was_replaced) {
		count_outcome(outbox, item, state);
		tell(item, state);
	}
	if (state == AD_OUTBOX_PENDING)
		lane_give_back_rest(outbox, lane);
	if (state == AD_OUTBOX_SENT && item->result.copy > 0)
		tell_changes(item);
	if (was_replaced || item->was_claimed)
		outbox->next_poll_ms = outbox->now_ms;
	lane->is_busy = false;
	lane_drop(outbox, item);
}

/* Another node had to take over, because we were silent for longer than a lease. */
static void lose_item(struct ad_outbox *outbox, struct item *item)
{
	ad_log(AD_LOG_WARN, "outbox", "the lease was lost before the outcome was written", "outbox",
		AD_NUM(item->row.id), "fact", item->row.fact, NULL);
	item->lane->is_busy = false;
	lane_drop(outbox, item);
}

static const struct ad_outbox_recorded *find_recorded(
	const struct ad_outbox_recorded *recorded, size_t count, int64_t id)
{
	/* id is the first member, so the order of ids is the order of the structs. */
	return count > 0 ? bsearch(&id, recorded, count, sizeof *recorded, compare_ids) : NULL;
}

void ledger_record(struct ad_outbox *outbox)
{
	struct ad_outbox_recorded *recorded = NULL;
	size_t recorded_count = 0;
	struct ad_err err = { 0 };
	struct ad_outbox_result *list = ad_alloc_array(outbox->arena, outbox->held, sizeof *list);
	struct ad_outbox_results results = { list, 0, outbox->config.give_up_s };
	for (struct item *item = outbox->finished; item; item = item->next_finished)
		list[results.count++] = item->result;
	int rc = ad_store_outbox_record(outbox->db, outbox->arena, &outbox->node, &results,
		&recorded, &recorded_count, &err);
	if (!ledger_went_well(outbox, rc, &err))
		return;
	struct item *item = outbox->finished;
	outbox->finished = NULL;
	while (item) {
		struct item *next = item->next_finished;
		const struct ad_outbox_recorded *row =
			find_recorded(recorded, recorded_count, item->row.id);
		if (!row) {
			lose_item(outbox, item);
		} else if (row->state == AD_OUTBOX_LOCKED) {
			item->next_finished = outbox->finished;
			outbox->finished = item;
			outbox->next_record_ms = outbox->now_ms + LOCKED_PAUSE_MS;
		} else {
			close_item(outbox, item, row->state);
		}
		item = next;
	}
}
