/* SPDX-License-Identifier: Apache-2.0 */
/* Fetching and keeping the issuer's keys; see keys.h. */
#include "keys.h"

#include "ad/clock.h"
#include "ad/json.h"
#include "ad/net.h"
#include "ad/refusal.h"
#include "ad/text.h"
#include "refresher.h"

#include <pthread.h>

#define MIN_REFRESH_S 60

struct ad_keys {
	struct ad_identity_config config; /* its strings belong to the identity */
	struct ad_refresher *refresher;
	atomic_int waiters;     /* workers that wait for an unknown key id */
	pthread_mutex_t lock;   /* guards set */
	struct ad_key_set *set; /* NULL until the first good fetch */
};

static int64_t now_s(const struct ad_keys *keys)
{
	return keys->config.now_s ? keys->config.now_s(keys->config.now_ctx)
				  : ad_clock_unix_ms() / 1000;
}

/* ---- Fetching, on the refresher's thread ---- */

static int get(const struct ad_keys *keys, struct ad_net_client *client, struct ad_arena *arena,
	const char *url, struct ad_net_response *ret, struct ad_err *err)
{
	const struct ad_net_request request = {
		.url = url,
		.allow_http_loopback = keys->config.allow_http_loopback,
	};
	int rc = ad_net_send(client, arena, &request, ret, err);
	return rc == 0 ? ad_net_check(ret, "keys", err) : rc;
}

/* The metadata may name any address; ours to follow is only one on its own origin. */
static int check_origin(
	struct ad_arena *arena, const char *metadata_url, const char *keys_url, struct ad_err *err)
{
	struct ad_net_url a;
	struct ad_net_url b;
	int rc = ad_net_url_parse(arena, metadata_url, &a, err);
	if (rc == 0)
		rc = ad_net_url_parse(arena, keys_url, &b, err);
	if (rc != 0)
		return rc;
	if (strcmp(a.scheme, b.scheme) != 0 || strcmp(a.host, b.host) != 0 || a.port != b.port)
		return AD_FAIL(err, AD_EDENIED, "keys: jwks_uri is on another host");
	return 0;
}

static int fetch_set(const struct ad_keys *keys, struct ad_net_client *client,
	struct ad_arena *arena, struct ad_key_set **ret, struct ad_err *err)
{
	struct ad_net_response response;
	struct ad_json *metadata = NULL;
	const char *url = keys->config.metadata_url;
	int rc = get(keys, client, arena, url, &response, err);
	if (rc == 0)
		rc = ad_json_parse(arena, response.body, response.body_len, &metadata, err);
	if (rc != 0)
		return rc;
	const char *keys_url = ad_json_text(ad_json_get(metadata, "jwks_uri"));
	if (!keys_url)
		return AD_FAIL(err, AD_EINVAL, "keys: metadata without jwks_uri");
	rc = check_origin(arena, url, keys_url, err);
	if (rc == 0)
		rc = get(keys, client, arena, keys_url, &response, err);
	if (rc != 0)
		return rc;
	return ad_key_set_parse(response.body, response.body_len, now_s(keys), ret, err);
}

static int fetch(void *ctx, struct ad_net_client *client, int64_t *ret_next_ms, struct ad_err *err)
{
	struct ad_keys *keys = ctx;
	struct ad_arena *arena = ad_arena_new();
	struct ad_key_set *fresh = NULL;
	int rc = fetch_set(keys, client, arena, &fresh, err);
	ad_arena_free(arena);
	if (rc != 0)
		return rc;
	(void)pthread_mutex_lock(&keys->lock);
	struct ad_key_set *old = keys->set;
	keys->set = fresh;
	(void)pthread_mutex_unlock(&keys->lock);
	ad_key_set_unref(old);
	/* The jitter of a back-off's first step: many instances do not come at one time. */
	*ret_next_ms = ad_clock_backoff_ms(1, AD_KEYS_REFRESH_MS, AD_KEYS_REFRESH_MS);
	return 0;
}

/* ---- Life ---- */

int ad_keys_new(const struct ad_identity_config *config, struct ad_keys **ret, struct ad_err *err)
{
	struct ad_keys *keys = ad_xalloc(sizeof *keys);
	int gap_s = config->keys_min_refresh_s ? config->keys_min_refresh_s : MIN_REFRESH_S;
	keys->config = *config;
	AD_ASSERT(pthread_mutex_init(&keys->lock, NULL) == 0);
	const struct ad_refresher_config refresher = {
		.thread_name = "keys",
		.fetch = fetch,
		.ctx = keys,
		.gap_ms = (int64_t)gap_s * 1000,
		.at_once = true,
	};
	int rc = ad_refresher_new(&refresher, &keys->refresher, err);
	if (rc == 0)
		*ret = keys;
	else
		ad_keys_free(keys);
	return rc;
}

void ad_keys_free(struct ad_keys *keys)
{
	if (!keys)
		return;
	ad_refresher_free(keys->refresher);
	ad_key_set_unref(keys->set);
	(void)pthread_mutex_destroy(&keys->lock);
	free(keys);
}

/* ---- Finding ---- */

/* The set in use, or NULL when there is none or it is too old to be believed. */
static struct ad_key_set *hold_set(struct ad_keys *keys)
{
	int64_t now = now_s(keys);
	(void)pthread_mutex_lock(&keys->lock);
	bool usable = keys->set && now - keys->set->loaded_s <= AD_KEYS_AGE_MAX_S;
	struct ad_key_set *set = usable ? ad_key_set_ref(keys->set) : NULL;
	(void)pthread_mutex_unlock(&keys->lock);
	return set;
}

static const struct ad_key *peek(
	struct ad_keys *keys, const char *kid, struct ad_key_set **ret_set, bool *ret_warm)
{
	struct ad_key_set *set = hold_set(keys);
	const struct ad_key *key = set ? ad_key_set_find(set, kid, now_s(keys)) : NULL;
	*ret_warm = set != NULL;
	if (key)
		*ret_set = set;
	else
		ad_key_set_unref(set);
	return key;
}

const struct ad_key *ad_keys_peek(
	struct ad_keys *keys, const char *kid, struct ad_key_set **ret_set)
{
	bool warm;
	return peek(keys, kid, ret_set, &warm);
}

/* Anybody can invent a key id: only a few workers may wait for the answer to one at a time. */
static int ask_warm(struct ad_keys *keys, struct ad_err *err)
{
	int rc;
	if (atomic_fetch_add(&keys->waiters, 1) < AD_KEYS_WAITERS_MAX)
		rc = ad_refresher_ask(keys->refresher, AD_KEYS_WAIT_WARM_MS, err);
	else
		rc = ad_refresher_ask(keys->refresher, 0, err);
	atomic_fetch_sub(&keys->waiters, 1);
	return rc;
}

int ad_keys_find(struct ad_keys *keys, const char *kid, struct ad_key_set **ret_set,
	const struct ad_key **ret, struct ad_err *err)
{
	bool warm;
	struct ad_err cause = { 0 };
	*ret = peek(keys, kid, ret_set, &warm);
	if (*ret)
		return 0;
	int rc = warm ? ask_warm(keys, &cause)
		      : ad_refresher_ask(keys->refresher, AD_KEYS_WAIT_COLD_MS, &cause);
	*ret = peek(keys, kid, ret_set, &warm);
	if (*ret)
		return 0;
	if (warm && rc != AD_ETIMEOUT)
		return AD_REFUSE(err, AD_EAUTH, AD_REFUSED_TOKEN_KEY,
			"token signed with an unknown key (refresh: %s)",
			rc == 0 ? "done" : cause.text);
	(void)AD_REFUSE(err, AD_EUNAVAIL, AD_REFUSED_NO_KEYS,
		"no keys of the issuer to judge by: %s", cause.text);
	if (err)
		err->retry_after_s = AD_KEYS_WAIT_COLD_MS / 1000;
	return AD_EUNAVAIL;
}

void ad_keys_status(struct ad_keys *keys, struct ad_identity_status *ret)
{
	ret->fetches = ad_refresher_status(keys->refresher, &ret->error);
	(void)pthread_mutex_lock(&keys->lock);
	if (keys->set) {
		ret->keys_age_s = now_s(keys) - keys->set->loaded_s;
		ret->keys_count = keys->set->count;
		ret->keys_loaded = ret->keys_age_s <= AD_KEYS_AGE_MAX_S;
	}
	(void)pthread_mutex_unlock(&keys->lock);
}
