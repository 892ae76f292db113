/* SPDX-License-Identifier: Apache-2.0 */
/* The few cryptographic calls of the tenant. Written apart from AppDesk's, so that each side proves
 * the other. */
#ifndef DT_CRYPT_H
#define DT_CRYPT_H

#include "ad/arena.h"
#include "ad/err.h"
#include "ad/json.h"

#include <openssl/evp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DT_SHA256_SIZE 32

void dt_random(void *ret, size_t len);
void dt_digest(const void *data, size_t len, uint8_t ret[DT_SHA256_SIZE]);
void dt_hmac(
	const void *key, size_t key_len, const void *data, size_t len, uint8_t ret[DT_SHA256_SIZE]);
bool dt_same_bytes(const void *a, const void *b, size_t len);

/* "header.claims" of a JWT. */
char *dt_jwt_input(
	struct ad_arena *arena, const struct ad_json *header, const struct ad_json *claims);
/* Input and signature joined. */
char *dt_jwt_join(struct ad_arena *arena, const char *input, const void *signature, size_t len);
/* RS256; the key stays the caller's. */
char *dt_jwt_rs256(struct ad_arena *arena, EVP_PKEY *key, const char *input);
/* HS256. */
char *dt_jwt_hs256(struct ad_arena *arena, const void *secret, size_t len, const char *input);
/* Splits "header.claims.signature"; header and claims parsed. */
AD_MUST int dt_jwt_split(struct ad_arena *arena, const char *token, struct ad_json **ret_header,
	struct ad_json **ret_claims, const char **ret_input, uint8_t **ret_signature,
	size_t *ret_signature_len);

/* RSA keys. Made of 2048 bits; as PEM text in the arena; freed with the arena when loaded. */
EVP_PKEY *dt_rsa_new(void);
char *dt_rsa_pem(struct ad_arena *arena, EVP_PKEY *key);
char *dt_rsa_public_pem(struct ad_arena *arena, EVP_PKEY *key);
EVP_PKEY *dt_rsa_load(const char *pem);
/* {"kty":"RSA","use":"sig","kid","x5t","n","e"} */
struct ad_json *dt_rsa_jwk(struct ad_arena *arena, EVP_PKEY *key, const char *kid);

#endif
