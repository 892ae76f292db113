/* SPDX-License-Identifier: Apache-2.0 */
/* The sealed form of a mail. Private to store. */
#ifndef AD_STORE_OUTBOX_MAIL_H
#define AD_STORE_OUTBOX_MAIL_H

#include "ad/store/outbox.h"

/* What row->activity holds, bound to the row's tenant, person and fact. NULL when it was sealed
 * with another key, for another row, or not by us. */
const struct ad_outbox_mail *ad_outbox_mail_open(struct ad_arena *arena,
	const struct ad_store_conv_key *key, const struct ad_outbox_row *row);

#endif
