/* SPDX-License-Identifier: Apache-2.0 */
/* From the configuration to the sources of our own tokens; see tokens.h. */
#include "tokens.h"

#include "ad/text.h"

/* A rotated secret is used as soon as a new token is needed: @File is read again each time. */
static int renew_bot_secret(void *ctx, struct ad_arena *arena, const char **ret, struct ad_err *err)
{
	return ad_config_secret(ctx, "bot.secret", arena, ret, err);
}

static int renew_graph_secret(
	void *ctx, struct ad_arena *arena, const char **ret, struct ad_err *err)
{
	int r = ad_config_secret(ctx, "graph.secret", arena, ret, err);
	return r == 0 && !**ret ? ad_config_secret(ctx, "bot.secret", arena, ret, err) : r;
}

/* The configuration has been checked: there are no other words. */
static enum ad_credential_kind kind_of(const char *word)
{
	static const struct {
		const char *word;
		enum ad_credential_kind kind;
	} kinds[] = {
		{ "secret", AD_CREDENTIAL_SECRET },
		{ "certificate", AD_CREDENTIAL_CERTIFICATE },
		{ "managed_identity", AD_CREDENTIAL_MANAGED_IDENTITY },
		{ "federated", AD_CREDENTIAL_FEDERATED },
	};
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		if (ad_text_eq(kinds[i].word, word))
			return kinds[i].kind;
	}
	ad_assert_failed(__FILE__, __LINE__, "kind of credential");
}

/* What the machine's host says in the environment, as protocol.md 2.3 has it. */
static struct ad_managed_identity managed_identity(
	const struct ad_config_credential *credential, const char *client_id)
{
	const char *written = credential->managed_identity_client_id;
	if (!ad_text_empty(written))
		client_id = written;
	return (struct ad_managed_identity){
		.client_id = ad_text_eq(client_id, "system") ? NULL : client_id,
		.endpoint = getenv("IDENTITY_ENDPOINT"),
		.header = getenv("IDENTITY_HEADER"),
		.authority = getenv("AZURE_POD_IDENTITY_AUTHORITY_HOST"),
	};
}

/* For what a managed identity's token can be exchanged, in each cloud. */
static const char *exchange_of(const char *cloud)
{
	if (ad_text_eq(cloud, "usgov"))
		return "api://AzureADTokenExchangeUSGov";
	if (ad_text_eq(cloud, "china"))
		return "api://AzureADTokenExchangeChina";
	return "api://AzureADTokenExchange";
}

static void fill_credential(struct ad_token_config *token,
	const struct ad_config_credential *credential, const char *cloud)
{
	token->credential = kind_of(credential->kind);
	token->secret = credential->secret;
	token->certificate = credential->certificate;
	token->certificate_key = credential->certificate_key;
	token->federated_token_file = credential->federated_token_file;
	token->exchange_resource = exchange_of(cloud);
	token->managed = managed_identity(credential, token->client_id);
}

struct ad_token_config ad_tokens_bot(const struct ad_config *config)
{
	struct ad_token_config token = {
		.name = "bot",
		.token_url = config->bot.token_url,
		.client_id = config->bot.app_id,
		.scope = config->bot.scope,
		.renew = renew_bot_secret,
		.renew_ctx = (void *)(uintptr_t)config,
		.allow_http_loopback = config->dev.loopback,
	};
	fill_credential(&token, &config->bot.credential, config->bot.cloud);
	return token;
}

struct ad_token_config ad_tokens_graph(const struct ad_config *config)
{
	struct ad_token_config token = {
		.name = "graph",
		.token_url = config->graph.token_url,
		.client_id = config->graph.client_id,
		.scope = config->graph.scope,
		.renew = renew_graph_secret,
		.renew_ctx = (void *)(uintptr_t)config,
		.allow_http_loopback = config->dev.loopback,
	};
	fill_credential(&token, &config->graph.credential, config->bot.cloud);
	return token;
}
