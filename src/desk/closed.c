/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tombstone: what a press gets whose card has outlived its token (product E10). A request that
 * is not there and one that is not this person's look alike.
 */
#include "parts.h"
#include "ad/text.h"

int ad_request_visible(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_request *request, bool *ret, struct ad_err *err)
{
	*ret = ad_text_eq(who->oid, request->requester_oid) ||
	       ad_text_eq(who->oid, request->beneficiary_oid) || who->is_approver || who->is_admin;
	if (*ret)
		return 0;
	return ad_store_request_was_asked(desk->db, desk->arena, request->id, who->oid, ret, err);
}

int ad_request_unknown(struct ad_desk *desk, const struct ad_person *who, int64_t number,
	struct ad_desk_reply *ret, struct ad_err *err)
{
	struct ad_json *data = ad_json_new_object(desk->arena);
	ad_json_set_int(desk->arena, data, "rid", number);
	return ad_reply_words(desk, who, "request.unknown", data, "no_request", ret, err);
}

/* request: NULL when there is none that the person may see. */
static int show_tombstone(struct ad_desk *desk, const struct ad_person *who, int64_t number,
	const struct ad_request *request, struct ad_desk_reply *ret, struct ad_err *err)
{
	struct ad_arena *arena = desk->arena;
	struct ad_json *data = ad_json_new_object(arena);
	const char *closed_at = request && request->closed_at ? request->closed_at : "";
	int e = 0;
	if (request)
		e = ad_request_data(desk, request, who->locale, &data, err);
	if (e != 0)
		return e;
	if (!request)
		ad_json_set_str(arena, data, "state_label", "");
	ad_json_set_int(arena, data, "rid", number);
	ad_json_set_str(arena, data, "closed_at", closed_at);
	ad_json_set_str(arena, data, "closed_on",
		ad_cards_time(desk->cards, arena, who->locale, closed_at, AD_CARDS_DAY));
	ad_json_set_bool(arena, data, "has_closed_at", *closed_at != '\0');
	const char *key = *closed_at ? "closed.short" : "closed.gone";
	e = ad_words_into(desk, who->locale, key, data, "fallback", err);
	if (e == 0)
		e = ad_reply_card(desk, who, "closed", key, data, "closed_card", ret, err);
	ret->in_place = true;
	return e;
}

int ad_request_find_visible(struct ad_desk *desk, const struct ad_person *who, int64_t number,
	struct ad_request *ret, struct ad_err *err)
{
	bool visible = false;
	int e = ad_store_request_get(desk->db, desk->arena, desk->tenant_id, number, ret, err);
	if (e == 0)
		e = ad_request_visible(desk, who, ret, &visible, err);
	return e == 0 && !visible ? AD_ENOTFOUND : e;
}

int ad_closed_show(struct ad_desk *desk, const struct ad_person *who, int64_t number,
	struct ad_desk_reply *ret, struct ad_err *err)
{
	struct ad_request request;
	int e = ad_request_find_visible(desk, who, number, &request, err);
	if (e != 0)
		return e;
	if (!ad_request_open(request.state))
		return show_tombstone(desk, who, number, &request, ret, err);
	e = ad_request_show_to(desk, who, &request, ret, err);
	ret->in_place = true;
	return e;
}

int ad_closed_unknown(struct ad_desk *desk, const struct ad_person *who, int64_t number,
	struct ad_desk_reply *ret, struct ad_err *err)
{
	struct ad_request request;
	int e = number > 0 ? ad_request_find_visible(desk, who, number, &request, err) : 0;
	if (e == AD_ENOTFOUND)
		return show_tombstone(desk, who, number, NULL, ret, err);
	if (e != 0)
		return e;
	/* A button of an open request that this person may see, but that was made for another. */
	if (number <= 0 || ad_request_open(request.state))
		return ad_reply_words(desk, who, "token.foreign", NULL, "foreign_token", ret, err);
	return show_tombstone(desk, who, number, &request, ret, err);
}
