/* SPDX-License-Identifier: Apache-2.0 */
/* Who made the final decision takes it back (product A13): within the policy's time, and before
 * anybody has the app. The stage that was decided opens once more, in a round of its own. */
#include "aside.h"
#include "ad/store/rounds.h"
#include "ad/text.h"

#define MINUTE_S 60

struct undoing {
	struct ad_aside aside;
	const char *reason;
	bool late; /* the job hands the app out already */
	int stage; /* that was decided */
	enum ad_request_state was;
};

/* ---- finding: the job's row is held before the request's ---- */

static int lock_both(struct ad_desk *desk, struct undoing *u, int64_t number, struct ad_err *err)
{
	struct ad_request before;
	struct ad_request *request = &u->aside.request;
	int e = ad_store_request_get(desk->db, desk->arena, desk->tenant_id, number, &before, err);
	if (e == 0 && before.job_id != 0)
		e = ad_store_round_job(desk->db, desk->arena, before.job_id, &u->late, err);
	if (e == 0)
		e = ad_store_request_lock(
			desk->db, desk->arena, desk->tenant_id, number, request, err);
	if (e == 0 && request->job_id != before.job_id) {
		e = AD_FAIL(err, AD_ECONFLICT, "request %lld changed meanwhile", (long long)number);
		if (err)
			err->class = AD_CLASS_TRANSIENT;
	}
	return e;
}

static int find(struct ad_desk *desk, struct undoing *u, struct ad_desk_reply *ret, bool *ret_done,
	struct ad_err *err)
{
	int64_t number;
	int e = ad_aside_number(desk, &u->aside, "undo", &number, ret, ret_done, err);
	if (e != 0 || *ret_done)
		return e;
	e = lock_both(desk, u, number, err);
	if (e == AD_ENOTFOUND) {
		*ret_done = true;
		return ad_aside_unknown(desk, &u->aside, number, ret, err);
	}
	u->stage = u->aside.request.stage;
	u->was = u->aside.request.state;
	return e;
}

/* ---- judging ---- */

static int refuse(struct ad_desk *desk, const struct undoing *u, const char *what,
	const struct ad_json *more, struct ad_desk_reply *ret, struct ad_err *err)
{
	return ad_aside_refuse(desk, &u->aside,
		&(struct ad_aside_words){ .key = ad_printf(desk->arena, "undo.%s", what),
			.more = more,
			.outcome = what },
		ret, err);
}

/* Who was never asked learns nothing. */
static int refuse_other(struct ad_desk *desk, const struct undoing *u, struct ad_desk_reply *ret,
	struct ad_err *err)
{
	const struct ad_request *request = &u->aside.request;
	bool asked;
	int e = ad_store_request_was_asked(
		desk->db, desk->arena, request->id, u->aside.who->oid, &asked, err);
	if (e != 0)
		return e;
	if (!asked && !ad_text_eq(request->requester_oid, u->aside.who->oid))
		return ad_aside_unknown(desk, &u->aside, request->id, ret, err);
	return refuse(desk, u, "not_yours", NULL, ret, err);
}

/* Whether the policy's time has passed; *ret_min is how long it was. */
static int judge_time(struct ad_desk *desk, const struct ad_request *request, bool *ret_over,
	int *ret_min, struct ad_err *err)
{
	const struct ad_policy *policy;
	int64_t ago_s;
	int e = ad_policy_of(desk, request, &policy, NULL, err);
	if (e == 0)
		e = ad_store_round_decided_ago(
			desk->db, desk->arena, request->id, request->stage, &ago_s, err);
	if (e != 0)
		return e;
	*ret_min = policy->undo_min;
	*ret_over = ago_s >= (int64_t)policy->undo_min * MINUTE_S;
	return 0;
}

/* The person may have asked for the app again after a rejection. */
static int judge_standing(struct ad_desk *desk, const struct ad_request *request,
	struct ad_json *more, bool *ret, struct ad_err *err)
{
	struct ad_request standing;
	*ret = false;
	if (request->state != AD_REQUEST_REJECTED)
		return 0;
	int e = ad_store_request_standing(desk->db, desk->arena, request, &standing, err);
	if (e == 0)
		ad_json_set_int(desk->arena, more, "other", standing.id);
	*ret = e == 0;
	return e == AD_ENOTFOUND ? 0 : e;
}

static int judge(struct ad_desk *desk, const struct undoing *u, struct ad_desk_reply *ret,
	bool *ret_done, struct ad_err *err)
{
	const struct ad_request *request = &u->aside.request;
	struct ad_json *more = ad_json_new_object(desk->arena);
	bool over = false;
	bool again = false;
	int minutes = 0;
	*ret_done = true;
	if (!request->decided_by_oid || !ad_text_eq(request->decided_by_oid, u->aside.who->oid))
		return refuse_other(desk, u, ret, err);
	bool can_reopen = request->state == AD_REQUEST_REJECTED ||
			  request->state == AD_REQUEST_APPROVED ||
			  request->state == AD_REQUEST_FULFILLING;
	if (!can_reopen || request->is_review) /* of a review the grant is gone at once */
		return refuse(desk, u, "late", NULL, ret, err);
	if (u->late && request->state == AD_REQUEST_FULFILLING)
		return refuse(desk, u, "delivering", NULL, ret, err);
	int e = judge_time(desk, request, &over, &minutes, err);
	if (e == 0)
		e = judge_standing(desk, request, more, &again, err);
	if (e != 0)
		return e;
	ad_json_set_int(desk->arena, more, "minutes", minutes);
	if (over)
		return refuse(desk, u, minutes == 0 ? "never" : "too_late", more, ret, err);
	if (again)
		return refuse(desk, u, "asked_again", more, ret, err);
	*ret_done = false;
	return 0;
}

/* ---- the card that asks why ---- */

static int confirm(struct ad_desk *desk, const struct undoing *u, const char *fault,
	struct ad_desk_reply *ret, struct ad_err *err)
{
	const struct ad_request *request = &u->aside.request;
	const char *token = u->aside.press->token;
	struct ad_json *data;
	int e = 0;
	if (ad_text_empty(token))
		e = ad_store_token_new(desk->db, desk->arena,
			&(struct ad_token){ .tenant_id = desk->tenant_id,
				.oid = u->aside.who->oid,
				.purpose = "undo",
				.request_id = request->id,
				.version = request->version },
			&token, err);
	if (e == 0)
		e = ad_request_data(desk, request, u->aside.who->locale, &data, err);
	if (e != 0)
		return e;
	ad_json_set_str(desk->arena, data, "t", token);
	ad_json_set_bool(desk->arena, data, "has_fault", fault != NULL);
	ad_json_set_str(desk->arena, data, "fault", "");
	if (fault)
		e = ad_words_into(desk, u->aside.who->locale, fault, data, "fault", err);
	if (e == 0)
		e = ad_reply_card(
			desk, u->aside.who, "undo", "undo.ask", data, "undo_asked", ret, err);
	ret->in_place = u->aside.pressed;
	return e;
}

/* ---- taking back ---- */

static int tell(struct ad_desk *desk, const struct undoing *u, struct ad_err *err)
{
	struct ad_json *more = ad_json_new_object(desk->arena);
	ad_json_set_str(desk->arena, more, "by", u->aside.who->name);
	ad_json_set_str(desk->arena, more, "why", u->reason);
	return ad_request_tell(desk, &u->aside.request,
		&(struct ad_telling){ .what = "undone", .key = "undone.message", .more = more },
		err);
}

static int reopen(struct ad_desk *desk, struct undoing *u, struct ad_err *err)
{
	struct ad_request *request = &u->aside.request;
	int64_t job_id = request->job_id;
	bool ended;
	int stage;
	int e = ad_store_round_reopen(desk->db, desk->arena, request, &stage, err);
	/* A request of the person's that came in the same moment: look again. */
	if (e == AD_ECONFLICT && err)
		err->class = AD_CLASS_TRANSIENT;
	if (e == 0)
		e = ad_store_request_get(
			desk->db, desk->arena, desk->tenant_id, request->id, request, err);
	if (e == 0)
		e = ad_store_round_revise(desk->db, desk->arena, request->id, request->round,
			&(struct ad_revision){ .what = "undone",
				.label = "",
				.before = u->aside.who->name,
				.after = u->reason },
			err);
	if (e == 0)
		e = ad_stage_open(desk, request, 0, err);
	if (e == 0 && job_id != 0)
		e = ad_store_round_job_end(desk->db, desk->arena, job_id, &ended, err);
	return e == 0 ? ad_request_refresh(desk, request, err) : e;
}

static struct ad_event event_of(struct ad_desk *desk, const struct undoing *u)
{
	const struct ad_request *request = &u->aside.request;
	struct ad_json *details = ad_json_new_object(desk->arena);
	ad_json_set_int(desk->arena, details, "stage", u->stage);
	ad_json_set_int(desk->arena, details, "new_stage", request->stage);
	ad_json_set_int(desk->arena, details, "round", request->round);
	ad_json_set_str(desk->arena, details, "was", ad_request_state_name(u->was));
	ad_json_set_str(desk->arena, details, "reason", u->reason);
	ad_json_set_str(desk->arena, details, "policy", request->policy_name);
	ad_json_set_int(desk->arena, details, "policy_version", request->policy_version);
	return (struct ad_event){ .who = u->aside.who,
		.action = "decision.undone",
		.entity_type = "request",
		.entity_id = request->id,
		.details = details };
}

static int take_back(
	struct ad_desk *desk, struct undoing *u, struct ad_desk_reply *ret, struct ad_err *err)
{
	int e = reopen(desk, u, err);
	if (e == 0)
		e = tell(desk, u, err);
	if (e == 0)
		e = ad_aside_show(desk, &u->aside,
			&(struct ad_aside_words){ .key = "undo.done", .outcome = "undone" }, ret,
			err);
	if (e != 0)
		return e;
	const struct ad_event event = event_of(desk, u);
	return ad_aside_end(desk, &u->aside, &event, ret, err);
}

int ad_desk_undo(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_press *press, struct ad_desk_reply *ret, struct ad_err *err)
{
	static const struct ad_input_rule rule = { .required = true, .max_chars = AD_REASON_MAX };
	struct undoing u = { .aside = { .who = who, .press = press, .wanted = "undo" } };
	bool done;
	int e = find(desk, &u, ret, &done, err);
	if (e == 0 && !done)
		e = judge(desk, &u, ret, &done, err);
	if (e != 0 || done)
		return e;
	u.reason = ad_aside_text(desk, &u.aside, AD_DESK_INPUT_REASON);
	enum ad_input_fault fault = ad_input_check(&rule, u.reason);
	if (fault == AD_INPUT_OK)
		return take_back(desk, &u, ret, err);
	bool asked = !ad_text_empty(press->token);
	return confirm(desk, &u,
		fault == AD_INPUT_TOO_LONG ? "decide.long_reason"
		: asked                    ? "undo.needs_reason"
					   : NULL,
		ret, err);
}
