/* SPDX-License-Identifier: Apache-2.0 */
/* What a trust rule lets pass. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "ad/domain/trust.h"

static const char *const one[] = { "a.example" };
static const char *const both[] = { "A.example", "b.example" };
static const char *const any[] = { AD_TRUST_ANY_HOST };
static const char *const other[] = { "a.example", "c.example" };

static void every_host_on_the_way_is_expected(void **state)
{
	(void)state;
	const struct ad_trust none = { 0 };
	const struct ad_trust rule = { .hosts = both, .host_count = 2 };
	const struct ad_trust narrow = { .hosts = one, .host_count = 1 };
	const struct ad_trust elsewhere = { .hosts = other, .host_count = 2 };
	assert_true(ad_trust_hosts_fit(&none, &elsewhere));
	assert_true(ad_trust_hosts_fit(&rule, &narrow));
	assert_true(ad_trust_hosts_fit(&rule, &rule));
	const struct ad_trust mirrors = { .hosts = any, .host_count = 1 };
	assert_true(ad_trust_hosts_fit(&mirrors, &elsewhere));
	assert_false(ad_trust_hosts_fit(&elsewhere, &mirrors));
	assert_false(ad_trust_hosts_fit(&rule, &elsewhere));
	assert_false(ad_trust_hosts_fit(&narrow, &rule));
}

static void the_signer_is_a_name_and_who_vouches_for_it(void **state)
{
	(void)state;
	static const struct {
		struct ad_trust rule, found;
		bool fits;
	} rows[] = {
		{ { .signer = "" }, { .signer = "CN=A", .issuer = "1" }, true },
		{ { .signer = "CN=A", .issuer = "1" }, { .signer = "CN=A", .issuer = "1" }, true },
		{ { .signer = "CN=A", .issuer = "1" }, { .signer = "CN=A", .issuer = "2" }, false },
		{ { .signer = "CN=A", .issuer = "1" }, { .signer = "CN=B", .issuer = "1" }, false },
		{ { .signer = "CN=A", .issuer = "1" }, { .signer = "CN=a", .issuer = "1" }, false },
		{ { .signer = "CN=A", .issuer = "" }, { .signer = "CN=A", .issuer = "2" }, true },
		{ { .signer = "CN=A", .issuer = "1" },
			{ .signer = AD_TRUST_UNSIGNED, .issuer = "" }, false },
		{ { .signer = AD_TRUST_UNSIGNED }, { .signer = AD_TRUST_UNSIGNED }, true },
		{ { .signer = AD_TRUST_UNSIGNED }, { .signer = "CN=A", .issuer = "1" }, false },
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		assert_int_equal(ad_trust_signer_fits(&rows[i].rule, &rows[i].found), rows[i].fits);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_host_on_the_way_is_expected),
		cmocka_unit_test(the_signer_is_a_name_and_who_vouches_for_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
