/* SPDX-License-Identifier: Apache-2.0 */
/* The token endpoint: the form of the client-credentials grant, and its answers (protocol.md 2.1).
 * On the fetching thread. */
#include "credential.h"

#include "ad/crypto.h"
#include "ad/text.h"

#define TOKEN_MAX ((size_t)16 << 10)
#define CODES_MAX 4 /* AADSTS codes that an error text shows */
#define CODE_LIMIT 1e9
#define ASSERTION_TYPE "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

/* What people meet, and what to do about it; the keys are those of the configuration. */
static const struct {
	int code;
	const char *advice;
} known[] = {
	{ 700016, "the tenant does not know this application: check the client id, and that the "
		  "token URL names the tenant in which the app is registered" },
	{ 90002, "there is no such tenant: check the tenant in the token URL" },
	{ 900023, "there is no such tenant: check the tenant in the token URL" },
	{ 7000215, "the client secret is wrong: write its value, not its id" },
	{ 7000222, "the client secret has ended: make a new one" },
	{ 700027, "the certificate is not registered with the application, or its key is another "
		  "one: upload the certificate's public part there" },
	{ 700024, "the assertion is not valid at this time: check this machine's clock" },
	{ 700021, "the assertion is of another application: check the client id" },
	{ 700023, "the assertion is for another endpoint: check the token URL" },
	{ 70021, "no federated credential of the application fits the assertion: compare issuer "
		 "and subject" },
	{ 700211, "no federated credential of the application has this issuer" },
	{ 700212, "no federated credential of the application has this audience" },
	{ 700213, "no federated credential of the application has this subject" },
	{ 50013, "the assertion's signature is not its issuer's, or its issuer's keys are out of "
		 "reach" },
	{ 70011, "the scope is not valid: check the scope, which ends in /.default" },
};

static const char *advice_for(double code)
{
	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
		if (known[i].code == (int)code)
			return known[i].advice;
	}
	return NULL;
}

const char *ad_token_error_word(const struct ad_json *body)
{
	const char *word = ad_json_text(ad_json_get(body, "error"));
	size_t len = word ? strspn(word, "abcdefghijklmnopqrstuvwxyz_") : 0;
	return len > 0 && len <= 64 && word[len] == '\0' ? word : "no error code";
}

/* The codes, and behind them the advice for the first one that has some. */
static char *error_codes(struct ad_arena *arena, const struct ad_json *body)
{
	const char *advice = NULL;
	char *codes = ad_strdup(arena, "");
	size_t count = 0;
	AD_JSON_EACH(item, ad_json_get(body, "error_codes"))
	{
		double code = ad_json_number(item, -1);
		if (code < 0 || code >= CODE_LIMIT || count++ >= CODES_MAX)
			continue;
		codes = ad_printf(arena, "%s AADSTS%.0f", codes, code);
		advice = advice ? advice : advice_for(code);
	}
	return advice ? ad_printf(arena, "%s: %s", codes, advice) : codes;
}

/* The text holds codes only: a body may repeat what was sent. */
static int refused(const struct ad_token_config *config, struct ad_arena *arena,
	const struct ad_net_response *response, struct ad_err *err)
{
	struct ad_json *body = NULL;
	if (ad_json_parse(arena, response->body, response->body_len, &body, NULL) != 0)
		body = NULL;
	int code = ad_net_check(response, "token", err);
	if (response->status >= 400 && response->status < 500 && code != AD_ETHROTTLED &&
		code != AD_ETIMEOUT)
		code = AD_ECONFIG;
	(void)AD_FAIL(err, code, "token for %s refused: HTTP status %d, %s%s", config->name,
		response->status, ad_token_error_word(body), error_codes(arena, body));
	if (err) {
		err->status = response->status;
		err->retry_after_s = response->retry_after_s;
		/* A credential can be replaced while notices and jobs wait for it. */
		err->class = AD_CLASS_TRANSIENT;
	}
	return code;
}

/* What goes into a header later must be plain. */
bool ad_token_is_plain(const char *text)
{
	size_t len = text ? strlen(text) : 0;
	for (size_t i = 0; i < len; i++) {
		if (text[i] <= ' ' || text[i] > '~')
			return false;
	}
	return len > 0 && len <= TOKEN_MAX;
}

static int read_grant(const struct ad_token_config *config, struct ad_arena *arena,
	const struct ad_net_response *response, struct ad_grant *ret, struct ad_err *err)
{
	struct ad_json *body = NULL;
	if (ad_json_parse(arena, response->body, response->body_len, &body, NULL) != 0)
		return AD_FAIL(err, AD_EUNAVAIL, "token for %s: answer is not JSON", config->name);
	const char *token = ad_json_text(ad_json_get(body, "access_token"));
	int64_t life_s = ad_json_int(body, "expires_in", 0);
	if (!ad_token_is_plain(token) || life_s <= 0 || life_s > AD_TOKEN_LIFE_MAX_S ||
		!ad_text_eq_nocase(ad_json_text(ad_json_get(body, "token_type")), "Bearer"))
		return AD_FAIL(
			err, AD_EUNAVAIL, "token for %s: answer has no usable token", config->name);
	*ret = (struct ad_grant){ .token = token, .life_s = life_s };
	return 0;
}

int ad_endpoint_grant(const struct ad_token_config *config, const struct ad_acquire *acquire,
	const char *proof, struct ad_grant *ret, struct ad_err *err)
{
	struct ad_arena *arena = acquire->arena;
	struct ad_net_response response;
	char *form = ad_printf(arena, "grant_type=client_credentials&client_id=%s&scope=%s&%s",
		ad_url_segment(arena, config->client_id), ad_url_segment(arena, config->scope),
		proof);
	const struct ad_net_request request = {
		.method = "POST",
		.url = config->token_url,
		.content_type = "application/x-www-form-urlencoded",
		.body = form,
		.body_len = strlen(form),
		.idempotent = true,
		.allow_http_loopback = config->allow_http_loopback,
	};
	int rc = ad_net_send(acquire->client, arena, &request, &response, err);
	ad_crypto_wipe(form, strlen(form));
	if (rc != 0)
		ad_err_prefix(err, "token for %s: ", config->name);
	else if (response.status / 100 != 2)
		rc = refused(config, arena, &response, err);
	else
		rc = read_grant(config, arena, &response, ret, err);
	return rc;
}

char *ad_endpoint_assertion(struct ad_arena *arena, const char *assertion)
{
	return ad_printf(arena, "client_assertion_type=%s&client_assertion=%s",
		ad_url_segment(arena, ASSERTION_TYPE), ad_url_segment(arena, assertion));
}
