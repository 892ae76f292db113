/* SPDX-License-Identifier: Apache-2.0 */
/* News for those who answer for something and were not asked. Private to desk; inside the caller's
 * transaction. */
#ifndef AD_DESK_OWNER_H
#define AD_DESK_OWNER_H

#include "parts.h"

struct ad_digest {
	const char *fact; /* one of these per person */
	const char *key;  /* of the sentence */
	/* Makes its data for a reader. */
	int (*data)(struct ad_desk *desk, const void *about, const char *locale,
		struct ad_json **ret, struct ad_err *err);
	const void *about;
};

/* To the owner of an app, when it has one who did not do it themselves. done_by: an object id, or
 * NULL. */
AD_MUST int ad_digest_owner(struct ad_desk *desk, int64_t app_id, const char *done_by,
	const struct ad_digest *digest, struct ad_err *err);
/* To admins, but not to who did it. */
AD_MUST int ad_digest_admins(struct ad_desk *desk, const struct ad_people *admins,
	const char *done_by, const struct ad_digest *digest, struct ad_err *err);

#endif
