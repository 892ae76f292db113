/* SPDX-License-Identifier: Apache-2.0 */
/* Requests that were filed together, on one card. Private to desk; inside the caller's transaction.
 */
#ifndef AD_DESK_BUNDLE_H
#define AD_DESK_BUNDLE_H

#include "parts.h"
#include "ad/store/bundles.h"

/* Card, text, role, request (the first one of it) and version of *ret. Holds the bundle. */
AD_MUST int ad_bundle_show(struct ad_desk *desk, const struct ad_person *who, int64_t id,
	struct ad_desk_reply *ret, struct ad_err *err);
/* The same where nothing was filed at all: refused is all that there is. */
AD_MUST int ad_bundle_show_refused(struct ad_desk *desk, const struct ad_person *who,
	struct ad_json *refused, struct ad_desk_reply *ret, struct ad_err *err);
/* For a card that is sent again. AD_ENOTFOUND. */
AD_MUST int ad_bundle_show_now(struct ad_desk *desk, const struct ad_person *who,
	int64_t request_id, struct ad_desk_reply *ret, struct ad_err *err);
/* Its cards show it as it is now; nothing for a request that was filed alone. Holds the bundle, so
 * that of two requests that change at the same time the later commit shows both. */
AD_MUST int ad_bundle_refresh(
	struct ad_desk *desk, const struct ad_request *request, struct ad_err *err);

/* ---- cart.c ---- */

/* The form for what the text names; *ret_done false: it names fewer than two apps. */
AD_MUST int ad_cart_find(struct ad_desk *desk, const struct ad_person *who, const char *text,
	struct ad_desk_reply *ret, bool *ret_done, struct ad_err *err);

#endif
