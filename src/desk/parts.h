/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the use cases share: words, replies, notices, the audit trail, and the picture of a request
 * or job on a card. Private to desk. All of it runs inside the caller's transaction.
 */
#ifndef AD_DESK_PARTS_H
#define AD_DESK_PARTS_H

#include "ad/cards.h"
#include "ad/db.h"
#include "ad/desk.h"
#include "ad/desk/gather.h"
#include "ad/store/copies.h"
#include "ad/store/jobs.h"
#include "ad/store/ledger.h"
#include "ad/store/requests.h"
#include "ad/store/tokens.h"

#define AD_LIST_MAX 10           /* rows of a list card */
#define AD_SHOWN_MAX 300         /* characters of a long text on a card that is not about it */
#define AD_REQUESTS_OPEN_MAX 20  /* open requests of one person (reliability threat 21) */
#define AD_PACKAGE_JOB "package" /* the kind of job that delivers an app */

/* ---- words.c: texts in a person's language ---- */

/* A sentence of cards/text; data may be NULL. */
AD_MUST int ad_words(const struct ad_desk *desk, const char *locale, const char *key,
	const struct ad_json *data, const char **ret, struct ad_err *err);
/* Same, as the member `name` of into. */
AD_MUST int ad_words_into(const struct ad_desk *desk, const char *locale, const char *key,
	struct ad_json *into, const char *name, struct ad_err *err);
/* What a person wrote, for a card: cut to max_chars code points. */
const char *ad_words_cut(const struct ad_desk *desk, const char *text, size_t max_chars);
/* A short list as one sentence: the word `key` with ${people}, the first two names and the number
 * of others as the language joins them, and ${count}. Only AD_NAMES_MAX items are looked at. */
#define AD_NAMES_MAX 2
struct ad_words_names {
	const char *const *items;
	size_t count; /* of all, also of those beyond AD_NAMES_MAX */
	bool any;     /* one of them is enough: "or" */
};
AD_MUST int ad_words_list(const struct ad_desk *desk, const char *locale, const char *key,
	const struct ad_words_names *names, const char **ret, struct ad_err *err);
/* "Kim", "Kim or Lee", "Kim, Lee or 3 more"; nobody is a sentence, too. */
AD_MUST int ad_words_people(const struct ad_desk *desk, const char *locale,
	const struct ad_stage_approver *people, size_t count, const char **ret, struct ad_err *err);
/* "22 Nov 2026, 17:54", by the clock of who reads it; "" for what is no instant. */
const char *ad_words_time(const struct ad_desk *desk, const char *locale, const char *iso);

/* ---- search.c ---- */

/* What a text looks for, in the language of locale; words is "" when nothing is left of it but
 * filler. limit is the caller's to set. */
AD_MUST int ad_search_read(struct ad_desk *desk, const char *locale, const char *text,
	struct ad_app_search *ret, struct ad_err *err);
/* Published apps that somebody names, the likeliest first, as ad_desk_search finds them. NULL names
 * none. */
AD_MUST int ad_apps_named(struct ad_desk *desk, const char *locale, const char *name, int limit,
	struct ad_app_list *ret, struct ad_err *err);

/* Who will hold what the person asks for. */
static inline const struct ad_person *ad_holder(const struct ad_person *who)
{
	return who->asks_for ? who->asks_for : who;
}

/* ---- unclear.c ---- */

/* One more message of this person that came to nothing; *ret_contact: to whom they may turn, when
 * it is not the first one, else "". May want facts. */
AD_MUST int ad_unclear_count(struct ad_desk *desk, const struct ad_person *who,
	const char **ret_contact, struct ad_err *err);
/* To whom somebody may turn: a sentence. May want facts. */
AD_MUST int ad_human(
	struct ad_desk *desk, const struct ad_person *who, const char **ret, struct ad_err *err);
/* Members contact and has_contact; NULL or "": none. */
void ad_unclear_contact(struct ad_desk *desk, const char *contact, struct ad_json *data);

/* ---- audience.c ---- */

/* Whether the app is there for the person: published, and without an audience or with the person in
 * one of its groups. May want facts. */
AD_MUST int ad_app_is_open(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_app *app, bool *ret, struct ad_err *err);
/* Keeps the first `most` that are. */
AD_MUST int ad_apps_keep_open(struct ad_desk *desk, const struct ad_person *who,
	struct ad_app_list *apps, size_t most, struct ad_err *err);

/* ---- reply.c: what the person is shown ---- */

/* A sentence as the whole answer. */
AD_MUST int ad_reply_words(const struct ad_desk *desk, const struct ad_person *who, const char *key,
	const struct ad_json *data, const char *outcome, struct ad_desk_reply *ret,
	struct ad_err *err);
/* What only admins may ask for, asked by somebody else. */
AD_MUST int ad_reply_not_admin(const struct ad_desk *desk, const struct ad_person *who,
	struct ad_desk_reply *ret, struct ad_err *err);
/* A card; its short form is the word `key`. Role, ids and place are the caller's to add. */
AD_MUST int ad_reply_card(const struct ad_desk *desk, const struct ad_person *who,
	const char *template, const char *key, const struct ad_json *data, const char *outcome,
	struct ad_desk_reply *ret, struct ad_err *err);

/* Remembers the reply as the answer of the token's first use. */
AD_MUST int ad_reply_remember(const struct ad_desk *desk, const char *token,
	const struct ad_desk_reply *reply, struct ad_err *err);
/* The end of what a press or its typed twin did: the reply takes the place of the pressed card, a
 * second press gets it again, and the audit rows are written. */
AD_MUST int ad_reply_finish(struct ad_desk *desk, const struct ad_desk_press *press,
	struct ad_desk_reply *ret, struct ad_err *err);
/* The remembered answer of a used token. */
AD_MUST int ad_reply_recall(const struct ad_desk *desk, const struct ad_token *token,
	struct ad_desk_reply *ret, struct ad_err *err);

/* The token behind a press. With a reply in *ret and *ret_done true, that is the answer already:
 * unknown, foreign, used before, or too old. */
AD_MUST int ad_reply_token(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_press *press, const char *purpose, struct ad_token *ret_token,
	struct ad_desk_reply *ret, bool *ret_done, struct ad_err *err);

/* ---- closed.c: cards whose buttons have no token any more (product E10) ---- */

/* The request as it is, with fresh buttons when it is open; AD_ENOTFOUND when there is none that
 * this person may see. */
AD_MUST int ad_closed_show(struct ad_desk *desk, const struct ad_person *who, int64_t number,
	struct ad_desk_reply *ret, struct ad_err *err);
/* A press with a token that nobody knows (any more). */
AD_MUST int ad_closed_unknown(struct ad_desk *desk, const struct ad_person *who, int64_t number,
	struct ad_desk_reply *ret, struct ad_err *err);
/* The request, when the person may see it. AD_ENOTFOUND: there is none, or it is not theirs. */
AD_MUST int ad_request_find_visible(struct ad_desk *desk, const struct ad_person *who,
	int64_t number, struct ad_request *ret, struct ad_err *err);
/* The answer to such a number, alike for both. */
AD_MUST int ad_request_unknown(struct ad_desk *desk, const struct ad_person *who, int64_t number,
	struct ad_desk_reply *ret, struct ad_err *err);
/* Whether the person may see the request. */
AD_MUST int ad_request_visible(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_request *request, bool *ret, struct ad_err *err);

/* ---- lookup.c, cancel.c: a person's own list, and what may be withdrawn from it ---- */

/* The list with a sentence about what a press has come to; NULL: none. */
AD_MUST int ad_status_show(struct ad_desk *desk, const struct ad_person *who, const char *note,
	struct ad_desk_reply *ret, struct ad_err *err);
/* Whether its requester may withdraw it now. */
bool ad_request_withdrawable(const struct ad_request *request);

/* ---- notice.c: telling people, and keeping cards true ---- */

struct ad_notice {
	const char *oid;
	const char *fact;             /* one notice per person and fact */
	const struct ad_json *card;   /* NULL: text */
	const struct ad_json *signin; /* an OAuth card in its place; NULL: none */
	const char *text;
	const char *role; /* of a card; NULL: "view" */
	/* News that the person may do without (the closed list in docs/internals/desk.md): text
	 * alone; comes as they wish, or not at all. */
	bool optional;
	bool digest; /* the same, and once a day even to those who hear news at once */
	int64_t request_id;
	int64_t job_id;
	int version;
	bool urgent; /* somebody waits for it: before news (ad/store/outbox.h) */
};
/* To the person's own conversation. */
AD_MUST int ad_notice_send(
	struct ad_desk *desk, const struct ad_notice *notice, struct ad_err *err);
/* To the conversation of place (NULL: the person's own). */
AD_MUST int ad_notice_post(struct ad_desk *desk, const struct ad_notice *notice,
	const struct ad_desk_place *place, struct ad_err *err);

/* An outbox row of this transaction, for the sender after the commit. */
void ad_notice_remember(struct ad_desk *desk, int64_t id);

/* The language of a person who is not in this turn; "" when not known. */
AD_MUST int ad_notice_locale(
	struct ad_desk *desk, const char *oid, const char **ret, struct ad_err *err);

/* An undelivered notice, locked; before it the request that it is about, so that what is shown of
 * it stays true until the commit. AD_ENOTFOUND. */
AD_MUST int ad_notice_hold(
	struct ad_desk *desk, int64_t id, struct ad_ledger_entry *ret, struct ad_err *err);
/* Sends an undelivered notice once more; a card that shows a request or a job shows it as it is
 * now. False: it is on its way, or done. */
AD_MUST int ad_notice_resend(struct ad_desk *desk, const struct ad_ledger_entry *entry,
	const char *fallback, bool *ret_sent, struct ad_err *err);

/* What copies show from now on: the card and text of a reply. */
AD_MUST int ad_notice_content(struct ad_desk *desk, const struct ad_desk_reply *content,
	struct ad_card_change *io_change, struct ad_err *err);
/* Some copies show this from now on. */
AD_MUST int ad_notice_show(struct ad_desk *desk, const struct ad_card_change *change,
	const struct ad_desk_reply *content, struct ad_err *err);
/* The same for several contents at once, each made by ad_notice_content; no copy gets two. */
AD_MUST int ad_notice_change(struct ad_desk *desk, const struct ad_card_change *changes,
	size_t count, struct ad_err *err);

/* ---- admin_card.c: one card for each admin, changed in place ---- */

/* What the cards are about, as it is now. */
struct ad_admin_card {
	const void *thing;
	/* Its card for one admin, with buttons: card, text, role, request or job, and version of
	 * *ret. */
	int (*show)(struct ad_desk *desk, const struct ad_person *who, const void *thing,
		struct ad_desk_reply *ret, struct ad_err *err);
};
/* To one admin, who gets no second one of the same fact. */
AD_MUST int ad_admin_card_send(struct ad_desk *desk, const struct ad_person *admin,
	const char *fact, const struct ad_admin_card *card, struct ad_err *err);
/* Those with a role that a job has sent, or that are about a request; the other id is 0. */
struct ad_admin_copies {
	int64_t request_id;
	int64_t job_id;
	const char *role;
};
/* Every one of these copies shows it as it is now. */
AD_MUST int ad_admin_card_refresh(struct ad_desk *desk, const struct ad_admin_copies *of,
	const struct ad_admin_card *card, struct ad_err *err);

/* ---- news.c: what people may do without ---- */

#define AD_NEWS_MAX 30 /* of one message; older ones first */

/* *ret_held: not to be written now, because the person wants to hear it later or not at all, or
 * because it is for the daily digest whatever they wish. */
AD_MUST int ad_news_hold(
	struct ad_desk *desk, const struct ad_notice *notice, bool *ret_held, struct ad_err *err);

/* ---- reach.c: whom we reach, in Teams or by mail ---- */

/* Those of people who hear of what is sent to them. */
AD_MUST int ad_reach(struct ad_desk *desk, const struct ad_people *people, struct ad_people *ret,
	struct ad_err *err);
/* The fact that this person is not reached today: admins hear of it once, whatever showed it. */
const char *ad_reach_fact(const struct ad_desk *desk, const char *oid);

/* ---- notice_view.c: an undelivered notice on an admin's card ---- */

/* Members n, person, what, why, since, state_label, fallback_label ... */
AD_MUST int ad_ledger_data(struct ad_desk *desk, const struct ad_ledger_entry *entry,
	const char *locale, struct ad_json **ret, struct ad_err *err);
/* The card with the buttons that may help; note: what just happened, a sentence; NULL: none. */
AD_MUST int ad_ledger_show(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_ledger_entry *entry, const char *note, struct ad_desk_reply *ret,
	struct ad_err *err);
/* A mail in its place waits, was sent, or perhaps was. */
bool ad_ledger_is_mailed(const struct ad_ledger_entry *entry);
/* An answer to words, which nobody waits for any more. */
bool ad_ledger_is_answer(const struct ad_ledger_entry *entry);

/* ---- trail.c: audit rows ---- */

struct ad_event {
	const struct ad_person *who; /* NULL: the system */
	const char *action;          /* "request.created" */
	const char *entity_type;     /* "request", "job", "app", "setting" */
	int64_t entity_id;           /* 0: entity_name */
	const char *entity_name;
	struct ad_json *details; /* NULL: {} */
	bool counts; /* details get `events` and `last_seq` of the entity's rows so far */
};
AD_MUST int ad_trail(struct ad_desk *desk, const struct ad_event *event, struct ad_err *err);
/* The same at the end of the use case: written, in this order, by the next ad_trail or by
 * ad_trail_flush. For parts of use cases: from the first audit row on the chain belongs to this
 * transaction, and other locks may still be wanted. Always 0. */
int ad_trail_later(struct ad_desk *desk, const struct ad_event *event);
AD_MUST int ad_trail_flush(struct ad_desk *desk, struct ad_err *err); /* who gathers does it last */

/* Writes what was put off, whoever gathers. */
AD_MUST int ad_trail_write(struct ad_desk *desk, struct ad_err *err);

/* ---- finish.c: for a caller that gathers (ad_desk_gather_writes); else they do nothing ---- */

/* The settings as they were at the begin of the transaction. False: they have to be read. */
bool ad_gathered_settings(const struct ad_desk *desk, struct ad_desk_settings *ret);
void ad_gathered_settings_changed(struct ad_desk *desk);
/* Where the rows of a statement of the outbox that leaves later will be told. Only for who gathers.
 */
struct ad_store_later *ad_gathered_told(struct ad_desk *desk);
/* Copies that were read; and the one of them at the place. */
void ad_gathered_copies(struct ad_desk *desk, const struct ad_card_copy *copies, size_t count);
bool ad_gathered_copy_at(
	const struct ad_desk *desk, const struct ad_desk_place *place, struct ad_card_copy *ret);
/* Contents for ad_desk_finish. Only for who gathers. */
void ad_gathered_change(struct ad_desk *desk, const struct ad_card_change *changes, size_t count);

/* ---- settings.c ---- */

#define AD_SETTING_CHANNEL "ApproverChannel"
#define AD_SETTING_CHANNEL_LOCALE "ApproverChannelLanguage"

struct ad_setting_list;
void ad_settings_read(const struct ad_setting_list *list, struct ad_desk_settings *ret);

/* AD_ECONFLICT, transient, when the groups are not the ones that the facts were taken for. */
AD_MUST int ad_settings_hold(struct ad_desk *desk, struct ad_err *err);
/* One that makes nothing laxer; its audit row comes with ad_trail_flush. */
AD_MUST int ad_setting_change(struct ad_desk *desk, const struct ad_person *who, const char *key,
	const char *value, struct ad_err *err);

/* ---- request_view.c: a request on a card ---- */

/* For whom the card is made. */
struct ad_request_view {
	const struct ad_request *request;
	const char *locale;
	bool receipt;   /* of the requester or of whom it is for; else an approver's or admin's */
	bool is_theirs; /* a receipt of whom somebody else has asked for */
	const char *token;  /* for its buttons; NULL: none */
	const char *fault;  /* a sentence about a faulty input; NULL: none */
	const char *note;   /* a sentence about what a press has come to; NULL: none */
	bool may_undo;      /* the person has just decided and may take that back */
	const char *behalf; /* the name of who is asked, when this person stands for them; "" */
	bool is_new;        /* the person is asked for the first time */
};
/* Card, text, role, id and version of *ret. */
AD_MUST int ad_request_show(struct ad_desk *desk, const struct ad_request_view *view,
	struct ad_desk_reply *ret, struct ad_err *err);
/* The request for this person, with the buttons that they may press now. */
AD_MUST int ad_request_show_to(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_request *request, struct ad_desk_reply *ret, struct ad_err *err);
/* The same with a sentence about what a press has come to; NULL: none. */
AD_MUST int ad_request_show_noted(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_request *request, const char *note, struct ad_desk_reply *ret,
	struct ad_err *err);
/* Every copy of the request's cards gets its present state. */
AD_MUST int ad_request_refresh(
	struct ad_desk *desk, const struct ad_request *request, struct ad_err *err);
/* The question to one approver, as a card. */
AD_MUST int ad_request_ask(struct ad_desk *desk, const struct ad_person *approver,
	const struct ad_request *request, struct ad_err *err);
/* The receipts alone, buttons and all: nothing has changed but what is known of it. */
AD_MUST int ad_request_refresh_receipts(
	struct ad_desk *desk, const struct ad_request *request, struct ad_err *err);
/* Members rid, v, app, publisher, requester, justification, state ...: what cards and sentences
 * about a request need. */
AD_MUST int ad_request_data(struct ad_desk *desk, const struct ad_request *request,
	const char *locale, struct ad_json **ret, struct ad_err *err);

/* The word that says what an approver is asked. */
const char *ad_request_question(const struct ad_request *request);

/* Adds approvers, progress, step, steps ...: what is to be said of the present stage. */
AD_MUST int ad_request_stage_data(struct ad_desk *desk, const struct ad_request *request,
	const char *locale, struct ad_json *data, struct ad_err *err);

/* Before many requests are shown: reads in one go who is asked in their present stages. */
AD_MUST int ad_request_read_asked(
	struct ad_desk *desk, const struct ad_request *requests, size_t count, struct ad_err *err);

/* ---- job_view.c: a job on an admin's card ---- */

/* The app that a job is about, from its key "app:<id>" or "grant:<id>"; zeroed when it is about
 * none: then the counter needs it for itself. AD_ENOTFOUND when the app is gone. */
AD_MUST int ad_job_app(
	struct ad_desk *desk, const struct ad_job *job, struct ad_app *ret, struct ad_err *err);
/* Whether an admin can do something about it. */
bool ad_job_stuck(const struct ad_job *job);
/* Members job, app, step, error, state_label ...: what cards and sentences about a job need. */
AD_MUST int ad_job_data(struct ad_desk *desk, const struct ad_job *job, const struct ad_app *app,
	const char *locale, struct ad_json **ret, struct ad_err *err);

/* The newest lines of a job's log: read once, however many cards show it. */
struct ad_job_log {
	struct ad_job_line *lines;
	size_t count;
};
AD_MUST int ad_job_log_read(
	struct ad_desk *desk, int64_t job_id, struct ad_job_log *ret, struct ad_err *err);

struct ad_job_view {
	const struct ad_job *job;
	const struct ad_app *app;
	const struct ad_request_list *waiting;
	const struct ad_job_log *log;
	const char *locale;
	const char *note; /* what just happened, a sentence; NULL: none */
	bool details;     /* the log is open from the start */
};
/* The job's card for one admin: with buttons, and a token for them, when it is stuck. */
AD_MUST int ad_job_show_to(struct ad_desk *desk, const char *oid, const struct ad_job_view *view,
	struct ad_desk_reply *ret, struct ad_err *err);

/* The same by number, as it is now, with its log. AD_ENOTFOUND. */
AD_MUST int ad_job_show_now(struct ad_desk *desk, const struct ad_person *who, int64_t number,
	struct ad_desk_reply *ret, struct ad_err *err);

struct ad_job_news {
	const struct ad_job *job;
	bool tell;            /* admins who hold no card yet get one */
	const char *note_key; /* a word about what happened; NULL: none */
	const struct ad_json *note_data;
};
/* Every admin's copy of the job's card. */
AD_MUST int ad_job_refresh(
	struct ad_desk *desk, const struct ad_job_news *news, struct ad_err *err);

/* ---- job_escalate.c ---- */

/* Somebody is called when the job goes on failing: after some hours, or at once when it has failed
 * often enough. What calls is a job itself, and never called about. */
AD_MUST int ad_job_plan_escalation(
	struct ad_desk *desk, const struct ad_job *job, struct ad_err *err);

/* ---- job_report.c ---- */

/* The requests that wait for this job end as failed, and their people hear why. */
AD_MUST int ad_fulfil_give_up(struct ad_desk *desk, const struct ad_job *job,
	const struct ad_app *app, const char *reason, struct ad_err *err);

#endif
