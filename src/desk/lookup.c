/* SPDX-License-Identifier: Apache-2.0 */
/* Looking things up: my requests, what waits for me, one request by its number. Changes nothing but
 * the tokens of the buttons shown. */
#include "frozen.h"
#include "parts.h"
#include "ad/text.h"

#define LOW_RISK "low" /* classification of apps (ad/store/apps.h) */

/* What happens next, and by when, on the requester's own list (product R8). */
static int add_next(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_request *request, struct ad_json *row, struct ad_err *err)
{
	static const char *const keys[AD_REQUEST_STATES] = {
		[AD_REQUEST_PENDING] = "step.waiting",
		[AD_REQUEST_NEEDS_INFO] = "step.question",
		[AD_REQUEST_APPROVED] = "step.preparing",
		[AD_REQUEST_FULFILLING] = "step.preparing",
		[AD_REQUEST_DRAFT] = "step.agree",
	};
	bool own = ad_text_eq(request->requester_oid, who->oid) ||
		   ad_text_eq(request->beneficiary_oid, who->oid);
	const char *key = own ? keys[request->state] : NULL;
	bool due = key && request->deadline_at && request->state == AD_REQUEST_PENDING;
	ad_json_set_bool(desk->arena, row, "has_next", key != NULL);
	ad_json_set_str(desk->arena, row, "next", "");
	ad_json_set_bool(desk->arena, row, "has_due", due);
	ad_json_set_str(desk->arena, row, "due", due ? request->deadline_at : "");
	int e = key ? ad_request_stage_data(desk, request, who->locale, row, err) : 0;
	return e == 0 && key ? ad_words_into(desk, who->locale, key, row, "next", err) : e;
}

static int add_row(struct ad_desk *desk, const struct ad_person *who, struct ad_json *rows,
	const struct ad_request *request, bool ticked, struct ad_err *err)
{
	struct ad_json *row;
	int e = ad_request_data(desk, request, who->locale, &row, err);
	if (e != 0)
		return e;
	ad_json_set_str(desk->arena, row, "justification",
		ad_words_cut(desk, request->justification, AD_SHOWN_MAX));
	ad_json_set_bool(desk->arena, row, "separator", ad_json_count(rows) > 0);
	ad_json_set_bool(desk->arena, row, "ticked", ticked);
	ad_json_append(desk->arena, rows, row);
	e = add_next(desk, who, request, row, err);
	return e == 0 ? ad_words_into(desk, who->locale, "list.open", row, "open", err) : e;
}

/* A card with a row for each request; one request more than a card holds says that there are more.
 */
static int show_list(struct ad_desk *desk, const struct ad_person *who, const char *template,
	const struct ad_request_list *list, bool tick_low, struct ad_json *data,
	struct ad_desk_reply *ret, struct ad_err *err)
{
	struct ad_json *rows = ad_json_new_array(desk->arena);
	size_t shown = list->count > AD_LIST_MAX ? AD_LIST_MAX : list->count;
	int e = ad_request_read_asked(desk, list->items, shown, err);
	size_t low = 0;
	for (size_t i = 0; e == 0 && i < shown; i++) {
		bool is_low = ad_text_eq(list->items[i].app_classification, LOW_RISK);
		low += is_low ? 1 : 0;
		e = add_row(desk, who, rows, &list->items[i], tick_low && is_low, err);
	}
	if (e == 0)
		e = ad_frozen_banner(desk, who->locale, data, err);
	if (e != 0)
		return e;
	ad_json_set(desk->arena, data, "rows", rows);
	ad_json_set_int(desk->arena, data, "count", (int64_t)shown);
	ad_json_set_bool(desk->arena, data, "has_more", list->count > AD_LIST_MAX);
	ad_json_set_bool(desk->arena, data, "can_pick", shown > 1);
	ad_json_set_bool(desk->arena, data, "can_tick_low", shown > 1 && low > 0 && !tick_low);
	const char *key = ad_printf(desk->arena, "%s.short", template);
	return ad_reply_card(desk, who, template, key, data, template, ret, err);
}

/* One button withdraws any of those in the list: which one is chosen where it is confirmed. Its
 * token names the person alone. */
static int add_withdrawal(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_request_list *list, struct ad_json *data, struct ad_err *err)
{
	struct ad_arena *arena = desk->arena;
	struct ad_json *choices = ad_json_new_array(arena);
	const char *token = "";
	for (size_t i = 0; i < list->count && i < AD_LIST_MAX; i++) {
		const struct ad_request *request = &list->items[i];
		if (!ad_text_eq(request->requester_oid, who->oid) ||
			!ad_request_withdrawable(request))
			continue;
		struct ad_json *choice = ad_json_new_object(arena);
		ad_json_set_str(
			arena, choice, "value", ad_printf(arena, "%lld", (long long)request->id));
		ad_json_set_str(arena, choice, "app", request->app_name);
		ad_json_append(arena, choices, choice);
	}
	const struct ad_json *first = ad_json_first(choices);
	int e = first ? ad_store_token_new(desk->db, arena,
				&(struct ad_token){ .tenant_id = desk->tenant_id,
					.oid = who->oid,
					.purpose = "cancel" },
				&token, err)
		      : 0;
	ad_json_set(arena, data, "choices", choices);
	ad_json_set_bool(arena, data, "can_cancel", first != NULL);
	ad_json_set_str(arena, data, "chosen", first ? ad_json_str(first, "value") : "");
	ad_json_set_str(arena, data, "t", token);
	return e;
}

int ad_status_show(struct ad_desk *desk, const struct ad_person *who, const char *note,
	struct ad_desk_reply *ret, struct ad_err *err)
{
	struct ad_request_list list;
	struct ad_json *data = ad_json_new_object(desk->arena);
	int e = ad_store_requests_of(
		desk->db, desk->arena, desk->tenant_id, who->oid, AD_LIST_MAX + 1, &list, err);
	if (e == 0 && list.count == 0)
		return ad_reply_words(desk, who, "status.none", NULL, "status", ret, err);
	if (e == 0)
		e = add_withdrawal(desk, who, &list, data, err);
	ad_json_set_str(desk->arena, data, "note", note ? note : "");
	ad_json_set_bool(desk->arena, data, "has_note", note != NULL);
	return e == 0 ? show_list(desk, who, "status", &list, false, data, ret, err) : e;
}

int ad_desk_status(struct ad_desk *desk, const struct ad_person *who, struct ad_desk_reply *ret,
	struct ad_err *err)
{
	return ad_status_show(desk, who, NULL, ret, err);
}

int ad_desk_pending(struct ad_desk *desk, const struct ad_person *who, bool tick_low,
	struct ad_desk_reply *ret, struct ad_err *err)
{
	struct ad_request_list list;
	const char *group = who->is_approver ? desk->settings.approver_group_id : "";
	int e = ad_store_requests_pending(desk->db, desk->arena, desk->tenant_id, who->oid, group,
		AD_LIST_MAX + 1, &list, err);
	if (e != 0)
		return e;
	if (list.count == 0 && !who->is_approver)
		return ad_reply_words(desk, who, "pending.denied", NULL, "not_approver", ret, err);
	if (list.count == 0)
		return ad_reply_words(desk, who, "pending.none", NULL, "pending", ret, err);
	return show_list(
		desk, who, "pending", &list, tick_low, ad_json_new_object(desk->arena), ret, err);
}

int ad_desk_request_view(struct ad_desk *desk, const struct ad_person *who, int64_t number,
	struct ad_desk_reply *ret, struct ad_err *err)
{
	AD_ASSERT(ad_db_in_transaction(desk->db));
	struct ad_request request;
	int e = ad_request_find_visible(desk, who, number, &request, err);
	if (e == AD_ENOTFOUND)
		return ad_request_unknown(desk, who, number, ret, err);
	return e == 0 ? ad_request_show_to(desk, who, &request, ret, err) : e;
}
