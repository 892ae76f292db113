/* SPDX-License-Identifier: Apache-2.0 */
/* Trust rules of an app. */
#include "ad/domain/trust.h"

#include "ad/text.h"

static bool has_host(const struct ad_trust *rule, const char *host)
{
	for (size_t i = 0; i < rule->host_count; i++)
		if (ad_text_eq_nocase(rule->hosts[i], host) ||
			ad_text_eq(rule->hosts[i], AD_TRUST_ANY_HOST))
			return true;
	return false;
}

bool ad_trust_hosts_fit(const struct ad_trust *rule, const struct ad_trust *found)
{
	for (size_t i = 0; rule->host_count > 0 && i < found->host_count; i++)
		if (!has_host(rule, found->hosts[i]))
			return false;
	return true;
}

bool ad_trust_signer_fits(const struct ad_trust *rule, const struct ad_trust *found)
{
	if (ad_text_empty(rule->signer))
		return true;
	return ad_text_eq(rule->signer, found->signer) &&
	       (ad_text_empty(rule->issuer) || ad_text_eq(rule->issuer, found->issuer));
}
