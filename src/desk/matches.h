/* SPDX-License-Identifier: Apache-2.0 */
/* Apps in a list to choose from. Private to desk; inside the caller's transaction. */
#ifndef AD_DESK_MATCHES_H
#define AD_DESK_MATCHES_H

#include "parts.h"

/* Members app_id, app, publisher, description and whether there are these two: what an app is. */
void ad_matches_app(const struct ad_desk *desk, const struct ad_app *app, struct ad_json *into);
/* The rows of a list: what each app is, whether its holder needs an approval for it, and how long
 * that usually takes. */
AD_MUST int ad_matches_rows(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_app_list *apps, struct ad_json **ret, struct ad_err *err);
/* "Usually there within 4 hours"; "" when too few have had the app to tell. */
AD_MUST int ad_matches_usual(struct ad_desk *desk, const char *locale, const struct ad_app *app,
	const char **ret, struct ad_err *err);

#endif
