/* SPDX-License-Identifier: Apache-2.0 */
/* Audit rows of the desk. Last in every use case: from the first one on the tenant's chain is ours
 * until the commit. */
#include "parts.h"
#include "ad/store/audit.h"

struct ad_desk_later {
	struct ad_event event;
	struct ad_desk_later *next;
};

static int append(struct ad_desk *desk, const struct ad_event *event, struct ad_err *err)
{
	const char *id = event->entity_id == 0
				 ? event->entity_name
				 : ad_printf(desk->arena, "%lld", (long long)event->entity_id);
	if (event->counts) {
		struct ad_audit_count before;
		int e = ad_store_audit_count(desk->db, desk->arena,
			&(struct ad_audit){ .tenant_id = desk->tenant_id,
				.entity_type = event->entity_type,
				.entity_id = id },
			&before, err);
		if (e != 0)
			return e;
		ad_json_set_int(desk->arena, event->details, "events", before.events);
		ad_json_set_int(desk->arena, event->details, "last_seq", before.last_seq);
	}
	const struct ad_audit row = {
		.tenant_id = desk->tenant_id,
		.user_id = event->who ? event->who->oid : "system",
		.user_email = event->who ? event->who->mail : "",
		.action = event->action,
		.entity_type = event->entity_type,
		.entity_id = id,
		.details = event->details ? ad_json_print(desk->arena, event->details) : NULL,
		.source = desk->source,
		.correlation_id = desk->correlation_id,
		.ip_address = desk->ip_address,
	};
	return ad_store_audit_append(desk->db, desk->arena, &row, err);
}

int ad_trail_later(struct ad_desk *desk, const struct ad_event *event)
{
	struct ad_desk_later *later = ad_alloc(desk->arena, sizeof *later);
	later->event = *event;
	if (desk->trail)
		desk->trail_end->next = later;
	else
		desk->trail = later;
	desk->trail_end = later;
	return 0;
}

int ad_trail_flush(struct ad_desk *desk, struct ad_err *err)
{
	int e = 0;
	const struct ad_desk_later *later = desk->trail;
	desk->trail = desk->trail_end = NULL;
	for (; e == 0 && later; later = later->next)
		e = append(desk, &later->event, err);
	return e;
}

int ad_trail(struct ad_desk *desk, const struct ad_event *event, struct ad_err *err)
{
	int e = ad_trail_flush(desk, err);
	return e == 0 ? append(desk, event, err) : e;
}

void ad_desk_restart(struct ad_desk *desk)
{
	desk->notices = 0;
	desk->trail = desk->trail_end = NULL;
	desk->memo = NULL;
}
