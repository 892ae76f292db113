/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Contexts for our own TLS listener; see crypto/tls.h. There is one context for each pair of files;
 * the first one owns the others, so that a handshake that began before a reload finds them all.
 */
#include "ad/crypto/tls.h"

#include "ad/arena.h"

#include <pthread.h>
#include <stdbool.h>
#include <time.h>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#define CIPHERS_TLS12 "ECDHE+AESGCM:ECDHE+CHACHA20"
#define GROUPS ((char[]){ "X25519:P-256:P-384" }) /* the macro that takes it casts const away */

/* The contexts behind the first one. */
struct others {
	size_t count;
	SSL_CTX *ctx[AD_TLS_PAIRS_MAX];
};

struct ad_tls_server {
	struct ad_arena *arena;
	struct ad_tls_config config; /* its strings are in the arena */
	pthread_mutex_t lock;        /* guards the two below */
	SSL_CTX *ctx;                /* sessions hold references of their own */
	time_t ends;                 /* of the certificate that ends first */
};

/* ---- Contexts ---- */

static pthread_once_t index_once = PTHREAD_ONCE_INIT;
static int others_index;

static void free_others(
	void *parent, void *ptr, CRYPTO_EX_DATA *data, int index, long argl, void *argp)
{
	(void)parent, (void)data, (void)index, (void)argl, (void)argp;
	struct others *others = ptr;
	for (size_t i = 0; others && i < others->count; i++)
		SSL_CTX_free(others->ctx[i]);
	free(others);
}

static void make_index(void)
{
	others_index = SSL_CTX_get_ex_new_index(0, NULL, NULL, NULL, free_others);
	AD_ASSERT(others_index >= 0);
}

static const char *reason(void)
{
	const char *text = ERR_reason_error_string(ERR_peek_last_error());
	return text ? text : "cannot be used";
}

static int load_pair(SSL_CTX *ctx, const char *certificate, const char *key, struct ad_err *err)
{
	if (SSL_CTX_use_certificate_chain_file(ctx, certificate) != 1)
		return AD_FAIL(err, AD_ECONFIG, "TLS certificate %s: %s", certificate, reason());
	if (SSL_CTX_use_PrivateKey_file(ctx, key, SSL_FILETYPE_PEM) != 1 ||
		SSL_CTX_check_private_key(ctx) != 1)
		return AD_FAIL(err, AD_ECONFIG, "TLS key %s: %s", key, reason());
	return 0;
}

/* Asked of everybody, demanded of nobody: what needs one says so by itself. */
static int load_client_ca(SSL_CTX *ctx, const char *path, struct ad_err *err)
{
	STACK_OF(X509_NAME) *names = SSL_load_client_CA_file(path);
	if (!names || SSL_CTX_load_verify_locations(ctx, path, NULL) != 1) {
		sk_X509_NAME_pop_free(names, X509_NAME_free);
		return AD_FAIL(err, AD_ECONFIG, "TLS client authorities %s: %s", path, reason());
	}
	SSL_CTX_set_client_CA_list(ctx, names);
	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
	return 0;
}

/* No session is resumed: without tickets there is no key whose theft would open old recordings, and
 * the channel keeps its connections open. */
static SSL_CTX *new_context(void)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
	AD_ASSERT(ctx != NULL);
	AD_ASSERT(SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION) == 1);
	AD_ASSERT(SSL_CTX_set_cipher_list(ctx, CIPHERS_TLS12) == 1);
	AD_ASSERT(SSL_CTX_set1_groups_list(ctx, GROUPS) == 1);
	(void)SSL_CTX_set_options(ctx, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION |
					       SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_NO_TICKET);
	(void)SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	(void)SSL_CTX_set_num_tickets(ctx, 0);
	return ctx;
}

/* *ret is set also on failure: for the caller to free. */
static int make_context(
	const struct ad_tls_config *config, size_t pair, SSL_CTX **ret, struct ad_err *err)
{
	SSL_CTX *ctx = new_context();
	*ret = ctx;
	ERR_clear_error();
	int rc = load_pair(ctx, config->certificates[pair], config->keys[pair], err);
	if (rc == 0 && config->client_ca)
		rc = load_client_ca(ctx, config->client_ca, err);
	ERR_clear_error();
	return rc;
}

/* ---- The server name ---- */

static bool is_for(SSL_CTX *ctx, const char *name)
{
	return X509_check_host(SSL_CTX_get0_certificate(ctx), name, 0, 0, NULL) == 1;
}

static int choose(SSL *ssl, int *alert, void *arg)
{
	(void)alert, (void)arg;
	const char *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
	SSL_CTX *first = SSL_get_SSL_CTX(ssl);
	const struct others *others = SSL_CTX_get_ex_data(first, others_index);
	if (!name || !others || is_for(first, name))
		return SSL_TLSEXT_ERR_OK;
	for (size_t i = 0; i < others->count; i++) {
		if (is_for(others->ctx[i], name)) {
			(void)SSL_set_SSL_CTX(ssl, others->ctx[i]);
			break;
		}
	}
	return SSL_TLSEXT_ERR_OK;
}

static time_t end_of(SSL_CTX *ctx)
{
	struct tm tm;
	if (ASN1_TIME_to_tm(X509_get0_notAfter(SSL_CTX_get0_certificate(ctx)), &tm) != 1)
		return 0;
	return timegm(&tm);
}

/* All pairs; *ret is the first one's context, which owns the others. */
static int make_contexts(
	const struct ad_tls_config *config, SSL_CTX **ret, time_t *ret_ends, struct ad_err *err)
{
	(void)pthread_once(&index_once, make_index);
	SSL_CTX *first = NULL;
	int rc = make_context(config, 0, &first, err);
	if (rc != 0) {
		SSL_CTX_free(first);
		return rc;
	}
	struct others *others = ad_xalloc(sizeof *others);
	AD_ASSERT(SSL_CTX_set_ex_data(first, others_index, others) == 1);
	(void)SSL_CTX_set_tlsext_servername_callback(first, choose);
	*ret_ends = end_of(first);
	for (size_t i = 1; rc == 0 && i < config->pairs_count; i++) {
		SSL_CTX **ctx = &others->ctx[others->count++];
		rc = make_context(config, i, ctx, err);
		if (rc == 0 && end_of(*ctx) < *ret_ends)
			*ret_ends = end_of(*ctx);
	}
	if (rc == 0)
		*ret = first;
	else
		SSL_CTX_free(first);
	return rc;
}

/* ---- Life ---- */

static const char **copy_texts(struct ad_arena *arena, const char *const *texts, size_t count)
{
	const char **copy = ad_alloc_array(arena, count, sizeof *copy);
	for (size_t i = 0; i < count; i++)
		copy[i] = ad_strdup(arena, texts[i]);
	return copy;
}

int ad_tls_server_new(
	const struct ad_tls_config *config, struct ad_tls_server **ret, struct ad_err *err)
{
	size_t count = config->pairs_count;
	AD_ASSERT(count > 0 && count <= AD_TLS_PAIRS_MAX);
	struct ad_tls_server *server = ad_xalloc(sizeof *server);
	AD_ASSERT(pthread_mutex_init(&server->lock, NULL) == 0);
	server->arena = ad_arena_new();
	server->config = (struct ad_tls_config){
		.certificates = copy_texts(server->arena, config->certificates, count),
		.keys = copy_texts(server->arena, config->keys, count),
		.pairs_count = count,
		.client_ca = ad_strdup(server->arena, config->client_ca),
	};
	int rc = make_contexts(&server->config, &server->ctx, &server->ends, err);
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
	ad_arena_free(server->arena);
	(void)pthread_mutex_destroy(&server->lock);
	free(server);
}

int ad_tls_server_reload(struct ad_tls_server *server, struct ad_err *err)
{
	SSL_CTX *fresh = NULL;
	time_t ends = 0;
	int rc = make_contexts(&server->config, &fresh, &ends, err);
	if (rc != 0)
		return rc;
	(void)pthread_mutex_lock(&server->lock);
	SSL_CTX *old = server->ctx;
	server->ctx = fresh;
	server->ends = ends;
	(void)pthread_mutex_unlock(&server->lock);
	SSL_CTX_free(old);
	return 0;
}

int64_t ad_tls_server_expires_in_s(struct ad_tls_server *server)
{
	(void)pthread_mutex_lock(&server->lock);
	int64_t seconds = (int64_t)server->ends - (int64_t)time(NULL);
	(void)pthread_mutex_unlock(&server->lock);
	return seconds;
}

/* ---- Sessions ---- */

void *ad_tls_server_session(void *ptr)
{
	struct ad_tls_server *server = ptr;
	(void)pthread_mutex_lock(&server->lock);
	SSL *ssl = SSL_new(server->ctx);
	(void)pthread_mutex_unlock(&server->lock);
	return ssl;
}

char *ad_tls_session_subject(void *session, struct ad_arena *arena)
{
	X509 *certificate = SSL_get0_peer_certificate(session);
	if (!certificate || SSL_get_verify_result(session) != X509_V_OK)
		return NULL;
	BIO *out = BIO_new(BIO_s_mem());
	char *text = NULL;
	AD_ASSERT(out != NULL);
	if (X509_NAME_print_ex(out, X509_get_subject_name(certificate), 0, XN_FLAG_RFC2253) >= 0) {
		char *data = NULL;
		long len = BIO_get_mem_data(out, &data);
		text = ad_strndup(arena, data, len > 0 ? (size_t)len : 0);
	}
	BIO_free(out);
	return text;
}

void ad_tls_session_close(void *session)
{
	ERR_clear_error();
	(void)SSL_shutdown(session);
	ERR_clear_error(); /* whoever uses the thread next must not take it for theirs */
}
