/* SPDX-License-Identifier: Apache-2.0 */
/* Audit rows of the desk. Last in every use case: from the first one on the tenant's chain is ours
 * until the commit. */
#include "parts.h"
#include "ad/store/audit.h"

int ad_trail(struct ad_desk *desk, const struct ad_event *event, struct ad_err *err)
{
	const char *id = event->entity_id == 0
				 ? event->entity_name
				 : ad_printf(desk->arena, "%lld", (long long)event->entity_id);
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
