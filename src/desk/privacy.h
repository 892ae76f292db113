/* SPDX-License-Identifier: Apache-2.0 */
/* A wish that data be deleted, on cards. Private to desk; inside the caller's transaction. */
#ifndef AD_DESK_PRIVACY_PRIVATE_H
#define AD_DESK_PRIVACY_PRIVATE_H

#include "ad/desk/privacy.h"
#include "ad/store/privacy.h"

/* What its person sees: what is deleted, what is kept and why. */
AD_MUST int ad_privacy_answer(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_privacy *privacy, bool is_new, struct ad_desk_reply *ret,
	struct ad_err *err);
/* That it is dealt with, for its person. */
AD_MUST int ad_privacy_tell_end(
	struct ad_desk *desk, const struct ad_privacy *privacy, struct ad_err *err);

/* For one of those who deal with it, with a fresh button while it is open. */
AD_MUST int ad_privacy_show_to(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_privacy *privacy, struct ad_desk_reply *ret, struct ad_err *err);
/* The same for a card that is sent again, by the job that told of it. AD_ENOTFOUND. */
AD_MUST int ad_privacy_show_now(struct ad_desk *desk, const struct ad_person *who, int64_t job_id,
	struct ad_desk_reply *ret, struct ad_err *err);
/* To one of them, once. */
AD_MUST int ad_privacy_send(struct ad_desk *desk, const struct ad_privacy *privacy,
	const struct ad_person *who, struct ad_err *err);
/* Every copy shows it as it is now. */
AD_MUST int ad_privacy_refresh(
	struct ad_desk *desk, const struct ad_privacy *privacy, struct ad_err *err);

#endif
