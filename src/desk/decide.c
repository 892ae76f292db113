/* SPDX-License-Identifier: Apache-2.0 */
/* A decision: one commit decides, everybody else is shown who did and when. */
#include "device.h"
#include "frozen.h"
#include "link.h"
#include "stages.h"
#include "stepup.h"
#include "ad/text.h"

#define SEEN_ANOTHER (-1) /* no version of any request: what was seen is gone */

/* What one press, typed line or link brings together. */
struct deciding {
	const struct ad_person *who;
	const struct ad_desk_press *press;
	enum ad_decision decision;
	struct ad_token token; /* of a press; else zeroed */
	int seen;              /* version of the request that the person saw; 0: typed */
	struct ad_request request;
	const char *reason;
	int days;                      /* that an approval gives; 0: as wanted */
	struct ad_seat seat;           /* that the person takes */
	const struct ad_app *conflict; /* NULL: none */
	const char *conflict_reason;
	enum ad_device_verdict device; /* how the policy finds it now */
	bool frozen;                   /* asked for links alone: a press is answered before */
	enum ad_decide_outcome outcome;
};

static bool is_pressed(const struct deciding *d)
{
	return !ad_text_empty(d->press->token);
}

/* The most that can be given: what is wanted, or what an earlier stage has left of it. */
static int longest(const struct ad_request *request)
{
	return request->granted_days > 0 ? request->granted_days : request->wanted_days;
}

/* ---- refusals ---- */

static int trail_refused(struct ad_desk *desk, const struct deciding *d, struct ad_err *err)
{
	struct ad_json *details = ad_json_new_object(desk->arena);
	ad_json_set_str(desk->arena, details, "reason", ad_decide_outcome_name(d->outcome));
	ad_json_set_str(desk->arena, details, "wanted", ad_decision_name(d->decision));
	return ad_trail(desk,
		&(struct ad_event){ .who = d->who,
			.action = "decision.refused",
			.entity_type = "request",
			.entity_id = d->request.id,
			.details = details },
		err);
}

/* Who was never asked is told the same as for a number that does not exist; who was asked once
 * hears that the right is gone. */
static int refuse_stranger(struct ad_desk *desk, const struct deciding *d,
	struct ad_desk_reply *ret, struct ad_err *err)
{
	bool asked;
	int e = ad_store_request_was_asked(
		desk->db, desk->arena, d->request.id, d->who->oid, &asked, err);
	if (e != 0)
		return e;
	if (!asked)
		return ad_request_unknown(desk, d->who, d->request.id, ret, err);
	return ad_reply_words(desk, d->who, "decide.not_approver", NULL, "not_approver", ret, err);
}

/* The card as it is now, in place of the pressed one, with a sentence that says why nothing was
 * decided. */
static int show_present(struct ad_desk *desk, const struct deciding *d, const char *key,
	struct ad_desk_reply *ret, struct ad_err *err)
{
	struct ad_json *data;
	const char *sentence;
	int e = ad_request_data(desk, &d->request, d->who->locale, &data, err);
	if (e == 0)
		e = ad_request_stage_data(desk, &d->request, d->who->locale, data, err);
	if (e == 0)
		e = ad_words(desk, d->who->locale, key, data, &sentence, err);
	if (e != 0)
		return e;
	bool goes_on = d->outcome == AD_DECIDE_STALE || d->outcome == AD_DECIDE_DEVICE;
	if (goes_on)
		e = ad_request_show_noted(desk, d->who, &d->request, sentence, ret, err);
	else
		e = ad_request_show(desk,
			&(struct ad_request_view){ .request = &d->request,
				.locale = d->who->locale,
				.may_undo = d->outcome == AD_DECIDE_DECIDED &&
					    !ad_request_undecided(d->request.state),
				.note = sentence },
			ret, err);
	ret->text = sentence;
	ret->in_place = is_pressed(d);
	ret->outcome = ad_decide_outcome_name(d->outcome);
	return e;
}

/* The reject button came without a reason: the card again, saying so. */
static int ask_reason(struct ad_desk *desk, const struct deciding *d, const char *key,
	struct ad_desk_reply *ret, struct ad_err *err)
{
	const char *fault;
	int e = ad_words(desk, d->who->locale, key, NULL, &fault, err);
	if (e != 0)
		return e;
	if (!is_pressed(d)) {
		*ret = (struct ad_desk_reply){ .text = fault, .role = "" };
	} else {
		e = ad_request_show(desk,
			&(struct ad_request_view){ .request = &d->request,
				.locale = d->who->locale,
				.token = d->press->token,
				.fault = fault },
			ret, err);
		ret->in_place = true;
		ret->text = fault;
	}
	ret->outcome = ad_decide_outcome_name(AD_DECIDE_NEEDS_REASON);
	return e;
}

/* Both apps by name (product F21). */
static int refuse_conflict(struct ad_desk *desk, const struct deciding *d,
	struct ad_desk_reply *ret, struct ad_err *err)
{
	struct ad_json *data;
	int e = ad_request_data(desk, &d->request, d->who->locale, &data, err);
	if (e != 0)
		return e;
	ad_json_set_str(desk->arena, data, "other", d->conflict->name);
	ad_json_set_str(desk->arena, data, "rule", d->conflict_reason);
	return ad_reply_words(desk, d->who, "decide.conflict", data, "conflict", ret, err);
}

static int refuse_wider(struct ad_desk *desk, const struct deciding *d, struct ad_desk_reply *ret,
	struct ad_err *err)
{
	struct ad_json *data = ad_json_new_object(desk->arena);
	ad_json_set_int(desk->arena, data, "rid", d->request.id);
	ad_json_set_int(desk->arena, data, "days", d->days);
	ad_json_set_int(desk->arena, data, "wanted", longest(&d->request));
	return ad_reply_words(desk, d->who, "decide.wider", data, "wider", ret, err);
}

/* What is wanted waits until the person has signed in. */
static int ask_sign_in(struct ad_desk *desk, const struct deciding *d, struct ad_desk_reply *ret,
	struct ad_err *err)
{
	struct ad_json *data;
	const struct ad_desk_pick pick = { .number = d->request.id, .seen = d->seen };
	int e = ad_request_data(desk, &d->request, d->who->locale, &data, err);
	if (e != 0)
		return e;
	return ad_stepup_ask(desk, d->who,
		&(struct ad_stepup_wish){ .use = AD_DESK_DECIDE,
			.decision = d->decision,
			.picks = &pick,
			.pick_count = 1,
			.reason = d->reason,
			.days = d->days,
			.token = d->press->token,
			.key = "stepup.ask",
			.data = data },
		ret, err);
}

/* Whose device it is hears what is wrong with it, once. */
static int tell_holder(struct ad_desk *desk, const struct deciding *d, struct ad_err *err)
{
	if (d->outcome != AD_DECIDE_DEVICE || d->device != AD_DEVICE_BAD)
		return 0;
	return ad_request_tell(desk, &d->request,
		&(struct ad_telling){ .what = ad_printf(desk->arena, "%d.device", d->request.stage),
			.key = "device.told",
			.to = d->request.beneficiary_oid },
		err);
}

/* They may ask back, reject, or try again. */
static int refuse_device(struct ad_desk *desk, const struct deciding *d, struct ad_desk_reply *ret,
	struct ad_err *err)
{
	int e = show_present(desk, d, ad_device_refusal_key(desk, d->device), ret, err);
	return e == 0 ? tell_holder(desk, d, err) : e;
}

static int refuse(struct ad_desk *desk, const struct deciding *d, struct ad_desk_reply *ret,
	struct ad_err *err)
{
	int e;
	switch (d->outcome) {
	case AD_DECIDE_SELF:
		e = ad_reply_words(desk, d->who, "decide.self", NULL, "self", ret, err);
		break;
	case AD_DECIDE_NOT_APPROVER:
		e = refuse_stranger(desk, d, ret, err);
		break;
	case AD_DECIDE_ALREADY:
		return show_present(desk, d, "decide.already", ret, err);
	case AD_DECIDE_CLOSED:
		return show_present(desk, d, "decide.closed", ret, err);
	case AD_DECIDE_STALE:
		return show_present(desk, d, "decide.stale", ret, err);
	case AD_DECIDE_NEEDS_REASON:
		return ask_reason(desk, d, "decide.needs_reason", ret, err);
	case AD_DECIDE_VOTED:
		return show_present(desk, d, "decide.voted", ret, err);
	case AD_DECIDE_FROZEN:
		e = ad_reply_words(desk, d->who, "decide.frozen", NULL, "frozen", ret, err);
		break;
	case AD_DECIDE_CONFLICT:
		e = refuse_conflict(desk, d, ret, err);
		break;
	case AD_DECIDE_WIDER:
		e = refuse_wider(desk, d, ret, err);
		break;
	case AD_DECIDE_SIGN_IN:
		return ask_sign_in(desk, d, ret, err);
	case AD_DECIDE_DEVICE:
		e = refuse_device(desk, d, ret, err);
		break;
	case AD_DECIDE_DECIDED:
	default:
		return AD_FAIL(err, AD_EBUG, "a decision is no refusal");
	}
	return e == 0 ? trail_refused(desk, d, err) : e;
}

/* ---- effects ---- */

/* The decision is made, told, and on every card. */
static int settle(struct ad_desk *desk, struct deciding *d, struct ad_err *err)
{
	return ad_request_vote(desk, &d->request,
		&(struct ad_voting){ .who = d->who,
			.on_behalf_of = d->seat.on_behalf_of,
			.decision = d->decision,
			.reason = d->reason,
			.granted_days = d->days },
		err);
}

/* What the person hears: others are awaited, the next stage has it, or it is decided. */
static const char *words_of(const struct deciding *d, int stage)
{
	if (d->decision == AD_DECISION_REJECTED)
		return d->request.state == AD_REQUEST_REJECTED ? "decide.rejected"
							       : "decide.counted";
	if (!ad_request_undecided(d->request.state))
		return "decide.approved";
	return d->request.stage == stage ? "decide.counted" : "decide.passed_on";
}

static int finish(
	struct ad_desk *desk, struct deciding *d, struct ad_desk_reply *ret, struct ad_err *err)
{
	int stage = d->request.stage;
	int e = settle(desk, d, err);
	if (e == 0)
		e = show_present(desk, d, words_of(d, stage), ret, err);
	if (e == 0 && is_pressed(d))
		e = ad_reply_remember(desk, d->press->token, ret, err);
	return e == 0 ? ad_trail_flush(desk, err) : e;
}

/* ---- the use case ---- */

/* Locks the request that the press or the number is about; *ret_done: *ret is the answer. */
static int find_request(struct ad_desk *desk, struct deciding *d, struct ad_desk_reply *ret,
	bool *ret_done, struct ad_err *err)
{
	int64_t number = d->press->number;
	*ret_done = false;
	if (is_pressed(d)) {
		int e = ad_reply_token(
			desk, d->who, d->press, "decide", &d->token, ret, ret_done, err);
		if (e != 0 || *ret_done)
			return e;
		number = d->token.request_id;
		d->seen = d->token.version;
	}
	int e = ad_store_request_lock(
		desk->db, desk->arena, desk->tenant_id, number, &d->request, err);
	if (e != AD_ENOTFOUND)
		return e;
	*ret_done = true;
	return ad_request_unknown(desk, d->who, number, ret, err);
}

/* Days that the approver gives: from the card's input, or typed. 0: as wanted. */
static int days_of(const struct ad_desk_press *press)
{
	int64_t days = 0;
	const char *input = ad_json_text(ad_json_get(press->inputs, AD_DESK_INPUT_DAYS));
	if (!input || ad_text_i64(input, 0, AD_DAYS_MAX, &days) != 0)
		days = press->days;
	return (int)days;
}

/* What only the directory and other requests know: whether the person may, and whether the app may
 * stand beside what its person has. Nobody is asked about who is a party anyway. */
static int look_up(struct ad_desk *desk, struct deciding *d, bool *ret_right, bool *ret_conflict,
	struct ad_err *err)
{
	const struct ad_request *request = &d->request;
	const struct ad_parties parties = { request->requester_oid, request->beneficiary_oid };
	*ret_right = *ret_conflict = false;
	d->seat = (struct ad_seat){ d->who->oid, "" };
	if (ad_is_party(&parties, d->who->oid))
		return 0;
	/* Live, by what this use case needs (ad_desk_needs). */
	ad_fact_put_member(
		desk, d->who->oid, desk->settings.approver_group_id, d->who->is_approver);
	int e = ad_stage_right(desk, request, d->who->oid, &d->seat, ret_right, err);
	if (e == 0 && *ret_right && d->decision == AD_DECISION_APPROVED) {
		e = ad_conflict_with(desk, request->beneficiary_oid, request->app_id, &d->conflict,
			&d->conflict_reason, err);
		*ret_conflict = d->conflict != NULL;
		if (e == 0)
			e = ad_device_check(desk, &d->request, &d->device, err);
	}
	return e;
}

/* Whether the person, or whose seat they take, has a vote in this stage. */
static int has_voted(struct ad_desk *desk, const struct deciding *d,
	const struct ad_store_later *cast, bool *ret, struct ad_err *err)
{
	struct ad_votes votes = { 0 };
	*ret = false;
	const struct ad_vote own = { .oid = d->seat.oid, .on_behalf_of = d->seat.on_behalf_of };
	int e = cast->rows ? 0 : ad_db_flush(desk->db, err);
	if (e == 0)
		ad_store_votes_came(desk->arena, cast, &votes);
	for (size_t i = 0; e == 0 && i < votes.count; i++)
		*ret |= ad_text_eq(votes.items[i].oid, d->who->oid) ||
			ad_text_eq(ad_vote_voice(&votes.items[i]), ad_vote_voice(&own));
	return e;
}

static int judge(struct ad_desk *desk, struct deciding *d, struct ad_err *err)
{
	static const struct ad_input_rule reason = { .required = true, .max_chars = SIZE_MAX };
	const struct ad_request *request = &d->request;
	bool right;
	bool conflict;
	bool voted;
	struct ad_store_later *cast = ad_alloc(desk->arena, sizeof *cast);
	int e = ad_store_votes_later(desk->db, desk->arena, request->id, request->stage, cast, err);
	if (e == 0)
		e = look_up(desk, d, &right, &conflict, err);
	if (e == 0)
		e = has_voted(desk, d, cast, &voted, err);
	if (e != 0)
		return e;
	const struct ad_decide_facts facts = {
		.actor_oid = d->who->oid,
		.on_behalf_of = d->seat.on_behalf_of,
		.requester_oid = request->requester_oid,
		.beneficiary_oid = request->beneficiary_oid,
		.has_right = right,
		.frozen = d->frozen,
		.request = request->state,
		.stage = request->stage_state,
		.decided = request->decided_by_oid != NULL,
		.voted = voted,
		.version = request->version,
		.seen = d->seen,
		.decision = d->decision,
		.conflict = conflict,
		.bad_device = d->device != AD_DEVICE_GOOD,
		.wanted_days = longest(request),
		.given_days = d->days,
		.has_reason = ad_input_check(&reason, d->reason) == AD_INPUT_OK,
		.unproven = ad_stepup_wanted(desk, request->app_classification, d->decision),
	};
	d->outcome = ad_decide(&facts);
	return 0;
}

static const char *clean_reason(const struct ad_desk *desk, const char *reason)
{
	return reason ? ad_text_trim(desk->arena, ad_utf8_clean(desk->arena, reason, true)) : "";
}

static bool is_too_long(const char *reason)
{
	static const struct ad_input_rule limit = { .max_chars = AD_REASON_MAX };
	return ad_input_check(&limit, reason) == AD_INPUT_TOO_LONG;
}

int ad_desk_decide(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_press *press, enum ad_decision decision, struct ad_desk_reply *ret,
	struct ad_err *err)
{
	AD_ASSERT(ad_db_in_transaction(desk->db));
	struct deciding d = {
		.who = who, .press = press, .decision = decision, .seen = press->seen
	};
	bool done;
	int e = ad_settings_hold(desk, err);
	if (e == 0)
		e = ad_frozen(desk, who, ret, &done, err);
	if (e == 0 && !done)
		e = find_request(desk, &d, ret, &done, err);
	if (e != 0 || done)
		return e;
	d.reason = clean_reason(desk, press->reason);
	d.days = decision == AD_DECISION_APPROVED ? days_of(press) : 0;
	e = judge(desk, &d, err);
	if (e != 0)
		return e;
	bool decides = d.outcome == AD_DECIDE_DECIDED;
	if ((decides || d.outcome == AD_DECIDE_SIGN_IN) && is_too_long(d.reason))
		return ask_reason(desk, &d, "decide.long_reason", ret, err);
	return decides ? finish(desk, &d, ret, err) : refuse(desk, &d, ret, err);
}

/* ---- the same by a link in a mail ---- */

/* A link is dead when the stage or the request has moved on since the mail was made. */
static int judge_link(
	struct ad_desk *desk, struct deciding *d, const struct ad_link *link, struct ad_err *err)
{
	int e = ad_store_request_lock(
		desk->db, desk->arena, desk->tenant_id, link->request_id, &d->request, err);
	if (e != 0)
		return e;
	d->seen = d->request.stage == link->stage ? link->version : SEEN_ANOTHER;
	return judge(desk, d, err);
}

int ad_decide_by_link(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_link_press *press, struct ad_link_verdict *ret, struct ad_err *err)
{
	const struct ad_desk_press typed = { .reason = press->reason };
	struct deciding d = { .who = who, .press = &typed, .decision = press->link->decision };
	int e = ad_settings_hold(desk, err);
	d.reason = clean_reason(desk, press->reason);
	if (e == 0)
		e = ad_frozen_now(desk, &d.frozen, err);
	if (e == 0)
		e = judge_link(desk, &d, press->link, err);
	if (e != 0)
		return e;
	bool is_long = d.outcome == AD_DECIDE_DECIDED && is_too_long(d.reason);
	if (d.outcome != AD_DECIDE_DECIDED) {
		e = tell_holder(desk, &d, err);
		if (e == 0)
			e = trail_refused(desk, &d, err);
	} else if (!is_long)
		e = settle(desk, &d, err);
	if (e == 0)
		e = ad_trail_flush(desk, err);
	*ret = (struct ad_link_verdict){
		.outcome = d.outcome, .device = d.device, .is_long = is_long, .request = d.request
	};
	return e;
}
