/* SPDX-License-Identifier: Apache-2.0 */
/* Judging client assertions; see assertion.h. */
#include "assertion.h"

#include "ad/clock.h"
#include "ad/text.h"
#include "crypt.h"
#include "tokens.h"

#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <string.h>

#define ASSERTION_LIFE_MAX_S 600
#define SKEW_S 300

struct parts {
	struct ad_json *header, *claims;
	const char *input;
	uint8_t *signature;
	size_t len;
};

static bool signature_good(EVP_PKEY *key, const char *algorithm, const char *input,
	const uint8_t *signature, size_t len)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	EVP_PKEY_CTX *key_context;
	bool good = EVP_DigestVerifyInit(context, &key_context, EVP_sha256(), NULL, key) == 1;

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

static const char *refuse_certificate(
	const struct dt_request *req, const struct parts *parts, const char *client)
{
	X509 *certificate = certificate_of(req, parts->header);
	bool good = certificate &&
		    signature_good(X509_get0_pubkey(certificate), ad_json_str(parts->header, "alg"),
			    parts->input, parts->signature, parts->len);

	X509_free(certificate);
	if (!good)
		return "AADSTS700027: The certificate with identifier used to sign the client "
		       "assertion is not registered, or the signature is wrong.";
	return refuse_claims(req, parts->claims, client);
}

/* ---- Federated credentials ---- */

static bool is_signed_by(const struct parts *parts, const struct ad_json *credential)
{
	BIO *bio = BIO_new_mem_buf(ad_json_str(credential, "key"), -1);
	EVP_PKEY *key = PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL);
	bool good = key && ad_text_eq(ad_json_str(parts->header, "alg"), "RS256") &&
		    signature_good(key, "RS256", parts->input, parts->signature, parts->len);

	EVP_PKEY_free(key);
	BIO_free(bio);
	return good;
}

/* A cluster writes a list with one audience. */
static bool is_for_exchange(const struct ad_json *claims)
{
	const struct ad_json *audience = ad_json_get(claims, "aud");

	if (ad_json_kind(audience) == AD_JSON_ARRAY && ad_json_count(audience) == 1)
		audience = ad_json_first(audience);
	return ad_text_eq(ad_json_text(audience), DT_AUDIENCE_EXCHANGE);
}

static const char *refuse_federated(const struct parts *parts, const struct ad_json *credential)
{
	int64_t now_s = ad_clock_unix_ms() / 1000;

	if (!is_signed_by(parts, credential))
		return "AADSTS50013: Assertion failed signature validation.";
	if (!is_for_exchange(parts->claims))
		return "AADSTS700212: No matching federated identity record found for presented "
		       "assertion audience.";
	if (!ad_text_eq(ad_json_str(parts->claims, "sub"), ad_json_str(credential, "subject")))
		return "AADSTS700213: No matching federated identity record found for presented "
		       "assertion subject.";
	if (ad_json_int(parts->claims, "exp", 0) <= now_s ||
		ad_json_int(parts->claims, "nbf", now_s) > now_s + SKEW_S)
		return "AADSTS700024: Client assertion is not within its valid time range.";
	return NULL;
}

/* The registered credential of the assertion's issuer, or NULL. */
static const struct ad_json *credential_of(
	const struct dt_request *req, const struct ad_json *claims)
{
	DT_EACH(doc, req->tenant->store, DT_SECRETS)
	{
		if (!ad_text_eq(doc->tag, "federated"))
			continue;
		const struct ad_json *credential = dt_doc_json(req->arena, doc);
		if (ad_text_eq(ad_json_str(claims, "iss"), ad_json_str(credential, "issuer")))
			return credential;
	}
	return NULL;
}

const char *dt_assertion_refuse(
	const struct dt_request *req, const char *assertion, const char *client)
{
	struct parts parts;

	if (!dt_token_verify(req->tenant, req->arena, assertion, DT_AUDIENCE_EXCHANGE))
		return NULL;
	if (dt_jwt_split(req->arena, assertion, &parts.header, &parts.claims, &parts.input,
		    &parts.signature, &parts.len))
		return "AADSTS50027: JWT token is invalid or malformed.";
	if (ad_json_str(parts.header, "x5t#S256"))
		return refuse_certificate(req, &parts, client);
	const struct ad_json *credential = credential_of(req, parts.claims);
	if (!credential)
		return "AADSTS700211: No matching federated identity record found for presented "
		       "assertion issuer.";
	return refuse_federated(&parts, credential);
}
