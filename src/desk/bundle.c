/* SPDX-License-Identifier: Apache-2.0 */
/* The receipt of several requests that were filed together: each with its own state. */
#include "bundle.h"
#include "ad/text.h"

struct tally {
	int64_t ready;
	int64_t waiting;
	int64_t not ; /* rejected, withdrawn, expired, failed, refused */
};

static void count(struct tally *tally, enum ad_request_state state)
{
	bool waits = ad_request_undecided(state) || state == AD_REQUEST_APPROVED ||
		     state == AD_REQUEST_FULFILLING;
	if (state == AD_REQUEST_DELIVERED)
		tally->ready++;
	else if (waits)
		tally->waiting++;
	else
		tally->not ++;
}

/* ---- rows ---- */

static int add_request(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_request *request, struct ad_json *rows, struct ad_err *err)
{
	struct ad_json *row;
	const char *note = request->reason;
	int e = ad_request_data(desk, request, who->locale, &row, err);
	if (e == 0 && request->state == AD_REQUEST_PENDING)
		e = ad_request_stage_data(desk, request, who->locale, row, err);
	if (e == 0 && request->state == AD_REQUEST_PENDING)
		e = ad_words(desk, who->locale, "step.waiting", row, &note, err);
	if (e == 0)
		e = ad_words_into(desk, who->locale, "list.open", row, "open", err);
	if (e != 0)
		return e;
	ad_json_set_str(desk->arena, row, "note", ad_words_cut(desk, note, AD_SHOWN_MAX));
	ad_json_set_bool(desk->arena, row, "has_note", !ad_text_empty(note));
	ad_json_append(desk->arena, rows, row);
	return 0;
}

static struct ad_json *refused_rows(struct ad_arena *arena, const struct ad_json *refused)
{
	struct ad_json *rows = ad_json_new_array(arena);
	AD_JSON_EACH(item, refused)
	ad_json_append(arena, rows, ad_json_copy(arena, item));
	return rows;
}

/* ---- the card ---- */

static int show(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_request_list *list, const struct ad_json *refused,
	struct ad_desk_reply *ret, struct ad_err *err)
{
	struct ad_arena *arena = desk->arena;
	struct ad_json *data = ad_json_new_object(arena);
	struct ad_json *rows = ad_json_new_array(arena);
	struct tally tally = { .not = (int64_t)ad_json_count(refused) };
	int e = ad_request_read_asked(desk, list->items, list->count, err);
	for (size_t i = 0; e == 0 && i < list->count; i++) {
		count(&tally, list->items[i].state);
		e = add_request(desk, who, &list->items[i], rows, err);
	}
	if (e != 0)
		return e;
	ad_json_set(arena, data, "rows", rows);
	ad_json_set(arena, data, "refused", refused_rows(arena, refused));
	ad_json_set_bool(arena, data, "has_requests", list->count > 0);
	ad_json_set_int(arena, data, "rid", list->count > 0 ? list->items[0].id : 0);
	ad_json_set_str(arena, data, "justification",
		list->count > 0 ? ad_words_cut(desk, list->items[0].justification, AD_SHOWN_MAX)
				: "");
	ad_json_set_int(arena, data, "count", tally.ready + tally.waiting + tally.not );
	ad_json_set_int(arena, data, "ready", tally.ready);
	ad_json_set_int(arena, data, "waiting", tally.waiting);
	ad_json_set_int(arena, data, "not", tally.not );
	return ad_reply_card(desk, who, "bundle", "bundle.short", data, "submitted", ret, err);
}

int ad_bundle_show_refused(struct ad_desk *desk, const struct ad_person *who,
	struct ad_json *refused, struct ad_desk_reply *ret, struct ad_err *err)
{
	const struct ad_request_list none = { 0 };
	return show(desk, who, &none, refused, ret, err);
}

int ad_bundle_show(struct ad_desk *desk, const struct ad_person *who, int64_t id,
	struct ad_desk_reply *ret, struct ad_err *err)
{
	struct ad_bundle bundle;
	struct ad_request_list list;
	struct ad_json *refused = NULL;
	int e = ad_store_bundle_lock(desk->db, desk->arena, desk->tenant_id, id, &bundle, err);
	if (e == 0)
		e = ad_store_requests_of_bundle(
			desk->db, desk->arena, desk->tenant_id, id, &list, err);
	if (e == 0)
		e = ad_json_parse(
			desk->arena, bundle.refused, strlen(bundle.refused), &refused, err);
	if (e == 0 && list.count == 0)
		return AD_FAIL(err, AD_ENOTFOUND, "nothing was filed together");
	if (e == 0)
		e = show(desk, who, &list, refused, ret, err);
	if (e != 0)
		return e;
	ret->role = "bundle";
	ret->request_id = list.items[0].id;
	for (size_t i = 0; i < list.count; i++)
		ret->version += list.items[i].version;
	return 0;
}

int ad_bundle_show_now(struct ad_desk *desk, const struct ad_person *who, int64_t request_id,
	struct ad_desk_reply *ret, struct ad_err *err)
{
	struct ad_request request;
	int e = ad_store_request_get(
		desk->db, desk->arena, desk->tenant_id, request_id, &request, err);
	return e == 0 ? ad_bundle_show(desk, who, request.bundle_id, ret, err) : e;
}

/* ---- copies ---- */

static int change_copies(
	struct ad_desk *desk, const struct ad_desk_reply *reply, struct ad_err *err)
{
	struct ad_card_copy *copies;
	size_t count = 0;
	int e = ad_store_copy_list(
		desk->db, desk->arena, reply->request_id, 0, &copies, &count, err);
	for (size_t i = 0; e == 0 && i < count; i++) {
		const struct ad_card_change change = {
			.copies = &copies[i].outbox_id,
			.count = 1,
			.version = reply->version,
		};
		if (ad_text_eq(copies[i].card, "bundle"))
			e = ad_notice_show(desk, &change, reply, err);
	}
	return e;
}

int ad_bundle_refresh(struct ad_desk *desk, const struct ad_request *request, struct ad_err *err)
{
	struct ad_person who = { .oid = request->requester_oid };
	struct ad_desk_reply reply;
	if (request->bundle_id == 0)
		return 0;
	int e = ad_notice_locale(desk, who.oid, &who.locale, err);
	if (e == 0)
		e = ad_bundle_show(desk, &who, request->bundle_id, &reply, err);
	return e == 0 ? change_copies(desk, &reply, err) : e;
}
