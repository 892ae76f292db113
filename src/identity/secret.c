/* SPDX-License-Identifier: Apache-2.0 */
/* The credential that is a client secret; see credential.h. */
#include "credential.h"

#include "ad/crypto.h"
#include "ad/text.h"

/* The state is the secret as it was read last: used by the fetching thread alone after open. */
static void replace(struct ad_credential *credential, const char *secret)
{
	char *old = credential->state;
	credential->state = secret ? ad_xstrdup(secret) : NULL;
	if (old)
		ad_crypto_wipe(old, strlen(old));
	free(old);
}

static int open_secret(struct ad_credential *credential, struct ad_err *err)
{
	const struct ad_token_config *config = credential->config;
	if (ad_text_empty(config->secret))
		return AD_FAIL(err, AD_ECONFIG, "%s: client secret is required", config->name);
	replace(credential, config->secret);
	return 0;
}

static void renew(struct ad_credential *credential, struct ad_arena *arena)
{
	const struct ad_token_config *config = credential->config;
	const char *secret = NULL;
	if (config->renew && config->renew(config->renew_ctx, arena, &secret, NULL) == 0 &&
		!ad_text_empty(secret))
		replace(credential, secret);
}

static int acquire_by_secret(struct ad_credential *credential, const struct ad_acquire *acquire,
	struct ad_grant *ret, struct ad_err *err)
{
	renew(credential, acquire->arena);
	char *secret = ad_url_segment(acquire->arena, credential->state);
	char *proof = ad_printf(acquire->arena, "client_secret=%s", secret);
	int rc = ad_endpoint_grant(credential->config, acquire, proof, ret, err);
	ad_crypto_wipe(proof, strlen(proof));
	ad_crypto_wipe(secret, strlen(secret));
	return rc;
}

static void close_secret(struct ad_credential *credential)
{
	replace(credential, NULL);
}

const struct ad_credential_ops ad_credential_secret = {
	.open = open_secret,
	.acquire = acquire_by_secret,
	.close = close_secret,
};
