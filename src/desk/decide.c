/* SPDX-License-Identifier: Apache-2.0 */
/* A decision: one commit decides, everybody else is shown who did and when. */
#include "frozen.h"
#include "link.h"
#include "parts.h"
#include "ad/store/decisions.h"
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
	bool frozen; /* asked for links alone: a press is answered before */
	enum ad_decide_outcome outcome;
};

static bool is_pressed(const struct deciding *d)
{
	return !ad_text_empty(d->press->token);
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

static int no_such_request(struct ad_desk *desk, const struct ad_person *who, int64_t number,
	struct ad_desk_reply *ret, struct ad_err *err)
{
	struct ad_json *data = ad_json_new_object(desk->arena);
	ad_json_set_int(desk->arena, data, "rid", number);
	return ad_reply_words(desk, who, "request.unknown", data, "no_request", ret, err);
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
		return no_such_request(desk, d->who, d->request.id, ret, err);
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
		e = ad_words(desk, d->who->locale, key, data, &sentence, err);
	if (e != 0)
		return e;
	if (d->outcome == AD_DECIDE_STALE)
		e = ad_request_show_to(desk, d->who, &d->request, ret, err);
	else
		e = ad_request_show(desk,
			&(struct ad_request_view){ .request = &d->request,
				.locale = d->who->locale,
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
	case AD_DECIDE_FROZEN:
	case AD_DECIDE_CONFLICT:
	case AD_DECIDE_WIDER:
	case AD_DECIDE_DECIDED:
	default:
		return AD_FAIL(err, AD_EBUG, "a decision is no refusal");
	}
	return e == 0 ? trail_refused(desk, d, err) : e;
}

/* ---- effects ---- */

static int change(struct ad_desk *desk, struct ad_request *request, enum ad_request_state state,
	const struct ad_request_change *with, struct ad_err *err)
{
	AD_ASSERT(ad_request_may_become(request->state, state));
	struct ad_request_change full = *with;
	full.id = request->id;
	full.version = request->version;
	full.state = state;
	int e = ad_store_request_change(desk->db, desk->arena, &full, err);
	request->state = state;
	request->version++;
	return e;
}

/* One live package job per app; other requests of the app wait for the same one. */
static int start_job(struct ad_desk *desk, struct ad_request *request, struct ad_err *err)
{
	struct ad_json *payload = ad_json_new_object(desk->arena);
	ad_json_set_int(desk->arena, payload, "app_id", request->app_id);
	int64_t job_id;
	int e = ad_store_jobs_add(desk->db, desk->arena,
		&(struct ad_job_new){ .tenant_id = desk->tenant_id,
			.kind = AD_PACKAGE_JOB,
			.key = ad_printf(desk->arena, "app:%lld", (long long)request->app_id),
			.payload = ad_json_print(desk->arena, payload) },
		&job_id, err);
	if (e != 0)
		return e;
	request->job_id = job_id;
	return change(desk, request, ad_request_after(request->state, AD_FULFILMENT_STARTED),
		&(struct ad_request_change){ .job_id = job_id }, err);
}

static int apply(struct ad_desk *desk, struct deciding *d, struct ad_err *err)
{
	struct ad_request *request = &d->request;
	bool approved = d->decision == AD_DECISION_APPROVED;
	int e = ad_store_decision_insert(desk->db, desk->arena,
		&(struct ad_decision_row){ .request_id = request->id,
			.ordinal = request->stage,
			.oid = d->who->oid,
			.decision = d->decision,
			.reason = d->reason },
		err);
	if (e == 0)
		e = ad_store_stage_end(desk->db, desk->arena, request->id, request->stage,
			approved ? AD_STAGE_APPROVED : AD_STAGE_REJECTED, err);
	if (e == 0)
		e = change(desk, request, approved ? AD_REQUEST_APPROVED : AD_REQUEST_REJECTED,
			&(struct ad_request_change){ .reason = approved ? NULL : d->reason }, err);
	if (e == 0 && approved)
		e = start_job(desk, request, err);
	/* As it stands now: names, times, states of the rows just written. */
	return e == 0 ? ad_store_request_get(
				desk->db, desk->arena, desk->tenant_id, request->id, request, err)
		      : e;
}

/* ---- telling ---- */

static int tell_requester(struct ad_desk *desk, const struct deciding *d, struct ad_err *err)
{
	const struct ad_request *request = &d->request;
	bool approved = d->decision == AD_DECISION_APPROVED;
	const char *locale;
	int e = ad_notice_locale(desk, request->requester_oid, &locale, err);
	struct ad_json *data;
	if (e == 0)
		e = ad_request_data(desk, request, locale, &data, err);
	if (e != 0)
		return e;
	struct ad_notice notice = {
		.oid = request->requester_oid,
		.fact = ad_printf(desk->arena, "request.%lld.%s", (long long)request->id,
			ad_decision_name(d->decision)),
		.request_id = request->id,
		.version = request->version,
		.urgent = true,
	};
	e = ad_words(desk, locale, approved ? "approved.message" : "rejected.short", data,
		&notice.text, err);
	struct ad_json *card = NULL;
	if (e == 0 && !approved)
		e = ad_cards_render(desk->cards, desk->arena, "rejected", locale, data, &card, err);
	notice.card = card;
	return e == 0 ? ad_notice_send(desk, &notice, err) : e;
}

static int trail_decided(struct ad_desk *desk, const struct deciding *d, struct ad_err *err)
{
	const struct ad_request *request = &d->request;
	struct ad_json *details = ad_json_new_object(desk->arena);
	ad_json_set_int(desk->arena, details, "stage", request->stage);
	ad_json_set_str(desk->arena, details, "group_id", request->stage_group_id);
	ad_json_set_str(desk->arena, details, "requester", request->requester_oid);
	ad_json_set_int(desk->arena, details, "app_id", request->app_id);
	ad_json_set_str(desk->arena, details, "reason", d->reason);
	int e = ad_trail(desk,
		&(struct ad_event){ .who = d->who,
			.action = d->decision == AD_DECISION_APPROVED ? "decision.approved"
								      : "decision.rejected",
			.entity_type = "request",
			.entity_id = request->id,
			.details = details },
		err);
	if (e != 0 || d->decision != AD_DECISION_APPROVED)
		return e;
	details = ad_json_new_object(desk->arena);
	ad_json_set_int(desk->arena, details, "request_id", request->id);
	ad_json_set_int(desk->arena, details, "app_id", request->app_id);
	return ad_trail(desk,
		&(struct ad_event){ .who = d->who,
			.action = "job.queued",
			.entity_type = "job",
			.entity_id = request->job_id,
			.details = details },
		err);
}

/* The decision is made, told, and on every card. */
static int settle(struct ad_desk *desk, struct deciding *d, struct ad_err *err)
{
	int e = apply(desk, d, err);
	if (e == 0)
		e = tell_requester(desk, d, err);
	return e == 0 ? ad_request_refresh(desk, &d->request, err) : e;
}

static int finish(
	struct ad_desk *desk, struct deciding *d, struct ad_desk_reply *ret, struct ad_err *err)
{
	bool approved = d->decision == AD_DECISION_APPROVED;
	int e = settle(desk, d, err);
	if (e == 0)
		e = show_present(
			desk, d, approved ? "decide.approved" : "decide.rejected", ret, err);
	if (e == 0 && is_pressed(d))
		e = ad_reply_remember(desk, d->press->token, ret, err);
	return e == 0 ? trail_decided(desk, d, err) : e;
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
	return no_such_request(desk, d->who, number, ret, err);
}

static enum ad_decide_outcome judge(const struct ad_desk *desk, const struct deciding *d)
{
	static const struct ad_input_rule reason = { .required = true, .max_chars = SIZE_MAX };
	const struct ad_request *request = &d->request;
	const struct ad_decide_facts facts = {
		.actor_oid = d->who->oid,
		.requester_oid = request->requester_oid,
		.beneficiary_oid = request->requester_oid,
		.has_right =
			d->who->is_approver && !ad_text_empty(desk->settings.approver_group_id),
		.frozen = d->frozen,
		.request = request->state,
		.stage = request->stage_state,
		.decided = request->decided_by_oid != NULL,
		.version = request->version,
		.seen = d->seen,
		.decision = d->decision,
		.has_reason = ad_input_check(&reason, d->reason) == AD_INPUT_OK,
	};
	return ad_decide(&facts);
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
	struct deciding d = { .who = who, .press = press, .decision = decision };
	bool done;
	int e = ad_settings_hold(desk, err);
	if (e == 0)
		e = ad_frozen(desk, who, ret, &done, err);
	if (e == 0 && !done)
		e = find_request(desk, &d, ret, &done, err);
	if (e != 0 || done)
		return e;
	d.reason = clean_reason(desk, press->reason);
	d.outcome = judge(desk, &d);
	if (d.outcome != AD_DECIDE_DECIDED)
		return refuse(desk, &d, ret, err);
	if (is_too_long(d.reason))
		return ask_reason(desk, &d, "decide.long_reason", ret, err);
	return finish(desk, &d, ret, err);
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
	d->outcome = judge(desk, d);
	return 0;
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
	if (d.outcome != AD_DECIDE_DECIDED)
		e = trail_refused(desk, &d, err);
	else if (!is_long)
		e = settle(desk, &d, err);
	if (e == 0 && d.outcome == AD_DECIDE_DECIDED && !is_long)
		e = trail_decided(desk, &d, err);
	*ret = (struct ad_link_verdict){
		.outcome = d.outcome, .is_long = is_long, .request = d.request
	};
	return e;
}
