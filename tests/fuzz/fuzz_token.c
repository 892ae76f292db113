/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Promises of ad/identity.h about any Authorization value. Two forms of input:
 *   any bytes: the value itself; nobody but this process has the key, so it is refused
 *   "=" KIND "\n" HEADER "\n" PAYLOAD: a token of these two texts, signed in the way of KIND
 * The issuer is real (issuer.h) until its keys are known; then nothing is fetched any more.
 */
#include "fuzz.h"

#include "issuer.h"

#include "ad/crypto.h"
#include "ad/refusal.h"
#include "jws.h"

#include <math.h>

#define KID "k1"
#define REFRESH_S (24 * 3600) /* unknown key ids are refused at once */
#define CHECKS_PER_S 1000000  /* none is refused because there are too many */

struct stage {
	struct ad_arena *arena;
	EVP_PKEY *key;
	EVP_PKEY *other; /* not published */
	struct ad_bytes pem;
	struct ad_identity *identity;
};

static struct stage stage;

static void stop(void)
{
	ad_identity_free(stage.identity);
	EVP_PKEY_free(stage.key);
	EVP_PKEY_free(stage.other);
	ad_arena_free(stage.arena);
}

static void start(void)
{
	struct issuer issuer;
	struct ad_identity_claims claims;
	struct ad_arena *arena = ad_arena_new();
	AD_ASSERT(ad_net_init(NULL) == 0);
	stage.arena = arena;
	stage.key = make_key(2048);
	stage.other = make_key(2048);
	char *pem = public_pem(arena, stage.key);
	stage.pem = (struct ad_bytes){ (const uint8_t *)pem, strlen(pem) };
	issuer_start(&issuer);
	char *jwk = make_jwk(arena, stage.key, KID, ",\"endorsements\":[\"msteams\"]");
	issuer_publish(&issuer, ad_printf(arena, "{\"keys\":[%s]}", jwk));
	stage.identity = identity_limited(&issuer, REFRESH_S, CHECKS_PER_S);
	char *token = sign_token(arena, stage.key, good_header(arena, KID), good_payload(arena));
	AD_ASSERT(verify(stage.identity, arena, token, &claims, NULL) == 0);
	issuer_stop(&issuer);
	AD_ASSERT(atexit(stop) == 0);
}

/* ---- The value itself ---- */

static void check_parsed(struct ad_arena *arena, const struct ad_jws *jws, size_t len)
{
	const char *first = strchr(jws->token, '.');
	const char *second = first ? strchr(first + 1, '.') : NULL;
	AD_ASSERT(strlen(jws->token) == len && second && !strchr(second + 1, '.'));
	AD_ASSERT(first > jws->token && second > first + 1 && second[1]);
	uint8_t *data = NULL;
	size_t data_len = 0;
	struct ad_json *header = NULL;
	AD_ASSERT(ad_base64url_decode(
			  arena, jws->token, (size_t)(first - jws->token), &data, &data_len) == 0);
	AD_ASSERT(ad_json_parse(arena, (const char *)data, data_len, &header, NULL) == 0);
	AD_ASSERT(ad_text_eq(ad_json_str(header, "alg"), "RS256"));
	AD_ASSERT(ad_text_eq(ad_json_str(header, "kid"), jws->kid));
	AD_ASSERT(*jws->kid && strlen(jws->kid) <= AD_IDENTITY_KID_MAX);
	AD_ASSERT(!ad_json_get(header, "crit") && !ad_json_get(header, "jwk"));
	AD_ASSERT(ad_json_kind(jws->payload) == AD_JSON_OBJECT);
}

static void try_token(struct ad_arena *arena, const char *token, size_t len)
{
	struct ad_jws jws;
	struct ad_jws again;
	struct ad_err err = { 0 };
	if (ad_jws_parse(arena, token, len, &jws, &err) != 0) {
		AD_ASSERT(err.code == AD_EAUTH && err.refusal != AD_REFUSED_NONE);
		return;
	}
	AD_ASSERT(len <= AD_IDENTITY_TOKEN_MAX && memcmp(jws.token, token, len) == 0);
	check_parsed(arena, &jws, len);
	AD_ASSERT(ad_jws_parse(arena, jws.token, len, &again, NULL) == 0);
	AD_ASSERT(ad_text_eq(again.kid, jws.kid));
	AD_ASSERT(
		ad_text_eq(ad_json_print(arena, again.payload), ad_json_print(arena, jws.payload)));
	AD_ASSERT(ad_jws_verify(&jws, ad_rsa_key_from_pem(arena, (const char *)stage.pem.data),
			  (const char *)stage.pem.data, NULL) == AD_EAUTH);
}

static void try_value(struct ad_arena *arena, const char *value, size_t len)
{
	struct ad_identity_claims claims;
	struct ad_err err = { 0 };
	size_t scheme = len < 7 ? len : 7;
	AD_ASSERT(ad_identity_verify(stage.identity, arena, value, len, &claims, &err) == AD_EAUTH);
	AD_ASSERT(err.text[0] && err.refusal != AD_REFUSED_NONE);
	AD_ASSERT(!ad_identity_knows(stage.identity, value, len));
	try_token(arena, value, len);
	try_token(arena, value + scheme, len - scheme);
}

/* ---- Tokens that are signed here ---- */

static char *sign(struct ad_arena *arena, char kind, const char *text)
{
	size_t len = 0;
	uint8_t mac[AD_SHA256_LEN];
	uint8_t *signature;
	switch (kind) {
	case 'g': /* good */
	case 'j': /* good, and then one more character */
		signature = raw_sign(arena, stage.key, text, &len);
		return ad_printf(arena, "%s.%s%s", text, ad_base64url(arena, signature, len),
			kind == 'j' ? "=" : "");
	case 'o': /* of another key */
		signature = raw_sign(arena, stage.other, text, &len);
		return ad_printf(arena, "%s.%s", text, ad_base64url(arena, signature, len));
	case 'b': /* one bit is wrong */
		signature = raw_sign(arena, stage.key, text, &len);
		signature[len / 2] ^= 1;
		return ad_printf(arena, "%s.%s", text, ad_base64url(arena, signature, len));
	case 'h': /* HMAC, with the public key for a secret */
		ad_hmac_sha256(stage.pem, text, strlen(text), mac);
		return ad_printf(arena, "%s.%s", text, ad_base64url(arena, mac, sizeof mac));
	default:
		return ad_printf(arena, "%s.AAAA", text);
	}
}

static bool is_past(const struct ad_json *payload, const char *name)
{
	const struct ad_json *value = ad_json_get(payload, name);
	return !value || ad_json_number(value, INFINITY) <= (double)(NOW + AD_IDENTITY_SKEW_S);
}

static bool names_us(const struct ad_json *aud)
{
	AD_JSON_EACH(item, aud)
	{
		if (ad_text_eq(ad_json_text(item), APP_ID))
			return true;
	}
	return ad_text_eq(ad_json_text(aud), APP_ID);
}

/* What protocol and promises want of a token that is let in. */
static void check_claims(struct ad_arena *arena, const char *header_text, const char *payload_text,
	const struct ad_identity_claims *claims)
{
	struct ad_json *header = NULL;
	struct ad_json *payload = NULL;
	AD_ASSERT(ad_json_parse(arena, header_text, strlen(header_text), &header, NULL) == 0);
	AD_ASSERT(ad_json_parse(arena, payload_text, strlen(payload_text), &payload, NULL) == 0);
	AD_ASSERT(ad_text_eq(ad_json_str(header, "alg"), "RS256"));
	AD_ASSERT(ad_text_eq(ad_json_str(header, "kid"), KID) && ad_text_eq(claims->kid, KID));
	AD_ASSERT(ad_text_eq(ad_json_str(payload, "iss"), ISSUER));
	AD_ASSERT(names_us(ad_json_get(payload, "aud")));
	double expires = ad_json_number(ad_json_get(payload, "exp"), -1);
	AD_ASSERT(expires >= NOW - AD_IDENTITY_SKEW_S && (int64_t)expires == claims->expires_s);
	AD_ASSERT(is_past(payload, "nbf") && is_past(payload, "iat"));
	AD_ASSERT(!ad_text_empty(claims->serviceurl));
	AD_ASSERT(ad_text_eq(ad_json_str(payload, "serviceurl"), claims->serviceurl));
	AD_ASSERT(claims->endorsements_count == 1);
}

/* Only our channel, only the service URL of the token. */
static void check_authority(struct ad_arena *arena, const struct ad_identity_claims *claims)
{
	const char *url = claims->serviceurl;
	const char *other = ad_printf(arena, "x%s", url);
	AD_ASSERT(ad_identity_authorize(stage.identity, claims, other, "msteams", NULL) != 0);
	AD_ASSERT(ad_identity_authorize(stage.identity, claims, url, "MSTeams", NULL) != 0);
	if (ad_text_starts(url, "https://"))
		AD_ASSERT(ad_identity_authorize(stage.identity, claims, url, "msteams", NULL) == 0);
}

/* No number that a parser may take for too large. */
static bool has_plain_numbers(const char *text)
{
	for (size_t digits; *text; text += digits ? digits : 1) {
		digits = strspn(text, "0123456789");
		if (digits > 15 || (digits > 0 && (text[digits] | 32) == 'e'))
			return false;
	}
	return true;
}

/* Whether a good signature must be enough: libjwt alone looks at typ, and reads the JSON again. */
static bool must_pass(struct ad_arena *arena, const char *header, const char *payload)
{
	struct ad_json *tree = NULL;
	AD_ASSERT(ad_json_parse(arena, header, strlen(header), &tree, NULL) == 0);
	const char *type = ad_json_str(tree, "typ");
	return (!type || ad_text_eq_nocase(type, "JWT")) && has_plain_numbers(header) &&
	       has_plain_numbers(payload);
}

static unsigned count_verifications(void)
{
	struct ad_identity_status status;
	ad_identity_get_status(stage.identity, &status);
	return status.verifications;
}

static void try_signed(struct ad_arena *arena, char kind, const char *header, const char *payload)
{
	struct ad_identity_claims claims;
	struct ad_identity_claims again;
	char *text = ad_printf(arena, "%s.%s", ad_base64url(arena, header, strlen(header)),
		ad_base64url(arena, payload, strlen(payload)));
	/* Signing is dear: it is done only for a token that nothing else is wrong with. */
	unsigned before = count_verifications();
	char *token = sign(arena, '-', text);
	AD_ASSERT(verify(stage.identity, arena, token, &claims, NULL) == AD_EAUTH);
	if (count_verifications() == before)
		return;
	token = sign(arena, kind, text);
	if (strlen("Bearer ") + strlen(token) > AD_IDENTITY_TOKEN_MAX)
		return; /* the first signature was shorter */
	int rc = verify(stage.identity, arena, token, &claims, NULL);
	AD_ASSERT(rc == AD_EAUTH || (rc == 0 && kind == 'g'));
	AD_ASSERT(rc == 0 || kind != 'g' || !must_pass(arena, header, payload));
	if (rc != 0)
		return;
	check_claims(arena, header, payload, &claims);
	check_authority(arena, &claims);
	/* The second time it comes from the cache. */
	const char *value = ad_printf(arena, "Bearer %s", token);
	before = count_verifications();
	AD_ASSERT(verify(stage.identity, arena, token, &again, NULL) == 0);
	AD_ASSERT(count_verifications() == before);
	AD_ASSERT(ad_identity_knows(stage.identity, value, strlen(value)));
	AD_ASSERT(ad_text_eq(again.serviceurl, claims.serviceurl));
	AD_ASSERT(again.expires_s == claims.expires_s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	if (!stage.identity)
		start();
	struct ad_arena *arena = ad_arena_new();
	const char *text = ad_strndup(arena, (const char *)data, len);
	const char *line =
		len > 3 && text[0] == '=' && text[2] == '\n' ? strchr(text + 3, '\n') : NULL;
	if (line && strlen(text) == len)
		try_signed(arena, text[1], ad_strndup(arena, text + 3, (size_t)(line - text) - 3),
			line + 1);
	else
		try_value(arena, (const char *)data, len);
	ad_arena_free(arena);
	return 0;
}
