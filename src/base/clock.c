/* SPDX-License-Identifier: Apache-2.0 */
/* Clocks, RFC 3339 dates and the delay between tries. */
#include "ad/clock.h"

#include <stdbool.h>
#include <sys/random.h>

static int64_t read_ms(clockid_t id)
{
	struct timespec ts;
	AD_ASSERT(clock_gettime(id, &ts) == 0);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int64_t ad_clock_unix_ms(void)
{
	return read_ms(CLOCK_REALTIME);
}

int64_t ad_clock_mono_ms(void)
{
	return read_ms(CLOCK_MONOTONIC);
}

char *ad_clock_iso(struct ad_arena *arena, int64_t unix_s)
{
	time_t t = (time_t)unix_s;
	struct tm tm;
	char *text = ad_alloc(arena, 32);
	if (!gmtime_r(&t, &tm) || strftime(text, 32, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		return ad_strdup(arena, "1970-01-01T00:00:00Z");
	return text;
}

/* "+02:00", "-0130", "Z" or "+02" (as PostgreSQL prints) to seconds east of UTC. */
static int parse_offset(const char *text, int64_t *ret)
{
	if (strcmp(text, "Z") == 0 || strcmp(text, "z") == 0) {
		*ret = 0;
		return 0;
	}
	int hours = 0;
	int minutes = 0;
	char sign = '\0';
	int end = 0;
	if (sscanf(text, "%c%2d%n", &sign, &hours, &end) != 2 || (sign != '+' && sign != '-'))
		return AD_EINVAL;
	text += end;
	text += *text == ':';
	if (*text && (sscanf(text, "%2d%n", &minutes, &end) != 1 || text[end]))
		return AD_EINVAL;
	*ret = (hours * 3600 + minutes * 60) * (sign == '-' ? -1 : 1);
	return 0;
}

int ad_clock_parse_iso(const char *text, int64_t *ret_unix_s)
{
	struct tm tm = { 0 };
	int64_t offset;
	int used = 0;
	if (!text || sscanf(text, "%4d-%2d-%2d%*1[T t]%2d:%2d:%2d%n", &tm.tm_year, &tm.tm_mon,
			     &tm.tm_mday, &tm.tm_hour, &tm.tm_min, &tm.tm_sec, &used) != 6)
		return AD_EINVAL;
	text += used;
	if (*text == '.')
		text += 1 + strspn(text + 1, "0123456789");
	if (parse_offset(text, &offset) != 0 || tm.tm_mon < 1 || tm.tm_mon > 12 || tm.tm_mday < 1 ||
		tm.tm_mday > 31 || tm.tm_hour > 23 || tm.tm_min > 59 || tm.tm_sec > 60)
		return AD_EINVAL;
	tm.tm_year -= 1900;
	tm.tm_mon -= 1;
	*ret_unix_s = (int64_t)timegm(&tm) - offset;
	return 0;
}

int64_t ad_clock_backoff_ms(int attempt, int64_t base_ms, int64_t max_ms)
{
	int64_t delay = base_ms;
	for (int i = 1; i < attempt && delay < max_ms; i++)
		delay *= 2;
	delay = delay > max_ms ? max_ms : delay;
	uint32_t random = 0;
	if (getrandom(&random, sizeof random, GRND_NONBLOCK) != (ssize_t)sizeof random)
		random = (uint32_t)ad_clock_mono_ms();
	return delay - delay / 2 + (int64_t)(random % (uint64_t)(delay / 2 + 1));
}
