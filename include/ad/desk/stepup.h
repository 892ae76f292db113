/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Step-up (product G1): approving an app of high risk wants a fresh sign-in of who approves. The
 * decision waits for AD_STEPUP_S (ad/store/stepups.h) as a row, all checks of ad_desk_decide are
 * made before it and again when the sign-in has come, and then it is decided once. The desk never
 * sees a token: the caller verifies it (ad/identity/signin.h) and says what it has proved.
 */
#ifndef AD_DESK_STEPUP_H
#define AD_DESK_STEPUP_H

#include "ad/desk.h"

#include <stdbool.h>

/* In ad_desk.stepup; NULL there: nothing is stepped up. Lives as long as the turn. */
struct ad_desk_stepup {
	/* The rule. */
	const char *from;       /* the lowest classification that wants it */
	const char *connection; /* the bot's OAuth connection */
	/* The turn's. */
	bool by_press;        /* the client sends the press again by itself, with what it brings */
	bool wants_page;      /* out: the page is to be had first; AD_ECONFLICT, as for facts */
	const char *page;     /* where the person signs in; NULL: not known yet */
	const char *resource; /* for which the client may have a token; "" */
	const char *provider; /* "" */
	/* What a sign-in has proved; held NULL: there was none. */
	const char *held;         /* id of the decision that has waited for it */
	const char *signed_in_at; /* RFC 3339, UTC */
	const char *contexts;     /* authentication contexts, with blanks between them */
};

/* A decision that waits, as the use case that makes it wants it. */
struct ad_desk_held {
	const char *id;
	enum ad_desk_use use; /* AD_DESK_DECIDE or AD_DESK_BULK_DECIDE */
	enum ad_decision decision;
	struct ad_desk_press press; /* its token is the one that was given to the look-up */
	const char *fault; /* why it cannot be made any more: "over", "used"; NULL: it can */
};

/* The person's newest that waits for a press of this button again (NULL: whatever it waits for),
 * and has this id ("": any). Outside a transaction. AD_ENOTFOUND. */
AD_MUST int ad_desk_stepup_find(struct ad_desk *desk, const struct ad_person *who, const char *id,
	const char *token, struct ad_desk_held *ret, struct ad_err *err);

/* Nothing is decided: says and records why. fault: of held, or a verdict's name, or "no_token";
 * held NULL: nothing waits. */
AD_MUST int ad_desk_stepup_refuse(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_held *held, const char *fault, struct ad_desk_reply *ret,
	struct ad_err *err);

/* Takes the one that desk->stepup->held names, for the decision of this transaction. *ret_done:
 * *ret is the answer: it was taken before, or its time is over. */
AD_MUST int ad_desk_stepup_take(struct ad_desk *desk, const struct ad_person *who,
	struct ad_desk_reply *ret, bool *ret_done, struct ad_err *err);

#endif
