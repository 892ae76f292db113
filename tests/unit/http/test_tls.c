/* SPDX-License-Identifier: Apache-2.0 */
/* Promises of the TLS listener: the same server behind TLS 1.2 or later, certificate renewed while
 * it runs. */
#include "ad/arena.h"
#include "ad/buf.h"
#include "ad/crypto/tls.h"
#include "ad/http.h"
#include "ad/work.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/socket.h>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <cmocka.h>

#define HOST "Host: a\r\n"

static struct {
	char folder[64];
	char certificate[96];
	char key[96];
	struct ad_tls_server *tls;
	struct ad_http_server *server;
	pthread_t thread;
	uint16_t port;
} t;

/* ---- Files ---- */

static void write_pair(long serial)
{
	EVP_PKEY *key = EVP_RSA_gen(2048);
	X509 *cert = X509_new();
	assert_true(key && cert);
	(void)X509_set_version(cert, 2);
	(void)ASN1_INTEGER_set(X509_get_serialNumber(cert), serial);
	(void)X509_gmtime_adj(X509_getm_notBefore(cert), -100);
	(void)X509_gmtime_adj(X509_getm_notAfter(cert), 1000);
	(void)X509_set_pubkey(cert, key);
	assert_true(X509_sign(cert, key, EVP_sha256()) > 0);
	FILE *file = fopen(t.certificate, "we");
	assert_non_null(file);
	assert_int_equal(PEM_write_X509(file, cert), 1);
	(void)fclose(file);
	file = fopen(t.key, "we");
	assert_non_null(file);
	assert_int_equal(PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL), 1);
	(void)fclose(file);
	X509_free(cert);
	EVP_PKEY_free(key);
}

/* ---- Server ---- */

static void handle_echo(struct ad_http_request *request, void *ctx)
{
	(void)ctx;
	size_t len = 0;
	const char *body = ad_http_request_body(request, &len);
	const struct ad_http_reply reply = { .status = 200, .body = body, .body_len = len };
	ad_http_reply(request, &reply);
}

static void *run(void *ctx)
{
	(void)ctx;
	assert_int_equal(ad_http_server_run(t.server, NULL), 0);
	return NULL;
}

static int set_up(void **state)
{
	(void)state;
	memset(&t, 0, sizeof t);
	(void)snprintf(t.folder, sizeof t.folder, "/tmp/ad-tls-XXXXXX");
	assert_non_null(mkdtemp(t.folder));
	(void)snprintf(t.certificate, sizeof t.certificate, "%s/cert.pem", t.folder);
	(void)snprintf(t.key, sizeof t.key, "%s/key.pem", t.folder);
	write_pair(1);
	assert_int_equal(ad_tls_server_new(t.certificate, t.key, &t.tls, NULL), 0);
	const struct ad_http_route route = {
		.method = "POST", .path = "/echo", .handler = handle_echo
	};
	const struct ad_http_listener listener = {
		.address = "127.0.0.1",
		.routes = &route,
		.routes_count = 1,
		.tls = ad_tls_server_session,
		.tls_ctx = t.tls,
	};
	assert_int_equal(ad_http_server_new(NULL, &t.server, NULL), 0);
	assert_int_equal(ad_http_server_listen(t.server, &listener, &t.port, NULL), 0);
	return ad_thread_start(&t.thread, "loop", run, NULL, NULL);
}

static int tear_down(void **state)
{
	(void)state;
	ad_http_server_stop(t.server, 2000);
	(void)pthread_join(t.thread, NULL);
	ad_http_server_free(t.server);
	ad_tls_server_free(t.tls);
	(void)unlink(t.certificate);
	(void)unlink(t.key);
	(void)rmdir(t.folder);
	return 0;
}

/* ---- Client ---- */

struct client {
	SSL_CTX *ctx;
	SSL *ssl;
	int fd;
};

static int client_open(struct client *client, int max_version)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(t.port) };
	struct timeval patience = { .tv_sec = 20 };
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	client->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	(void)setsockopt(client->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	assert_int_equal(connect(client->fd, (struct sockaddr *)&address, sizeof address), 0);
	client->ctx = SSL_CTX_new(TLS_client_method());
	SSL_CTX_set_security_level(client->ctx, 0);
	(void)SSL_CTX_set_max_proto_version(client->ctx, max_version);
	client->ssl = SSL_new(client->ctx);
	(void)SSL_set_fd(client->ssl, client->fd);
	return SSL_connect(client->ssl);
}

static void client_close(struct client *client)
{
	SSL_free(client->ssl);
	SSL_CTX_free(client->ctx);
	(void)close(client->fd);
}

static void client_send(struct client *client, const char *text, size_t len)
{
	assert_int_equal(SSL_write(client->ssl, text, (int)len), (int)len);
}

/* Reads until the text ends in tail, or to the end; the caller frees. */
static char *client_read(struct client *client, const char *tail)
{
	struct ad_buf buf;
	char piece[4096];
	ad_buf_init(&buf, 4 << 20);
	size_t tail_len = tail ? strlen(tail) : 0;
	while (!tail || buf.len < tail_len ||
		memcmp(buf.data + buf.len - tail_len, tail, tail_len) != 0) {
		int n = SSL_read(client->ssl, piece, sizeof piece);
		if (n <= 0)
			break;
		assert_true(ad_buf_add(&buf, piece, (size_t)n));
	}
	return ad_buf_detach(&buf);
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
	client_close(&client);
}

static long serial_of_server(void)
{
	struct client client;
	assert_int_equal(client_open(&client, TLS1_3_VERSION), 1);
	X509 *cert = SSL_get1_peer_certificate(client.ssl);
	long serial = ASN1_INTEGER_get(X509_get0_serialNumber(cert));
	X509_free(cert);
	client_close(&client);
	return serial;
}

static void renewed_certificate_is_taken_and_a_broken_one_is_not(void **state)
{
	(void)state;
	assert_int_equal(serial_of_server(), 1);
	write_pair(2);
	assert_int_equal(serial_of_server(), 1);
	assert_int_equal(ad_tls_server_reload(t.tls, NULL), 0);
	assert_int_equal(serial_of_server(), 2);
	FILE *file = fopen(t.certificate, "we");
	assert_non_null(file);
	(void)fputs("not a certificate", file);
	(void)fclose(file);
	struct ad_err err;
	assert_int_equal(ad_tls_server_reload(t.tls, &err), AD_ECONFIG);
	assert_non_null(strstr(err.text, t.certificate));
	assert_int_equal(serial_of_server(), 2);
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
	assert_int_equal(ad_tls_server_new(t.certificate, other, &tls, &err), AD_ECONFIG);
	assert_int_equal(ad_tls_server_new(t.certificate, "/nonexistent", &tls, &err), AD_ECONFIG);
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
