/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The credential that somebody else vouches for; see credential.h: a token of the Kubernetes
 * cluster in a file, or one of the managed identity, is the assertion at the token endpoint. It is
 * had anew for each request: it lives shorter than this program.
 */
#include "credential.h"

#include "ad/crypto.h"
#include "ad/file.h"
#include "ad/text.h"

#define FILE_MAX ((size_t)64 << 10) /* bytes of a file that holds a token */

static int read_assertion(const struct ad_token_config *config, struct ad_arena *arena,
	const char **ret, struct ad_err *err)
{
	char *content = NULL;
	size_t len = 0;
	int rc = ad_file_read(arena, config->federated_token_file, FILE_MAX, &content, &len, err);
	if (rc != 0) {
		ad_err_prefix(err, "%s.federated_token_file: ", config->name);
		if (err)
			err->class = AD_CLASS_TRANSIENT; /* it is being replaced, perhaps */
		return rc;
	}
	const char *assertion = ad_text_trim(arena, content);
	ad_crypto_wipe(content, len);
	if (!ad_token_is_plain(assertion))
		return AD_FAIL(err, AD_EUNAVAIL, "%s.federated_token_file: %s holds no token",
			config->name, config->federated_token_file);
	*ret = assertion;
	return 0;
}

static int get_assertion(const struct ad_token_config *config, const struct ad_acquire *acquire,
	const char **ret, struct ad_err *err)
{
	struct ad_grant grant = { 0 };
	if (config->federated_token_file)
		return read_assertion(config, acquire->arena, ret, err);
	int rc = ad_managed_grant(config, acquire, config->exchange_resource, &grant, err);
	if (rc == 0)
		*ret = grant.token;
	return rc;
}

static int open_federated(struct ad_credential *credential, struct ad_err *err)
{
	const struct ad_token_config *config = credential->config;
	const char *assertion = NULL;
	if (!config->federated_token_file)
		return ad_managed_check(config, err);
	struct ad_arena *arena = ad_arena_new();
	int rc = read_assertion(config, arena, &assertion, err);
	ad_arena_free(arena);
	return rc == 0 ? 0 : AD_ECONFIG;
}

static int acquire_federated(struct ad_credential *credential, const struct ad_acquire *acquire,
	struct ad_grant *ret, struct ad_err *err)
{
	const struct ad_token_config *config = credential->config;
	const char *assertion = NULL;
	int rc = get_assertion(config, acquire, &assertion, err);
	if (rc != 0)
		return rc;
	char *proof = ad_endpoint_assertion(acquire->arena, assertion);
	rc = ad_endpoint_grant(config, acquire, proof, ret, err);
	ad_crypto_wipe(proof, strlen(proof));
	return rc;
}

static void close_federated(struct ad_credential *credential)
{
	(void)credential;
}

const struct ad_credential_ops ad_credential_federated = {
	.open = open_federated,
	.acquire = acquire_federated,
	.close = close_federated,
};
