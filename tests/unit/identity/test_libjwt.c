/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What libjwt 1.10 lets pass, and that our own reading in front of it does not (protocol.md 1.11).
 * Each test shows both. When a newer library closes a hole, the first half fails: then the check in
 * jws.c may be weighed anew, and not before.
 */
#include "issuer.h"
#include "jws.h"

#include <jwt.h>
#include <openssl/hmac.h>

static struct {
	struct ad_arena *arena;
	EVP_PKEY *key;
	char *pem;
} t;

static int set_up(void **state)
{
	(void)state;
	t.arena = ad_arena_new();
	t.key = make_key(2048);
	t.pem = public_pem(t.arena, t.key);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	EVP_PKEY_free(t.key);
	ad_arena_free(t.arena);
	return 0;
}

/* What libjwt alone says of a token: true when it gives its claims out. */
static bool libjwt_takes(const char *token, const char *pem)
{
	jwt_t *jwt = NULL;
	int rc = jwt_decode(&jwt, token, (const unsigned char *)pem, pem ? (int)strlen(pem) : 0);
	jwt_free(jwt);
	return rc == 0;
}

/* What we say: form first, then the signature. */
static bool we_take(const char *token)
{
	struct ad_jws jws;
	struct ad_err err;
	const struct ad_rsa_key *key = ad_rsa_key_from_pem(t.arena, t.pem);
	return ad_jws_parse(t.arena, token, strlen(token), &jws, &err) == 0 &&
	       ad_jws_verify(&jws, key, t.pem, &err) == 0;
}

static char *good_token(void)
{
	return sign_token(t.arena, t.key, good_header(t.arena, "k"), good_payload(t.arena));
}

static char *hmac_token(const char *header)
{
	char *payload = good_payload(t.arena);
	char *text = ad_printf(t.arena, "%s.%s", ad_base64url(t.arena, header, strlen(header)),
		ad_base64url(t.arena, payload, strlen(payload)));
	unsigned char mac[EVP_MAX_MD_SIZE];
	unsigned len = 0;
	(void)HMAC(EVP_sha256(), t.pem, (int)strlen(t.pem), (const unsigned char *)text,
		strlen(text), mac, &len);
	return ad_printf(t.arena, "%s.%s", text, ad_base64url(t.arena, mac, len));
}

static void a_good_token_is_taken_by_both(void **state)
{
	(void)state;
	assert_true(libjwt_takes(good_token(), t.pem));
	assert_true(we_take(good_token()));
}

/* The algorithm comes from the token: our public key, which everybody has, becomes the secret. */
static void the_public_key_as_a_secret(void **state)
{
	(void)state;
	char *forged = hmac_token("{\"alg\":\"HS256\",\"kid\":\"k\"}");
	assert_true(libjwt_takes(forged, t.pem));
	assert_false(we_take(forged));
}

/* Names of algorithms are compared without case. */
static void an_algorithm_by_another_spelling(void **state)
{
	(void)state;
	char *forged = hmac_token("{\"alg\":\"hs256\",\"kid\":\"k\"}");
	assert_true(libjwt_takes(forged, t.pem));
	assert_false(we_take(forged));
	char *lower = sign_token(
		t.arena, t.key, "{\"alg\":\"rs256\",\"kid\":\"k\"}", good_payload(t.arena));
	assert_true(libjwt_takes(lower, t.pem));
	assert_false(we_take(lower));
}

/* Without a key nothing is verified, and the answer is the same as for a good token. */
static void a_key_that_was_not_found(void **state)
{
	(void)state;
	EVP_PKEY *foreign = make_key(2048);
	char *forged =
		sign_token(t.arena, foreign, good_header(t.arena, "k"), good_payload(t.arena));
	EVP_PKEY_free(foreign);
	assert_true(libjwt_takes(forged, NULL));
	assert_false(libjwt_takes(forged, t.pem));
	assert_false(we_take(forged));
}

/* What stands behind the signature is read over, so a token's text is no key of its own. */
static void junk_behind_the_signature(void **state)
{
	(void)state;
	static const char *const behind[] = { ".", "!", "=", " ", "\n" };
	for (size_t i = 0; i < sizeof behind / sizeof behind[0]; i++) {
		char *token = ad_printf(t.arena, "%s%s", good_token(), behind[i]);
		assert_true(libjwt_takes(token, t.pem));
		assert_false(we_take(token));
	}
}

/* A header that must be understood is not even looked at. */
static void a_critical_header(void **state)
{
	(void)state;
	char *token = sign_token(t.arena, t.key,
		"{\"alg\":\"RS256\",\"kid\":\"k\",\"crit\":[\"exp\"]}", good_payload(t.arena));
	assert_true(libjwt_takes(token, t.pem));
	assert_false(we_take(token));
}

/* Times, audience and issuer are nobody's business there: ours are in identity.c, with their own
 * tests (claims_decide). */
static void claims_are_not_judged(void **state)
{
	(void)state;
	char *expired = sign_token(t.arena, t.key, good_header(t.arena, "k"),
		"{\"exp\":1,\"aud\":\"somebody\",\"iss\":\"anybody\"}");
	assert_true(libjwt_takes(expired, t.pem));
}

/* A list of audiences cannot be had from it as text, and of a claim that is there twice it keeps
 * the last one where our reader refuses both: claims are read by one parser alone, ours. */
static void claims_are_read_in_another_way(void **state)
{
	(void)state;
	jwt_t *jwt = NULL;
	char *list =
		sign_token(t.arena, t.key, good_header(t.arena, "k"), "{\"aud\":[\"" APP_ID "\"]}");
	assert_int_equal(
		jwt_decode(&jwt, list, (const unsigned char *)t.pem, (int)strlen(t.pem)), 0);
	assert_null(jwt_get_grant(jwt, "aud"));
	jwt_free(jwt);
	char *twice = sign_token(
		t.arena, t.key, good_header(t.arena, "k"), "{\"aud\":\"a\",\"aud\":\"b\"}");
	assert_int_equal(
		jwt_decode(&jwt, twice, (const unsigned char *)t.pem, (int)strlen(t.pem)), 0);
	assert_string_equal(jwt_get_grant(jwt, "aud"), "b");
	jwt_free(jwt);
	assert_false(we_take(twice));
}

/* It takes memory for the header from the stack, by the token's own length: reading it here would
 * end the process. Nothing above our limit gets that far. */
static void a_token_above_the_limit_is_not_handed_over(void **state)
{
	(void)state;
	char *header = ad_alloc(t.arena, AD_IDENTITY_TOKEN_MAX + 1);
	memset(header, ' ', AD_IDENTITY_TOKEN_MAX);
	char *token = sign_token(t.arena, t.key,
		ad_printf(t.arena, "{\"alg\":\"RS256\",\"kid\":\"k\"}%s", header),
		good_payload(t.arena));
	assert_true(strlen(token) > AD_IDENTITY_TOKEN_MAX);
	assert_false(we_take(token));
}

#define HOLE(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		HOLE(a_good_token_is_taken_by_both),
		HOLE(the_public_key_as_a_secret),
		HOLE(an_algorithm_by_another_spelling),
		HOLE(a_key_that_was_not_found),
		HOLE(junk_behind_the_signature),
		HOLE(a_critical_header),
		HOLE(claims_are_not_judged),
		HOLE(claims_are_read_in_another_way),
		HOLE(a_token_above_the_limit_is_not_handed_over),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
