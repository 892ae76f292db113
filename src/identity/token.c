/* SPDX-License-Identifier: Apache-2.0 */
/* Our own access tokens: kept, renewed and shared; see identity/token.h. How one is had is the
 * credential's affair (credential.h). */
#include "ad/identity/token.h"

#include "ad/clock.h"
#include "ad/crypto.h"
#include "ad/net.h"
#include "ad/text.h"
#include "credential.h"
#include "refresher.h"

#include <pthread.h>

#define EARLY_S 300 /* before its end a token is renewed */
#define MARGIN_S 10 /* a token this close to its end is not handed out any more */
#define GAP_MS 1000 /* between two fetches, also when a peer refuses each token */

struct ad_token_source {
	struct ad_token_config config; /* strings in the arena; without the secret */
	struct ad_arena *arena;
	const struct ad_credential_ops *ops;
	struct ad_credential credential;
	struct ad_refresher *refresher;
	pthread_mutex_t lock; /* guards all below */
	char *token;          /* NULL: none */
	int64_t expires_s;
};

static int64_t now_s(const struct ad_token_source *source)
{
	const struct ad_token_config *config = &source->config;
	return config->now_s ? config->now_s(config->now_ctx) : ad_clock_unix_ms() / 1000;
}

static void wipe_and_free(char *text)
{
	if (text)
		ad_crypto_wipe(text, strlen(text));
	free(text);
}

/* ---- Fetching, on the refresher's thread ---- */

static void publish(struct ad_token_source *source, const char *token, int64_t expires_s)
{
	(void)pthread_mutex_lock(&source->lock);
	char *old = source->token;
	source->token = ad_xstrdup(token);
	source->expires_s = expires_s;
	(void)pthread_mutex_unlock(&source->lock);
	wipe_and_free(old);
}

static bool pause_fetch(void *ctx, int64_t ms)
{
	const struct ad_token_source *source = ctx;
	return ad_refresher_pause(source->refresher, ms);
}

/* Half of its life, or five minutes before its end, whichever is later. */
static int64_t usual_renewal_s(int64_t life_s)
{
	int64_t half = life_s / 2;
	return life_s - EARLY_S > half ? life_s - EARLY_S : half;
}

static int fetch(void *ctx, struct ad_net_client *client, int64_t *ret_next_ms, struct ad_err *err)
{
	struct ad_token_source *source = ctx;
	struct ad_arena *arena = ad_arena_new();
	const struct ad_acquire acquire = {
		.client = client,
		.arena = arena,
		.now_s = now_s(source),
		.pause = pause_fetch,
		.pause_ctx = source,
	};
	struct ad_grant grant = { 0 };
	int rc = source->ops->acquire(&source->credential, &acquire, &grant, err);
	if (rc == 0) {
		publish(source, grant.token, acquire.now_s + grant.life_s);
		*ret_next_ms =
			1000 * (grant.renew_s ? grant.renew_s : usual_renewal_s(grant.life_s));
	}
	ad_arena_free(arena);
	return rc;
}

/* ---- Use ---- */

static const struct ad_credential_ops *ops_of(enum ad_credential_kind kind)
{
	static const struct ad_credential_ops *const all[] = {
		[AD_CREDENTIAL_SECRET] = &ad_credential_secret,
		[AD_CREDENTIAL_CERTIFICATE] = &ad_credential_certificate,
		[AD_CREDENTIAL_MANAGED_IDENTITY] = &ad_credential_managed,
		[AD_CREDENTIAL_FEDERATED] = &ad_credential_federated,
	};
	AD_ASSERT((size_t)kind < sizeof all / sizeof all[0]);
	return all[kind];
}

static int check_config(
	const struct ad_token_config *config, struct ad_arena *arena, struct ad_err *err)
{
	struct ad_net_url url;
	const char *name = config->name;
	if (ad_text_empty(config->client_id) || ad_text_empty(config->scope))
		return AD_FAIL(err, AD_ECONFIG, "%s: client id and scope are required", name);
	if (ad_net_url_parse(arena, config->token_url, &url, NULL) != 0)
		return AD_FAIL(err, AD_ECONFIG, "%s: token URL is not a URL", name);
	if (strcmp(url.scheme, "https") != 0 &&
		!(config->allow_http_loopback && ad_net_host_is_loopback(url.host)))
		return AD_FAIL(err, AD_ECONFIG, "%s: token URL must be https", name);
	return 0;
}

/* An empty text is none. */
static const char *copy(struct ad_arena *arena, const char *text)
{
	return ad_text_empty(text) ? NULL : ad_strdup(arena, text);
}

static int open_credential(
	struct ad_token_source *source, const struct ad_token_config *config, struct ad_err *err)
{
	struct ad_arena *arena = source->arena;
	struct ad_token_config *own = &source->config;
	*own = *config; /* with the secret, for open alone */
	own->name = ad_strdup(arena, config->name);
	own->token_url = ad_strdup(arena, config->token_url);
	own->client_id = ad_strdup(arena, config->client_id);
	own->scope = ad_strdup(arena, config->scope);
	own->certificate = copy(arena, config->certificate);
	own->certificate_key = copy(arena, config->certificate_key);
	own->federated_token_file = copy(arena, config->federated_token_file);
	own->exchange_resource = copy(arena, config->exchange_resource);
	own->managed = (struct ad_managed_identity){
		.client_id = copy(arena, config->managed.client_id),
		.endpoint = copy(arena, config->managed.endpoint),
		.header = copy(arena, config->managed.header),
		.authority = copy(arena, config->managed.authority),
	};
	source->ops = ops_of(config->credential);
	source->credential.config = own;
	int rc = source->ops->open(&source->credential, err);
	own->secret = NULL;
	return rc;
}

int ad_token_source_new(
	const struct ad_token_config *config, struct ad_token_source **ret, struct ad_err *err)
{
	struct ad_token_source *source = ad_xalloc(sizeof *source);
	const struct ad_refresher_config refresher = {
		.thread_name = "token",
		.fetch = fetch,
		.ctx = source,
		.gap_ms = GAP_MS,
		.patient = true,
	};
	source->arena = ad_arena_new();
	AD_ASSERT(pthread_mutex_init(&source->lock, NULL) == 0);
	int rc = check_config(config, source->arena, err);
	if (rc == 0)
		rc = open_credential(source, config, err);
	if (rc == 0)
		rc = ad_refresher_new(&refresher, &source->refresher, err);
	if (rc == 0)
		*ret = source;
	else
		ad_token_source_free(source);
	return rc;
}

void ad_token_source_free(struct ad_token_source *source)
{
	if (!source)
		return;
	ad_refresher_free(source->refresher);
	if (source->ops)
		source->ops->close(&source->credential);
	wipe_and_free(source->token);
	(void)pthread_mutex_destroy(&source->lock);
	ad_arena_free(source->arena);
	free(source);
}

static char *copy_valid(struct ad_token_source *source, struct ad_arena *arena)
{
	int64_t now = now_s(source);
	char *copy = NULL;
	(void)pthread_mutex_lock(&source->lock);
	if (source->token && now < source->expires_s - MARGIN_S)
		copy = ad_strdup(arena, source->token);
	(void)pthread_mutex_unlock(&source->lock);
	return copy;
}

int ad_token_get(struct ad_token_source *source, struct ad_arena *arena, int wait_ms, char **ret,
	struct ad_err *err)
{
	struct ad_err cause = { 0 };
	char *token = copy_valid(source, arena);
	int rc = 0;
	if (!token) {
		rc = ad_refresher_ask(source->refresher, wait_ms, &cause);
		/* Also after an error: another thread's fetch may have ended in between. */
		token = copy_valid(source, arena);
	}
	if (token) {
		*ret = token;
		return 0;
	}
	if (rc == 0)
		return AD_FAIL(err, AD_EUNAVAIL, "token for %s ends too soon", source->config.name);
	if (rc == AD_ETIMEOUT && wait_ms == 0)
		return AD_FAIL(err, AD_EBUSY, "token for %s is being fetched", source->config.name);
	if (err)
		*err = cause;
	return rc;
}

void ad_token_drop(struct ad_token_source *source, const char *token)
{
	char *dropped = NULL;
	(void)pthread_mutex_lock(&source->lock);
	if (source->token && strcmp(source->token, token) == 0) {
		dropped = source->token;
		source->token = NULL;
	}
	(void)pthread_mutex_unlock(&source->lock);
	wipe_and_free(dropped);
}

void ad_token_get_status(struct ad_token_source *source, struct ad_token_status *ret)
{
	*ret = (struct ad_token_status){ 0 };
	int64_t now = now_s(source);
	ret->fetches = ad_refresher_status(source->refresher, &ret->error);
	(void)pthread_mutex_lock(&source->lock);
	ret->expires_s = source->token ? source->expires_s : 0;
	ret->valid = source->token && now < source->expires_s - MARGIN_S;
	(void)pthread_mutex_unlock(&source->lock);
	if (source->ops->look)
		source->ops->look(&source->credential, now, ret);
}

void ad_token_look_at_files(struct ad_token_source *source)
{
	if (source->ops->reload)
		source->ops->reload(&source->credential);
}
