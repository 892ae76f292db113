/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The issuer's signing keys (JWKS, RFC 7517) as one immutable set that threads share by counting
 * references. Reading is pure; only keys that may really be used get in.
 */
#ifndef AD_IDENTITY_KEY_SET_H
#define AD_IDENTITY_KEY_SET_H

#include "ad/arena.h"
#include "ad/bytes.h"
#include "ad/crypto.h"
#include "ad/err.h"

#include <stdatomic.h>

#define AD_KEYS_MAX 100        /* entries of one document */
#define AD_ENDORSEMENTS_MAX 64 /* of one key */

struct ad_key {
	const char *kid;
	const char *pem;               /* RSA public key, at least 2048 bits */
	const struct ad_rsa_key *rsa;  /* the same, ready to be used */
	uint8_t digest[AD_SHA256_LEN]; /* of the PEM: says whether a kid still means this key */
	const char *const *endorsements;
	size_t endorsements_count;
	struct ad_bytes certificate; /* first of x5c; len 0 when there is none */
};

struct ad_key_set {
	atomic_uint refs;
	struct ad_arena *arena; /* holds this struct and all that it points to */
	struct ad_key *keys;
	size_t count;
	int64_t loaded_s; /* Unix seconds */
};

/* Reads a JWKS document. Entries that are no RSA signing keys, too weak, or with a certificate that
 * is not valid now are left out; AD_EINVAL when nothing is left. The set has one reference. */
AD_MUST int ad_key_set_parse(
	const char *json, size_t len, int64_t now_s, struct ad_key_set **ret, struct ad_err *err);
struct ad_key_set *ad_key_set_ref(struct ad_key_set *set);
void ad_key_set_unref(struct ad_key_set *set); /* NULL is allowed */

/* The key of exactly this id, or NULL; also NULL when its certificate has run out meanwhile. */
const struct ad_key *ad_key_set_find(const struct ad_key_set *set, const char *kid, int64_t now_s);

#endif
