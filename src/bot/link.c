/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Links in mails, from HTTP to the desk and back: GET and HEAD look, POST decides. The secret is in
 * the path, so a path is never logged here. Worker thread, but for what is answered before a worker
 * is needed.
 */
#include "link.h"
#include "ad/clock.h"
#include "ad/log.h"
#include "ad/refusal.h"
#include "ad/store/links.h"
#include "ad/text.h"

#define RETRY_S 5 /* for who came when there was too much to do */

/* What HTTP and the counters make of each kind of page. */
static const struct manner {
	int status;
	enum ad_bot_end end;
	enum ad_refusal why;
} manners[AD_DESK_PAGES] = {
	[AD_DESK_PAGE_ASKS] = { 200, AD_BOT_ANSWERED, AD_REFUSED_NONE },
	[AD_DESK_PAGE_DECIDED] = { 200, AD_BOT_ANSWERED, AD_REFUSED_NONE },
	[AD_DESK_PAGE_FAULTY] = { 400, AD_BOT_ANSWERED, AD_REFUSED_NONE },
	[AD_DESK_PAGE_REFUSED] = { 403, AD_BOT_FORBIDDEN, AD_REFUSED_NONE },
	[AD_DESK_PAGE_OVER] = { 410, AD_BOT_GONE, AD_REFUSED_LINK },
	[AD_DESK_PAGE_UNKNOWN] = { 404, AD_BOT_GONE, AD_REFUSED_LINK },
	[AD_DESK_PAGE_MALFORMED] = { 400, AD_BOT_MALFORMED, AD_REFUSED_BODY },
	[AD_DESK_PAGE_TOO_FAST] = { 429, AD_BOT_THROTTLED, AD_REFUSED_PERSON_LIMIT },
	[AD_DESK_PAGE_BUSY] = { 503, AD_BOT_UNAVAILABLE, AD_REFUSED_NONE },
};

/* ---- what HTTP brings ---- */

bool ad_link_is(const struct ad_http_request *request)
{
	return ad_text_starts(ad_http_request_path(request), AD_BOT_LINK_PATH);
}

static const char *link_text(const struct ad_http_request *request)
{
	return ad_http_request_path(request) + strlen(AD_BOT_LINK_PATH);
}

/* What Accept-Language asks for; "" when we speak none of it. */
static const char *locale_of(
	const struct ad_cards *cards, struct ad_arena *arena, const struct ad_http_request *request)
{
	const char *value = ad_http_request_header(request, "Accept-Language");
	return value ? ad_cards_accept(cards, arena, value) : "";
}

/* ---- what goes back ---- */

/* retry_s: Retry-After; 0: none. */
static void fill_reply(struct ad_arena *arena, const struct ad_desk_page *page, int retry_s,
	struct ad_http_reply *ret)
{
	static const struct ad_http_header usual[] = {
		{ "Cache-Control", "no-store" },
		{ "Referrer-Policy", "no-referrer" },
		{ "X-Frame-Options", "DENY" },
		{ "X-Robots-Tag", "noindex, nofollow" },
		{ "Cross-Origin-Opener-Policy", "same-origin" },
		{ "Cross-Origin-Resource-Policy", "same-origin" },
	};
	const size_t count = sizeof usual / sizeof usual[0];
	struct ad_http_header *headers = ad_alloc_array(arena, count + 2, sizeof *headers);
	memcpy(headers, usual, sizeof usual);
	headers[count] =
		(struct ad_http_header){ "Content-Security-Policy", ad_desk_page_policy(arena) };
	headers[count + 1] =
		(struct ad_http_header){ "Retry-After", ad_printf(arena, "%d", retry_s) };
	*ret = (struct ad_http_reply){
		.status = manners[page->kind].status,
		.content_type = "text/html; charset=utf-8",
		.body = page->html,
		.body_len = strlen(page->html),
		.headers = headers,
		.headers_count = retry_s > 0 ? count + 2 : count + 1,
	};
}

/* Pages that need neither database nor worker. */
static struct ad_desk bare_desk(const struct ad_bot *bot, struct ad_arena *arena)
{
	return (struct ad_desk){
		.arena = arena, .cards = bot->options.cards, .bot_app_id = bot->options.app_id
	};
}

void ad_link_busy(const struct ad_bot *bot, struct ad_http_request *request)
{
	struct ad_arena *arena = ad_arena_new();
	const struct ad_desk desk = bare_desk(bot, arena);
	struct ad_desk_page page;
	struct ad_http_reply reply;
	ad_desk_page_plain(
		&desk, locale_of(desk.cards, arena, request), AD_DESK_PAGE_BUSY, "busy", &page);
	fill_reply(arena, &page, RETRY_S, &reply);
	ad_http_answer(request, &reply);
	ad_arena_free(arena);
}

/* ---- the loop ---- */

void ad_bot_handle_link(struct ad_http_request *request, void *ctx)
{
	struct ad_bot *bot = ctx;
	if (ad_store_link_is_text(link_text(request))) {
		ad_bot_handle(request, ctx);
		return;
	}
	struct ad_arena *arena = ad_arena_new();
	const struct ad_desk desk = bare_desk(bot, arena);
	struct ad_desk_page page;
	struct ad_http_reply reply;
	ad_desk_page_plain(&desk, locale_of(desk.cards, arena, request), AD_DESK_PAGE_UNKNOWN,
		"no_link", &page);
	fill_reply(arena, &page, 0, &reply);
	atomic_fetch_add(&bot->counts[AD_BOT_GONE], 1);
	ad_refusal_count(AD_REFUSED_LINK);
	ad_http_reply(request, &reply);
	ad_arena_free(arena);
}

/* ---- deciding ---- */

struct pressing {
	struct ad_turn *turn;
	struct ad_desk_link_press press;
	struct ad_desk_page *page;
	int wait_s; /* until this person may press again */
};

static void plain(const struct pressing *p, enum ad_desk_page_kind kind, const char *outcome)
{
	ad_desk_page_plain(&p->turn->desk, p->press.locale, kind, outcome, p->page);
}

static int in_transaction(struct ad_db *db, void *ctx, struct ad_err *err)
{
	struct pressing *p = ctx;
	struct ad_turn *turn = p->turn;
	size_t told = turn->desk.notices;
	int r;
	(void)db;
	ad_desk_restart(&turn->desk);
	if (turn->directory_down) {
		plain(p, AD_DESK_PAGE_BUSY, "directory_down");
		return 0;
	}
	/* Of a disabled account the facts name no group, so the desk refuses it. */
	r = ad_desk_link_decide(&turn->desk, &turn->who, &p->press, p->page, err);
	/* The round before was committed after all: its notices still have to leave. */
	if (p->press.again && turn->desk.notices == 0)
		turn->desk.notices = told;
	return r;
}

static bool may(struct pressing *p)
{
	struct ad_bot *bot = p->turn->worker->bot;
	if (!bot->persons)
		return true;
	const char *person = ad_printf(
		p->turn->worker->arena, "%s/%s", p->turn->desk.tenant_id, p->turn->who.oid);
	return ad_rate_take(bot->persons, person, ad_clock_mono_ms(), &p->wait_s) == AD_RATE_TAKEN;
}

static int press(struct pressing *p, const struct ad_http_request *request, struct ad_err *err)
{
	struct ad_turn *turn = p->turn;
	size_t len;
	const char *body = ad_http_request_body(request, &len);
	int r = ad_form_field(
		turn->worker->arena, body, len, AD_DESK_INPUT_REASON, &p->press.reason, err);
	if (r != 0) {
		plain(p, AD_DESK_PAGE_MALFORMED, "malformed");
		return r;
	}
	r = ad_desk_link_holder(&turn->desk, p->press.text, &turn->who, &turn->desk.tenant_id, err);
	if (r == AD_ENOTFOUND) {
		plain(p, AD_DESK_PAGE_UNKNOWN, "no_link");
		return 0;
	}
	if (r == 0 && !may(p)) {
		plain(p, AD_DESK_PAGE_TOO_FAST, "too_fast");
		return 0;
	}
	turn->intent = (struct ad_intent){ .kind = AD_INTENT_USE, .use = AD_DESK_DECIDE };
	turn->jobs_due = true;
	turn->directory_until_ms = ad_clock_mono_ms() + AD_BOT_DIRECTORY_MS;
	return r == 0 ? ad_turn_commit(turn, in_transaction, p, &p->press.again, err) : r;
}

/* ---- the turn ---- */

/* The page is always set; the return value is what the log says. */
static int handle(struct pressing *p, const struct ad_http_request *request, struct ad_err *err)
{
	struct ad_turn *turn = p->turn;
	struct ad_arena *arena = turn->worker->arena;
	turn->desk = ad_turn_desk(turn->worker, request);
	turn->desk.facts = &turn->facts;
	turn->desk.source = "email";
	turn->desk.correlation_id =
		ad_printf(arena, "link-%s", ad_store_link_digest(arena, p->press.text));
	plain(p, AD_DESK_PAGE_BUSY, "not_stored");
	if (ad_clock_mono_ms() - ad_http_request_arrived_ms(request) > AD_BOT_TURN_DEADLINE_MS)
		return AD_REFUSE(err, AD_EBUSY, AD_REFUSED_QUEUE, "waited too long for a worker");
	int r = ad_text_eq(ad_http_request_method(request), "POST")
			? press(p, request, err)
			: ad_desk_link_look(
				  &turn->desk, p->press.text, p->press.locale, p->page, err);
	/* A transaction that was rolled back may have made its page before. */
	if (r != 0 && p->page->kind != AD_DESK_PAGE_MALFORMED)
		plain(p, AD_DESK_PAGE_BUSY, "not_stored");
	return r;
}

static void log_end(const struct pressing *p, const struct ad_http_request *request, int r,
	const struct ad_err *err)
{
	static struct ad_log_budget budget;
	unsigned suppressed = 0;
	const struct ad_desk_page *page = p->page;
	const char *method = ad_http_request_method(request);
	if (manners[page->kind].status >= 400 && err->class != AD_CLASS_BUG &&
		!ad_log_may(&budget, &suppressed))
		return;
	const char *left_out = suppressed ? AD_NUM(suppressed) : NULL;
	if (r != 0)
		ad_log_err(AD_LOG_WARN, "bot", "link refused", err, "outcome", page->outcome,
			"link", p->turn->desk.correlation_id, "method", method, "peer",
			ad_http_request_peer(request), "suppressed", left_out, NULL);
	else
		ad_log(AD_LOG_INFO, "bot", "link", "outcome", page->outcome, "link",
			p->turn->desk.correlation_id, "method", method, "peer",
			ad_http_request_peer(request), "suppressed", left_out, NULL);
}

void ad_link_run(struct ad_bot_worker *worker, struct ad_http_request *request)
{
	struct ad_turn turn = { .worker = worker };
	struct ad_desk_page page = { 0 };
	struct ad_err err = { 0 };
	struct ad_http_reply reply;
	struct pressing p = {
		.turn = &turn,
		.page = &page,
		.press = { .text = link_text(request),
			.locale = locale_of(worker->bot->options.cards, worker->arena, request) },
	};
	int r = handle(&p, request, &err);
	const struct manner *manner = &manners[page.kind];
	atomic_fetch_add(&worker->bot->counts[manner->end], 1);
	ad_refusal_count(err.refusal ? (enum ad_refusal)err.refusal : manner->why);
	log_end(&p, request, r, &err);
	int retry_s = manner->status == 503 ? RETRY_S : p.wait_s;
	fill_reply(worker->arena, &page, retry_s, &reply);
	ad_http_answer(request, &reply);
}
