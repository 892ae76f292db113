/* SPDX-License-Identifier: Apache-2.0 */
/* Promises about tokens: a good one passes, each known attack is refused, and one signature is paid
 * for once. */
#include "issuer.h"

#include "ad/refusal.h"

#include <openssl/hmac.h>
#include <openssl/pem.h>

#define KID "key-1"
#define ENDORSED ",\"endorsements\":[\"webchat\",\"msteams\"]"

static struct {
	struct issuer issuer;
	struct ad_identity *identity;
	struct ad_arena *arena;
	EVP_PKEY *key;
	EVP_PKEY *foreign;
} t;

static int set_up(void **state)
{
	(void)state;
	t.arena = ad_arena_new();
	t.key = make_key(2048);
	t.foreign = make_key(2048);
	issuer_start(&t.issuer);
	issuer_publish(&t.issuer,
		ad_printf(t.arena, "{\"keys\":[%s,%s]}", make_jwk(t.arena, t.key, KID, ENDORSED),
			make_jwk(t.arena, t.key, "bare", "")));
	t.identity = identity_start(&t.issuer, 60);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	ad_identity_free(t.identity);
	issuer_stop(&t.issuer);
	EVP_PKEY_free(t.key);
	EVP_PKEY_free(t.foreign);
	ad_arena_free(t.arena);
	return 0;
}

static char *payload(const char *aud, const char *iss, const char *times, const char *serviceurl)
{
	return ad_printf(t.arena, "{\"aud\":%s,\"iss\":%s,%s%s}", aud, iss, times, serviceurl);
}

#define AUD "\"" APP_ID "\""
#define ISS "\"" ISSUER "\""
#define TIMES "\"nbf\":1799999990,\"exp\":1800003600"
#define URL ",\"serviceurl\":\"" SERVICE_URL "\""

static char *token_of(const char *text)
{
	return sign_token(t.arena, t.key, good_header(t.arena, KID), text);
}

static void expect(const char *what, const char *token, int wanted)
{
	struct ad_identity_claims claims;
	struct ad_err err = { 0 };
	int rc = verify(t.identity, t.arena, token, &claims, &err);
	if (rc != wanted)
		fail_msg("%s: got %d (%s)", what, rc, err.text);
	if (rc != 0 && err.refusal == AD_REFUSED_NONE)
		fail_msg("%s: refused without a reason for the counters (%s)", what, err.text);
}

static void expect_why(const char *token, enum ad_refusal wanted)
{
	struct ad_identity_claims claims;
	struct ad_err err = { 0 };
	assert_int_equal(verify(t.identity, t.arena, token, &claims, &err), AD_EAUTH);
	assert_string_equal(ad_refusal_name((enum ad_refusal)err.refusal), ad_refusal_name(wanted));
}

static bool knows(const char *token)
{
	const char *value = ad_printf(t.arena, "Bearer %s", token);
	return ad_identity_knows(t.identity, value, strlen(value));
}

static unsigned verifications(void)
{
	struct ad_identity_status status;
	ad_identity_get_status(t.identity, &status);
	return status.verifications;
}

static void good_token_gives_its_claims(void **state)
{
	(void)state;
	struct ad_identity_claims claims;
	struct ad_err err;
	assert_int_equal(
		verify(t.identity, t.arena, token_of(good_payload(t.arena)), &claims, &err), 0);
	assert_string_equal(claims.serviceurl, SERVICE_URL);
	assert_string_equal(claims.kid, KID);
	assert_int_equal(claims.endorsements_count, 2);
	assert_string_equal(claims.endorsements[1], "msteams");
	assert_int_equal(claims.expires_s, NOW + 3600);
}

static void claims_decide(void **state)
{
	(void)state;
	static const struct {
		const char *what;
		const char *aud;
		const char *iss;
		const char *times;
		const char *url;
		int result;
	} cases[] = {
		{ "as it should be", AUD, ISS, TIMES, URL, 0 },
		{ "aud list with ours", "[\"x\"," AUD "]", ISS, TIMES, URL, 0 },
		{ "aud list without ours", "[\"x\"]", ISS, TIMES, URL, AD_EAUTH },
		{ "aud empty list", "[]", ISS, TIMES, URL, AD_EAUTH },
		{ "other aud", "\"other\"", ISS, TIMES, URL, AD_EAUTH },
		{ "aud with scheme", "\"api://" APP_ID "\"", ISS, TIMES, URL, AD_EAUTH },
		{ "aud empty", "\"\"", ISS, TIMES, URL, AD_EAUTH },
		{ "aud null", "null", ISS, TIMES, URL, AD_EAUTH },
		{ "other iss", AUD, "\"https://evil\"", TIMES, URL, AD_EAUTH },
		{ "gov iss", AUD, "\"https://api.botframework.us\"", TIMES, URL, AD_EAUTH },
		{ "iss with slash", AUD, "\"" ISSUER "/\"", TIMES, URL, AD_EAUTH },
		{ "iss upper case", AUD, "\"HTTPS://API.BOTFRAMEWORK.COM\"", TIMES, URL, AD_EAUTH },
		{ "iss list", AUD, "[" ISS "]", TIMES, URL, AD_EAUTH },
		{ "iss null", AUD, "null", TIMES, URL, AD_EAUTH },
		{ "no exp", AUD, ISS, "\"nbf\":1799999990", URL, AD_EAUTH },
		{ "exp as text", AUD, ISS, "\"exp\":\"1800003600\"", URL, AD_EAUTH },
		{ "exp null", AUD, ISS, "\"exp\":null", URL, AD_EAUTH },
		{ "exp huge", AUD, ISS, "\"exp\":1e300", URL, AD_EAUTH },
		{ "exp negative", AUD, ISS, "\"exp\":-1", URL, AD_EAUTH },
		{ "expired 301 s ago", AUD, ISS, "\"exp\":1799999699", URL, AD_EAUTH },
		{ "expired 299 s ago", AUD, ISS, "\"exp\":1799999701", URL, 0 },
		{ "nbf in 301 s", AUD, ISS, "\"nbf\":1800000301,\"exp\":1800003600", URL,
			AD_EAUTH },
		{ "nbf in 299 s", AUD, ISS, "\"nbf\":1800000299,\"exp\":1800003600", URL, 0 },
		{ "nbf as text", AUD, ISS, "\"nbf\":\"1\",\"exp\":1800003600", URL, AD_EAUTH },
		{ "iat in the future", AUD, ISS, "\"iat\":1800000301,\"exp\":1800003600", URL,
			AD_EAUTH },
		{ "no nbf", AUD, ISS, "\"exp\":1800003600", URL, 0 },
		{ "no serviceurl", AUD, ISS, TIMES, "", AD_EAUTH },
		{ "camel-case serviceUrl", AUD, ISS, TIMES, ",\"serviceUrl\":\"" SERVICE_URL "\"",
			AD_EAUTH },
		{ "empty serviceurl", AUD, ISS, TIMES, ",\"serviceurl\":\"\"", AD_EAUTH },
		{ "null serviceurl", AUD, ISS, TIMES, ",\"serviceurl\":null", AD_EAUTH },
		{ "serviceurl list", AUD, ISS, TIMES, ",\"serviceurl\":[\"" SERVICE_URL "\"]",
			AD_EAUTH },
		{ "claim twice", AUD, ISS, TIMES, URL ",\"aud\":\"x\"", AD_EAUTH },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		expect(cases[i].what,
			token_of(payload(cases[i].aud, cases[i].iss, cases[i].times, cases[i].url)),
			cases[i].result);
}

static void headers_that_choose_algorithm_or_key_are_refused(void **state)
{
	(void)state;
	static const char *const headers[] = {
		"{\"alg\":\"none\",\"kid\":\"key-1\"}",
		"{\"alg\":\"None\",\"kid\":\"key-1\"}",
		"{\"alg\":\"HS256\",\"kid\":\"key-1\"}",
		"{\"alg\":\"RS384\",\"kid\":\"key-1\"}",
		"{\"alg\":\"PS256\",\"kid\":\"key-1\"}",
		"{\"alg\":\"ES256\",\"kid\":\"key-1\"}",
		"{\"alg\":\"rs256\",\"kid\":\"key-1\"}",
		"{\"alg\":[\"RS256\"],\"kid\":\"key-1\"}",
		"{\"alg\":\"RS256\",\"alg\":\"RS256\",\"kid\":\"key-1\"}",
		"{\"kid\":\"key-1\"}",
		"{\"alg\":\"RS256\"}",
		"{\"alg\":\"RS256\",\"kid\":\"\"}",
		"{\"alg\":\"RS256\",\"kid\":1}",
		"{\"alg\":\"RS256\",\"kid\":\"key-1\",\"crit\":[\"exp\"]}",
		"{\"alg\":\"RS256\",\"kid\":\"key-1\",\"crit\":[]}",
		"{\"alg\":\"RS256\",\"kid\":\"key-1\",\"b64\":true}",
		"{\"alg\":\"RS256\",\"kid\":\"key-1\",\"jku\":\"https://evil\"}",
		"{\"alg\":\"RS256\",\"kid\":\"key-1\",\"x5u\":\"https://evil\"}",
		"{\"alg\":\"RS256\",\"kid\":\"key-1\",\"jwk\":{}}",
		"{\"alg\":\"RS256\",\"kid\":\"key-1\",\"x5c\":[]}",
		"{\"alg\":\"RS256\",\"kid\":\"KEY-1\"}",
		"{\"alg\":\"RS256\",\"kid\":\"key-1\\u0000\"}",
		"{\"alg\":\"RS256\",\"kid\":\"../key-1\"}",
		"[\"RS256\"]",
		"null",
		"",
	};
	for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++)
		expect(headers[i], sign_token(t.arena, t.key, headers[i], good_payload(t.arena)),
			AD_EAUTH);
	char *long_kid = ad_alloc(t.arena, AD_IDENTITY_KID_MAX + 2);
	memset(long_kid, 'k', AD_IDENTITY_KID_MAX + 1);
	expect("long kid",
		sign_token(t.arena, t.key, good_header(t.arena, long_kid), good_payload(t.arena)),
		AD_EAUTH);
}

/* The classic: the public key is known to everybody, so it is no secret to sign with. */
static void public_key_as_hmac_secret_is_refused(void **state)
{
	(void)state;
	static const char *const algorithms[] = { "HS256", "RS256" };
	char *pem = public_pem(t.arena, t.key);
	for (size_t i = 0; i < 2; i++) {
		char *header =
			ad_printf(t.arena, "{\"alg\":\"%s\",\"kid\":\"" KID "\"}", algorithms[i]);
		char *body = good_payload(t.arena);
		char *text =
			ad_printf(t.arena, "%s.%s", ad_base64url(t.arena, header, strlen(header)),
				ad_base64url(t.arena, body, strlen(body)));
		unsigned char mac[EVP_MAX_MD_SIZE];
		unsigned len = 0;
		(void)HMAC(EVP_sha256(), pem, (int)strlen(pem), (const unsigned char *)text,
			strlen(text), mac, &len);
		expect(algorithms[i],
			ad_printf(t.arena, "%s.%s", text, ad_base64url(t.arena, mac, len)),
			AD_EAUTH);
	}
}

static void changed_tokens_are_refused(void **state)
{
	(void)state;
	char *good = token_of(good_payload(t.arena));
	char *other = token_of(payload(AUD, ISS, "\"exp\":1800003601", URL));
	char *dot = strchr(good, '.');
	char *last = strrchr(good, '.');
	size_t len = strlen(good);
	static const char *const behind[] = { ".", "!", "=", "==", "\n", "\t", "A", ".e30", "%00" };
	for (size_t i = 0; i < sizeof behind / sizeof behind[0]; i++)
		expect(behind[i], ad_printf(t.arena, "%s%s", good, behind[i]), AD_EAUTH);
	expect("signed by another",
		sign_token(t.arena, t.foreign, good_header(t.arena, KID), good_payload(t.arena)),
		AD_EAUTH);
	expect("payload of another",
		ad_printf(t.arena, "%.*s%.*s%s", (int)(dot - good), good,
			(int)(strrchr(other, '.') - strchr(other, '.')), strchr(other, '.'), last),
		AD_EAUTH);
	expect("no signature", ad_strndup(t.arena, good, (size_t)(last - good) + 1), AD_EAUTH);
	expect("two segments", ad_strndup(t.arena, good, (size_t)(last - good)), AD_EAUTH);
	expect("one segment", ad_strndup(t.arena, good, (size_t)(dot - good)), AD_EAUTH);
	expect("truncated", ad_strndup(t.arena, good, len - 4), AD_EAUTH);
	expect("empty middle", ad_printf(t.arena, "%.*s.%s", (int)(dot - good), good, last),
		AD_EAUTH);
	for (size_t at = (size_t)(last - good) + 1; at < len; at += 40) {
		char *flipped = ad_strdup(t.arena, good);
		flipped[at] = flipped[at] == 'A' ? 'B' : 'A';
		expect("flipped", flipped, AD_EAUTH);
	}
	expect("untouched", good, 0);
}

static void only_one_bearer_token_counts(void **state)
{
	(void)state;
	char *good = token_of(good_payload(t.arena));
	struct {
		const char *value;
		int result;
	} cases[] = {
		{ NULL, AD_EAUTH },
		{ "", AD_EAUTH },
		{ "Bearer", AD_EAUTH },
		{ "Bearer ", AD_EAUTH },
		{ good, AD_EAUTH },
		{ ad_printf(t.arena, "Basic %s", good), AD_EAUTH },
		{ ad_printf(t.arena, "Bearer  %s", good), AD_EAUTH },
		{ ad_printf(t.arena, "Bearer %s %s", good, good), AD_EAUTH },
		{ ad_printf(t.arena, "Bearer %s,Bearer %s", good, good), AD_EAUTH },
		{ ad_printf(t.arena, "bearer %s", good), 0 },
		{ ad_printf(t.arena, "Bearer %s", good), 0 },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct ad_identity_claims claims;
		const char *value = cases[i].value;
		int rc = ad_identity_verify(
			t.identity, t.arena, value, value ? strlen(value) : 0, &claims, NULL);
		if (rc != cases[i].result)
			fail_msg("case %zu gave %d", i, rc);
	}
	char *huge = ad_alloc(t.arena, AD_IDENTITY_TOKEN_MAX + 1);
	memset(huge, 'A', AD_IDENTITY_TOKEN_MAX + 1);
	memcpy(huge, "Bearer ", 7);
	struct ad_identity_claims claims;
	assert_int_equal(ad_identity_verify(t.identity, t.arena, huge, AD_IDENTITY_TOKEN_MAX + 1,
				 &claims, NULL),
		AD_EAUTH);
	assert_int_equal(
		ad_identity_verify(t.identity, t.arena, huge, AD_IDENTITY_TOKEN_MAX, &claims, NULL),
		AD_EAUTH);
}

static void junk_causes_neither_key_fetch_nor_signature_check(void **state)
{
	(void)state;
	expect("good", token_of(good_payload(t.arena)), 0);
	unsigned before = verifications();
	int fetches = atomic_load(&t.issuer.key_fetches);
	char *header = good_header(t.arena, "unknown");
	expect("wrong issuer, unknown key",
		sign_token(t.arena, t.foreign, header, payload(AUD, "\"x\"", TIMES, URL)),
		AD_EAUTH);
	expect("expired, unknown key",
		sign_token(t.arena, t.foreign, header, payload(AUD, ISS, "\"exp\":1", URL)),
		AD_EAUTH);
	expect("unknown key within the interval",
		sign_token(t.arena, t.foreign, header, good_payload(t.arena)), AD_EAUTH);
	assert_int_equal(verifications(), before);
	assert_int_equal(atomic_load(&t.issuer.key_fetches), fetches);
}

static void each_refusal_says_why(void **state)
{
	(void)state;
	expect_why("x.y", AD_REFUSED_TOKEN_FORM);
	expect_why(sign_token(t.arena, t.key, "{\"alg\":\"none\",\"kid\":\"" KID "\"}",
			   good_payload(t.arena)),
		AD_REFUSED_TOKEN_ALGORITHM);
	expect_why(sign_token(t.arena, t.key,
			   "{\"alg\":\"RS256\",\"kid\":\"" KID "\",\"jku\":\"https://x\"}",
			   good_payload(t.arena)),
		AD_REFUSED_TOKEN_HEADER);
	expect_why(token_of(payload(AUD, "\"x\"", TIMES, URL)), AD_REFUSED_TOKEN_ISSUER);
	expect_why(token_of(payload("\"x\"", ISS, TIMES, URL)), AD_REFUSED_TOKEN_AUDIENCE);
	expect_why(token_of(payload(AUD, ISS, "\"exp\":1", URL)), AD_REFUSED_TOKEN_TIME);
	expect_why(token_of(payload(AUD, ISS, TIMES, "")), AD_REFUSED_TOKEN_CLAIMS);
	expect_why(
		sign_token(t.arena, t.key, good_header(t.arena, "unknown"), good_payload(t.arena)),
		AD_REFUSED_TOKEN_KEY);
	expect_why(sign_token(t.arena, t.foreign, good_header(t.arena, KID), good_payload(t.arena)),
		AD_REFUSED_TOKEN_SIGNATURE);
}

static void only_a_verified_token_is_known_and_only_while_it_is_good(void **state)
{
	(void)state;
	char *good = token_of(good_payload(t.arena));
	assert_false(knows(good));
	expect("good", good, 0);
	assert_true(knows(good));
	assert_false(knows(ad_printf(t.arena, "%s=", good)));
	char *forged =
		sign_token(t.arena, t.foreign, good_header(t.arena, KID), good_payload(t.arena));
	expect("forged", forged, AD_EAUTH);
	assert_false(knows(forged));
	assert_false(ad_identity_knows(t.identity, NULL, 0));
	atomic_store(&test_now, NOW + 3600 + 301);
	assert_false(knows(good));
}

/* A flood of new tokens has its share of the processor; those that were seen before need none. */
static void a_flood_of_signatures_is_bounded_and_known_tokens_pass_it(void **state)
{
	(void)state;
	enum { CHECKS = 3 };
	char *good = token_of(good_payload(t.arena));
	char *forged =
		sign_token(t.arena, t.foreign, good_header(t.arena, KID), good_payload(t.arena));
	ad_identity_free(t.identity);
	t.identity = identity_limited(&t.issuer, 60, CHECKS);
	expect("good", good, 0);
	struct ad_identity_claims claims;
	struct ad_err err = { 0 };
	int rc = AD_EAUTH;
	for (int i = 0; i < 10000 && rc == AD_EAUTH; i++)
		rc = verify(t.identity, t.arena, forged, &claims, &err);
	assert_int_equal(rc, AD_EBUSY);
	assert_int_equal(err.refusal, AD_REFUSED_SIGNATURES);
	assert_int_equal(err.retry_after_s, 1);
	expect("known", good, 0);
}

static void verified_token_is_not_verified_again_until_it_expires(void **state)
{
	(void)state;
	char *good = token_of(good_payload(t.arena));
	expect("first", good, 0);
	assert_int_equal(verifications(), 1);
	for (int i = 0; i < 10; i++)
		expect("again", good, 0);
	assert_int_equal(verifications(), 1);
	/* the same token with junk behind it is another token */
	expect("junk", ad_printf(t.arena, "%s=", good), AD_EAUTH);
	char *forged =
		sign_token(t.arena, t.foreign, good_header(t.arena, KID), good_payload(t.arena));
	expect("forged", forged, AD_EAUTH);
	expect("forged again", forged, AD_EAUTH);
	assert_int_equal(verifications(), 3);
	atomic_store(&test_now, NOW + 3600 + 299);
	expect("within the skew", good, 0);
	atomic_store(&test_now, NOW + 3600 + 301);
	expect("expired", good, AD_EAUTH);
	assert_int_equal(verifications(), 3);
}

static void cache_stays_bounded_and_right_with_many_tokens(void **state)
{
	(void)state;
	enum { TOKENS = 40 };
	char *tokens[TOKENS];
	for (int i = 0; i < TOKENS; i++) {
		tokens[i] = token_of(ad_printf(t.arena,
			"{\"aud\":\"%s\",\"iss\":\"%s\",\"exp\":%lld,\"serviceurl\":\"https://h/"
			"%d\"}",
			APP_ID, ISSUER, NOW + 3600, i));
		expect("first", tokens[i], 0);
	}
	for (int i = 0; i < TOKENS; i++) {
		struct ad_identity_claims claims;
		assert_int_equal(verify(t.identity, t.arena, tokens[i], &claims, NULL), 0);
		assert_string_equal(claims.serviceurl, ad_printf(t.arena, "https://h/%d", i));
	}
}

static void activity_must_fit_the_token(void **state)
{
	(void)state;
	struct ad_identity_claims good;
	struct ad_identity_claims bare;
	assert_int_equal(
		verify(t.identity, t.arena, token_of(good_payload(t.arena)), &good, NULL), 0);
	assert_int_equal(verify(t.identity, t.arena,
				 sign_token(t.arena, t.key, good_header(t.arena, "bare"),
					 good_payload(t.arena)),
				 &bare, NULL),
		0);
	static const struct {
		const char *url;
		const char *channel;
		int result;
	} cases[] = {
		{ SERVICE_URL, "msteams", 0 },
		{ "https://smba.trafficmanager.net/emea", "msteams", 0 },
		{ "HTTPS://SMBA.TrafficManager.NET/emea/", "msteams", 0 },
		{ "https://smba.trafficmanager.net/emea//", "msteams", AD_EAUTH },
		{ "https://smba.trafficmanager.net/EMEA/", "msteams", AD_EAUTH },
		{ "https://smba.trafficmanager.net/amer/", "msteams", AD_EAUTH },
		{ "https://smba.trafficmanager.net/emea/x", "msteams", AD_EAUTH },
		{ "https://smba.trafficmanager.net", "msteams", AD_EAUTH },
		{ "https://evil.example/emea/", "msteams", AD_EAUTH },
		{ "https://smba.trafficmanager.net@evil/", "msteams", AD_EAUTH },
		{ "http://smba.trafficmanager.net/emea/", "msteams", AD_EAUTH },
		{ "/", "msteams", AD_EAUTH }, { "", "msteams", AD_EINVAL },
		{ NULL, "msteams", AD_EINVAL }, { SERVICE_URL, "MSTeams", AD_EDENIED },
		{ SERVICE_URL, "", AD_EDENIED }, { SERVICE_URL, NULL, AD_EDENIED },
		{ SERVICE_URL, "emulator", AD_EDENIED },
		{ SERVICE_URL, "webchat", AD_EDENIED }, /* endorsed, but not configured */
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		int rc = ad_identity_authorize(
			t.identity, &good, cases[i].url, cases[i].channel, NULL);
		if (rc != cases[i].result)
			fail_msg("case %zu gave %d", i, rc);
	}
	/* a key that endorses nothing carries nothing */
	assert_int_equal(
		ad_identity_authorize(t.identity, &bare, SERVICE_URL, "msteams", NULL), AD_EDENIED);
}

static void wrong_config_is_refused(void **state)
{
	(void)state;
	static const struct ad_identity_config cases[] = {
		{ .app_id = "", .issuer = ISSUER, .metadata_url = "https://h/" },
		{ .app_id = APP_ID, .issuer = NULL, .metadata_url = "https://h/" },
		{ .app_id = APP_ID, .issuer = ISSUER, .metadata_url = "no url" },
		{ .app_id = APP_ID,
			.issuer = ISSUER,
			.metadata_url = "http://h/",
			.allow_http_loopback = true },
		{ .app_id = APP_ID, .issuer = ISSUER, .metadata_url = "http://127.0.0.1/" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct ad_identity *identity = NULL;
		assert_int_equal(ad_identity_new(&cases[i], &identity, NULL), AD_ECONFIG);
	}
}

#define TOKEN_TEST(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TOKEN_TEST(good_token_gives_its_claims),
		TOKEN_TEST(claims_decide),
		TOKEN_TEST(headers_that_choose_algorithm_or_key_are_refused),
		TOKEN_TEST(public_key_as_hmac_secret_is_refused),
		TOKEN_TEST(changed_tokens_are_refused),
		TOKEN_TEST(only_one_bearer_token_counts),
		TOKEN_TEST(junk_causes_neither_key_fetch_nor_signature_check),
		TOKEN_TEST(each_refusal_says_why),
		TOKEN_TEST(only_a_verified_token_is_known_and_only_while_it_is_good),
		TOKEN_TEST(a_flood_of_signatures_is_bounded_and_known_tokens_pass_it),
		TOKEN_TEST(verified_token_is_not_verified_again_until_it_expires),
		TOKEN_TEST(cache_stays_bounded_and_right_with_many_tokens),
		TOKEN_TEST(activity_must_fit_the_token),
		cmocka_unit_test(wrong_config_is_refused),
	};
	struct ad_err err;
	if (ad_net_init(&err) != 0)
		return 1;
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	ad_net_exit();
	return failed;
}
