/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a device will do. */
#include "ad/domain/device.h"
#include "ad/text.h"

static const char *const compliances[] = {
	[AD_COMPLIANCE_UNKNOWN] = "unknown",
	[AD_COMPLIANCE_YES] = "compliant",
	[AD_COMPLIANCE_NO] = "noncompliant",
	[AD_COMPLIANCE_GRACE] = "inGracePeriod",
	[AD_COMPLIANCE_GONE] = "gone",
};

static const char *const verdicts[] = {
	[AD_DEVICE_GOOD] = "good",
	[AD_DEVICE_UNASKED] = "unasked",
	[AD_DEVICE_NONE] = "none",
	[AD_DEVICE_BAD] = "bad",
};

const char *ad_compliance_name(enum ad_compliance compliance)
{
	return compliances[compliance];
}

enum ad_compliance ad_compliance_of(const char *name)
{
	for (int i = AD_COMPLIANCE_UNKNOWN; i <= AD_COMPLIANCE_GONE; i++)
		if (ad_text_eq_nocase(compliances[i], name))
			return (enum ad_compliance)i;
	return AD_COMPLIANCE_UNKNOWN;
}

const char *ad_device_verdict_name(enum ad_device_verdict verdict)
{
	return verdicts[verdict];
}

enum ad_device_verdict ad_device_judge(const struct ad_device_facts *facts)
{
	if (!facts->demanded)
		return AD_DEVICE_GOOD;
	if (!facts->answered)
		return AD_DEVICE_UNASKED;
	if (!facts->chosen)
		return AD_DEVICE_NONE;
	return facts->compliance == AD_COMPLIANCE_YES ? AD_DEVICE_GOOD : AD_DEVICE_BAD;
}
