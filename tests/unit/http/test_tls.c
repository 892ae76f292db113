/* SPDX-License-Identifier: Apache-2.0 */
/* Promises of the TLS listener: the same server behind TLS 1.2 or later, certificate renewed while
 * it runs. */
#include "tls_fixture.h"

static int set_up(void **state)
{
	(void)state;
	make_folder();
	const struct ad_tls_config config = tls_config(NULL);
	serve(&config, NULL);
	return 0;
}

/* ---- Tests ---- */

static void requests_work_in_both_versions_also_when_one_record_holds_several(void **state)
{
	(void)state;
	static const int versions[] = { TLS1_2_VERSION, TLS1_3_VERSION };
	static const char two[] = "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 3\r\n\r\none"
				  "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 3\r\n\r\ntwo";
	for (size_t i = 0; i < 2; i++) {
		struct client client;
		assert_int_equal(client_open(&client, versions[i]), 1);
		assert_int_equal(SSL_version(client.ssl), versions[i]);
		client_send(&client, two, sizeof two - 1);
		char *answers = client_read(&client, "two");
		assert_non_null(strstr(answers, "\r\n\r\none"));
		free(answers);
		client_close(&client);
	}
}

static void large_bodies_pass_in_both_directions(void **state)
{
	(void)state;
	struct client client;
	static const char head[] = "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 1048576\r\n\r\n";
	char *body = ad_xalloc(AD_HTTP_BODY_MAX);
	memset(body, 'x', AD_HTTP_BODY_MAX);
	memcpy(body + AD_HTTP_BODY_MAX - 3, "end", 3);
	assert_int_equal(client_open(&client, TLS1_3_VERSION), 1);
	client_send(&client, head, sizeof head - 1);
	client_send(&client, body, AD_HTTP_BODY_MAX);
	char *answer = client_read(&client, "end");
	assert_non_null(strstr(answer, "HTTP/1.1 200 OK"));
	assert_true(strlen(answer) > AD_HTTP_BODY_MAX);
	free(answer);
	free(body);
	client_close(&client);
}

static void old_versions_and_plain_text_get_nothing(void **state)
{
	(void)state;
	struct client client;
	assert_int_not_equal(client_open(&client, TLS1_1_VERSION), 1);
	client_close(&client);
	assert_int_equal(client_open(&client, TLS1_3_VERSION), 1);
	client_close(&client);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(t.port) };
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
	static const char plain[] = "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 3\r\n\r\none";
	char answer[256] = "";
	assert_true(send(fd, plain, sizeof plain - 1, MSG_NOSIGNAL) > 0);
	while (recv(fd, answer, sizeof answer - 1, 0) > 0)
		assert_null(strstr(answer, "HTTP/1.1"));
	(void)close(fd);
}

static void refusal_reaches_the_client(void **state)
{
	(void)state;
	struct client client;
	static const char text[] = "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 9999999\r\n\r\n";
	assert_int_equal(client_open(&client, TLS1_3_VERSION), 1);
	client_send(&client, text, sizeof text - 1);
	char *answer = client_read(&client, NULL);
	assert_int_equal(strncmp(answer, "HTTP/1.1 413 ", 13), 0);
	free(answer);
	/* and it can tell this end from a cut */
	assert_int_equal(
		SSL_get_shutdown(client.ssl) & SSL_RECEIVED_SHUTDOWN, SSL_RECEIVED_SHUTDOWN);
	client_close(&client);
}

static void renewed_certificate_is_taken_and_a_broken_one_is_not(void **state)
{
	(void)state;
	assert_int_equal(serial_for(NULL), 1);
	write_pair(2);
	assert_int_equal(serial_for(NULL), 1);
	assert_int_equal(ad_tls_server_reload(t.tls, NULL), 0);
	assert_int_equal(serial_for(NULL), 2);
	FILE *file = fopen(t.certificate, "we");
	assert_non_null(file);
	(void)fputs("not a certificate", file);
	(void)fclose(file);
	struct ad_err err;
	assert_int_equal(ad_tls_server_reload(t.tls, &err), AD_ECONFIG);
	assert_non_null(strstr(err.text, t.certificate));
	assert_int_equal(serial_for(NULL), 2);
}

static void key_that_does_not_fit_is_refused(void **state)
{
	(void)state;
	struct ad_tls_server *tls = NULL;
	char other[128];
	(void)snprintf(other, sizeof other, "%s/other.pem", t.folder);
	assert_int_equal(rename(t.key, other), 0);
	write_pair(3);
	struct ad_err err;
	struct ad_tls_config config = tls_config(NULL);
	const char *keys[] = { other, "/nonexistent" };
	for (size_t i = 0; i < 2; i++) {
		config.keys = &keys[i];
		assert_int_equal(ad_tls_server_new(&config, &tls, &err), AD_ECONFIG);
		assert_non_null(strstr(err.text, keys[i]));
	}
	(void)unlink(other);
}

#define TLS_TEST(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TLS_TEST(requests_work_in_both_versions_also_when_one_record_holds_several),
		TLS_TEST(large_bodies_pass_in_both_directions),
		TLS_TEST(old_versions_and_plain_text_get_nothing),
		TLS_TEST(refusal_reaches_the_client),
		TLS_TEST(renewed_certificate_is_taken_and_a_broken_one_is_not),
		TLS_TEST(key_that_does_not_fit_is_refused),
	};
	(void)signal(SIGPIPE, SIG_IGN); /* OpenSSL's client writes without MSG_NOSIGNAL */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
