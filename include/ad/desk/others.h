/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A request for somebody else (product R17): a person's manager and admins may ask for them. It is
 * a draft until the person agrees, and only then anybody is asked to approve it. The rules are
 * judged for who will hold the app: audience, policy, separation of duties, seats. In the caller's
 * transaction; a worker thread of its own connection.
 */
#ifndef AD_DESK_OTHERS_H
#define AD_DESK_OTHERS_H

#include "ad/desk.h"

#define AD_DESK_INPUT_FOR "for" /* an object id; "" or AD_DESK_FOR_ME: the person themselves */
#define AD_DESK_FOR_ME "me"
#define AD_DESK_REPORTS_MAX 50 /* people that a form offers */

/* Free text as for ad_desk_search, at whose end it may say for whom: "visio for @Ana" (a mention,
 * an address, a name; mentions are those of the press). Who may not ask for that person hears who
 * may. Audit row request.refused. */
AD_MUST int ad_desk_look_for(struct ad_desk *desk, const struct ad_person *who, const char *text,
	const struct ad_desk_press *press, struct ad_desk_reply *ret, struct ad_err *err);

/* The form of a card that was found for somebody: inputs hold app and for. */
AD_MUST int ad_desk_form_for(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_press *press, struct ad_desk_reply *ret, struct ad_err *err);

/* The person whom it is for agrees: the policy's stages are asked, or a rule approves it. Audit row
 * request.accepted. */
AD_MUST int ad_desk_accept(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_press *press, struct ad_desk_reply *ret, struct ad_err *err);
/* "Not me": it is closed while nobody has decided, and who asked hears of it. Audit row
 * request.declined. */
AD_MUST int ad_desk_decline(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_press *press, struct ad_desk_reply *ret, struct ad_err *err);

#endif
