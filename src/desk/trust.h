/* SPDX-License-Identifier: Apache-2.0 */
/* Trust rules of apps: an installer that is not within its rule, on cards and in the trail. Private
 * to desk; inside the caller's transaction. */
#ifndef AD_DESK_TRUST_H
#define AD_DESK_TRUST_H

#include "ad/desk.h"
#include "ad/store/trust.h"

/* Members has_trust and trust of a job's card, the rows with what was expected and what was found;
 * kept_out: the reason that who waits is told. */
AD_MUST int ad_trust_data(struct ad_desk *desk, const char *locale, const struct ad_app *app,
	struct ad_json *data, struct ad_err *err);

/* What the delivered package tells; audit row trust.learned. */
AD_MUST int ad_trust_learn(
	struct ad_desk *desk, int64_t app_id, const struct ad_trust *found, struct ad_err *err);

/* A rule and what came in its place, for the trail. */
struct ad_json *ad_trust_change(
	struct ad_arena *arena, const struct ad_trust *old, const struct ad_trust *now);

#endif
