/* SPDX-License-Identifier: Apache-2.0 */
/* Promises about sign-ins: what proves a fresh one of the very person passes, and all else says why
 * not. */
#include "issuer.h"

#include "ad/identity/signin.h"

#define KID "key-1"
#define TENANT "99999999-2222-3333-4444-555555555555"
#define PERSON "aaaaaaaa-2222-3333-4444-555555555555"
#define MAX_AGE_S 900

static struct {
	struct issuer issuer;
	struct ad_signin *signin;
	struct ad_arena *arena;
	EVP_PKEY *key;
	EVP_PKEY *foreign;
} t;

static struct ad_signin *new_signin(void)
{
	struct ad_err err = { 0 };
	struct ad_signin *signin = NULL;
	const struct ad_signin_config config = {
		.tenant_id = TENANT,
		.issuer = ISSUER,
		.metadata_url = ad_printf(t.arena, "http://127.0.0.1:%d/metadata", t.issuer.port),
		.audience = APP_ID,
		.allow_http_loopback = true,
		.now_s = read_test_now,
	};
	if (ad_signin_new(&config, &signin, &err) != 0)
		fail_msg("signin: %s", err.text);
	return signin;
}

static int set_up(void **state)
{
	(void)state;
	t.arena = ad_arena_new();
	t.key = make_key(2048);
	t.foreign = make_key(2048);
	issuer_start(&t.issuer);
	issuer_publish(&t.issuer,
		ad_printf(t.arena, "{\"keys\":[%s]}", make_jwk(t.arena, t.key, KID, "")));
	atomic_store(&test_now, NOW);
	t.signin = new_signin();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	ad_signin_free(t.signin);
	issuer_stop(&t.issuer);
	EVP_PKEY_free(t.key);
	EVP_PKEY_free(t.foreign);
	ad_arena_free(t.arena);
	return 0;
}

/* What a token says; NULL: as it should be, "": not at all. Values are JSON. */
struct said {
	const char *iss, *tid, *aud, *oid, *exp, *nbf, *auth_time, *acrs;
};

static const char *member(const char *name, const char *value, const char *usual)
{
	value = value ? value : usual;
	return *value ? ad_printf(t.arena, ",\"%s\":%s", name, value) : "";
}

static char *signed_by(EVP_PKEY *key, const char *header, const struct said *said)
{
	char *payload = ad_printf(t.arena, "{\"ver\":\"2.0\"%s%s%s%s%s%s%s%s}",
		member("iss", said->iss, "\"" ISSUER "\""),
		member("tid", said->tid, "\"" TENANT "\""),
		member("aud", said->aud, "\"" APP_ID "\""),
		member("oid", said->oid, "\"" PERSON "\""), member("exp", said->exp, "1800003600"),
		member("nbf", said->nbf, "1799999990"),
		member("auth_time", said->auth_time, "1799999940"), member("acrs", said->acrs, ""));
	return sign_token(t.arena, key, header, payload);
}

static char *token_of(const struct said *said)
{
	return signed_by(t.key, good_header(t.arena, KID), said);
}

static enum ad_signin_verdict verdict_of(
	const char *token, const char *context, struct ad_signin_proof *ret)
{
	const struct ad_signin_wish wish = {
		.oid = PERSON, .max_age_s = MAX_AGE_S, .context = context
	};
	enum ad_signin_verdict verdict = AD_SIGNIN_FRESH;
	struct ad_err err = { 0 };
	int rc = ad_signin_verify(t.signin, t.arena, token, &wish, &verdict, ret, &err);
	if (rc != 0)
		fail_msg("not judged: %d (%s)", rc, err.text);
	/* A refusal is the caller's to count and to say. */
	assert_int_equal(err.refusal, 0);
	return verdict;
}

static void a_fresh_sign_in_is_proved_with_its_time_and_contexts(void **state)
{
	(void)state;
	struct ad_signin_proof proof;
	const struct said said = { .acrs = "[\"p1\",\"c1\"]" };
	assert_int_equal(verdict_of(token_of(&said), "c1", &proof), AD_SIGNIN_FRESH);
	assert_int_equal(proof.at_s, NOW - 60);
	assert_string_equal(proof.contexts, "p1 c1");
	const struct said plain = { 0 };
	assert_int_equal(verdict_of(token_of(&plain), "", &proof), AD_SIGNIN_FRESH);
	assert_string_equal(proof.contexts, "");
	const struct said one = { .acrs = "\"c1\"",
		.oid = "\"AAAAAAAA-2222-3333-4444-555555555555\"",
		.aud = "[\"x\",\"" APP_ID "\"]" };
	assert_int_equal(verdict_of(token_of(&one), "c1", &proof), AD_SIGNIN_FRESH);
	assert_string_equal(proof.contexts, "c1");
}

static void each_claim_decides(void **state)
{
	(void)state;
	static const struct {
		const char *what;
		struct said said;
		const char *context;
		enum ad_signin_verdict verdict;
	} cases[] = {
		{ "another issuer", { .iss = "\"https://x\"" }, "", AD_SIGNIN_INVALID },
		{ "no issuer", { .iss = "" }, "", AD_SIGNIN_INVALID },
		{ "another tenant", { .tid = "\"" PERSON "\"" }, "", AD_SIGNIN_INVALID },
		{ "no tenant", { .tid = "" }, "", AD_SIGNIN_INVALID },
		{ "another application", { .aud = "\"x\"" }, "", AD_SIGNIN_AUDIENCE },
		{ "no audience", { .aud = "" }, "", AD_SIGNIN_AUDIENCE },
		{ "somebody else", { .oid = "\"" TENANT "\"" }, "", AD_SIGNIN_PERSON },
		{ "nobody", { .oid = "" }, "", AD_SIGNIN_PERSON },
		{ "at its end", { .exp = "1799999700" }, "", AD_SIGNIN_FRESH },
		{ "behind its end", { .exp = "1799999699" }, "", AD_SIGNIN_EXPIRED },
		{ "without an end", { .exp = "" }, "", AD_SIGNIN_INVALID },
		{ "an end that is text", { .exp = "\"1800003600\"" }, "", AD_SIGNIN_INVALID },
		{ "not yet", { .nbf = "1800000301" }, "", AD_SIGNIN_INVALID },
		{ "as old as may be", { .auth_time = "1799999100" }, "", AD_SIGNIN_FRESH },
		{ "a second older", { .auth_time = "1799999099" }, "", AD_SIGNIN_STALE },
		{ "no time", { .auth_time = "" }, "", AD_SIGNIN_STALE },
		{ "a time that is text", { .auth_time = "\"1799999940\"" }, "", AD_SIGNIN_INVALID },
		{ "in the future", { .auth_time = "1800000301" }, "", AD_SIGNIN_INVALID },
		{ "no context", { 0 }, "c1", AD_SIGNIN_CONTEXT },
		{ "another context", { .acrs = "[\"c11\",\"C1\"]" }, "c1", AD_SIGNIN_CONTEXT },
		{ "contexts that are none", { .acrs = "[1,{}]" }, "c1", AD_SIGNIN_CONTEXT },
	};
	struct ad_signin_proof proof;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		enum ad_signin_verdict verdict =
			verdict_of(token_of(&cases[i].said), cases[i].context, &proof);
		if (verdict != cases[i].verdict)
			fail_msg("%s: %s", cases[i].what, ad_signin_verdict_name(verdict));
	}
}

static void what_the_tenant_has_not_signed_is_nothing(void **state)
{
	(void)state;
	struct ad_signin_proof proof;
	const struct said good = { 0 };
	const char *header = good_header(t.arena, KID);
	char *token = token_of(&good);
	const char *const tokens[] = {
		signed_by(t.foreign, header, &good),
		signed_by(t.foreign, good_header(t.arena, "unknown"), &good),
		signed_by(t.key, "{\"alg\":\"none\",\"kid\":\"" KID "\"}", &good),
		signed_by(t.key, "{\"alg\":\"HS256\",\"kid\":\"" KID "\"}", &good),
		ad_printf(t.arena, "%s!", token),
		ad_strndup(t.arena, token, strlen(token) - 1),
		"a.b.c",
		"",
	};
	for (size_t i = 0; i < sizeof tokens / sizeof tokens[0]; i++)
		assert_int_equal(verdict_of(tokens[i], "", &proof), AD_SIGNIN_INVALID);
}

static void without_keys_nobody_is_judged(void **state)
{
	(void)state;
	struct ad_signin_proof proof;
	enum ad_signin_verdict verdict;
	struct ad_err err = { 0 };
	const struct said good = { 0 };
	const struct ad_signin_wish wish = { .oid = PERSON, .max_age_s = MAX_AGE_S, .context = "" };
	atomic_store(&t.issuer.status, 503);
	struct ad_signin *signin = new_signin();
	int rc = ad_signin_verify(signin, t.arena, token_of(&good), &wish, &verdict, &proof, &err);
	ad_signin_free(signin);
	assert_int_equal(rc, AD_EUNAVAIL);
}

static void an_incomplete_config_is_refused(void **state)
{
	(void)state;
	struct ad_signin *signin = NULL;
	const struct ad_signin_config config = {
		.tenant_id = TENANT, .issuer = ISSUER, .metadata_url = "http://127.0.0.1:1/"
	};
	assert_int_equal(ad_signin_new(&config, &signin, NULL), AD_ECONFIG);
	assert_null(signin);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_fresh_sign_in_is_proved_with_its_time_and_contexts, set_up, tear_down),
		cmocka_unit_test_setup_teardown(each_claim_decides, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			what_the_tenant_has_not_signed_is_nothing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(without_keys_nobody_is_judged, set_up, tear_down),
		cmocka_unit_test(an_incomplete_config_is_refused),
	};
	assert_int_equal(ad_net_init(NULL), 0);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	ad_net_exit();
	return failed;
}
