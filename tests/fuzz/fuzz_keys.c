/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Promises of key_set.h about any document: only keys that may be used get in, each one is found by
 * its id alone, and none of them fits a signature that was made with a key of ours.
 */
#include "fuzz.h"

#include "issuer.h"

#include "ad/json.h"
#include "jws.h"
#include "key_set.h"

#define TRIED_MAX 2 /* keys of a set that a signature is tried with: that is dear */

/* A good token of a key that nobody has: made at the start and forgotten. */
static const struct ad_jws *foreign_token(void)
{
	static struct ad_jws jws;
	static struct ad_arena *arena;
	if (arena)
		return &jws;
	arena = ad_arena_new();
	EVP_PKEY *key = make_key(2048);
	char *token = sign_token(arena, key, good_header(arena, "k"), good_payload(arena));
	AD_ASSERT(ad_jws_parse(arena, token, strlen(token), &jws, NULL) == 0);
	AD_ASSERT(ad_jws_verify(&jws, ad_rsa_key_from_pem(arena, public_pem(arena, key)),
			  public_pem(arena, key), NULL) == 0);
	EVP_PKEY_free(key);
	return &jws;
}

static void check_pem(const char *pem)
{
	BIO *bio = BIO_new_mem_buf(pem, -1);
	EVP_PKEY *key = PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL);
	AD_ASSERT(key && EVP_PKEY_is_a(key, "RSA"));
	AD_ASSERT(EVP_PKEY_get_bits(key) >= AD_IDENTITY_RSA_BITS_MIN);
	AD_ASSERT(EVP_PKEY_get_bits(key) <= (int)AD_RSA_BITS_MAX);
	EVP_PKEY_free(key);
	BIO_free(bio);
}

static void check_key(const struct ad_key_set *set, const struct ad_key *key)
{
	uint8_t digest[AD_SHA256_LEN];
	AD_ASSERT(key->kid && *key->kid && strlen(key->kid) <= AD_IDENTITY_KID_MAX);
	AD_ASSERT(ad_key_set_find(set, key->kid, NOW) == key); /* so no id is there twice */
	check_pem(key->pem);
	ad_sha256(key->pem, strlen(key->pem), digest);
	AD_ASSERT(memcmp(digest, key->digest, sizeof digest) == 0);
	AD_ASSERT(key->endorsements_count <= AD_ENDORSEMENTS_MAX);
	for (size_t i = 0; i < key->endorsements_count; i++)
		AD_ASSERT(!ad_text_empty(key->endorsements[i]));
	if (key->certificate.len > 0)
		AD_ASSERT(ad_crypto_cert_valid_at(key->certificate, NOW, NULL) == 0);
}

static bool is_absent_or(const struct ad_json *jwk, const char *name, const char *wanted)
{
	const struct ad_json *value = ad_json_get(jwk, name);
	return ad_json_kind(value) == AD_JSON_NONE || ad_text_eq(ad_json_text(value), wanted);
}

/* There is an entry of this id that is meant for what we use it for. */
static bool is_published(const struct ad_json *document, const char *kid)
{
	AD_JSON_EACH(jwk, ad_json_get(document, "keys"))
	{
		if (ad_text_eq(ad_json_str(jwk, "kid"), kid) &&
			ad_text_eq(ad_json_str(jwk, "kty"), "RSA") &&
			is_absent_or(jwk, "use", "sig") && is_absent_or(jwk, "alg", "RS256"))
			return true;
	}
	return false;
}

static void check_set(const char *text, size_t len, const struct ad_key_set *set)
{
	struct ad_arena *arena = ad_arena_new();
	struct ad_json *document = NULL;
	AD_ASSERT(set->count > 0 && set->count <= AD_KEYS_MAX);
	AD_ASSERT(ad_json_parse(arena, text, len, &document, NULL) == 0);
	for (size_t i = 0; i < set->count; i++) {
		check_key(set, &set->keys[i]);
		AD_ASSERT(is_published(document, set->keys[i].kid));
		if (i < TRIED_MAX)
			AD_ASSERT(ad_jws_verify(foreign_token(), set->keys[i].rsa, set->keys[i].pem,
					  NULL) == AD_EAUTH);
	}
	ad_arena_free(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct ad_key_set *set = NULL;
	struct ad_err err = { 0 };
	int rc = ad_key_set_parse((const char *)data, len, NOW, &set, &err);
	if (rc != 0) {
		AD_ASSERT(!set && err.code == rc && err.text[0]);
		return 0;
	}
	check_set((const char *)data, len, set);
	ad_key_set_unref(set);
	return 0;
}
