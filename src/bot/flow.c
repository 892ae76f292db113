/* SPDX-License-Identifier: Apache-2.0 */
/* From an intent to the desk's use case: one row per use. Runs inside the turn's transaction. */
#include "turn.h"
#include "ad/desk/brake.h"
#include "ad/desk/bulk.h"
#include "ad/desk/cart.h"
#include "ad/desk/delegations.h"
#include "ad/desk/doctor.h"
#include "ad/desk/drift.h"
#include "ad/desk/freeze.h"
#include "ad/desk/grants.h"
#include "ad/desk/jobs.h"
#include "ad/desk/others.h"
#include "ad/desk/policy.h"
#include "ad/desk/privacy.h"
#include "ad/desk/proposals.h"
#include "ad/desk/suggestions.h"
#include "ad/desk/verdicts.h"
#include "ad/text.h"

static int flow_welcome(struct ad_turn *t, struct ad_desk_reply *ret, struct ad_err *err)
{
	return ad_desk_welcome(&t->desk, &t->who, ret, err);
}

static int flow_help(struct ad_turn *t, struct ad_desk_reply *ret, struct ad_err *err)
{
	return ad_desk_help(&t->desk, &t->who, ret, err);
}

static int flow_unclear(struct ad_turn *t, struct ad_desk_reply *ret, struct ad_err *err)
{
	return ad_desk_unclear(&t->desk, &t->who, ret, err);
}

static int flow_search(struct ad_turn *t, struct ad_desk_reply *ret, struct ad_err *err)
{
	int r = ad_desk_look_for(&t->desk, &t->who, t->intent.text, &t->intent.press, ret, err);
	t->jobs_due = ret->job_id != 0;
	return r;
}

static int flow_winget(struct ad_turn *t, struct ad_desk_reply *ret, struct ad_err *err)
{
	const char *text = t->intent.pressed ? t->intent.text : t->intent.press.reason;
	int r = ad_desk_winget(&t->desk, &t->who, text ? text : "", ret, err);
	t->jobs_due = ret->job_id != 0;
	return r;
}

static int flow_alternatives(struct ad_turn *t, struct ad_desk_reply *ret, struct ad_err *err)
{
	return ad_desk_alternatives(&t->desk, &t->who, t->intent.press.number, ret, err);
}

static int flow_details(struct ad_turn *t, struct ad_desk_reply *ret, struct ad_err *err)
{
	return ad_desk_details(&t->desk, &t->who, &t->intent.press, ret, err);
}

static int flow_form(struct ad_turn *t, struct ad_desk_reply *ret, struct ad_err *err)
{
	return ad_desk_form_for(&t->desk, &t->who, &t->intent.press, ret, err);
}

static int flow_submit(struct ad_turn *t, struct ad_desk_reply *ret, struct ad_err *err)
{
	return ad_desk_submit(&t->desk, &t->who, &t->intent.press, ret, err);
}

/* "reject 12 14 too expensive" says that 14 is too expensive, too, when it waits for the person: a
 * confirmation asks what was meant. */
static int decide_both(
	struct ad_turn *t, bool *ret_done, struct ad_desk_reply *ret, struct ad_err *err)
{
	const char *rest;
	const struct ad_listener listener = { t->worker->arena, t->desk.cards, t->who.locale };
	struct ad_desk_press press = t->intent.press;
	*ret_done = false;
	if (t->intent.pressed || t->intent.has_signin || !press.reason)
		return 0;
	const char *all =
		ad_printf(t->worker->arena, "%lld %s", (long long)press.number, press.reason);
	struct ad_picks picks = ad_picks_read(&listener, all, false, &rest);
	if (picks.count < 2)
		return 0;
	int r = ad_desk_bulk_meant(&t->desk, &t->who, picks.items[1].number, ret_done, err);
	if (r != 0 || !*ret_done)
		return r;
	press.picks = picks.items;
	press.pick_count = picks.count;
	press.reason = *rest ? rest : NULL;
	return ad_desk_bulk(&t->desk, &t->who, &press, t->intent.decision, ret, err);
}

static int flow_decide(struct ad_turn *t, struct ad_desk_reply *ret, struct ad_err *err)
{
	bool done;
	int r = decide_both(t, &done, ret, err);
	if (r == 0 && !done && t->intent.has_signin)
		r = ad_desk_stepup_take(&t->desk, &t->who, ret, &done, err);
	if (r != 0 || done)
		return r;
	t->jobs_due = true;
	return ad_desk_decide(&t->desk, &t->who, &t->intent.press, t->intent.decision, ret, err);
}

static int flow_status(struct ad_turn *t, struct ad_desk_reply *ret, struct ad_err *err)
{
	return ad_desk_status(&t->desk, &t->who, ret, err);
}

static int flow_view(struct ad_turn *t, struct ad_desk_reply *ret, struct ad_err *err)
{
	return ad_desk_request_view(&t->desk, &t->who, t->intent.press.number, ret, err);
}

static int flow_history(struct ad_turn *t, struct ad_desk_reply *ret, struct ad_err *err)
{
	return ad_desk_history(&t->desk, &t->who, &t->intent.press, ret, err);
}

static int flow_why(struct ad_turn *t, struct ad_desk_reply *ret, struct ad_err *err)
{
	return ad_desk_why(&t->desk, &t->who, t->intent.press.number, ret, err);
}

static int flow_simulate(struct ad_turn *t, struct ad_desk_reply *ret, struct ad_err *err)
{
	return ad_desk_simulate(&t->desk, &t->who, t->intent.press.reason, ret, err);
}

static int flow_cancel(struct ad_turn *t, struct ad_desk_reply *ret, struct ad_err *err)
{
	return ad_desk_cancel(&t->desk, &t->who, &t->intent.press, ret, err);
}

static int flow_edit(struct ad_turn *t, struct ad_desk_reply *ret, struct ad_err *err)
{
	return ad_desk_edit(&t->desk, &t->who, &t->intent.press, ret, err);
}

static int flow_edit_send(struct ad_turn *t, struct ad_desk_reply *ret, struct ad_err *err)
{
	t->jobs_due = true;
	return ad_desk_edit_send(&t->desk, &t->who, &t->intent.press, ret, err);
}

static int flow_nudge(struct ad_turn *t, struct ad_desk_reply *ret, struct ad_err *err)
{
	return ad_desk_nudge(&t->desk, &t->who, &t->intent.press, ret, err);
}

static int flow_ask(struct ad_turn *t, struct ad_desk_reply *ret, struct ad_err *err)
{
	return ad_desk_ask(&t->desk, &t->who, &t->intent.press, ret, err);
}

static int flow_answer(struct ad_turn *t, struct ad_desk_reply *ret, struct ad_err *err)
{
	t->jobs_due = true;
	return ad_desk_answer(&t->desk, &t->who, &t->intent.press, ret, err);
}

static int flow_hand_over(struct ad_turn *t, struct ad_desk_reply *ret, struct ad_err *err)
{
	return ad_desk_hand_over(&t->desk, &t->who, &t->intent.press, ret, err);
}

static int flow_undo(struct ad_turn *t, struct ad_desk_reply *ret, struct ad_err *err)
{
	t->jobs_due = true;
	return ad_desk_undo(&t->desk, &t->who, &t->intent.press, ret, err);
}

static int flow_pending(struct ad_turn *t, struct ad_desk_reply *ret, struct ad_err *err)
{
	return ad_desk_pending(&t->desk, &t->who, false, ret, err);
}

static int flow_pending_low(struct ad_turn *t, struct ad_desk_reply *ret, struct ad_err *err)
{
	int r = ad_desk_pending(&t->desk, &t->who, true, ret, err);
	ret->in_place = t->intent.pressed;
	return r;
}

static int flow_jobs(struct ad_turn *t, struct ad_desk_reply *ret, struct ad_err *err)
{
	return ad_desk_jobs(&t->desk, &t->who, ret, err);
}

static int flow_job(struct ad_turn *t, struct ad_desk_reply *ret, struct ad_err *err)
{
	return ad_desk_job(&t->desk, &t->who, t->intent.press.number, ret, err);
}

static int flow_retry(struct ad_turn *t, struct ad_desk_reply *ret, struct ad_err *err)
{
	t->jobs_due = true;
	return ad_desk_retry_job(&t->desk, &t->who, &t->intent.press, ret, err);
}

static int flow_give_up(struct ad_turn *t, struct ad_desk_reply *ret, struct ad_err *err)
{
	return ad_desk_give_up_job(&t->desk, &t->who, &t->intent.press, ret, err);
}

static int flow_accept_installer(struct ad_turn *t, struct ad_desk_reply *ret, struct ad_err *err)
{
	t->jobs_due = true;
	return ad_desk_accept_installer(&t->desk, &t->who, &t->intent.press, ret, err);
}

static int flow_take_job(struct ad_turn *t, struct ad_desk_reply *ret, struct ad_err *err)
{
	return ad_desk_take_job(&t->desk, &t->who, &t->intent.press, ret, err);
}

static int flow_undelivered(struct ad_turn *t, struct ad_desk_reply *ret, struct ad_err *err)
{
	return ad_desk_undelivered(&t->desk, &t->who, &t->intent.press, ret, err);
}

static int flow_notice(struct ad_turn *t, struct ad_desk_reply *ret, struct ad_err *err)
{
	return ad_desk_notice(&t->desk, &t->who, t->intent.press.number, ret, err);
}

static int flow_notice_retry(struct ad_turn *t, struct ad_desk_reply *ret, struct ad_err *err)
{
	return ad_desk_notice_retry(
		&t->desk, &t->who, t->intent.press.number, t->intent.pressed, ret, err);
}

static int flow_notice_mail(struct ad_turn *t, struct ad_desk_reply *ret, struct ad_err *err)
{
	return ad_desk_notice_mail(
		&t->desk, &t->who, t->intent.press.number, t->intent.pressed, ret, err);
}

static int flow_notice_install(struct ad_turn *t, struct ad_desk_reply *ret, struct ad_err *err)
{
	t->jobs_due = true;
	return ad_desk_notice_install(
		&t->desk, &t->who, t->intent.press.number, t->intent.pressed, ret, err);
}

static int flow_grants(struct ad_turn *t, struct ad_desk_reply *ret, struct ad_err *err)
{
	return ad_desk_grants(&t->desk, &t->who, ret, err);
}

static int flow_grant(struct ad_turn *t, struct ad_desk_reply *ret, struct ad_err *err)
{
	return ad_desk_grant(
		&t->desk, &t->who, t->intent.press.number, t->intent.pressed, ret, err);
}

static int flow_return(struct ad_turn *t, struct ad_desk_reply *ret, struct ad_err *err)
{
	return ad_desk_return(&t->desk, &t->who, &t->intent.press, ret, err);
}

static int flow_return_confirm(struct ad_turn *t, struct ad_desk_reply *ret, struct ad_err *err)
{
	t->jobs_due = true;
	return ad_desk_return_confirm(&t->desk, &t->who, &t->intent.press, ret, err);
}

static int flow_let_end(struct ad_turn *t, struct ad_desk_reply *ret, struct ad_err *err)
{
	return ad_desk_let_end(&t->desk, &t->who, &t->intent.press, ret, err);
}

static int flow_extend(struct ad_turn *t, struct ad_desk_reply *ret, struct ad_err *err)
{
	t->jobs_due = true;
	return ad_desk_extend(&t->desk, &t->who, &t->intent.press, ret, err);
}

static int flow_revoke(struct ad_turn *t, struct ad_desk_reply *ret, struct ad_err *err)
{
	t->jobs_due = true;
	return ad_desk_revoke(&t->desk, &t->who, &t->intent.press, ret, err);
}

static int flow_preferences(struct ad_turn *t, struct ad_desk_reply *ret, struct ad_err *err)
{
	return ad_desk_preferences(&t->desk, &t->who, ret, err);
}

static int flow_prefer(struct ad_turn *t, struct ad_desk_reply *ret, struct ad_err *err)
{
	const struct ad_desk_wish wish = {
		.name = t->intent.text ? t->intent.text : "",
		.what = t->intent.press.reason,
		.pressed = t->intent.pressed,
	};
	return ad_desk_prefer(&t->desk, &t->who, &wish, ret, err);
}

static int flow_delegate(struct ad_turn *t, struct ad_desk_reply *ret, struct ad_err *err)
{
	t->jobs_due = true;
	return ad_desk_delegate(&t->desk, &t->who, &t->intent.press, ret, err);
}

static int flow_delegate_off(struct ad_turn *t, struct ad_desk_reply *ret, struct ad_err *err)
{
	return ad_desk_delegate_off(&t->desk, &t->who, t->intent.pressed, ret, err);
}

static int flow_delegations(struct ad_turn *t, struct ad_desk_reply *ret, struct ad_err *err)
{
	return ad_desk_delegations(&t->desk, &t->who, ret, err);
}

static int flow_freeze(struct ad_turn *t, struct ad_desk_reply *ret, struct ad_err *err)
{
	return ad_desk_freeze(&t->desk, &t->who, &t->intent.press, ret, err);
}

static int flow_freeze_confirm(struct ad_turn *t, struct ad_desk_reply *ret, struct ad_err *err)
{
	return ad_desk_freeze_confirm(&t->desk, &t->who, &t->intent.press, ret, err);
}

static int flow_unfreeze(struct ad_turn *t, struct ad_desk_reply *ret, struct ad_err *err)
{
	return ad_desk_unfreeze(&t->desk, &t->who, ret, err);
}

static int flow_unfreeze_confirm(struct ad_turn *t, struct ad_desk_reply *ret, struct ad_err *err)
{
	t->jobs_due = true;
	return ad_desk_unfreeze_confirm(&t->desk, &t->who, &t->intent.press, ret, err);
}

static int flow_policies(struct ad_turn *t, struct ad_desk_reply *ret, struct ad_err *err)
{
	return ad_desk_policies(&t->desk, &t->who, ret, err);
}

static int flow_proposals(struct ad_turn *t, struct ad_desk_reply *ret, struct ad_err *err)
{
	return ad_desk_proposals(&t->desk, &t->who, ret, err);
}

static int flow_proposal(struct ad_turn *t, struct ad_desk_reply *ret, struct ad_err *err)
{
	return ad_desk_proposal(&t->desk, &t->who, t->intent.press.number, ret, err);
}

static int flow_proposal_accept(struct ad_turn *t, struct ad_desk_reply *ret, struct ad_err *err)
{
	return ad_desk_proposal_accept(&t->desk, &t->who, &t->intent.press, ret, err);
}

static int flow_proposal_refuse(struct ad_turn *t, struct ad_desk_reply *ret, struct ad_err *err)
{
	return ad_desk_proposal_refuse(&t->desk, &t->who, &t->intent.press, ret, err);
}

static int flow_seats(struct ad_turn *t, struct ad_desk_reply *ret, struct ad_err *err)
{
	return ad_desk_seats(&t->desk, &t->who, &t->intent.press, ret, err);
}

static int flow_drift(struct ad_turn *t, struct ad_desk_reply *ret, struct ad_err *err)
{
	return ad_desk_drift(&t->desk, &t->who, ret, err);
}

static int flow_drift_act(struct ad_turn *t, struct ad_desk_reply *ret, struct ad_err *err)
{
	enum ad_desk_drift_act act = AD_DESK_DRIFT_IGNORE;
	if (t->intent.use == AD_DESK_DRIFT_ADOPTED)
		act = AD_DESK_DRIFT_ADOPT;
	else if (t->intent.use == AD_DESK_DRIFT_REMOVED)
		act = AD_DESK_DRIFT_REMOVE;
	t->jobs_due = true;
	return ad_desk_drift_act(&t->desk, &t->who, &t->intent.press, act, ret, err);
}

static int flow_brake(struct ad_turn *t, struct ad_desk_reply *ret, struct ad_err *err)
{
	return ad_desk_brake(&t->desk, &t->who, ret, err);
}

static int flow_brake_release(struct ad_turn *t, struct ad_desk_reply *ret, struct ad_err *err)
{
	t->jobs_due = true;
	return ad_desk_brake_release(&t->desk, &t->who, &t->intent.press, ret, err);
}

static int flow_several(struct ad_turn *t, struct ad_desk_reply *ret, struct ad_err *err)
{
	int r = ad_desk_several(&t->desk, &t->who, &t->intent.press, ret, err);
	t->jobs_due = ret->job_id != 0;
	return r;
}

static int flow_cart_send(struct ad_turn *t, struct ad_desk_reply *ret, struct ad_err *err)
{
	t->jobs_due = true;
	return ad_desk_cart_send(&t->desk, &t->who, &t->intent.press, ret, err);
}

static int flow_bulk(struct ad_turn *t, struct ad_desk_reply *ret, struct ad_err *err)
{
	return ad_desk_bulk(&t->desk, &t->who, &t->intent.press, t->intent.decision, ret, err);
}

/* What was to be done is done (bulk.c): it is told here. */
static int flow_bulk_decide(struct ad_turn *t, struct ad_desk_reply *ret, struct ad_err *err)
{
	if (!t->bulk)
		*ret = t->bulk_refusal;
	return t->bulk ? ad_desk_bulk_end(&t->desk, &t->who, &t->intent.press, t->bulk, ret, err)
		       : 0;
}

static int flow_suggest(struct ad_turn *t, struct ad_desk_reply *ret, struct ad_err *err)
{
	struct ad_desk_press press = t->intent.press;
	t->jobs_due = true;
	if (t->intent.pressed)
		press.reason = t->intent.text;
	return ad_desk_suggest(&t->desk, &t->who, &press, ret, err);
}

static int flow_suggestions(struct ad_turn *t, struct ad_desk_reply *ret, struct ad_err *err)
{
	return ad_desk_suggestions(&t->desk, &t->who, ret, err);
}

static int flow_suggestion(struct ad_turn *t, struct ad_desk_reply *ret, struct ad_err *err)
{
	return ad_desk_suggestion(&t->desk, &t->who, t->intent.press.number, ret, err);
}

static int flow_vet(struct ad_turn *t, struct ad_desk_reply *ret, struct ad_err *err)
{
	enum ad_desk_vetting vetting = AD_DESK_VET_REJECT;
	if (t->intent.use == AD_DESK_SUGGESTION_PUBLISH)
		vetting = AD_DESK_VET_PUBLISH;
	else if (t->intent.use == AD_DESK_SUGGESTION_HIDE)
		vetting = AD_DESK_VET_HIDE;
	return ad_desk_vet(&t->desk, &t->who, &t->intent.press, vetting, ret, err);
}

static int flow_works(struct ad_turn *t, struct ad_desk_reply *ret, struct ad_err *err)
{
	bool works = t->intent.use == AD_DESK_WORKS;
	return ad_desk_verdict(&t->desk, &t->who, &t->intent.press, works, ret, err);
}

static int flow_verdict_answer(struct ad_turn *t, struct ad_desk_reply *ret, struct ad_err *err)
{
	return ad_desk_verdict_answer(&t->desk, &t->who, &t->intent.press, ret, err);
}

static int flow_accept(struct ad_turn *t, struct ad_desk_reply *ret, struct ad_err *err)
{
	t->jobs_due = true;
	return ad_desk_accept(&t->desk, &t->who, &t->intent.press, ret, err);
}

static int flow_decline(struct ad_turn *t, struct ad_desk_reply *ret, struct ad_err *err)
{
	return ad_desk_decline(&t->desk, &t->who, &t->intent.press, ret, err);
}

static int flow_doctor(struct ad_turn *t, struct ad_desk_reply *ret, struct ad_err *err)
{
	return ad_desk_doctor(&t->desk, &t->who, t->intent.pressed, ret, err);
}

static int flow_forget(struct ad_turn *t, struct ad_desk_reply *ret, struct ad_err *err)
{
	t->jobs_due = true;
	return ad_desk_forget(&t->desk, &t->who, ret, err);
}

static int flow_privacy(struct ad_turn *t, struct ad_desk_reply *ret, struct ad_err *err)
{
	return ad_desk_privacy(&t->desk, &t->who, t->intent.press.number, ret, err);
}

static int flow_privacy_done(struct ad_turn *t, struct ad_desk_reply *ret, struct ad_err *err)
{
	return ad_desk_privacy_done(&t->desk, &t->who, &t->intent.press, ret, err);
}

static int flow_stepup_refused(struct ad_turn *t, struct ad_desk_reply *ret, struct ad_err *err)
{
	return ad_desk_stepup_refuse(
		&t->desk, &t->who, t->held.id ? &t->held : NULL, t->signin_fault, ret, err);
}

typedef int flow_fn(struct ad_turn *t, struct ad_desk_reply *ret, struct ad_err *err);

static flow_fn *const flows[] = {
	[AD_DESK_WELCOME] = flow_welcome,
	[AD_DESK_HELP] = flow_help,
	[AD_DESK_UNCLEAR] = flow_unclear,
	[AD_DESK_SEARCH] = flow_search,
	[AD_DESK_WINGET] = flow_winget,
	[AD_DESK_ALTERNATIVES] = flow_alternatives,
	[AD_DESK_DETAILS] = flow_details,
	[AD_DESK_FORM] = flow_form,
	[AD_DESK_SUBMIT] = flow_submit,
	[AD_DESK_DECIDE] = flow_decide,
	[AD_DESK_STATUS] = flow_status,
	[AD_DESK_VIEW] = flow_view,
	[AD_DESK_HISTORY] = flow_history,
	[AD_DESK_WHY] = flow_why,
	[AD_DESK_SIMULATE] = flow_simulate,
	[AD_DESK_CANCEL] = flow_cancel,
	[AD_DESK_EDIT] = flow_edit,
	[AD_DESK_EDIT_SEND] = flow_edit_send,
	[AD_DESK_NUDGE] = flow_nudge,
	[AD_DESK_ASK] = flow_ask,
	[AD_DESK_ANSWER] = flow_answer,
	[AD_DESK_HAND_OVER] = flow_hand_over,
	[AD_DESK_UNDO] = flow_undo,
	[AD_DESK_PENDING] = flow_pending,
	[AD_DESK_PENDING_LOW] = flow_pending_low,
	[AD_DESK_JOBS] = flow_jobs,
	[AD_DESK_JOB] = flow_job,
	[AD_DESK_RETRY] = flow_retry,
	[AD_DESK_GIVE_UP] = flow_give_up,
	[AD_DESK_ACCEPT_INSTALLER] = flow_accept_installer,
	[AD_DESK_TAKE_JOB] = flow_take_job,
	[AD_DESK_GRANTS] = flow_grants,
	[AD_DESK_GRANT] = flow_grant,
	[AD_DESK_RETURN] = flow_return,
	[AD_DESK_RETURN_CONFIRM] = flow_return_confirm,
	[AD_DESK_LET_END] = flow_let_end,
	[AD_DESK_EXTEND] = flow_extend,
	[AD_DESK_REVOKE] = flow_revoke,
	[AD_DESK_SEATS] = flow_seats,
	[AD_DESK_PREFERENCES] = flow_preferences,
	[AD_DESK_PREFER] = flow_prefer,
	[AD_DESK_DELEGATE] = flow_delegate,
	[AD_DESK_DELEGATE_OFF] = flow_delegate_off,
	[AD_DESK_DELEGATIONS] = flow_delegations,
	[AD_DESK_FREEZE] = flow_freeze,
	[AD_DESK_FREEZE_CONFIRM] = flow_freeze_confirm,
	[AD_DESK_UNFREEZE] = flow_unfreeze,
	[AD_DESK_UNFREEZE_CONFIRM] = flow_unfreeze_confirm,
	[AD_DESK_POLICIES] = flow_policies,
	[AD_DESK_PROPOSALS] = flow_proposals,
	[AD_DESK_PROPOSAL] = flow_proposal,
	[AD_DESK_PROPOSAL_ACCEPT] = flow_proposal_accept,
	[AD_DESK_PROPOSAL_REFUSE] = flow_proposal_refuse,
	[AD_DESK_DRIFT] = flow_drift,
	[AD_DESK_DRIFT_ADOPTED] = flow_drift_act,
	[AD_DESK_DRIFT_REMOVED] = flow_drift_act,
	[AD_DESK_DRIFT_IGNORED] = flow_drift_act,
	[AD_DESK_BRAKE] = flow_brake,
	[AD_DESK_BRAKE_RELEASE] = flow_brake_release,
	[AD_DESK_SEVERAL] = flow_several,
	[AD_DESK_CART_SEND] = flow_cart_send,
	[AD_DESK_BULK] = flow_bulk,
	[AD_DESK_BULK_DECIDE] = flow_bulk_decide,
	[AD_DESK_SUGGEST] = flow_suggest,
	[AD_DESK_SUGGESTIONS] = flow_suggestions,
	[AD_DESK_SUGGESTION] = flow_suggestion,
	[AD_DESK_SUGGESTION_PUBLISH] = flow_vet,
	[AD_DESK_SUGGESTION_HIDE] = flow_vet,
	[AD_DESK_SUGGESTION_REJECT] = flow_vet,
	[AD_DESK_ACCEPT] = flow_accept,
	[AD_DESK_DECLINE] = flow_decline,
	[AD_DESK_WORKS] = flow_works,
	[AD_DESK_WORKS_NOT] = flow_works,
	[AD_DESK_VERDICT_ANSWER] = flow_verdict_answer,
	[AD_DESK_DOCTOR] = flow_doctor,
	[AD_DESK_FORGET] = flow_forget,
	[AD_DESK_PRIVACY] = flow_privacy,
	[AD_DESK_PRIVACY_DONE] = flow_privacy_done,
	[AD_DESK_CHANNEL_HERE] = ad_turn_channel_here,
	[AD_DESK_CHANNEL_OFF] = ad_turn_channel_off,
	[AD_DESK_STEPUP_REFUSED] = flow_stepup_refused,
	[AD_DESK_UNDELIVERED] = flow_undelivered,
	[AD_DESK_NOTICE] = flow_notice,
	[AD_DESK_NOTICE_RETRY] = flow_notice_retry,
	[AD_DESK_NOTICE_MAIL] = flow_notice_mail,
	[AD_DESK_NOTICE_INSTALL] = flow_notice_install,
};

int ad_turn_flow(struct ad_turn *turn, struct ad_desk_reply *ret, struct ad_err *err)
{
	size_t use = turn->intent.use;
	AD_ASSERT(use < sizeof flows / sizeof flows[0] && flows[use]);
	return flows[use](turn, ret, err);
}
