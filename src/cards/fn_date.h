/* SPDX-License-Identifier: Apache-2.0 */
/* What functions of dates have in common. Private to cards. */
#ifndef AD_CARDS_FN_DATE_H
#define AD_CARDS_FN_DATE_H

#include "expr.h"
#include "calendar.h"

/* The pattern in argument `at`, or the usual one; the argument behind it is a language, of which
 * only English is known. */
const char *ad_date_pattern(const struct ad_call *call, size_t at, const char *usual);

/* The text of an instant in Unix milliseconds, on clocks that are so many minutes east of UTC. */
enum ad_outcome ad_date_give(
	struct ad_call *call, double ms, int offset, const char *pattern, struct ad_value *ret);

/* The moment in an argument, which must be just what toISOString() prints. */
enum ad_outcome ad_date_iso(struct ad_call *call, size_t at, int64_t *ret);

#endif
