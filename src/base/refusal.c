/* SPDX-License-Identifier: Apache-2.0 */
/* Names and counters of refusals; see refusal.h. */
#include "ad/refusal.h"

#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>

static const char *const names[AD_REFUSALS] = {
	[AD_REFUSED_NONE] = "none",
	[AD_REFUSED_CONNECTIONS] = "connections",
	[AD_REFUSED_HANDSHAKE] = "handshake",
	[AD_REFUSED_PROXY] = "proxy",
	[AD_REFUSED_ADDRESS_LIMIT] = "address_limit",
	[AD_REFUSED_HEAD] = "head",
	[AD_REFUSED_HEAD_SIZE] = "head_size",
	[AD_REFUSED_VERSION] = "version",
	[AD_REFUSED_FRAMING] = "framing",
	[AD_REFUSED_METHOD] = "method",
	[AD_REFUSED_PATH] = "path",
	[AD_REFUSED_NO_TOKEN] = "no_token",
	[AD_REFUSED_CERTIFICATE] = "certificate",
	[AD_REFUSED_MEDIA_TYPE] = "media_type",
	[AD_REFUSED_EXPECTATION] = "expectation",
	[AD_REFUSED_BODY_SIZE] = "body_size",
	[AD_REFUSED_SLOW] = "slow",
	[AD_REFUSED_BODIES_FULL] = "bodies_full",
	[AD_REFUSED_STOPPING] = "stopping",
	[AD_REFUSED_TOKEN_FORM] = "token_form",
	[AD_REFUSED_TOKEN_ALGORITHM] = "token_algorithm",
	[AD_REFUSED_TOKEN_HEADER] = "token_header",
	[AD_REFUSED_TOKEN_ISSUER] = "token_issuer",
	[AD_REFUSED_TOKEN_AUDIENCE] = "token_audience",
	[AD_REFUSED_TOKEN_TIME] = "token_time",
	[AD_REFUSED_TOKEN_KEY] = "token_key",
	[AD_REFUSED_TOKEN_SIGNATURE] = "token_signature",
	[AD_REFUSED_TOKEN_CLAIMS] = "token_claims",
	[AD_REFUSED_SIGNATURES] = "signatures",
	[AD_REFUSED_NO_KEYS] = "no_keys",
	[AD_REFUSED_BODY] = "body",
	[AD_REFUSED_SERVICE_URL] = "service_url",
	[AD_REFUSED_CHANNEL] = "channel",
	[AD_REFUSED_ENDORSEMENT] = "endorsement",
	[AD_REFUSED_TENANT] = "tenant",
	[AD_REFUSED_RECIPIENT] = "recipient",
	[AD_REFUSED_SERVICE_HOST] = "service_host",
	[AD_REFUSED_SENDER] = "sender",
	[AD_REFUSED_LINK] = "link",
	[AD_REFUSED_PERSON_LIMIT] = "person_limit",
	[AD_REFUSED_QUEUE] = "queue",
};

static _Atomic uint64_t counts[AD_REFUSALS];

const char *ad_refusal_name(enum ad_refusal why)
{
	return why < AD_REFUSALS ? names[why] : "unknown";
}

void ad_refusal_count(enum ad_refusal why)
{
	AD_ASSERT(why < AD_REFUSALS);
	if (why != AD_REFUSED_NONE)
		atomic_fetch_add_explicit(&counts[why], 1, memory_order_relaxed);
}

uint64_t ad_refusal_get(enum ad_refusal why)
{
	AD_ASSERT(why < AD_REFUSALS);
	return atomic_load_explicit(&counts[why], memory_order_relaxed);
}

int ad_refusal_set(
	struct ad_err *err, int code, enum ad_refusal why, const char *where, const char *fmt, ...)
{
	char text[AD_ERR_TEXT_MAX];
	va_list args;
	va_start(args, fmt);
	(void)vsnprintf(text, sizeof text, fmt, args);
	va_end(args);
	(void)ad_err_set(err, code, where, "%s", text);
	if (err)
		err->refusal = (int)why;
	return code;
}
