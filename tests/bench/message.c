/* SPDX-License-Identifier: Apache-2.0 */
/* What a person's message looks like when the channel posts it. */
#include "bench.h"

#include "ad/text.h"

#include <time.h>

int64_t bench_now_us(void)
{
	struct timespec t;
	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

#define PERSONAL                                                                           \
	"\"channelId\":\"msteams\",\"serviceUrl\":\"%s\","                                 \
	"\"from\":{\"id\":\"29:bench-%u\",\"name\":\"Person %u\",\"aadObjectId\":\"%s\"}," \
	"\"conversation\":{\"conversationType\":\"personal\",\"tenantId\":"                \
	"\"" BENCH_TENANT_ID "\",\"id\":\"" BENCH_CHAT_PREFIX "%u\"},"                     \
	"\"recipient\":{\"id\":\"28:" BENCH_APP_ID "\",\"name\":\"AppDesk\"},"             \
	"\"channelData\":{\"tenant\":{\"id\":\"" BENCH_TENANT_ID "\"}},"                   \
	"\"entities\":[{\"type\":\"clientInfo\",\"locale\":\"en-US\",\"country\":\"US\","  \
	"\"platform\":\"Windows\"}],\"locale\":\"en-US\","

/* What both have: who, where, when. */
static const char *frame(
	struct ad_arena *arena, long long id, unsigned person, const char *service_url)
{
	char now[40];
	struct timespec t;
	struct tm utc;
	(void)clock_gettime(CLOCK_REALTIME, &t);
	(void)gmtime_r(&t.tv_sec, &utc);
	(void)strftime(now, sizeof now, "%Y-%m-%dT%H:%M:%S.000Z", &utc);
	const char *oid = ad_printf(arena, BENCH_PERSON_FORMAT, person);
	return ad_printf(arena, "\"id\":\"%lld\",\"timestamp\":\"%s\"," PERSONAL, id, now,
		service_url, person, person, oid, person);
}

char *bench_message(struct ad_arena *arena, long long id, unsigned person, const char *service_url,
	const char *text)
{
	return ad_printf(arena, "{\"type\":\"message\",%s\"textFormat\":\"plain\",\"text\":\"%s\"}",
		frame(arena, id, person, service_url), text);
}

char *bench_press(struct ad_arena *arena, long long id, unsigned person, const char *service_url,
	long long request)
{
	return ad_printf(arena,
		"{\"type\":\"invoke\",\"name\":\"adaptiveCard/action\",%s\"replyToId\":\"c%lld\","
		"\"value\":{\"trigger\":\"manual\",\"action\":{\"type\":\"Action.Execute\","
		"\"verb\":\"approve\",\"data\":{\"verb\":\"approve\",\"t\":\"%022lld\","
		"\"rid\":%lld,\"v\":1}}}}",
		frame(arena, id, person, service_url), request, request, request);
}
