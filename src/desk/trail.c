/* SPDX-License-Identifier: Apache-2.0 */
/* Audit rows of the desk. Last in every use case: from the first one on the tenant's chain is ours
 * until the commit. */
#include "parts.h"
#include "ad/store/audit.h"

#define ROWS_AT_ONCE 64

struct ad_desk_later {
	struct ad_event event;
	struct ad_person who; /* of the event: the use case's own may be gone */
	struct ad_desk_later *next;
};

static const char *entity_of(const struct ad_desk *desk, const struct ad_event *event)
{
	return event->entity_id == 0 ? event->entity_name
				     : ad_printf(desk->arena, "%lld", (long long)event->entity_id);
}

static int add_counts(struct ad_desk *desk, const struct ad_event *event, struct ad_err *err)
{
	const struct ad_audit key = { .tenant_id = desk->tenant_id,
		.entity_type = event->entity_type,
		.entity_id = entity_of(desk, event) };
	struct ad_audit_count before;
	int e = ad_store_audit_count(desk->db, desk->arena, &key, &before, err);
	if (e != 0)
		return e;
	ad_json_set_int(desk->arena, event->details, "events", before.events);
	ad_json_set_int(desk->arena, event->details, "last_seq", before.last_seq);
	return 0;
}

static struct ad_audit row_of(const struct ad_desk *desk, const struct ad_event *event)
{
	return (struct ad_audit){
		.tenant_id = desk->tenant_id,
		.user_id = event->who ? event->who->oid : "system",
		.user_email = event->who ? event->who->mail : "",
		.action = event->action,
		.entity_type = event->entity_type,
		.entity_id = entity_of(desk, event),
		.details = event->details ? ad_json_print(desk->arena, event->details) : NULL,
		.source = desk->source,
		.correlation_id = desk->correlation_id,
		.ip_address = desk->ip_address,
	};
}

int ad_trail_later(struct ad_desk *desk, const struct ad_event *event)
{
	struct ad_desk_later *later = ad_alloc(desk->arena, sizeof *later);
	later->event = *event;
	if (event->who) {
		later->who = *event->who;
		later->event.who = &later->who;
	}
	later->next = NULL;
	if (desk->trail)
		desk->trail_end->next = later;
	else
		desk->trail = later;
	desk->trail_end = later;
	return 0;
}

/* The rows up to the next event that counts those before it, which have to be there then. */
static int append_some(
	struct ad_desk *desk, const struct ad_desk_later **io_next, struct ad_err *err)
{
	const struct ad_desk_later *first = *io_next;
	const struct ad_desk_later *end = first->next;
	size_t count = 1;
	for (; end && !end->event.counts && count < ROWS_AT_ONCE; end = end->next)
		count++;
	int e = first->event.counts ? add_counts(desk, &first->event, err) : 0;
	struct ad_audit *rows = ad_alloc_array(desk->arena, count, sizeof *rows);
	for (size_t i = 0; i < count; i++, first = first->next)
		rows[i] = row_of(desk, &first->event);
	*io_next = end;
	if (e != 0)
		return e;
	desk->trail_seen = true;
	return desk->has_trail
		       ? ad_store_audit_append_later(desk->db, desk->arena, rows, count, err)
		       : ad_store_audit_append(desk->db, desk->arena, rows, count, err);
}

int ad_trail_flush(struct ad_desk *desk, struct ad_err *err)
{
	return desk->gathered ? 0 : ad_trail_write(desk, err);
}

int ad_trail_write(struct ad_desk *desk, struct ad_err *err)
{
	int e = 0;
	const struct ad_desk_later *next = desk->trail;
	desk->trail = desk->trail_end = NULL;
	while (e == 0 && next)
		e = append_some(desk, &next, err);
	return e;
}

int ad_trail(struct ad_desk *desk, const struct ad_event *event, struct ad_err *err)
{
	(void)ad_trail_later(desk, event);
	return ad_trail_flush(desk, err);
}

void ad_desk_restart(struct ad_desk *desk)
{
	desk->notices = 0;
	desk->trail = desk->trail_end = NULL;
	desk->memo = NULL;
	desk->gathered = NULL;
	desk->trail_seen = false;
}
