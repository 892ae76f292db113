/* SPDX-License-Identifier: Apache-2.0 */
/* Our own access tokens by the client-credentials grant; see identity/token.h. */
#include "ad/identity/token.h"

#include "ad/clock.h"
#include "ad/crypto.h"
#include "ad/json.h"
#include "ad/net.h"
#include "ad/text.h"
#include "refresher.h"

#include <pthread.h>

#define TOKEN_MAX ((size_t)16 << 10)
#define LIFE_MAX_S (7 * 24 * 3600)
#define EARLY_S                                                                                  \
	300         /* renewed this long before its end, or at half of its life if that is later \
		     */
#define MARGIN_S 10 /* a token this close to its end is not handed out any more */
#define GAP_MS 1000 /* between two fetches, also when a peer refuses each token */
#define CODES_MAX 4 /* AADSTS codes that an error text shows */

struct ad_token_source {
	struct ad_token_config config; /* strings in the arena; without the secret */
	struct ad_arena *arena;
	struct ad_refresher *refresher;
	pthread_mutex_t lock; /* guards all below */
	char *secret;
	char *token; /* NULL: none */
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

/* ---- The token endpoint's answers ---- */

/* "error" is a short word by RFC 6749; anything else is not repeated. */
static const char *error_word(const struct ad_json *body)
{
	const char *word = ad_json_text(ad_json_get(body, "error"));
	size_t len = word ? strspn(word, "abcdefghijklmnopqrstuvwxyz_") : 0;
	return len > 0 && len <= 64 && word[len] == '\0' ? word : "no error code";
}

static char *error_codes(struct ad_arena *arena, const struct ad_json *body)
{
	char *codes = ad_strdup(arena, "");
	size_t count = 0;
	AD_JSON_EACH(item, ad_json_get(body, "error_codes"))
	{
		double code = ad_json_number(item, -1);
		if (code >= 0 && code < 1e9 && count++ < CODES_MAX)
			codes = ad_printf(arena, "%s AADSTS%.0f", codes, code);
	}
	return codes;
}

/* The text holds codes only: a body may repeat what was sent. */
static int refused(const struct ad_token_source *source, struct ad_arena *arena,
	const struct ad_net_response *response, struct ad_err *err)
{
	struct ad_json *body = NULL;
	if (ad_json_parse(arena, response->body, response->body_len, &body, NULL) != 0)
		body = NULL;
	int code = ad_net_check(response, "token", err);
	if (response->status >= 400 && response->status < 500 && code != AD_ETHROTTLED &&
		code != AD_ETIMEOUT)
		code = AD_ECONFIG;
	(void)AD_FAIL(err, code, "token for %s refused: HTTP status %d, %s%s", source->config.name,
		response->status, error_word(body), error_codes(arena, body));
	if (err) {
		err->status = response->status;
		err->retry_after_s = response->retry_after_s;
		/* A credential can be replaced while notices and jobs wait for it. */
		err->class = AD_CLASS_TRANSIENT;
	}
	return code;
}

/* What goes into a header later must be plain. */
static bool is_token(const char *text)
{
	size_t len = text ? strlen(text) : 0;
	for (size_t i = 0; i < len; i++) {
		if (text[i] <= ' ' || text[i] > '~')
			return false;
	}
	return len > 0 && len <= TOKEN_MAX;
}

static int read_grant(const struct ad_token_source *source, struct ad_arena *arena,
	const struct ad_net_response *response, const char **ret_token, int64_t *ret_life_s,
	struct ad_err *err)
{
	struct ad_json *body = NULL;
	const char *name = source->config.name;
	if (ad_json_parse(arena, response->body, response->body_len, &body, NULL) != 0)
		return AD_FAIL(err, AD_EUNAVAIL, "token for %s: answer is not JSON", name);
	const char *token = ad_json_text(ad_json_get(body, "access_token"));
	int64_t life_s = ad_json_int(body, "expires_in", 0);
	if (!is_token(token) || life_s <= 0 || life_s > LIFE_MAX_S ||
		!ad_text_eq_nocase(ad_json_text(ad_json_get(body, "token_type")), "Bearer"))
		return AD_FAIL(err, AD_EUNAVAIL, "token for %s: answer has no usable token", name);
	*ret_token = token;
	*ret_life_s = life_s;
	return 0;
}

/* ---- Fetching, on the refresher's thread ---- */

/* The form holds the secret: whoever has sent it wipes it. */
static char *make_form(struct ad_token_source *source, struct ad_arena *arena)
{
	const struct ad_token_config *config = &source->config;
	(void)pthread_mutex_lock(&source->lock);
	char *secret = ad_url_segment(arena, source->secret);
	(void)pthread_mutex_unlock(&source->lock);
	char *form = ad_printf(arena,
		"grant_type=client_credentials&client_id=%s&scope=%s&client_secret=%s",
		ad_url_segment(arena, config->client_id), ad_url_segment(arena, config->scope),
		secret);
	ad_crypto_wipe(secret, strlen(secret));
	return form;
}

static int request_token(struct ad_token_source *source, struct ad_net_client *client,
	struct ad_arena *arena, struct ad_net_response *ret, struct ad_err *err)
{
	char *form = make_form(source, arena);
	const struct ad_net_request request = {
		.method = "POST",
		.url = source->config.token_url,
		.content_type = "application/x-www-form-urlencoded",
		.body = form,
		.body_len = strlen(form),
		.idempotent = true,
		.allow_http_loopback = source->config.allow_http_loopback,
	};
	int rc = ad_net_send(client, arena, &request, ret, err);
	ad_crypto_wipe(form, strlen(form));
	if (rc != 0)
		ad_err_prefix(err, "token for %s: ", source->config.name);
	return rc;
}

static void publish(struct ad_token_source *source, const char *token, int64_t expires_s)
{
	(void)pthread_mutex_lock(&source->lock);
	char *old = source->token;
	source->token = ad_xstrdup(token);
	source->expires_s = expires_s;
	(void)pthread_mutex_unlock(&source->lock);
	wipe_and_free(old);
}

static void renew_secret(struct ad_token_source *source, struct ad_arena *arena)
{
	const struct ad_token_config *config = &source->config;
	const char *secret = NULL;
	if (config->renew && config->renew(config->renew_ctx, arena, &secret, NULL) == 0 &&
		!ad_text_empty(secret))
		ad_token_set_secret(source, secret);
}

static int fetch(void *ctx, struct ad_net_client *client, int64_t *ret_next_ms, struct ad_err *err)
{
	struct ad_token_source *source = ctx;
	struct ad_arena *arena = ad_arena_new();
	struct ad_net_response response;
	const char *token = NULL;
	int64_t life_s = 0;
	int64_t asked_s = now_s(source);
	renew_secret(source, arena);
	int rc = request_token(source, client, arena, &response, err);
	if (rc == 0 && response.status != 200)
		rc = refused(source, arena, &response, err);
	if (rc == 0)
		rc = read_grant(source, arena, &response, &token, &life_s, err);
	if (rc == 0) {
		int64_t half = life_s / 2;
		int64_t next_s = life_s - EARLY_S > half ? life_s - EARLY_S : half;
		publish(source, token, asked_s + life_s);
		*ret_next_ms = next_s * 1000;
	}
	ad_arena_free(arena);
	return rc;
}

/* ---- Use ---- */

static int check_config(
	const struct ad_token_config *config, struct ad_arena *arena, struct ad_err *err)
{
	struct ad_net_url url;
	const char *name = config->name;
	if (ad_text_empty(config->client_id) || ad_text_empty(config->scope))
		return AD_FAIL(err, AD_ECONFIG, "%s: client id and scope are required", name);
	if (ad_text_empty(config->secret))
		return AD_FAIL(err, AD_ECONFIG, "%s: client secret is required", name);
	if (ad_net_url_parse(arena, config->token_url, &url, NULL) != 0)
		return AD_FAIL(err, AD_ECONFIG, "%s: token URL is not a URL", name);
	if (strcmp(url.scheme, "https") != 0 &&
		!(config->allow_http_loopback && ad_net_host_is_loopback(url.host)))
		return AD_FAIL(err, AD_ECONFIG, "%s: token URL must be https", name);
	return 0;
}

int ad_token_source_new(
	const struct ad_token_config *config, struct ad_token_source **ret, struct ad_err *err)
{
	struct ad_token_source *source = ad_xalloc(sizeof *source);
	struct ad_arena *arena = ad_arena_new();
	source->arena = arena;
	AD_ASSERT(pthread_mutex_init(&source->lock, NULL) == 0);
	int rc = check_config(config, arena, err);
	if (rc == 0) {
		source->config = *config;
		source->config.name = ad_strdup(arena, config->name);
		source->config.token_url = ad_strdup(arena, config->token_url);
		source->config.client_id = ad_strdup(arena, config->client_id);
		source->config.scope = ad_strdup(arena, config->scope);
		source->config.secret = NULL;
		source->secret = ad_xstrdup(config->secret);
		const struct ad_refresher_config refresher = {
			.thread_name = "token",
			.fetch = fetch,
			.ctx = source,
			.gap_ms = GAP_MS,
			.patient = true,
		};
		rc = ad_refresher_new(&refresher, &source->refresher, err);
	}
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
	wipe_and_free(source->secret);
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

void ad_token_set_secret(struct ad_token_source *source, const char *secret)
{
	char *fresh = ad_xstrdup(secret);
	(void)pthread_mutex_lock(&source->lock);
	char *old = source->secret;
	source->secret = fresh;
	(void)pthread_mutex_unlock(&source->lock);
	wipe_and_free(old);
}
