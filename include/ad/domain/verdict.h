/* SPDX-License-Identifier: Apache-2.0 */
/* What a person says of an app that they have, and whether it is news. Pure. */
#ifndef AD_DOMAIN_VERDICT_H
#define AD_DOMAIN_VERDICT_H

#include <stdbool.h>

enum ad_verdict_state {
	AD_VERDICT_NONE = 0,
	AD_VERDICT_WORKS,
	AD_VERDICT_BROKEN,  /* and nobody has answered yet */
	AD_VERDICT_ANSWERED /* broken, and an admin has written what to do about it */
};

/* Whether it has to be written down and told: not what was said already, unless it was answered and
 * goes on nevertheless. */
bool ad_verdict_is_news(enum ad_verdict_state before, bool works);

#endif
