/* SPDX-License-Identifier: Apache-2.0 */
/* Audience and times of a token; see claims.h. */
#include "claims.h"

#include "ad/identity.h"
#include "ad/text.h"

bool ad_claims_are_for(const struct ad_json *payload, const char *audience)
{
	const struct ad_json *aud = ad_json_get(payload, "aud");
	if (ad_json_kind(aud) != AD_JSON_ARRAY)
		return ad_text_eq(ad_json_text(aud), audience);
	AD_JSON_EACH(item, aud)
	{
		if (ad_text_eq(ad_json_text(item), audience))
			return true;
	}
	return false;
}

bool ad_claims_are_past(const struct ad_json *payload, const char *name, int64_t now_s)
{
	const struct ad_json *value = ad_json_get(payload, name);
	if (!value)
		return true;
	return ad_json_kind(value) == AD_JSON_NUMBER &&
	       ad_json_number(value, 0) <= (double)(now_s + AD_IDENTITY_SKEW_S);
}

int64_t ad_claims_time(const struct ad_json *payload, const char *name)
{
	const struct ad_json *value = ad_json_get(payload, name);
	double time = ad_json_kind(value) == AD_JSON_NUMBER ? ad_json_number(value, -1) : -1;
	return time < 0 || time > AD_CLAIM_TIME_MAX ? -1 : (int64_t)time;
}

bool ad_claims_have_expired(int64_t expires_s, int64_t now_s)
{
	return now_s > expires_s + AD_IDENTITY_SKEW_S;
}
