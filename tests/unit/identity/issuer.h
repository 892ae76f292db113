/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A small issuer for the tests: makes keys, publishes them on loopback the way Bot Framework does,
 * signs tokens, and fails on order.
 */
#ifndef TEST_ISSUER_H
#define TEST_ISSUER_H

#include "ad/buf.h"
#include "ad/http.h"
#include "ad/identity.h"
#include "ad/net.h"
#include "ad/text.h"
#include "ad/work.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>

#include <cmocka.h>

#define MAYBE_UNUSED __attribute__((unused))

#define APP_ID "11111111-2222-3333-4444-555555555555"
#define ISSUER "https://api.botframework.com"
#define SERVICE_URL "https://smba.trafficmanager.net/emea/"
#define NOW 1800000000LL

struct issuer {
	struct ad_http_server *server;
	pthread_t thread;
	uint16_t port;
	struct ad_arena *arena; /* test thread */
	atomic_int metadata_fetches;
	atomic_int key_fetches;
	atomic_int status;    /* of both documents; 0: 200 */
	atomic_bool hold;     /* keys are answered only when released */
	pthread_mutex_t lock; /* guards all below */
	pthread_cond_t arrived;
	struct ad_http_request *held;
	char *keys_url;
	char *keys;
};

static void issuer_answer(struct ad_http_request *request, int status, const char *body, bool taken)
{
	const struct ad_http_reply reply = {
		.status = status ? status : 200,
		.content_type = "application/json",
		.body = body,
		.body_len = strlen(body),
	};
	if (taken)
		ad_http_answer(request, &reply);
	else
		ad_http_reply(request, &reply);
}

static void issuer_metadata(struct ad_http_request *request, void *ctx)
{
	struct issuer *issuer = ctx;
	struct ad_arena *arena = ad_arena_new();
	atomic_fetch_add(&issuer->metadata_fetches, 1);
	(void)pthread_mutex_lock(&issuer->lock);
	char *body = ad_printf(
		arena, "{\"issuer\":\"%s\",\"jwks_uri\":\"%s\"}", ISSUER, issuer->keys_url);
	(void)pthread_mutex_unlock(&issuer->lock);
	issuer_answer(request, atomic_load(&issuer->status), body, false);
	ad_arena_free(arena);
}

static void issuer_keys(struct ad_http_request *request, void *ctx)
{
	struct issuer *issuer = ctx;
	atomic_fetch_add(&issuer->key_fetches, 1);
	(void)pthread_mutex_lock(&issuer->lock);
	if (atomic_load(&issuer->hold)) {
		ad_http_take(request);
		issuer->held = request;
		(void)pthread_cond_broadcast(&issuer->arrived);
	} else {
		issuer_answer(request, atomic_load(&issuer->status), issuer->keys, false);
	}
	(void)pthread_mutex_unlock(&issuer->lock);
}

static void *issuer_run(void *ctx)
{
	struct issuer *issuer = ctx;
	assert_int_equal(ad_http_server_run(issuer->server, NULL), 0);
	return NULL;
}

static MAYBE_UNUSED void issuer_start(struct issuer *issuer)
{
	memset(issuer, 0, sizeof *issuer);
	(void)pthread_mutex_init(&issuer->lock, NULL);
	(void)pthread_cond_init(&issuer->arrived, NULL);
	issuer->arena = ad_arena_new();
	const struct ad_http_route routes[] = {
		{ .method = "GET", .path = "/metadata", .handler = issuer_metadata, .ctx = issuer },
		{ .method = "GET", .path = "/keys", .handler = issuer_keys, .ctx = issuer },
	};
	const struct ad_http_listener listener = {
		.address = "127.0.0.1", .routes = routes, .routes_count = 2
	};
	assert_int_equal(ad_http_server_new(NULL, &issuer->server, NULL), 0);
	assert_int_equal(ad_http_server_listen(issuer->server, &listener, &issuer->port, NULL), 0);
	issuer->keys_url = ad_printf(issuer->arena, "http://127.0.0.1:%d/keys", issuer->port);
	issuer->keys = ad_strdup(issuer->arena, "{}");
	assert_int_equal(ad_thread_start(&issuer->thread, "issuer", issuer_run, issuer, NULL), 0);
}

static MAYBE_UNUSED void issuer_stop(struct issuer *issuer)
{
	ad_http_server_stop(issuer->server, 1000);
	(void)pthread_join(issuer->thread, NULL);
	ad_http_server_free(issuer->server);
	ad_arena_free(issuer->arena);
	(void)pthread_mutex_destroy(&issuer->lock);
	(void)pthread_cond_destroy(&issuer->arrived);
}

static MAYBE_UNUSED void issuer_publish(struct issuer *issuer, const char *keys)
{
	(void)pthread_mutex_lock(&issuer->lock);
	issuer->keys = ad_strdup(issuer->arena, keys);
	(void)pthread_mutex_unlock(&issuer->lock);
}

/* Waits for the fetch that is held, and lets it go. */
static MAYBE_UNUSED void issuer_release(struct issuer *issuer)
{
	(void)pthread_mutex_lock(&issuer->lock);
	while (!issuer->held)
		(void)pthread_cond_wait(&issuer->arrived, &issuer->lock);
	atomic_store(&issuer->hold, false);
	issuer_answer(issuer->held, 200, issuer->keys, true);
	issuer->held = NULL;
	(void)pthread_mutex_unlock(&issuer->lock);
}

/* ---- Keys ---- */

static MAYBE_UNUSED EVP_PKEY *make_key(unsigned bits)
{
	EVP_PKEY *key = EVP_RSA_gen(bits);
	assert_non_null(key);
	return key;
}

static char *key_number(struct ad_arena *arena, EVP_PKEY *key, const char *name)
{
	BIGNUM *number = NULL;
	uint8_t bytes[1024];
	assert_int_equal(EVP_PKEY_get_bn_param(key, name, &number), 1);
	int len = BN_bn2bin(number, bytes);
	BN_free(number);
	return ad_base64url(arena, bytes, (size_t)len);
}

/* rest is JSON that follows, e.g. ",\"endorsements\":[...]". */
static MAYBE_UNUSED char *make_jwk(
	struct ad_arena *arena, EVP_PKEY *key, const char *kid, const char *rest)
{
	return ad_printf(arena,
		"{\"kty\":\"RSA\",\"use\":\"sig\",\"kid\":\"%s\",\"n\":\"%s\",\"e\":\"%s\"%s}", kid,
		key_number(arena, key, OSSL_PKEY_PARAM_RSA_N),
		key_number(arena, key, OSSL_PKEY_PARAM_RSA_E), rest);
}

static MAYBE_UNUSED char *public_pem(struct ad_arena *arena, EVP_PKEY *key)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *data = NULL;
	assert_int_equal(PEM_write_bio_PUBKEY(bio, key), 1);
	long len = BIO_get_mem_data(bio, &data);
	char *pem = ad_strndup(arena, data, (size_t)len);
	BIO_free(bio);
	return pem;
}

/* A self-signed certificate in base64, valid from now + from to now + until (seconds). */
static MAYBE_UNUSED char *make_x5c(struct ad_arena *arena, EVP_PKEY *key, long from, long until)
{
	X509 *cert = X509_new();
	unsigned char *der = NULL;
	time_t base = NOW;
	(void)X509_set_version(cert, 2);
	(void)ASN1_INTEGER_set(X509_get_serialNumber(cert), 1);
	(void)X509_time_adj(X509_getm_notBefore(cert), from, &base);
	(void)X509_time_adj(X509_getm_notAfter(cert), until, &base);
	(void)X509_set_pubkey(cert, key);
	assert_true(X509_sign(cert, key, EVP_sha256()) > 0);
	int len = i2d_X509(cert, &der);
	assert_true(len > 0);
	char *text = ad_base64(arena, der, (size_t)len);
	OPENSSL_free(der);
	X509_free(cert);
	return text;
}

/* ---- Tokens ---- */

static uint8_t *raw_sign(struct ad_arena *arena, EVP_PKEY *key, const char *text, size_t *ret_len)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	const unsigned char *data = (const unsigned char *)text;
	assert_int_equal(EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, key), 1);
	*ret_len = 1024;
	uint8_t *signature = ad_alloc(arena, *ret_len);
	assert_int_equal(EVP_DigestSign(ctx, signature, ret_len, data, strlen(text)), 1);
	EVP_MD_CTX_free(ctx);
	return signature;
}

static MAYBE_UNUSED char *sign_token(
	struct ad_arena *arena, EVP_PKEY *key, const char *header, const char *payload)
{
	size_t len = 0;
	char *text = ad_printf(arena, "%s.%s", ad_base64url(arena, header, strlen(header)),
		ad_base64url(arena, payload, strlen(payload)));
	uint8_t *signature = raw_sign(arena, key, text, &len);
	return ad_printf(arena, "%s.%s", text, ad_base64url(arena, signature, len));
}

static MAYBE_UNUSED char *good_header(struct ad_arena *arena, const char *kid)
{
	return ad_printf(arena, "{\"alg\":\"RS256\",\"kid\":\"%s\",\"typ\":\"JWT\"}", kid);
}

static MAYBE_UNUSED char *good_payload(struct ad_arena *arena)
{
	return ad_printf(arena,
		"{\"aud\":\"%s\",\"iss\":\"%s\",\"nbf\":%lld,\"exp\":%lld,\"serviceurl\":\"%s\"}",
		APP_ID, ISSUER, NOW - 10, NOW + 3600, SERVICE_URL);
}

/* ---- Identity under test ---- */

static atomic_llong test_now;

static int64_t read_test_now(void *ctx)
{
	(void)ctx;
	return atomic_load(&test_now);
}

/* checks_per_s: 0 for the default. */
static MAYBE_UNUSED struct ad_identity *identity_limited(
	const struct issuer *issuer, int refresh_s, int checks_per_s)
{
	static const char *const channels[] = { "msteams" };
	struct ad_arena *arena = ad_arena_new();
	struct ad_identity *identity = NULL;
	struct ad_err err = { 0 };
	atomic_store(&test_now, NOW);
	const struct ad_identity_config config = {
		.app_id = APP_ID,
		.issuer = ISSUER,
		.metadata_url = ad_printf(arena, "http://127.0.0.1:%d/metadata", issuer->port),
		.channels = channels,
		.channels_count = 1,
		.allow_http_loopback = true,
		.keys_min_refresh_s = refresh_s,
		.checks_per_s = checks_per_s,
		.now_s = read_test_now,
	};
	if (ad_identity_new(&config, &identity, &err) != 0)
		fail_msg("identity: %s", err.text);
	ad_arena_free(arena);
	return identity;
}

static MAYBE_UNUSED struct ad_identity *identity_start(const struct issuer *issuer, int refresh_s)
{
	return identity_limited(issuer, refresh_s, 0);
}

/* Verifies "Bearer " and the token; the claims live in the arena. */
static MAYBE_UNUSED int verify(struct ad_identity *identity, struct ad_arena *arena,
	const char *token, struct ad_identity_claims *ret, struct ad_err *err)
{
	char *value = ad_printf(arena, "Bearer %s", token);
	return ad_identity_verify(identity, arena, value, strlen(value), ret, err);
}

#endif
