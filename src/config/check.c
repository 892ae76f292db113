/* SPDX-License-Identifier: Apache-2.0 */
/* Presets of the clouds, and the checks that look at several keys. */
#include "ad/text.h"
#include "keys.h"

/* protocol.md 1.7. %s is the tenant. */
static const struct preset {
	const char *cloud;
	const char *metadata;
	const char *issuer;
	const char *token_format_host;
	const char *scope;
	const char *service_url;
	const char *graph;
	const char *token_service;
} presets[] = {
	{ "public", "https://login.botframework.com/v1/.well-known/openidconfiguration",
		"https://api.botframework.com", "https://login.microsoftonline.com",
		"https://api.botframework.com/.default", "https://smba.trafficmanager.net/teams/",
		"https://graph.microsoft.com", "https://token.botframework.com" },
	{ "usgov", "https://login.botframework.azure.us/v1/.well-known/openidconfiguration",
		"https://api.botframework.us", "https://login.microsoftonline.us",
		"https://api.botframework.us/.default",
		"https://smba.infra.gov.teams.microsoft.us/teams/", "https://graph.microsoft.us",
		"https://token.botframework.azure.us" },
	{ "china", "https://login.botframework.azure.cn/v1/.well-known/openidconfiguration",
		"https://api.botframework.azure.cn", "https://login.partner.microsoftonline.cn",
		"https://api.botframework.azure.cn/.default", "",
		"https://microsoftgraph.chinacloudapi.cn", "https://token.botframework.azure.cn" },
};

static void otherwise(const char **field, const char *value)
{
	if (ad_text_empty(*field))
		*field = value;
}

int ad_config_presets(struct ad_arena *arena, struct ad_config *config, struct ad_err *err)
{
	const struct preset *p = NULL;
	for (size_t i = 0; i < sizeof presets / sizeof presets[0]; i++) {
		if (ad_text_eq(presets[i].cloud, config->bot.cloud))
			p = &presets[i];
	}
	if (!p)
		return AD_FAIL(err, AD_ECONFIG,
			"bot.cloud is '%.40s': write public, usgov or china", config->bot.cloud);
	const char *token_host = ad_config_workload(arena, config, p->token_format_host);
	otherwise(&config->bot.openid_metadata_url, p->metadata);
	otherwise(&config->bot.issuer, p->issuer);
	otherwise(&config->bot.token_url,
		ad_printf(arena, "%s/%s/oauth2/v2.0/token", token_host, config->bot.tenant_id));
	otherwise(&config->bot.scope, p->scope);
	otherwise(&config->bot.service_url, p->service_url);
	otherwise(&config->graph.base_url, p->graph);
	otherwise(&config->graph.scope, ad_printf(arena, "%s/.default", p->graph));
	otherwise(&config->graph.token_url, config->bot.token_url);
	otherwise(&config->graph.client_id, config->bot.app_id);
	otherwise(&config->stepup.audience, config->bot.app_id);
	otherwise(&config->stepup.issuer,
		ad_printf(arena, "%s/%s/v2.0", token_host, config->bot.tenant_id));
	otherwise(&config->stepup.metadata_url,
		ad_printf(arena, "%s/.well-known/openid-configuration", config->stepup.issuer));
	otherwise(&config->stepup.token_service, p->token_service);
	ad_config_inherit(&config->graph.credential, &config->bot.credential);
	ad_config_workload_file(arena, &config->graph.credential);
	if (config->bot.tenants.count == 0) {
		config->bot.tenants.item[0] = config->bot.tenant_id;
		config->bot.tenants.count = 1;
	}
	return 0;
}

bool ad_config_is_loopback(const char *address)
{
	return ad_text_starts(address, "127.") || ad_text_eq(address, "::1") ||
	       ad_text_eq_nocase(address, "localhost");
}

int ad_config_parse_listen(struct ad_arena *arena, const char *text, const char **ret_address,
	uint16_t *ret_port, struct ad_err *err)
{
	const char *colon = strrchr(text, ':');
	int64_t port = 0;
	if (!colon || colon == text || ad_text_i64(colon + 1, 0, UINT16_MAX, &port) != 0)
		return AD_FAIL(err, AD_ECONFIG, "'%.60s' is not address:port", text);
	size_t len = (size_t)(colon - text);
	bool brackets = text[0] == '[' && text[len - 1] == ']';
	*ret_address = ad_strndup(arena, brackets ? text + 1 : text, brackets ? len - 2 : len);
	*ret_port = (uint16_t)port;
	return 0;
}

static int check_listeners(
	struct ad_arena *arena, const struct ad_config *config, struct ad_err *err)
{
	const char *address[2] = { NULL, NULL };
	const char *names[2] = { "server.listen", "server.admin_listen" };
	const char *values[2] = { config->server.listen, config->server.admin_listen };
	for (int i = 0; i < 2; i++) {
		uint16_t port;
		int r = ad_config_parse_listen(arena, values[i], &address[i], &port, err);
		if (r != 0) {
			ad_err_prefix(err, "%s: ", names[i]);
			return r;
		}
	}
	bool loopback = ad_config_is_loopback(address[0]);
	bool tls = config->server.tls_certificate.count > 0;
	if (config->server.tls_certificate.count != config->server.tls_key.count)
		return AD_FAIL(err, AD_ECONFIG,
			"server.tls_certificate and server.tls_key belong together: write as many "
			"of one as of the other");
	if (!tls && !ad_text_empty(config->server.tls_client_ca))
		return AD_FAIL(err, AD_ECONFIG,
			"server.tls_client_ca needs server.tls_certificate: without TLS nobody "
			"shows a certificate");
	if (config->server.behind_proxy && config->server.proxies.count == 0)
		return AD_FAIL(err, AD_ECONFIG,
			"server.behind_proxy needs server.proxies: write the proxy's address");
	if (!loopback && !tls && !config->server.behind_proxy)
		return AD_FAIL(err, AD_ECONFIG,
			"server.listen is %s, which others can reach: name server.tls_certificate "
			"and server.tls_key, "
			"or put a TLS proxy in front and set server.behind_proxy=true, or listen "
			"on 127.0.0.1",
			values[0]);
	if (config->dev.loopback && (!loopback || !ad_config_is_loopback(address[1])))
		return AD_FAIL(err, AD_ECONFIG,
			"dev.loopback is only for tests on one machine: every listener must be on "
			"loopback");
	return 0;
}

int ad_config_check_url(
	const struct ad_config *config, const char *key, const char *url, struct ad_err *err)
{
	if (ad_text_starts(url, "https://"))
		return 0;
	bool loopback = ad_text_starts(url, "http://127.") ||
			ad_text_starts(url, "http://localhost:") ||
			ad_text_starts(url, "http://[::1]");
	if (loopback && config->dev.loopback)
		return 0;
	return AD_FAIL(err, AD_ECONFIG, "%s must be an https:// URL%s", key,
		loopback ? " (http:// on loopback needs dev.loopback=true)" : "");
}

static int check_urls(const struct ad_config *config, struct ad_err *err)
{
	const struct {
		const char *key;
		const char *url;
	} urls[] = {
		{ "bot.openid_metadata_url", config->bot.openid_metadata_url },
		{ "bot.token_url", config->bot.token_url },
		{ "graph.base_url", config->graph.base_url },
		{ "graph.token_url", config->graph.token_url },
		{ "stepup.metadata_url", config->stepup.metadata_url },
		{ "stepup.token_service", config->stepup.token_service },
		{ "winget.base_url", config->winget.base_url },
	};
	for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++) {
		int r = ad_config_check_url(config, urls[i].key, urls[i].url, err);
		if (r != 0)
			return r;
	}
	return ad_text_empty(config->bot.service_url)
		       ? 0
		       : ad_config_check_url(
				 config, "bot.service_url", config->bot.service_url, err);
}

static int check_required(const struct ad_config *config, struct ad_err *err)
{
	if (!ad_text_is_guid(config->bot.app_id))
		return AD_FAIL(err, AD_ECONFIG,
			"bot.app_id must be the GUID of the bot's app registration");
	if (!ad_text_is_guid(config->bot.tenant_id))
		return AD_FAIL(err, AD_ECONFIG,
			"bot.tenant_id must be the GUID of the organisation's tenant");
	if (ad_text_empty(config->database.url))
		return AD_FAIL(err, AD_ECONFIG,
			"database.url is empty: write a PostgreSQL connection string");
	return 0;
}

static int check_stepup(const struct ad_config *config, struct ad_err *err)
{
	static const char *const risks[] = { "low", "medium", "high", "critical" };
	for (size_t i = 0; i < sizeof risks / sizeof risks[0]; i++)
		if (ad_text_eq(risks[i], config->stepup.from))
			return 0;
	return AD_FAIL(err, AD_ECONFIG,
		"stepup.from is '%.20s': write low, medium, high or critical", config->stepup.from);
}

static int check_seal_key(
	struct ad_arena *arena, const char *name, const char *text, struct ad_err *err)
{
	uint8_t *key;
	size_t len;
	if (ad_base64_decode(arena, text, strlen(text), &key, &len) != 0 || len != 32)
		return AD_FAIL(err, AD_ECONFIG,
			"%s must be 32 bytes in base64; make one with: openssl rand -base64 32",
			name);
	return 0;
}

static int check_seal_keys(
	struct ad_arena *arena, const struct ad_config *config, struct ad_err *err)
{
	const struct ad_config_list *old = &config->security.reference_keys_old;
	int r = check_seal_key(
		arena, "security.reference_key", config->security.reference_key, err);
	for (size_t i = 0; r == 0 && i < old->count; i++)
		r = check_seal_key(arena, "each of security.reference_keys_old", old->item[i], err);
	return r;
}

int ad_config_check(struct ad_arena *arena, const struct ad_config *config, struct ad_err *err)
{
	int r = check_required(config, err);
	if (r == 0)
		r = ad_config_check_credential("bot", &config->bot.credential, err);
	if (r == 0)
		r = ad_config_check_credential("graph", &config->graph.credential, err);
	if (r == 0)
		r = check_listeners(arena, config, err);
	if (r == 0)
		r = check_urls(config, err);
	if (r == 0)
		r = ad_config_check_mail(config, err);
	if (r == 0)
		r = check_stepup(config, err);
	if (r == 0)
		r = check_seal_keys(arena, config, err);
	return r;
}
