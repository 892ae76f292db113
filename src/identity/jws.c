/* SPDX-License-Identifier: Apache-2.0 */
/* Strict reading of a token, and its signature by libjwt; see jws.h. The only file with jwt.h. */
#include "jws.h"

#include "ad/identity.h"
#include "ad/refusal.h"
#include "ad/text.h"

#include <jwt.h>

struct segment {
	const char *text;
	size_t len;
};

/* Exactly three, none empty. */
static int split(const char *token, size_t len, struct segment ret[3])
{
	const char *at = token;
	const char *end = token + len;
	for (size_t i = 0; i < 3; i++) {
		const char *dot = memchr(at, '.', (size_t)(end - at));
		const char *stop = dot ? dot : end;
		if (stop == at || (dot != NULL) != (i < 2))
			return AD_EAUTH;
		ret[i] = (struct segment){ at, (size_t)(stop - at) };
		at = stop + 1;
	}
	return 0;
}

static int decode_object(
	struct ad_arena *arena, const struct segment *segment, struct ad_json **ret)
{
	uint8_t *data = NULL;
	size_t len = 0;
	if (ad_base64url_decode(arena, segment->text, segment->len, &data, &len) != 0)
		return AD_EAUTH;
	if (ad_json_parse(arena, (const char *)data, len, ret, NULL) != 0)
		return AD_EAUTH;
	return ad_json_kind(*ret) == AD_JSON_OBJECT ? 0 : AD_EAUTH;
}

static int check_header(const struct ad_json *header, const char **ret_kid, struct ad_err *err)
{
	/* crit and b64 change what a signature means; the others bring the caller's own key. */
	static const char *const refused[] = { "crit", "b64", "jku", "jwk", "x5u", "x5c", "zip" };
	for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
		if (ad_json_get(header, refused[i]))
			return AD_REFUSE(err, AD_EAUTH, AD_REFUSED_TOKEN_HEADER,
				"token header has %s", refused[i]);
	}
	const char *alg = ad_json_text(ad_json_get(header, "alg"));
	if (!ad_text_eq(alg, "RS256"))
		return AD_REFUSE(
			err, AD_EAUTH, AD_REFUSED_TOKEN_ALGORITHM, "token algorithm is not RS256");
	const char *kid = ad_json_text(ad_json_get(header, "kid"));
	if (ad_text_empty(kid) || strlen(kid) > AD_IDENTITY_KID_MAX)
		return AD_REFUSE(
			err, AD_EAUTH, AD_REFUSED_TOKEN_KEY, "token without a usable key id");
	*ret_kid = kid;
	return 0;
}

int ad_jws_parse(struct ad_arena *arena, const char *token, size_t len, struct ad_jws *ret,
	struct ad_err *err)
{
	struct segment segments[3];
	struct ad_json *header = NULL;
	struct ad_json *payload = NULL;
	uint8_t *signature = NULL;
	size_t signature_len = 0;
	if (len > AD_IDENTITY_TOKEN_MAX || split(token, len, segments) != 0)
		return AD_REFUSE(
			err, AD_EAUTH, AD_REFUSED_TOKEN_FORM, "not a token of three segments");
	if (decode_object(arena, &segments[0], &header) != 0)
		return AD_REFUSE(
			err, AD_EAUTH, AD_REFUSED_TOKEN_FORM, "token header cannot be read");
	const char *kid = NULL;
	int rc = check_header(header, &kid, err);
	if (rc != 0)
		return rc;
	if (decode_object(arena, &segments[1], &payload) != 0)
		return AD_REFUSE(
			err, AD_EAUTH, AD_REFUSED_TOKEN_FORM, "token payload cannot be read");
	if (ad_base64url_decode(
		    arena, segments[2].text, segments[2].len, &signature, &signature_len) != 0)
		return AD_REFUSE(
			err, AD_EAUTH, AD_REFUSED_TOKEN_FORM, "token signature cannot be read");
	char *copy = ad_memdup(arena, token, len);
	*ret = (struct ad_jws){
		.token = copy,
		.kid = kid,
		.signed_part = { (const uint8_t *)copy, (size_t)(segments[2].text - token) - 1 },
		.signature = { signature, signature_len },
		.payload = payload,
	};
	return 0;
}

int ad_jws_verify(
	const struct ad_jws *jws, const struct ad_rsa_key *own, const char *pem, struct ad_err *err)
{
	jwt_t *jwt = NULL;
	if (!ad_rsa_verify(own, jws->signed_part, jws->signature))
		return AD_REFUSE(
			err, AD_EAUTH, AD_REFUSED_TOKEN_SIGNATURE, "token signature is wrong");
	AD_ASSERT(pem && pem[0]); /* without a key jwt_decode would verify nothing */
	const unsigned char *key = (const unsigned char *)pem;
	int rc = jwt_decode(&jwt, jws->token, key, (int)strlen(pem));
	bool good = rc == 0 && jwt && jwt_get_alg(jwt) == JWT_ALG_RS256;
	jwt_free(jwt);
	return good ? 0
		    : AD_REFUSE(err, AD_EAUTH, AD_REFUSED_TOKEN_SIGNATURE,
			      "token signature is wrong");
}
