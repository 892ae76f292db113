/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The steps of protocol.md 1.2, in an order in which the cheap ones protect the dear ones: form,
 * header, issuer and claims before any key is looked for, the key before the signature. What was
 * read from an unverified token is used only to refuse.
 */
#include "ad/identity.h"

#include "ad/clock.h"
#include "ad/json.h"
#include "ad/net.h"
#include "ad/rate.h"
#include "ad/refusal.h"
#include "ad/text.h"
#include "claims.h"
#include "jws.h"
#include "keys.h"
#include "token_cache.h"

#include <strings.h>

struct ad_identity {
	struct ad_identity_config config; /* strings in the arena */
	struct ad_arena *arena;
	struct ad_keys *keys;
	struct ad_token_cache *cache;
	struct ad_rate *checks; /* of signatures: what a flood of new tokens may cost */
	atomic_uint verifications;
};

/* ---- Life ---- */

static int check_config(
	const struct ad_identity_config *config, struct ad_arena *arena, struct ad_err *err)
{
	struct ad_net_url url;
	if (ad_text_empty(config->app_id) || ad_text_empty(config->issuer))
		return AD_FAIL(err, AD_ECONFIG, "app id and issuer of the bot are required");
	if (ad_net_url_parse(arena, config->metadata_url, &url, NULL) != 0)
		return AD_FAIL(err, AD_ECONFIG, "OpenID metadata URL is not a URL");
	if (strcmp(url.scheme, "https") != 0 &&
		!(config->allow_http_loopback && ad_net_host_is_loopback(url.host)))
		return AD_FAIL(err, AD_ECONFIG, "OpenID metadata URL must be https");
	return 0;
}

static void copy_config(struct ad_identity *identity, const struct ad_identity_config *config)
{
	struct ad_arena *arena = identity->arena;
	const char **channels = ad_alloc_array(arena, config->channels_count, sizeof *channels);
	for (size_t i = 0; i < config->channels_count; i++)
		channels[i] = ad_strdup(arena, config->channels[i]);
	identity->config = *config;
	identity->config.app_id = ad_strdup(arena, config->app_id);
	identity->config.issuer = ad_strdup(arena, config->issuer);
	identity->config.metadata_url = ad_strdup(arena, config->metadata_url);
	identity->config.channels = channels;
}

int ad_identity_new(
	const struct ad_identity_config *config, struct ad_identity **ret, struct ad_err *err)
{
	struct ad_identity *identity = ad_xalloc(sizeof *identity);
	identity->arena = ad_arena_new();
	int rc = check_config(config, identity->arena, err);
	if (rc == 0) {
		copy_config(identity, config);
		identity->cache = ad_token_cache_new();
		int checks = config->checks_per_s ? config->checks_per_s : AD_IDENTITY_CHECKS_PER_S;
		identity->checks = ad_rate_new(&(struct ad_rate_config){
			.takes = checks, .period_ms = 1000, .burst = checks, .keys = 1 });
		rc = ad_keys_new(&identity->config, &identity->keys, err);
	}
	if (rc == 0)
		*ret = identity;
	else
		ad_identity_free(identity);
	return rc;
}

void ad_identity_free(struct ad_identity *identity)
{
	if (!identity)
		return;
	ad_keys_free(identity->keys);
	ad_token_cache_free(identity->cache);
	ad_rate_free(identity->checks);
	ad_arena_free(identity->arena);
	free(identity);
}

static int64_t now_s(const struct ad_identity *identity)
{
	const struct ad_identity_config *config = &identity->config;
	return config->now_s ? config->now_s(config->now_ctx) : ad_clock_unix_ms() / 1000;
}

/* ---- Verifying ---- */

/* "Bearer", one space, one token. */
static int find_token(const char *authorization, size_t len, const char **ret_token,
	size_t *ret_len, struct ad_err *err)
{
	static const char scheme[] = "Bearer ";
	const size_t scheme_len = sizeof scheme - 1;
	if (!authorization || len == 0)
		return AD_REFUSE(err, AD_EAUTH, AD_REFUSED_NO_TOKEN, "no Authorization header");
	if (len > AD_IDENTITY_TOKEN_MAX)
		return AD_REFUSE(err, AD_EAUTH, AD_REFUSED_TOKEN_FORM,
			"Authorization header of %zu bytes", len);
	if (len <= scheme_len || strncasecmp(authorization, scheme, scheme_len) != 0)
		return AD_REFUSE(err, AD_EAUTH, AD_REFUSED_TOKEN_FORM,
			"Authorization header is not a bearer token");
	*ret_token = authorization + scheme_len;
	*ret_len = len - scheme_len;
	if (memchr(*ret_token, ' ', *ret_len))
		return AD_REFUSE(err, AD_EAUTH, AD_REFUSED_TOKEN_FORM,
			"Authorization header with more than one token");
	return 0;
}

static int check_claims(const struct ad_identity *identity, const struct ad_json *payload,
	int64_t *ret_expires_s, struct ad_err *err)
{
	int64_t now = now_s(identity);
	int64_t expires_s = ad_claims_time(payload, "exp");
	if (!ad_text_eq(ad_json_text(ad_json_get(payload, "iss")), identity->config.issuer))
		return AD_REFUSE(err, AD_EAUTH, AD_REFUSED_TOKEN_ISSUER, "token of another issuer");
	if (!ad_claims_are_for(payload, identity->config.app_id))
		return AD_REFUSE(
			err, AD_EAUTH, AD_REFUSED_TOKEN_AUDIENCE, "token for another audience");
	if (expires_s < 0)
		return AD_REFUSE(err, AD_EAUTH, AD_REFUSED_TOKEN_TIME, "token without an expiry");
	if (ad_claims_have_expired(expires_s, now))
		return AD_REFUSE(err, AD_EAUTH, AD_REFUSED_TOKEN_TIME, "token has expired");
	if (!ad_claims_are_past(payload, "nbf", now) || !ad_claims_are_past(payload, "iat", now))
		return AD_REFUSE(err, AD_EAUTH, AD_REFUSED_TOKEN_TIME, "token is not valid yet");
	if (ad_text_empty(ad_json_text(ad_json_get(payload, "serviceurl"))))
		return AD_REFUSE(
			err, AD_EAUTH, AD_REFUSED_TOKEN_CLAIMS, "token without a service URL");
	*ret_expires_s = expires_s;
	return 0;
}

/* The key set may go as soon as we return: its strings are copied. */
static void fill_claims(struct ad_arena *arena, const struct ad_verified *verified,
	const struct ad_key *key, struct ad_identity_claims *ret)
{
	const char **endorsements =
		ad_alloc_array(arena, key->endorsements_count, sizeof *endorsements);
	for (size_t i = 0; i < key->endorsements_count; i++)
		endorsements[i] = ad_strdup(arena, key->endorsements[i]);
	*ret = (struct ad_identity_claims){
		.serviceurl = verified->serviceurl,
		.kid = verified->kid,
		.endorsements = endorsements,
		.endorsements_count = key->endorsements_count,
		.expires_s = verified->expires_s,
	};
}

/* A token that was verified before, unless it has expired or its key is gone or another one. The
 * caller unrefs the set. */
static const struct ad_key *recall(struct ad_identity *identity, struct ad_arena *arena,
	const uint8_t digest[AD_SHA256_LEN], struct ad_verified *ret, struct ad_key_set **ret_set)
{
	if (!ad_token_cache_get(identity->cache, digest, arena, ret) ||
		ad_claims_have_expired(ret->expires_s, now_s(identity)))
		return NULL;
	const struct ad_key *key = ad_keys_peek(identity->keys, ret->kid, ret_set);
	return key && memcmp(key->digest, ret->key_digest, AD_SHA256_LEN) == 0 ? key : NULL;
}

/* One signature costs some 30 us of a core: a flood of new tokens gets that much and no more. */
static int check_budget(struct ad_identity *identity, struct ad_err *err)
{
	int wait_s;
	if (ad_rate_take(identity->checks, "", ad_clock_mono_ms(), &wait_s) == AD_RATE_TAKEN) {
		atomic_fetch_add(&identity->verifications, 1);
		return 0;
	}
	(void)AD_REFUSE(err, AD_EBUSY, AD_REFUSED_SIGNATURES, "too many new tokens at once");
	if (err)
		err->retry_after_s = wait_s;
	return AD_EBUSY;
}

static int judge(struct ad_identity *identity, struct ad_arena *arena, const struct ad_jws *jws,
	struct ad_verified *ret_verified, struct ad_identity_claims *ret, struct ad_err *err)
{
	int64_t expires_s = 0;
	struct ad_key_set *set = NULL;
	const struct ad_key *key = NULL;
	int rc = check_claims(identity, jws->payload, &expires_s, err);
	if (rc == 0)
		rc = ad_keys_find(identity->keys, jws->kid, &set, &key, err);
	if (rc != 0)
		return rc;
	rc = check_budget(identity, err);
	if (rc == 0)
		rc = ad_jws_verify(jws, key->rsa, key->pem, err);
	if (rc == 0) {
		*ret_verified = (struct ad_verified){
			.kid = jws->kid,
			.serviceurl = ad_json_text(ad_json_get(jws->payload, "serviceurl")),
			.expires_s = expires_s,
		};
		memcpy(ret_verified->key_digest, key->digest, AD_SHA256_LEN);
		fill_claims(arena, ret_verified, key, ret);
	}
	ad_key_set_unref(set);
	return rc;
}

int ad_identity_verify(struct ad_identity *identity, struct ad_arena *arena,
	const char *authorization, size_t len, struct ad_identity_claims *ret, struct ad_err *err)
{
	const char *token = NULL;
	size_t token_len = 0;
	uint8_t digest[AD_SHA256_LEN];
	struct ad_jws jws;
	struct ad_verified verified;
	struct ad_key_set *set = NULL;
	int rc = find_token(authorization, len, &token, &token_len, err);
	if (rc != 0)
		return rc;
	ad_sha256(token, token_len, digest);
	const struct ad_key *key = recall(identity, arena, digest, &verified, &set);
	if (key)
		fill_claims(arena, &verified, key, ret);
	ad_key_set_unref(set);
	if (key)
		return 0;
	rc = ad_jws_parse(arena, token, token_len, &jws, err);
	if (rc == 0)
		rc = judge(identity, arena, &jws, &verified, ret, err);
	if (rc == 0)
		ad_token_cache_put(identity->cache, digest, &verified);
	return rc;
}

bool ad_identity_knows(struct ad_identity *identity, const char *authorization, size_t len)
{
	const char *token = NULL;
	size_t token_len = 0;
	uint8_t digest[AD_SHA256_LEN];
	struct ad_verified verified;
	struct ad_key_set *set = NULL;
	if (find_token(authorization, len, &token, &token_len, NULL) != 0)
		return false;
	ad_sha256(token, token_len, digest);
	struct ad_arena *arena = ad_arena_new();
	bool knows = recall(identity, arena, digest, &verified, &set) != NULL;
	ad_key_set_unref(set);
	ad_arena_free(arena);
	return knows;
}

/* ---- Authorising ---- */

/* Equal up to one trailing slash and the case of scheme and host. */
static bool same_service_url(const char *a, const char *b)
{
	size_t a_len = strlen(a);
	size_t b_len = strlen(b);
	a_len -= a_len > 0 && a[a_len - 1] == '/';
	b_len -= b_len > 0 && b[b_len - 1] == '/';
	const char *host = strstr(a, "://");
	if (a_len != b_len || !host)
		return false;
	size_t origin = (size_t)(host - a) + 3;
	origin += strcspn(a + origin, "/?#");
	if (origin > a_len)
		origin = a_len;
	return strncasecmp(a, b, origin) == 0 &&
	       memcmp(a + origin, b + origin, a_len - origin) == 0;
}

static bool is_member(const char *const *list, size_t count, const char *wanted)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(list[i], wanted) == 0)
			return true;
	}
	return false;
}

int ad_identity_authorize(const struct ad_identity *identity,
	const struct ad_identity_claims *claims, const char *service_url, const char *channel_id,
	struct ad_err *err)
{
	const struct ad_identity_config *config = &identity->config;
	if (ad_text_empty(service_url))
		return AD_REFUSE(
			err, AD_EINVAL, AD_REFUSED_SERVICE_URL, "activity without a service URL");
	if (!same_service_url(claims->serviceurl, service_url))
		return AD_REFUSE(err, AD_EAUTH, AD_REFUSED_SERVICE_URL,
			"activity's service URL is not the token's");
	if (ad_text_empty(channel_id) ||
		!is_member(config->channels, config->channels_count, channel_id))
		return AD_REFUSE(err, AD_EDENIED, AD_REFUSED_CHANNEL, "channel is not configured");
	if (!is_member(claims->endorsements, claims->endorsements_count, channel_id))
		return AD_REFUSE(err, AD_EDENIED, AD_REFUSED_ENDORSEMENT,
			"signing key is not endorsed for the channel");
	return 0;
}

void ad_identity_get_status(struct ad_identity *identity, struct ad_identity_status *ret)
{
	*ret = (struct ad_identity_status){ 0 };
	ad_keys_status(identity->keys, ret);
	ret->verifications = atomic_load(&identity->verifications);
}
