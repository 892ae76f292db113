/* SPDX-License-Identifier: Apache-2.0 */
/* Clocks. Durations come from the monotonic clock, dates that are stored from the database's clock.
 */
#ifndef AD_CLOCK_H
#define AD_CLOCK_H

#include "ad/arena.h"
#include "ad/err.h"

#include <stdint.h>

int64_t ad_clock_unix_ms(void); /* wall clock, milliseconds since 1970 UTC */
int64_t ad_clock_mono_ms(void); /* CLOCK_MONOTONIC */

/* "2026-11-22T17:54:32Z" from Unix seconds. */
char *ad_clock_iso(struct ad_arena *arena, int64_t unix_s);
/* RFC 3339 with Z or offset and optional fraction (ignored) to Unix seconds. */
AD_MUST int ad_clock_parse_iso(const char *text, int64_t *ret_unix_s);

/* Delay before try number attempt (1 = first retry): base * 2^(attempt-1), at most max, then spread
 * evenly over [half, whole] so that many failures do not come back together. Milliseconds. */
int64_t ad_clock_backoff_ms(int attempt, int64_t base_ms, int64_t max_ms);

#endif
