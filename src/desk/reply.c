/* SPDX-License-Identifier: Apache-2.0 */
/* Replies: made from words and templates, remembered for a repeated press, and posted. */
#include "parts.h"
#include "ad/store/tokens.h"
#include "ad/text.h"

int ad_reply_words(const struct ad_desk *desk, const struct ad_person *who, const char *key,
	const struct ad_json *data, const char *outcome, struct ad_desk_reply *ret,
	struct ad_err *err)
{
	const char *text;
	int e = ad_words(desk, who->locale, key, data, &text, err);
	if (e == 0)
		*ret = (struct ad_desk_reply){ .text = text, .outcome = outcome, .role = "" };
	return e;
}

int ad_reply_not_admin(const struct ad_desk *desk, const struct ad_person *who,
	struct ad_desk_reply *ret, struct ad_err *err)
{
	return ad_reply_words(desk, who, "admin.denied", NULL, "not_admin", ret, err);
}

int ad_reply_card(const struct ad_desk *desk, const struct ad_person *who, const char *template,
	const char *key, const struct ad_json *data, const char *outcome, struct ad_desk_reply *ret,
	struct ad_err *err)
{
	struct ad_json *card;
	int e = ad_cards_render(desk->cards, desk->arena, template, who->locale, data, &card, err);
	if (e == 0)
		e = ad_reply_words(desk, who, key, data, outcome, ret, err);
	if (e == 0)
		ret->card = card;
	return e;
}

int ad_desk_say(struct ad_desk *desk, const struct ad_person *who, const char *key,
	const struct ad_json *data, struct ad_desk_reply *ret, struct ad_err *err)
{
	return ad_reply_words(desk, who, key, data, "said", ret, err);
}

/* ---- a repeated press gets the first answer ---- */

int ad_reply_remember(const struct ad_desk *desk, const char *token,
	const struct ad_desk_reply *reply, struct ad_err *err)
{
	struct ad_arena *arena = desk->arena;
	struct ad_json *answer = ad_json_new_object(arena);
	if (reply->card)
		ad_json_set(arena, answer, "card", ad_json_copy(arena, reply->card));
	ad_json_set_str(arena, answer, "text", reply->text);
	ad_json_set_bool(arena, answer, "in_place", reply->in_place);
	ad_json_set_str(arena, answer, "role", reply->role);
	ad_json_set_int(arena, answer, "request_id", reply->request_id);
	ad_json_set_int(arena, answer, "job_id", reply->job_id);
	ad_json_set_int(arena, answer, "version", reply->version);
	return ad_store_token_used(desk->db, arena, token, ad_json_print(arena, answer), err);
}

int ad_reply_finish(struct ad_desk *desk, const struct ad_desk_press *press,
	struct ad_desk_reply *ret, struct ad_err *err)
{
	int e = 0;
	if (!ad_text_empty(press->token)) {
		ret->in_place = ret->card != NULL;
		e = ad_reply_remember(desk, press->token, ret, err);
	}
	return e == 0 ? ad_trail_flush(desk, err) : e;
}

int ad_reply_recall(const struct ad_desk *desk, const struct ad_token *token,
	struct ad_desk_reply *ret, struct ad_err *err)
{
	struct ad_json *answer;
	int e = ad_json_parse(desk->arena, token->answer, strlen(token->answer), &answer, err);
	if (e != 0)
		return e;
	*ret = (struct ad_desk_reply){
		.card = ad_json_get(answer, "card"),
		.text = ad_json_str(answer, "text"),
		.in_place = ad_json_bool(answer, "in_place", false),
		.outcome = "repeated",
		.role = ad_json_str(answer, "role"),
		.request_id = ad_json_int(answer, "request_id", 0),
		.job_id = ad_json_int(answer, "job_id", 0),
		.version = (int)ad_json_int(answer, "version", 0),
	};
	return 0;
}

static int answer_expired(struct ad_desk *desk, const struct ad_person *who, int64_t number,
	struct ad_desk_reply *ret, struct ad_err *err)
{
	int e = number > 0 ? ad_closed_show(desk, who, number, ret, err) : AD_ENOTFOUND;
	if (e != AD_ENOTFOUND)
		return e;
	return ad_reply_words(desk, who, "token.expired", NULL, "expired_token", ret, err);
}

/* The card names another request than its token was made for: somebody has put them together. */
static bool is_mixed(const struct ad_token *token, const struct ad_desk_press *press)
{
	return token->request_id > 0 && press->number != 0 && token->request_id != press->number;
}

int ad_reply_token(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_press *press, const char *purpose, struct ad_token *ret_token,
	struct ad_desk_reply *ret, bool *ret_done, struct ad_err *err)
{
	const struct ad_token key = {
		.tenant_id = desk->tenant_id, .oid = who->oid, .purpose = purpose
	};
	*ret_done = true;
	int e = ad_store_token_lock(desk->db, desk->arena, &key, press->token, ret_token, err);
	if (e == AD_ENOTFOUND || (e == 0 && is_mixed(ret_token, press))) {
		e = ad_closed_unknown(desk, who, press->number, ret, err);
		if (e != 0)
			return e;
		return ad_trail(desk,
			&(struct ad_event){ .who = who,
				.action = "token.refused",
				.entity_type = "token",
				.entity_name = purpose },
			err);
	}
	if (e != 0)
		return e;
	if (ret_token->used)
		return ad_reply_recall(desk, ret_token, ret, err);
	if (ret_token->expired)
		return answer_expired(desk, who, ret_token->request_id, ret, err);
	*ret_done = false;
	return 0;
}

/* ---- posting ---- */

/* A second card of a copy, from a sending whose answer was lost: from now on it is kept true, too.
 */
static int adopt(struct ad_desk *desk, const struct ad_card_copy *copy,
	const struct ad_desk_place *place, struct ad_card_copy *ret, struct ad_err *err)
{
	*ret = *copy;
	ret->conversation_id = place->conversation_id;
	ret->activity_id = place->activity_id;
	ret->shown_version = 0;
	return ad_store_copy_adopt(desk->db, desk->arena,
		&(struct ad_card_copy_place){ .outbox_id = copy->outbox_id,
			.service_url = place->service_url,
			.conversation_id = place->conversation_id,
			.activity_id = place->activity_id },
		&ret->outbox_id, err);
}

/* The copy that the pressed card is. A copy whose sending ended without an answer has no activity
 * id yet: the press tells it. When it was sent twice, the press tells where the other one is. */
static int find_copy(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_reply *reply, const struct ad_desk_place *place,
	struct ad_card_copy *ret, struct ad_err *err)
{
	int e = ad_gathered_copy_at(desk, place, ret)
			? 0
			: ad_store_copy_find(desk->db, desk->arena, place->conversation_id,
				  place->activity_id, ret, err);
	if (e != AD_ENOTFOUND || (reply->request_id == 0 && reply->job_id == 0))
		return e;
	struct ad_card_copy *copies;
	size_t count;
	e = ad_store_copy_list(
		desk->db, desk->arena, reply->request_id, reply->job_id, &copies, &count, err);
	const struct ad_card_copy *twin = NULL;
	for (size_t i = 0; e == 0 && i < count; i++) {
		if (!ad_text_eq(copies[i].recipient_oid, who->oid) ||
			!ad_text_eq(copies[i].card, reply->role))
			continue;
		if (!ad_text_empty(copies[i].activity_id)) {
			twin = &copies[i];
			continue;
		}
		*ret = copies[i];
		return ad_store_copy_learn(desk->db, desk->arena,
			&(struct ad_card_copy_place){ .outbox_id = copies[i].outbox_id,
				.service_url = place->service_url,
				.conversation_id = place->conversation_id,
				.activity_id = place->activity_id },
			err);
	}
	if (e == 0 && twin)
		return adopt(desk, twin, place, ret, err);
	return e == 0 ? AD_ENOTFOUND : e;
}

static int post_in_place(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_reply *reply, const struct ad_desk_place *place, struct ad_err *err)
{
	struct ad_card_copy copy;
	int e = find_copy(desk, who, reply, place, &copy, err);
	if (e != 0)
		return e;
	bool is_view = ad_text_eq(copy.card, "view");
	if (is_view && !ad_text_empty(reply->role)) {
		copy.card = reply->role;
		copy.request_id = reply->request_id;
		copy.job_id = reply->job_id;
		e = ad_store_copy_become(desk->db, desk->arena, &copy, err);
		if (e != 0)
			return e;
	}
	/* A view has no version; any other copy that shows a newer one is left alone. */
	const struct ad_card_change change = {
		.copies = &copy.outbox_id,
		.count = 1,
		.urgent = true,
		.version =
			is_view && ad_text_empty(reply->role) ? copy.shown_version : reply->version,
	};
	return ad_notice_show(desk, &change, reply, err);
}

int ad_desk_post(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_reply *reply, const struct ad_desk_place *place, struct ad_err *err)
{
	if (reply->card && reply->in_place && !ad_text_empty(place->activity_id)) {
		int e = post_in_place(desk, who, reply, place, err);
		if (e != AD_ENOTFOUND)
			return e;
		/* A receipt has to be somewhere where it can be kept true. */
		if (place->shown && !ad_text_eq(reply->role, "receipt") &&
			!ad_text_eq(reply->role, "bundle"))
			return 0;
	}
	return ad_notice_post(desk,
		&(struct ad_notice){ .oid = who->oid,
			.fact = place->fact,
			.card = reply->card,
			.signin = reply->signin,
			.text = reply->text,
			.role = ad_text_empty(reply->role) ? NULL : reply->role,
			.request_id = reply->request_id,
			.job_id = reply->job_id,
			.version = reply->version,
			.urgent = true },
		place, err);
}
