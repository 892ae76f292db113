/* SPDX-License-Identifier: Apache-2.0 */
/* Mail by SMTP: nothing that people write becomes a header or a command, and without TLS nothing
 * leaves. Conversations with a server are in tests/e2e/test_mail.py. */
#include "ad/net.h"
#include "ad/net/mailer.h"
#include "ad/text.h"
#include "mail_message.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <sys/socket.h>
#include <cmocka.h>

static struct ad_arena *arena;
static struct ad_mailer *mailer;

static const struct ad_net_mail mail = {
	.url = "smtp://127.0.0.1:9",
	.user = "user",
	.password = "canary-password",
	.from = "desk@example.com",
	.to = "ann@example.com",
	.subject = "subject",
	.message_id = "appdesk.1@example.com",
	.text = "text",
	.allow_plain_loopback = true,
};

static int setup(void **state)
{
	struct ad_err err = { 0 };
	(void)state;
	arena = ad_arena_new();
	if (ad_net_init(&err) != 0)
		return -1;
	mailer = ad_mailer_new();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	ad_mailer_free(mailer);
	ad_net_exit();
	ad_arena_free(arena);
	return 0;
}

static int send_mail(const struct ad_net_mail *what, struct ad_err *err)
{
	struct ad_mailer_answer answer;
	*err = (struct ad_err){ 0 };
	int rc = ad_mailer_send(mailer, arena, what, &answer, err);
	assert_null(strstr(err->text, "canary"));
	return rc;
}

static void what_could_end_a_line_is_refused_before_anything_is_sent(void **state)
{
	static const char inject[] = "x\r\nBcc: eve@example.com";
	struct ad_net_mail bad[10];
	struct ad_err err;
	(void)state;
	for (size_t i = 0; i < 10; i++)
		bad[i] = mail;
	bad[0].to = "ann@example.com\r\nRCPT TO:<eve@example.com>";
	bad[1].to = "ann@example.com> SIZE=1";
	bad[2].to = "j\xc3\xb6rg@example.com";
	bad[3].from = "desk@example.com\nX: y";
	bad[4].from = "";
	bad[5].subject = inject;
	bad[6].subject = "line\xe2\x80\xa8separator";
	bad[7].subject = "";
	bad[8].message_id = "a@b>\r\nX: y";
	bad[9].text = "\xff";
	for (size_t i = 0; i < 10; i++)
		assert_int_equal(send_mail(&bad[i], &err), AD_EINVAL);
}

static void an_address_of_the_server_is_scheme_host_and_port(void **state)
{
	static const char *const bad[] = { "", "http://127.0.0.1:25", "smtp://", "smtp://u:p@h",
		"smtp://h/path", "smtp://h?x", "smtp://h#x", "smtp://h%2f", "smtp://h\\x",
		"SMTP//h" };
	struct ad_err err;
	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct ad_net_mail wrong = mail;
		wrong.url = bad[i];
		assert_int_equal(send_mail(&wrong, &err), AD_EINVAL);
	}
}

static void no_server_is_a_reason_to_come_later(void **state)
{
	struct ad_err err;
	(void)state;
	assert_int_equal(send_mail(&mail, &err), AD_EUNAVAIL);
}

/* ---- a server without TLS, for one connection ---- */

struct server {
	int fd;
	int port;
	bool floods; /* answers EHLO without end */
	pthread_t thread;
	char heard[4096];
	size_t heard_len;
};

static bool say(int fd, const char *text)
{
	size_t len = strlen(text);
	return send(fd, text, len, MSG_NOSIGNAL) == (ssize_t)len;
}

static void *serve(void *arg)
{
	struct server *server = arg;
	int fd = accept(server->fd, NULL, NULL);
	bool goes_on = say(fd, "220 plain\r\n");
	bool is_text = false;
	while (goes_on) {
		ssize_t n = recv(fd, server->heard + server->heard_len,
			sizeof server->heard - 1 - server->heard_len, 0);
		if (n <= 0)
			break;
		server->heard_len += (size_t)n;
		bool is_whole = strstr(server->heard, "\r\n.\r\n") != NULL;
		if (is_text && !is_whole)
			continue;
		bool begins = !is_text && strstr(server->heard, "DATA\r\n");
		goes_on = say(fd, begins ? "354 go on\r\n" : "250 plain\r\n");
		is_text = begins;
		while (server->floods && goes_on)
			goes_on = say(fd, "250-and so on, and so on, and so on\r\n");
	}
	(void)close(fd);
	return NULL;
}

static void open_server(struct server *server, bool floods)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof address;
	*server = (struct server){ .floods = floods };
	server->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(server->fd, (struct sockaddr *)&address, len), 0);
	assert_int_equal(listen(server->fd, 1), 0);
	assert_int_equal(getsockname(server->fd, (struct sockaddr *)&address, &len), 0);
	server->port = ntohs(address.sin_port);
	assert_int_equal(pthread_create(&server->thread, NULL, serve, server), 0);
}

static int send_to(struct server *server, bool allow_plain, struct ad_err *err)
{
	struct ad_net_mail one = mail;
	one.url = ad_printf(arena, "smtp://127.0.0.1:%d", server->port);
	one.user = "";
	one.allow_plain_loopback = allow_plain;
	int rc = send_mail(&one, err);
	(void)pthread_join(server->thread, NULL);
	(void)close(server->fd);
	return rc;
}

static void without_tls_nothing_is_said_but_hello(void **state)
{
	struct server server;
	struct ad_err err;
	(void)state;
	open_server(&server, false);
	assert_int_equal(send_to(&server, false, &err), AD_EAUTH);
	assert_non_null(strstr(err.text, "STARTTLS"));
	assert_int_equal(strncmp(server.heard, "EHLO example.com\r\n", 18), 0);
	assert_null(strstr(server.heard, "MAIL"));
	assert_null(strstr(server.heard, "AUTH"));
	assert_null(strstr(server.heard, "text"));
}

static void loopback_may_go_without_where_that_is_allowed(void **state)
{
	struct server server;
	struct ad_err err;
	(void)state;
	open_server(&server, false);
	assert_int_equal(send_to(&server, true, &err), 0);
	assert_non_null(strstr(server.heard, "MAIL FROM:<desk@example.com>"));
	assert_non_null(strstr(server.heard, "RCPT TO:<ann@example.com>"));
}

static void a_server_that_talks_without_end_is_left(void **state)
{
	struct server server;
	struct ad_err err;
	(void)state;
	open_server(&server, true);
	assert_int_equal(send_to(&server, true, &err), AD_ETOOBIG);
}

/* ---- what a message is made of ---- */

static void a_subject_of_any_script_becomes_words_that_mail_can_carry(void **state)
{
	(void)state;
	assert_string_equal(ad_mail_encode_words(arena, "7-Zip is ready"), "7-Zip is ready");
	assert_string_equal(ad_mail_encode_words(arena, "b\xc3\xbc"
							"cher"),
		"=?UTF-8?B?YsO8Y2hlcg==?=");
	/* What looks encoded is encoded, or it would be decoded on the other side. */
	assert_string_equal(ad_mail_encode_words(arena, "=?UTF-8?B?eA==?="),
		"=?UTF-8?B?PT9VVEYtOD9CP2VBPT0/PQ==?=");
	const char *long_text = ad_printf(arena, "%s%s%s", "\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac",
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "\xf0\x9f\x93\xa6\xf0\x9f\x93\xa6 end");
	char *words = ad_mail_encode_words(arena, long_text);
	char *rest = words;
	struct ad_arena *pieces = ad_arena_new();
	char *whole = ad_strdup(pieces, "");
	for (char *line; (line = strsep(&rest, "\n"));) {
		uint8_t *bytes;
		size_t len;
		char *word = strstr(line, "=?UTF-8?B?");
		assert_non_null(word);
		assert_true(strlen(line) <= 76);
		word += strlen("=?UTF-8?B?");
		assert_int_equal(
			ad_base64_decode(pieces, word, strcspn(word, "?"), &bytes, &len), 0);
		assert_true(ad_utf8_valid((char *)bytes, len)); /* no character is cut in two */
		whole = ad_printf(pieces, "%s%.*s", whole, (int)len, (char *)bytes);
	}
	assert_string_equal(whole, long_text);
	ad_arena_free(pieces);
}

static void a_date_is_in_the_form_of_mail(void **state)
{
	(void)state;
	assert_string_equal(ad_mail_date(arena, 0), "Thu, 1 Jan 1970 00:00:00 +0000");
	assert_string_equal(ad_mail_date(arena, 1795895640), "Sat, 28 Nov 2026 19:54:00 +0000");
}

static void a_mailer_that_was_stopped_sends_nothing(void **state)
{
	struct ad_mailer *stopped = ad_mailer_new();
	struct ad_mailer_answer answer;
	struct ad_err err = { 0 };
	(void)state;
	ad_mailer_cancel(stopped);
	assert_int_equal(ad_mailer_send(stopped, arena, &mail, &answer, &err), AD_EUNAVAIL);
	ad_mailer_free(stopped);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_could_end_a_line_is_refused_before_anything_is_sent),
		cmocka_unit_test(an_address_of_the_server_is_scheme_host_and_port),
		cmocka_unit_test(no_server_is_a_reason_to_come_later),
		cmocka_unit_test(without_tls_nothing_is_said_but_hello),
		cmocka_unit_test(loopback_may_go_without_where_that_is_allowed),
		cmocka_unit_test(a_server_that_talks_without_end_is_left),
		cmocka_unit_test(a_subject_of_any_script_becomes_words_that_mail_can_carry),
		cmocka_unit_test(a_date_is_in_the_form_of_mail),
		cmocka_unit_test(a_mailer_that_was_stopped_sends_nothing),
	};
	return cmocka_run_group_tests_name("net_mailer", tests, setup, teardown);
}
