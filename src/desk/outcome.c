/* SPDX-License-Identifier: Apache-2.0 */
/* What becomes of a request: a vote is counted, a stage ends, the next one opens, all have agreed,
 * or it is over. */
#include "device.h"
#include "others.h"
#include "review.h"
#include "stepup.h"
#include "ad/store/decisions.h"
#include "ad/text.h"

/* ---- parts ---- */

static int change(struct ad_desk *desk, struct ad_request *request, enum ad_request_state state,
	const struct ad_request_change *with, struct ad_err *err)
{
	AD_ASSERT(state == request->state || ad_request_may_become(request->state, state));
	struct ad_request_change full = *with;
	full.id = request->id;
	full.version = request->version;
	full.state = state;
	int e = ad_store_request_change(desk->db, desk->arena, &full, err);
	/* As it stands now: names, times, states of the rows just written. */
	return e == 0 ? ad_store_request_get(
				desk->db, desk->arena, desk->tenant_id, request->id, request, err)
		      : e;
}

int ad_request_changed(struct ad_desk *desk, struct ad_request *request, struct ad_err *err)
{
	int e = change(desk, request, request->state, &(struct ad_request_change){ .id = 0 }, err);
	return e == 0 ? ad_request_refresh(desk, request, err) : e;
}

int ad_request_agreed(struct ad_desk *desk, struct ad_request *request, struct ad_err *err)
{
	return change(
		desk, request, AD_REQUEST_PENDING, &(struct ad_request_change){ .id = 0 }, err);
}

/* What a later round brings about is told again. */
static const char *fact_of(
	const struct ad_desk *desk, const struct ad_request *request, const char *what)
{
	long long id = request->id;
	return request->round == 1
		       ? ad_printf(desk->arena, "request.%lld.%s", id, what)
		       : ad_printf(desk->arena, "request.%lld.r%d.%s", id, request->round, what);
}

static int tell_one(struct ad_desk *desk, const struct ad_request *request, const char *oid,
	const struct ad_telling *telling, struct ad_err *err)
{
	const char *locale;
	struct ad_json *data;
	struct ad_json *card = NULL;
	struct ad_notice notice = {
		.oid = oid,
		.fact = fact_of(desk, request, telling->what),
		.request_id = request->id,
		.version = request->version,
		.urgent = true,
	};
	int e = ad_notice_locale(desk, oid, &locale, err);
	if (e == 0)
		e = ad_request_data(desk, request, locale, &data, err);
	if (e == 0)
		e = ad_request_stage_data(desk, request, locale, data, err);
	AD_JSON_EACH(member, telling->more)
	{
		if (e == 0)
			ad_json_set(desk->arena, data, ad_json_name(member),
				ad_json_copy(desk->arena, member));
	}
	if (e == 0)
		e = ad_words(desk, locale, telling->key, data, &notice.text, err);
	if (e == 0 && telling->template)
		e = ad_cards_render(
			desk->cards, desk->arena, telling->template, locale, data, &card, err);
	notice.card = card;
	return e == 0 ? ad_notice_send(desk, &notice, err) : e;
}

int ad_request_tell(struct ad_desk *desk, const struct ad_request *request,
	const struct ad_telling *telling, struct ad_err *err)
{
	if (telling->to)
		return tell_one(desk, request, telling->to, telling, err);
	int e = tell_one(desk, request, request->requester_oid, telling, err);
	if (e == 0 && ad_request_for_other(request))
		e = tell_one(desk, request, request->beneficiary_oid, telling, err);
	return e;
}

/* ---- the end ---- */

int ad_request_trail_closed(struct ad_desk *desk, const struct ad_request *request)
{
	struct ad_json *details = ad_json_new_object(desk->arena);
	ad_json_set_str(desk->arena, details, "state", ad_request_state_name(request->state));
	ad_json_set_str(desk->arena, details, "requester", request->requester_oid);
	ad_json_set_int(desk->arena, details, "app_id", request->app_id);
	ad_json_set_str(desk->arena, details, "policy", request->policy_name);
	ad_json_set_int(desk->arena, details, "policy_version", request->policy_version);
	return ad_trail_later(desk, &(struct ad_event){ .action = "request.closed",
					    .entity_type = "request",
					    .entity_id = request->id,
					    .details = details,
					    .counts = true });
}

static int trail_ended(
	struct ad_desk *desk, const struct ad_request *request, const struct ad_closing *closing)
{
	struct ad_json *details = ad_json_new_object(desk->arena);
	ad_json_set_str(desk->arena, details, "reason", closing->reason ? closing->reason : "");
	ad_json_set_str(desk->arena, details, "policy", request->policy_name);
	ad_json_set_int(desk->arena, details, "policy_version", request->policy_version);
	if (closing->action)
		(void)ad_trail_later(desk, &(struct ad_event){ .who = closing->who,
						   .action = closing->action,
						   .entity_type = "request",
						   .entity_id = request->id,
						   .details = details });
	return ad_request_trail_closed(desk, request);
}

int ad_request_close(struct ad_desk *desk, struct ad_request *request,
	const struct ad_closing *closing, struct ad_err *err)
{
	int e = ad_store_stages_close(desk->db, desk->arena, request->id, err);
	if (e == 0)
		e = change(desk, request, closing->state,
			&(struct ad_request_change){ .reason = closing->reason }, err);
	if (e == 0 && closing->telling)
		e = ad_request_tell(desk, request, closing->telling, err);
	if (e == 0)
		e = ad_request_refresh(desk, request, err);
	return e == 0 ? trail_ended(desk, request, closing) : e;
}

/* ---- all have agreed ---- */

/* One live package job per app; other requests of the app wait for the same one. */
static int add_job(
	struct ad_desk *desk, const struct ad_request *request, int64_t *ret_id, struct ad_err *err)
{
	struct ad_json *payload = ad_json_new_object(desk->arena);
	ad_json_set_int(desk->arena, payload, "app_id", request->app_id);
	return ad_store_jobs_add(desk->db, desk->arena,
		&(struct ad_job_new){ .tenant_id = desk->tenant_id,
			.kind = AD_PACKAGE_JOB,
			.key = ad_printf(desk->arena, "app:%lld", (long long)request->app_id),
			.payload = ad_json_print(desk->arena, payload) },
		ret_id, err);
}

/* Approved and handed to its job in one change: nobody sees what is between. */
int ad_request_fulfil(struct ad_desk *desk, struct ad_request *request, const struct ad_person *who,
	struct ad_err *err)
{
	struct ad_json *details = ad_json_new_object(desk->arena);
	struct ad_request_change with = { .approved = true, .granted_days = request->granted_days };
	int e = 0;
	AD_ASSERT(ad_request_may_become(request->state, AD_REQUEST_APPROVED));
	if (request->extends_grant != 0) {
		e = change(desk, request, AD_REQUEST_APPROVED, &with, err);
		if (e != 0)
			return e;
		return request->is_review ? ad_review_keep(desk, request, who, err)
					  : ad_extension_fulfil(desk, request, who, err);
	}
	request->state = AD_REQUEST_APPROVED;
	e = add_job(desk, request, &with.job_id, err);
	if (e == 0)
		e = change(desk, request, ad_request_after(request->state, AD_FULFILMENT_STARTED),
			&with, err);
	if (e != 0)
		return e;
	ad_json_set_int(desk->arena, details, "request_id", request->id);
	ad_json_set_int(desk->arena, details, "app_id", request->app_id);
	return ad_trail_later(desk, &(struct ad_event){ .who = who,
					    .action = "job.queued",
					    .entity_type = "job",
					    .entity_id = request->job_id,
					    .details = details });
}

/* ---- a vote ---- */

static int count_seats(
	struct ad_desk *desk, const struct ad_request *request, size_t *ret, struct ad_err *err)
{
	struct ad_asked_people people;
	int e = ad_store_asked_of(desk->db, desk->arena, request->id, request->stage, &people, err);
	if (e == 0)
		*ret = ad_stage_voices(&people).asked;
	return e;
}

/* What the stage comes to with this vote. */
static int judge(struct ad_desk *desk, const struct ad_request *request,
	const struct ad_voting *voting, enum ad_stage_state *ret, struct ad_err *err)
{
	const struct ad_policy *policy;
	const struct ad_stage_rule *rule;
	struct ad_votes votes = { 0 };
	size_t seats = 1;
	if (!voting->who) { /* time decides alone */
		*ret = AD_STAGE_APPROVED;
		return 0;
	}
	int e = ad_policy_of(desk, request, &policy, &rule, err);
	bool first_decides = e == 0 && request->stage_need == 1 && rule->reject_ends;
	if (e == 0 && !first_decides)
		e = ad_store_votes(desk->db, desk->arena, request->id, request->stage, &votes, err);
	if (e == 0 && !first_decides)
		e = count_seats(desk, request, &seats, err);
	if (e != 0)
		return e;
	struct ad_vote *all = ad_alloc_array(desk->arena, votes.count + 1, sizeof *all);
	for (size_t i = 0; i < votes.count; i++)
		all[i] = votes.items[i];
	all[votes.count] =
		(struct ad_vote){ voting->who->oid, voting->on_behalf_of, voting->decision };
	*ret = ad_stage_judge(request->stage_need, rule->reject_ends, seats, all, votes.count + 1);
	return 0;
}

static int insert_vote(struct ad_desk *desk, const struct ad_request *request,
	const struct ad_voting *voting, bool is_final, struct ad_err *err)
{
	if (!voting->who)
		return 0;
	return ad_store_decision_insert(desk->db, desk->arena,
		&(struct ad_decision_row){ .request_id = request->id,
			.ordinal = request->stage,
			.oid = voting->who->oid,
			.decision = voting->decision,
			.reason = voting->reason,
			.on_behalf_of = voting->on_behalf_of,
			.is_final = is_final,
			.granted_days = voting->granted_days },
		err);
}

static int trail_vote(struct ad_desk *desk, const struct ad_request *request,
	const struct ad_voting *voting, bool is_final)
{
	struct ad_json *details = ad_json_new_object(desk->arena);
	ad_json_set_int(desk->arena, details, "stage", request->stage);
	ad_json_set_int(desk->arena, details, "step", request->stage_step);
	ad_json_set_str(desk->arena, details, "group_id", request->stage_group_id);
	ad_json_set_str(desk->arena, details, "requester", request->requester_oid);
	ad_json_set_int(desk->arena, details, "app_id", request->app_id);
	ad_json_set_str(desk->arena, details, "reason", voting->reason);
	ad_json_set_bool(desk->arena, details, "final", is_final);
	ad_json_set_str(desk->arena, details, "policy", request->policy_name);
	ad_json_set_int(desk->arena, details, "policy_version", request->policy_version);
	if (!ad_text_empty(voting->on_behalf_of))
		ad_json_set_str(desk->arena, details, "on_behalf_of", voting->on_behalf_of);
	if (voting->granted_days > 0) {
		ad_json_set_int(desk->arena, details, "wanted_days", request->wanted_days);
		ad_json_set_int(desk->arena, details, "granted_days", voting->granted_days);
	}
	ad_device_note(desk->arena, request, details);
	ad_stepup_note(desk, details);
	return ad_trail_later(desk,
		&(struct ad_event){ .who = voting->who,
			.action = voting->decision == AD_DECISION_APPROVED ? "decision.approved"
									   : "decision.rejected",
			.entity_type = "request",
			.entity_id = request->id,
			.details = details });
}

static int reject(struct ad_desk *desk, struct ad_request *request, const struct ad_voting *voting,
	struct ad_err *err)
{
	static const struct ad_telling telling = {
		.what = "rejected", .key = "rejected.short", .template = "rejected"
	};
	int e = request->is_review
			? ad_review_remove(desk, request, voting->who, voting->reason, err)
			: 0;
	if (e != 0)
		return e;
	return ad_request_close(desk, request,
		&(struct ad_closing){ .state = AD_REQUEST_REJECTED,
			.reason = voting->reason,
			.telling = request->is_review ? NULL : &telling },
		err);
}

static bool is_narrowed(const struct ad_request *request)
{
	return request->granted_days > 0 && request->granted_days != request->wanted_days;
}

/* What the requester reads when a stage has agreed. */
static const char *agreed_key(
	const struct ad_request *request, const struct ad_voting *voting, bool last)
{
	if (!voting->who)
		return last ? "approved.by_time" : "stage.agreed_by_time";
	if (!last)
		return "stage.agreed";
	return is_narrowed(request) ? "approved.narrowed" : "approved.message";
}

/* Where several voices are wanted the narrowest counts, whoever spoke last. */
static int days_given(struct ad_desk *desk, const struct ad_request *request,
	const struct ad_voting *voting, int *ret, struct ad_err *err)
{
	*ret = voting->granted_days;
	if (request->stage_need == 1)
		return 0;
	return ad_store_decisions_narrowest(
		desk->db, desk->arena, request->id, request->stage, ret, err);
}

/* The stage has agreed: the next one is asked, or the request is approved. */
static int agree(struct ad_desk *desk, struct ad_request *request, const struct ad_voting *voting,
	struct ad_err *err)
{
	bool last = request->stage_step >= request->stage_steps;
	struct ad_request_change with = { 0 };
	struct ad_json *by = ad_json_new_object(desk->arena);
	ad_json_set_str(desk->arena, by, "by", voting->who ? voting->who->name : "");
	int e = days_given(desk, request, voting, &with.granted_days, err);
	if (e != 0)
		return e;
	if (last) {
		if (with.granted_days > 0)
			request->granted_days = with.granted_days;
		e = ad_request_fulfil(desk, request, voting->who, err);
	} else {
		with.stage = request->stage + 1;
		e = change(desk, request, AD_REQUEST_PENDING, &with, err);
		if (e == 0)
			e = ad_stage_open(desk, request, 0, err);
	}
	if (last && request->extends_grant != 0)
		return e; /* it is over, and its person was told */
	if (e == 0)
		e = ad_request_tell(desk, request,
			&(struct ad_telling){ .what = last ? "approved"
							   : ad_printf(desk->arena, "%d.agreed",
								     request->stage - 1),
				.key = agreed_key(request, voting, last),
				.more = by },
			err);
	return e == 0 ? ad_request_refresh(desk, request, err) : e;
}

int ad_request_vote(struct ad_desk *desk, struct ad_request *request,
	const struct ad_voting *voting, struct ad_err *err)
{
	enum ad_stage_state verdict = AD_STAGE_OPEN;
	int e = judge(desk, request, voting, &verdict, err);
	bool is_final = verdict != AD_STAGE_OPEN;
	if (e == 0)
		e = insert_vote(desk, request, voting, is_final, err);
	if (e == 0)
		e = trail_vote(desk, request, voting, is_final);
	if (e == 0 && is_final)
		e = ad_store_stage_end(
			desk->db, desk->arena, request->id, request->stage, verdict, err);
	if (e != 0)
		return e;
	if (verdict == AD_STAGE_REJECTED)
		return reject(desk, request, voting, err);
	if (verdict == AD_STAGE_APPROVED)
		return agree(desk, request, voting, err);
	/* The request is what it was, so whoever presses in the same moment is heard as well. */
	desk->memo = NULL;
	return ad_request_refresh(desk, request, err);
}
