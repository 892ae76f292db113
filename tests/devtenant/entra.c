/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The token endpoint: client credentials with a secret or an assertion. An assertion is either
 * signed by a certificate that was registered through the control API, or it is a token of the
 * managed identity (federated credential).
 */
#include "ad/clock.h"
#include "ad/text.h"
#include "crypt.h"
#include "parts.h"
#include "tokens.h"
#include "vault.h"

#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <string.h>

#define ASSERTION_TYPE "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
#define ASSERTION_LIFE_MAX_S 600
#define SKEW_S 300

struct form {
	const char *grant, *client, *scope, *secret, *assertion, *assertion_type;
};

/* The body is a query string; reading it is the same. */
static const char *field(const struct dt_request *req, const char *name)
{
	struct dt_request as_query = *req;

	as_query.query = ad_strndup(req->arena, req->body, req->body_len);
	return dt_query(&as_query, name);
}

static const char *audience_of(const char *scope)
{
	if (ad_text_eq(scope, DT_AUDIENCE_BOT "/.default"))
		return DT_AUDIENCE_BOT;
	if (ad_text_eq(scope, DT_AUDIENCE_GRAPH "/.default"))
		return DT_AUDIENCE_GRAPH;
	if (ad_text_eq(scope, DT_AUDIENCE_VAULT "/.default"))
		return DT_AUDIENCE_VAULT;
	return NULL;
}

static bool signature_good(X509 *certificate, const char *algorithm, const char *input,
	const uint8_t *signature, size_t len)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	EVP_PKEY_CTX *key_context;
	bool good = EVP_DigestVerifyInit(context, &key_context, EVP_sha256(), NULL,
			    X509_get0_pubkey(certificate)) == 1;

	if (good && ad_text_eq(algorithm, "PS256"))
		good = EVP_PKEY_CTX_set_rsa_padding(key_context, RSA_PKCS1_PSS_PADDING) == 1 &&
		       EVP_PKEY_CTX_set_rsa_pss_saltlen(key_context, RSA_PSS_SALTLEN_DIGEST) == 1;
	else if (!ad_text_eq(algorithm, "RS256"))
		good = false;
	good = good && EVP_DigestVerify(
			       context, signature, len, (const uint8_t *)input, strlen(input)) == 1;
	EVP_MD_CTX_free(context);
	return good;
}

/* A registered certificate whose thumbprint the header names. The caller frees it. */
static X509 *certificate_of(const struct dt_request *req, const struct ad_json *header)
{
	DT_EACH(doc, req->tenant->store, DT_SECRETS)
	{
		uint8_t thumbprint[DT_SHA256_SIZE];

		if (!ad_text_eq(doc->tag, "certificate"))
			continue;
		const char *pem = ad_json_str(dt_doc_json(req->arena, doc), "value");
		BIO *bio = BIO_new_mem_buf(pem, -1);
		X509 *certificate = PEM_read_bio_X509(bio, NULL, NULL, NULL);
		BIO_free(bio);
		if (certificate && X509_digest(certificate, EVP_sha256(), thumbprint, NULL) &&
			ad_text_eq(ad_json_str(header, "x5t#S256"),
				ad_base64url(req->arena, thumbprint, sizeof(thumbprint))))
			return certificate;
		X509_free(certificate);
	}
	return NULL;
}

/* One use only, as replay protection has it. */
static bool first_use(const struct dt_request *req, const char *jti)
{
	const char *id = ad_printf(req->arena, "(jti) %s", jti);

	if (ad_text_empty(jti) || dt_find(req->tenant->store, DT_SECRETS, id))
		return false;
	dt_put(req->tenant->store, DT_SECRETS, id, "used", ad_json_new_object(req->arena));
	return true;
}

static const char *refuse_claims(
	const struct dt_request *req, const struct ad_json *claims, const char *client)
{
	const char *endpoint = ad_printf(req->arena, "%s%s", req->tenant->base_url, req->path);
	int64_t now_s = ad_clock_unix_ms() / 1000;
	int64_t ends_s = ad_json_int(claims, "exp", 0);

	if (!ad_text_eq(ad_json_str(claims, "iss"), client) ||
		!ad_text_eq(ad_json_str(claims, "sub"), client))
		return "AADSTS700021: Client assertion application identifier doesn't match "
		       "'client_id' parameter.";
	if (!ad_text_eq(ad_json_str(claims, "aud"), endpoint))
		return "AADSTS700023: Client assertion audience claim does not match the "
		       "endpoint.";
	int64_t begins_s = ad_json_int(claims, "nbf", now_s);
	if (ends_s <= now_s || begins_s > now_s + SKEW_S ||
		ends_s > begins_s + ASSERTION_LIFE_MAX_S)
		return "AADSTS700024: Client assertion is not within its valid time range.";
	if (!first_use(req, ad_json_str(claims, "jti")))
		return "AADSTS700027: Client assertion has no 'jti' or was used before.";
	return NULL;
}

/* NULL when the assertion proves the client, else the sentence of the refusal. */
static const char *refuse_assertion(const struct dt_request *req, const struct form *form)
{
	struct ad_json *header, *claims;
	const char *input;
	uint8_t *signature;
	size_t len;

	if (!ad_text_eq(form->assertion_type, ASSERTION_TYPE))
		return "AADSTS90014: The client_assertion_type is missing or wrong.";
	if (!dt_token_verify(req->tenant, req->arena, form->assertion, DT_AUDIENCE_EXCHANGE))
		return NULL;
	if (dt_jwt_split(req->arena, form->assertion, &header, &claims, &input, &signature, &len))
		return "AADSTS50027: JWT token is invalid or malformed.";
	X509 *certificate = certificate_of(req, header);
	bool good = certificate &&
		    signature_good(certificate, ad_json_str(header, "alg"), input, signature, len);
	X509_free(certificate);
	if (!good)
		return "AADSTS700027: The certificate with identifier used to sign the client "
		       "assertion is not registered, or the signature is wrong.";
	return refuse_claims(req, claims, form->client);
}

/* Answers 400 or 401 and returns true when the request is not to be granted. */
static bool refused(struct dt_request *req, const struct form *form)
{
	const struct dt_options *options = &req->tenant->options;
	const char *sentence = NULL;

	if (!ad_text_eq(req->args[0], options->tenant_id))
		dt_reply_error(req, 400, "invalid_request", "AADSTS90002: Tenant '%s' not found.",
			req->args[0]);
	else if (!ad_text_eq(form->grant, "client_credentials"))
		dt_reply_error(req, 400, "unsupported_grant_type",
			"AADSTS70003: The app requested an unsupported grant type.");
	else if (!ad_text_eq(form->client, options->app_id))
		dt_reply_error(req, 400, "unauthorized_client",
			"AADSTS700016: Application with identifier '%s' was not found in the "
			"directory.",
			form->client ? form->client : "");
	else if (!audience_of(form->scope))
		dt_reply_error(req, 400, "invalid_scope",
			"AADSTS70011: The provided value for the input parameter 'scope' is not "
			"valid.");
	else if (form->assertion && (sentence = refuse_assertion(req, form)))
		dt_reply_error(req, 401, "invalid_client", "%s", sentence);
	else if (!form->assertion && !ad_text_eq(form->secret, dt_vault_bot_secret(req)))
		dt_reply_error(req, 401, "invalid_client",
			"AADSTS7000215: Invalid client secret provided.");
	else
		return false;
	return true;
}

static void handle_token(struct dt_request *req)
{
	const char *type = dt_header(req, "Content-Type");
	const struct form form = {
		.grant = field(req, "grant_type"),
		.client = field(req, "client_id"),
		.scope = field(req, "scope"),
		.secret = field(req, "client_secret"),
		.assertion = field(req, "client_assertion"),
		.assertion_type = field(req, "client_assertion_type"),
	};

	if (!type || !ad_text_starts(type, "application/x-www-form-urlencoded")) {
		dt_reply_error(req, 400, "invalid_request",
			"AADSTS900144: The request body must be form-urlencoded.");
		return;
	}
	if (refused(req, &form))
		return;
	struct ad_json *answer = ad_json_new_object(req->arena);
	int64_t life_s = dt_setting(req->tenant, "token_lifetime_s");
	ad_json_set_str(req->arena, answer, "token_type", "Bearer");
	ad_json_set_int(req->arena, answer, "expires_in", life_s);
	ad_json_set_int(req->arena, answer, "ext_expires_in", life_s);
	ad_json_set_str(req->arena, answer, "access_token",
		dt_token_new(req->tenant, req->arena, audience_of(form.scope)));
	dt_reply_json(req, 200, answer);
}

static const struct dt_route routes[] = {
	{ "POST", "/{}/oauth2/v2.0/token", handle_token },
	{ NULL, NULL, NULL },
};
/* First in the router's order: its prefix takes whatever nobody else takes. */
const struct dt_routes dt_entra_routes = { DT_SURFACE_TOKEN, "/", NULL, routes };
