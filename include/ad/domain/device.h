/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The device that an app is wanted for: what Intune says of it, and what a policy that demands a
 * compliant one makes of that. Pure. Any thread.
 */
#ifndef AD_DOMAIN_DEVICE_H
#define AD_DOMAIN_DEVICE_H

#include <stdbool.h>

/* Column requests.device_compliance. */
enum ad_compliance {
	AD_COMPLIANCE_UNKNOWN = 0, /* not judged yet, contradictory, or judged by somebody else */
	AD_COMPLIANCE_YES,
	AD_COMPLIANCE_NO,
	AD_COMPLIANCE_GRACE, /* not compliant, but the organisation gives time to mend it */
	AD_COMPLIANCE_GONE   /* Intune manages the device no more */
};
/* The column's text, which is Graph's complianceState: "compliant", "noncompliant",
 * "inGracePeriod", "unknown"; and "gone". Never NULL. */
const char *ad_compliance_name(enum ad_compliance compliance);
/* Any other text, and NULL, is AD_COMPLIANCE_UNKNOWN. */
enum ad_compliance ad_compliance_of(const char *name);

enum ad_device_verdict {
	AD_DEVICE_GOOD = 0,
	AD_DEVICE_UNASKED, /* Intune did not answer, or may not: nobody knows */
	AD_DEVICE_NONE,    /* there is no device */
	AD_DEVICE_BAD      /* it is not compliant now */
};
/* "good", "unasked", "none", "bad": also the last part of the words' keys. Never NULL. */
const char *ad_device_verdict_name(enum ad_device_verdict verdict);

struct ad_device_facts {
	bool demanded; /* the policy wants a compliant one */
	bool answered; /* by Intune, now */
	bool chosen;
	enum ad_compliance compliance; /* of the chosen one */
};
/* What is not demanded is good whatever holds. A grace period does not make a device compliant. */
enum ad_device_verdict ad_device_judge(const struct ad_device_facts *facts);

#endif
