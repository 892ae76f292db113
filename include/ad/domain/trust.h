/* SPDX-License-Identifier: Apache-2.0 */
/* Trust rules of an app: from where its installer comes, and who signed it. Pure. Any thread. */
#ifndef AD_DOMAIN_TRUST_H
#define AD_DOMAIN_TRUST_H

#include <stdbool.h>
#include <stddef.h>

#define AD_TRUST_UNSIGNED "unsigned" /* no subject: those have a '=' */
#define AD_TRUST_ANY_HOST "any"      /* as a rule's host, for a publisher with mirrors */
#define AD_TRUST_HOSTS_MAX 20

/* A rule, or what an installer turned out to be. Of a rule, what is empty is not known yet. */
struct ad_trust {
	const char *const
		*hosts; /* lower case: of the manifest's address and of the one that answered */
	size_t host_count;
	const char *signer; /* subject, RFC 2253; or AD_TRUST_UNSIGNED */
	const char
		*issuer; /* SHA-256 of the last certificate of the chain, lower-case hex; "": any */
};

/* Whether what was found is within the rule. */
bool ad_trust_hosts_fit(const struct ad_trust *rule, const struct ad_trust *found);
bool ad_trust_signer_fits(const struct ad_trust *rule, const struct ad_trust *found);

#endif
