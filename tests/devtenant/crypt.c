/* SPDX-License-Identifier: Apache-2.0 */
/* OpenSSL behind a few plain calls. A refusal of OpenSSL here is a fault of this program or of the
 * machine: it ends the program. */
#include "crypt.h"

#include "ad/text.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <string.h>

#define RSA_BITS 2048u
#define SIGNATURE_MAX 512
#define TOKEN_MAX ((size_t)64 << 10)

void dt_random(void *ret, size_t len)
{
	AD_ASSERT(RAND_bytes(ret, (int)len) == 1);
}

void dt_digest(const void *data, size_t len, uint8_t ret[DT_SHA256_SIZE])
{
	AD_ASSERT(EVP_Digest(data, len, ret, NULL, EVP_sha256(), NULL) == 1);
}

void dt_hmac(
	const void *key, size_t key_len, const void *data, size_t len, uint8_t ret[DT_SHA256_SIZE])
{
	AD_ASSERT(HMAC(EVP_sha256(), key, (int)key_len, data, len, ret, NULL));
}

bool dt_same_bytes(const void *a, const void *b, size_t len)
{
	return !CRYPTO_memcmp(a, b, len);
}

char *dt_jwt_input(
	struct ad_arena *arena, const struct ad_json *header, const struct ad_json *claims)
{
	const char *head = ad_json_print(arena, header);
	const char *body = ad_json_print(arena, claims);

	return ad_printf(arena, "%s.%s", ad_base64url(arena, head, strlen(head)),
		ad_base64url(arena, body, strlen(body)));
}

char *dt_jwt_join(struct ad_arena *arena, const char *input, const void *signature, size_t len)
{
	return ad_printf(arena, "%s.%s", input, ad_base64url(arena, signature, len));
}

char *dt_jwt_rs256(struct ad_arena *arena, EVP_PKEY *key, const char *input)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	uint8_t signature[SIGNATURE_MAX];
	size_t len = sizeof(signature);

	AD_ASSERT(EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, key) == 1);
	AD_ASSERT(EVP_DigestSign(context, signature, &len, (const uint8_t *)input, strlen(input)) ==
		  1);
	EVP_MD_CTX_free(context);
	return dt_jwt_join(arena, input, signature, len);
}

char *dt_jwt_hs256(struct ad_arena *arena, const void *secret, size_t len, const char *input)
{
	uint8_t mac[DT_SHA256_SIZE];

	dt_hmac(secret, len, input, strlen(input), mac);
	return dt_jwt_join(arena, input, mac, sizeof(mac));
}

static int parse_part(struct ad_arena *arena, const char *text, size_t len, struct ad_json **ret)
{
	uint8_t *bytes;
	size_t size;
	int rc = ad_base64url_decode(arena, text, len, &bytes, &size);

	return rc ? rc : ad_json_parse(arena, (const char *)bytes, size, ret, NULL);
}

int dt_jwt_split(struct ad_arena *arena, const char *token, struct ad_json **ret_header,
	struct ad_json **ret_claims, const char **ret_input, uint8_t **ret_signature,
	size_t *ret_signature_len)
{
	size_t head = strcspn(token, ".");

	if (strlen(token) > TOKEN_MAX || !token[head])
		return AD_EINVAL;
	const char *claims = token + head + 1;
	size_t claims_len = strcspn(claims, ".");
	if (!claims[claims_len])
		return AD_EINVAL;
	const char *signature = claims + claims_len + 1;
	int rc = parse_part(arena, token, head, ret_header);
	if (!rc)
		rc = parse_part(arena, claims, claims_len, ret_claims);
	if (!rc)
		rc = ad_base64url_decode(
			arena, signature, strlen(signature), ret_signature, ret_signature_len);
	*ret_input = ad_strndup(arena, token, head + 1 + claims_len);
	return rc;
}

EVP_PKEY *dt_rsa_new(void)
{
	EVP_PKEY *key = EVP_RSA_gen(RSA_BITS);

	AD_ASSERT(key);
	return key;
}

static char *bio_text(struct ad_arena *arena, BIO *bio)
{
	char *data;
	long len = BIO_get_mem_data(bio, &data);
	char *text = ad_strndup(arena, data, (size_t)len);

	BIO_free(bio);
	return text;
}

char *dt_rsa_pem(struct ad_arena *arena, EVP_PKEY *key)
{
	BIO *bio = BIO_new(BIO_s_mem());

	AD_ASSERT(PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) == 1);
	return bio_text(arena, bio);
}

char *dt_rsa_public_pem(struct ad_arena *arena, EVP_PKEY *key)
{
	BIO *bio = BIO_new(BIO_s_mem());

	AD_ASSERT(PEM_write_bio_PUBKEY(bio, key) == 1);
	return bio_text(arena, bio);
}

EVP_PKEY *dt_rsa_load(const char *pem)
{
	BIO *bio = BIO_new_mem_buf(pem, -1);
	EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);

	BIO_free(bio);
	AD_ASSERT(key);
	return key;
}

static char *number_text(struct ad_arena *arena, EVP_PKEY *key, const char *param)
{
	BIGNUM *number = NULL;

	AD_ASSERT(EVP_PKEY_get_bn_param(key, param, &number) == 1);
	size_t len = (size_t)BN_num_bytes(number);
	uint8_t *bytes = ad_alloc(arena, len);
	BN_bn2bin(number, bytes);
	BN_free(number);
	return ad_base64url(arena, bytes, len);
}

struct ad_json *dt_rsa_jwk(struct ad_arena *arena, EVP_PKEY *key, const char *kid)
{
	struct ad_json *jwk = ad_json_new_object(arena);

	ad_json_set_str(arena, jwk, "kty", "RSA");
	ad_json_set_str(arena, jwk, "use", "sig");
	ad_json_set_str(arena, jwk, "kid", kid);
	ad_json_set_str(arena, jwk, "x5t", kid);
	ad_json_set_str(arena, jwk, "n", number_text(arena, key, OSSL_PKEY_PARAM_RSA_N));
	ad_json_set_str(arena, jwk, "e", number_text(arena, key, OSSL_PKEY_PARAM_RSA_E));
	return jwk;
}
