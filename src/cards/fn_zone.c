/* SPDX-License-Identifier: Apache-2.0 */
/* Functions that take a time from one zone to another. */
#include "fn_date.h"
#include "zone.h"

#define ZONE_STEPS 100 /* what finding a zone counts */
#define LOCAL_FORMAT "YYYY-MM-DDTHH:mm:ss.SSS0000"
#define SECOND_MS 1000

static enum ad_outcome open_zone(struct ad_call *call, struct ad_zone *ret)
{
	if (call->arg[0].kind != AD_STRING || call->arg[1].kind != AD_STRING)
		return ad_fail(call, "a time and a time zone are wanted");
	if (ad_spend(call->x, ZONE_STEPS, 0) != AD_DONE)
		return AD_STOPPED;
	return ad_zone_open(call->arg[1].string.text, ret)
		       ? AD_DONE
		       : ad_fail(call, "there is no such time zone");
}

static enum ad_outcome fn_convert_from_utc(struct ad_call *call, struct ad_value *ret)
{
	struct ad_zone zone;
	int64_t ms;
	enum ad_outcome o = open_zone(call, &zone);
	if (o != AD_DONE)
		return o;
	o = ad_date_iso(call, 0, &ms);
	if (o == AD_DONE)
		o = ad_date_give(call, (double)ms, ad_zone_offset(&zone, ms),
			ad_date_pattern(call, 2, LOCAL_FORMAT), ret);
	ad_zone_close(&zone);
	return o;
}

/* Fractions of a second get lost, as in the official engine. */
static enum ad_outcome fn_convert_to_utc(struct ad_call *call, struct ad_value *ret)
{
	struct ad_zone zone;
	int64_t ms;
	enum ad_outcome o = open_zone(call, &zone);
	if (o != AD_DONE)
		return o;
	if (ad_time_parse_parts(call->arg[0].string.text, &ms)) {
		int guess = ad_zone_offset(&zone, call->x->context->now_ms);
		ms = ad_zone_instant(&zone, ms, guess);
		ms -= (ms % SECOND_MS + SECOND_MS) % SECOND_MS;
		o = ad_date_give(
			call, (double)ms, 0, ad_date_pattern(call, 2, AD_TIME_FORMAT), ret);
	} else {
		o = ad_fail(call, "is no time");
	}
	ad_zone_close(&zone);
	return o;
}

#define S AD_T_STRING

const struct ad_function ad_functions_zone[] = {
	{ "convertFromUTC", NULL, S, 2, 4, { S }, 0, 0, fn_convert_from_utc },
	{ "convertToUTC", NULL, S, 2, 4, { S }, 0, 0, fn_convert_to_utc },
	{ .name = NULL },
};
