/* SPDX-License-Identifier: Apache-2.0 */
/* The shared parts of what people do with a request besides deciding it. */
#include "aside.h"
#include "frozen.h"
#include "ad/text.h"

/* ---- finding ---- */

int ad_aside_number(struct ad_desk *desk, struct ad_aside *aside, const char *purpose,
	int64_t *ret_number, struct ad_desk_reply *ret, bool *ret_done, struct ad_err *err)
{
	AD_ASSERT(ad_db_in_transaction(desk->db));
	struct ad_token token = { .request_id = aside->press->number };
	aside->pressed = aside->press->inputs != NULL;
	int e = ad_settings_hold(desk, err);
	if (e == 0)
		e = ad_frozen(desk, aside->who, ret, ret_done, err);
	if (e == 0 && !*ret_done && purpose && !ad_text_empty(aside->press->token))
		e = ad_reply_token(
			desk, aside->who, aside->press, purpose, &token, ret, ret_done, err);
	*ret_number = token.request_id;
	aside->seen = token.version;
	return e;
}

int ad_aside_begin(struct ad_desk *desk, struct ad_aside *aside, const char *purpose,
	struct ad_desk_reply *ret, bool *ret_done, struct ad_err *err)
{
	int64_t number;
	int e = ad_aside_number(desk, aside, purpose, &number, ret, ret_done, err);
	if (e != 0 || *ret_done)
		return e;
	e = ad_store_request_lock(
		desk->db, desk->arena, desk->tenant_id, number, &aside->request, err);
	if (e != AD_ENOTFOUND)
		return e;
	*ret_done = true;
	return ad_aside_unknown(desk, aside, number, ret, err);
}

int ad_aside_own(struct ad_desk *desk, struct ad_aside *aside, struct ad_desk_reply *ret,
	bool *ret_done, struct ad_err *err)
{
	*ret_done = !ad_text_eq(aside->request.requester_oid, aside->who->oid);
	return *ret_done ? ad_aside_unknown(desk, aside, aside->request.id, ret, err) : 0;
}

/* ---- the right to do what approvers do ---- */

/* The directory has just said what the person is; what was remembered may be minutes old. */
static void note_right(struct ad_desk *desk, struct ad_aside *aside)
{
	struct ad_person *now = ad_memdup(desk->arena, aside->who, sizeof *now);
	now->is_approver = true;
	aside->who = now;
}

/* Who was never asked is told the same as for a number that does not exist. */
static int refuse_stranger(struct ad_desk *desk, const struct ad_aside *aside, bool open,
	struct ad_desk_reply *ret, struct ad_err *err)
{
	bool asked;
	int e = ad_store_request_was_asked(
		desk->db, desk->arena, aside->request.id, aside->who->oid, &asked, err);
	if (e != 0)
		return e;
	if (!asked)
		return ad_aside_unknown(desk, aside, aside->request.id, ret, err);
	if (open)
		return ad_aside_refuse(desk, aside,
			&(struct ad_aside_words){
				.key = "decide.not_approver", .outcome = "not_approver" },
			ret, err);
	bool decided = aside->request.decided_by_oid != NULL;
	return ad_aside_show(desk, aside,
		&(struct ad_aside_words){ .key = decided ? "decide.already" : "decide.closed",
			.outcome = decided ? "already" : "closed" },
		ret, err);
}

int ad_aside_seat(struct ad_desk *desk, struct ad_aside *aside, struct ad_seat *ret_seat,
	struct ad_desk_reply *ret, bool *ret_done, struct ad_err *err)
{
	const struct ad_request *request = &aside->request;
	const struct ad_parties parties = { request->requester_oid, request->beneficiary_oid };
	bool open = ad_request_undecided(request->state);
	bool has = false;
	int e = 0;
	*ret_done = true;
	if (ad_is_party(&parties, aside->who->oid))
		return ad_aside_refuse(desk, aside,
			&(struct ad_aside_words){ .key = "aside.self", .outcome = "self" }, ret,
			err);
	if (open)
		e = ad_stage_right(desk, request, aside->who->oid, ret_seat, &has, err);
	if (e == 0 && !has)
		return refuse_stranger(desk, aside, open, ret, err);
	note_right(desk, aside);
	if (e == 0 && aside->seen != 0 && aside->seen != request->version)
		return ad_aside_show(desk, aside,
			&(struct ad_aside_words){ .key = "decide.stale", .outcome = "stale" }, ret,
			err);
	*ret_done = false;
	return e;
}

/* ---- answering ---- */

int ad_aside_data(struct ad_desk *desk, const struct ad_request *request, const char *locale,
	const struct ad_json *more, struct ad_json **ret, struct ad_err *err)
{
	int e = ad_request_data(desk, request, locale, ret, err);
	if (e != 0)
		return e;
	AD_JSON_EACH(member, more)
	{
		ad_json_set(
			desk->arena, *ret, ad_json_name(member), ad_json_copy(desk->arena, member));
	}
	return 0;
}

int ad_aside_show(struct ad_desk *desk, const struct ad_aside *aside,
	const struct ad_aside_words *words, struct ad_desk_reply *ret, struct ad_err *err)
{
	const struct ad_person *who = aside->who;
	struct ad_json *data;
	const char *sentence;
	int e = ad_aside_data(desk, &aside->request, who->locale, words->more, &data, err);
	if (e == 0)
		e = ad_words(desk, who->locale, words->key, data, &sentence, err);
	if (e == 0)
		e = ad_request_show_noted(desk, who, &aside->request, sentence, ret, err);
	if (e != 0)
		return e;
	ret->text = sentence;
	ret->in_place = aside->pressed;
	ret->outcome = words->outcome;
	return 0;
}

int ad_aside_say(struct ad_desk *desk, const struct ad_aside *aside,
	const struct ad_aside_words *words, struct ad_desk_reply *ret, struct ad_err *err)
{
	struct ad_json *data;
	int e = ad_aside_data(desk, &aside->request, aside->who->locale, words->more, &data, err);
	if (e != 0)
		return e;
	return ad_reply_words(desk, aside->who, words->key, data, words->outcome, ret, err);
}

int ad_aside_refuse(struct ad_desk *desk, const struct ad_aside *aside,
	const struct ad_aside_words *words, struct ad_desk_reply *ret, struct ad_err *err)
{
	int e = ad_aside_say(desk, aside, words, ret, err);
	if (e != 0)
		return e;
	struct ad_json *details = ad_json_new_object(desk->arena);
	ad_json_set_str(desk->arena, details, "reason", words->outcome);
	ad_json_set_str(desk->arena, details, "wanted", aside->wanted);
	return ad_trail(desk,
		&(struct ad_event){ .who = aside->who,
			.action = "change.refused",
			.entity_type = "request",
			.entity_id = aside->request.id,
			.details = details },
		err);
}

int ad_aside_unknown(struct ad_desk *desk, const struct ad_aside *aside, int64_t number,
	struct ad_desk_reply *ret, struct ad_err *err)
{
	return ad_request_unknown(desk, aside->who, number, ret, err);
}

const char *ad_aside_text(const struct ad_desk *desk, const struct ad_aside *aside, const char *id)
{
	const struct ad_desk_press *press = aside->press;
	const char *text =
		press->inputs ? ad_json_text(ad_json_get(press->inputs, id)) : press->reason;
	return text ? ad_text_trim(desk->arena, ad_utf8_clean(desk->arena, text, true)) : "";
}

int ad_aside_send(struct ad_desk *desk, const struct ad_request *request,
	const struct ad_aside_card *card, struct ad_err *err)
{
	/* Asked, as far as is known here; what a press of theirs may do is seen then. */
	struct ad_person person = { .oid = card->oid, .name = card->name, .is_approver = true };
	struct ad_desk_reply shown;
	struct ad_json *data;
	int e = ad_notice_locale(desk, person.oid, &person.locale, err);
	if (e == 0)
		e = ad_request_show_to(desk, &person, request, &shown, err);
	if (e == 0)
		e = ad_aside_data(desk, request, person.locale, card->more, &data, err);
	if (e == 0)
		e = ad_words(desk, person.locale, card->key, data, &shown.text, err);
	if (e != 0)
		return e;
	return ad_notice_send(desk,
		&(struct ad_notice){ .oid = person.oid,
			.fact = ad_printf(
				desk->arena, "request.%lld.%s", (long long)request->id, card->what),
			.card = shown.card,
			.text = shown.text,
			.role = shown.role,
			.request_id = request->id,
			.version = request->version,
			.urgent = true },
		err);
}

int ad_aside_end(struct ad_desk *desk, const struct ad_aside *aside, const struct ad_event *event,
	const struct ad_desk_reply *reply, struct ad_err *err)
{
	int e = 0;
	if (!ad_text_empty(aside->press->token))
		e = ad_reply_remember(desk, aside->press->token, reply, err);
	return e == 0 ? ad_trail(desk, event, err) : e;
}
