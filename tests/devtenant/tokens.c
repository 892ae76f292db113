/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Access tokens are opaque to AppDesk. Here they are JWTs under a secret of the tenant, so that a
 * restarted tenant still knows those that it gave, as the real services do.
 */
#include "tokens.h"

#include "ad/clock.h"
#include "ad/text.h"
#include "crypt.h"

#include <string.h>

#define SECRET_NAME "(access tokens)"
#define SECRET_SIZE 32

/* Made at first use; replaced by a revocation. */
static const char *secret(struct dt_tenant *tenant, struct ad_arena *arena)
{
	struct ad_json *doc = dt_get(tenant->store, arena, DT_SECRETS, SECRET_NAME);

	if (!doc) {
		uint8_t random[SECRET_SIZE];

		dt_random(random, sizeof(random));
		doc = ad_json_new_object(arena);
		ad_json_set_str(arena, doc, "value", ad_hex(arena, random, sizeof(random)));
		dt_put(tenant->store, DT_SECRETS, SECRET_NAME, "internal", doc);
	}
	return ad_json_str(doc, "value");
}

void dt_token_revoke_all(struct dt_tenant *tenant)
{
	dt_drop(tenant->store, DT_SECRETS, SECRET_NAME);
}

char *dt_token_new(struct dt_tenant *tenant, struct ad_arena *arena, const char *audience)
{
	struct ad_json *header = ad_json_new_object(arena);
	struct ad_json *claims = ad_json_new_object(arena);
	int64_t now_s = ad_clock_unix_ms() / 1000;
	const char *key = secret(tenant, arena);

	ad_json_set_str(arena, header, "typ", "JWT");
	ad_json_set_str(arena, header, "alg", "HS256");
	ad_json_set_str(arena, claims, "aud", audience);
	ad_json_set_str(arena, claims, "iss",
		ad_printf(arena, "https://sts.windows.net/%s/", tenant->options.tenant_id));
	ad_json_set_int(arena, claims, "iat", now_s);
	ad_json_set_int(arena, claims, "nbf", now_s);
	ad_json_set_int(arena, claims, "exp", now_s + dt_setting(tenant, "token_lifetime_s"));
	ad_json_set_str(arena, claims, "appid", tenant->options.app_id);
	ad_json_set_str(arena, claims, "sub", tenant->options.app_id);
	ad_json_set_str(arena, claims, "tid", tenant->options.tenant_id);
	ad_json_set_str(arena, claims, "uti", dt_guid(arena));
	return dt_jwt_hs256(arena, key, strlen(key), dt_jwt_input(arena, header, claims));
}

int dt_token_verify(
	struct dt_tenant *tenant, struct ad_arena *arena, const char *token, const char *audience)
{
	struct ad_json *header, *claims;
	const char *input;
	uint8_t *signature, expected[DT_SHA256_SIZE];
	size_t len;

	if (dt_jwt_split(arena, token, &header, &claims, &input, &signature, &len) ||
		len != sizeof(expected))
		return AD_EAUTH;
	const char *key = secret(tenant, arena);
	dt_hmac(key, strlen(key), input, strlen(input), expected);
	if (!dt_same_bytes(signature, expected, len) ||
		!ad_text_eq(ad_json_str(claims, "aud"), audience) ||
		ad_json_int(claims, "exp", 0) <= ad_clock_unix_ms() / 1000)
		return AD_EAUTH;
	return 0;
}

const char *dt_token_judge(const struct dt_request *req, const char *audience)
{
	const char *header = dt_header(req, "Authorization");

	if (!header)
		return "none";
	if (!ad_text_starts(header, "Bearer "))
		return "bad";
	return dt_token_verify(req->tenant, req->arena, header + strlen("Bearer "), audience)
		       ? "bad"
		       : "ok";
}
