/* SPDX-License-Identifier: Apache-2.0 */
/*
 * "Delete my data": what the counter can delete is deleted at once, the person is told what is kept
 * and why, and the privacy contact (setting PrivacyContactId; without it, or when that account is
 * closed, the admins) has a card about what is left to do outside of it. Inside the caller's
 * transaction; worker threads.
 */
#ifndef AD_DESK_PRIVACY_H
#define AD_DESK_PRIVACY_H

#include "ad/desk.h"

/* Deletes preferences and what is remembered of the person's groups. While the last wish is open
 * this is about that one: its number, and nothing new. Audit row privacy.asked. */
AD_MUST int ad_desk_forget(struct ad_desk *desk, const struct ad_person *who,
	struct ad_desk_reply *ret, struct ad_err *err);

/* In the transaction of a job: those who deal with it get their cards, once. May want facts. */
AD_MUST int ad_desk_privacy_tell(struct ad_desk *desk, int64_t number, struct ad_err *err);

/* One of them, for those who deal with it. */
AD_MUST int ad_desk_privacy(struct ad_desk *desk, const struct ad_person *who, int64_t number,
	struct ad_desk_reply *ret, struct ad_err *err);
/* It is dealt with; the press's reason is for the person, who is told. Audit row privacy.done. */
AD_MUST int ad_desk_privacy_done(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_press *press, struct ad_desk_reply *ret, struct ad_err *err);

#endif
