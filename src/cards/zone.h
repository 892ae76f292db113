/* SPDX-License-Identifier: Apache-2.0 */
/* Time zones by their names, IANA's and those of Windows, from ICU. Private to cards. */
#ifndef AD_CARDS_ZONE_H
#define AD_CARDS_ZONE_H

#include <stdbool.h>
#include <stdint.h>
#include <unicode/ucal.h>

struct ad_zone {
	UCalendar *icu;
};

/* false: there is no such zone. The caller closes it. */
bool ad_zone_open(const char *name, struct ad_zone *ret);
void ad_zone_close(struct ad_zone *zone);

/* Minutes east of UTC at an instant in Unix milliseconds. */
int ad_zone_offset(const struct ad_zone *zone, int64_t ms);

/* The instant at which clocks in the zone show a local time, which is given as if it were UTC.
 * guess: the offset that is meant when they show it twice or never. */
int64_t ad_zone_instant(const struct ad_zone *zone, int64_t local_ms, int guess);

#endif
