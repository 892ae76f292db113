/* SPDX-License-Identifier: Apache-2.0 */
/* What a person says of an app, and whether it is news. */
#include "ad/domain/verdict.h"

bool ad_verdict_is_news(enum ad_verdict_state before, bool works)
{
	return before != (works ? AD_VERDICT_WORKS : AD_VERDICT_BROKEN);
}
