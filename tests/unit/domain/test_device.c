/* SPDX-License-Identifier: Apache-2.0 */
/* When a device will do for a policy that demands a compliant one. */
#include "ad/domain/device.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static const struct ad_device_facts good = {
	.demanded = true, .answered = true, .chosen = true, .compliance = AD_COMPLIANCE_YES
};

static void only_a_compliant_device_is_good(void **state)
{
	(void)state;
	for (int i = AD_COMPLIANCE_UNKNOWN; i <= AD_COMPLIANCE_GONE; i++) {
		struct ad_device_facts facts = good;
		facts.compliance = (enum ad_compliance)i;
		assert_int_equal(ad_device_judge(&facts),
			i == AD_COMPLIANCE_YES ? AD_DEVICE_GOOD : AD_DEVICE_BAD);
	}
}

static void nobody_knows_is_not_good(void **state)
{
	(void)state;
	struct ad_device_facts facts = good;
	facts.answered = false;
	assert_int_equal(ad_device_judge(&facts), AD_DEVICE_UNASKED);
	facts.answered = true;
	facts.chosen = false;
	assert_int_equal(ad_device_judge(&facts), AD_DEVICE_NONE);
}

static void what_nobody_demands_is_good(void **state)
{
	(void)state;
	const struct ad_device_facts facts = { .demanded = false };
	assert_int_equal(ad_device_judge(&facts), AD_DEVICE_GOOD);
}

static void the_names_are_those_of_graph(void **state)
{
	(void)state;
	static const char *const names[] = { "unknown", "compliant", "noncompliant",
		"inGracePeriod", "gone" };
	for (int i = AD_COMPLIANCE_UNKNOWN; i <= AD_COMPLIANCE_GONE; i++) {
		assert_string_equal(ad_compliance_name((enum ad_compliance)i), names[i]);
		assert_int_equal(ad_compliance_of(names[i]), i);
	}
	/* What Graph may say besides decides nothing. */
	static const char *const others[] = { "conflict", "error", "configManager", "", NULL };
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
		assert_int_equal(ad_compliance_of(others[i]), AD_COMPLIANCE_UNKNOWN);
	static const char *const verdicts[] = { "good", "unasked", "none", "bad" };
	for (int i = AD_DEVICE_GOOD; i <= AD_DEVICE_BAD; i++)
		assert_string_equal(ad_device_verdict_name((enum ad_device_verdict)i), verdicts[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_a_compliant_device_is_good),
		cmocka_unit_test(nobody_knows_is_not_good),
		cmocka_unit_test(what_nobody_demands_is_good),
		cmocka_unit_test(the_names_are_those_of_graph),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
