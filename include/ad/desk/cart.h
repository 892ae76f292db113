/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Several apps in one go (product R18, G20): one form with one justification, and a request of its
 * own for each app, with all the rules of a single one. In the caller's transaction; a worker
 * thread of its own connection.
 */
#ifndef AD_DESK_CART_H
#define AD_DESK_CART_H

#include "ad/desk.h"

#define AD_CART_MAX 5              /* apps in one form */
#define AD_DESK_INPUT_ITEM "item_" /* and an app's id; the stamp of its policy */
#define AD_DESK_INPUT_SPAN "days_" /* and an app's id */
#define AD_DESK_INPUT_APPS "apps"  /* ids of all apps of the form, with blanks between them */

/* "several visio, 7zip" (press->reason): the form for them, or what a search for the text gives
 * when it names fewer than two. */
AD_MUST int ad_desk_several(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_press *press, struct ad_desk_reply *ret, struct ad_err *err);

/* The filled form: each app that is ticked becomes a request, filed in this transaction together
 * with the others; what the rules refuse holds up none of them, and the card says why. */
AD_MUST int ad_desk_cart_send(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_press *press, struct ad_desk_reply *ret, struct ad_err *err);

#endif
