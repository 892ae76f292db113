/* SPDX-License-Identifier: Apache-2.0 */
/* The turns of links in mails. Private to bot. */
#ifndef AD_BOT_LINK_H
#define AD_BOT_LINK_H

#include "turn.h"

/* Is this request about a link? */
bool ad_link_is(const struct ad_http_request *request);

/* Shows or decides, and answers. Worker thread. */
void ad_link_run(struct ad_bot_worker *worker, struct ad_http_request *request);

/* The page that nothing was done, for a taken request. Any thread. */
void ad_link_busy(const struct ad_bot *bot, struct ad_http_request *request);

/* The value of a field in an application/x-www-form-urlencoded body, line breaks as LF; NULL when
 * it is not there. AD_EINVAL for what no browser sends: broken percent-encoding, NUL, no UTF-8, the
 * field twice. Pure. */
AD_MUST int ad_form_field(struct ad_arena *arena, const char *body, size_t len, const char *name,
	const char **ret, struct ad_err *err);

#endif
