/* SPDX-License-Identifier: Apache-2.0 */
/* Promises about URLs, trusted hosts, addresses and retries: all without a network. */
#include "ad/net.h"

#include "ad/text.h"
#include "address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/socket.h>

#include <cmocka.h>

static void url_is_taken_apart(void **state)
{
	(void)state;
	struct ad_arena *arena = ad_arena_new();
	struct ad_net_url url;
	struct ad_err err;
	assert_int_equal(
		ad_net_url_parse(arena, "HTTPS://Example.COM/a/../b%2F?q=1", &url, &err), 0);
	assert_string_equal(url.scheme, "https");
	assert_string_equal(url.host, "example.com");
	assert_int_equal(url.port, 443);
	assert_string_equal(url.path, "/a/../b%2F");
	assert_string_equal(url.query, "q=1");
	assert_false(url.has_userinfo);
	assert_false(url.has_fragment);
	assert_int_equal(ad_net_url_parse(arena, "http://u@[::1]:81#f", &url, &err), 0);
	assert_string_equal(url.host, "::1");
	assert_int_equal(url.port, 81);
	assert_string_equal(url.path, "/");
	assert_null(url.query);
	assert_true(url.has_userinfo);
	assert_true(url.has_fragment);
	ad_arena_free(arena);
}

static void urls_that_parsers_repair_differently_are_refused(void **state)
{
	(void)state;
	static const char *const cases[] = {
		"",
		"example.com",
		"//example.com/",
		"ftp://example.com/",
		"file:///etc/passwd",
		"https:/example.com",
		"https:///example.com",
		"https://",
		"https://?x",
		"https://exam ple.com/",
		"https://example.com/a b",
		"https://example.com\\@evil.com/",
		"https://example.com/\n",
		"https://ex\xc3\xa4mple.com/",
		"https://ex%61mple.com/",
		"https://example.com:0/",
		"https://example.com:65536/",
		"https://example.com:44x/",
		"https://ex_*ample.com/",
		"https://[::1/",
		"https://[fe80::1%25eth0]/",
	};
	struct ad_arena *arena = ad_arena_new();
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct ad_net_url url;
		if (ad_net_url_parse(arena, cases[i], &url, NULL) != AD_EINVAL)
			fail_msg("accepted: %s", cases[i]);
	}
	char *longest = ad_alloc(arena, AD_NET_URL_MAX + 2);
	memset(longest, 'a', AD_NET_URL_MAX + 1);
	memcpy(longest, "https://a/", 10);
	struct ad_net_url url;
	assert_int_equal(ad_net_url_parse(arena, longest, &url, NULL), AD_ETOOBIG);
	longest[AD_NET_URL_MAX] = '\0';
	assert_int_equal(ad_net_url_parse(arena, longest, &url, NULL), 0);
	assert_int_equal(ad_net_url_parse(arena, NULL, &url, NULL), AD_EINVAL);
	ad_arena_free(arena);
}

static void only_listed_hosts_get_our_token(void **state)
{
	(void)state;
	static const char *const exact[] = { "smba.trafficmanager.net", "127.0.0.1:4000",
		"bridge.example.com:8443", "[::1]:4000" };
	static const char *const suffixes[] = { ".botframework.com", ".teams.microsoft.com" };
	const struct ad_net_hosts hosts = { exact, 4, suffixes, 2 };
	static const struct {
		const char *url;
		bool allowed;
		bool allowed_in_dev;
	} cases[] = {
		{ "https://smba.trafficmanager.net/emea/", true, true },
		{ "https://SMBA.TrafficManager.net/emea/", true, true },
		{ "https://smba.trafficmanager.net:443/", true, true },
		{ "https://smba.infra.gcc.teams.microsoft.com/teams", true, true },
		{ "https://webchat.botframework.com/", true, true },
		{ "https://bridge.example.com:8443/x", true, true },
		{ "https://x.trafficmanager.net/", false, false },
		{ "https://smba.trafficmanager.net.evil.com/", false, false },
		{ "https://smba.trafficmanager.net./", false, false },
		{ "https://smba.trafficmanager.net:8443/", false, false },
		{ "https://evilbotframework.com/", false, false },
		{ "https://botframework.com/", false, false },
		{ "https://a.botframework.com.evil.com/", false, false },
		{ "https://a.botframework.com:444/", false, false },
		{ "https://smba.trafficmanager.net@evil.com/", false, false },
		{ "https://user@smba.trafficmanager.net/", false, false },
		{ "https://smba.trafficmanager.net/#x", false, false },
		{ "https://smba.trafficmanager.net\\.evil.com/", false, false },
		{ "http://smba.trafficmanager.net/", false, false },
		{ "http://a.botframework.com/", false, false },
		{ "https://bridge.example.com/", false, false },
		{ "https://169.254.169.254/", false, false },
		{ "http://169.254.169.254/", false, false },
		{ "https://localhost/", false, false },
		{ "http://localhost:4000/", false, false },
		{ "http://127.0.0.1:4000/", false, true },
		{ "http://[::1]:4000/", false, true },
		{ "http://127.0.0.1:4001/", false, false },
		{ "http://127.0.0.1/", false, false },
		{ "https://127.0.0.1:4000/", true, true },
		{ "", false, false },
		{ "smba.trafficmanager.net", false, false },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		if (ad_net_hosts_allow_url(&hosts, cases[i].url, false) != cases[i].allowed)
			fail_msg("wrong: %s", cases[i].url);
		if (ad_net_hosts_allow_url(&hosts, cases[i].url, true) != cases[i].allowed_in_dev)
			fail_msg("wrong with loopback: %s", cases[i].url);
	}
	const struct ad_net_hosts none = { 0 };
	assert_false(ad_net_hosts_allow_url(&none, "https://smba.trafficmanager.net/", true));
	assert_false(ad_net_hosts_allow_url(&hosts, NULL, true));
}

static void loopback_is_known_in_every_spelling(void **state)
{
	(void)state;
	static const char *const cases[] = { "http://127.0.0.1/", "http://2130706433/",
		"http://0x7f.1/", "http://0177.0.0.1/", "http://127.1/", "http://[::1]/",
		"http://LOCALHOST/" };
	struct ad_arena *arena = ad_arena_new();
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct ad_net_url url;
		assert_int_equal(ad_net_url_parse(arena, cases[i], &url, NULL), 0);
		if (!ad_net_host_is_loopback(url.host))
			fail_msg("not seen as loopback: %s", cases[i]);
	}
	assert_false(ad_net_host_is_loopback("127.evil.com"));
	assert_false(ad_net_host_is_loopback("localhost.evil.com"));
	assert_false(ad_net_host_is_loopback("1.127.0.0"));
	ad_arena_free(arena);
}

static bool is_public(const char *text)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };
	if (inet_pton(AF_INET, text, &v4.sin_addr) == 1)
		return ad_net_address_is_public((const struct sockaddr *)&v4);
	assert_int_equal(inet_pton(AF_INET6, text, &v6.sin6_addr), 1);
	return ad_net_address_is_public((const struct sockaddr *)&v6);
}

static void addresses_of_our_own_network_are_not_public(void **state)
{
	(void)state;
	static const char *const inside[] = { "0.0.0.0", "10.1.2.3", "100.64.0.1",
		"100.127.255.255", "127.0.0.1", "127.255.255.255", "169.254.169.254", "172.16.0.1",
		"172.31.255.255", "192.0.0.1", "192.168.0.1", "198.18.0.1", "198.19.255.255",
		"224.0.0.1", "240.0.0.1", "255.255.255.255", "::", "::1", "fe80::1", "fc00::1",
		"fd12::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::a00:1",
		"2001:db8::1", "2001::1", "2002:7f00:1::", "::127.0.0.1", "fec0::1" };
	static const char *const outside[] = { "1.1.1.1", "9.255.255.255", "11.0.0.0",
		"100.63.255.255", "100.128.0.0", "126.1.1.1", "172.15.0.1", "172.32.0.1",
		"198.17.0.1", "198.20.0.0", "223.255.255.255", "2606:4700::1111", "::ffff:8.8.8.8",
		"64:ff9b::808:808", "2a00::1" };
	for (size_t i = 0; i < sizeof inside / sizeof inside[0]; i++) {
		if (is_public(inside[i]))
			fail_msg("public: %s", inside[i]);
	}
	for (size_t i = 0; i < sizeof outside / sizeof outside[0]; i++) {
		if (!is_public(outside[i]))
			fail_msg("not public: %s", outside[i]);
	}
	struct sockaddr unix_socket = { .sa_family = AF_UNIX };
	assert_false(ad_net_address_is_public(&unix_socket));
}

static void status_becomes_code_and_class(void **state)
{
	(void)state;
	static const struct {
		int status;
		int code;
		enum ad_class class;
	} cases[] = {
		{ 200, 0, AD_CLASS_NONE },
		{ 204, 0, AD_CLASS_NONE },
		{ 302, AD_EINVAL, AD_CLASS_PERMANENT },
		{ 400, AD_EINVAL, AD_CLASS_PERMANENT },
		{ 401, AD_EAUTH, AD_CLASS_PERMANENT },
		{ 403, AD_EDENIED, AD_CLASS_PERMANENT },
		{ 404, AD_ENOTFOUND, AD_CLASS_PERMANENT },
		{ 408, AD_ETIMEOUT, AD_CLASS_TRANSIENT },
		{ 412, AD_ECONFLICT, AD_CLASS_PERMANENT },
		{ 429, AD_ETHROTTLED, AD_CLASS_TRANSIENT },
		{ 500, AD_EUNAVAIL, AD_CLASS_TRANSIENT },
		{ 503, AD_EUNAVAIL, AD_CLASS_TRANSIENT },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct ad_err err = { 0 };
		struct ad_net_response response = { .status = cases[i].status, .retry_after_s = 9 };
		assert_int_equal(ad_net_check(&response, "test", &err), cases[i].code);
		assert_int_equal(err.class, cases[i].class);
		if (cases[i].code) {
			assert_int_equal(err.status, cases[i].status);
			assert_int_equal(err.retry_after_s, 9);
		}
	}
}

static void retry_waits_as_told_and_never_repeats_in_doubt(void **state)
{
	(void)state;
	const struct ad_net_retry policy = { .tries_max = 3, .base_ms = 100, .max_ms = 1000 };
	const struct ad_net_retry safe = {
		.tries_max = 3, .base_ms = 100, .max_ms = 1000, .idempotent = true
	};
	struct ad_err err = { 0 };
	(void)ad_err_set(&err, AD_EUNAVAIL, __func__, "down");
	int64_t wait = ad_net_retry_ms(&policy, 1, &err);
	assert_true(wait >= 50 && wait <= 100);
	wait = ad_net_retry_ms(&policy, 2, &err);
	assert_true(wait >= 100 && wait <= 200);
	assert_int_equal(ad_net_retry_ms(&policy, 3, &err), -1);
	err.retry_after_s = 7;
	assert_int_equal(ad_net_retry_ms(&policy, 1, &err), 7000);
	(void)ad_err_set(&err, AD_EAMBIGUOUS, __func__, "lost");
	assert_int_equal(ad_net_retry_ms(&policy, 1, &err), -1);
	assert_true(ad_net_retry_ms(&safe, 1, &err) > 0);
	(void)ad_err_set(&err, AD_EDENIED, __func__, "no");
	assert_int_equal(ad_net_retry_ms(&safe, 1, &err), -1);
}

static void link_local_hosts_are_literal_addresses(void **state)
{
	(void)state;
	static const char *const link_local[] = { "169.254.169.254", "169.254.0.1", "fe80::1",
		"febf::1" };
	static const char *const others[] = { "169.253.0.1", "169.254.169.254.example.com",
		"127.0.0.1", "localhost", "::1", "fec0::1", "::ffff:169.254.169.254", "", NULL };
	for (size_t i = 0; i < sizeof link_local / sizeof link_local[0]; i++)
		assert_true(ad_net_host_is_link_local(link_local[i]));
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
		assert_false(ad_net_host_is_link_local(others[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(link_local_hosts_are_literal_addresses),
		cmocka_unit_test(url_is_taken_apart),
		cmocka_unit_test(urls_that_parsers_repair_differently_are_refused),
		cmocka_unit_test(only_listed_hosts_get_our_token),
		cmocka_unit_test(loopback_is_known_in_every_spelling),
		cmocka_unit_test(addresses_of_our_own_network_are_not_public),
		cmocka_unit_test(status_becomes_code_and_class),
		cmocka_unit_test(retry_waits_as_told_and_never_repeats_in_doubt),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
