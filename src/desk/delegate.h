/* SPDX-License-Identifier: Apache-2.0 */
/* What a delegation does to the questions that are open already. Private to desk. */
#ifndef AD_DESK_DELEGATE_H
#define AD_DESK_DELEGATE_H

#include "stages.h"
#include "ad/store/delegations.h"

/* The stand-in is asked, too, wherever the giver is asked now and has not answered; cards for the
 * first AD_DESK_CARDS_MAX of them. Requests that the stand-in is a party of are left out. Locks the
 * requests by number. *ret_count: how many. */
AD_MUST int ad_delegate_ask(struct ad_desk *desk, const struct ad_delegation_row *delegation,
	size_t *ret_count, struct ad_err *err);

/* The end of it: the stand-in's cards lose their buttons, and the giver is asked wherever the
 * stand-in was and has not answered. */
AD_MUST int ad_delegate_hand_back(
	struct ad_desk *desk, const struct ad_delegation_row *delegation, struct ad_err *err);

#endif
