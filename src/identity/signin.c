/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A person's token: issuer first, so that no stranger's token asks for a key; then the signature,
 * so that every other reason that is given is true; then what the token says.
 */
#include "ad/identity/signin.h"

#include "ad/clock.h"
#include "ad/identity.h"
#include "ad/json.h"
#include "ad/text.h"
#include "claims.h"
#include "jws.h"
#include "keys.h"

struct ad_signin {
	struct ad_signin_config config; /* strings in the arena */
	struct ad_arena *arena;
	struct ad_keys *keys;
};

/* ---- Life ---- */

int ad_signin_new(const struct ad_signin_config *config, struct ad_signin **ret, struct ad_err *err)
{
	if (ad_text_empty(config->tenant_id) || ad_text_empty(config->issuer) ||
		ad_text_empty(config->metadata_url) || ad_text_empty(config->audience))
		return AD_FAIL(err, AD_ECONFIG,
			"sign-ins: tenant, issuer, metadata URL and audience are required");
	struct ad_signin *signin = ad_xalloc(sizeof *signin);
	signin->arena = ad_arena_new();
	signin->config = *config;
	signin->config.tenant_id = ad_strdup(signin->arena, config->tenant_id);
	signin->config.issuer = ad_strdup(signin->arena, config->issuer);
	signin->config.audience = ad_strdup(signin->arena, config->audience);
	signin->config.metadata_url = ad_strdup(signin->arena, config->metadata_url);
	const struct ad_identity_config keys = {
		.metadata_url = signin->config.metadata_url,
		.allow_http_loopback = config->allow_http_loopback,
		.keys_min_refresh_s = config->keys_min_refresh_s,
		.now_s = config->now_s,
		.now_ctx = config->now_ctx,
	};
	int rc = ad_keys_new(&keys, &signin->keys, err);
	if (rc == 0)
		*ret = signin;
	else
		ad_signin_free(signin);
	return rc;
}

void ad_signin_free(struct ad_signin *signin)
{
	if (!signin)
		return;
	ad_keys_free(signin->keys);
	ad_arena_free(signin->arena);
	free(signin);
}

const char *ad_signin_verdict_name(enum ad_signin_verdict verdict)
{
	static const char *const names[] = {
		[AD_SIGNIN_FRESH] = "fresh",
		[AD_SIGNIN_INVALID] = "invalid",
		[AD_SIGNIN_AUDIENCE] = "audience",
		[AD_SIGNIN_EXPIRED] = "expired_token",
		[AD_SIGNIN_PERSON] = "other_person",
		[AD_SIGNIN_STALE] = "stale",
		[AD_SIGNIN_CONTEXT] = "context",
	};
	return names[verdict];
}

/* ---- Judging ---- */

static int64_t now_s(const struct ad_signin *signin)
{
	const struct ad_signin_config *config = &signin->config;
	return config->now_s ? config->now_s(config->now_ctx) : ad_clock_unix_ms() / 1000;
}

/* AD_EAUTH: not signed by the tenant. */
static int check_signature(
	const struct ad_signin *signin, const struct ad_jws *jws, struct ad_err *err)
{
	struct ad_key_set *set = NULL;
	const struct ad_key *key = NULL;
	int rc = ad_keys_find(signin->keys, jws->kid, &set, &key, err);
	if (rc == 0)
		rc = ad_jws_verify(jws, key->rsa, key->pem, err);
	ad_key_set_unref(set);
	return rc;
}

static bool is_of_tenant(const struct ad_signin *signin, const struct ad_json *payload)
{
	return ad_text_eq_nocase(ad_json_str(payload, "tid"), signin->config.tenant_id);
}

/* Adds one value of acrs to the list; what is too long to be one is left out. */
static const char *add_context(struct ad_arena *arena, const char *list, const char *context)
{
	if (ad_text_empty(context) || strlen(context) > AD_SIGNIN_CONTEXT_LEN_MAX)
		return list;
	return *list ? ad_printf(arena, "%s %s", list, context) : context;
}

/* acrs is a list, or one text. */
static const char *read_contexts(
	struct ad_arena *arena, const struct ad_json *acrs, const char *wanted, bool *ret_has)
{
	const char *list = "";
	size_t count = 0;
	*ret_has = ad_text_empty(wanted) || ad_text_eq(ad_json_text(acrs), wanted);
	if (ad_json_kind(acrs) != AD_JSON_ARRAY)
		return add_context(arena, list, ad_json_text(acrs));
	AD_JSON_EACH(item, acrs)
	{
		if (count++ == AD_SIGNIN_CONTEXTS_MAX)
			break;
		*ret_has = *ret_has || ad_text_eq(ad_json_text(item), wanted);
		list = add_context(arena, list, ad_json_text(item));
	}
	return list;
}

/* What the token says, once it is known to be the tenant's. */
static enum ad_signin_verdict judge(const struct ad_signin *signin, struct ad_arena *arena,
	const struct ad_json *payload, const struct ad_signin_wish *wish,
	struct ad_signin_proof *ret)
{
	int64_t now = now_s(signin);
	int64_t expires_s = ad_claims_time(payload, "exp");
	int64_t at_s = ad_claims_time(payload, "auth_time");
	bool has_context;
	if (!is_of_tenant(signin, payload) || expires_s < 0 ||
		!ad_claims_are_past(payload, "nbf", now) ||
		!ad_claims_are_past(payload, "iat", now) ||
		!ad_claims_are_past(payload, "auth_time", now))
		return AD_SIGNIN_INVALID;
	if (!ad_claims_are_for(payload, signin->config.audience))
		return AD_SIGNIN_AUDIENCE;
	if (ad_claims_have_expired(expires_s, now))
		return AD_SIGNIN_EXPIRED;
	if (!ad_text_eq_nocase(ad_json_str(payload, "oid"), wish->oid))
		return AD_SIGNIN_PERSON;
	if (at_s < 0 || now - at_s > wish->max_age_s)
		return AD_SIGNIN_STALE;
	const char *contexts =
		read_contexts(arena, ad_json_get(payload, "acrs"), wish->context, &has_context);
	if (!has_context)
		return AD_SIGNIN_CONTEXT;
	*ret = (struct ad_signin_proof){ .at_s = at_s, .contexts = contexts };
	return AD_SIGNIN_FRESH;
}

int ad_signin_verify(struct ad_signin *signin, struct ad_arena *arena, const char *token,
	const struct ad_signin_wish *wish, enum ad_signin_verdict *ret_verdict,
	struct ad_signin_proof *ret, struct ad_err *err)
{
	struct ad_jws jws;
	struct ad_err why = { 0 }; /* of a refusal it stays here: the caller gets a verdict */
	int rc = ad_jws_parse(arena, token, strlen(token), &jws, &why);
	if (rc == 0 && !ad_text_eq(ad_json_str(jws.payload, "iss"), signin->config.issuer))
		rc = AD_EAUTH;
	if (rc == 0)
		rc = check_signature(signin, &jws, &why);
	*ret_verdict = AD_SIGNIN_INVALID;
	if (rc == 0)
		*ret_verdict = judge(signin, arena, jws.payload, wish, ret);
	if (rc == 0 || rc == AD_EAUTH)
		return 0;
	if (err)
		*err = why;
	return rc;
}
