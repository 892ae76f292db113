/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Several decisions at once (product F45): a list is picked and confirmed, and then each request is
 * decided by itself, in a transaction of its own, by the rules of ad_desk_decide. What is refused
 * or fails holds none of the others up. A worker thread of its own connection.
 */
#ifndef AD_DESK_BULK_H
#define AD_DESK_BULK_H

#include "ad/desk.h"

#define AD_BULK_MAX 20 /* requests at once */

/* Asks for the confirmation of press->picks, with the press's reason and days: shows those that
 * wait, and says of the others why they do not. */
AD_MUST int ad_desk_bulk(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_press *press, enum ad_decision decision, struct ad_desk_reply *ret,
	struct ad_err *err);

/* Typed for one request, with a text that begins with a number ("reject 12 14 too expensive"):
 * whether that is another one that waits for the person, so that both may be meant. */
AD_MUST int ad_desk_bulk_meant(struct ad_desk *desk, const struct ad_person *who, int64_t number,
	bool *ret, struct ad_err *err);

/* What became of one request. */
struct ad_bulk_item {
	int64_t number;
	const char *app;  /* "" when the person may not know */
	const char *text; /* a sentence; NULL: nothing was done, and it may be tried again */
	bool decided;
};

/* The confirmation is the person's own and new, in a transaction before the decisions. *ret_done:
 * *ret is the answer already. */
AD_MUST int ad_desk_bulk_begin(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_press *press, enum ad_decision decision, struct ad_desk_reply *ret,
	bool *ret_done, struct ad_err *err);
/* Decides press->picks[index], in a transaction of its own. */
AD_MUST int ad_desk_bulk_decide(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_press *press, enum ad_decision decision, size_t index,
	struct ad_bulk_item *ret, struct ad_err *err);
/* Says what became of all, in the last transaction; items: one for each pick. */
AD_MUST int ad_desk_bulk_end(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_press *press, const struct ad_bulk_item *items,
	struct ad_desk_reply *ret, struct ad_err *err);

#endif
