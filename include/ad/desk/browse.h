/* SPDX-License-Identifier: Apache-2.0 */
/* The catalogue as the message extension shows it, in any chat. As the use cases of ad/desk.h, it
 * runs inside the caller's transaction, and changes nothing there. */
#ifndef AD_DESK_BROWSE_H
#define AD_DESK_BROWSE_H

#include "ad/desk.h"

/* An app as a list shows it, and the card that shares it: nothing on it is about a person. */
struct ad_desk_offer {
	const char *title;
	const char *text; /* may be "" */
	const struct ad_json *card;
};
struct ad_desk_offers {
	const struct ad_desk_offer *items;
	size_t count;
	const char *text; /* what is said in place of a list; NULL: show the list, though empty */
};
struct ad_desk_look {
	const char *text; /* as for ad_desk_search; without a name in it: what is asked for most */
	int skip;         /* of all that is found */
	int count;
};
/* One page of the apps that this person would find by writing to the bot. Changes nothing. */
#define AD_DESK_OFFERS_MAX 100 /* of one search, on all pages */
AD_MUST int ad_desk_browse(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_look *look, struct ad_desk_offers *ret, struct ad_err *err);

#endif
