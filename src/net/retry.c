/* SPDX-License-Identifier: Apache-2.0 */
/* What a status means, and when to try again. Pure but for the jitter. */
#include "ad/net.h"

#include "ad/clock.h"

static int code_of_status(int status)
{
	static const struct {
		int status;
		int code;
	} codes[] = {
		{ 401, AD_EAUTH },
		{ 403, AD_EDENIED },
		{ 404, AD_ENOTFOUND },
		{ 408, AD_ETIMEOUT },
		{ 409, AD_ECONFLICT },
		{ 410, AD_ENOTFOUND },
		{ 412, AD_ECONFLICT },
		{ 413, AD_ETOOBIG },
		{ 429, AD_ETHROTTLED },
	};
	for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
		if (codes[i].status == status)
			return codes[i].code;
	}
	return status >= 500 ? AD_EUNAVAIL : AD_EINVAL;
}

int ad_net_check(const struct ad_net_response *response, const char *what, struct ad_err *err)
{
	if (response->status >= 200 && response->status < 300)
		return 0;
	int code = code_of_status(response->status);
	(void)AD_FAIL(err, code, "%s: HTTP status %d", what, response->status);
	if (err) {
		err->status = response->status;
		err->retry_after_s = response->retry_after_s;
		/* The usual class of a code speaks of our callers; here we are the caller. */
		if (err->class == AD_CLASS_CALLER)
			err->class = AD_CLASS_PERMANENT;
	}
	return code;
}

int64_t ad_net_retry_ms(const struct ad_net_retry *policy, int attempt, const struct ad_err *err)
{
	if (attempt >= policy->tries_max || err->class != AD_CLASS_TRANSIENT)
		return -1;
	if (err->code == AD_EAMBIGUOUS && !policy->idempotent)
		return -1;
	int64_t wait = ad_clock_backoff_ms(attempt, policy->base_ms, policy->max_ms);
	int64_t told = (int64_t)err->retry_after_s * 1000;
	return told > wait ? told : wait;
}
