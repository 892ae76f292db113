/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A transaction whose caller gathers: what is read of the settings at its begin serves the whole
 * use case, and what is only written (new contents of cards, audit rows) leaves at its end, in one
 * message with COMMIT. So no card is written twice, and the trail, which one transaction has at a
 * time, is held for no round trip.
 */
#include "parts.h"
#include "ad/store/outbox.h"
#include "ad/store/settings.h"
#include "ad/text.h"

struct copies_seen {
	const struct ad_card_copy *items;
	size_t count;
	struct copies_seen *next;
};

struct change {
	struct ad_card_change change;
	int64_t *copies; /* the ids of change, ours to shorten */
	struct change *next;
};

struct told {
	struct ad_store_later rows;
	struct told *next;
};

struct ad_desk_gathered {
	struct ad_store_later settings;
	struct copies_seen *seen;
	struct change *changes, **changes_end;
	size_t changes_count;
	struct told *told;
};

int ad_desk_gather_writes(struct ad_desk *desk, struct ad_err *err)
{
	AD_ASSERT(ad_db_in_transaction(desk->db));
	struct ad_desk_gathered *gathered = ad_alloc(desk->arena, sizeof *gathered);
	*gathered = (struct ad_desk_gathered){ 0 };
	gathered->changes_end = &gathered->changes;
	desk->gathered = gathered;
	return ad_store_settings_later(
		desk->db, desk->arena, desk->tenant_id, &gathered->settings, err);
}

bool ad_gathered_settings(const struct ad_desk *desk, struct ad_desk_settings *ret)
{
	const struct ad_desk_gathered *gathered = desk->gathered;
	struct ad_setting_list list;
	if (!gathered || !gathered->settings.rows)
		return false;
	ad_store_settings_came(desk->arena, &gathered->settings, &list);
	ad_settings_read(&list, ret);
	return true;
}

void ad_gathered_settings_changed(struct ad_desk *desk)
{
	if (desk->gathered)
		desk->gathered->settings.rows = NULL;
}

/* ---- rows of the outbox ---- */

struct ad_store_later *ad_gathered_told(struct ad_desk *desk)
{
	struct told *told = ad_alloc(desk->arena, sizeof *told);
	*told = (struct told){ .next = desk->gathered->told };
	desk->gathered->told = told;
	return &told->rows;
}

size_t ad_desk_notices(struct ad_desk *desk)
{
	struct told *told = desk->gathered ? desk->gathered->told : NULL;
	struct told *waiting = NULL;
	while (told) {
		struct told *next = told->next;
		int64_t *ids;
		size_t count = ad_store_outbox_came(desk->arena, &told->rows, &ids);
		for (size_t i = 0; i < count; i++)
			ad_notice_remember(desk, ids[i]);
		if (!told->rows.rows) {
			told->next = waiting;
			waiting = told;
		}
		told = next;
	}
	if (desk->gathered)
		desk->gathered->told = waiting;
	return desk->notices;
}

/* ---- copies ---- */

void ad_gathered_copies(struct ad_desk *desk, const struct ad_card_copy *copies, size_t count)
{
	if (!desk->gathered)
		return;
	struct copies_seen *seen = ad_alloc(desk->arena, sizeof *seen);
	*seen = (struct copies_seen){ copies, count, desk->gathered->seen };
	desk->gathered->seen = seen;
}

bool ad_gathered_copy_at(
	const struct ad_desk *desk, const struct ad_desk_place *place, struct ad_card_copy *ret)
{
	for (const struct copies_seen *seen = desk->gathered ? desk->gathered->seen : NULL; seen;
		seen = seen->next)
		for (size_t i = 0; i < seen->count; i++)
			if (ad_text_eq(seen->items[i].conversation_id, place->conversation_id) &&
				ad_text_eq(seen->items[i].activity_id, place->activity_id)) {
				*ret = seen->items[i];
				return true;
			}
	return false;
}

static bool takes(const struct change *change, int64_t copy)
{
	for (size_t i = 0; i < change->change.count; i++)
		if (change->copies[i] == copy)
			return true;
	return false;
}

/* Of two contents for a copy the newer one counts, and of one version the later one, as if they
 * were written one after the other: what was urgent stays so. */
static void yield_copies(struct change *from, struct change *to)
{
	size_t kept = 0;
	for (size_t i = 0; i < from->change.count; i++)
		if (!takes(to, from->copies[i]))
			from->copies[kept++] = from->copies[i];
	if (kept < from->change.count)
		to->change.urgent |= from->change.urgent;
	from->change.count = kept;
}

void ad_gathered_change(struct ad_desk *desk, const struct ad_card_change *changes, size_t count)
{
	struct ad_desk_gathered *gathered = desk->gathered;
	for (size_t n = 0; n < count; n++) {
		struct change *one = ad_alloc(desk->arena, sizeof *one);
		*one = (struct change){ .change = changes[n] };
		one->copies = ad_memdup(desk->arena, changes[n].copies,
			changes[n].count * sizeof *changes[n].copies);
		one->change.copies = one->copies;
		for (struct change *old = gathered->changes; old; old = old->next)
			if (old->change.version <= one->change.version)
				yield_copies(old, one);
			else
				yield_copies(one, old);
		*gathered->changes_end = one;
		gathered->changes_end = &one->next;
		gathered->changes_count++;
	}
}

static int write_changes(struct ad_desk *desk, struct ad_err *err)
{
	struct ad_desk_gathered *gathered = desk->gathered;
	struct ad_card_change *items =
		ad_alloc_array(desk->arena, gathered->changes_count, sizeof *items);
	size_t count = 0;
	for (const struct change *change = gathered->changes; change; change = change->next)
		if (change->change.count > 0)
			items[count++] = change->change;
	gathered->changes = NULL;
	gathered->changes_end = &gathered->changes;
	gathered->changes_count = 0;
	const struct ad_card_changes all = { desk->node_id, items, count };
	return count > 0 ? ad_store_copy_change_later(
				   desk->db, desk->arena, &all, ad_gathered_told(desk), err)
			 : 0;
}

int ad_desk_finish(struct ad_desk *desk, struct ad_err *err)
{
	int e = write_changes(desk, err);
	return e == 0 ? ad_trail_write(desk, err) : e;
}
