/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Links in mails and the pages behind them. Looking changes nothing, however often and whoever
 * looks; the form's button decides, by the rules of a press in Teams.
 */
#include "link.h"
#include "device.h"
#include "frozen.h"
#include "html.h"
#include "page.h"
#include "parts.h"
#include "stepup.h"
#include "ad/text.h"

/* ---- words ---- */

/* Of a page that cannot say more, not even when words are missing. */
#define LAST_WORDS "<!doctype html>\n<title>AppDesk</title>\n<p>Please try again in a minute.</p>\n"

static const struct {
	const char *title;
	const char *text;
} plain[] = {
	[AD_DESK_PAGE_UNKNOWN] = { "link.over_title", "link.unknown" },
	[AD_DESK_PAGE_MALFORMED] = { "link.malformed_title", "link.malformed" },
	[AD_DESK_PAGE_TOO_FAST] = { "link.too_fast_title", "link.too_fast" },
	[AD_DESK_PAGE_BUSY] = { "link.busy_title", "link.busy" },
};

/* A word, or "" for one that is missing: a page is better than none. */
static const char *word(
	const struct ad_desk *desk, const char *locale, const char *key, const struct ad_json *data)
{
	const char *text = "";
	struct ad_err ignored = { 0 };
	return ad_words(desk, locale, key, data, &text, &ignored) == 0 ? text : "";
}

static struct ad_page begin_page(const struct ad_desk *desk, const char *locale)
{
	struct ad_page page = { .lang = ad_cards_language(desk->cards, locale),
		.is_rtl = ad_cards_is_rtl(desk->cards, locale) };
	if (!ad_text_empty(desk->bot_app_id)) {
		page.link_url = ad_desk_chat_url(desk->arena, desk->bot_app_id);
		page.link_label = word(desk, locale, "action.open_teams", NULL);
	}
	return page;
}

static void end_page(const struct ad_desk *desk, const struct ad_page *page,
	enum ad_desk_page_kind kind, const char *outcome, struct ad_desk_page *ret)
{
	const char *html = ad_page_print(desk->arena, page);
	*ret = (struct ad_desk_page){
		.kind = kind, .outcome = outcome, .html = html ? html : LAST_WORDS
	};
}

const char *ad_desk_chat_url(struct ad_arena *arena, const char *bot_app_id)
{
	return ad_printf(arena, "https://teams.microsoft.com/l/chat/0/0?users=28:%s",
		ad_url_segment(arena, bot_app_id));
}

void ad_desk_page_plain(const struct ad_desk *desk, const char *locale, enum ad_desk_page_kind kind,
	const char *outcome, struct ad_desk_page *ret)
{
	AD_ASSERT(kind >= AD_DESK_PAGE_UNKNOWN && kind < AD_DESK_PAGES);
	struct ad_page page = begin_page(desk, locale);
	page.title = word(desk, locale, plain[kind].title, NULL);
	page.text = word(desk, locale, plain[kind].text, NULL);
	end_page(desk, &page, kind, outcome, ret);
}

/* ---- pages about a request ---- */

/* Everything that a page about a link is made of. */
struct linked {
	const struct ad_link *link;
	const struct ad_request *request;
	const char *locale;
	struct ad_json *data; /* for words */
	struct ad_fact facts[AD_FACTS_MAX];
};

static int describe(struct ad_desk *desk, struct linked *l, const char *locale, struct ad_err *err)
{
	/* A person of whose language we know nothing reads the browser's. */
	l->locale = ad_text_empty(l->link->locale) || *l->link->locale == '@' ? locale
									      : l->link->locale;
	int e = ad_request_data(desk, l->request, l->locale, &l->data, err);
	if (e != 0)
		return e;
	ad_json_set_str(desk->arena, l->data, "name", l->link->name);
	ad_json_set_str(desk->arena, l->data, "decided_when",
		ad_words_time(desk, l->locale, l->request->decided_at));
	return ad_request_facts(desk, l->request, l->locale, l->facts, err);
}

static const char *say(const struct ad_desk *desk, const struct linked *l, const char *key)
{
	return word(desk, l->locale, key, l->data);
}

/* The form that decides. */
static void ask(const struct ad_desk *desk, const struct linked *l,
	const struct ad_page_form *typed, struct ad_desk_page *ret)
{
	bool approves = l->link->decision == AD_DECISION_APPROVED;
	struct ad_page page = begin_page(desk, l->locale);
	struct ad_page_form form = *typed;
	page.title = say(desk, l, approves ? "link.approve_title" : "link.reject_title");
	page.text = say(desk, l, approves ? "link.approve" : "link.reject");
	memcpy(page.facts, l->facts, sizeof page.facts);
	page.quote_label = say(desk, l, "approval.why");
	page.quote = l->request->justification;
	form.button = say(desk, l, approves ? "action.approve" : "action.reject_now");
	form.is_danger = !approves;
	if (!approves) {
		form.reason_label = say(desk, l, "approval.reason");
		form.reason_hint = say(desk, l, "approval.reason_placeholder");
	}
	page.form = &form;
	page.notes[0] = say(desk, l, "link.holder");
	bool faulty = !ad_text_empty(form.fault);
	end_page(desk, &page, faulty ? AD_DESK_PAGE_FAULTY : AD_DESK_PAGE_ASKS,
		faulty ? ad_decide_outcome_name(AD_DECIDE_NEEDS_REASON) : "open", ret);
}

/* How the request stands: who decided and when, or what became of it. */
static void add_status(const struct ad_desk *desk, const struct linked *l, struct ad_page *page)
{
	const struct ad_request *request = l->request;
	bool rejected = request->state == AD_REQUEST_REJECTED;
	if (request->decided_by_oid) {
		page->status = say(desk, l, rejected ? "link.was_rejected" : "link.was_approved");
		page->status_class = rejected ? "bad" : "good";
	} else {
		page->status = say(desk, l, "link.state");
	}
}

static void tell_decided(
	const struct ad_desk *desk, const struct linked *l, struct ad_desk_page *ret)
{
	bool approved = l->link->decision == AD_DECISION_APPROVED;
	struct ad_page page = begin_page(desk, l->locale);
	page.title = say(desk, l, approved ? "link.approved_title" : "link.rejected_title");
	page.text = say(desk, l, "link.done");
	add_status(desk, l, &page);
	end_page(desk, &page, AD_DESK_PAGE_DECIDED, ad_decide_outcome_name(AD_DECIDE_DECIDED), ret);
}

static void tell_over(const struct ad_desk *desk, const struct linked *l, const char *outcome,
	struct ad_desk_page *ret)
{
	bool waits = ad_request_undecided(l->request->state);
	struct ad_page page = begin_page(desk, l->locale);
	page.title = say(desk, l, "link.over_title");
	page.text = say(desk, l, "link.over");
	add_status(desk, l, &page);
	if (waits || l->request->decided_by_oid)
		page.notes[0] = say(desk, l, waits ? "link.waits" : "link.now");
	end_page(desk, &page, AD_DESK_PAGE_OVER, outcome, ret);
}

static void tell_refused(const struct ad_desk *desk, const struct linked *l,
	enum ad_decide_outcome outcome, struct ad_desk_page *ret)
{
	bool own = outcome == AD_DECIDE_SELF;
	struct ad_page page = begin_page(desk, l->locale);
	page.title = say(desk, l, "link.refused_title");
	page.text = say(desk, l, own ? "decide.self" : "decide.not_approver");
	end_page(desk, &page, AD_DESK_PAGE_REFUSED, ad_decide_outcome_name(outcome), ret);
}

/* A page of ours cannot see who has signed in: Teams can. */
static void tell_sign_in(
	const struct ad_desk *desk, const struct linked *l, struct ad_desk_page *ret)
{
	struct ad_page page = begin_page(desk, l->locale);
	page.title = say(desk, l, "link.refused_title");
	page.text = say(desk, l, "link.sign_in");
	end_page(desk, &page, AD_DESK_PAGE_REFUSED, ad_decide_outcome_name(AD_DECIDE_SIGN_IN), ret);
}

/* The link stays as it is, for when the counter works again. */
static void tell_frozen(
	const struct ad_desk *desk, const struct linked *l, struct ad_desk_page *ret)
{
	struct ad_page page = begin_page(desk, l->locale);
	page.title = say(desk, l, "link.frozen_title");
	page.text = say(desk, l, "link.frozen");
	end_page(desk, &page, AD_DESK_PAGE_BUSY, ad_decide_outcome_name(AD_DECIDE_FROZEN), ret);
}

/* So does this one, for when the device is compliant. */
static void tell_device(const struct ad_desk *desk, const struct linked *l,
	enum ad_device_verdict device, struct ad_desk_page *ret)
{
	struct ad_page page = begin_page(desk, l->locale);
	page.title = say(desk, l, "link.refused_title");
	page.text = say(desk, l, ad_device_refusal_key(desk, device));
	end_page(desk, &page, AD_DESK_PAGE_REFUSED, ad_decide_outcome_name(AD_DECIDE_DEVICE), ret);
}

/* ---- looking ---- */

int ad_desk_link_holder(struct ad_desk *desk, const char *text, struct ad_person *ret,
	const char **ret_tenant_id, struct ad_err *err)
{
	struct ad_link link;
	int e = ad_store_link_get(desk->db, desk->arena, text, &link, err);
	if (e != 0)
		return e;
	*ret_tenant_id = link.tenant_id;
	*ret = (struct ad_person){
		.oid = link.oid, .name = link.name, .mail = link.mail, .locale = link.locale
	};
	return 0;
}

/* Why a link is over before anybody asks about rights; NULL: it is not. */
static const char *why_over(const struct ad_link *link)
{
	if (link->used)
		return "used_link";
	return link->expired ? "expired_link" : NULL;
}

static bool is_open(const struct ad_link *link, const struct ad_request *request)
{
	return ad_request_undecided(request->state) && request->stage == link->stage &&
	       request->stage_state == AD_STAGE_OPEN && request->version == link->version;
}

int ad_desk_link_look(struct ad_desk *desk, const char *text, const char *locale,
	struct ad_desk_page *ret, struct ad_err *err)
{
	static const struct ad_page_form untouched = { 0 };
	struct ad_link link;
	struct ad_request request;
	int e = ad_store_link_get(desk->db, desk->arena, text, &link, err);
	if (e == AD_ENOTFOUND) {
		ad_desk_page_plain(desk, locale, AD_DESK_PAGE_UNKNOWN, "no_link", ret);
		return 0;
	}
	if (e == 0)
		e = ad_store_request_get(
			desk->db, desk->arena, link.tenant_id, link.request_id, &request, err);
	struct linked l = { .link = &link, .request = &request };
	if (e == 0)
		e = describe(desk, &l, locale, err);
	bool frozen = false;
	if (e == 0)
		e = ad_frozen_now(desk, &frozen, err);
	if (e != 0)
		return e;
	const char *over = why_over(&link);
	if (!over && frozen)
		tell_frozen(desk, &l, ret);
	else if (over || !is_open(&link, &request))
		tell_over(desk, &l, over ? over : ad_decide_outcome_name(AD_DECIDE_STALE), ret);
	else if (ad_stepup_wanted(desk, request.app_classification, link.decision))
		tell_sign_in(desk, &l, ret);
	else
		ask(desk, &l, &untouched, ret);
	return 0;
}

/* ---- deciding ---- */

static int refuse_over(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_link *link, const char *why, struct ad_err *err)
{
	struct ad_json *details = ad_json_new_object(desk->arena);
	ad_json_set_str(desk->arena, details, "reason", why);
	ad_json_set_str(desk->arena, details, "wanted", ad_decision_name(link->decision));
	return ad_trail(desk,
		&(struct ad_event){ .who = who,
			.action = "decision.refused",
			.entity_type = "request",
			.entity_id = link->request_id,
			.details = details },
		err);
}

/* What is shown for a verdict, and what becomes of the link. */
static int answer(struct ad_desk *desk, const struct linked *l, const char *text,
	const struct ad_link_verdict *verdict, struct ad_page_form *typed, struct ad_desk_page *ret,
	struct ad_err *err)
{
	switch (verdict->outcome) {
	case AD_DECIDE_DECIDED:
		if (verdict->is_long) {
			typed->fault = say(desk, l, "decide.long_reason");
			ask(desk, l, typed, ret);
			return 0;
		}
		tell_decided(desk, l, ret);
		return ad_store_link_used(desk->db, desk->arena, text, err);
	case AD_DECIDE_NEEDS_REASON:
		typed->fault = say(desk, l, "decide.needs_reason");
		ask(desk, l, typed, ret);
		return 0;
	case AD_DECIDE_SELF:
	case AD_DECIDE_NOT_APPROVER:
		tell_refused(desk, l, verdict->outcome, ret);
		return 0;
	case AD_DECIDE_FROZEN:
		tell_frozen(desk, l, ret);
		return 0;
	case AD_DECIDE_SIGN_IN:
		tell_sign_in(desk, l, ret);
		return 0;
	case AD_DECIDE_DEVICE:
		tell_device(desk, l, verdict->device, ret);
		return 0;
	case AD_DECIDE_ALREADY:
	case AD_DECIDE_VOTED:
	case AD_DECIDE_CLOSED:
	case AD_DECIDE_STALE:
	case AD_DECIDE_CONFLICT:
	case AD_DECIDE_WIDER:
	default:
		tell_over(desk, l, ad_decide_outcome_name(verdict->outcome), ret);
		return ad_store_link_expire(desk->db, desk->arena, text, err);
	}
}

/* With the link locked: nobody uses it at the same time. */
static int decide(struct ad_desk *desk, const struct ad_person *who, const struct ad_link *link,
	const struct ad_desk_link_press *press, struct ad_desk_page *ret, struct ad_err *err)
{
	struct ad_link_verdict verdict = { 0 };
	struct ad_page_form typed = { .reason = press->reason };
	const char *over = why_over(link);
	int e = over ? ad_store_request_get(desk->db, desk->arena, link->tenant_id,
			       link->request_id, &verdict.request, err)
		     : ad_decide_by_link(desk, who,
			       &(struct ad_link_press){ .link = link, .reason = press->reason },
			       &verdict, err);
	struct linked l = { .link = link, .request = &verdict.request };
	if (e == 0)
		e = describe(desk, &l, press->locale, err);
	if (e != 0)
		return e;
	if (!over)
		return answer(desk, &l, press->text, &verdict, &typed, ret, err);
	if (press->again && link->used) {
		tell_decided(desk, &l, ret);
		return 0;
	}
	tell_over(desk, &l, over, ret);
	return refuse_over(desk, who, link, over, err);
}

int ad_desk_link_decide(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_link_press *press, struct ad_desk_page *ret, struct ad_err *err)
{
	AD_ASSERT(ad_db_in_transaction(desk->db));
	struct ad_link link;
	int e = ad_store_link_lock(desk->db, desk->arena, press->text, &link, err);
	bool theirs = e == 0 && ad_text_eq(link.oid, who->oid) &&
		      ad_text_eq(link.tenant_id, desk->tenant_id);
	if (e == AD_ENOTFOUND || (e == 0 && !theirs)) {
		ad_desk_page_plain(desk, press->locale, AD_DESK_PAGE_UNKNOWN, "no_link", ret);
		return 0;
	}
	return e == 0 ? decide(desk, who, &link, press, ret, err) : e;
}
