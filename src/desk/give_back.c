/* SPDX-License-Identifier: Apache-2.0 */
/* A grant ends before its time: its person gives it back, after a question; or an approver or admin
 * takes it away, with a reason. Or its person lets it end, and hears no more of it. */
#include "frozen.h"
#include "grants.h"
#include "stages.h"
#include "ad/text.h"

static const char *clean(const struct ad_desk *desk, const char *text)
{
	return text ? ad_text_trim(desk->arena, ad_utf8_clean(desk->arena, text, true)) : "";
}

/* A plain card about the grant as it is. */
static int show(struct ad_desk *desk, const struct ad_person *who, const struct ad_grant *grant,
	const char *key, const char *outcome, struct ad_desk_reply *ret, struct ad_err *err)
{
	return ad_grant_show(desk,
		&(struct ad_grant_view){ .grant = grant, .who = who, .key = key }, outcome, ret,
		err);
}

/* ---- one's own ---- */

/* The person's own active grant behind a press or words, held; *ret_done: *ret is the answer. */
static int begin(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_press *press, struct ad_grant *ret_grant, struct ad_desk_reply *ret,
	bool *ret_done, struct ad_err *err)
{
	struct ad_token token = { .request_id = press->number };
	int e = ad_frozen(desk, who, ret, ret_done, err);
	if (e == 0 && !*ret_done && !ad_text_empty(press->token))
		e = ad_reply_token(desk, who, press, "grant", &token, ret, ret_done, err);
	if (e != 0 || *ret_done)
		return e;
	e = ad_grant_find_own(desk, who, token.request_id, NULL, ret_grant, err);
	if (e == 0)
		e = ad_grant_hold(desk, ret_grant->id, ret_grant, err);
	if (e != 0) {
		*ret_done = true;
		return e == AD_ENOTFOUND ? ad_grant_unknown(desk, who, token.request_id, ret, err)
					 : e;
	}
	*ret_done = ret_grant->state != AD_GRANT_ACTIVE;
	if (!*ret_done)
		return 0;
	e = show(desk, who, ret_grant, "grant.over", "over", ret, err);
	return e == 0 ? ad_reply_finish(desk, press, ret, err) : e;
}

int ad_desk_return(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_press *press, struct ad_desk_reply *ret, struct ad_err *err)
{
	AD_ASSERT(ad_db_in_transaction(desk->db));
	struct ad_grant grant;
	bool done;
	int e = ad_frozen(desk, who, ret, &done, err);
	if (e != 0 || done)
		return e;
	if (press->number == 0 && ad_text_empty(press->reason))
		return ad_desk_grants(desk, who, ret, err);
	e = ad_grant_find_own(desk, who, press->number, press->reason, &grant, err);
	if (e == AD_ENOTFOUND)
		return ad_grant_unknown(desk, who, press->number, ret, err);
	if (e != 0)
		return e;
	if (grant.state != AD_GRANT_ACTIVE)
		return show(desk, who, &grant, "grant.over", "over", ret, err);
	e = ad_grant_show(desk,
		&(struct ad_grant_view){ .grant = &grant,
			.who = who,
			.buttons = AD_GRANT_CONFIRM,
			.key = "grant.return_ask" },
		"asked", ret, err);
	ret->in_place = press->inputs != NULL;
	return e;
}

int ad_desk_return_confirm(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_press *press, struct ad_desk_reply *ret, struct ad_err *err)
{
	AD_ASSERT(ad_db_in_transaction(desk->db));
	struct ad_grant grant;
	bool done;
	int e = begin(desk, who, press, &grant, ret, &done, err);
	if (e != 0 || done)
		return e;
	e = ad_grant_finish(desk, &grant,
		&(struct ad_grant_ending){ .state = AD_GRANT_RETURNED, .who = who }, err);
	if (e == 0)
		e = show(desk, who, &grant, "grant.returned", "returned", ret, err);
	return e == 0 ? ad_reply_finish(desk, press, ret, err) : e;
}

int ad_desk_let_end(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_press *press, struct ad_desk_reply *ret, struct ad_err *err)
{
	AD_ASSERT(ad_db_in_transaction(desk->db));
	struct ad_grant grant;
	bool done;
	int e = begin(desk, who, press, &grant, ret, &done, err);
	if (e != 0 || done)
		return e;
	bool ends = grant.expires_at != NULL;
	if (ends)
		e = ad_store_grant_warned(
			desk->db, desk->arena, grant.id, AD_GRANT_WARNED_ENOUGH, err);
	if (e == 0)
		e = show(desk, who, &grant, ends ? "grant.let_end" : "grant.no_end", "let_end", ret,
			err);
	return e == 0 ? ad_reply_finish(desk, press, ret, err) : e;
}

/* ---- another's ---- */

/* Admins, and those whom the stages of the request that brought it name: by the directory's live
 * answers, as for a decision. Nobody takes anything from themselves: they give it back. */
static int may_revoke(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_grant *grant, bool *ret, struct ad_err *err)
{
	struct ad_request request;
	*ret = who->is_admin;
	if (*ret || ad_text_eq(who->oid, grant->oid))
		return 0;
	int e = ad_store_request_get(
		desk->db, desk->arena, desk->tenant_id, grant->request_id, &request, err);
	int steps = e == 0 ? request.stage_step : 0;
	for (int step = steps; e == 0 && !*ret && step > 0; step--) {
		const struct ad_policy *policy;
		const struct ad_stage_rule *rule;
		request.stage_step = step;
		e = ad_policy_of(desk, &request, &policy, &rule, err);
		if (e != 0 || !rule)
			break;
		const struct ad_slate_query query = { .rule = rule,
			.parties = { request.requester_oid, request.beneficiary_oid },
			.app_owner_oid = request.app_owner_oid };
		e = ad_slate_names(
			desk, &query, step == steps ? request.stage_level : 0, who->oid, ret, err);
	}
	return e;
}

static int take_away(struct ad_desk *desk, const struct ad_person *who, struct ad_grant *grant,
	const char *reason, struct ad_desk_reply *ret, struct ad_err *err)
{
	struct ad_json *data;
	bool active = grant->state == AD_GRANT_ACTIVE;
	int e = 0;
	if (active)
		e = ad_grant_finish(desk, grant,
			&(struct ad_grant_ending){
				.state = AD_GRANT_REVOKED, .who = who, .reason = reason },
			err);
	if (e == 0)
		e = ad_grant_data(desk, grant, who->locale, &data, err);
	if (e == 0)
		e = ad_reply_words(desk, who, active ? "revoke.done" : "revoke.over", data,
			active ? "revoked" : "over", ret, err);
	return e == 0 ? ad_trail_flush(desk, err) : e;
}

int ad_desk_revoke(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_press *press, struct ad_desk_reply *ret, struct ad_err *err)
{
	AD_ASSERT(ad_db_in_transaction(desk->db));
	static const struct ad_input_rule rule = { .required = true, .max_chars = AD_REASON_MAX };
	struct ad_grant grant;
	const char *reason = clean(desk, press->reason);
	bool done;
	bool may = false;
	int e = ad_settings_hold(desk, err);
	if (e == 0)
		e = ad_frozen(desk, who, ret, &done, err);
	if (e != 0 || done)
		return e;
	e = ad_store_grant_of_request(
		desk->db, desk->arena, desk->tenant_id, press->number, &grant, err);
	if (e == 0)
		e = may_revoke(desk, who, &grant, &may, err);
	if (e == AD_ENOTFOUND || (e == 0 && !may))
		return ad_grant_unknown(desk, who, press->number, ret, err);
	if (e != 0)
		return e;
	if (ad_input_check(&rule, reason) != AD_INPUT_OK) {
		struct ad_json *data = ad_json_new_object(desk->arena);
		ad_json_set_int(desk->arena, data, "rid", press->number);
		ad_json_set_int(desk->arena, data, "max", AD_REASON_MAX);
		return ad_reply_words(
			desk, who, "revoke.needs_reason", data, "needs_reason", ret, err);
	}
	e = ad_grant_hold(desk, grant.id, &grant, err);
	return e == 0 ? take_away(desk, who, &grant, reason, ret, err) : e;
}
