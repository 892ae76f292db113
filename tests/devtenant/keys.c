/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The channel's side of inbound authentication. Four keys: the one that signs, one that is
 * published without endorsements, one that nobody publishes, and those that were rotated away but
 * kept.
 */
#include "keys.h"

#include "ad/clock.h"
#include "ad/text.h"
#include "crypt.h"
#include "parts.h"

#include <stdlib.h>
#include <string.h>

#define TOKEN_LIFE_S 3600
#define ISSUER "https://api.botframework.com"
#define KEYS_MAX 16

enum role { ROLE_SIGNING, ROLE_KEPT, ROLE_PLAIN, ROLE_FOREIGN, ROLES };

static const char *const role_names[ROLES] = { "signing", "kept", "plain", "foreign" };

struct key {
	enum role role;
	char kid[48];
	EVP_PKEY *key;
};

struct dt_keys {
	struct key keys[KEYS_MAX];
	size_t count;
};

static struct key *of_role(struct dt_keys *keys, enum role role)
{
	for (size_t i = 0; i < keys->count; i++)
		if (keys->keys[i].role == role)
			return &keys->keys[i];
	return NULL;
}

static void save(struct dt_tenant *tenant, const struct key *key)
{
	struct ad_arena *arena = ad_arena_new();
	struct ad_json *doc = ad_json_new_object(arena);

	ad_json_set_str(arena, doc, "pem", dt_rsa_pem(arena, key->key));
	dt_put(tenant->store, DT_KEYS, key->kid, role_names[key->role], doc);
	ad_arena_free(arena);
}

static struct key *make(struct dt_tenant *tenant, struct dt_keys *keys, enum role role)
{
	struct key *key = &keys->keys[keys->count++];
	uint8_t random[20];

	dt_random(random, sizeof(random));
	ad_hex_encode(random, sizeof(random), key->kid);
	key->role = role;
	key->key = dt_rsa_new();
	save(tenant, key);
	return key;
}

static void load(struct dt_tenant *tenant, struct dt_keys *keys)
{
	struct ad_arena *arena = ad_arena_new();

	DT_EACH(doc, tenant->store, DT_KEYS)
	{
		struct key *key = &keys->keys[keys->count];

		if (keys->count == KEYS_MAX - 1)
			break;
		for (int role = 0; role < ROLES; role++)
			if (ad_text_eq(doc->tag, role_names[role]))
				key->role = (enum role)role;
		snprintf(key->kid, sizeof(key->kid), "%s", doc->id);
		key->key = dt_rsa_load(ad_json_str(dt_doc_json(arena, doc), "pem"));
		keys->count++;
	}
	ad_arena_free(arena);
}

struct dt_keys *dt_keys_open(struct dt_tenant *tenant)
{
	struct dt_keys *keys = ad_xalloc(sizeof(*keys));

	load(tenant, keys);
	for (int role = 0; role < ROLES; role++)
		if (role != ROLE_KEPT && !of_role(keys, (enum role)role))
			make(tenant, keys, (enum role)role);
	return keys;
}

void dt_keys_free(struct dt_keys *keys)
{
	for (size_t i = 0; i < keys->count; i++)
		EVP_PKEY_free(keys->keys[i].key);
	free(keys);
}

static void drop(struct dt_tenant *tenant, struct dt_keys *keys, struct key *key)
{
	dt_drop(tenant->store, DT_KEYS, key->kid);
	EVP_PKEY_free(key->key);
	*key = keys->keys[--keys->count];
}

const char *dt_keys_rotate(struct dt_tenant *tenant, bool keep_old)
{
	struct dt_keys *keys = tenant->keys;
	struct key *old;

	/* Of the kept ones only the newest survives when there is no room. */
	while ((old = of_role(keys, ROLE_KEPT)) && (!keep_old || keys->count > KEYS_MAX - 2))
		drop(tenant, keys, old);
	old = of_role(keys, ROLE_SIGNING);
	if (keep_old) {
		old->role = ROLE_KEPT;
		save(tenant, old);
	} else {
		drop(tenant, keys, old);
	}
	return make(tenant, keys, ROLE_SIGNING)->kid;
}

static void handle_metadata(struct dt_request *req)
{
	struct ad_arena *arena = req->arena;
	struct ad_json *doc = ad_json_new_object(arena);
	struct ad_json *algorithms = ad_json_new_array(arena);
	struct ad_json *methods = ad_json_new_array(arena);

	ad_json_append(arena, algorithms, ad_json_new_string(arena, "RS256"));
	ad_json_append(arena, methods, ad_json_new_string(arena, "private_key_jwt"));
	ad_json_set_str(arena, doc, "issuer", ISSUER);
	ad_json_set_str(arena, doc, "authorization_endpoint", "https://invalid.botframework.com");
	ad_json_set_str(arena, doc, "jwks_uri",
		ad_printf(arena, "%s/v1/.well-known/keys", req->tenant->base_url));
	ad_json_set(arena, doc, "id_token_signing_alg_values_supported", algorithms);
	ad_json_set(arena, doc, "token_endpoint_auth_methods_supported", methods);
	dt_reply_json(req, 200, doc);
}

struct ad_json *dt_keys_list(struct dt_tenant *tenant, struct ad_arena *arena)
{
	struct ad_json *doc = ad_json_new_object(arena);
	struct ad_json *list = ad_json_new_array(arena);
	struct dt_keys *keys = tenant->keys;

	for (size_t i = 0; i < keys->count; i++) {
		const struct key *key = &keys->keys[i];

		if (key->role == ROLE_FOREIGN)
			continue;
		struct ad_json *jwk = dt_rsa_jwk(arena, key->key, key->kid);
		if (key->role != ROLE_PLAIN) {
			struct ad_json *endorsements = ad_json_new_array(arena);

			ad_json_append(arena, endorsements, ad_json_new_string(arena, "webchat"));
			ad_json_append(arena, endorsements, ad_json_new_string(arena, "msteams"));
			ad_json_set(arena, jwk, "endorsements", endorsements);
		}
		ad_json_append(arena, list, jwk);
	}
	ad_json_set(arena, doc, "keys", list);
	return doc;
}

static void handle_keys(struct dt_request *req)
{
	dt_reply_json(req, 200, dt_keys_list(req->tenant, req->arena));
}

static const struct dt_route routes[] = {
	{ "GET", "/v1/.well-known/openidconfiguration", handle_metadata },
	{ "GET", "/v1/.well-known/keys", handle_keys },
	{ NULL, NULL, NULL },
};
const struct dt_routes dt_keys_routes = { DT_SURFACE_KEYS, "/v1/.well-known/", NULL, routes };

/* What a kind of token differs in from a valid one. */
struct forgery {
	const char *kind;
	enum role signer;
	enum role named; /* whose key id stands in the header */
	int64_t starts_s, ends_s;
	const char *audience, *issuer; /* NULL: the right ones */
	const char *service_url;       /* NULL: the right one; "": none */
	const char *algorithm;
	bool no_expiry;
};

#define VALID_SPAN .starts_s = -300, .ends_s = TOKEN_LIFE_S, .algorithm = "RS256"

static const struct forgery forgeries[] = {
	{ .kind = "valid", VALID_SPAN },
	{ .kind = "trailing", VALID_SPAN },
	{ .kind = "expired", .starts_s = -7200, .ends_s = -3600, .algorithm = "RS256" },
	{ .kind = "not_yet", .starts_s = 3600, .ends_s = 7200, .algorithm = "RS256" },
	{ .kind = "forged", .signer = ROLE_FOREIGN, VALID_SPAN },
	{ .kind = "unknown_key", .signer = ROLE_FOREIGN, .named = ROLE_FOREIGN, VALID_SPAN },
	{ .kind = "no_endorsement", .signer = ROLE_PLAIN, .named = ROLE_PLAIN, VALID_SPAN },
	{ .kind = "wrong_audience",
		.audience = "00000000-0000-4000-8000-0000000000ff",
		VALID_SPAN },
	{ .kind = "wrong_issuer",
		.issuer = "https://sts.windows.net/" DT_TENANT_ID "/",
		VALID_SPAN },
	{ .kind = "other_service_url",
		.service_url = "https://smba.trafficmanager.net/teams/",
		VALID_SPAN },
	{ .kind = "no_service_url", .service_url = "", VALID_SPAN },
	{ .kind = "no_expiry", .no_expiry = true, VALID_SPAN },
	{ .kind = "alg_none", .starts_s = -300, .ends_s = TOKEN_LIFE_S, .algorithm = "none" },
	{ .kind = "hs256", .starts_s = -300, .ends_s = TOKEN_LIFE_S, .algorithm = "HS256" },
	{ .kind = NULL },
};

static struct ad_json *claims_of(struct dt_tenant *tenant, struct ad_arena *arena,
	const struct forgery *forgery, const char *service_url)
{
	struct ad_json *claims = ad_json_new_object(arena);
	int64_t now_s = ad_clock_unix_ms() / 1000;

	if (forgery->service_url)
		service_url = forgery->service_url;
	if (*service_url)
		ad_json_set_str(arena, claims, "serviceurl", service_url);
	ad_json_set_int(arena, claims, "nbf", now_s + forgery->starts_s);
	if (!forgery->no_expiry)
		ad_json_set_int(arena, claims, "exp", now_s + forgery->ends_s);
	ad_json_set_str(arena, claims, "iss", forgery->issuer ? forgery->issuer : ISSUER);
	ad_json_set_str(arena, claims, "aud",
		forgery->audience ? forgery->audience : tenant->options.app_id);
	return claims;
}

static struct ad_json *header_of(struct ad_arena *arena, const char *algorithm, const char *kid)
{
	struct ad_json *header = ad_json_new_object(arena);

	ad_json_set_str(arena, header, "alg", algorithm);
	ad_json_set_str(arena, header, "kid", kid);
	ad_json_set_str(arena, header, "x5t", kid);
	ad_json_set_str(arena, header, "typ", "JWT");
	return header;
}

const char *dt_keys_sign(
	struct dt_tenant *tenant, struct ad_arena *arena, const struct ad_json *claims, bool forged)
{
	const struct key *named = of_role(tenant->keys, ROLE_SIGNING);
	const struct key *signer = of_role(tenant->keys, forged ? ROLE_FOREIGN : ROLE_SIGNING);

	AD_ASSERT(named && signer);
	return dt_jwt_rs256(arena, signer->key,
		dt_jwt_input(arena, header_of(arena, "RS256", named->kid), claims));
}

static const char *sign(struct dt_tenant *tenant, struct ad_arena *arena,
	const struct forgery *forgery, const char *service_url)
{
	const struct key *named = of_role(tenant->keys, forgery->named);
	const struct key *signer = of_role(tenant->keys, forgery->signer);
	AD_ASSERT(named && signer); /* every role is filled at the start */
	const char *kid = named->kid;
	EVP_PKEY *key = signer->key;

	const char *input = dt_jwt_input(arena, header_of(arena, forgery->algorithm, kid),
		claims_of(tenant, arena, forgery, service_url));
	if (ad_text_eq(forgery->algorithm, "none"))
		return dt_jwt_join(arena, input, "", 0);
	if (ad_text_eq(forgery->algorithm, "HS256")) {
		const char *secret = dt_rsa_public_pem(arena, key);

		return dt_jwt_hs256(arena, secret, strlen(secret), input);
	}
	const char *token = dt_jwt_rs256(arena, key, input);
	return ad_text_eq(forgery->kind, "trailing") ? ad_printf(arena, "%s!", token) : token;
}

int dt_channel_token(struct dt_tenant *tenant, struct ad_arena *arena, const char *kind,
	const char *service_url, const char **ret_header)
{
	*ret_header = NULL;
	if (ad_text_eq(kind, "none"))
		return 0;
	if (ad_text_starts(kind, "raw:")) {
		*ret_header = kind + strlen("raw:");
		return 0;
	}
	for (const struct forgery *forgery = forgeries; forgery->kind; forgery++)
		if (ad_text_eq(forgery->kind, kind)) {
			*ret_header = ad_printf(
				arena, "Bearer %s", sign(tenant, arena, forgery, service_url));
			return 0;
		}
	return AD_EINVAL;
}
