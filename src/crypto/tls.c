/* SPDX-License-Identifier: Apache-2.0 */
/* Contexts for our own TLS listener; see crypto/tls.h. */
#include "ad/crypto/tls.h"

#include "ad/arena.h"

#include <pthread.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

#define CIPHERS_TLS12 "ECDHE+AESGCM:ECDHE+CHACHA20"

struct ad_tls_server {
	char *certificate_path;
	char *key_path;
	pthread_mutex_t lock; /* guards ctx */
	SSL_CTX *ctx;         /* sessions hold references of their own */
};

static int load_files(SSL_CTX *ctx, const struct ad_tls_server *server, struct ad_err *err)
{
	if (SSL_CTX_use_certificate_chain_file(ctx, server->certificate_path) != 1)
		return AD_FAIL(err, AD_ECONFIG, "TLS certificate %s: %s", server->certificate_path,
			ERR_reason_error_string(ERR_peek_last_error()));
	if (SSL_CTX_use_PrivateKey_file(ctx, server->key_path, SSL_FILETYPE_PEM) != 1 ||
		SSL_CTX_check_private_key(ctx) != 1)
		return AD_FAIL(err, AD_ECONFIG, "TLS key %s: %s", server->key_path,
			ERR_reason_error_string(ERR_peek_last_error()));
	return 0;
}

static int make_context(const struct ad_tls_server *server, SSL_CTX **ret, struct ad_err *err)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
	AD_ASSERT(ctx != NULL);
	AD_ASSERT(SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION) == 1);
	AD_ASSERT(SSL_CTX_set_cipher_list(ctx, CIPHERS_TLS12) == 1);
	(void)SSL_CTX_set_options(ctx,
		SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
	(void)SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	ERR_clear_error();
	int rc = load_files(ctx, server, err);
	ERR_clear_error();
	if (rc == 0)
		*ret = ctx;
	else
		SSL_CTX_free(ctx);
	return rc;
}

int ad_tls_server_new(const char *certificate_path, const char *key_path,
	struct ad_tls_server **ret, struct ad_err *err)
{
	struct ad_tls_server *server = ad_xalloc(sizeof *server);
	AD_ASSERT(pthread_mutex_init(&server->lock, NULL) == 0);
	server->certificate_path = ad_xstrdup(certificate_path);
	server->key_path = ad_xstrdup(key_path);
	int rc = make_context(server, &server->ctx, err);
	if (rc == 0)
		*ret = server;
	else
		ad_tls_server_free(server);
	return rc;
}

void ad_tls_server_free(struct ad_tls_server *server)
{
	if (!server)
		return;
	SSL_CTX_free(server->ctx);
	free(server->certificate_path);
	free(server->key_path);
	(void)pthread_mutex_destroy(&server->lock);
	free(server);
}

int ad_tls_server_reload(struct ad_tls_server *server, struct ad_err *err)
{
	SSL_CTX *fresh = NULL;
	int rc = make_context(server, &fresh, err);
	if (rc != 0)
		return rc;
	(void)pthread_mutex_lock(&server->lock);
	SSL_CTX *old = server->ctx;
	server->ctx = fresh;
	(void)pthread_mutex_unlock(&server->lock);
	SSL_CTX_free(old);
	return 0;
}

void *ad_tls_server_session(void *ptr)
{
	struct ad_tls_server *server = ptr;
	(void)pthread_mutex_lock(&server->lock);
	SSL *ssl = SSL_new(server->ctx);
	(void)pthread_mutex_unlock(&server->lock);
	return ssl;
}
