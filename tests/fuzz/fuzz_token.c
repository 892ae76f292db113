/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tokens: what is read has exactly the form that we want, and of all that anybody may write only
 * the one token that was signed before the private key was thrown away passes the signature check.
 */
#include "fuzz.h"

#include "ad/identity.h"
#include "ad/json.h"
#include "jws.h"

static const char public_key[] =
	"-----BEGIN PUBLIC KEY-----\n"
	"MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEApV7m2eDbb3Bb7fDknlri\n"
	"4rWKrQ52rhwMSwbCoGwS8EyWzo5Hv9uiOuCs36N+mTSWdm0xRZSBcQMWw8k0Qwlm\n"
	"mCVVnX4dn/he0VcdFvgZUS1KXTEjFZzJMMrBXxwDL7MigrlL08pj5bgY8SpEaoIS\n"
	"QEMWAd3rCzWqVlI3wuU3QcGnpcFOA/9tFd+f5tY5BkOqnBdBb4Xt0LYbEcVtiZDb\n"
	"cKXjZYDeDD4hKQgCs4MAkyfwcUvCYIjv2dEbwTqixW1rF6RmQ1ZiCPEr3oUjffJA\n"
	"WkjHG1fK/wAaXAIEHc0ABWeTNkHmiakCrGK+zOidytXreGoc7haV8DhPGelvgGFF\n"
	"DwIDAQAB\n"
	"-----END PUBLIC KEY-----\n";

/* Header and payload of that token; it is a seed of the corpus. */
static const char signed_part[] =
	"eyJhbGciOiJSUzI1NiIsImtpZCI6ImZ1enoiLCJ0eXAiOiJKV1QifQ.eyJhdWQiOiIxMTE"
	"xMTExMS0yMjIyLTMzMzMtNDQ0NC01NTU1NTU1NTU1NTUiLCJpc3MiOiJodHRwczovL2Fwa"
	"S5ib3RmcmFtZXdvcmsuY29tIiwibmJmIjoxNzk5OTk5OTkwLCJleHAiOjE4MDAwMDM2MDA"
	"sInNlcnZpY2V1cmwiOiJodHRwczovL3NtYmEudHJhZmZpY21hbmFnZXIubmV0L2VtZWEvI"
	"n0";

/* A signature has one spelling, so a token that passes is that token to the last byte. */
static void check_signature(const struct ad_jws *jws, const char *token, size_t size)
{
	struct ad_err err = { 0 };
	if (ad_jws_verify(jws, public_key, &err) == 0) {
		size_t len = sizeof signed_part - 1;
		AD_ASSERT(size > len && memcmp(token, signed_part, len) == 0 && token[len] == '.');
	} else {
		AD_ASSERT(err.code == AD_EAUTH && err.refusal != 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ad_arena *arena = ad_arena_new();
	const char *token = (const char *)data;
	struct ad_jws jws;
	struct ad_err err = { 0 };
	if (ad_jws_parse(arena, token, size, &jws, &err) == 0) {
		size_t dots = 0;
		for (size_t i = 0; i < size; i++)
			dots += token[i] == '.';
		AD_ASSERT(dots == 2 && size <= AD_IDENTITY_TOKEN_MAX);
		AD_ASSERT(strlen(jws.token) == size && memcmp(jws.token, token, size) == 0);
		AD_ASSERT(jws.kid[0] && strlen(jws.kid) <= AD_IDENTITY_KID_MAX);
		AD_ASSERT(ad_json_kind(jws.payload) == AD_JSON_OBJECT);
		check_signature(&jws, token, size);
	} else {
		AD_ASSERT(err.code == AD_EAUTH && err.refusal != 0);
	}
	ad_arena_free(arena);
	return 0;
}
