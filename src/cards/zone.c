/* SPDX-License-Identifier: Apache-2.0 */
/* Time zones of ICU. A name counts when there is a zone of Windows for it: that leaves out what no
 * clock on a wall ever showed. */
#include "zone.h"

#include <string.h>
#include <unicode/ustring.h>

#define NAME_MAX 100 /* units of the name of a zone */
#define MINUTE_MS 60000

/* Of the names of zones. To ICU a name ends at some others, such as "!". */
#define NAME_CHARS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 ()+-./_"

/* A name of Windows as one of IANA; false: it is none. */
static bool of_windows(const UChar *name, UChar *ret)
{
	UErrorCode status = U_ZERO_ERROR;
	int32_t len = ucal_getTimeZoneIDForWindowsID(name, -1, NULL, ret, NAME_MAX, &status);
	return U_SUCCESS(status) && len > 0 && len < NAME_MAX;
}

static bool is_iana(const UChar *name)
{
	UChar windows[NAME_MAX];
	UErrorCode status = U_ZERO_ERROR;
	return ucal_getWindowsTimeZoneID(name, -1, windows, NAME_MAX, &status) > 0 &&
	       U_SUCCESS(status);
}

bool ad_zone_open(const char *name, struct ad_zone *ret)
{
	UChar given[NAME_MAX], iana[NAME_MAX];
	UErrorCode status = U_ZERO_ERROR;
	size_t len = strspn(name, NAME_CHARS);
	if (len == 0 || len >= NAME_MAX || name[len])
		return false;
	u_charsToUChars(name, given, (int32_t)len + 1);
	if (!of_windows(given, iana)) {
		if (!is_iana(given))
			return false;
		u_strcpy(iana, given);
	}
	ret->icu = ucal_open(iana, -1, "en_US", UCAL_GREGORIAN, &status);
	return U_SUCCESS(status);
}

void ad_zone_close(struct ad_zone *zone)
{
	ucal_close(zone->icu);
}

int ad_zone_offset(const struct ad_zone *zone, int64_t ms)
{
	UErrorCode status = U_ZERO_ERROR;
	ucal_setMillis(zone->icu, (UDate)ms, &status);
	int32_t offset = ucal_get(zone->icu, UCAL_ZONE_OFFSET, &status) +
			 ucal_get(zone->icu, UCAL_DST_OFFSET, &status);
	return U_SUCCESS(status) ? offset / MINUTE_MS : 0;
}

int64_t ad_zone_instant(const struct ad_zone *zone, int64_t local_ms, int guess)
{
	int first = ad_zone_offset(zone, local_ms - guess * INT64_C(60000));
	if (first == guess)
		return local_ms - first * INT64_C(60000);
	int second = ad_zone_offset(zone, local_ms - first * INT64_C(60000));
	return local_ms - (second < first ? second : first) * INT64_C(60000);
}
