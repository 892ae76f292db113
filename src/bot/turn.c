/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A turn, top to bottom: verify, parse, judge, understand, ask the directory, one transaction,
 * answer. What is refused leaves no row and makes no call. Worker thread.
 */
#include "turn.h"
#include "ad/clock.h"
#include "ad/desk/gather.h"
#include "ad/log.h"
#include "ad/refusal.h"
#include "ad/store/inbox.h"
#include "ad/teams/reference.h"
#include "ad/text.h"

#define ROUNDS_MAX 3 /* of a turn that has to begin again, see ad_turn_commit */

/* ---- the transaction ---- */

struct unit {
	struct ad_turn *turn;
	struct ad_answer *answer;
	bool unknown;        /* a commit ended without an answer */
	const char *outcome; /* for the log */
};

#define SEEN_S 3600 /* who has said nothing for so long is heard of anew */

/* As users_seen would leave it: then it need not run. */
static bool is_unchanged(const struct ad_turn *turn, const struct ad_user *user)
{
	const struct ad_user *known = &turn->known;
	int64_t seen = 0;
	return turn->is_known && known->seen_at && ad_clock_parse_iso(known->seen_at, &seen) == 0 &&
	       ad_clock_unix_ms() / 1000 - seen < SEEN_S &&
	       (ad_text_empty(user->name) || ad_text_eq(user->name, known->name)) &&
	       (ad_text_empty(user->locale) || ad_text_eq(user->locale, known->locale)) &&
	       (ad_text_empty(user->time_zone) || ad_text_eq(user->time_zone, known->time_zone));
}

/* Their personal conversation is where notices go. False: the activity names none. */
static bool find_conv(struct ad_turn *turn, struct ad_store_conv *ret)
{
	struct ad_bot_worker *w = turn->worker;
	struct ad_reference reference;
	if (!ad_reference_from_activity(&turn->activity, &reference))
		return false;
	*ret = (struct ad_store_conv){
		.tenant_id = turn->desk.tenant_id,
		.oid = turn->who.oid,
		.app_id = w->bot->options.app_id,
		.conversation_id = reference.conversation_id,
		.reference = ad_reference_print(w->arena, &reference),
		.state = AD_CONV_REMOVED,
		.last_error = AD_CONV_REMOVED_BY_PERSON,
	};
	return true;
}

struct ad_user ad_turn_speaker(const struct ad_turn *turn)
{
	return (struct ad_user){
		.tenant_id = turn->desk.tenant_id,
		.oid = turn->who.oid,
		.name = turn->who.name,
		.locale = turn->activity.locale,
		.time_zone = turn->activity.time_zone,
	};
}

/* What is known of who is speaking. */
struct recalled {
	struct ad_store_conv conv; /* reference NULL: no conversation is to be remembered */
	struct ad_store_later seen;
	struct ad_store_later locale;
};

/* Read with the next statement. */
static int recall(struct ad_turn *turn, struct recalled *ret, struct ad_err *err)
{
	struct ad_bot_worker *w = turn->worker;
	const struct ad_user user = ad_turn_speaker(turn);
	*ret = (struct recalled){ 0 };
	/* Two forms that they send at once do not both find that they may ask once more (F24). */
	int r = ad_store_user_hold(w->db, w->arena, &user, err);
	if (r == 0)
		r = ad_store_user_locale_later(w->db, w->arena, &user, &ret->locale, err);
	if (r != 0 || !find_conv(turn, &ret->conv) || turn->intent.kind == AD_INTENT_REMOVED)
		return r;
	return ad_store_conv_seen_later(
		w->db, w->arena, &w->bot->options.key, &ret->conv, &ret->seen, err);
}

/* Everybody who writes is known from then on, and is answered in their language. */
static int remember(struct ad_turn *turn, const struct recalled *known, struct ad_err *err)
{
	struct ad_bot_worker *w = turn->worker;
	const struct ad_store_conv *conv = &known->conv;
	const struct ad_user user = ad_turn_speaker(turn);
	int r = is_unchanged(turn, &user) ? 0 : ad_store_user_seen(w->db, w->arena, &user, err);
	if (r == 0 && !known->locale.rows)
		r = ad_db_flush(w->db, err);
	if (r != 0)
		return r;
	turn->who.locale = ad_store_user_locale_came(&known->locale);
	turn->unclear = ad_store_user_unclear_came(&known->locale);
	if (!conv->reference)
		return 0;
	if (turn->intent.kind == AD_INTENT_REMOVED)
		return ad_store_conv_mark(w->db, w->arena, conv, err);
	return ad_store_conv_seen(
		w->db, w->arena, &w->bot->options.key, conv, &known->seen, &turn->is_owed, err);
}

const char *ad_turn_obstacle(const struct ad_turn *turn)
{
	return turn->too_fast         ? AD_BOT_TOO_FAST
	       : turn->directory_down ? "bot.directory_down"
	       : turn->signin_down    ? "stepup.unavailable"
	       : turn->disabled       ? "bot.disabled"
				      : NULL;
}

/* Most uses tell by themselves that the person was understood; a search does when it has found
 * something. Before the use case, then: its audit rows are to be the last lock. */
static bool may_be_unclear(enum ad_desk_use use)
{
	return use == AD_DESK_SEARCH || use == AD_DESK_UNCLEAR;
}

static int note_clear(struct ad_turn *turn, bool clear, struct ad_err *err)
{
	if (!clear || turn->unclear == 0)
		return 0;
	turn->unclear = 0;
	return ad_store_user_clear(
		turn->desk.db, turn->desk.arena, turn->desk.tenant_id, turn->who.oid, err);
}

static int use_case(struct unit *unit, struct ad_err *err)
{
	struct ad_turn *turn = unit->turn;
	struct ad_desk_reply reply = { 0 };
	const char *instead = ad_turn_obstacle(turn);
	bool open = may_be_unclear(turn->intent.use);
	int r = note_clear(turn, !instead && !open, err);
	if (r == 0)
		r = instead ? ad_desk_say(&turn->desk, &turn->who, instead, NULL, &reply, err)
			    : ad_turn_flow(turn, &reply, err);
	unit->outcome = reply.outcome;
	if (r == 0)
		r = note_clear(turn, !instead && open && !reply.unclear, err);
	if (r == 0)
		r = ad_turn_reply(turn, &reply, unit->answer, err);
	return r == 0 && turn->is_owed ? ad_desk_missed(&turn->desk, &turn->who, err) : r;
}

static int browse(struct unit *unit, struct ad_err *err)
{
	struct ad_turn *turn = unit->turn;
	const struct ad_user user = ad_turn_speaker(turn);
	const char *instead = ad_turn_obstacle(turn);
	int r = ad_store_user_locale(
		turn->worker->db, turn->worker->arena, &user, &turn->who.locale, err);
	if (r != 0)
		return r;
	if (!instead)
		return ad_turn_browse(turn, unit->answer, err);
	*unit->answer = ad_answer_accept(ad_turn_message(turn, instead));
	return 0;
}

static bool is_ours(const struct ad_turn *turn)
{
	return ad_text_eq(turn->desk.tenant_id, turn->worker->bot->options.tenant_id);
}

static int in_transaction(struct ad_db *db, void *ctx, struct ad_err *err)
{
	struct unit *unit = ctx;
	struct ad_turn *turn = unit->turn;
	struct ad_arena *arena = turn->worker->arena;
	const struct ad_inbox_key key = { turn->activity.conversation_id, turn->activity.id };
	struct ad_inbox_answer before;
	bool duplicate = false;
	if (turn->intent.kind == AD_INTENT_BROWSE)
		return browse(unit, err);
	/* An event may come without an id, and then cannot be told from the next one: it is done
	 * again, which does no harm. */
	bool has_id = !ad_text_empty(key.activity_id);
	*unit->answer = ad_answer_accept("");
	/* A further round begins with nothing of the one before, unless that was committed. */
	const struct ad_desk desk = turn->desk;
	struct recalled known;
	ad_desk_restart(&turn->desk);
	turn->desk.has_trail = turn->worker->has_trail && is_ours(turn);
	int r = ad_desk_gather_writes(&turn->desk, err);
	if (r == 0)
		r = recall(turn, &known, err);
	if (r == 0 && has_id)
		r = ad_store_inbox_claim(db, arena, &key, &duplicate, &before, err);
	if (r == 0 && duplicate) {
		turn->desk = desk;
		*unit->answer = (struct ad_answer){
			.status = before.status, .body = before.text, .end = AD_BOT_DUPLICATE
		};
		return 0;
	}
	turn->is_owed = false;
	if (r == 0)
		r = remember(turn, &known, err);
	if (r == 0 && turn->intent.kind == AD_INTENT_USE)
		r = use_case(unit, err);
	if (r == 0)
		r = ad_desk_finish(&turn->desk, err);
	if (r != 0 || !has_id)
		return r;
	const struct ad_inbox_answer now = { unit->answer->status, unit->answer->body };
	return ad_store_inbox_answer(db, arena, &key, &now, err);
}

/* Nothing was stored. A click is told so in a body, for its client shows nothing else
 * (protocol.md 6.3); when nobody knows, no words are right. */
static struct ad_answer failed(const struct unit *unit, const struct ad_err *err)
{
	struct ad_turn *turn = unit->turn;
	struct ad_arena *arena = turn->worker->arena;
	bool away = err->class == AD_CLASS_TRANSIENT;
	const char *text = NULL;
	struct ad_err ignored = { 0 };
	if (!turn->intent.is_invoke || unit->unknown || ad_turn_is_signin(turn))
		return away ? ad_answer_refuse(503, AD_BOT_UNAVAILABLE)
			    : ad_answer_refuse(500, AD_BOT_FAILED);
	if (turn->intent.kind == AD_INTENT_BROWSE) {
		struct ad_answer sorry = ad_answer_accept(ad_turn_message(turn, "bot.no_search"));
		sorry.end = away ? AD_BOT_UNAVAILABLE : AD_BOT_FAILED;
		return sorry;
	}
	if (ad_cards_text(turn->desk.cards, arena, "bot.not_stored", turn->who.locale, NULL, &text,
		    &ignored) != 0)
		text = "Nothing was stored. Please try again.";
	struct ad_answer answer = ad_answer_accept(
		ad_json_print(arena, ad_invoke_error(arena, 500, "NotStored", text)));
	answer.end = away ? AD_BOT_UNAVAILABLE : AD_BOT_FAILED;
	return answer;
}

/* When the directory, or who knows the sign-in page, does not answer, the use case says so instead.
 */
static int facts_or_apology(struct ad_turn *turn, int r, struct ad_err *err)
{
	if (r == 0 || (!turn->directory_down && !turn->signin_down))
		return r;
	/* A stop has cut the call short: the channel may ask another node. */
	if (atomic_load(&turn->worker->bot->stopping))
		return AD_FAIL(err, AD_EUNAVAIL, "stopping");
	ad_log_err(AD_LOG_WARN, "bot",
		turn->signin_down ? "the sign-in page could not be had"
				  : "the directory could not be asked",
		err, NULL);
	return 0;
}

static void after_commit(struct ad_turn *turn)
{
	const struct ad_bot_options *o = &turn->worker->bot->options;
	size_t notices = ad_desk_notices(&turn->desk);
	if (notices > 0)
		ad_outbox_kick(o->outbox, turn->desk.notice_ids, notices);
	if (turn->desk.trail_seen && is_ours(turn))
		turn->worker->has_trail = true;
	if (turn->jobs_due)
		o->jobs_due(o->jobs_ctx);
}

static bool wants_page(const struct ad_turn *turn)
{
	return turn->desk.stepup && turn->desk.stepup->wants_page;
}

/* What the next round stands on: the facts that every use of this kind needs, or those that the
 * last round has asked for. */
static int prepare_round(struct ad_turn *turn, bool *anew, struct ad_err *err)
{
	bool more = ad_desk_facts_wanted(&turn->facts);
	bool asks = turn->intent.kind == AD_INTENT_USE || turn->intent.kind == AD_INTENT_BROWSE;
	if (wants_page(turn))
		return facts_or_apology(turn, ad_turn_page(turn, err), err);
	if (!asks || turn->too_fast || (!*anew && !more))
		return 0;
	int r = more ? ad_turn_more_facts(turn, err) : ad_turn_facts(turn, err);
	*anew = false;
	return facts_or_apology(turn, r, err);
}

/* Again when the work wants more facts, when settings changed in between, or when a commit ended
 * without an answer: then what the work finds (a row of the inbox, a used link) tells whether it
 * was done. */
int ad_turn_commit(
	struct ad_turn *turn, ad_db_work *work, void *ctx, bool *ret_unknown, struct ad_err *err)
{
	int r = 0;
	int rounds = 0;
	bool anew = !turn->has_facts;
	*ret_unknown = false;
	for (int i = 0; i < AD_FACTS_ROUNDS_MAX && rounds < ROUNDS_MAX; i++) {
		r = prepare_round(turn, &anew, err);
		if (r == 0)
			r = ad_db_transaction(turn->worker->db, work, ctx, err);
		bool changed = r == AD_ECONFLICT && err->class == AD_CLASS_TRANSIENT;
		*ret_unknown |= r == AD_EAMBIGUOUS;
		if (r != AD_EAMBIGUOUS && !changed)
			break;
		if (ad_desk_facts_wanted(&turn->facts) || wants_page(turn))
			continue;
		/* What the database took is not the directory's time. */
		if (r == AD_EAMBIGUOUS)
			turn->directory_until_ms = ad_clock_mono_ms() + AD_BOT_DIRECTORY_MS;
		anew = true;
		rounds++;
		turn->facts = (struct ad_desk_facts){ 0 };
	}
	if (r == 0)
		after_commit(turn);
	return r;
}

/* ---- what kind of turn it is ---- */

static int converse(struct ad_turn *turn, struct ad_answer *answer, struct ad_err *err)
{
	struct unit unit = { .turn = turn, .answer = answer };
	int r = ad_turn_stepup(turn, err);
	if (r == 0 && turn->intent.use == AD_DESK_BULK_DECIDE)
		r = ad_turn_bulk(turn, err);
	if (r == 0)
		r = ad_turn_commit(turn, in_transaction, &unit, &unit.unknown, err);
	if (r != 0) {
		*answer = failed(&unit, err);
		turn->worker->has_trail = false; /* the next turn looks for itself */
		return r;
	}
	if (unit.outcome)
		ad_log_context("outcome", unit.outcome);
	return 0;
}

/* An automatic refresh has no effect, ever; an unknown invoke gets an empty object, for anything
 * else shows an error. */
static const char *small_answer(struct ad_turn *turn)
{
	if (turn->intent.kind == AD_INTENT_UNKNOWN)
		return "{}";
	return turn->intent.is_invoke ? ad_turn_message(turn, "bot.current") : "";
}

struct ad_desk ad_turn_desk(struct ad_bot_worker *worker, const struct ad_http_request *request)
{
	const struct ad_bot_options *o = &worker->bot->options;
	return (struct ad_desk){
		.db = worker->db,
		.arena = worker->arena,
		.cards = o->cards,
		.tenant_id = o->tenant_id,
		.node_id = o->node_id,
		.bot_app_id = o->app_id,
		.mail = o->mail,
		.can_install = o->can_install,
		.ip_address = ad_http_request_peer(request),
		.stepup = ad_turn_stepup_rule(worker),
	};
}

/* Our directory's people alone can be told to sign in. */
static void fill_stepup(struct ad_turn *turn, bool is_ours)
{
	if (!is_ours)
		turn->desk.stepup = NULL;
	else if (turn->desk.stepup)
		turn->desk.stepup->by_press =
			turn->activity.type == AD_ACTIVITY_INVOKE &&
			ad_text_eq(turn->activity.name, "adaptiveCard/action");
}

static void fill(struct ad_turn *turn, const struct ad_http_request *request)
{
	const struct ad_bot_options *o = &turn->worker->bot->options;
	const struct ad_activity *a = &turn->activity;
	bool is_ours = ad_text_eq_nocase(a->tenant_id, o->tenant_id);
	turn->who = (struct ad_person){
		.oid = a->from_oid, .name = a->from_name, .mail = "", .locale = a->locale
	};
	turn->desk = ad_turn_desk(turn->worker, request);
	turn->desk.facts = &turn->facts;
	turn->desk.tenant_id = is_ours ? o->tenant_id : a->tenant_id;
	fill_stepup(turn, is_ours);
	turn->desk.source = "teams";
	turn->desk.correlation_id = a->id;
	turn->directory_until_ms = ad_clock_mono_ms() + AD_BOT_DIRECTORY_MS;
}

/* Whether there is anything to be done beyond the small answer. */
static bool is_work(enum ad_intent_kind kind)
{
	return kind == AD_INTENT_USE || kind == AD_INTENT_BROWSE || kind == AD_INTENT_REMOVED;
}

/* Understands the activity and answers it. *answer is always set; the return value is what the log
 * says. */
static int handle(struct ad_turn *turn, const struct ad_http_request *request,
	struct ad_answer *answer, struct ad_err *err)
{
	struct ad_bot_worker *w = turn->worker;
	int r = ad_turn_admit(turn, request, answer, err);
	if (r != 0)
		return r;
	fill(turn, request);
	r = ad_intent_of(w->arena, w->bot->options.cards, &turn->activity, &turn->intent, err);
	if (r != 0) {
		bool invoke = turn->activity.type == AD_ACTIVITY_INVOKE;
		const char *body =
			invoke ? ad_json_print(w->arena,
					 ad_invoke_error(w->arena, 400, "BadRequest", err->text))
			       : "";
		*answer = invoke ? ad_answer_accept(body) : ad_answer_refuse(400, AD_BOT_MALFORMED);
		answer->end = AD_BOT_MALFORMED;
		return r;
	}
	if (!turn->desk.stepup)
		turn->intent.has_signin = false;
	else if (ad_turn_is_signin(turn))
		turn->intent = (struct ad_intent){ .kind = AD_INTENT_USE,
			.use = AD_DESK_STEPUP_REFUSED, /* until what waits for it is found */
			.signin = turn->intent.signin,
			.has_signin = true,
			.is_invoke = true };
	*answer = ad_answer_accept(small_answer(turn));
	if (!is_work(turn->intent.kind))
		return 0;
	if (turn->intent.kind == AD_INTENT_BROWSE)
		turn->directory_until_ms = ad_clock_mono_ms() + AD_BOT_BROWSE_DIRECTORY_MS;
	if (!ad_text_is_guid(turn->who.oid)) {
		/* Another bot, or a team's event that no person sent. */
		bool event = turn->activity.type != AD_ACTIVITY_MESSAGE && !turn->intent.is_invoke;
		*answer = event ? ad_answer_accept("") : ad_answer_refuse(403, AD_BOT_FORBIDDEN);
		return event ? 0
			     : AD_REFUSE(err, AD_EDENIED, AD_REFUSED_SENDER,
				       "the sender has no object id");
	}
	r = ad_turn_limit(turn, answer, err);
	return r == 0 ? converse(turn, answer, err) : r;
}

static void send_answer(struct ad_http_request *request, const struct ad_answer *answer)
{
	struct ad_http_header headers[2];
	char seconds[16];
	size_t count = 0;
	if (answer->challenge)
		headers[count++] = (struct ad_http_header){ "WWW-Authenticate",
			"Bearer error=\"invalid_token\"" };
	if (answer->retry_s > 0) {
		(void)snprintf(seconds, sizeof seconds, "%d", answer->retry_s);
		headers[count++] = (struct ad_http_header){ "Retry-After", seconds };
	}
	const struct ad_http_reply reply = {
		.status = answer->status,
		.content_type = *answer->body ? "application/json; charset=utf-8" : NULL,
		.body = answer->body,
		.body_len = strlen(answer->body),
		.headers = headers,
		.headers_count = count,
	};
	ad_http_answer(request, &reply);
}

/* Whoever is refused a thousand times a second is logged some of these times. */
static void log_refused(const struct ad_http_request *request, const struct ad_answer *answer,
	const struct ad_err *err, const char *ms)
{
	static struct ad_log_budget budget;
	unsigned suppressed = 0;
	bool fault = answer->end == AD_BOT_FAILED;
	if (!fault && !ad_log_may(&budget, &suppressed))
		return;
	ad_log_err(fault ? AD_LOG_ERROR : AD_LOG_WARN, "bot", "turn refused", err, "end",
		ad_bot_end_name(answer->end), "why",
		err->refusal ? ad_refusal_name((enum ad_refusal)err->refusal) : NULL, "answer",
		AD_NUM(answer->status), "peer", ad_http_request_peer(request), "ms", ms,
		"suppressed", suppressed ? AD_NUM(suppressed) : NULL, NULL);
}

/* Each turn that waits in vain for a lock or an answer takes a worker with it. Who has stood behind
 * one of those for a while already would be answered too late, whatever comes of it. */
static bool may_begin(const struct ad_bot *bot, int64_t waited_ms, int64_t now_ms)
{
	int64_t held_up_ms = atomic_load(&bot->held_up_ms);
	bool is_held_up = held_up_ms > 0 && now_ms - held_up_ms < AD_BOT_HELD_UP_MS;
	return waited_ms <= (is_held_up ? AD_BOT_HELD_UP_WAIT_MS : AD_BOT_TURN_DEADLINE_MS);
}

static void note_outcome(struct ad_bot *bot, int r)
{
	if (r == AD_ETIMEOUT)
		atomic_store(&bot->held_up_ms, ad_clock_mono_ms());
	else if (r == 0)
		atomic_store(&bot->held_up_ms, 0);
}

void ad_turn_run(struct ad_bot_worker *worker, struct ad_http_request *request)
{
	struct ad_turn turn = { .worker = worker };
	struct ad_answer answer = ad_answer_refuse(503, AD_BOT_OVERLOADED);
	struct ad_err err = { 0 };
	int64_t begun = ad_clock_mono_ms();
	int r;
	if (may_begin(worker->bot, begun - ad_http_request_arrived_ms(request), begun)) {
		r = handle(&turn, request, &answer, &err);
		note_outcome(worker->bot, r);
	} else {
		r = AD_REFUSE(&err, AD_EBUSY, AD_REFUSED_QUEUE, "waited too long for a worker");
	}
	atomic_fetch_add(&worker->bot->counts[answer.end], 1);
	ad_refusal_count((enum ad_refusal)err.refusal);
	const char *ms = AD_NUM(ad_clock_mono_ms() - begun);
	if (r != 0)
		log_refused(request, &answer, &err, ms);
	else
		ad_log(AD_LOG_INFO, "bot", "turn", "end", ad_bot_end_name(answer.end), "ms", ms,
			NULL);
	send_answer(request, &answer);
}
