/* SPDX-License-Identifier: Apache-2.0 */
/* Questions that are open already go to the stand-in, and come back. */
#include "delegate.h"
#include "ad/text.h"

/* One open request, locked and still waiting for the person of the seat; *ret_waits false: not any
 * more. */
static int hold(struct ad_desk *desk, const struct ad_open_seat *seat, struct ad_request *ret,
	bool *ret_waits, struct ad_err *err)
{
	int e = ad_store_request_lock(
		desk->db, desk->arena, desk->tenant_id, seat->request_id, ret, err);
	*ret_waits = e == 0 && ad_request_undecided(ret->state) && ret->stage == seat->ordinal &&
		     ret->stage_state == AD_STAGE_OPEN;
	return e;
}

static int send_card(struct ad_desk *desk, const char *oid, const char *name,
	const struct ad_request *request, struct ad_err *err)
{
	struct ad_person person = { .oid = oid, .name = name, .is_approver = true };
	int e = ad_notice_locale(desk, oid, &person.locale, err);
	return e == 0 ? ad_request_ask(desk, &person, request, err) : e;
}

/* Who decides in the giver's place here; NULL: nobody (a party, a loop, or asked in their own right
 * already). */
static int stand_in_of(struct ad_desk *desk, const struct ad_delegation_row *delegation,
	const struct ad_request *request, const char **ret, struct ad_err *err)
{
	struct ad_delegations now;
	struct ad_asked_people asked;
	const struct ad_parties parties = { request->requester_oid, request->beneficiary_oid };
	const char *from = delegation->from_oid;
	*ret = NULL;
	int e = ad_store_delegations_from(
		desk->db, desk->arena, desk->tenant_id, &from, 1, &now, err);
	if (e != 0)
		return e;
	const char *who = ad_delegate_of(now.items, now.count, &parties, from);
	if (ad_text_eq(who, from))
		return 0;
	e = ad_store_asked_one(
		desk->db, desk->arena, request->id, request->stage, who, &asked, err);
	if (e == 0 && (asked.count == 0 || asked.items[0].state != AD_ASKED_NOW))
		*ret = who;
	return e;
}

static int ask_one(struct ad_desk *desk, const struct ad_delegation_row *delegation,
	const struct ad_open_seat *seat, bool with_card, size_t *count, struct ad_err *err)
{
	struct ad_request request;
	bool waits;
	const char *who = NULL;
	const struct ad_person *person = NULL;
	int e = hold(desk, seat, &request, &waits, err);
	if (e == 0 && waits)
		e = stand_in_of(desk, delegation, &request, &who, err);
	if (e == 0 && who)
		e = ad_fact_person(desk, who, &person, err);
	if (e != 0 || !person)
		return e;
	const struct ad_asked_person row = { .oid = person->oid,
		.name = person->name,
		.level = seat->level,
		.via = AD_VIA_DELEGATE,
		.on_behalf_of = delegation->from_oid };
	/* In the order of what was asked: who gathers knows what was told once it has left. */
	int flushed = ad_db_flush(desk->db, err);
	if (flushed != 0)
		return flushed;
	size_t before = ad_desk_notices(desk);
	e = ad_store_asked_put(desk->db, desk->arena, request.id, request.stage,
		&(struct ad_asked_people){ &row, 1 }, err);
	if (e == 0 && with_card)
		e = send_card(desk, person->oid, person->name, &request, err);
	if (e == 0)
		e = ad_db_flush(desk->db, err);
	(*count)++;
	if (e != 0)
		return e;
	/* Who was asked before has a card: it gets its buttons back. */
	bool had_card = with_card && ad_desk_notices(desk) == before;
	return had_card ? ad_request_refresh(desk, &request, err)
			: ad_request_refresh_receipts(desk, &request, err);
}

int ad_delegate_ask(struct ad_desk *desk, const struct ad_delegation_row *delegation,
	size_t *ret_count, struct ad_err *err)
{
	struct ad_open_seats seats;
	size_t count = 0;
	int e = ad_store_open_seats(
		desk->db, desk->arena, desk->tenant_id, delegation->from_oid, NULL, &seats, err);
	for (size_t i = 0; e == 0 && i < seats.count; i++)
		e = ask_one(
			desk, delegation, &seats.items[i], count < AD_DESK_CARDS_MAX, &count, err);
	if (e == 0)
		*ret_count = count;
	return e;
}

/* ---- back ---- */

/* The giver is asked again, unless they have handed their place over meanwhile. */
static int ask_giver(struct ad_desk *desk, const struct ad_request *request,
	const struct ad_asked_person *giver, bool with_card, struct ad_err *err)
{
	struct ad_asked_people before;
	int e = ad_store_asked_one(
		desk->db, desk->arena, request->id, request->stage, giver->oid, &before, err);
	if (e != 0 || (before.count > 0 && before.items[0].state == AD_ASKED_REPLACED))
		return e;
	e = ad_store_asked_put(desk->db, desk->arena, request->id, request->stage,
		&(struct ad_asked_people){ giver, 1 }, err);
	return e == 0 && with_card ? send_card(desk, giver->oid, giver->name, request, err) : e;
}

static int hand_back_one(struct ad_desk *desk, const struct ad_delegation_row *delegation,
	const struct ad_open_seat *seat, bool with_card, struct ad_err *err)
{
	struct ad_request request;
	bool waits;
	int e = hold(desk, seat, &request, &waits, err);
	if (e != 0 || !waits)
		return e;
	const struct ad_asked_person row = { .oid = delegation->from_oid,
		.name = delegation->from_name,
		.level = seat->level,
		.via = (enum ad_via)request.stage_kind,
		.on_behalf_of = "" };
	e = ad_store_asked_mark(desk->db, desk->arena, request.id, request.stage,
		delegation->to_oid, AD_ASKED_REPLACED, err);
	if (e == 0)
		e = ask_giver(desk, &request, &row, with_card, err);
	return e == 0 ? ad_request_refresh(desk, &request, err) : e;
}

int ad_delegate_hand_back(
	struct ad_desk *desk, const struct ad_delegation_row *delegation, struct ad_err *err)
{
	struct ad_open_seats seats;
	int e = ad_store_open_seats(desk->db, desk->arena, desk->tenant_id, delegation->to_oid,
		delegation->from_oid, &seats, err);
	for (size_t i = 0; e == 0 && i < seats.count; i++)
		e = hand_back_one(desk, delegation, &seats.items[i], i < AD_DESK_CARDS_MAX, err);
	return e;
}
