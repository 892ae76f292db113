/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What can be done with a request besides asking for it and deciding it: the parts that edit,
 * nudge, ask, answer, hand over and undo share. Private to desk; inside the caller's transaction.
 */
#ifndef AD_DESK_ASIDE_H
#define AD_DESK_ASIDE_H

#include "stages.h"

/* Limits in code points. */
#define AD_QUESTION_MAX 500

struct ad_aside {
	const struct ad_person *who;
	const struct ad_desk_press *press;
	const char *wanted; /* stable name of what is wanted: "ask", for audit rows of refusals */
	/* Filled by ad_aside_begin. */
	bool pressed;              /* a button, so the card is replaced */
	int seen;                  /* version of the request that the person saw; 0: typed */
	struct ad_request request; /* locked */
};

/* The request behind the press's token (of that purpose; NULL: the button has none) or number,
 * locked; nothing is frozen. *ret_done: *ret is the answer already. */
AD_MUST int ad_aside_begin(struct ad_desk *desk, struct ad_aside *aside, const char *purpose,
	struct ad_desk_reply *ret, bool *ret_done, struct ad_err *err);
/* The same before any lock on the request: its number alone. */
AD_MUST int ad_aside_number(struct ad_desk *desk, struct ad_aside *aside, const char *purpose,
	int64_t *ret_number, struct ad_desk_reply *ret, bool *ret_done, struct ad_err *err);

/* For the requester alone: anybody else is told the same as for a number that does not exist. */
AD_MUST int ad_aside_own(struct ad_desk *desk, struct ad_aside *aside, struct ad_desk_reply *ret,
	bool *ret_done, struct ad_err *err);
/* For who may decide the open stage now, by live facts, and saw the request as it is. Rights come
 * before state, as with a decision. */
AD_MUST int ad_aside_seat(struct ad_desk *desk, struct ad_aside *aside, struct ad_seat *ret_seat,
	struct ad_desk_reply *ret, bool *ret_done, struct ad_err *err);

/* The request as it is for this person, in place of the pressed card, with the sentence of `key`;
 * more: members for it besides the request's; NULL: none. */
struct ad_aside_words {
	const char *key;
	const struct ad_json *more;
	const char *outcome;
};
AD_MUST int ad_aside_show(struct ad_desk *desk, const struct ad_aside *aside,
	const struct ad_aside_words *words, struct ad_desk_reply *ret, struct ad_err *err);
/* The sentence alone. */
AD_MUST int ad_aside_say(struct ad_desk *desk, const struct ad_aside *aside,
	const struct ad_aside_words *words, struct ad_desk_reply *ret, struct ad_err *err);
/* No, with the sentence alone and the audit row change.refused. */
AD_MUST int ad_aside_refuse(struct ad_desk *desk, const struct ad_aside *aside,
	const struct ad_aside_words *words, struct ad_desk_reply *ret, struct ad_err *err);
AD_MUST int ad_aside_unknown(struct ad_desk *desk, const struct ad_aside *aside, int64_t number,
	struct ad_desk_reply *ret, struct ad_err *err);

/* What was written: the card's input of that id, else the typed words; trimmed and cleaned. */
const char *ad_aside_text(const struct ad_desk *desk, const struct ad_aside *aside, const char *id);

/* The request's data and `more`. */
AD_MUST int ad_aside_data(struct ad_desk *desk, const struct ad_request *request,
	const char *locale, const struct ad_json *more, struct ad_json **ret, struct ad_err *err);

/* The request's card as it is now, at the end of somebody's chat. */
struct ad_aside_card {
	const char *oid;
	const char *name;
	const char *key;            /* of its short form, which the notification shows */
	const struct ad_json *more; /* members for it besides the request's; NULL: none */
	const char *what; /* last part of the notice's fact: one for each person and fact */
};
AD_MUST int ad_aside_send(struct ad_desk *desk, const struct ad_request *request,
	const struct ad_aside_card *card, struct ad_err *err);

/* The end of every use case here: the reply is remembered for a press with a token, and what was
 * put off for the trail is written. */
AD_MUST int ad_aside_end(struct ad_desk *desk, const struct ad_aside *aside,
	const struct ad_event *event, const struct ad_desk_reply *reply, struct ad_err *err);

/* ---- talk.c: what was said about a request, on its cards ---- */

/* Members inquiries (asked_by, question, answer, has_answer), has_inquiries; of the open one
 * has_question, question, asked_by, q; changes (label, text), has_changes, changes_title;
 * spans (title, value) and span for the approver's
 * choice; can_ask, can_nudge, can_edit. */
AD_MUST int ad_talk_data(struct ad_desk *desk, const struct ad_request *request, const char *locale,
	struct ad_json *data, struct ad_err *err);
/* Members wanted_span, granted_span, is_narrowed, has_span. */
AD_MUST int ad_talk_spans(struct ad_desk *desk, const struct ad_request *request,
	const char *locale, struct ad_json *data, struct ad_err *err);
/* A choice of days: 0 is for good, in both. */
struct ad_talk_span {
	int most;
	int chosen;
};
/* Members spans (title, value), from the shortest to `most`, and span: the chosen one's value. */
AD_MUST int ad_talk_offer(struct ad_desk *desk, const char *locale, const struct ad_talk_span *span,
	struct ad_json *data, struct ad_err *err);
/* "30 days", "for good". */
AD_MUST int ad_talk_days(
	struct ad_desk *desk, const char *locale, int days, const char **ret, struct ad_err *err);

#endif
