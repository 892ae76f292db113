/* SPDX-License-Identifier: Apache-2.0 */
/* Decisions that wait for a fresh sign-in: asked for, found again, taken once, or refused. */
#include "stepup.h"
#include "ad/store/stepups.h"
#include "ad/teams/signin.h"
#include "ad/text.h"
#include "parts.h"

bool ad_stepup_wanted(
	const struct ad_desk *desk, const char *classification, enum ad_decision decision)
{
	const struct ad_desk_stepup *stepup = desk->stepup;
	return stepup && !stepup->held && decision == AD_DECISION_APPROVED &&
	       ad_risk_reaches(classification, stepup->from);
}

/* ---- what waits, as a row ---- */

static const char *print_wish(struct ad_arena *arena, const struct ad_stepup_wish *wish)
{
	struct ad_json *row = ad_json_new_object(arena);
	struct ad_json *picks = ad_json_new_array(arena);
	for (size_t i = 0; i < wish->pick_count; i++) {
		struct ad_json *pick = ad_json_new_object(arena);
		ad_json_set_int(arena, pick, "number", wish->picks[i].number);
		ad_json_set_int(arena, pick, "seen", wish->picks[i].seen);
		ad_json_append(arena, picks, pick);
	}
	ad_json_set_bool(arena, row, "several", wish->use == AD_DESK_BULK_DECIDE);
	ad_json_set_str(arena, row, "decision", ad_decision_name(wish->decision));
	ad_json_set(arena, row, "picks", picks);
	ad_json_set_str(arena, row, "reason", wish->reason);
	ad_json_set_int(arena, row, "days", wish->days);
	return ad_json_print(arena, row);
}

static int read_wish(struct ad_arena *arena, const struct ad_stepup *stepup,
	struct ad_desk_held *ret, struct ad_err *err)
{
	struct ad_json *row = NULL;
	int e = ad_json_parse(arena, stepup->wish, strlen(stepup->wish), &row, err);
	if (e == 0)
		e = ad_decision_parse(ad_json_str(row, "decision"), &ret->decision);
	if (e != 0)
		return e;
	size_t count = 0;
	const struct ad_json *list = ad_json_get(row, "picks");
	struct ad_desk_pick *picks = ad_alloc_array(arena, ad_json_count(list) + 1, sizeof *picks);
	AD_JSON_EACH(pick, list)
	picks[count++] = (struct ad_desk_pick){ .number = ad_json_int(pick, "number", 0),
		.seen = (int)ad_json_int(pick, "seen", 0) };
	bool several = ad_json_bool(row, "several", false);
	ret->id = stepup->id;
	ret->use = several ? AD_DESK_BULK_DECIDE : AD_DESK_DECIDE;
	ret->fault = stepup->used ? "used" : stepup->expired ? "over" : NULL;
	ret->press = (struct ad_desk_press){
		.token = stepup->press,
		.reason = ad_json_str(row, "reason"),
		.days = (int)ad_json_int(row, "days", 0),
		.number = picks[0].number,
		.seen = picks[0].seen,
		.picks = picks,
		.pick_count = count,
	};
	return 0;
}

/* ---- asking ---- */

static int want_page(struct ad_desk *desk, struct ad_err *err)
{
	int e = AD_FAIL(err, AD_ECONFLICT, "the sign-in page has to be had first");
	desk->stepup->wants_page = true;
	if (err)
		err->class = AD_CLASS_TRANSIENT;
	return e;
}

int ad_stepup_ask(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_stepup_wish *wish, struct ad_desk_reply *ret, struct ad_err *err)
{
	const struct ad_desk_stepup *stepup = desk->stepup;
	struct ad_signin_request request = { .connection = stepup->connection,
		.link = stepup->page,
		.resource = stepup->resource,
		.provider = stepup->provider };
	if (!stepup->page)
		return want_page(desk, err);
	int e = ad_reply_words(desk, who, wish->key, wish->data, "sign_in", ret, err);
	if (e == 0)
		e = ad_words(desk, who->locale, "stepup.button", NULL, &request.button, err);
	if (e == 0)
		e = ad_store_stepup_new(desk->db, desk->arena,
			&(struct ad_stepup){ .tenant_id = desk->tenant_id,
				.oid = who->oid,
				.press = stepup->by_press ? wish->token : NULL,
				.wish = print_wish(desk->arena, wish) },
			&request.exchange_id, err);
	if (e != 0)
		return e;
	request.text = ret->text;
	ret->signin = ad_signin_card(desk->arena, &request);
	return 0;
}

/* ---- the sign-in has come ---- */

int ad_desk_stepup_find(struct ad_desk *desk, const struct ad_person *who, const char *id,
	const char *token, struct ad_desk_held *ret, struct ad_err *err)
{
	struct ad_stepup found;
	int e = ad_store_stepup_find(desk->db, desk->arena,
		&(struct ad_stepup){
			.id = id, .tenant_id = desk->tenant_id, .oid = who->oid, .press = token },
		&found, err);
	return e == 0 ? read_wish(desk->arena, &found, ret, err) : e;
}

int ad_stepup_check(struct ad_desk *desk, const struct ad_person *who, struct ad_desk_reply *ret,
	bool *ret_done, struct ad_err *err)
{
	struct ad_stepup found;
	struct ad_desk_held held;
	int e = ad_store_stepup_lock(desk->db, desk->arena,
		&(struct ad_stepup){
			.id = desk->stepup->held, .tenant_id = desk->tenant_id, .oid = who->oid },
		&found, err);
	if (e == 0)
		e = read_wish(desk->arena, &found, &held, err);
	if (e != 0)
		return e;
	*ret_done = held.fault != NULL;
	return *ret_done ? ad_desk_stepup_refuse(desk, who, &held, held.fault, ret, err) : 0;
}

int ad_stepup_spend(struct ad_desk *desk, struct ad_err *err)
{
	return ad_store_stepup_used(desk->db, desk->arena, desk->stepup->held, err);
}

int ad_desk_stepup_take(struct ad_desk *desk, const struct ad_person *who,
	struct ad_desk_reply *ret, bool *ret_done, struct ad_err *err)
{
	AD_ASSERT(ad_db_in_transaction(desk->db));
	int e = ad_stepup_check(desk, who, ret, ret_done, err);
	return e == 0 && !*ret_done ? ad_stepup_spend(desk, err) : e;
}

void ad_stepup_note(const struct ad_desk *desk, struct ad_json *details)
{
	if (!desk->stepup || !desk->stepup->held)
		return;
	ad_json_set_str(desk->arena, details, "signed_in_at", desk->stepup->signed_in_at);
	ad_json_set_str(desk->arena, details, "acrs", desk->stepup->contexts);
}

/* ---- it does not do ---- */

/* What the person can do about a fault, as a word; the others are for administrators. */
static const char *word_of(const char *fault)
{
	static const struct {
		const char *fault;
		const char *key;
	} words[] = {
		{ "over", "stepup.over" },
		{ "used", "stepup.used" },
		{ "unknown", "stepup.unknown" },
		{ "stale", "stepup.stale" },
		{ "context", "stepup.context" },
		{ "other_person", "stepup.other_person" },
	};
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (ad_text_eq(words[i].fault, fault))
			return words[i].key;
	return "stepup.failed";
}

int ad_desk_stepup_refuse(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_held *held, const char *fault, struct ad_desk_reply *ret,
	struct ad_err *err)
{
	AD_ASSERT(ad_db_in_transaction(desk->db));
	int e = ad_reply_words(desk, who, word_of(fault), NULL,
		ad_printf(desk->arena, "sign_in_%s", fault), ret, err);
	ret->signin_failed = true;
	for (size_t i = 0; e == 0 && held && i < held->press.pick_count; i++) {
		struct ad_json *details = ad_json_new_object(desk->arena);
		ad_json_set_str(desk->arena, details, "reason", fault);
		ad_json_set_str(desk->arena, details, "wanted", ad_decision_name(held->decision));
		e = ad_trail_later(desk, &(struct ad_event){ .who = who,
						 .action = "stepup.refused",
						 .entity_type = "request",
						 .entity_id = held->press.picks[i].number,
						 .details = details });
	}
	return e == 0 ? ad_trail_flush(desk, err) : e;
}
