/* SPDX-License-Identifier: Apache-2.0 */
/* JWKS documents to keys that may be used; see key_set.h. */
#include "key_set.h"

#include "ad/identity.h"
#include "ad/json.h"
#include "ad/text.h"

static int decode_number(struct ad_arena *arena, const char *text, struct ad_bytes *ret)
{
	uint8_t *data = NULL;
	if (!text || ad_base64url_decode(arena, text, strlen(text), &data, &ret->len) != 0)
		return AD_EINVAL;
	ret->data = data;
	return 0;
}

/* x5c may be missing; when it is there, its first certificate must be readable and valid. */
static int read_certificate(
	struct ad_arena *arena, const struct ad_json *jwk, int64_t now_s, struct ad_bytes *ret)
{
	const struct ad_json *x5c = ad_json_get(jwk, "x5c");
	*ret = (struct ad_bytes){ 0 };
	if (ad_json_kind(x5c) == AD_JSON_NONE || ad_json_count(x5c) == 0)
		return 0;
	const char *text = ad_json_text(ad_json_first(x5c));
	uint8_t *data = NULL;
	if (!text || ad_base64_decode(arena, text, strlen(text), &data, &ret->len) != 0)
		return AD_EINVAL;
	ret->data = data;
	return ad_crypto_cert_valid_at(*ret, now_s, NULL);
}

/* Anything but an array of strings endorses nothing. */
static void read_endorsements(struct ad_arena *arena, const struct ad_json *jwk, struct ad_key *key)
{
	const struct ad_json *list = ad_json_get(jwk, "endorsements");
	if (ad_json_kind(list) != AD_JSON_ARRAY || ad_json_count(list) > AD_ENDORSEMENTS_MAX)
		return;
	const char **names = ad_alloc_array(arena, ad_json_count(list), sizeof *names);
	AD_JSON_EACH(item, list)
	{
		const char *name = ad_json_text(item);
		if (!ad_text_empty(name))
			names[key->endorsements_count++] = ad_strdup(arena, name);
	}
	key->endorsements = names;
}

static bool is_absent_or(const struct ad_json *jwk, const char *name, const char *wanted)
{
	const struct ad_json *value = ad_json_get(jwk, name);
	return ad_json_kind(value) == AD_JSON_NONE || ad_text_eq(ad_json_text(value), wanted);
}

static int read_key(
	struct ad_arena *arena, const struct ad_json *jwk, int64_t now_s, struct ad_key *ret)
{
	struct ad_key key = { 0 };
	struct ad_bytes n;
	struct ad_bytes e;
	char *pem = NULL;
	unsigned bits = 0;
	const char *kid = ad_json_text(ad_json_get(jwk, "kid"));
	if (!ad_text_eq(ad_json_text(ad_json_get(jwk, "kty")), "RSA") ||
		!is_absent_or(jwk, "use", "sig") || !is_absent_or(jwk, "alg", "RS256"))
		return AD_EINVAL;
	if (ad_text_empty(kid) || strlen(kid) > AD_IDENTITY_KID_MAX)
		return AD_EINVAL;
	if (decode_number(arena, ad_json_text(ad_json_get(jwk, "n")), &n) != 0 ||
		decode_number(arena, ad_json_text(ad_json_get(jwk, "e")), &e) != 0)
		return AD_EINVAL;
	int rc = ad_crypto_rsa_public_pem_from_jwk(arena, n, e, &pem, &bits, NULL);
	if (rc == 0)
		rc = read_certificate(arena, jwk, now_s, &key.certificate);
	if (rc != 0)
		return rc;
	AD_ASSERT(bits >= AD_IDENTITY_RSA_BITS_MIN);
	key.kid = ad_strdup(arena, kid);
	key.pem = pem;
	key.rsa = ad_rsa_key_from_pem(arena, pem);
	AD_ASSERT(key.rsa != NULL);
	ad_sha256(pem, strlen(pem), key.digest);
	read_endorsements(arena, jwk, &key);
	*ret = key;
	return 0;
}

static const struct ad_key *find(const struct ad_key_set *set, const char *kid)
{
	for (size_t i = 0; i < set->count; i++) {
		if (strcmp(set->keys[i].kid, kid) == 0)
			return &set->keys[i];
	}
	return NULL;
}

static int read_all(
	struct ad_key_set *set, const struct ad_json *document, int64_t now_s, struct ad_err *err)
{
	const struct ad_json *list = ad_json_get(document, "keys");
	if (ad_json_kind(list) != AD_JSON_ARRAY)
		return AD_FAIL(err, AD_EINVAL, "key document without keys");
	if (ad_json_count(list) > AD_KEYS_MAX)
		return AD_FAIL(err, AD_ETOOBIG, "key document with %zu keys", ad_json_count(list));
	set->keys = ad_alloc_array(set->arena, ad_json_count(list), sizeof *set->keys);
	AD_JSON_EACH(jwk, list)
	{
		struct ad_key key;
		/* A key id that occurs twice keeps its first meaning. */
		if (read_key(set->arena, jwk, now_s, &key) == 0 && !find(set, key.kid))
			set->keys[set->count++] = key;
	}
	if (set->count == 0)
		return AD_FAIL(err, AD_EINVAL, "key document without a usable key");
	return 0;
}

int ad_key_set_parse(
	const char *json, size_t len, int64_t now_s, struct ad_key_set **ret, struct ad_err *err)
{
	struct ad_arena *arena = ad_arena_new();
	struct ad_key_set *set = ad_alloc(arena, sizeof *set);
	struct ad_json *document = NULL;
	atomic_init(&set->refs, 1);
	set->arena = arena;
	set->loaded_s = now_s;
	int rc = ad_json_parse(arena, json, len, &document, err);
	if (rc == 0)
		rc = read_all(set, document, now_s, err);
	if (rc == 0)
		*ret = set;
	else
		ad_key_set_unref(set);
	return rc;
}

struct ad_key_set *ad_key_set_ref(struct ad_key_set *set)
{
	atomic_fetch_add(&set->refs, 1);
	return set;
}

void ad_key_set_unref(struct ad_key_set *set)
{
	if (set && atomic_fetch_sub(&set->refs, 1) == 1)
		ad_arena_free(set->arena);
}

const struct ad_key *ad_key_set_find(const struct ad_key_set *set, const char *kid, int64_t now_s)
{
	const struct ad_key *key = find(set, kid);
	if (key && key->certificate.len > 0 &&
		ad_crypto_cert_valid_at(key->certificate, now_s, NULL) != 0)
		return NULL;
	return key;
}
