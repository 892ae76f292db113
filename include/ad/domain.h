/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rules of the counter as pure functions: what a request may become, who may decide it, what a
 * job's end means for it, and what may be written into it. No clock, no SQL, no JSON, no I/O: facts
 * in, verdict out. The use cases in `desk` call them inside their transactions, under the row's
 * lock. Any thread.
 */
#ifndef AD_DOMAIN_H
#define AD_DOMAIN_H

#include "ad/err.h"

#include <stdbool.h>
#include <stddef.h>

/* ---- requests ---- */

/* Column requests.state. */
enum ad_request_state {
	AD_REQUEST_PENDING = 0, /* a stage is open, approvers hold cards */
	AD_REQUEST_NEEDS_INFO,  /* the same, but an approver has asked the requester; timers rest */
	AD_REQUEST_APPROVED,    /* the last stage agreed; the job is not under way yet */
	AD_REQUEST_FULFILLING,  /* a package job works for it */
	AD_REQUEST_DELIVERED,   /* the app is assigned to the person */
	AD_REQUEST_REJECTED,
	AD_REQUEST_CANCELLED, /* withdrawn by the requester */
	AD_REQUEST_EXPIRED,   /* nobody decided in time */
	AD_REQUEST_FAILED,    /* approved, but an admin gave the job up */
	AD_REQUEST_DRAFT /* for somebody else, who has not agreed yet: nobody is asked before */
};
#define AD_REQUEST_STATES 10

/* The column's text. Never NULL. */
const char *ad_request_state_name(enum ad_request_state state);
/* AD_EINVAL for any other text. */
AD_MUST int ad_request_state_parse(const char *name, enum ad_request_state *ret);

/* Still under way: the person cannot ask for the same app again. */
bool ad_request_open(enum ad_request_state state);

/* A stage is open and may be decided: pending or needs_info. */
bool ad_request_undecided(enum ad_request_state state);

/* Whether a person may ask on behalf of somebody else (product R17): their manager, and admins. */
bool ad_request_may_ask_for(const char *oid, bool is_admin, const char *manager_oid);

/* Whether the arrow from -> to exists. Nothing leads out of a closed state, but back from a
 * rejection that is taken back (product A13). */
bool ad_request_may_become(enum ad_request_state from, enum ad_request_state to);

/* ---- stages ---- */

/* Column stages.state. */
enum ad_stage_state {
	AD_STAGE_OPEN = 0,
	AD_STAGE_WAITING, /* an earlier one is open */
	AD_STAGE_APPROVED,
	AD_STAGE_REJECTED,
	AD_STAGE_EXPIRED, /* nobody decided in time */
	AD_STAGE_CLOSED   /* the request ended without this stage's decision */
};
const char *ad_stage_state_name(enum ad_stage_state state);
AD_MUST int ad_stage_state_parse(const char *name, enum ad_stage_state *ret);

/* ---- decisions ---- */

/* Column decisions.decision. */
enum ad_decision { AD_DECISION_APPROVED = 0, AD_DECISION_REJECTED };
const char *ad_decision_name(enum ad_decision decision);
AD_MUST int ad_decision_parse(const char *name, enum ad_decision *ret);

enum ad_decide_outcome {
	AD_DECIDE_DECIDED = 0, /* this one counts */
	AD_DECIDE_SELF, /* requester or beneficiary, or for one: never, whatever else holds */
	AD_DECIDE_NOT_APPROVER, /* not (any more) one of those who decide this stage */
	AD_DECIDE_ALREADY,      /* somebody decided; show who and when */
	AD_DECIDE_VOTED,        /* this person's voice is counted; others are awaited */
	AD_DECIDE_CLOSED,       /* withdrawn, expired: there is nothing left to decide */
	AD_DECIDE_STALE,        /* the card showed an older version: show the present one */
	AD_DECIDE_FROZEN,       /* nothing is decided at present (product E32) */
	AD_DECIDE_CONFLICT,     /* an approval beside an app that may not stand beside it (F21) */
	AD_DECIDE_WIDER,        /* an approval of more than was asked for (A5) */
	AD_DECIDE_DEVICE,       /* an approval for a device that its policy does not take (1.27) */
	AD_DECIDE_NEEDS_REASON, /* a rejection says why */
	AD_DECIDE_SIGN_IN       /* all is well, but the person has to sign in first (G1) */
};
/* Stable names for audit rows and metrics: "decided", "self", "not_approver", ... Never NULL. */
const char *ad_decide_outcome_name(enum ad_decide_outcome outcome);

/* What the deciding transaction knows, read under the request's row lock. */
struct ad_decide_facts {
	const char *actor_oid;
	const char *on_behalf_of; /* "" or NULL: for themselves */
	const char *requester_oid;
	const char *
		beneficiary_oid; /* for whom the app is; the requester where nobody else is named */
	bool has_right;          /* by live answers of the directory, not by what the card said */
	bool frozen;
	enum ad_request_state request;
	enum ad_stage_state stage;
	bool decided; /* the stage has its final decision */
	bool voted;   /* this seat has a vote in the open stage */
	int version;  /* of the request now */
	int seen;     /* version that the person saw; 0: typed, there was no card */
	enum ad_decision decision;
	bool conflict;   /* the beneficiary holds an incompatible app */
	bool bad_device; /* the policy demands a compliant device, and it is not known to be */
	int wanted_days; /* of the request; 0: for good */
	int given_days;  /* by this approval; 0: as wanted */
	bool has_reason;
	bool unproven; /* an approval that wants a fresh sign-in, which is not there */
};

/* Whether a risk (column apps.classification) is as high as another one or higher; one that is not
 * known is. */
bool ad_risk_reaches(const char *risk, const char *from);

/* The verdict. The order of the checks is a promise: rights before state, so that a person without
 * the right learns nothing about the request, and a late click hears who decided rather than
 * "stale". An unknown actor (NULL or "") is no approver. */
enum ad_decide_outcome ad_decide(const struct ad_decide_facts *facts);

/* ---- fulfilment ---- */

/* What a package job reports about the requests that wait for it. */
enum ad_fulfilment {
	AD_FULFILMENT_STARTED = 0, /* a job works for them */
	AD_FULFILMENT_STALLED,     /* it stopped; an admin may retry, so they stay where they are */
	AD_FULFILMENT_DELIVERED,
	AD_FULFILMENT_GIVEN_UP
};

/* The state after the event; unchanged where the event means nothing (a cancelled request stays
 * cancelled). */
enum ad_request_state ad_request_after(enum ad_request_state state, enum ad_fulfilment event);

/* ---- what people write ---- */

/* Limits in code points. */
#define AD_JUSTIFICATION_MAX 1000
#define AD_REASON_MAX 500
#define AD_ANSWER_MAX 500
#define AD_SEARCH_MAX 200
#define AD_DAYS_MAX 3650 /* of a grant: ten years */
/* Rows of a catalogue entry. */
#define AD_QUESTIONS_MAX 10
#define AD_CHOICES_MAX 50
#define AD_ALIASES_MAX 50

enum ad_input_fault {
	AD_INPUT_OK = 0,
	AD_INPUT_EMPTY,      /* required and nothing but space */
	AD_INPUT_TOO_LONG,   /* more code points than the limit */
	AD_INPUT_NOT_LISTED, /* not one of the choices */
	AD_INPUT_NOT_A_DATE  /* no day of the calendar as "2026-11-29" */
};
/* "ok", "empty", "too_long", "not_listed", "not_a_date": also the last part of the word's key in
 * cards/text. */
const char *ad_input_fault_name(enum ad_input_fault fault);

struct ad_input_rule {
	bool required;
	size_t max_chars;
	const char *const *choices; /* NULL: free text */
	size_t choice_count;
	bool is_date;
};

/* Judges one input (NULL counts as empty; valid UTF-8, as the JSON parser promises). An optional
 * choice may be empty. */
enum ad_input_fault ad_input_check(const struct ad_input_rule *rule, const char *text);

#endif
