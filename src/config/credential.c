/* SPDX-License-Identifier: Apache-2.0 */
/* The keys of a credential: which of them each kind needs. */
#include "ad/text.h"
#include "keys.h"

static void otherwise(const char **field, const char *value)
{
	if (ad_text_empty(*field))
		*field = value;
}

void ad_config_inherit(
	struct ad_config_credential *credential, const struct ad_config_credential *from)
{
	otherwise(&credential->kind, from->kind);
	otherwise(&credential->secret, from->secret);
	/* One of these two says whose token it is. */
	if (ad_text_empty(credential->managed_identity_client_id) &&
		ad_text_empty(credential->federated_token_file)) {
		credential->managed_identity_client_id = from->managed_identity_client_id;
		credential->federated_token_file = from->federated_token_file;
	}
	/* Another certificate has another key. */
	if (ad_text_empty(credential->certificate)) {
		credential->certificate = from->certificate;
		otherwise(&credential->certificate_key, from->certificate_key);
	}
}

static bool is_federated(const struct ad_config_credential *credential)
{
	return ad_text_eq(credential->kind, "federated");
}

static void from_environment(struct ad_arena *arena, const char **field, const char *variable)
{
	const char *value = getenv(variable);
	if (ad_text_empty(*field) && !ad_text_empty(value))
		*field = ad_strdup(arena, value);
}

void ad_config_workload_file(struct ad_arena *arena, struct ad_config_credential *credential)
{
	if (is_federated(credential) && ad_text_empty(credential->managed_identity_client_id))
		from_environment(
			arena, &credential->federated_token_file, "AZURE_FEDERATED_TOKEN_FILE");
}

const char *ad_config_workload(
	struct ad_arena *arena, struct ad_config *config, const char *otherwise)
{
	const char *host = "";
	ad_config_workload_file(arena, &config->bot.credential);
	if (!is_federated(&config->bot.credential) ||
		ad_text_empty(config->bot.credential.federated_token_file))
		return otherwise;
	from_environment(arena, &config->bot.app_id, "AZURE_CLIENT_ID");
	from_environment(arena, &config->bot.tenant_id, "AZURE_TENANT_ID");
	from_environment(arena, &host, "AZURE_AUTHORITY_HOST");
	config->bot.app_id = ad_text_lower(arena, config->bot.app_id);
	config->bot.tenant_id = ad_text_lower(arena, config->bot.tenant_id);
	if (ad_text_empty(host))
		return otherwise;
	size_t len = strlen(host);
	return ad_strndup(arena, host, host[len - 1] == '/' ? len - 1 : len);
}

static int check_secret(
	const char *section, const struct ad_config_credential *credential, struct ad_err *err)
{
	if (ad_text_empty(credential->secret))
		return AD_FAIL(err, AD_ECONFIG,
			"%s.secret is empty: write @File(path) or @Env(NAME)", section);
	return 0;
}

static int check_certificate(
	const char *section, const struct ad_config_credential *credential, struct ad_err *err)
{
	if (ad_text_empty(credential->certificate))
		return AD_FAIL(err, AD_ECONFIG,
			"%s.certificate is empty: name the PEM file of certificate and key",
			section);
	return 0;
}

static int check_managed_identity(
	const char *section, const struct ad_config_credential *credential, struct ad_err *err)
{
	const char *id = credential->managed_identity_client_id;
	if (!ad_text_empty(id) && !ad_text_eq(id, "system") && !ad_text_is_guid(id))
		return AD_FAIL(err, AD_ECONFIG,
			"%s.managed_identity_client_id is '%.40s': write the client id (GUID) of a "
			"user-assigned identity, or system",
			section, id);
	return 0;
}

static int check_federated(
	const char *section, const struct ad_config_credential *credential, struct ad_err *err)
{
	bool file = !ad_text_empty(credential->federated_token_file);
	bool identity = !ad_text_empty(credential->managed_identity_client_id);
	if (file && identity)
		return AD_FAIL(err, AD_ECONFIG,
			"%s.federated_token_file and %s.managed_identity_client_id: write one of "
			"them",
			section, section);
	if (!file && !identity)
		return AD_FAIL(err, AD_ECONFIG,
			"%s.federated_token_file is empty and the environment has no "
			"AZURE_FEDERATED_TOKEN_FILE: name the file of the token, or write "
			"%s.managed_identity_client_id",
			section, section);
	return identity ? check_managed_identity(section, credential, err) : 0;
}

int ad_config_check_credential(
	const char *section, const struct ad_config_credential *credential, struct ad_err *err)
{
	static const struct {
		const char *kind;
		int (*check)(const char *section, const struct ad_config_credential *credential,
			struct ad_err *err);
	} kinds[] = {
		{ "secret", check_secret },
		{ "certificate", check_certificate },
		{ "managed_identity", check_managed_identity },
		{ "federated", check_federated },
	};
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		if (ad_text_eq(kinds[i].kind, credential->kind))
			return kinds[i].check(section, credential, err);
	}
	return AD_FAIL(err, AD_ECONFIG,
		"%s.credential is '%.40s': write secret, certificate, managed_identity or "
		"federated",
		section, credential->kind);
}
