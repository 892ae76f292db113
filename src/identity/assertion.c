/* SPDX-License-Identifier: Apache-2.0 */
/* Client assertions; see assertion.h. libjwt 1.10.2 knows no PS256, so the JWT is put together
 * here. */
#include "assertion.h"

#include "ad/json.h"
#include "ad/text.h"

#define GUID_BYTES 16

/* RFC 4122 version 4. */
static char *new_guid(struct ad_arena *arena)
{
	uint8_t bytes[GUID_BYTES];
	ad_crypto_random(bytes, sizeof bytes);
	bytes[6] = (uint8_t)((bytes[6] & 0x0f) | 0x40);
	bytes[8] = (uint8_t)((bytes[8] & 0x3f) | 0x80);
	const char *hex = ad_hex(arena, bytes, sizeof bytes);
	return ad_printf(
		arena, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16, hex + 20);
}

static char *as_segment(struct ad_arena *arena, const struct ad_json *part)
{
	const char *text = ad_json_print(arena, part);
	return ad_base64url(arena, text, strlen(text));
}

char *ad_assertion_new(struct ad_arena *arena, const struct ad_signer *signer,
	const char *client_id, const char *audience, int64_t now_s)
{
	struct ad_json *header = ad_json_new_object(arena);
	struct ad_json *claims = ad_json_new_object(arena);
	ad_json_set_str(arena, header, "alg", "PS256");
	ad_json_set_str(arena, header, "typ", "JWT");
	ad_json_set_str(arena, header, "x5t#S256",
		ad_base64url(arena, ad_signer_thumbprint(signer), AD_SHA256_LEN));
	ad_json_set_str(arena, claims, "aud", audience);
	ad_json_set_str(arena, claims, "iss", client_id);
	ad_json_set_str(arena, claims, "sub", client_id);
	ad_json_set_str(arena, claims, "jti", new_guid(arena));
	ad_json_set_int(arena, claims, "nbf", now_s);
	ad_json_set_int(arena, claims, "iat", now_s);
	ad_json_set_int(arena, claims, "exp", now_s + AD_ASSERTION_LIFE_S);
	char *input =
		ad_printf(arena, "%s.%s", as_segment(arena, header), as_segment(arena, claims));
	struct ad_bytes signature = ad_signer_ps256(signer, arena,
		(struct ad_bytes){ .data = (const uint8_t *)input, .len = strlen(input) });
	return ad_printf(arena, "%s.%s", input, ad_base64url(arena, signature.data, signature.len));
}
