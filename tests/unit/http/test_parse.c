/* SPDX-License-Identifier: Apache-2.0 */
/* Promises of the head and body parsers: what two parsers could read differently is refused. */
#include "body.h"
#include "head.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#define HOST "Host: a\r\n"
#define GET "GET / HTTP/1.1\r\n"
#define POST "POST /p HTTP/1.1\r\n"

static int parse(struct ad_arena *arena, const char *text, struct ad_http_head *ret)
{
	size_t scanned = 0;
	ssize_t len = ad_http_head_find(text, strlen(text), &scanned);
	if (len <= 0)
		return (int)len;
	int status = ad_http_head_parse(arena, text, (size_t)len, ret);
	return status ? status : 200;
}

static void heads_get_the_status_they_deserve(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		int status;
	} cases[] = {
		{ GET HOST "\r\n", 200 },
		{ POST HOST "Content-Length: 2\r\n\r\n", 200 },
		{ POST HOST "Transfer-Encoding: chunked\r\n\r\n", 200 },
		{ "GET /a%20b?x=%2F HTTP/1.1\r\n" HOST "\r\n", 200 },
		{ "GET / HTTP/1.0\r\n\r\n", 200 },
		{ GET HOST "X: \t v \t\r\n\r\n", 200 },
		/* framing */
		{ POST HOST "\r\n", 400 },
		{ POST HOST "Content-Length: 2\r\nContent-Length: 2\r\n\r\n", 400 },
		{ POST HOST "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n", 400 },
		{ POST HOST "Content-Length: +2\r\n\r\n", 400 },
		{ POST HOST "Content-Length: -2\r\n\r\n", 400 },
		{ POST HOST "Content-Length: 2, 2\r\n\r\n", 400 },
		{ POST HOST "Content-Length: 0x2\r\n\r\n", 400 },
		{ POST HOST "Content-Length:\r\n\r\n", 400 },
		{ POST HOST "Content-Length: 99999999999999999999\r\n\r\n", 413 },
		{ POST HOST "Transfer-Encoding: gzip, chunked\r\n\r\n", 501 },
		{ POST HOST "Transfer-Encoding: xchunked\r\n\r\n", 501 },
		{ POST HOST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
			400 },
		{ "POST /p HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400 },
		/* header lines */
		{ GET "\r\n", 400 },
		{ GET "Host:\r\n\r\n", 400 },
		{ GET HOST HOST "\r\n", 400 },
		{ GET "Host: a, b\r\n\r\n", 400 },
		{ GET "Host: a.example:443\r\n\r\n", 200 },
		{ GET "Host: [2001:db8::1]:443\r\n\r\n", 200 },
		{ GET "Host: a:http\r\n\r\n", 400 },
		{ GET "Host: a:-1\r\n\r\n", 400 },
		{ GET "Host: a:1:2\r\n\r\n", 400 },
		{ GET "Host: a?x\r\n\r\n", 400 },
		{ GET "Host: \"a\"\r\n\r\n", 400 },
		{ GET "Host: [::1\r\n\r\n", 400 },
		{ GET "Host: \xc3\xb6\r\n\r\n", 400 },
		{ GET "Host : a\r\n\r\n", 400 },
		{ GET HOST " folded\r\n\r\n", 400 },
		{ GET HOST "no colon\r\n\r\n", 400 },
		{ GET HOST ": empty name\r\n\r\n", 400 },
		{ GET HOST "X: a\x01"
			   "b\r\n\r\n",
			400 },
		{ GET HOST "X: a\rb\r\n\r\n", 400 },
		{ GET HOST "Authorization: a\r\nauthorization: b\r\n\r\n", 400 },
		{ GET HOST "Content-Type: a\r\nContent-Type: a\r\n\r\n", 400 },
		{ GET HOST "Content-Encoding: gzip\r\n\r\n", 415 },
		{ GET HOST "Content-Encoding: identity\r\nContent-Encoding: gzip\r\n\r\n", 415 },
		{ GET HOST "Expect: the worst\r\n\r\n", 417 },
		/* request line */
		{ "GET /\r\n" HOST "\r\n", 400 },
		{ "GET  / HTTP/1.1\r\n" HOST "\r\n", 400 },
		{ "GET / HTTP/1.1 \r\n" HOST "\r\n", 400 },
		{ "GET / HTTP/2.0\r\n" HOST "\r\n", 505 },
		{ "GET / HTTP/1.2\r\n" HOST "\r\n", 400 },
		{ "GET / http/1.1\r\n" HOST "\r\n", 400 },
		{ "G(T / HTTP/1.1\r\n" HOST "\r\n", 400 },
		{ "GET http://a/ HTTP/1.1\r\n" HOST "\r\n", 200 },
		{ "GET HTTPS://A?x HTTP/1.1\r\n" HOST "\r\n", 200 },
		{ "GET http://b/ HTTP/1.1\r\n" HOST "\r\n", 400 },
		{ "GET http://u@a/ HTTP/1.1\r\n" HOST "\r\n", 400 },
		{ "GET http:// HTTP/1.1\r\n" HOST "\r\n", 400 },
		{ "GET http:///x HTTP/1.1\r\n" HOST "\r\n", 400 },
		{ "GET http://a/ HTTP/1.0\r\n\r\n", 400 },
		{ "GET ftp://a/ HTTP/1.1\r\n" HOST "\r\n", 400 },
		{ "GET a:80 HTTP/1.1\r\n" HOST "\r\n", 400 },
		{ "OPTIONS * HTTP/1.1\r\n" HOST "\r\n", 400 },
		{ "GET /a%2 HTTP/1.1\r\n" HOST "\r\n", 400 },
		{ "GET /a%zz HTTP/1.1\r\n" HOST "\r\n", 400 },
		{ "GET /a#b HTTP/1.1\r\n" HOST "\r\n", 400 },
		{ "GET /\x80 HTTP/1.1\r\n" HOST "\r\n", 400 },
		{ "\r\n" GET HOST "\r\n", 400 },
		/* line ends */
		{ "GET / HTTP/1.1\nHost: a\n\n", AD_HTTP_HEAD_BROKEN },
		{ GET "Host: a\n\r\n", AD_HTTP_HEAD_BROKEN },
		{ GET HOST, 0 },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct ad_arena *arena = ad_arena_new();
		struct ad_http_head head;
		int status = parse(arena, cases[i].text, &head);
		if (status != cases[i].status)
			fail_msg("case %zu gave %d: %s", i, status, cases[i].text);
		ad_arena_free(arena);
	}
}

static void head_is_read_into_its_parts(void **state)
{
	(void)state;
	struct ad_arena *arena = ad_arena_new();
	struct ad_http_head head;
	assert_int_equal(parse(arena,
				 "POST /act/x%2f?a=b HTTP/1.1\r\nHOST: h:1\r\nX-Y:  v w \r\n"
				 "content-type: text/plain\r\nContent-Length: 12\r\n"
				 "Connection: Close\r\n\r\n",
				 &head),
		200);
	assert_string_equal(head.method, "POST");
	assert_string_equal(head.path, "/act/x%2f");
	assert_string_equal(head.query, "a=b");
	assert_string_equal(head.host, "h:1");
	assert_string_equal(head.content_type, "text/plain");
	assert_int_equal(head.body_len, 12);
	assert_int_equal(head.headers_count, 5);
	assert_string_equal(head.headers[1].name, "X-Y");
	assert_string_equal(head.headers[1].value, "v w");
	assert_false(head.keep_alive);
	assert_int_equal(parse(arena,
				 "GET / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive\r\n"
				 "Connection: close\r\n\r\n",
				 &head),
		200);
	assert_false(head.keep_alive);
	ad_arena_free(arena);
}

static void nul_bytes_are_found_before_parsing(void **state)
{
	(void)state;
	static const char text[] = "GET / HTTP/1.1\r\nHost: a\0b\r\n\r\n";
	size_t scanned = 0;
	assert_int_equal(ad_http_head_find(text, sizeof text - 1, &scanned), AD_HTTP_HEAD_BROKEN);
}

static void more_than_100_headers_are_refused(void **state)
{
	(void)state;
	for (unsigned count = 99; count <= 100; count++) {
		struct ad_arena *arena = ad_arena_new();
		struct ad_buf buf;
		ad_buf_init(&buf, AD_HTTP_HEAD_MAX);
		ad_buf_adds(&buf, GET HOST);
		for (unsigned i = 0; i < count; i++)
			ad_buf_addf(&buf, "X-%u: v\r\n", i);
		ad_buf_adds(&buf, "\r\n");
		struct ad_http_head head;
		assert_int_equal(parse(arena, ad_buf_str(&buf), &head), count < 100 ? 200 : 431);
		ad_buf_release(&buf);
		ad_arena_free(arena);
	}
}

/* Feeds text in pieces of the given size; returns 0 (open), 1 (done) or the status. */
static int feed(int64_t len, const char *text, size_t piece, size_t max, char *ret, size_t room)
{
	struct ad_http_body body;
	struct ad_buf out;
	ad_buf_init(&out, max);
	ad_http_body_init(&body, len, max);
	size_t at = 0;
	int status = 0;
	size_t total = strlen(text);
	while (at < total && status == 0 && body.state != AD_HTTP_BODY_DONE) {
		size_t n = piece < total - at ? piece : total - at;
		size_t used = 0;
		status = ad_http_body_feed(&body, text + at, n, &used, &out);
		at += used;
	}
	(void)snprintf(ret, room, "%s|%s", ad_buf_str(&out), text + at);
	ad_buf_release(&out);
	return status ? status : body.state == AD_HTTP_BODY_DONE;
}

static void bodies_are_decoded_however_they_are_cut(void **state)
{
	(void)state;
	static const struct {
		int64_t len;
		const char *text;
		int result;
		const char *out; /* content|rest, looked at when done */
	} cases[] = {
		{ 0, "GET", 1, "|GET" },
		{ 3, "abcGET", 1, "abc|GET" },
		{ 4, "abc", 0, NULL },
		{ -1, "3\r\nabc\r\n0\r\n\r\nGET", 1, "abc|GET" },
		{ -1, "3\r\nabc\r\nA\r\n0123456789\r\n0\r\nT: v\r\n\r\n", 1, "abc0123456789|" },
		{ -1, "3;name=value\r\nabc\r\n0\r\n\r\n", 1, "abc|" },
		{ -1, "0\r\n\r\n", 1, "|" },
		{ -1, "0\r\nno colon\r\n\r\n", 400, NULL },
		{ -1, "0\r\nT : v\r\n\r\n", 400, NULL },
		{ -1, "0\r\nT: v\r\n folded\r\n\r\n", 400, NULL },
		{ -1, "0\r\n: v\r\n\r\n", 400, NULL },
		{ -1, "ffffffff\r\n", 413, NULL },
		{ -1, "3\r\nabc\r\n0\r\n", 0, NULL },
		{ -1, "3\r\nabcd\r\n0\r\n\r\n", 400, NULL },
		{ -1, "3\nabc\r\n0\r\n\r\n", 400, NULL },
		{ -1, "3\r\nabc\n0\r\n\r\n", 400, NULL },
		{ -1, "0x3\r\nabc\r\n0\r\n\r\n", 400, NULL },
		{ -1, "+3\r\nabc\r\n0\r\n\r\n", 400, NULL },
		{ -1, " 3\r\nabc\r\n0\r\n\r\n", 400, NULL },
		{ -1, "3 \r\nabc\r\n0\r\n\r\n", 400, NULL },
		{ -1, "\r\n", 400, NULL },
		{ -1, "000000003\r\nabc\r\n0\r\n\r\n", 400, NULL },
		{ -1, "3\r\rabc", 400, NULL },
		{ -1, "15\r\nabcdefghijklmnopqrstu\r\n0\r\n\r\n", 413, NULL },
		{ 21, "abcdefghijklmnopqrstu", 413, NULL },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		for (size_t piece = 1; piece < 30; piece++) {
			char out[128];
			int result = feed(cases[i].len, cases[i].text, piece, 20, out, sizeof out);
			if (result != cases[i].result)
				fail_msg("case %zu piece %zu gave %d", i, piece, result);
			if (result == 1)
				assert_string_equal(out, cases[i].out);
		}
	}
}

/* Not a proof, but each byte of a good request is replaced by each byte value once: no crash, no
 * read out of bounds (sanitizers), and a status that we know. */
static void any_single_changed_byte_is_survived(void **state)
{
	(void)state;
	static const char good[] = "POST /a?b=%41 HTTP/1.1\r\nHost: a\r\n"
				   "Transfer-Encoding: chunked\r\nX: y\r\n\r\n";
	char text[sizeof good];
	for (size_t at = 0; at < sizeof good - 1; at++) {
		for (int value = 0; value < 256; value++) {
			memcpy(text, good, sizeof good);
			text[at] = (char)value;
			size_t scanned = 0;
			ssize_t len = ad_http_head_find(text, sizeof text - 1, &scanned);
			if (len <= 0)
				continue;
			struct ad_arena *arena = ad_arena_new();
			struct ad_http_head head;
			int status = ad_http_head_parse(arena, text, (size_t)len, &head);
			assert_true(status == 0 || (status >= 400 && status <= 505));
			ad_arena_free(arena);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(heads_get_the_status_they_deserve),
		cmocka_unit_test(head_is_read_into_its_parts),
		cmocka_unit_test(nul_bytes_are_found_before_parsing),
		cmocka_unit_test(more_than_100_headers_are_refused),
		cmocka_unit_test(bodies_are_decoded_however_they_are_cut),
		cmocka_unit_test(any_single_changed_byte_is_survived),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
