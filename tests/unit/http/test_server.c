/* SPDX-License-Identifier: Apache-2.0 */
/* Promises of ad/http.h, seen from a client's socket. */
#include "fixture.h"

/* ---- Tests ---- */

static void good_requests_reach_their_handler(void **state)
{
	(void)state;
	struct fixture fixture;
	start(&fixture, NULL);
	int fd = connect_to(&fixture);
	send_text(fd, "POST /echo HTTP/1.1\r\n" HOST
		      "Content-Type: Text/Plain; charset=utf-8\r\nContent-Length: 5\r\n\r\nhello");
	char *answer = read_until(fd, "hello");
	assert_non_null(strstr(answer, "HTTP/1.1 200 OK\r\n"));
	assert_non_null(strstr(answer, "\r\nX-Path: /echo\r\n"));
	free(answer);
	/* the same connection again, chunked */
	send_text(fd, "POST /echo HTTP/1.1\r\n" HOST TEXT
		      "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n");
	answer = read_until(fd, "abc");
	assert_non_null(strstr(answer, "Content-Length: 3\r\n"));
	free(answer);
	(void)close(fd);
	stop(&fixture);
}

static void answer_to_head_tells_of_its_body_and_leaves_it_out(void **state)
{
	(void)state;
	struct fixture fixture;
	start(&fixture, NULL);
	int fd = connect_to(&fixture);
	send_text(fd, "HEAD /head/1 HTTP/1.1\r\n" HOST "\r\n"
		      "POST /echo HTTP/1.1\r\n" HOST TEXT "Content-Length: 5\r\n\r\nhello");
	char *answer = read_until(fd, "hello");
	const char *end = strstr(answer, "\r\n\r\n");
	assert_non_null(strstr(answer, "Content-Length: 6\r\n"));
	assert_non_null(end);
	assert_int_equal(strncmp(end + 4, "HTTP/1.1 200 OK\r\n", 17), 0);
	assert_null(strstr(answer, "a page"));
	free(answer);
	(void)close(fd);
	stop(&fixture);
}

static void wrong_requests_are_refused_before_any_handler(void **state)
{
	(void)state;
	struct fixture fixture;
	start(&fixture, NULL);
	static const struct {
		const char *text;
		int status;
		const char *header;
	} cases[] = {
		{ "GET /nothing HTTP/1.1\r\n" HOST "\r\n", 404, NULL },
		{ "GET /get/ HTTP/1.1\r\n" HOST "\r\n", 404, NULL },
		{ "GET /echo HTTP/1.1\r\n" HOST "\r\n", 405, "\r\nAllow: POST\r\n" },
		{ "PUT /act/1 HTTP/1.1\r\n" HOST "Content-Length: 0\r\n\r\n", 405,
			"\r\nAllow: GET, POST\r\n" },
		{ "HEAD /get HTTP/1.1\r\n" HOST "\r\n", 405, "\r\nAllow: GET\r\n" },
		{ "POST /echo HTTP/1.1\r\n" HOST
		  "Content-Type: text/html\r\nContent-Length: 1\r\n\r\nx",
			415, NULL },
		{ "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 1\r\n\r\nx", 415, NULL },
		{ "POST /echo HTTP/1.1\r\n" HOST TEXT "Content-Length: 1048577\r\n\r\n", 413,
			NULL },
		{ "POST /small HTTP/1.1\r\n" HOST "Content-Length: 5\r\n\r\nabcde", 413, NULL },
		{ "POST /small HTTP/1.1\r\n" HOST
		  "Transfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n0\r\n\r\n",
			413, NULL },
		{ "POST /echo HTTP/1.1\r\n" HOST TEXT "\r\n", 400, NULL },
		{ "POST /echo HTTP/1.1\r\n" HOST TEXT
		  "Content-Length: 1\r\nContent-Length: 2\r\n\r\nxy",
			400, NULL },
		{ "POST /private HTTP/1.1\r\n" HOST "Content-Length: 900000\r\n\r\n", 401,
			"\r\nWWW-Authenticate: Bearer\r\n" },
		{ "POST /private HTTP/1.1\r\n" HOST
		  "Authorization: Basic eDp5\r\nContent-Length: 900000\r\n\r\n",
			401, "\r\nWWW-Authenticate: Bearer\r\n" },
		{ "POST /private HTTP/1.1\r\n" HOST
		  "Authorization: Bearer\r\nContent-Length: 900000\r\n\r\n",
			401, NULL },
		{ "GET /get HTTP/1.1\r\n" HOST "Content-Length: 1\r\n\r\nx", 400, NULL },
		{ "GET /get HTTP/1.1\nHost: a\n\n", 400, NULL },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		expect_refusal(&fixture, cases[i].text, cases[i].status, cases[i].header);
	assert_int_equal(fixture.handled, 0);
	stop(&fixture);
}

static void body_of_exactly_one_mebibyte_fits(void **state)
{
	(void)state;
	struct fixture fixture;
	start(&fixture, NULL);
	int fd = connect_to(&fixture);
	char *body = ad_xalloc(AD_HTTP_BODY_MAX + 1);
	memset(body, 'x', AD_HTTP_BODY_MAX);
	body[AD_HTTP_BODY_MAX - 1] = '!';
	send_text(fd, "POST /echo HTTP/1.1\r\n" HOST TEXT "Content-Length: 1048576\r\n\r\n");
	send_text(fd, body);
	char *answer = read_until(fd, "!");
	assert_non_null(strstr(answer, "Content-Length: 1048576\r\n"));
	free(answer);
	free(body);
	(void)close(fd);
	stop(&fixture);
}

/* The client sends all of a body that was refused by its head, and only then reads. */
static void refusal_reaches_a_client_that_is_still_sending(void **state)
{
	(void)state;
	struct fixture fixture;
	start(&fixture, NULL);
	int fd = connect_to(&fixture);
	enum { PIECE = 65535 };
	char *piece = ad_xalloc(PIECE + 1);
	memset(piece, 'x', PIECE);
	send_text(fd, "POST /echo HTTP/1.1\r\n" HOST TEXT "Content-Length: 6553500\r\n\r\n");
	for (int i = 0; i < 100; i++)
		send_text(fd, piece);
	free(piece);
	char *answer = read_until(fd, NULL);
	assert_int_equal(strncmp(answer, "HTTP/1.1 413 ", 13), 0);
	free(answer);
	(void)close(fd);
	stop(&fixture);
}

static void head_over_the_limit_is_refused(void **state)
{
	(void)state;
	struct fixture fixture;
	start(&fixture, NULL);
	struct ad_buf buf;
	ad_buf_init(&buf, AD_HTTP_HEAD_MAX * 2);
	ad_buf_adds(&buf, "GET /get HTTP/1.1\r\n" HOST "X: ");
	while (buf.len < AD_HTTP_HEAD_MAX)
		ad_buf_addc(&buf, 'x');
	ad_buf_adds(&buf, "\r\n\r\n");
	expect_refusal(&fixture, ad_buf_str(&buf), 431, NULL);
	ad_buf_clear(&buf);
	ad_buf_adds(&buf, "GET /");
	for (int i = 0; i < AD_HTTP_PATH_MAX; i++)
		ad_buf_addc(&buf, 'x');
	ad_buf_adds(&buf, " HTTP/1.1\r\n" HOST "\r\n");
	expect_refusal(&fixture, ad_buf_str(&buf), 414, NULL);
	ad_buf_release(&buf);
	stop(&fixture);
}

static void pipelined_requests_are_answered_in_order(void **state)
{
	(void)state;
	struct fixture fixture;
	start(&fixture, NULL);
	int fd = connect_to(&fixture);
	send_text(fd, "GET /slow HTTP/1.1\r\n" HOST "\r\n"
		      "GET /act/2 HTTP/1.1\r\n" HOST "\r\n"
		      "POST /echo HTTP/1.1\r\n" HOST TEXT "Content-Length: 1\r\n\r\n3"
		      "GET /nothing HTTP/1.1\r\n" HOST "\r\n");
	(void)sem_wait(&fixture.taken);
	struct ad_http_reply first = { .status = 202 };
	ad_http_answer(fixture.slow[0], &first);
	char *answer = read_until(fd, NULL);
	const char *one = strstr(answer, "HTTP/1.1 202 ");
	const char *two = strstr(answer, "X-Path: /act/2");
	const char *three = strstr(answer, "X-Path: /echo");
	const char *four = strstr(answer, "HTTP/1.1 404 ");
	assert_true(one && two && three && four);
	assert_true(one < two && two < three && three < four);
	free(answer);
	(void)close(fd);
	stop(&fixture);
}

static void answer_for_a_client_that_has_left_is_harmless(void **state)
{
	(void)state;
	struct fixture fixture;
	start(&fixture, NULL);
	struct linger reset = { .l_onoff = 1, .l_linger = 0 };
	for (int i = 0; i < 4; i++) {
		int fd = connect_to(&fixture);
		send_text(fd, "GET /slow HTTP/1.1\r\n" HOST "\r\n");
		(void)sem_wait(&fixture.taken);
		if (i % 2) /* close with a reset */
			(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
		(void)close(fd);
	}
	enum { LARGE = 100000 };
	char *body = ad_xalloc(LARGE);
	struct ad_http_reply reply = { .status = 200, .body = body, .body_len = LARGE };
	for (size_t i = 0; i < 4; i++)
		ad_http_answer(fixture.slow[i], &reply);
	free(body);
	/* the server still works */
	int fd = connect_to(&fixture);
	send_text(fd, "GET /get HTTP/1.1\r\n" HOST "\r\n");
	free(read_until(fd, "X-Path: /get"));
	(void)close(fd);
	stop(&fixture);
}

static void half_closed_client_gets_its_answer(void **state)
{
	(void)state;
	struct fixture fixture;
	start(&fixture, NULL);
	int fd = connect_to(&fixture);
	send_text(fd, "GET /slow HTTP/1.1\r\n" HOST "\r\n");
	assert_int_equal(shutdown(fd, SHUT_WR), 0);
	(void)sem_wait(&fixture.taken);
	struct ad_http_reply reply = { .status = 202 };
	ad_http_answer(fixture.slow[0], &reply);
	char *answer = read_until(fd, NULL);
	assert_non_null(strstr(answer, "HTTP/1.1 202 "));
	free(answer);
	(void)close(fd);
	stop(&fixture);
}

static void slow_request_gets_408_and_silent_client_is_closed(void **state)
{
	(void)state;
	struct fixture fixture;
	struct ad_http_config config = { .arrival_ms = 100 };
	start(&fixture, &config);
	expect_refusal(&fixture, "GET /get HT", 408, NULL);
	expect_refusal(&fixture, "POST /echo HTTP/1.1\r\n" HOST TEXT "Content-Length: 5\r\n\r\nab",
		408, NULL);
	int fd = connect_to(&fixture);
	char *nothing = read_until(fd, NULL);
	assert_string_equal(nothing, "");
	free(nothing);
	(void)close(fd);
	stop(&fixture);
}

static void expecting_client_is_told_to_continue(void **state)
{
	(void)state;
	struct fixture fixture;
	start(&fixture, NULL);
	int fd = connect_to(&fixture);
	send_text(fd, "POST /echo HTTP/1.1\r\n" HOST TEXT
		      "Content-Length: 2\r\nExpect: 100-continue\r\n\r\n");
	free(read_until(fd, "HTTP/1.1 100 Continue\r\n\r\n"));
	send_text(fd, "ok");
	free(read_until(fd, "\r\n\r\nok"));
	(void)close(fd);
	expect_refusal(&fixture,
		"POST /nothing HTTP/1.1\r\n" HOST
		"Content-Length: 2\r\nExpect: 100-continue\r\n\r\n",
		404, NULL);
	stop(&fixture);
}

static void newcomer_takes_the_place_of_the_longest_idle(void **state)
{
	(void)state;
	struct fixture fixture;
	struct ad_http_config config = { .connections_max = 2 };
	start(&fixture, &config);
	int first = connect_to(&fixture);
	send_text(first, "GET /get HTTP/1.1\r\n" HOST "\r\n");
	free(read_until(first, "X-Path"));
	int busy = connect_to(&fixture);
	send_text(busy, "GET /slow HTTP/1.1\r\n" HOST "\r\n");
	(void)sem_wait(&fixture.taken);
	int third = connect_to(&fixture);
	send_text(third, "GET /get HTTP/1.1\r\n" HOST "\r\n");
	free(read_until(third, "X-Path"));
	free(read_until(first, NULL)); /* closed by the server */
	struct ad_http_reply reply = { .status = 204 };
	ad_http_answer(fixture.slow[0], &reply);
	free(read_until(busy, "HTTP/1.1 204 No Content"));
	(void)close(first);
	(void)close(busy);
	(void)close(third);
	stop(&fixture);
}

static void *answer_late(void *ctx)
{
	struct fixture *fixture = ctx;
	struct ad_http_reply reply = { .status = 200, .body = "late", .body_len = 4 };
	ad_http_answer(fixture->slow[0], &reply);
	return NULL;
}

static void stop_waits_for_answers_that_are_under_way(void **state)
{
	(void)state;
	struct fixture fixture;
	start(&fixture, NULL);
	int fd = connect_to(&fixture);
	int open = connect_to(&fixture);
	send_text(open, "GET /get HTTP/1.1\r\n" HOST "\r\n");
	free(read_until(open, "X-Path"));
	send_text(fd, "GET /slow HTTP/1.1\r\n" HOST "\r\n");
	(void)sem_wait(&fixture.taken);
	assert_int_equal(ad_http_server_pending(fixture.server), 1);
	ad_http_server_stop(fixture.server, 20000);
	/* an open connection is told so, once the loop has seen the wish */
	bool told = false;
	while (!told) {
		send_text(open, "GET /get HTTP/1.1\r\n" HOST "\r\n");
		char *answer = read_until(open, "\r\n\r\n");
		told = strstr(answer, "HTTP/1.1 503 ") != NULL;
		free(answer);
	}
	pthread_t worker;
	assert_int_equal(ad_thread_start(&worker, "worker", answer_late, &fixture, NULL), 0);
	char *answer = read_until(fd, NULL);
	assert_non_null(strstr(answer, "\r\n\r\nlate"));
	free(answer);
	(void)pthread_join(worker, NULL);
	(void)pthread_join(fixture.thread, NULL);
	ad_http_server_free(fixture.server);
	(void)close(fd);
	(void)close(open);
}

static void answer_after_the_server_is_gone_is_harmless(void **state)
{
	(void)state;
	struct fixture fixture;
	start(&fixture, NULL);
	int fd = connect_to(&fixture);
	send_text(fd, "GET /slow HTTP/1.1\r\n" HOST "\r\n");
	(void)sem_wait(&fixture.taken);
	ad_http_server_stop(fixture.server, 1);
	(void)pthread_join(fixture.thread, NULL);
	ad_http_server_free(fixture.server);
	assert_string_equal(ad_http_request_path(fixture.slow[0]), "/slow");
	struct ad_http_reply reply = { .status = 200 };
	ad_http_answer(fixture.slow[0], &reply);
	(void)close(fd);
}

static void reply_header_cannot_be_split(void **state)
{
	(void)state;
	struct fixture fixture;
	start(&fixture, NULL);
	int fd = connect_to(&fixture);
	send_text(fd, "GET /slow HTTP/1.1\r\n" HOST "\r\n");
	(void)sem_wait(&fixture.taken);
	struct ad_http_header header = { "Location", "/x\r\nSet-Cookie: a=b" };
	struct ad_http_reply reply = {
		.status = 303, .headers = &header, .headers_count = 1, .close = true
	};
	ad_http_answer(fixture.slow[0], &reply);
	char *answer = read_until(fd, NULL);
	assert_null(strstr(answer, "Set-Cookie"));
	free(answer);
	(void)close(fd);
	stop(&fixture);
}

static void signal_is_handled_on_the_loop(void **state)
{
	(void)state;
	struct fixture fixture;
	start(&fixture, NULL);
	assert_int_equal(raise(SIGHUP), 0);
	(void)pthread_join(fixture.thread, NULL);
	assert_int_equal(fixture.signals, 1);
	ad_http_server_free(fixture.server);
}

static void address_in_use_or_not_numeric_is_a_config_error(void **state)
{
	(void)state;
	struct fixture fixture;
	start(&fixture, NULL);
	struct ad_http_server *second = NULL;
	struct ad_err err;
	assert_int_equal(ad_http_server_new(NULL, &second, &err), 0);
	struct ad_http_listener listener = { .address = "127.0.0.1", .port = fixture.port };
	assert_int_equal(ad_http_server_listen(second, &listener, NULL, &err), AD_ECONFIG);
	listener.address = "localhost";
	assert_int_equal(ad_http_server_listen(second, &listener, NULL, &err), AD_ECONFIG);
	ad_http_server_free(second);
	stop(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_requests_reach_their_handler),
		cmocka_unit_test(answer_to_head_tells_of_its_body_and_leaves_it_out),
		cmocka_unit_test(wrong_requests_are_refused_before_any_handler),
		cmocka_unit_test(body_of_exactly_one_mebibyte_fits),
		cmocka_unit_test(refusal_reaches_a_client_that_is_still_sending),
		cmocka_unit_test(head_over_the_limit_is_refused),
		cmocka_unit_test(pipelined_requests_are_answered_in_order),
		cmocka_unit_test(answer_for_a_client_that_has_left_is_harmless),
		cmocka_unit_test(half_closed_client_gets_its_answer),
		cmocka_unit_test(slow_request_gets_408_and_silent_client_is_closed),
		cmocka_unit_test(expecting_client_is_told_to_continue),
		cmocka_unit_test(newcomer_takes_the_place_of_the_longest_idle),
		cmocka_unit_test(stop_waits_for_answers_that_are_under_way),
		cmocka_unit_test(answer_after_the_server_is_gone_is_harmless),
		cmocka_unit_test(reply_header_cannot_be_split),
		cmocka_unit_test(signal_is_handled_on_the_loop),
		cmocka_unit_test(address_in_use_or_not_numeric_is_a_config_error),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
