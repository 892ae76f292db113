/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The credential that is the machine's own identity; see credential.h. Asked at the endpoint of an
 * App Service when there is one, else at the metadata service of a virtual machine (IMDS). Both
 * are addresses of this machine, reached directly: nothing goes through a proxy.
 */
#include "credential.h"

#include "ad/clock.h"
#include "ad/text.h"

#define IMDS "http://169.254.169.254"
#define IMDS_PATH "/metadata/identity/oauth2/token"
#define IMDS_VERSION "2018-02-01"
#define APP_SERVICE_VERSION "2019-08-01"
#define SUFFIX "/.default" /* of a scope; a resource has none */

#define RETRIES_MAX 3
#define GONE_RETRIES_MAX 7 /* 410: IMDS is being upgraded, which takes up to 70 s */
#define GONE_PAUSE_MS 10000
#define IMDS_PAUSE_MS 1000 /* then 2 s, 4 s */
#define APP_SERVICE_PAUSE_MS 1000
#define PAUSE_MAX_MS 30000 /* who asks for more is asked again by the refresher */
#define LONG_LIFE_S (2 * 3600)

static bool is_imds(const struct ad_token_config *config)
{
	return !config->managed.endpoint;
}

/* ---- Trying again ---- */

static bool is_among(int status, const int *list, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (list[i] == status)
			return true;
	}
	return false;
}

static bool is_passing(const struct ad_token_config *config, int status)
{
	static const int imds[] = { 404, 408, 410, 429 };
	static const int app_service[] = { 404, 408, 429, 500, 503, 504 };
	if (is_imds(config))
		return status >= 500 || is_among(status, imds, sizeof imds / sizeof imds[0]);
	return is_among(status, app_service, sizeof app_service / sizeof app_service[0]);
}

/* Milliseconds to wait before retry number nth (1 = first) after this answer; -1: no more. */
static int64_t pause_ms(
	const struct ad_token_config *config, const struct ad_net_response *response, int nth)
{
	bool gone = is_imds(config) && response->status == 410;
	if (!is_passing(config, response->status) || nth > (gone ? GONE_RETRIES_MAX : RETRIES_MAX))
		return -1;
	int64_t told_ms = (int64_t)response->retry_after_s * 1000;
	int64_t wait_ms =
		is_imds(config) ? (int64_t)IMDS_PAUSE_MS << (nth - 1) : APP_SERVICE_PAUSE_MS;
	if (gone)
		wait_ms = GONE_PAUSE_MS;
	if (told_ms > PAUSE_MAX_MS)
		return -1;
	return told_ms > wait_ms ? told_ms : wait_ms;
}

/* ---- One request ---- */

static char *url_of(
	const struct ad_token_config *config, struct ad_arena *arena, const char *resource)
{
	const struct ad_managed_identity *managed = &config->managed;
	const char *authority = managed->authority ? managed->authority : IMDS;
	const char *place = is_imds(config) ? ad_printf(arena, "%s%s", authority, IMDS_PATH)
					    : managed->endpoint;
	const char *version = is_imds(config) ? IMDS_VERSION : APP_SERVICE_VERSION;
	char *url = ad_printf(arena, "%s?api-version=%s&resource=%s", place, version,
		ad_url_segment(arena, resource));
	return managed->client_id ? ad_printf(arena, "%s&client_id=%s", url,
					    ad_url_segment(arena, managed->client_id))
				  : url;
}

static int ask(const struct ad_token_config *config, const struct ad_acquire *acquire,
	const char *url, struct ad_net_response *ret, struct ad_err *err)
{
	const struct ad_net_header headers[] = {
		{ "Metadata", "true" },
		{ "X-IDENTITY-HEADER", config->managed.header },
	};
	const struct ad_net_request request = {
		.url = url,
		.headers = is_imds(config) ? &headers[0] : &headers[1],
		.headers_count = 1,
		.allow_http_machine = true,
	};
	int rc = ad_net_send(acquire->client, acquire->arena, &request, ret, err);
	if (rc != 0)
		ad_err_prefix(err, "token for %s from the managed identity: ", config->name);
	return rc;
}

static int ask_patiently(const struct ad_token_config *config, const struct ad_acquire *acquire,
	const char *url, struct ad_net_response *ret, struct ad_err *err)
{
	for (int nth = 1;; nth++) {
		int rc = ask(config, acquire, url, ret, err);
		int64_t wait_ms = rc == 0 ? pause_ms(config, ret, nth) : -1;
		if (wait_ms < 0)
			return rc;
		if (!acquire->pause(acquire->pause_ctx, wait_ms))
			return AD_FAIL(
				err, AD_EUNAVAIL, "token for %s: given up, stopping", config->name);
	}
}

/* ---- The answer ---- */

/* Unix seconds as text or number, or a date; 0 when it is none of them. */
static int64_t end_of(const struct ad_json *body)
{
	const struct ad_json *value = ad_json_get(body, "expires_on");
	const char *text = ad_json_text(value);
	int64_t end_s = 0;
	if (!text)
		return ad_json_int(body, "expires_on", 0);
	if (ad_text_i64(text, 0, INT64_MAX, &end_s) != 0 && ad_clock_parse_iso(text, &end_s) != 0)
		return 0;
	return end_s;
}

static int read_answer(const struct ad_token_config *config, const struct ad_acquire *acquire,
	const struct ad_net_response *response, struct ad_grant *ret, struct ad_err *err)
{
	struct ad_json *body = NULL;
	if (ad_json_parse(acquire->arena, response->body, response->body_len, &body, NULL) != 0)
		return AD_FAIL(err, AD_EUNAVAIL,
			"token for %s from the managed identity: answer is not JSON", config->name);
	const char *token = ad_json_text(ad_json_get(body, "access_token"));
	int64_t life_s = end_of(body) - acquire->now_s;
	if (!ad_token_is_plain(token) || life_s <= 0 || life_s > AD_TOKEN_LIFE_MAX_S)
		return AD_FAIL(err, AD_EUNAVAIL,
			"token for %s from the managed identity: answer has no usable token",
			config->name);
	*ret = (struct ad_grant){
		.token = token,
		.life_s = life_s,
		.renew_s = life_s > LONG_LIFE_S ? life_s / 2 : 0,
	};
	return 0;
}

/* The text holds no body: it may repeat what was sent. */
static int refused(const struct ad_token_config *config, const struct ad_acquire *acquire,
	const struct ad_net_response *response, struct ad_err *err)
{
	struct ad_json *body = NULL;
	int status = response->status;
	if (ad_json_parse(acquire->arena, response->body, response->body_len, &body, NULL) != 0)
		body = NULL;
	int code = ad_net_check(response, "identity", err);
	bool ours = status >= 400 && status < 500 && !is_passing(config, status);
	(void)AD_FAIL(err, ours ? AD_ECONFIG : code,
		"token for %s from the managed identity (%s) refused: HTTP status %d, %s%s",
		config->name, is_imds(config) ? "IMDS" : "App Service", status,
		ad_token_error_word(body),
		ours ? ": is the identity assigned to this machine, and is its client id right?"
		     : "");
	if (err) {
		err->status = status;
		err->retry_after_s = response->retry_after_s;
		err->class = AD_CLASS_TRANSIENT; /* an identity can be assigned meanwhile */
	}
	return ours ? AD_ECONFIG : code;
}

int ad_managed_grant(const struct ad_token_config *config, const struct ad_acquire *acquire,
	const char *resource, struct ad_grant *ret, struct ad_err *err)
{
	struct ad_net_response response;
	const char *url = url_of(config, acquire->arena, resource);
	int rc = ask_patiently(config, acquire, url, &response, err);
	if (rc != 0)
		return rc;
	return response.status / 100 == 2 ? read_answer(config, acquire, &response, ret, err)
					  : refused(config, acquire, &response, err);
}

int ad_managed_check(const struct ad_token_config *config, struct ad_err *err)
{
	const struct ad_managed_identity *managed = &config->managed;
	const char *place = is_imds(config) ? managed->authority : managed->endpoint;
	const char *variable =
		is_imds(config) ? "AZURE_POD_IDENTITY_AUTHORITY_HOST" : "IDENTITY_ENDPOINT";
	struct ad_arena *arena = ad_arena_new();
	struct ad_net_url url;
	int rc = 0;
	if (!is_imds(config) && !managed->header)
		rc = AD_FAIL(err, AD_ECONFIG,
			"%s: IDENTITY_ENDPOINT is in the environment and IDENTITY_HEADER is not: "
			"this kind of machine is not supported",
			config->name);
	else if (place && ad_net_url_parse(arena, place, &url, NULL) != 0)
		rc = AD_FAIL(err, AD_ECONFIG, "%s: %s is not a URL", config->name, variable);
	else if (place && strcmp(url.scheme, "https") != 0 && !ad_net_host_is_loopback(url.host) &&
		 !ad_net_host_is_link_local(url.host))
		rc = AD_FAIL(err, AD_ECONFIG,
			"%s: %s is not an address of this machine (loopback or link-local)",
			config->name, variable);
	ad_arena_free(arena);
	return rc;
}

/* ---- The credential ---- */

static int open_managed(struct ad_credential *credential, struct ad_err *err)
{
	const struct ad_token_config *config = credential->config;
	if (!ad_text_ends(config->scope, SUFFIX))
		return AD_FAIL(err, AD_ECONFIG, "%s.scope must end in " SUFFIX, config->name);
	return ad_managed_check(config, err);
}

static int acquire_managed(struct ad_credential *credential, const struct ad_acquire *acquire,
	struct ad_grant *ret, struct ad_err *err)
{
	const struct ad_token_config *config = credential->config;
	const char *resource =
		ad_strndup(acquire->arena, config->scope, strlen(config->scope) - strlen(SUFFIX));
	return ad_managed_grant(config, acquire, resource, ret, err);
}

static void close_managed(struct ad_credential *credential)
{
	(void)credential;
}

const struct ad_credential_ops ad_credential_managed = {
	.open = open_managed,
	.acquire = acquire_managed,
	.close = close_managed,
};
