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
	/* Another certificate has another key. */
	if (ad_text_empty(credential->certificate)) {
		credential->certificate = from->certificate;
		otherwise(&credential->certificate_key, from->certificate_key);
	}
}

int ad_config_check_credential(
	const char *section, const struct ad_config_credential *credential, struct ad_err *err)
{
	if (ad_text_eq(credential->kind, "secret"))
		return !ad_text_empty(credential->secret)
			       ? 0
			       : AD_FAIL(err, AD_ECONFIG,
					 "%s.secret is empty: write @File(path) or @Env(NAME)",
					 section);
	if (ad_text_eq(credential->kind, "certificate"))
		return !ad_text_empty(credential->certificate)
			       ? 0
			       : AD_FAIL(err, AD_ECONFIG,
					 "%s.certificate is empty: name the PEM file of "
					 "certificate and key",
					 section);
	return AD_FAIL(err, AD_ECONFIG, "%s.credential is '%.40s': write secret or certificate",
		section, credential->kind);
}
