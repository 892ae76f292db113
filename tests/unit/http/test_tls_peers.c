/* SPDX-License-Identifier: Apache-2.0 */
/* Promises of the TLS listener about who is at the other end: names, client certificates, and those
 * who do not finish their handshake. */
#include "tls_fixture.h"

#include "ad/refusal.h"

static char place[4][WHERE_MAX]; /* of further files */

static const char *file_of(size_t i, const char *name)
{
	(void)snprintf(place[i], sizeof place[i], "%s/%s", t.folder, name);
	return place[i];
}

static int set_up(void **state)
{
	(void)state;
	make_folder();
	return 0;
}

static int clean_up(void **state)
{
	for (size_t i = 0; i < 4; i++)
		(void)unlink(place[i]);
	return tear_down(state);
}

/* ---- Server names ---- */

static void the_servers_name_chooses_the_certificate(void **state)
{
	(void)state;
	const char *certificates[] = { t.certificate, file_of(0, "second.pem") };
	const char *keys[] = { t.key, file_of(1, "second.key") };
	struct made second = make_certificate("*.second.example", 7, 500, NULL);
	write_made(&second, certificates[1], keys[1]);
	free_made(&second);
	const struct ad_tls_config config = { certificates, keys, 2, NULL };
	serve(&config, NULL);
	assert_int_equal(serial_for(NULL), 1);
	assert_int_equal(serial_for("first.example"), 1);
	assert_int_equal(serial_for("unknown.example"), 1);
	assert_int_equal(serial_for("desk.second.example"), 7);
	assert_in_range(ad_tls_server_expires_in_s(t.tls), 400, 500);
	/* one broken file: all of the old ones stay */
	assert_int_equal(unlink(keys[1]), 0);
	write_pair(2);
	struct ad_err err;
	assert_int_equal(ad_tls_server_reload(t.tls, &err), AD_ECONFIG);
	assert_non_null(strstr(err.text, keys[1]));
	assert_int_equal(serial_for("first.example"), 1);
	assert_int_equal(serial_for("desk.second.example"), 7);
}

/* ---- Client certificates ---- */

/* Status of GET /vouched for a client with this certificate, or none; 0 when TLS fails. */
static int ask_vouched(const struct made *own, char **ret_answer)
{
	struct client client;
	static const char text[] = "GET /vouched HTTP/1.1\r\n" HOST "\r\n";
	client_prepare(&client, TLS1_3_VERSION);
	if (own) {
		assert_int_equal(SSL_use_certificate(client.ssl, own->cert), 1);
		assert_int_equal(SSL_use_PrivateKey(client.ssl, own->key), 1);
	}
	char *answer = NULL;
	/* With TLS 1.3 a client learns with its first read that it was refused. */
	if (SSL_connect(client.ssl) == 1 && SSL_write(client.ssl, text, sizeof text - 1) > 0)
		answer = client_read(&client, "\r\n\r\n");
	int status = answer && strlen(answer) > 12 ? (int)strtol(answer + 9, NULL, 10) : 0;
	client_close(&client);
	*ret_answer = answer;
	return status;
}

static void a_route_may_demand_a_certificate_that_our_authority_vouches_for(void **state)
{
	(void)state;
	struct made authority = make_certificate("authority.example", 10, 1000, NULL);
	struct made good = make_certificate("client.example", 11, 1000, &authority);
	struct made late = make_certificate("late.example", 12, -50, &authority);
	struct made foreign = make_certificate("client.example", 13, 1000, NULL);
	write_made(&authority, file_of(0, "authority.pem"), NULL);
	const struct ad_tls_config config = tls_config(place[0]);
	serve(&config, NULL);
	char *answer;
	assert_int_equal(ask_vouched(&good, &answer), 200);
	assert_non_null(strstr(answer, "\r\nX-Subject: CN=client.example\r\n"));
	free(answer);
	uint64_t before = ad_refusal_get(AD_REFUSED_CERTIFICATE);
	assert_int_equal(ask_vouched(NULL, &answer), 403);
	assert_int_equal(ad_refusal_get(AD_REFUSED_CERTIFICATE), before + 1);
	free(answer);
	assert_int_equal(ask_vouched(&late, &answer), 0);
	free(answer);
	assert_int_equal(ask_vouched(&foreign, &answer), 0);
	free(answer);
	/* other routes ask nobody for one */
	struct client client;
	static const char text[] = "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 2\r\n\r\nok";
	assert_int_equal(client_open(&client, TLS1_2_VERSION), 1);
	client_send(&client, text, sizeof text - 1);
	answer = client_read(&client, "\r\n\r\nok");
	assert_non_null(strstr(answer, "HTTP/1.1 200"));
	free(answer);
	client_close(&client);
	free_made(&authority);
	free_made(&good);
	free_made(&late);
	free_made(&foreign);
}

static void without_an_authority_nobody_has_a_certificate(void **state)
{
	(void)state;
	struct made own = make_certificate("client.example", 11, 1000, NULL);
	const struct ad_tls_config config = tls_config(NULL);
	serve(&config, NULL);
	char *answer;
	assert_int_equal(ask_vouched(&own, &answer), 403);
	free(answer);
	free_made(&own);
	struct ad_tls_server *tls = NULL;
	struct ad_err err;
	const struct ad_tls_config missing = tls_config("/nonexistent");
	assert_int_equal(ad_tls_server_new(&missing, &tls, &err), AD_ECONFIG);
	assert_non_null(strstr(err.text, "/nonexistent"));
}

/* ---- Handshakes that do not end ---- */

static void a_handshake_that_takes_too_long_is_let_go(void **state)
{
	(void)state;
	const struct ad_tls_config config = tls_config(NULL);
	const struct ad_http_config http = { .handshake_ms = 100, .arrival_ms = 60000 };
	uint64_t before = ad_refusal_get(AD_REFUSED_HANDSHAKE);
	serve(&config, &http);
	struct client client;
	client_prepare(&client, TLS1_3_VERSION);
	static const char beginning[] = "\x16\x03\x01\x02\x00\x01"; /* of a ClientHello */
	char byte;
	assert_true(send(client.fd, beginning, sizeof beginning - 1, MSG_NOSIGNAL) > 0);
	assert_true(recv(client.fd, &byte, 1, 0) <= 0);
	client_close(&client);
	/* whoever has finished in time is not hit by that deadline */
	assert_int_equal(serial_for(NULL), 1);
	assert_int_equal(ad_refusal_get(AD_REFUSED_HANDSHAKE), before + 1);
}

static void no_session_is_resumed(void **state)
{
	(void)state;
	const struct ad_tls_config config = tls_config(NULL);
	static const int versions[] = { TLS1_2_VERSION, TLS1_3_VERSION };
	static const char text[] = "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 2\r\n\r\nok";
	serve(&config, NULL);
	for (size_t i = 0; i < 2; i++) {
		struct client client;
		assert_int_equal(client_open(&client, versions[i]), 1);
		client_send(&client, text, sizeof text - 1);
		free(client_read(&client, "\r\n\r\nok"));
		SSL_SESSION *session = SSL_get1_session(client.ssl);
		client_close(&client);
		client_prepare(&client, versions[i]);
		(void)SSL_set_session(client.ssl, session);
		assert_int_equal(SSL_connect(client.ssl), 1);
		assert_int_equal(SSL_session_reused(client.ssl), 0);
		SSL_SESSION_free(session);
		client_close(&client);
	}
}

#define TLS_TEST(fn) cmocka_unit_test_setup_teardown(fn, set_up, clean_up)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TLS_TEST(the_servers_name_chooses_the_certificate),
		TLS_TEST(a_route_may_demand_a_certificate_that_our_authority_vouches_for),
		TLS_TEST(without_an_authority_nobody_has_a_certificate),
		TLS_TEST(a_handshake_that_takes_too_long_is_let_go),
		TLS_TEST(no_session_is_resumed),
	};
	(void)signal(SIGPIPE, SIG_IGN); /* OpenSSL's client writes without MSG_NOSIGNAL */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
