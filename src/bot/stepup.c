/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Step-up in a turn: where a person signs in, and what came of it. Both are asked for outside any
 * transaction. A token is verified here, and nothing of it goes further than what it has proved.
 * Worker thread.
 */
#include "ad/clock.h"
#include "ad/identity/signin.h"
#include "ad/identity/token.h"
#include "ad/log.h"
#include "ad/text.h"
#include "turn.h"

#define TRIES 2 /* with a token of ours that is refused, one more */

struct ad_desk_stepup *ad_turn_stepup_rule(struct ad_bot_worker *worker)
{
	const struct ad_bot_stepup *o = worker->bot->options.stepup;
	if (!o)
		return NULL;
	struct ad_desk_stepup *stepup = ad_alloc(worker->arena, sizeof *stepup);
	*stepup = (struct ad_desk_stepup){ .from = o->from, .connection = o->connection };
	return stepup;
}

bool ad_turn_is_signin(const struct ad_turn *turn)
{
	return turn->intent.has_signin && turn->intent.signin.way != AD_SIGNIN_BY_PRESS;
}

/* ---- the user-token service ---- */

/* One call: *ctx is what it fills. */
typedef int service_call(
	struct ad_turn *turn, const struct ad_user_tokens *service, void *ctx, struct ad_err *err);

static int ask_service(struct ad_turn *turn, service_call *call, void *ctx, struct ad_err *err)
{
	struct ad_bot_worker *w = turn->worker;
	const struct ad_bot_stepup *o = w->bot->options.stepup;
	int r = AD_EAUTH;
	for (int i = 0; i < TRIES && r == AD_EAUTH; i++) {
		int64_t left_ms = turn->directory_until_ms - ad_clock_mono_ms();
		char *token = NULL;
		if (left_ms <= 0)
			return AD_FAIL(err, AD_ETIMEOUT, "no time left for the sign-in");
		r = ad_token_get(o->token, w->arena, (int)left_ms, &token, err);
		if (r != 0)
			return r;
		const struct ad_user_tokens service = {
			.base_url = o->service_url,
			.connection = o->connection,
			.app_id = w->bot->options.app_id,
			.net = w->net,
			.token = token,
			.total_ms = (int)left_ms,
			.allow_http_loopback = w->bot->options.allow_http_loopback,
		};
		r = call(turn, &service, ctx, err);
		if (r == AD_EAUTH)
			ad_token_drop(o->token, token);
	}
	return r;
}

static int call_resource(
	struct ad_turn *turn, const struct ad_user_tokens *service, void *ctx, struct ad_err *err)
{
	return ad_user_token_resource(service, turn->worker->arena, &turn->activity, ctx, err);
}

static int call_take(
	struct ad_turn *turn, const struct ad_user_tokens *service, void *ctx, struct ad_err *err)
{
	return ad_user_token_take(
		service, turn->worker->arena, &turn->activity, turn->intent.signin.code, ctx, err);
}

int ad_turn_page(struct ad_turn *turn, struct ad_err *err)
{
	struct ad_desk_stepup *stepup = turn->desk.stepup;
	struct ad_signin_resource page;
	int r = ask_service(turn, call_resource, &page, err);
	stepup->wants_page = false;
	turn->signin_down = r != 0;
	if (r != 0)
		return r;
	stepup->page = page.link;
	stepup->resource = page.resource;
	stepup->provider = page.provider;
	return 0;
}

/* ---- what the client brings ---- */

/* *ret_fault: why it does not do; NULL: *ret is what it has proved. An error: nobody can say now.
 */
static int judge(struct ad_turn *turn, const char **ret_fault, struct ad_signin_proof *ret,
	struct ad_err *err)
{
	const struct ad_bot_stepup *o = turn->worker->bot->options.stepup;
	const struct ad_signin_answer *answer = &turn->intent.signin;
	const struct ad_signin_wish wish = {
		.oid = turn->who.oid, .max_age_s = o->max_age_s, .context = o->context
	};
	enum ad_signin_verdict verdict = AD_SIGNIN_INVALID;
	const char *token = answer->token;
	int r = *token ? 0 : ask_service(turn, call_take, &token, err);
	*ret_fault = "no_token";
	if (r == AD_ENOTFOUND)
		return 0;
	if (r == 0)
		r = ad_signin_verify(
			o->signin, turn->worker->arena, token, &wish, &verdict, ret, err);
	*ret_fault = verdict == AD_SIGNIN_FRESH ? NULL : ad_signin_verdict_name(verdict);
	return r;
}

static void refuse(struct ad_turn *turn, const char *fault)
{
	/* A token that the client had anyway is seldom new: it has the page, too. */
	static const char *const again[] = { "stale", "context", "used" };
	bool had = *turn->intent.signin.token != '\0';
	turn->signin_fault = fault;
	turn->intent.kind = AD_INTENT_USE;
	turn->intent.use = AD_DESK_STEPUP_REFUSED;
	for (size_t i = 0; i < sizeof again / sizeof again[0]; i++)
		turn->signin_again |= had && ad_text_eq(again[i], fault);
}

/* The decision that has waited is what this turn is about. */
static void resume(struct ad_turn *turn, const struct ad_signin_proof *proof)
{
	struct ad_desk_stepup *stepup = turn->desk.stepup;
	const struct ad_desk_held *held = &turn->held;
	stepup->held = held->id;
	stepup->signed_in_at = ad_clock_iso(turn->worker->arena, proof->at_s);
	stepup->contexts = proof->contexts;
	turn->intent.kind = AD_INTENT_USE;
	turn->intent.use = held->use;
	turn->intent.decision = held->decision;
	turn->intent.press = held->press;
}

/* A press that brings something is about the decision that waits for it, if there is one; else it
 * is a press like any other. */
static bool may_answer(const struct ad_turn *turn)
{
	const struct ad_intent *intent = &turn->intent;
	return ad_turn_is_signin(turn) ||
	       (!ad_text_empty(intent->press.token) &&
		       (intent->use == AD_DESK_DECIDE || intent->use == AD_DESK_BULK_DECIDE));
}

int ad_turn_stepup(struct ad_turn *turn, struct ad_err *err)
{
	struct ad_intent *intent = &turn->intent;
	struct ad_signin_proof proof;
	const char *fault;
	struct ad_err why = { 0 };
	if (!intent->has_signin || !may_answer(turn)) {
		intent->has_signin = false;
		return 0;
	}
	int r = ad_desk_stepup_find(&turn->desk, &turn->who, intent->signin.exchange_id,
		ad_turn_is_signin(turn) ? NULL : intent->press.token, &turn->held, err);
	if (r == AD_ENOTFOUND && !ad_turn_is_signin(turn)) {
		intent->has_signin = false;
		return 0;
	}
	if (r != 0 && r != AD_ENOTFOUND)
		return r;
	fault = r == AD_ENOTFOUND ? "unknown" : turn->held.fault;
	if (!fault && judge(turn, &fault, &proof, &why) != 0) {
		ad_log_err(AD_LOG_WARN, "bot", "a sign-in could not be verified", &why, NULL);
		turn->signin_down = true;
		return 0;
	}
	if (fault)
		refuse(turn, fault);
	else
		resume(turn, &proof);
	return 0;
}
