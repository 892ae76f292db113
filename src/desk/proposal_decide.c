/* SPDX-License-Identifier: Apache-2.0 */
/* The second admin accepts or refuses a change. */
#include "proposal.h"
#include "frozen.h"
#include "parts.h"
#include "ad/desk/proposals.h"
#include "ad/text.h"

struct deciding {
	const struct ad_person *who;
	const struct ad_desk_press *press;
	struct ad_proposal proposal;
};

static bool is_pressed(const struct deciding *d)
{
	return !ad_text_empty(d->press->token);
}

/* ---- before ---- */

static int unknown(struct ad_desk *desk, const struct deciding *d, int64_t number,
	struct ad_desk_reply *ret, struct ad_err *err)
{
	struct ad_json *data = ad_json_new_object(desk->arena);
	ad_json_set_int(desk->arena, data, "n", number);
	return ad_reply_words(desk, d->who, "proposal.unknown", data, "no_proposal", ret, err);
}

/* As it is now, for somebody who came too late. */
static int show_ended(struct ad_desk *desk, const struct deciding *d, struct ad_desk_reply *ret,
	struct ad_err *err)
{
	int e = ad_proposal_show_to(desk, d->who, &d->proposal, ret, err);
	ret->in_place = is_pressed(d);
	ret->outcome = "already";
	return e;
}

/* The proposal that the press or the number is about, locked; *ret_done: *ret is the answer. */
static int begin(struct ad_desk *desk, struct deciding *d, struct ad_desk_reply *ret,
	bool *ret_done, struct ad_err *err)
{
	AD_ASSERT(ad_db_in_transaction(desk->db));
	int64_t number = d->press->number;
	struct ad_token token;
	*ret_done = false;
	int e = ad_settings_hold(desk, err);
	if (e != 0)
		return e;
	if (!d->who->is_admin || ad_text_empty(desk->settings.admin_group_id)) {
		*ret_done = true;
		return ad_reply_not_admin(desk, d->who, ret, err);
	}
	e = ad_frozen(desk, d->who, ret, ret_done, err);
	if (e == 0 && !*ret_done && is_pressed(d)) {
		e = ad_reply_token(desk, d->who, d->press, "proposal", &token, ret, ret_done, err);
		if (e == 0 && !*ret_done)
			e = ad_store_proposal_of_job(
				desk->db, desk->arena, desk->tenant_id, token.job_id, &number, err);
	}
	if (e != 0 || *ret_done)
		return e;
	e = ad_store_proposal_lock(
		desk->db, desk->arena, desk->tenant_id, number, &d->proposal, err);
	*ret_done =
		e == AD_ENOTFOUND || (e == 0 && !ad_text_eq(d->proposal.state, AD_PROPOSAL_OPEN));
	if (e == AD_ENOTFOUND)
		return unknown(desk, d, number, ret, err);
	return *ret_done ? show_ended(desk, d, ret, err) : e;
}

/* ---- after ---- */

/* Closed in this state, on every card. The trail is the caller's, last. */
static int end(struct ad_desk *desk, struct deciding *d, const char *state, const char *reason,
	struct ad_desk_reply *ret, struct ad_err *err)
{
	d->proposal.state = state;
	d->proposal.decided_by = d->who->oid;
	d->proposal.decided_by_name = d->who->name;
	d->proposal.reason = reason;
	int e = ad_store_proposal_close(desk->db, desk->arena, desk->tenant_id, &d->proposal, err);
	if (e == 0)
		e = ad_proposal_refresh(desk, &d->proposal, err);
	if (e == 0)
		e = ad_proposal_show_to(desk, d->who, &d->proposal, ret, err);
	if (e != 0)
		return e;
	ret->in_place = is_pressed(d);
	ret->outcome = state;
	return is_pressed(d) ? ad_reply_remember(desk, d->press->token, ret, err) : 0;
}

static int trail(
	struct ad_desk *desk, const struct deciding *d, const char *action, struct ad_err *err)
{
	struct ad_json *details = ad_json_new_object(desk->arena);
	ad_json_set_str(desk->arena, details, "proposed_by", d->proposal.proposed_by);
	ad_json_set_str(desk->arena, details, "subject", d->proposal.subject);
	if (!ad_text_empty(d->proposal.reason))
		ad_json_set_str(desk->arena, details, "reason", d->proposal.reason);
	return ad_trail(desk,
		&(struct ad_event){ .who = d->who,
			.action = action,
			.entity_type = "proposal",
			.entity_id = d->proposal.id,
			.details = details },
		err);
}

/* ---- accepting ---- */

static int carry_out(
	struct ad_desk *desk, const struct deciding *d, bool *ret_stale, struct ad_err *err)
{
	struct ad_json *content;
	const struct ad_change_by by = { d->who, d->proposal.id, d->proposal.proposed_by };
	*ret_stale = false;
	int e = ad_json_parse(
		desk->arena, d->proposal.content, strlen(d->proposal.content), &content, err);
	if (e != 0)
		return e;
	if (ad_text_eq(d->proposal.kind, AD_PROPOSAL_POLICIES))
		return ad_policy_accept(desk, &by, content, ret_stale, err);
	return ad_setting_accept(desk, &by, d->proposal.subject, content, err);
}

static int refuse_own(struct ad_desk *desk, const struct deciding *d, struct ad_desk_reply *ret,
	struct ad_err *err)
{
	int e = ad_reply_words(desk, d->who, "proposal.own", NULL, "self", ret, err);
	return e == 0 ? trail(desk, d, "proposal.denied", err) : e;
}

int ad_desk_proposal_accept(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_press *press, struct ad_desk_reply *ret, struct ad_err *err)
{
	struct deciding d = { .who = who, .press = press };
	bool done;
	bool stale;
	int e = begin(desk, &d, ret, &done, err);
	if (e != 0 || done)
		return e;
	if (ad_text_eq(d.proposal.proposed_by, who->oid))
		return refuse_own(desk, &d, ret, err);
	e = carry_out(desk, &d, &stale, err);
	if (e != 0)
		return e;
	e = end(desk, &d, stale ? AD_PROPOSAL_EXPIRED : AD_PROPOSAL_ACCEPTED, "", ret, err);
	if (e == 0 && stale)
		e = ad_words(desk, who->locale, "proposal.stale", NULL, &ret->text, err);
	return e == 0 ? trail(desk, &d, stale ? "proposal.expired" : "proposal.accepted", err) : e;
}

/* ---- refusing ---- */

static int ask_again(struct ad_desk *desk, const struct deciding *d, struct ad_desk_reply *ret,
	struct ad_err *err)
{
	struct ad_json *data = ad_json_new_object(desk->arena);
	ad_json_set_int(desk->arena, data, "n", d->proposal.id);
	ad_json_set_int(desk->arena, data, "max", AD_REASON_MAX);
	struct ad_proposal_view view = { .proposal = &d->proposal, .token = d->press->token };
	int e = ad_words(desk, d->who->locale, "proposal.needs_reason", data, &view.fault, err);
	if (e == 0 && !is_pressed(d))
		return ad_reply_words(
			desk, d->who, "proposal.needs_reason", data, "needs_reason", ret, err);
	if (e == 0)
		e = ad_proposal_show(desk, d->who, &view, ret, err);
	ret->in_place = true;
	ret->outcome = "needs_reason";
	return e;
}

int ad_desk_proposal_refuse(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_press *press, struct ad_desk_reply *ret, struct ad_err *err)
{
	static const struct ad_input_rule rule = { .required = true, .max_chars = AD_REASON_MAX };
	struct deciding d = { .who = who, .press = press };
	bool done;
	int e = begin(desk, &d, ret, &done, err);
	if (e != 0 || done)
		return e;
	const char *reason =
		press->reason
			? ad_text_trim(desk->arena, ad_utf8_clean(desk->arena, press->reason, true))
			: "";
	if (ad_input_check(&rule, reason) != AD_INPUT_OK)
		return ask_again(desk, &d, ret, err);
	e = end(desk, &d, AD_PROPOSAL_REFUSED, reason, ret, err);
	return e == 0 ? trail(desk, &d, "proposal.refused", err) : e;
}
