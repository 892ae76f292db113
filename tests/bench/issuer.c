/* SPDX-License-Identifier: Apache-2.0 */
/* Whoever signs the channel's tokens: one RSA key, made at the start. */
#include "bench.h"

#include "ad/json.h"
#include "ad/text.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <string.h>
#include <time.h>

#define KEY_BITS 2048
#define KEY_ID "bench-key"
#define LIFETIME_S 3600

struct bench_issuer {
	EVP_PKEY *key;
};

struct bench_issuer *bench_issuer_new(void)
{
	struct bench_issuer *issuer = ad_xalloc(sizeof *issuer);
	issuer->key = EVP_RSA_gen(KEY_BITS);
	AD_ASSERT(issuer->key != NULL);
	return issuer;
}

void bench_issuer_free(struct bench_issuer *issuer)
{
	EVP_PKEY_free(issuer->key);
	free(issuer);
}

static char *sign(const struct bench_issuer *issuer, struct ad_arena *arena, const char *text)
{
	unsigned char signature[KEY_BITS / 8];
	size_t len = sizeof signature;
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	AD_ASSERT(ctx != NULL);
	AD_ASSERT(EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, issuer->key) == 1);
	AD_ASSERT(EVP_DigestSign(ctx, signature, &len, (const unsigned char *)text, strlen(text)) ==
		  1);
	EVP_MD_CTX_free(ctx);
	return ad_base64url(arena, signature, len);
}

/* Header and claims, each one different by its number. */
static char *unsigned_token(struct ad_arena *arena, const char *service_url, unsigned number)
{
	static const char head[] = "{\"alg\":\"RS256\",\"typ\":\"JWT\",\"kid\":\"" KEY_ID "\"}";
	int64_t now = time(NULL);
	struct ad_json *claims = ad_json_new_object(arena);
	ad_json_set_str(arena, claims, "iss", "https://api.botframework.com");
	ad_json_set_str(arena, claims, "aud", BENCH_APP_ID);
	ad_json_set_str(arena, claims, "serviceurl", service_url);
	ad_json_set_int(arena, claims, "nbf", now - 1);
	ad_json_set_int(arena, claims, "exp", now + LIFETIME_S);
	ad_json_set_int(arena, claims, "jti", number);
	const char *body = ad_json_print(arena, claims);
	return ad_printf(arena, "%s.%s", ad_base64url(arena, head, sizeof head - 1),
		ad_base64url(arena, body, strlen(body)));
}

char *bench_issuer_token(const struct bench_issuer *issuer, struct ad_arena *arena,
	const char *service_url, unsigned number)
{
	const char *text = unsigned_token(arena, service_url, number);
	return ad_printf(arena, "%s.%s", text, sign(issuer, arena, text));
}

/* The signature is a number below every modulus, or it would be refused without any arithmetic. */
char *bench_forged_token(struct ad_arena *arena, const char *service_url, unsigned number)
{
	unsigned char signature[KEY_BITS / 8];
	AD_ASSERT(RAND_bytes(signature, sizeof signature) == 1);
	signature[0] = 0;
	return ad_printf(arena, "%s.%s", unsigned_token(arena, service_url, number),
		ad_base64url(arena, signature, sizeof signature));
}

static char *number_of(const struct bench_issuer *issuer, struct ad_arena *arena, const char *name)
{
	unsigned char bytes[KEY_BITS / 8];
	BIGNUM *number = NULL;
	AD_ASSERT(EVP_PKEY_get_bn_param(issuer->key, name, &number) == 1);
	int len = BN_bn2bin(number, bytes);
	BN_free(number);
	return ad_base64url(arena, bytes, (size_t)len);
}

char *bench_issuer_keys(const struct bench_issuer *issuer, struct ad_arena *arena)
{
	struct ad_json *endorsements = ad_json_new_array(arena);
	ad_json_append(arena, endorsements, ad_json_new_string(arena, "msteams"));
	struct ad_json *key = ad_json_new_object(arena);
	ad_json_set_str(arena, key, "kty", "RSA");
	ad_json_set_str(arena, key, "use", "sig");
	ad_json_set_str(arena, key, "alg", "RS256");
	ad_json_set_str(arena, key, "kid", KEY_ID);
	ad_json_set_str(arena, key, "n", number_of(issuer, arena, OSSL_PKEY_PARAM_RSA_N));
	ad_json_set_str(arena, key, "e", number_of(issuer, arena, OSSL_PKEY_PARAM_RSA_E));
	ad_json_set(arena, key, "endorsements", endorsements);
	struct ad_json *keys = ad_json_new_array(arena);
	ad_json_append(arena, keys, key);
	struct ad_json *set = ad_json_new_object(arena);
	ad_json_set(arena, set, "keys", keys);
	return ad_json_print(arena, set);
}
