/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A mail in place of a notice that Teams did not take. It says what is so now, not what was so when
 * the notice was made: a question that is answered already is not asked by mail.
 */
#include "mail.h"
#include "html.h"
#include "parts.h"
#include "ad/clock.h"
#include "ad/store/links.h"
#include "ad/store/mails.h"
#include "ad/store/outbox.h"
#include "ad/text.h"

#define DAY_S (24 * 60 * 60)

/* A mail in the making. */
struct mailing {
	struct ad_mail_notice notice;
	struct ad_mail_content content;
	struct ad_request request; /* where the notice is about one */
	struct ad_json *data;      /* for words */
	bool is_moot;              /* there is nothing to say any more */
	bool asks;                 /* a decision is waited for */
};

static int word(struct ad_desk *desk, const struct mailing *m, const char *key, const char **ret,
	struct ad_err *err)
{
	return ad_words(desk, m->notice.locale, key, m->data, ret, err);
}

/* ---- a question ---- */

/* Whether the decision is still this person's to make, as far as the request tells. */
static bool is_open_to(const struct ad_request *request, const char *oid)
{
	return ad_request_undecided(request->state) && request->stage_state == AD_STAGE_OPEN &&
	       !ad_text_eq(request->requester_oid, oid) &&
	       !ad_text_eq(request->beneficiary_oid, oid);
}

static int add_link(struct ad_desk *desk, struct mailing *m, enum ad_decision decision,
	struct ad_mail_button *ret, struct ad_err *err)
{
	const char *base = desk->mail->public_url;
	const char *text;
	bool approves = decision == AD_DECISION_APPROVED;
	int e = ad_store_link_new(desk->db, desk->arena,
		&(struct ad_link){ .tenant_id = desk->tenant_id,
			.oid = m->notice.recipient_oid,
			.request_id = m->request.id,
			.stage = m->request.stage,
			.decision = decision,
			.version = m->request.version },
		&text, err);
	if (e != 0)
		return e;
	ret->url = ad_printf(
		desk->arena, "%s%sact/%s", base, ad_text_ends(base, "/") ? "" : "/", text);
	ret->is_danger = !approves;
	return word(desk, m, approves ? "mail.approve" : "mail.reject", &ret->label, err);
}

static int add_links(struct ad_desk *desk, struct mailing *m, struct ad_err *err)
{
	int64_t until = ad_clock_unix_ms() / 1000 + (int64_t)AD_LINK_DAYS * DAY_S;
	ad_json_set_str(desk->arena, m->data, "until",
		ad_words_time(desk, m->notice.locale, ad_clock_iso(desk->arena, until)));
	const char *from = desk->mail->sign_in_from;
	bool approves = !from || !ad_risk_reaches(m->request.app_classification, from);
	int e = approves ? add_link(desk, m, AD_DECISION_APPROVED, &m->content.buttons[0], err) : 0;
	if (e == 0)
		e = add_link(desk, m, AD_DECISION_REJECTED, &m->content.buttons[1], err);
	return e == 0 ? word(desk, m, approves ? "mail.links" : "mail.link_rejects",
				&m->content.notes[0], err)
		      : e;
}

static int write_question(struct ad_desk *desk, struct mailing *m, struct ad_err *err)
{
	struct ad_mail_content *c = &m->content;
	m->is_moot = !is_open_to(&m->request, m->notice.recipient_oid);
	m->asks = true;
	if (m->is_moot)
		return 0;
	int e = word(desk, m, m->request.is_review ? "review.subject" : "mail.question_subject",
		&c->subject, err);
	if (e == 0)
		e = word(desk, m, ad_request_question(&m->request), &c->title, err);
	if (e == 0)
		e = word(desk, m, "mail.question", &c->text, err);
	if (e == 0)
		e = ad_request_facts(desk, &m->request, m->notice.locale, c->facts, err);
	if (e == 0)
		e = word(desk, m, "approval.why", &c->quote_label, err);
	c->quote = m->request.justification;
	return e == 0 && desk->mail->links ? add_links(desk, m, err) : e;
}

/* ---- news ---- */

/* The words of the message itself; a card has them as its summary. */
static const char *said(struct ad_desk *desk, const struct mailing *m)
{
	struct ad_json *activity;
	const char *json = m->notice.activity;
	if (ad_json_parse(desk->arena, json, strlen(json), &activity, NULL) != 0)
		return "";
	const char *text = ad_json_str(activity, "text");
	text = text ? text : ad_json_str(activity, "summary");
	return text ? text : "";
}

/* Of an answer in a conversation the person has seen the question: without Teams it means nothing.
 */
static bool is_chat(const char *fact)
{
	return ad_text_starts(fact, "reply.") || ad_text_starts(fact, "pointer.") ||
	       ad_text_starts(fact, "welcome.");
}

/* A receipt says how the request stands, unless it came to ask something; a question that is
 * answered, and a word about a delay that is over, is no news. */
static int write_about_request(struct ad_desk *desk, struct mailing *m, struct ad_err *err)
{
	struct ad_mail_content *c = &m->content;
	bool asks = ad_text_ends(m->notice.fact, ".question");
	bool receipt = ad_text_eq(m->notice.card, "receipt") && !asks;
	m->is_moot = asks ? m->request.state != AD_REQUEST_NEEDS_INFO
			  : ad_text_ends(m->notice.fact, ".delayed") &&
				     !ad_request_open(m->request.state);
	int e = word(desk, m, "mail.request_subject", &c->subject, err);
	if (e == 0 && receipt)
		e = word(desk, m, "receipt.short", &c->text, err);
	else if (e == 0)
		c->text = said(desk, m);
	return e;
}

static int write_about_job(struct ad_desk *desk, struct mailing *m, struct ad_err *err)
{
	struct ad_job job;
	int e = ad_store_jobs_get(desk->db, desk->arena, m->notice.job_id, &job, err);
	m->is_moot = e == AD_ENOTFOUND || (e == 0 && !ad_job_stuck(&job));
	m->content.text = said(desk, m);
	return e == AD_ENOTFOUND ? 0
	       : e == 0          ? word(desk, m, "mail.job_subject", &m->content.subject, err)
				 : e;
}

static int write_news(struct ad_desk *desk, struct mailing *m, struct ad_err *err)
{
	bool receipt = ad_text_eq(m->notice.card, "receipt");
	int e;
	if (is_chat(m->notice.fact) && !receipt) {
		m->is_moot = true;
		return 0;
	}
	if (ad_text_eq(m->notice.card, "job"))
		e = write_about_job(desk, m, err);
	else if (m->notice.request_id != 0)
		e = write_about_request(desk, m, err);
	else
		e = word(desk, m, "mail.subject", &m->content.subject, err);
	if (ad_text_empty(m->content.text))
		m->content.text = said(desk, m);
	m->is_moot |= ad_text_empty(m->content.text);
	m->content.title = m->content.subject;
	return e;
}

/* ---- the mail ---- */

static int write_mail(struct ad_desk *desk, struct mailing *m, struct ad_err *err)
{
	int e = 0;
	m->data = ad_json_new_object(desk->arena);
	if (m->notice.request_id != 0)
		e = ad_store_request_get(desk->db, desk->arena, desk->tenant_id,
			m->notice.request_id, &m->request, err);
	if (e == 0 && m->notice.request_id != 0)
		e = ad_request_data(desk, &m->request, m->notice.locale, &m->data, err);
	if (e != 0)
		return e;
	bool question = m->notice.request_id != 0 && ad_text_eq(m->notice.card, "approval");
	e = question ? write_question(desk, m, err) : write_news(desk, m, err);
	m->content.lang = ad_cards_language(desk->cards, m->notice.locale);
	m->content.is_rtl = ad_cards_is_rtl(desk->cards, m->notice.locale);
	m->content.link_url = ad_desk_chat_url(desk->arena, desk->bot_app_id);
	if (e == 0)
		e = word(desk, m, "action.open_teams", &m->content.link_label, err);
	return e == 0 ? word(desk, m, "mail.why", &m->content.notes[1], err) : e;
}

/* Once for each notice; again only when the one before certainly did not arrive. */
static const char *fact_of(const struct ad_desk *desk, const struct ad_mail_notice *notice)
{
	return notice->mails == 0
		       ? notice->fact
		       : ad_printf(desk->arena, "%s.again%d", notice->fact, notice->mails);
}

static int post(struct ad_desk *desk, const struct mailing *m, struct ad_err *err)
{
	struct ad_mail_parts parts;
	int64_t id;
	int e = ad_mail_print(desk->arena, &m->content, &parts, err);
	if (e == 0)
		e = ad_store_outbox_add_mail(desk->db, desk->arena, desk->mail->key,
			&(struct ad_mail_new){ .tenant_id = desk->tenant_id,
				.recipient_oid = m->notice.recipient_oid,
				.fact = fact_of(desk, &m->notice),
				.fallback_of = m->notice.id,
				.request_id = m->notice.request_id,
				.urgent = m->asks,
				.node_id = desk->node_id,
				.to = m->notice.mail,
				.subject = parts.subject,
				.text = parts.text,
				.html = parts.html },
			&id, err);
	if (e == 0 && id != 0)
		ad_notice_remember(desk, id);
	return e;
}

int ad_desk_mail_notice(
	struct ad_desk *desk, int64_t outbox_id, enum ad_desk_mailed *ret, struct ad_err *err)
{
	AD_ASSERT(ad_db_in_transaction(desk->db));
	struct mailing m = { 0 };
	*ret = AD_DESK_MAIL_OFF;
	if (!desk->mail)
		return 0;
	int e = ad_store_mail_notice(
		desk->db, desk->arena, desk->tenant_id, outbox_id, &m.notice, err);
	if (e != 0 || m.notice.is_mailed) {
		*ret = AD_DESK_MAILED;
		return e;
	}
	*ret = AD_DESK_MAIL_NO_ADDRESS;
	if (!m.notice.is_active || !ad_text_is_mail_address(m.notice.mail))
		return 0;
	e = write_mail(desk, &m, err);
	*ret = m.is_moot ? AD_DESK_MAIL_MOOT : AD_DESK_MAILED;
	return e == 0 && !m.is_moot ? post(desk, &m, err) : e;
}
