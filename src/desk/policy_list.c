/* SPDX-License-Identifier: Apache-2.0 */
/* The policies that count, on an admin's card. */
#include "parts.h"
#include "policy_json.h"
#include "ad/desk/policy.h"
#include "ad/store/policies.h"
#include "ad/store/users.h"
#include "ad/text.h"

#define ROWS_MAX 20 /* on the card; the command line prints all */

/* "2 stages", "Refuses", "Approves by itself 3 times in 30 days, then 1 stage". */
static const char *what_key(const struct ad_policy *policy)
{
	return policy->refusal        ? "policies.refuses"
	       : policy->automatic.on ? "policies.automatic"
				      : "policies.stages";
}

static int name_of(struct ad_desk *desk, const char *locale, const char *oid, struct ad_json *row,
	struct ad_err *err)
{
	struct ad_user user = { 0 };
	if (ad_text_eq(oid, "cli"))
		return ad_words_into(desk, locale, "proposal.by_operator", row, "by", err);
	int e = ad_store_user_get(desk->db, desk->arena, desk->tenant_id, oid, &user, err);
	ad_json_set_str(desk->arena, row, "by", ad_text_empty(user.name) ? oid : user.name);
	return e == AD_ENOTFOUND ? 0 : e;
}

static int add_row(struct ad_desk *desk, const char *locale, const struct ad_policy_row *stored,
	struct ad_json *rows, struct ad_err *err)
{
	struct ad_policy read;
	const struct ad_policy *policy = &read;
	struct ad_json *row = ad_json_new_object(desk->arena);
	int e = ad_policy_of_row(desk->arena, stored, &read, err);
	if (e != 0)
		return e;
	ad_json_set_str(desk->arena, row, "name", policy->name);
	ad_json_set_int(desk->arena, row, "version", policy->version);
	ad_json_set_int(desk->arena, row, "priority", policy->priority);
	ad_json_set_int(desk->arena, row, "stages", (int64_t)policy->stage_count);
	ad_json_set_int(desk->arena, row, "max", policy->automatic.max);
	ad_json_set_int(desk->arena, row, "days", policy->automatic.window_days);
	ad_json_set_str(desk->arena, row, "since", stored->changed_at);
	ad_json_set_bool(desk->arena, row, "separator", ad_json_count(rows) > 0);
	e = name_of(desk, locale, stored->changed_by, row, err);
	if (e == 0)
		e = ad_words_into(desk, locale, what_key(policy), row, "what", err);
	ad_json_append(desk->arena, rows, row);
	return e;
}

int ad_desk_policies(struct ad_desk *desk, const struct ad_person *who, struct ad_desk_reply *ret,
	struct ad_err *err)
{
	struct ad_policy_rows stored;
	if (!who->is_admin)
		return ad_reply_not_admin(desk, who, ret, err);
	int e = ad_store_policies_active(desk->db, desk->arena, desk->tenant_id, &stored, err);
	if (e != 0)
		return e;
	if (stored.count == 0)
		return ad_reply_words(desk, who, "policies.none", NULL, "policies", ret, err);
	struct ad_json *data = ad_json_new_object(desk->arena);
	struct ad_json *rows = ad_json_new_array(desk->arena);
	for (size_t i = 0; e == 0 && i < stored.count && i < ROWS_MAX; i++)
		e = add_row(desk, who->locale, &stored.items[i], rows, err);
	if (e != 0)
		return e;
	ad_json_set_int(desk->arena, data, "count", (int64_t)stored.count);
	ad_json_set(desk->arena, data, "rows", rows);
	return ad_reply_card(desk, who, "policies", "policies.short", data, "policies", ret, err);
}
