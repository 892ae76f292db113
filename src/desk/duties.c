/* SPDX-License-Identifier: Apache-2.0 */
/* Separation of duties: apps that one person may not have side by side, whichever came first. */
#include "stages.h"
#include "ad/store/duties.h"

int ad_conflict_with(struct ad_desk *desk, const char *oid, int64_t app_id,
	const struct ad_app **ret_app, const char **ret_reason, struct ad_err *err)
{
	struct ad_duty_pairs pairs;
	*ret_app = NULL;
	*ret_reason = "";
	const struct ad_duty_key key = {
		.tenant_id = desk->tenant_id, .oid = oid, .app_id = app_id
	};
	int e = ad_store_duty_pairs(desk->db, desk->arena, &key, &pairs, err);
	if (e != 0 || pairs.count == 0)
		return e;
	long long *held = ad_alloc_array(desk->arena, pairs.count, sizeof *held);
	struct ad_incompatible *list = ad_alloc_array(desk->arena, pairs.count, sizeof *list);
	size_t held_count = 0;
	for (size_t i = 0; i < pairs.count; i++) {
		list[i] = (struct ad_incompatible){ pairs.items[i].app_a, pairs.items[i].app_b };
		if (pairs.items[i].held_app != 0)
			held[held_count++] = pairs.items[i].held_app;
	}
	int64_t other = ad_incompatible_with(list, pairs.count, held, held_count, app_id);
	if (other == 0)
		return 0;
	struct ad_app *app = ad_alloc(desk->arena, sizeof *app);
	for (size_t i = 0; i < pairs.count; i++)
		if (pairs.items[i].held_app == other)
			*ret_reason = pairs.items[i].reason;
	*ret_app = app;
	return ad_store_app_get(desk->db, desk->arena, desk->tenant_id, other, app, err);
}
