/* SPDX-License-Identifier: Apache-2.0 */
/* The sealed form of a mail. Private to store. */
#ifndef AD_STORE_OUTBOX_MAIL_H
#define AD_STORE_OUTBOX_MAIL_H

#include "ad/store/outbox.h"

/* Binds the sealed text to its row, and tells it from a reference, which has the same key. */
struct ad_bytes ad_outbox_mail_context(
	struct ad_arena *arena, const char *tenant_id, const char *oid, const char *fact);

/* What row->activity holds, bound to the row's tenant, person and fact. NULL when it was sealed
 * with a key that is none of ours, for another row, or not by us. */
const struct ad_outbox_mail *ad_outbox_mail_open(struct ad_arena *arena,
	const struct ad_store_conv_key *key, const struct ad_outbox_row *row);

#endif
