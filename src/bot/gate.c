/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The gate: may this request say anything at all? Token, activity, tenant, recipient, service URL,
 * and how much one person may say. What is refused here leaves no row and makes no call. Worker
 * thread.
 */
#include "turn.h"

#include "ad/clock.h"
#include "ad/log.h"
#include "ad/refusal.h"
#include "ad/text.h"

#define RETRY_S 2

struct ad_answer ad_answer_refuse(int status, enum ad_bot_end end)
{
	return (struct ad_answer){
		.status = status,
		.body = "",
		.challenge = status == 401,
		.retry_s = status == 503 ? RETRY_S : 0,
		.end = end,
	};
}

struct ad_answer ad_answer_accept(const char *body)
{
	return (struct ad_answer){ .status = 200, .body = body, .end = AD_BOT_ANSWERED };
}

static int verify(struct ad_bot_worker *w, const struct ad_http_request *request,
	struct ad_identity_claims *ret, struct ad_answer *answer, struct ad_err *err)
{
	const char *value = ad_http_request_header(request, "Authorization");
	size_t len = value ? strlen(value) : 0;
	int r = ad_identity_verify(w->bot->options.identity, w->arena, value, len, ret, err);
	if (r != 0)
		*answer = r == AD_EUNAVAIL || r == AD_ETIMEOUT || r == AD_EBUSY
				  ? ad_answer_refuse(503, AD_BOT_UNAVAILABLE)
				  : ad_answer_refuse(401, AD_BOT_UNAUTHENTICATED);
	return r;
}

static int parse(struct ad_bot_worker *w, const struct ad_http_request *request,
	struct ad_activity *ret, struct ad_answer *answer, struct ad_err *err)
{
	struct ad_json *body = NULL;
	size_t len;
	const char *text = ad_http_request_body(request, &len);
	int r = ad_json_parse(w->arena, text, len, &body, err);
	if (r == 0)
		r = ad_activity_parse(w->arena, body, ret, err);
	if (r != 0) {
		err->refusal = AD_REFUSED_BODY;
		*answer = ad_answer_refuse(400, AD_BOT_MALFORMED);
	}
	return r;
}

static bool is_listed(const char *const *list, size_t count, const char *text)
{
	for (size_t i = 0; i < count; i++) {
		if (ad_text_eq_nocase(list[i], text))
			return true;
	}
	return false;
}

/* A good token is not yet a right to speak to us: tenant, recipient and the address that our token
 * will go to. */
static int judge(const struct ad_bot *bot, const struct ad_identity_claims *claims,
	const struct ad_activity *a, struct ad_answer *answer, struct ad_err *err)
{
	const struct ad_bot_options *o = &bot->options;
	int r = ad_identity_authorize(o->identity, claims, a->service_url, a->channel_id, err);
	if (r != 0) {
		*answer = r == AD_EINVAL  ? ad_answer_refuse(400, AD_BOT_MALFORMED)
			  : r == AD_EAUTH ? ad_answer_refuse(401, AD_BOT_UNAUTHENTICATED)
					  : ad_answer_refuse(403, AD_BOT_FORBIDDEN);
		return r;
	}
	*answer = ad_answer_refuse(403, AD_BOT_FORBIDDEN);
	if (!is_listed(o->tenants, o->tenants_count, a->tenant_id))
		return AD_REFUSE(err, AD_EDENIED, AD_REFUSED_TENANT,
			"tenant '%.40s' is not allowed", a->tenant_id);
	if (!ad_text_starts(a->recipient_id, "28:") ||
		!ad_text_eq_nocase(a->recipient_id + 3, o->app_id))
		return AD_REFUSE(err, AD_EDENIED, AD_REFUSED_RECIPIENT,
			"recipient '%.60s' is not this bot", a->recipient_id);
	if (!ad_net_hosts_allow_url(&o->hosts, a->service_url, o->allow_http_loopback))
		return AD_REFUSE(err, AD_EDENIED, AD_REFUSED_SERVICE_HOST,
			"service URL is on no listed host: %.120s", a->service_url);
	return 0;
}

int ad_turn_admit(struct ad_turn *turn, const struct ad_http_request *request,
	struct ad_answer *answer, struct ad_err *err)
{
	struct ad_bot_worker *w = turn->worker;
	struct ad_identity_claims claims;
	int r = verify(w, request, &claims, answer, err);
	if (r == 0)
		r = parse(w, request, &turn->activity, answer, err);
	if (r != 0)
		return r;
	ad_log_context("activity", turn->activity.id);
	return judge(w->bot, &claims, &turn->activity, answer, err);
}

int ad_turn_limit(struct ad_turn *turn, struct ad_answer *answer, struct ad_err *err)
{
	struct ad_bot *bot = turn->worker->bot;
	struct ad_arena *arena = turn->worker->arena;
	bool message = turn->activity.type == AD_ACTIVITY_MESSAGE;
	int wait_s;
	if (!bot->persons || (!message && !turn->intent.is_invoke))
		return 0;
	const char *person = ad_printf(arena, "%s/%s", turn->desk.tenant_id, turn->who.oid);
	enum ad_rate_answer taken = ad_rate_take(bot->persons, person, ad_clock_mono_ms(), &wait_s);
	if (taken == AD_RATE_TAKEN)
		return 0;
	if (taken == AD_RATE_FIRST && !turn->intent.is_invoke) {
		ad_refusal_count(AD_REFUSED_PERSON_LIMIT);
		turn->too_fast = true;
		return 0;
	}
	/* A click is told in a body, for its client shows nothing else (protocol.md 6.3). */
	*answer = turn->intent.is_invoke ? ad_answer_accept(ad_turn_message(turn, AD_BOT_TOO_FAST))
					 : ad_answer_refuse(429, AD_BOT_THROTTLED);
	answer->end = AD_BOT_THROTTLED;
	answer->retry_s = turn->intent.is_invoke ? 0 : wait_s;
	return AD_REFUSE(err, AD_ETHROTTLED, AD_REFUSED_PERSON_LIMIT,
		"more than %d messages a minute", bot->options.person_per_minute);
}
