/* SPDX-License-Identifier: Apache-2.0 */
/* Promises about the issuer's keys: fetched once, rotated, kept through outages, never weakened. */
#include "issuer.h"
#include "key_set.h"

#include "ad/clock.h"

#include <sched.h>

#define ENDORSED ",\"endorsements\":[\"msteams\"]"

static struct {
	struct issuer issuer;
	struct ad_arena *arena;
	EVP_PKEY *one;
	EVP_PKEY *two;
} t;

static int make_keys(void **state)
{
	(void)state;
	t.one = make_key(2048);
	t.two = make_key(2048);
	return 0;
}

static int free_keys(void **state)
{
	(void)state;
	EVP_PKEY_free(t.one);
	EVP_PKEY_free(t.two);
	return 0;
}

static int set_up(void **state)
{
	(void)state;
	t.arena = ad_arena_new();
	issuer_start(&t.issuer);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	issuer_stop(&t.issuer);
	ad_arena_free(t.arena);
	return 0;
}

static void publish(EVP_PKEY *key, const char *kid)
{
	issuer_publish(&t.issuer,
		ad_printf(t.arena, "{\"keys\":[%s]}", make_jwk(t.arena, key, kid, ENDORSED)));
}

static char *token(EVP_PKEY *key, const char *kid)
{
	return sign_token(t.arena, key, good_header(t.arena, kid), good_payload(t.arena));
}

static int try_token(struct ad_identity *identity, const char *text)
{
	struct ad_arena *arena = ad_arena_new();
	struct ad_identity_claims claims;
	int rc = verify(identity, arena, text, &claims, NULL);
	ad_arena_free(arena);
	return rc;
}

/* ---- Fetching ---- */

enum { CROWD = 50 };

struct visitor {
	struct ad_identity *identity;
	const char *token;
	int rc;
};

static void *visit(void *ctx)
{
	struct visitor *visitor = ctx;
	visitor->rc = try_token(visitor->identity, visitor->token);
	return NULL;
}

static void fifty_first_requests_cause_one_fetch(void **state)
{
	(void)state;
	publish(t.one, "one");
	atomic_store(&t.issuer.hold, true);
	struct ad_identity *identity = identity_start(&t.issuer, 60);
	struct visitor visitors[CROWD];
	pthread_t threads[CROWD];
	for (int i = 0; i < CROWD; i++) {
		visitors[i] = (struct visitor){ identity, token(t.one, "one"), -1 };
		assert_int_equal(
			ad_thread_start(&threads[i], "visitor", visit, &visitors[i], NULL), 0);
	}
	issuer_release(&t.issuer);
	for (int i = 0; i < CROWD; i++) {
		(void)pthread_join(threads[i], NULL);
		assert_int_equal(visitors[i].rc, 0);
	}
	assert_int_equal(atomic_load(&t.issuer.key_fetches), 1);
	assert_int_equal(atomic_load(&t.issuer.metadata_fetches), 1);
	ad_identity_free(identity);
}

static void rotated_key_is_found_and_the_old_one_stops(void **state)
{
	(void)state;
	publish(t.one, "one");
	struct ad_identity *identity = identity_start(&t.issuer, -1); /* no interval */
	char *old = token(t.one, "one");
	assert_int_equal(try_token(identity, old), 0);
	publish(t.two, "two");
	assert_int_equal(try_token(identity, token(t.two, "two")), 0);
	assert_int_equal(atomic_load(&t.issuer.key_fetches), 2);
	/* also the verified and cached one */
	assert_int_equal(try_token(identity, old), AD_EAUTH);
	ad_identity_free(identity);
}

static void same_id_with_another_key_needs_a_new_signature_check(void **state)
{
	(void)state;
	publish(t.one, "one");
	struct ad_identity *identity = identity_start(&t.issuer, -1);
	char *old = token(t.one, "one");
	assert_int_equal(try_token(identity, old), 0);
	publish(t.two, "one");
	assert_int_equal(try_token(identity, token(t.two, "unknown")), AD_EAUTH); /* refreshes */
	assert_int_equal(try_token(identity, old), AD_EAUTH);
	ad_identity_free(identity);
}

static void unknown_key_ids_cause_one_fetch_in_the_interval(void **state)
{
	(void)state;
	publish(t.one, "one");
	struct ad_identity *identity = identity_start(&t.issuer, 60);
	assert_int_equal(try_token(identity, token(t.one, "one")), 0);
	for (int i = 0; i < 30; i++) {
		char *kid = ad_printf(t.arena, "unknown-%d", i);
		assert_int_equal(try_token(identity, token(t.two, kid)), AD_EAUTH);
	}
	assert_int_equal(atomic_load(&t.issuer.key_fetches), 1);
	ad_identity_free(identity);
}

static void warm_keys_survive_an_outage_but_not_for_ever(void **state)
{
	(void)state;
	publish(t.one, "one");
	struct ad_identity *identity = identity_start(&t.issuer, -1);
	char *first = sign_token(t.arena, t.one, good_header(t.arena, "one"),
		ad_printf(t.arena,
			"{\"aud\":\"%s\",\"iss\":\"%s\",\"exp\":%lld,\"serviceurl\":\"%s\"}",
			APP_ID, ISSUER, NOW + 400000, SERVICE_URL));
	assert_int_equal(try_token(identity, first), 0);
	atomic_store(&t.issuer.status, 503);
	/* an unknown id meanwhile: refused, and the good set stays */
	assert_int_equal(try_token(identity, token(t.two, "two")), AD_EAUTH);
	atomic_store(&test_now, NOW + 25 * 3600);
	assert_int_equal(try_token(identity, first), 0);
	struct ad_identity_status status;
	ad_identity_get_status(identity, &status);
	assert_true(status.keys_loaded);
	assert_int_equal(status.keys_age_s, 25 * 3600);
	assert_int_equal(status.keys_count, 1);
	assert_int_equal(status.error.code, AD_EUNAVAIL);
	atomic_store(&test_now, NOW + 73 * 3600);
	assert_int_equal(try_token(identity, first), AD_EUNAVAIL);
	ad_identity_free(identity);
}

static void useless_documents_do_not_replace_good_keys(void **state)
{
	(void)state;
	static const char *const documents[] = { "{}", "{\"keys\":[]}", "null", "[]", "",
		"{\"keys\":null}", "{\"keys\":[null]}", "{\"keys\":[{}]}", "{\"keys\":", "<html>" };
	for (size_t i = 0; i < sizeof documents / sizeof documents[0]; i++) {
		publish(t.one, "one");
		struct ad_identity *identity = identity_start(&t.issuer, -1);
		assert_int_equal(try_token(identity, token(t.one, "one")), 0);
		issuer_publish(&t.issuer, documents[i]);
		assert_int_equal(try_token(identity, token(t.two, "two")), AD_EAUTH);
		assert_int_equal(try_token(identity, token(t.one, "one")), 0);
		ad_identity_free(identity);
	}
}

static void without_any_keys_nobody_is_judged_and_it_heals_by_itself(void **state)
{
	(void)state;
	atomic_store(&t.issuer.status, 500);
	publish(t.one, "one");
	struct ad_identity *identity = identity_start(&t.issuer, 60);
	struct ad_err err = { 0 };
	struct ad_identity_claims claims;
	assert_int_equal(
		verify(identity, t.arena, token(t.one, "one"), &claims, &err), AD_EUNAVAIL);
	assert_true(err.retry_after_s > 0);
	atomic_store(&t.issuer.status, 0);
	/* the next try comes after a back-off of about a second */
	struct ad_identity_status status = { 0 };
	while (!status.keys_loaded)
		ad_identity_get_status(identity, &status);
	assert_int_equal(try_token(identity, token(t.one, "one")), 0);
	ad_identity_free(identity);
}

static void key_document_must_be_on_the_origin_of_the_metadata(void **state)
{
	(void)state;
	const char *const urls[] = {
		"https://login.botframework.com/keys",
		ad_printf(t.arena, "http://localhost:%d/keys", t.issuer.port),
		ad_printf(t.arena, "https://127.0.0.1:%d/keys", t.issuer.port),
		ad_printf(t.arena, "http://127.0.0.1:%d/keys", t.issuer.port + 1),
		"not a url",
	};
	publish(t.one, "one");
	for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++) {
		(void)pthread_mutex_lock(&t.issuer.lock);
		t.issuer.keys_url = ad_strdup(t.issuer.arena, urls[i]);
		(void)pthread_mutex_unlock(&t.issuer.lock);
		struct ad_identity *identity = identity_start(&t.issuer, 60);
		assert_int_equal(try_token(identity, token(t.one, "one")), AD_EUNAVAIL);
		ad_identity_free(identity);
	}
	assert_int_equal(atomic_load(&t.issuer.key_fetches), 0);
}

/* ---- Reading key documents ---- */

/* Number of usable keys in a document with these entries; -1 when it is refused. */
static int usable(const char *entries)
{
	struct ad_key_set *set = NULL;
	char *json = ad_printf(t.arena, "{\"keys\":[%s]}", entries);
	if (ad_key_set_parse(json, strlen(json), NOW, &set, NULL) != 0)
		return -1;
	int count = (int)set->count;
	ad_key_set_unref(set);
	return count;
}

static void only_strong_rsa_signing_keys_are_used(void **state)
{
	(void)state;
	EVP_PKEY *weak = make_key(1024);
	char *good = make_jwk(t.arena, t.one, "one", "");
	assert_int_equal(usable(good), 1);
	assert_int_equal(usable(make_jwk(t.arena, weak, "weak", "")), -1);
	assert_int_equal(usable(make_jwk(t.arena, t.one, "", "")), -1);
	assert_int_equal(usable(make_jwk(t.arena, t.one, "k", ",\"alg\":\"RS512\"")), -1);
	assert_int_equal(usable(make_jwk(t.arena, t.one, "k", ",\"alg\":\"RS256\"")), 1);
	assert_int_equal(usable("{\"kty\":\"EC\",\"kid\":\"k\",\"crv\":\"P-256\"}"), -1);
	assert_int_equal(usable("{\"kty\":\"oct\",\"kid\":\"k\",\"k\":\"AAAA\"}"), -1);
	assert_int_equal(
		usable("{\"kty\":\"RSA\",\"kid\":\"k\",\"n\":\"AQAB\",\"e\":\"AQAB\"}"), -1);
	char *n = strstr(good, "\"n\":");
	assert_int_equal(
		usable(ad_printf(t.arena, "{\"kty\":\"RSA\",\"use\":\"enc\",\"kid\":\"k\",%s", n)),
		-1);
	assert_int_equal(usable(ad_printf(t.arena, "{\"kty\":\"RSA\",\"kid\":\"k\",%.*s}",
				 (int)(strstr(n, ",\"e\"") - n), n)),
		-1);
	/* exponent 3 */
	assert_int_equal(
		usable(ad_printf(t.arena, "{\"kty\":\"RSA\",\"kid\":\"k\",%.*s,\"e\":\"Aw\"}",
			(int)(strstr(n, ",\"e\"") - n), n)),
		-1);
	/* bad entries do not harm good ones; a repeated id counts once */
	assert_int_equal(
		usable(ad_printf(t.arena, "{},%s,%s", good, make_jwk(t.arena, t.two, "one", ""))),
		1);
	EVP_PKEY_free(weak);
}

static void key_with_a_certificate_is_used_while_that_is_valid(void **state)
{
	(void)state;
	static const struct {
		long from;
		long until;
		int count;
	} cases[] = { { -100, 100, 1 }, { -200, -100, -1 }, { 100, 200, -1 } };
	for (size_t i = 0; i < 3; i++) {
		char *rest = ad_printf(t.arena, ",\"x5c\":[\"%s\"]",
			make_x5c(t.arena, t.one, cases[i].from, cases[i].until));
		assert_int_equal(usable(make_jwk(t.arena, t.one, "k", rest)), cases[i].count);
	}
	assert_int_equal(usable(make_jwk(t.arena, t.one, "k", ",\"x5c\":[\"AAAA\"]")), -1);
	assert_int_equal(usable(make_jwk(t.arena, t.one, "k", ",\"x5c\":[1]")), -1);
	assert_int_equal(usable(make_jwk(t.arena, t.one, "k", ",\"x5c\":[]")), 1);
	/* and it stops when the certificate ends, although the set is kept */
	char *rest = ad_printf(t.arena, ",\"x5c\":[\"%s\"]", make_x5c(t.arena, t.one, -100, 100));
	char *json = ad_printf(t.arena, "{\"keys\":[%s]}", make_jwk(t.arena, t.one, "k", rest));
	struct ad_key_set *set = NULL;
	assert_int_equal(ad_key_set_parse(json, strlen(json), NOW, &set, NULL), 0);
	assert_non_null(ad_key_set_find(set, "k", NOW));
	assert_null(ad_key_set_find(set, "k", NOW + 101));
	assert_null(ad_key_set_find(set, "K", NOW));
	ad_key_set_unref(set);
}

static void endorsements_are_taken_only_as_a_list_of_names(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		size_t count;
	} cases[] = {
		{ ",\"endorsements\":[\"msteams\",\"webchat\"]", 2 },
		{ ",\"endorsements\":\"msteams\"", 0 },
		{ ",\"endorsements\":[]", 0 },
		{ ",\"endorsements\":{\"a\":\"msteams\"}", 0 },
		{ ",\"endorsements\":[1,null,\"\",[\"msteams\"],\"msteams\"]", 1 },
		{ "", 0 },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct ad_key_set *set = NULL;
		char *json = ad_printf(
			t.arena, "{\"keys\":[%s]}", make_jwk(t.arena, t.one, "k", cases[i].text));
		assert_int_equal(ad_key_set_parse(json, strlen(json), NOW, &set, NULL), 0);
		assert_int_equal(set->keys[0].endorsements_count, cases[i].count);
		ad_key_set_unref(set);
	}
}

/* The host of the keys took the request and says nothing: a stop does not wait for it. */
static void an_end_waits_for_no_host(void **state)
{
	(void)state;
	atomic_store(&t.issuer.hold, true);
	struct ad_identity *identity = identity_start(&t.issuer, 60);
	while (atomic_load(&t.issuer.key_fetches) == 0)
		(void)sched_yield();
	int64_t begun = ad_clock_mono_ms();
	ad_identity_free(identity);
	assert_true(ad_clock_mono_ms() - begun < AD_NET_TOTAL_MS / 2);
	issuer_release(&t.issuer);
}

#define KEY_TEST(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		KEY_TEST(fifty_first_requests_cause_one_fetch),
		KEY_TEST(rotated_key_is_found_and_the_old_one_stops),
		KEY_TEST(same_id_with_another_key_needs_a_new_signature_check),
		KEY_TEST(unknown_key_ids_cause_one_fetch_in_the_interval),
		KEY_TEST(warm_keys_survive_an_outage_but_not_for_ever),
		KEY_TEST(useless_documents_do_not_replace_good_keys),
		KEY_TEST(without_any_keys_nobody_is_judged_and_it_heals_by_itself),
		KEY_TEST(key_document_must_be_on_the_origin_of_the_metadata),
		KEY_TEST(only_strong_rsa_signing_keys_are_used),
		KEY_TEST(key_with_a_certificate_is_used_while_that_is_valid),
		KEY_TEST(endorsements_are_taken_only_as_a_list_of_names),
		KEY_TEST(an_end_waits_for_no_host),
	};
	struct ad_err err;
	if (ad_net_init(&err) != 0)
		return 1;
	int failed = cmocka_run_group_tests(tests, make_keys, free_keys);
	ad_net_exit();
	return failed;
}
