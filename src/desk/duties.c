/* SPDX-License-Identifier: Apache-2.0 */
/* Separation of duties: apps that one person may not have side by side, whichever came first. */
#include "grants.h"
#include "stages.h"
#include "ad/store/duties.h"
#include "ad/text.h"

#define NAME_IN_BUTTON 30 /* characters of an app's name */

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

/* The request number of the person's grant of an app; 0: it is on its way, there is none yet. */
static int find_grant(struct ad_desk *desk, const struct ad_person *who, int64_t app_id,
	int64_t *ret, struct ad_err *err)
{
	struct ad_grant_list own;
	*ret = 0;
	int e = ad_store_grants_of_person(
		desk->db, desk->arena, desk->tenant_id, who->oid, AD_GRANTS_MAX, &own, err);
	for (size_t i = 0; e == 0 && i < own.count; i++)
		if (own.items[i].app_id == app_id)
			*ret = own.items[i].request_id;
	return e;
}

int ad_conflict_show(struct ad_desk *desk, const struct ad_person *who, const struct ad_app *app,
	const struct ad_app *other, const char *rule, struct ad_desk_reply *ret, struct ad_err *err)
{
	struct ad_json *data = ad_json_new_object(desk->arena);
	const char *contact;
	int64_t number;
	ad_json_set_str(desk->arena, data, "app", app->name);
	ad_json_set_str(desk->arena, data, "other", other->name);
	ad_json_set_str(
		desk->arena, data, "other_short", ad_words_cut(desk, other->name, NAME_IN_BUTTON));
	ad_json_set_str(desk->arena, data, "rule", rule);
	ad_json_set_str(desk->arena, data, "person", ad_holder(who)->name);
	if (who->asks_for)
		return ad_reply_words(desk, who, "for.conflict", data, "conflict", ret, err);
	int e = find_grant(desk, who, other->id, &number, err);
	if (e == 0)
		e = ad_human(desk, who, &contact, err);
	if (e != 0)
		return e;
	ad_unclear_contact(desk, contact, data);
	ad_json_set_int(desk->arena, data, "rid", number);
	ad_json_set_bool(desk->arena, data, "has_grant", number != 0);
	return ad_reply_card(desk, who, "conflict", "submit.conflict", data, "conflict", ret, err);
}
