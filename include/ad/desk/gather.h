/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A transaction that gathers: what use cases only write waits for its end and leaves with COMMIT.
 * For callers that commit at once when the use case is done, as a turn of the bot does.
 */
#ifndef AD_DESK_GATHER_H
#define AD_DESK_GATHER_H

#include "ad/desk.h"

/* After ad_desk_restart, in the transaction: from here on it gathers. Makes one statement, which
 * leaves with the next one: the settings, as they are for the whole use case. */
AD_MUST int ad_desk_gather_writes(struct ad_desk *desk, struct ad_err *err);

/* The last call of the desk before the commit: changes of cards, then the audit rows. */
AD_MUST int ad_desk_finish(struct ad_desk *desk, struct ad_err *err);

/* After the commit, gathered or not: completes notice_ids. How many there are. */
size_t ad_desk_notices(struct ad_desk *desk);

#endif
