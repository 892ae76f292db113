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
	otherwise(&credential->managed_identity_client_id, from->managed_identity_client_id);
	/* Another certificate has another key. */
	if (ad_text_empty(credential->certificate)) {
		credential->certificate = from->certificate;
		otherwise(&credential->certificate_key, from->certificate_key);
	}
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
	};
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		if (ad_text_eq(kinds[i].kind, credential->kind))
			return kinds[i].check(section, credential, err);
	}
	return AD_FAIL(err, AD_ECONFIG,
		"%s.credential is '%.40s': write secret, certificate or managed_identity", section,
		credential->kind);
}
