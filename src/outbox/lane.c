/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lanes: one for each person and channel, so that messages keep their order and one slow
 * conversation delays nobody else. A lane in which one row is waited for is urgent as a whole: the
 * row cannot come before those in front of it.
 */
#include "sender.h"

#include "ad/text.h"

#define HASH_PRIME 16777619u

uint32_t sender_hash(uint32_t from, const char *text)
{
	for (; *text; text++)
		from = (from ^ (unsigned char)*text) * HASH_PRIME;
	return from;
}

static struct tenant *tenant_of(struct ad_outbox *outbox, const char *id)
{
	struct tenant *tenant = outbox->tenants;
	while (tenant && !ad_text_eq(tenant->id, id))
		tenant = tenant->next;
	if (tenant)
		return tenant;
	tenant = ad_xalloc(sizeof *tenant);
	*tenant = (struct tenant){
		.next = outbox->tenants,
		.id = ad_xstrdup(id),
	};
	pace_start_tenant(outbox, tenant);
	outbox->tenants = tenant;
	return tenant;
}

static size_t bucket_of(const struct ad_outbox_row *row)
{
	return sender_hash(sender_hash(HASH_START, row->tenant_id), row->recipient_oid) %
	       LANE_BUCKETS;
}

static struct lane *find_lane(const struct ad_outbox *outbox, const struct ad_outbox_row *row)
{
	struct lane *lane = outbox->lanes[bucket_of(row)];
	while (lane &&
		!(lane->channel == row->channel && ad_text_eq(lane->oid, row->recipient_oid) &&
			ad_text_eq(lane->tenant->id, row->tenant_id)))
		lane = lane->next_in_bucket;
	return lane;
}

static struct lane *lane_of(struct ad_outbox *outbox, const struct ad_outbox_row *row)
{
	struct lane *lane = find_lane(outbox, row);
	if (lane)
		return lane;
	struct lane **bucket = &outbox->lanes[bucket_of(row)];
	lane = ad_xalloc(sizeof *lane);
	*lane = (struct lane){
		.next_in_bucket = *bucket,
		.tenant = tenant_of(outbox, row->tenant_id),
		.oid = ad_xstrdup(row->recipient_oid),
		.channel = row->channel,
	};
	*bucket = lane;
	return lane;
}

/* ---- the list of lanes with rows ---- */

static void link_last(struct ad_outbox *outbox, struct lane *lane)
{
	lane->prev = outbox->last;
	lane->next = NULL;
	if (outbox->last)
		outbox->last->next = lane;
	else
		outbox->first = lane;
	outbox->last = lane;
}

static void unlink_lane(struct ad_outbox *outbox, struct lane *lane)
{
	if (lane->prev)
		lane->prev->next = lane->next;
	else
		outbox->first = lane->next;
	if (lane->next)
		lane->next->prev = lane->prev;
	else
		outbox->last = lane->prev;
	lane->prev = lane->next = NULL;
}

void lane_move_last(struct ad_outbox *outbox, struct lane *lane)
{
	unlink_lane(outbox, lane);
	link_last(outbox, lane);
}

/* ---- rows ---- */

static void set_held(struct ad_outbox *outbox, size_t held)
{
	outbox->held = held;
	atomic_store_explicit(&outbox->counters.held, held, memory_order_relaxed);
}

static const struct ad_outbox_mail *copy_mail(
	struct ad_arena *arena, const struct ad_outbox_mail *mail)
{
	if (!mail)
		return NULL;
	struct ad_outbox_mail *copy = ad_alloc(arena, sizeof *copy);
	copy->to = ad_strdup(arena, mail->to);
	copy->subject = ad_strdup(arena, mail->subject);
	copy->text = ad_strdup(arena, mail->text);
	copy->html = ad_strdup(arena, mail->html);
	return copy;
}

static struct ad_outbox_row copy_row(struct ad_arena *arena, const struct ad_outbox_row *row)
{
	struct ad_outbox_row copy = *row;
	copy.tenant_id = ad_strdup(arena, row->tenant_id);
	copy.recipient_oid = ad_strdup(arena, row->recipient_oid);
	copy.fact = ad_strdup(arena, row->fact);
	copy.activity = ad_strdup(arena, row->activity);
	copy.service_url = ad_strdup(arena, row->service_url);
	copy.conversation_id = ad_strdup(arena, row->conversation_id);
	copy.reply_to_id = ad_strdup(arena, row->reply_to_id);
	copy.copy_activity_id = ad_strdup(arena, row->copy_activity_id);
	copy.reference = ad_strdup(arena, row->reference);
	copy.mail = copy_mail(arena, row->mail);
	return copy;
}

static struct item *new_item(struct ad_outbox *outbox, struct lane *lane,
	const struct ad_outbox_row *row, bool was_claimed)
{
	struct ad_arena *arena = ad_arena_new();
	struct item *item = ad_alloc(arena, sizeof *item);
	item->outbox = outbox;
	item->lane = lane;
	item->arena = arena;
	item->row = copy_row(arena, row);
	item->was_claimed = was_claimed;
	item->correlation_id = "";
	if (item->row.reference &&
		ad_reference_parse(arena, item->row.reference, &item->reference, NULL) != 0)
		item->row.reference = NULL;
	return item;
}

bool lane_take(struct ad_outbox *outbox, const struct ad_outbox_row *row, bool was_claimed)
{
	struct lane *lane = lane_of(outbox, row);
	struct item **at = &lane->head;
	/* A transaction that began earlier and committed later has a lower id than what is on its
	 * way already: then it comes next. */
	if (lane->is_busy && lane->head->row.id != row->id)
		at = &lane->head->next;
	while (*at && (*at)->row.id < row->id)
		at = &(*at)->next;
	if (*at && (*at)->row.id == row->id)
		return false;
	if (!lane->head)
		link_last(outbox, lane);
	struct item *item = new_item(outbox, lane, row, was_claimed);
	item->next = *at;
	*at = item;
	lane->urgent += row->urgent;
	set_held(outbox, outbox->held + 1);
	if (lane->channel == AD_OUTBOX_MAIL)
		outbox->mailbox.held++;
	return true;
}

int lane_mail_room(const struct ad_outbox *outbox)
{
	size_t held = outbox->mailbox.held;
	return held < MAILS_HELD_MAX ? (int)(MAILS_HELD_MAX - held) : 0;
}

bool lane_has_no_room(const struct ad_outbox *outbox, const struct ad_outbox_row *row)
{
	if (row->channel != AD_OUTBOX_MAIL || lane_mail_room(outbox) > 0)
		return false;
	const struct lane *lane = find_lane(outbox, row);
	for (const struct item *item = lane ? lane->head : NULL; item; item = item->next)
		if (item->row.id == row->id)
			return false;
	return true;
}

void lane_drop(struct ad_outbox *outbox, struct item *item)
{
	struct lane *lane = item->lane;
	struct item **at = &lane->head;
	while (*at != item)
		at = &(*at)->next;
	*at = item->next;
	lane->urgent -= item->row.urgent;
	if (!lane->head) {
		unlink_lane(outbox, lane);
		lane->empty_since_ms = outbox->now_ms;
	}
	set_held(outbox, outbox->held - 1);
	if (lane->channel == AD_OUTBOX_MAIL)
		outbox->mailbox.held--;
	ad_arena_free(item->arena); /* the item lives in it */
}

void lane_give_back_rest(struct ad_outbox *outbox, struct lane *lane)
{
	while (lane->head && lane->head->next && outbox->give_back_count < HELD_MAX) {
		struct item *item = lane->head->next;
		outbox->give_back[outbox->give_back_count++] = item->row.id;
		lane_drop(outbox, item);
	}
}

/* ---- the end ---- */

static void free_lane(struct lane *lane)
{
	free(lane->oid);
	free(lane);
}

void lane_sweep(struct ad_outbox *outbox, bool all)
{
	for (size_t i = 0; i < LANE_BUCKETS; i++) {
		struct lane **at = &outbox->lanes[i];
		while (*at) {
			struct lane *lane = *at;
			bool is_old = outbox->now_ms - lane->empty_since_ms > LANE_IDLE_MS;
			if (lane->head || (!is_old && !all)) {
				at = &lane->next_in_bucket;
				continue;
			}
			*at = lane->next_in_bucket;
			free_lane(lane);
		}
	}
	pace_sweep(outbox, all);
	while (all && outbox->tenants) {
		struct tenant *tenant = outbox->tenants;
		outbox->tenants = tenant->next;
		free(tenant->id);
		free(tenant);
	}
}
