/* SPDX-License-Identifier: Apache-2.0 */
/* A server behind TLS on its own thread, certificates made for a test, and a client. */
#ifndef AD_TEST_TLS_FIXTURE_H
#define AD_TEST_TLS_FIXTURE_H

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

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <cmocka.h>

#define HOST "Host: a\r\n"

#define WHERE_MAX 96

static struct {
	char folder[64];
	char certificate[WHERE_MAX];
	char key[WHERE_MAX];
	struct ad_tls_server *tls;
	struct ad_http_server *server;
	pthread_t thread;
	uint16_t port;
} t;

/* ---- Files ---- */

struct made {
	X509 *cert;
	EVP_PKEY *key;
};

static inline void add_extension(X509 *cert, int nid, const char *value)
{
	X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, nid, value);
	assert_non_null(extension);
	(void)X509_add_ext(cert, extension, -1);
	X509_EXTENSION_free(extension);
}

/* A certificate for a name that lives lives_s seconds; signed by another one, or by itself. */
static inline struct made make_certificate(
	const char *name, long serial, long lives_s, const struct made *by)
{
	struct made made = { X509_new(), EVP_EC_gen("P-256") };
	assert_true(made.key && made.cert);
	(void)X509_set_version(made.cert, 2);
	(void)ASN1_INTEGER_set(X509_get_serialNumber(made.cert), serial);
	(void)X509_gmtime_adj(X509_getm_notBefore(made.cert), -100);
	(void)X509_gmtime_adj(X509_getm_notAfter(made.cert), lives_s);
	(void)X509_set_pubkey(made.cert, made.key);
	X509_NAME *subject = X509_get_subject_name(made.cert);
	(void)X509_NAME_add_entry_by_txt(
		subject, "CN", MBSTRING_UTF8, (const unsigned char *)name, -1, -1, 0);
	(void)X509_set_issuer_name(made.cert, by ? X509_get_subject_name(by->cert) : subject);
	char alternative[64];
	(void)snprintf(alternative, sizeof alternative, "DNS:%s", name);
	add_extension(made.cert, NID_subject_alt_name, alternative);
	if (!by)
		add_extension(made.cert, NID_basic_constraints, "critical,CA:TRUE");
	assert_true(X509_sign(made.cert, by ? by->key : made.key, EVP_sha256()) > 0);
	return made;
}

static inline void free_made(struct made *made)
{
	X509_free(made->cert);
	EVP_PKEY_free(made->key);
}

/* key may be NULL. */
static inline void write_made(const struct made *made, const char *certificate, const char *key)
{
	FILE *file = fopen(certificate, "we");
	assert_non_null(file);
	assert_int_equal(PEM_write_X509(file, made->cert), 1);
	(void)fclose(file);
	if (!key)
		return;
	file = fopen(key, "we");
	assert_non_null(file);
	assert_int_equal(PEM_write_PrivateKey(file, made->key, NULL, NULL, 0, NULL, NULL), 1);
	(void)fclose(file);
}

/* The server's own pair. */
static inline void write_pair(long serial)
{
	struct made made = make_certificate("first.example", serial, 1000, NULL);
	write_made(&made, t.certificate, t.key);
	free_made(&made);
}

/* ---- Server ---- */

static inline void handle_echo(struct ad_http_request *request, void *ctx)
{
	(void)ctx;
	size_t len = 0;
	const char *body = ad_http_request_body(request, &len);
	const char *subject = ad_http_request_certificate(request);
	const struct ad_http_header header = { "X-Subject", subject ? subject : "" };
	const struct ad_http_reply reply = {
		.status = 200, .body = body, .body_len = len, .headers = &header, .headers_count = 1
	};
	ad_http_reply(request, &reply);
}

static inline void *run(void *ctx)
{
	(void)ctx;
	assert_int_equal(ad_http_server_run(t.server, NULL), 0);
	return NULL;
}

static inline void make_folder(void)
{
	memset(&t, 0, sizeof t);
	(void)snprintf(t.folder, sizeof t.folder, "/tmp/ad-tls-XXXXXX");
	assert_non_null(mkdtemp(t.folder));
	(void)snprintf(t.certificate, sizeof t.certificate, "%s/cert.pem", t.folder);
	(void)snprintf(t.key, sizeof t.key, "%s/key.pem", t.folder);
	write_pair(1);
}

/* client_ca may be NULL; further pairs stand behind t's own. */
static inline struct ad_tls_config tls_config(const char *client_ca)
{
	static const char *certificates[1];
	static const char *keys[1];
	certificates[0] = t.certificate;
	keys[0] = t.key;
	return (struct ad_tls_config){ certificates, keys, 1, client_ca };
}

static inline void serve(const struct ad_tls_config *config, const struct ad_http_config *http)
{
	assert_int_equal(ad_tls_server_new(config, &t.tls, NULL), 0);
	const struct ad_http_route routes[] = {
		{ .method = "POST", .path = "/echo", .handler = handle_echo },
		{ .method = "GET",
			.path = "/vouched",
			.certificate = true,
			.handler = handle_echo },
	};
	const struct ad_http_listener listener = {
		.address = "127.0.0.1",
		.routes = routes,
		.routes_count = 2,
		.tls = ad_tls_server_session,
		.tls_subject = config->client_ca ? ad_tls_session_subject : NULL,
		.tls_close = ad_tls_session_close,
		.tls_ctx = t.tls,
	};
	assert_int_equal(ad_http_server_new(http, &t.server, NULL), 0);
	assert_int_equal(ad_http_server_listen(t.server, &listener, &t.port, NULL), 0);
	assert_int_equal(ad_thread_start(&t.thread, "loop", run, NULL, NULL), 0);
}

static inline int tear_down(void **state)
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

/* The client's side before its handshake. */
static inline void client_prepare(struct client *client, int max_version)
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
}

static inline int client_open(struct client *client, int max_version)
{
	client_prepare(client, max_version);
	return SSL_connect(client->ssl);
}

static inline void client_close(struct client *client)
{
	SSL_free(client->ssl);
	SSL_CTX_free(client->ctx);
	(void)close(client->fd);
}

static inline void client_send(struct client *client, const char *text, size_t len)
{
	assert_int_equal(SSL_write(client->ssl, text, (int)len), (int)len);
}

/* Reads until the text ends in tail, or to the end; the caller frees. */
static inline char *client_read(struct client *client, const char *tail)
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

/* Serial number of the certificate that this server name gets; NULL: no name is sent. */
static inline long serial_for(const char *name)
{
	struct client client;
	client_prepare(&client, TLS1_3_VERSION);
	char copy[64]; /* the macro casts const away */
	(void)snprintf(copy, sizeof copy, "%s", name ? name : "");
	if (name)
		(void)SSL_set_tlsext_host_name(client.ssl, copy);
	assert_int_equal(SSL_connect(client.ssl), 1);
	X509 *cert = SSL_get1_peer_certificate(client.ssl);
	long serial = ASN1_INTEGER_get(X509_get0_serialNumber(cert));
	X509_free(cert);
	client_close(&client);
	return serial;
}

#endif
