/* SPDX-License-Identifier: Apache-2.0 */
/* Who a request comes from, and whose word about that counts. */
#include "address.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

static bool parse(const char *text, struct ad_http_address *ret)
{
	return ad_http_address_parse(text, strlen(text), ret);
}

static void an_address_has_one_form(void **state)
{
	(void)state;
	static const char *const cases[][2] = {
		{ "192.0.2.1", "192.0.2.1" },
		{ "192.0.2.1:8080", "192.0.2.1" },
		{ "::ffff:192.0.2.1", "192.0.2.1" },
		{ "[::ffff:192.0.2.1]:80", "192.0.2.1" },
		{ "2001:DB8:0:0::1", "2001:db8::1" },
		{ "[2001:db8::1]", "2001:db8::1" },
		{ "[2001:db8::1]:443", "2001:db8::1" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct ad_http_address address;
		char text[AD_HTTP_ADDRESS_MAX];
		assert_true(parse(cases[i][0], &address));
		ad_http_address_print(&address, text);
		assert_string_equal(text, cases[i][1]);
	}
}

static void what_is_no_address_is_none(void **state)
{
	(void)state;
	static const char *const cases[] = { "", "unknown", "_hidden", "192.0.2",
		"192.0.2.1:", "192.0.2.1:65536", "192.0.2.1:80x", "[2001:db8::1", "2001:db8::1]",
		"[2001:db8::1]x", "192.0.2.256", "0x7f.1", "127.1", " 192.0.2.1", "fe80::1%eth0",
		"1111:2222:3333:4444:5555:6666:7777:8888:9999:0000:1111:2222:3333" };
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct ad_http_address address;
		if (parse(cases[i], &address))
			fail_msg("'%s' was taken for an address", cases[i]);
	}
}

static void one_subscriber_is_counted_once(void **state)
{
	(void)state;
	struct ad_http_address a;
	struct ad_http_address b;
	char key[AD_HTTP_ADDRESS_MAX];
	assert_true(parse("2001:db8:1:2::3", &a) && parse("2001:db8:1:2:ffff::4", &b));
	assert_true(ad_http_address_same(&a, &b));
	ad_http_address_key(&b, key);
	assert_string_equal(key, "2001:db8:1:2::");
	assert_true(parse("2001:db8:1:3::3", &b));
	assert_false(ad_http_address_same(&a, &b));
	assert_true(parse("192.0.2.1", &a) && parse("192.0.2.2", &b));
	assert_false(ad_http_address_same(&a, &b));
	ad_http_address_key(&a, key);
	assert_string_equal(key, "192.0.2.1");
}

static bool holds(const char *net, const char *address)
{
	struct ad_http_net parsed;
	struct ad_http_address of;
	assert_true(ad_http_net_parse(net, &parsed) && parse(address, &of));
	return ad_http_nets_hold(&parsed, 1, &of);
}

static void a_network_holds_its_addresses_alone(void **state)
{
	(void)state;
	assert_true(holds("10.0.0.0/8", "10.255.0.1"));
	assert_false(holds("10.0.0.0/8", "11.0.0.1"));
	assert_true(holds("192.0.2.128/25", "192.0.2.129"));
	assert_false(holds("192.0.2.128/25", "192.0.2.127"));
	assert_true(holds("192.0.2.1", "::ffff:192.0.2.1"));
	assert_false(holds("192.0.2.1", "192.0.2.2"));
	assert_true(holds("0.0.0.0/0", "192.0.2.2"));
	assert_false(holds("0.0.0.0/0", "2001:db8::1"));
	assert_true(holds("fd00::/8", "fdff::1"));
	assert_false(holds("fd00::/8", "fe80::1"));
	assert_true(holds("::1", "::1"));
	struct ad_err err;
	static const char *const bad[] = { "", "10.0.0.0/33", "::/129", "10.0.0.0/", "10.0.0.0/-1",
		"proxy.example", "10.0.0.0/8x" };
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_int_equal(
			ad_http_nets_check(&(struct ad_http_nets){ &bad[i], 1 }, &err), AD_ECONFIG);
}

/* The client of a head with these headers, behind proxies 10.0.0.0/8; "" when there is none. */
static const char *client_of(const char *headers)
{
	static char text[AD_HTTP_ADDRESS_MAX];
	struct ad_arena *arena = ad_arena_new();
	struct ad_http_head head;
	struct ad_http_net net;
	struct ad_http_address client;
	const char *all = ad_printf(arena, "GET / HTTP/1.1\r\nHost: a\r\n%s\r\n", headers);
	assert_int_equal(ad_http_head_parse(arena, all, strlen(all), &head), 0);
	assert_true(ad_http_net_parse("10.0.0.0/8", &net));
	text[0] = '\0';
	if (ad_http_forwarded_for(&head, &net, 1, &client))
		ad_http_address_print(&client, text);
	ad_arena_free(arena);
	return text;
}

#define FOR "X-Forwarded-For: "

static void the_client_is_whom_the_last_proxy_names(void **state)
{
	(void)state;
	assert_string_equal(client_of(FOR "192.0.2.1\r\n"), "192.0.2.1");
	/* what stands in front of it is the client's own word */
	assert_string_equal(client_of(FOR "127.0.0.1, 192.0.2.1\r\n"), "192.0.2.1");
	assert_string_equal(client_of(FOR "127.0.0.1\r\n" FOR "192.0.2.1\r\n"), "192.0.2.1");
	/* two proxies in a row */
	assert_string_equal(client_of(FOR "1.1.1.1, 192.0.2.1,\t10.1.1.1 \r\n"), "192.0.2.1");
	assert_string_equal(
		client_of(FOR "192.0.2.1\r\nx-forwarded-for: 10.1.1.1\r\n"), "192.0.2.1");
	assert_string_equal(client_of(FOR "10.1.1.1\r\n"), "10.1.1.1");
	assert_string_equal(client_of(FOR "[2001:db8::1]:9\r\n"), "2001:db8::1");
	assert_string_equal(client_of(""), "");
	assert_string_equal(client_of(FOR "\r\n"), "");
	assert_string_equal(client_of(FOR "192.0.2.1,\r\n"), "");
	assert_string_equal(client_of(FOR "192.0.2.1, unknown\r\n"), "");
	assert_string_equal(client_of(FOR "unknown, 10.1.1.1\r\n"), "10.1.1.1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_address_has_one_form),
		cmocka_unit_test(what_is_no_address_is_none),
		cmocka_unit_test(one_subscriber_is_counted_once),
		cmocka_unit_test(a_network_holds_its_addresses_alone),
		cmocka_unit_test(the_client_is_whom_the_last_proxy_names),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
