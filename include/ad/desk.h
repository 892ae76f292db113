/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The counter's use cases: search, ask, submit, decide, cancel, look up, and what jobs report. Each
 * runs INSIDE the transaction that its caller has begun (a turn of the bot, a step of a job) and
 * ends with everything in it: state, audit rows, outbox rows, card copies, jobs. The caller commits
 * and then wakes the sender.
 *
 * Facts that only the directory knows (who is in which group) are looked up over HTTP by the caller
 * BEFORE the transaction: ad_desk_needs() says which; they travel in struct ad_person and struct
 * ad_desk. Inside, the settings that they were taken for are read again: when those have changed,
 * the use case ends with AD_ECONFLICT (class TRANSIENT) and the caller starts over.
 *
 * What a person may do wrong is no error: it returns 0 and a reply that says so. A negative return
 * means that the transaction must be rolled back.
 *
 * Order of locks, the same everywhere: token, pending request, job, waiting requests by number,
 * outbox, audit head last. A worker thread of its own connection.
 */
#ifndef AD_DESK_H
#define AD_DESK_H

#include "ad/arena.h"
#include "ad/domain.h"
#include "ad/err.h"
#include "ad/json.h"
#include "ad/store/apps.h"
#include "ad/store/jobs.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ad_db;
struct ad_cards;
struct ad_desk_facts;
struct ad_desk_later;
struct ad_desk_machine;
struct ad_desk_memo;
struct ad_desk_stepup;
struct ad_store_conv_key;
struct ad_mention;

/* ---- settings ---- */

/* portal_settings of the tenant. An empty group denies: it has no members. */
struct ad_desk_settings {
	const char *admin_group_id;    /* AdminGroupId */
	const char *approver_group_id; /* ApproverGroupId */
	const char *user_group_id;     /* UserAccessGroupId */
	const char *auditor_group_id;  /* AuditorGroupId */
	/* VerifyManifestIntegrity: anything but "false" is true, and so is "false" when the time is
	 * over that it was accepted for. */
	bool verify_manifest_integrity;
	bool frozen;                    /* Frozen: nothing is decided or changed */
	const char *frozen_reason;      /* FrozenReason: what people are told */
	const char *privacy_contact_id; /* PrivacyContactId: an object id; "": the admins */
	const char *human_contact;  /* HumanContact: whom people are told to turn to; "": admins */
	const char *on_call_id;     /* OnCallAdminId: called about stuck jobs; "": all admins */
	int escalation_failures;    /* EscalationFailures: of one job, before somebody is called */
	int escalation_hours;       /* EscalationHours: that it fails, before somebody is called */
	bool offer_devices;         /* OfferDevices: the form asks for which device */
	const char *channel_id;     /* ApproverChannel: shows what waits; "": none does */
	const char *channel_locale; /* ApproverChannelLanguage */
};

#define AD_DESK_ESCALATION_FAILURES 10 /* when the setting is empty */
#define AD_DESK_ESCALATION_HOURS 4

/* Reads them; also outside a transaction, before the directory is asked. */
AD_MUST int ad_desk_settings_load(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	struct ad_desk_settings *ret, struct ad_err *err);

/* ---- who and where ---- */

struct ad_person {
	const char *oid;
	const char *name;   /* for display only */
	const char *mail;   /* for display and audit only */
	const char *locale; /* how they read (ad/cards.h): "de-DE"; "" is English */
	/* The directory's live answers for the groups in the settings; false when not asked. */
	bool is_user;     /* member of user_group_id */
	bool is_approver; /* member of approver_group_id */
	bool is_admin;    /* member of admin_group_id */
	/* Whom they ask for, while they fill in a form for somebody else; NULL: for themselves. */
	const struct ad_person *asks_for;
};

struct ad_people {
	const struct ad_person *items;
	size_t count;
};

/* Lists longer than this get cards for the first ones only; all may decide (product E22). */
#define AD_DESK_CARDS_MAX 50

/* How mail is written, where there is mail at all. Borrowed. */
struct ad_desk_mail {
	bool links;             /* mail.links: mails to approvers carry links that decide */
	const char *public_url; /* what these begin with */
	/* stepup.from: from this classification on no link approves, for that wants a fresh
	 * sign-in; NULL: each does. */
	const char *sign_in_from;
	const struct ad_store_conv_key *key; /* that mails are sealed with until they leave */
	const char *const *alert_to; /* operators' addresses, for when no admin is reached */
	size_t alert_to_count;
};

struct ad_desk {
	struct ad_db *db; /* a transaction is open */
	struct ad_arena *arena;
	const struct ad_cards *cards;
	const char *tenant_id;
	const char *node_id;              /* outbox rows are leased to this node */
	const char *bot_app_id;           /* references of this bot id are used */
	bool can_install;                 /* jobs may install the app for people */
	const char *source;               /* of audit rows: "teams", "system", "cli" */
	const char *correlation_id;       /* of audit rows; "" when there is none */
	const char *ip_address;           /* of audit rows; "" when there is none */
	const struct ad_desk_mail *mail;  /* NULL: no mail is sent */
	struct ad_desk_settings settings; /* that the facts were taken for */
	struct ad_people
		approvers;       /* members of approver_group_id; where ad_desk_needs() says so */
	struct ad_people admins; /* members of admin_group_id; where ad_desk_needs() says so */
	struct ad_desk_facts *facts;           /* ad/desk/facts.h; NULL: none yet */
	struct ad_desk_stepup *stepup;         /* ad/desk/stepup.h; NULL: nothing is stepped up */
	const struct ad_desk_machine *machine; /* ad/desk/doctor.h; for AD_DESK_DOCTOR alone */
	/* out: outbox rows of this transaction; after the commit for ad_outbox_kick. */
	int64_t *notice_ids;
	size_t notices;
	size_t notice_cap;                       /* private */
	struct ad_desk_later *trail, *trail_end; /* private: audit rows that were put off */
	struct ad_desk_memo *memo; /* private: what was read of a request in this transaction */
	struct ad_desk_gathered *gathered; /* private: ad/desk/gather.h */
	bool has_trail;  /* in: the tenant's trail has begun, as an earlier commit has shown */
	bool trail_seen; /* out: true once this transaction has added to it */
};

/* Before a transaction that may be a repetition: what a rolled-back one left is forgotten, but for
 * facts. */
void ad_desk_restart(struct ad_desk *desk);

/* ---- which facts a use case needs ---- */

enum ad_desk_use {
	AD_DESK_WELCOME = 0,
	AD_DESK_HELP,
	AD_DESK_UNCLEAR,
	AD_DESK_SEARCH,
	AD_DESK_BROWSE,
	AD_DESK_WINGET,
	AD_DESK_ALTERNATIVES,
	AD_DESK_DETAILS,
	AD_DESK_FORM,
	AD_DESK_SUBMIT,
	AD_DESK_DECIDE,
	AD_DESK_STATUS,
	AD_DESK_VIEW,
	AD_DESK_HISTORY,
	AD_DESK_WHY,
	AD_DESK_SIMULATE,
	AD_DESK_CANCEL,
	AD_DESK_PENDING,
	AD_DESK_PENDING_LOW,
	AD_DESK_JOBS,
	AD_DESK_JOB,
	AD_DESK_RETRY,
	AD_DESK_GIVE_UP,
	AD_DESK_ACCEPT_INSTALLER,
	AD_DESK_TAKE_JOB,
	AD_DESK_UNDELIVERED,
	AD_DESK_NOTICE,
	AD_DESK_NOTICE_RETRY,
	AD_DESK_NOTICE_MAIL,
	AD_DESK_NOTICE_INSTALL,
	AD_DESK_GRANTS,
	AD_DESK_GRANT,
	AD_DESK_RETURN,
	AD_DESK_RETURN_CONFIRM,
	AD_DESK_LET_END,
	AD_DESK_EXTEND,
	AD_DESK_REVOKE,
	AD_DESK_SEATS,
	AD_DESK_PREFERENCES,
	AD_DESK_PREFER,
	AD_DESK_DELEGATE,
	AD_DESK_DELEGATE_OFF,
	AD_DESK_DELEGATIONS,
	AD_DESK_EDIT,
	AD_DESK_EDIT_SEND,
	AD_DESK_NUDGE,
	AD_DESK_ASK,
	AD_DESK_ANSWER,
	AD_DESK_HAND_OVER,
	AD_DESK_UNDO,
	AD_DESK_FREEZE,
	AD_DESK_FREEZE_CONFIRM,
	AD_DESK_UNFREEZE,
	AD_DESK_UNFREEZE_CONFIRM,
	AD_DESK_POLICIES,
	AD_DESK_PROPOSALS,
	AD_DESK_PROPOSAL,
	AD_DESK_PROPOSAL_ACCEPT,
	AD_DESK_PROPOSAL_REFUSE,
	AD_DESK_DRIFT,
	AD_DESK_DRIFT_ADOPTED,
	AD_DESK_DRIFT_REMOVED,
	AD_DESK_DRIFT_IGNORED,
	AD_DESK_BRAKE,
	AD_DESK_BRAKE_RELEASE,
	AD_DESK_SEVERAL,
	AD_DESK_CART_SEND,
	AD_DESK_BULK,
	AD_DESK_BULK_DECIDE,
	AD_DESK_SUGGEST,
	AD_DESK_SUGGESTIONS,
	AD_DESK_SUGGESTION,
	AD_DESK_SUGGESTION_PUBLISH,
	AD_DESK_SUGGESTION_HIDE,
	AD_DESK_SUGGESTION_REJECT,
	AD_DESK_WORKS,
	AD_DESK_WORKS_NOT,
	AD_DESK_VERDICT_ANSWER,
	AD_DESK_ACCEPT,
	AD_DESK_DECLINE,
	AD_DESK_DOCTOR,
	AD_DESK_FORGET,
	AD_DESK_PRIVACY,
	AD_DESK_PRIVACY_DONE,
	AD_DESK_CHANNEL_HERE,
	AD_DESK_CHANNEL_OFF,
	AD_DESK_STEPUP_REFUSED,
	AD_DESK_JOB_REPORT /* the ad_desk_job_* functions, called by jobs */
};

#define AD_DESK_FACT_USER 1u      /* ad_person.is_user */
#define AD_DESK_FACT_APPROVER 2u  /* ad_person.is_approver, live (no cache) for AD_DESK_DECIDE */
#define AD_DESK_FACT_ADMIN 4u     /* ad_person.is_admin */
#define AD_DESK_FACT_APPROVERS 8u /* ad_desk.approvers */
#define AD_DESK_FACT_ADMINS 16u   /* ad_desk.admins */

unsigned ad_desk_needs(enum ad_desk_use use);

/* ---- replies ---- */

/* What the person is shown. The bot gives it to ad_desk_post, which writes the outbox rows, and
 * answers a card's invoke with it: with the card when it goes in place, else with the text. */
struct ad_desk_reply {
	const struct ad_json *card; /* NULL: the text is the whole answer */
	const char *text;           /* plain text, never empty; with a card its short form */
	bool in_place;              /* takes the place of the card that was pressed */
	const char *outcome; /* stable name for logs and metrics: "submitted", "stale", ... */
	bool unclear;        /* what the person wanted was not understood, or is not there */
	const struct ad_json *signin; /* an OAuth card: the person has to sign in first */
	bool signin_failed;           /* what a sign-in has brought does not do */
	/* Which copies of what the card is: "receipt", "approval", "job", "proposal", "suggestion",
	 * "bundle", "verdict", "privacy", "channel"; "" for a card that shows none of these. */
	const char *role;
	int64_t request_id;
	int64_t job_id;
	int version; /* of the request or job that the card shows */
};

struct ad_desk_place {
	const char *service_url; /* "": the person's own conversation */
	const char *conversation_id;
	const char *activity_id; /* of the pressed card; "" when words were said */
	bool shown;              /* the invoke's answer puts the card in place */
	const char *fact;        /* unique per answer: "reply.<activity id>" */
};

/* Writes the reply's outbox row: the new content of the pressed card when the reply goes in its
 * place, else a message. Cards are registered as copies, so that they can be changed later. */
AD_MUST int ad_desk_post(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_reply *reply, const struct ad_desk_place *place, struct ad_err *err);

/* ---- everybody ---- */

AD_MUST int ad_desk_welcome(struct ad_desk *desk, const struct ad_person *who,
	struct ad_desk_reply *ret, struct ad_err *err);
AD_MUST int ad_desk_help(struct ad_desk *desk, const struct ad_person *who,
	struct ad_desk_reply *ret, struct ad_err *err);
/* The answer to what is not understood (a picture, a file, filler alone): one short card, never
 * silence. From the AD_UNCLEAR_MAX-th in a row on it names somebody human: what the setting
 * HumanContact says, else the admins; searches that find nothing count, too. May want facts. */
#define AD_UNCLEAR_MAX 3
AD_MUST int ad_desk_unclear(struct ad_desk *desk, const struct ad_person *who,
	struct ad_desk_reply *ret, struct ad_err *err);
/* A sentence in the person's language from cards/text, for the bot's own small answers. data may be
 * NULL. */
AD_MUST int ad_desk_say(struct ad_desk *desk, const struct ad_person *who, const char *key,
	const struct ad_json *data, struct ad_desk_reply *ret, struct ad_err *err);

/* Free text ("I need a PDF editor") to a card with up to AD_DESK_MATCHES_MAX published apps, or to
 * "not in the catalogue": then a job looks through WinGet and adds what it has to that card
 * (ad/desk/suggestions.h). Text that is filler alone gets the help card. */
#define AD_DESK_MATCHES_MAX 5
AD_MUST int ad_desk_search(struct ad_desk *desk, const struct ad_person *who, const char *text,
	struct ad_desk_reply *ret, struct ad_err *err);

/* The same words, looked for in WinGet alone: nothing of what the catalogue has was meant. */
AD_MUST int ad_desk_winget(struct ad_desk *desk, const struct ad_person *who, const char *text,
	struct ad_desk_reply *ret, struct ad_err *err);

/* What else there is besides the app of a request that the person may see: up to
 * AD_DESK_MATCHES_MAX apps that people look for by the same words. */
AD_MUST int ad_desk_alternatives(struct ad_desk *desk, const struct ad_person *who, int64_t number,
	struct ad_desk_reply *ret, struct ad_err *err);

/* The form for an app, or what stands in its way (already asked, already there, hidden, no access).
 */
AD_MUST int ad_desk_form(struct ad_desk *desk, const struct ad_person *who, int64_t app_id,
	struct ad_desk_reply *ret, struct ad_err *err);

/* One of several requests that are decided together. */
struct ad_desk_pick {
	int64_t number;
	int seen; /* the version that its card showed; 0: typed */
};

/* What a button or a typed command carried. A typed command has a number and no token. */
struct ad_desk_press {
	const char *token;                 /* NULL or "": typed */
	int64_t number;                    /* of the request or job; used when there is no token */
	const char *reason;                /* typed or from the card's input; NULL: none */
	const struct ad_json *inputs;      /* the card's data object with the inputs; may be NULL */
	int days;                          /* typed: "approve 12 30 days"; 0: none */
	const struct ad_mention *mentions; /* of a typed message (ad/teams/activity.h) */
	size_t mention_count;
	int seen; /* without a token: the version that the person saw; 0: none */
	const struct ad_desk_pick *picks; /* ad/desk/bulk.h */
	size_t pick_count;
};

/* An app's own card: what it is, who approves it, how long that takes, its seats, and a button that
 * asks for it. Of the press: the app of its inputs, or what is named as its reason. */
AD_MUST int ad_desk_details(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_press *press, struct ad_desk_reply *ret, struct ad_err *err);

/* Input ids of the cards: what inputs holds. */
#define AD_DESK_INPUT_JUSTIFICATION "justification"
#define AD_DESK_INPUT_REASON "reason"
#define AD_DESK_INPUT_COMMON "common" /* a reason that was chosen, as it is shown */
#define AD_DESK_INPUT_DAYS "days"     /* 0: for good */
#define AD_DESK_INPUT_ANSWER "q%d"    /* by the question's ordinal */
#define AD_DESK_INPUT_QUESTION "question"
#define AD_DESK_INPUT_REPLY "answer"
#define AD_DESK_INPUT_PERSON "person" /* an object id */
#define AD_DESK_INPUT_CHOSEN "chosen" /* the number of a request in a list */
#define AD_DESK_INPUT_PICK "pick_"    /* and a request's number; "12:3" with its version */
#define AD_DESK_INPUT_PICKS "picks"   /* several of these, with blanks between them */

/* The filled form becomes a request: receipt, stage, approvers' cards. Faulty inputs bring the form
 * back with the faults; no reachable approver refuses and tells the admins. */
AD_MUST int ad_desk_submit(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_press *press, struct ad_desk_reply *ret, struct ad_err *err);

/* The person's requests, newest first. */
AD_MUST int ad_desk_status(struct ad_desk *desk, const struct ad_person *who,
	struct ad_desk_reply *ret, struct ad_err *err);

/* One request for its requester, who was asked to decide it, approvers and admins; for everybody
 * else the same answer as for a number that does not exist. */
AD_MUST int ad_desk_request_view(struct ad_desk *desk, const struct ad_person *who, int64_t number,
	struct ad_desk_reply *ret, struct ad_err *err);

/* What happened to the request, newest last, at most a card full; press->inputs.before or the typed
 * "before 340": what is older than that line of the trail. For who may see the request, and for
 * auditors; these and admins also see what was refused. */
AD_MUST int ad_desk_history(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_press *press, struct ad_desk_reply *ret, struct ad_err *err);

/* Who decides it: the policy with its version and why it counts, each stage's people and time, what
 * follows when nobody decides, and what comes next. For who may see the request. */
AD_MUST int ad_desk_why(struct ad_desk *desk, const struct ad_person *who, int64_t number,
	struct ad_desk_reply *ret, struct ad_err *err);

/* For admins: what would happen if somebody asked for an app; text is "NAME APP". Writes nothing.
 */
AD_MUST int ad_desk_simulate(struct ad_desk *desk, const struct ad_person *who, const char *text,
	struct ad_desk_reply *ret, struct ad_err *err);

/* Withdraws the person's own pending request. */
AD_MUST int ad_desk_cancel(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_press *press, struct ad_desk_reply *ret, struct ad_err *err);

/* The form of the person's own undecided request, filled with what it says now. */
AD_MUST int ad_desk_edit(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_press *press, struct ad_desk_reply *ret, struct ad_err *err);
/* The form changes the request: the policy is looked for again, and a new round begins at its first
 * stage; approvers see what was changed. Racing with a decision, whoever commits first wins
 * (product E8). Audit row request.edited. */
AD_MUST int ad_desk_edit_send(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_press *press, struct ad_desk_reply *ret, struct ad_err *err);

/* Reminds those whose voice is awaited, at most once in 24 hours. Audit row request.nudged. */
AD_MUST int ad_desk_nudge(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_press *press, struct ad_desk_reply *ret, struct ad_err *err);

/* The answer to the question that is open; the stage goes on where it was. Audit row
 * inquiry.answered. */
AD_MUST int ad_desk_answer(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_press *press, struct ad_desk_reply *ret, struct ad_err *err);

/* What the person wishes to be told. */
AD_MUST int ad_desk_preferences(struct ad_desk *desk, const struct ad_person *who,
	struct ad_desk_reply *ret, struct ad_err *err);

struct ad_desk_wish {
	const char *name; /* "mute", "unmute", "digest daily", "digest off", "quiet off", "quiet",
			   * "language" */
	const char *what; /* "20:00-07:00 Europe/Berlin", "deutsch"; NULL: nothing */
	bool pressed;     /* a button, so the card is replaced */
};
/* Counts for news alone: questions, results and alarms always come at once. Audit row
 * preferences.changed. */
AD_MUST int ad_desk_prefer(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_wish *wanted, struct ad_desk_reply *ret, struct ad_err *err);
/* In the transaction of a job: one message with the news that waits for the person. */
AD_MUST int ad_desk_tell_news(
	struct ad_desk *desk, const char *oid, int64_t job_id, struct ad_err *err);

/* ---- approvers ---- */

/* The first decision wins; a repeated press of the same button gets the first answer again. */
AD_MUST int ad_desk_decide(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_press *press, enum ad_decision decision, struct ad_desk_reply *ret,
	struct ad_err *err);

/* Asks the requester: the request waits for the answer and the stage's clock rests, at most
 * AD_PAUSES_MAX times for each request. Audit row inquiry.asked. */
#define AD_PAUSES_MAX 3
AD_MUST int ad_desk_ask(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_press *press, struct ad_desk_reply *ret, struct ad_err *err);

/* Another one of those who may decide the stage takes the person's place; the press's reason is
 * "to NAME" or the card's input, nothing: a card that asks whom. Audit row stage.handed_over. */
AD_MUST int ad_desk_hand_over(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_press *press, struct ad_desk_reply *ret, struct ad_err *err);

/* Takes back the person's own final decision, in the policy's time and before anybody has the app;
 * without a reason: a card that asks for it. Audit row decision.undone. */
AD_MUST int ad_desk_undo(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_press *press, struct ad_desk_reply *ret, struct ad_err *err);

/* What waits for the person's decision, oldest first; tick_low: with those of low risk ticked. */
AD_MUST int ad_desk_pending(struct ad_desk *desk, const struct ad_person *who, bool tick_low,
	struct ad_desk_reply *ret, struct ad_err *err);

/* In the transaction of a job: what time does to an open stage (product F7, F9). Reminds, asks the
 * next people, or ends the request as its policy says; nothing for a stage that is over.
 * *ret_later_s: seconds until the next look; 0: none. May want facts. Audit rows stage.reminded,
 * stage.escalated, request.expired. */
AD_MUST int ad_desk_stage_timer(struct ad_desk *desk, int64_t request_id, int ordinal,
	int64_t *ret_later_s, struct ad_err *err);

/* ---- approvers: links in mails ---- */

/* What a page behind a link says; the order is of no meaning, the HTTP status is the bot's. */
enum ad_desk_page_kind {
	AD_DESK_PAGE_ASKS = 0, /* the form that decides */
	AD_DESK_PAGE_DECIDED,  /* done */
	AD_DESK_PAGE_FAULTY,   /* the form again: its reason is missing or too long */
	AD_DESK_PAGE_REFUSED,  /* this person may not */
	AD_DESK_PAGE_OVER, /* a link of ours with nothing left to decide; says how things stand */
	AD_DESK_PAGE_UNKNOWN,   /* from here on nothing about any request: no link of ours */
	AD_DESK_PAGE_MALFORMED, /* no form of ours */
	AD_DESK_PAGE_TOO_FAST,
	AD_DESK_PAGE_BUSY, /* nothing was done; later again */
	AD_DESK_PAGES
};

struct ad_desk_page {
	enum ad_desk_page_kind kind;
	const char *outcome; /* stable name for logs: "open", "decided", "used_link", ... */
	const char *html;    /* a whole document in UTF-8 */
};

/* The Content-Security-Policy that all of these pages are made for. */
const char *ad_desk_page_policy(struct ad_arena *arena);
/* One of the pages that say nothing about any request; wants cards, arena and bot_app_id of desk
 * alone. Any thread. */
void ad_desk_page_plain(const struct ad_desk *desk, const char *locale, enum ad_desk_page_kind kind,
	const char *outcome, struct ad_desk_page *ret);
/* "Open in Teams": the chat with this bot. */
const char *ad_desk_chat_url(struct ad_arena *arena, const char *bot_app_id);

/* For whom a link was made, and in which tenant. AD_ENOTFOUND for what is no link of ours. Outside
 * a transaction: the facts for ad_desk_link_decide are looked up for this person. */
AD_MUST int ad_desk_link_holder(struct ad_desk *desk, const char *text, struct ad_person *ret,
	const char **ret_tenant_id, struct ad_err *err);
/* The page behind a link, for whoever looks; locks nothing and changes nothing. locale: of the
 * browser, for a person whose language is not known. */
AD_MUST int ad_desk_link_look(struct ad_desk *desk, const char *text, const char *locale,
	struct ad_desk_page *ret, struct ad_err *err);

struct ad_desk_link_press {
	const char *text;   /* of the link */
	const char *reason; /* from the form; NULL: none */
	const char *locale; /* of the browser */
	bool again;         /* an earlier try of this very press may have been committed */
};
/* The form's button: the rules of ad_desk_decide for the holder of the link (needs are those of
 * AD_DESK_DECIDE), once, at the stage and version that the mail was about. */
AD_MUST int ad_desk_link_decide(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_link_press *press, struct ad_desk_page *ret, struct ad_err *err);

/* ---- admins ---- */

/* The ledger: notices that did not arrive, newest first. The press's number, when it is not 0:
 * those older than this one. */
AD_MUST int ad_desk_undelivered(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_press *press, struct ad_desk_reply *ret, struct ad_err *err);
/* One notice, by its number in the ledger. */
AD_MUST int ad_desk_notice(struct ad_desk *desk, const struct ad_person *who, int64_t number,
	struct ad_desk_reply *ret, struct ad_err *err);
/* Sends it once more, with what is true now. pressed: a button, so the card is replaced. */
AD_MUST int ad_desk_notice_retry(struct ad_desk *desk, const struct ad_person *who, int64_t number,
	bool pressed, struct ad_desk_reply *ret, struct ad_err *err);
/* A mail goes to its person in its place. */
AD_MUST int ad_desk_notice_mail(struct ad_desk *desk, const struct ad_person *who, int64_t number,
	bool pressed, struct ad_desk_reply *ret, struct ad_err *err);
/* A job installs the app for its person and sends it then. */
AD_MUST int ad_desk_notice_install(struct ad_desk *desk, const struct ad_person *who,
	int64_t number, bool pressed, struct ad_desk_reply *ret, struct ad_err *err);

/* ---- people whom Teams does not reach, in the transaction of a job ---- */

struct ad_desk_fallback {
	int64_t notice_id;
	bool is_installed; /* the app was installed for the person just now: send it again */
	const char *install_error; /* why it could not be; "" when that was not tried */
};

/* Does what is left to do about a notice whose fallback is 'waiting', and nothing when it is not: a
 * mail (ad_desk_mail_notice) where that is possible, nothing where nobody needs to know any more,
 * else admins (desk->admins) hear once a day and person, the requester's receipt says who was not
 * reached. Audit row notice.undelivered. */
AD_MUST int ad_desk_fallback(
	struct ad_desk *desk, const struct ad_desk_fallback *fallback, struct ad_err *err);

/* The person is back, in a turn of theirs: one message about what did not reach them, and the cards
 * of what still waits for their decision. Nothing when nothing is owed. */
AD_MUST int ad_desk_missed(struct ad_desk *desk, const struct ad_person *who, struct ad_err *err);

/* ---- mail in place of what Teams did not take ---- */

enum ad_desk_mailed {
	AD_DESK_MAILED = 0,      /* a mail is on its way, or was before */
	AD_DESK_MAIL_OFF,        /* no mail is sent from here */
	AD_DESK_MAIL_NO_ADDRESS, /* the directory knows none, or the account is closed */
	AD_DESK_MAIL_MOOT        /* nobody needs to be told any more: the question is answered */
};

/* Puts a mail into the outbox that says what the notice said, as things stand now: one for each
 * notice, however often it is called, and another one only when that did not arrive. A question
 * comes with the request's facts and, where mail.links is set, with two links that decide.
 * AD_ENOTFOUND when there is no such notice. */
AD_MUST int ad_desk_mail_notice(
	struct ad_desk *desk, int64_t outbox_id, enum ad_desk_mailed *ret, struct ad_err *err);

/* ---- catalogue and settings (command line) ---- */

struct ad_desk_catalog_entry {
	struct ad_app app; /* id is ignored */
	const char *const *aliases;
	size_t alias_count;
	const struct ad_app_question *questions;
	size_t question_count;
};

/* actor: "cli" or an object id, for the audit row. AD_EINVAL names the faulty field, AD_ECONFLICT
 * when the package is in the catalogue. */
AD_MUST int ad_desk_catalog_add(struct ad_desk *desk, const char *actor,
	const struct ad_desk_catalog_entry *entry, int64_t *ret_app_id, struct ad_err *err);

/* AD_EINVAL for an unknown key or a value of the wrong form (a group is a GUID or empty). Frozen
 * freezes and ends the freeze, as ad_desk_freeze_confirm does. What makes the counter laxer
 * (VerifyManifestIntegrity false) is not set but waits for a second admin: *ret_proposal is its
 * number then, else 0. */
AD_MUST int ad_desk_setting_set(struct ad_desk *desk, const char *actor, const char *key,
	const char *value, int64_t *ret_proposal, struct ad_err *err);

#endif
