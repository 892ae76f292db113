/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Compact JWS (RFC 7515), read before any library sees it: libjwt 1.10 takes the algorithm from the
 * token, verifies nothing without a key, and reads over junk behind the signature (protocol.md
 * 1.11). Pure.
 */
#ifndef AD_IDENTITY_JWS_H
#define AD_IDENTITY_JWS_H

#include "ad/arena.h"
#include "ad/bytes.h"
#include "ad/crypto.h"
#include "ad/err.h"
#include "ad/json.h"

struct ad_jws {
	const char *token; /* NUL-terminated copy of exactly the bytes that were read */
	const char *kid;
	struct ad_bytes signed_part; /* of token: all in front of the last dot */
	struct ad_bytes signature;
	struct ad_json *payload; /* an object; NOT verified until ad_jws_verify says so */
};

/* Three segments of strict base64url; header with alg RS256, a kid, and nothing that points to
 * another key or must be understood. Everything else is AD_EAUTH. */
AD_MUST int ad_jws_parse(struct ad_arena *arena, const char *token, size_t len, struct ad_jws *ret,
	struct ad_err *err);

/* Whether the signature is that of this key, which is given twice. The key that is ready to be used
 * is asked first, so that a forged token costs no more than one verification; whoever passes is
 * verified by libjwt too, with the PEM text that it wants. AD_EAUTH when not both agree. */
AD_MUST int ad_jws_verify(const struct ad_jws *jws, const struct ad_rsa_key *key, const char *pem,
	struct ad_err *err);

#endif
